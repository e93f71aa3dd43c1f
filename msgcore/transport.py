"""What the outside must bring: a transport, a clock, a source of callbacks, an outbox. Protocols, no behaviour.

Nothing needs to inherit from these: an object with the right methods is one. ``msgcore.testing`` holds the contract
suites that prove it. Transports that are installed beside msgcore register in entry-point group
``msgcore.transports`` and open by name.
"""

from collections.abc import AsyncIterable, Iterable, Sequence
from importlib import metadata
from typing import Any, Protocol, runtime_checkable

from msgcore.errors import UnknownTransportError
from msgcore.wire.exchange import Request, Response
from msgcore.wire.messages import Message

ENTRY_POINT_GROUP = "msgcore.transports"


@runtime_checkable
class Transport(Protocol):
    """Moves one request to the provider and its answer back.

    It never retries, never queues and never looks inside: those are decisions of ``planning`` and ``delivery``.
    """

    async def exchange(self, request: Request) -> Response:
        """Send ``request`` once and return the answer, whatever its status.

        Raises:
            TransportError: no answer came; ``may_have_been_accepted`` says whether bytes may have arrived.
        """
        ...

    async def aclose(self) -> None:
        """Release what the transport holds; a second call does nothing, an exchange after it raises ClosedError."""
        ...


@runtime_checkable
class Clock(Protocol):
    """The time that pacing, retries and deadlines go by, in seconds since the Unix epoch."""

    def now(self) -> float:
        """Return the present time."""
        ...

    async def sleep_until(self, when: float) -> None:
        """Return once ``now() >= when``."""
        ...


@runtime_checkable
class CallbackSource(Protocol):
    """Where callbacks come from: the webhook receiver's store, or a transport that is its own provider."""

    async def next_callback(self) -> bytes | None:
        """Wait for the next callback body, a JSON array of events as the provider posts it.

        ``None`` means that nothing accepted so far can still cause one. A live source never says so.
        """
        ...


@runtime_checkable
class Outbox(Protocol):
    """A durable queue of messages: what is put is never lost and never sent twice knowingly.

    The record of attempts and outcomes joins this protocol with the first durable outbox.
    """

    async def put(self, messages: Sequence[Message]) -> None:
        """Return once ``messages`` are durable; the same key and content again is a no-op, other content an error."""
        ...

    def waiting(self) -> AsyncIterable[Message]:
        """Yield the messages that have no outcome yet, oldest first."""
        ...

    async def aclose(self) -> None:
        """Release what the outbox holds."""
        ...


def open_transport(name: str, /, *args: Any, **options: Any) -> Transport:
    """Open an installed transport by its name in entry-point group ``msgcore.transports``.

    >>> transport = open_transport("simulator", rate=10)
    >>> type(transport).__name__
    'SimulatorTransport'

    The arguments are those of the transport's class, which is imported only now.

    Raises:
        UnknownTransportError: nothing installed registers the name; the error lists what does.
    """
    found: Iterable[metadata.EntryPoint] = metadata.entry_points(group=ENTRY_POINT_GROUP)
    for entry_point in found:
        if entry_point.name == name:
            transport: Transport = entry_point.load()(*args, **options)
            return transport
    raise UnknownTransportError(
        name,
        sorted({entry_point.name for entry_point in found}),
        hint=f"if it is published on its own: pip install msgcore-{name}",
    )


__all__ = ["CallbackSource", "Clock", "Outbox", "Transport", "open_transport"]
