"""What the outside must bring: a transport, a clock, a source of callbacks, an outbox. Protocols, no behaviour.

Nothing needs to inherit from these: an object with the right methods is one. ``msgcore.testing`` holds the contract
suites that prove it. Transports that are installed beside msgcore register in entry-point group
``msgcore.transports`` and open by name.
"""

from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from importlib import metadata
from typing import Any, Protocol, runtime_checkable

from msgcore.delivery.ledger import Delivery
from msgcore.delivery.records import (
    Arrival,
    Attempt,
    Conclusion,
    Entry,
    HandlerFailure,
    OutboxCounts,
    Outcome,
    QuarantinedItem,
    SendState,
    StoredEvent,
)
from msgcore.errors import MsgcoreError, TransportError, UnknownTransportError
from msgcore.wire.accepted import Accepted
from msgcore.wire.events import Event
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
class SubmittingTransport(Transport, Protocol):
    """A transport that can also take a request without being waited for, and calls back.

    A coroutine that waits for each answer costs more than many an exchange: who sends thousands a second asks for this.
    A class that changes how :meth:`exchange` works, and not :meth:`submit`, is asked for :meth:`exchange` alone.
    """

    def submit(self, request: Request, done: Callable[[Response | TransportError], None]) -> bool:
        """Begin to send ``request``, once, if that can be done at once; return whether it was begun.

        If so, ``done`` is called later and once, in the event loop, with what :meth:`exchange` would have returned or
        raised. If not, nothing was done, and :meth:`exchange` is there to wait for what is missing.

        Raises:
            LocalError: the request cannot be sent; nothing was done.
        """
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


class Hooks(Protocol):
    """Who watches the sending: a counter, a tracer, an audit. Called in the event loop's thread, so it should be quick.

    It is given messages whole, numbers and texts included. What a hook raises is logged and changes nothing.
    """

    def on_attempt(self, message: Message, attempt: int) -> None:
        """An attempt is entered, and the message about to leave."""
        ...

    def on_outcome(self, message: Message, attempt: int, state: SendState, result: Accepted | MsgcoreError) -> None:
        """It is entered what came of it: ``state`` says where the message stands now, waiting if refused for now.

        ``attempt`` is 0 for a message that was never attempted: it has expired, or its recipient has opted out.
        """
        ...

    def on_event(self, event: Event, delivery: Delivery | None) -> None:
        """An event was taken in; ``delivery`` is what is now known, where it is about a message that is followed."""
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
    """A durable queue of messages: what is put is never lost, and no attempt is forgotten.

    Anybody may :meth:`put` and read. Attempts and outcomes are entered by one dispatcher at a time: between
    :meth:`begin` and :meth:`end` it holds the outbox's lock, and without that :meth:`claim`, :meth:`attempt`,
    :meth:`settle` and :meth:`purge` are refused with LocalError. Every coroutine that writes returns once what it wrote
    is durable; calls that wait at the same time share a commit. After an OutboxError of a write everything is refused
    with it: what is on the disk can only be told by opening it anew. States and records are those of
    ``msgcore.delivery``, and so is the rule of what may follow what.
    """

    async def put(self, messages: Sequence[Message], now: float) -> int:
        """Keep ``messages``, all or none, and return how many of them are new.

        A message without a key is given one. The same key with the same content again is no new message.

        Raises:
            KeyConflictError: a key is kept already, or stands twice in ``messages``, with other content.
            OutboxError: they cannot be made durable; nothing is kept.
        """
        ...

    async def begin(self, now: float) -> int:
        """Become the one dispatcher; attempts that a dead one left open become unknown. Return how many did.

        A message that was made to wait after ``now``, by a clock that has been put back since, waits from ``now`` on
        for as long as it was to.

        Raises:
            OutboxBusyError: another dispatcher, of this process or another, has the outbox.
        """
        ...

    async def end(self) -> None:
        """Stop being the dispatcher: claims are given back, open attempts are unknown. A second call does nothing."""
        ...

    async def claim(self, limit: int, now: float) -> Sequence[Entry]:
        """Return up to ``limit`` waiting messages that are due and not claimed, high priority first, then the oldest.

        A claim is kept in memory alone: it ends with the outcome, with :meth:`release`, or with the dispatcher.
        """
        ...

    def release(self, numbers: Sequence[int]) -> None:
        """Give back claims of messages that were not attempted."""
        ...

    def next_due(self) -> float | None:
        """Return when the next message that waits and is not claimed becomes due; ``None``: there is none.

        It sees what other processes have put, and costs little: whoever has nothing to do asks again now and then.
        """
        ...

    async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
        """Enter ``attempts``, each if its message waits and its number is the next; return which were entered.

        Only after that may their bytes leave. Whoever is cancelled while waiting must take them as entered.
        """
        ...

    async def settle(self, records: Sequence[Outcome | Conclusion]) -> Sequence[bool]:
        """Enter what became of messages, each if it can follow from where the message stands; return which were.

        An outcome about another than the last attempt is late and changes nothing, unless it says accepted: a
        callback proves that attempt, whatever was believed of it. A message that is accepted twice, under two ids,
        was sent twice: it is found under both.
        """
        ...

    def counts(self) -> OutboxCounts:
        """Return how many messages stand where: kept, not counted anew."""
        ...

    def entries(
        self, state: SendState | None = None, *, after: int = 0, final: bool | None = None
    ) -> AsyncIterable[Entry]:
        """Yield the messages in ``state``, or all, by ascending number above ``after``.

        ``final`` leaves only those that are final, or only those that are not: what a ledger needs to begin again are
        the accepted messages with ``final=False``.
        """
        ...

    async def find(self, keys: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that have ``keys``."""
        ...

    async def find_accepted(self, message_ids: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that were accepted under the provider's ``message_ids``."""
        ...

    async def purge(self, before: float) -> int:
        """Forget the final messages that became so before that time, keys included; return how many."""
        ...

    async def aclose(self) -> None:
        """Release what the outbox holds, ending the dispatcher too; a second call does nothing."""
        ...


@runtime_checkable
class CallbackStore(Protocol):
    """Where the receiver keeps events, raw and durable, before it answers; the sender reads on from where it was."""

    async def add(self, items: Sequence[bytes], now: float) -> Sequence[Arrival]:
        """Keep the items of a callback; return what became of each once all are durable.

        Items are recognised by message id, type, recipient and delivery code, also after a restart. One that says too
        little for that is kept apart, in quarantine. Who stops waiting does not stop the writing.

        Raises:
            OutboxError: they cannot be made durable; the callback must not be answered with success.
        """
        ...

    async def read(self, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to ``limit`` events by ascending sequence above ``after``; none when there are no more yet."""
        ...

    async def wait(self, after: int) -> None:
        """Return once there is an event above ``after``, whichever process added it."""
        ...

    async def heard(self, message_ids: Sequence[str]) -> Sequence[StoredEvent]:
        """Return every event that is kept about these messages: what a ledger needs to begin again."""
        ...

    async def quarantined(self, after: int = 0, limit: int = 100) -> Sequence[QuarantinedItem]:
        """Return up to ``limit`` items of the quarantine, by ascending number above ``after``."""
        ...

    async def purge(self, before: float) -> int:
        """Forget what came before that time, and how to recognise it; return how many events that were.

        Not what a handler still has to see: the events that none has passed yet, those to be tried again, and its dead
        letters.
        """
        ...

    async def aclose(self) -> None:
        """Release what the store holds; a second call does nothing."""
        ...


@runtime_checkable
class HandlerStore(CallbackStore, Protocol):
    """A store of callbacks that also remembers how far each handler of events has come."""

    async def enroll(self, handler: str, *, from_the_start: bool = False) -> int:
        """Return the sequence up to which a handler has come; for a new one, what there is by now is not its business.

        Unless it wants to hear all that is kept, ``from_the_start``.

        Raises:
            OutboxError: it cannot be read, or made durable.
        """
        ...

    async def advance(self, handler: str, through: int, failures: Sequence[HandlerFailure] = ()) -> None:
        """Enter that a handler is done with all events up to ``through``, but for its failures."""
        ...

    async def settle_failure(self, failure: HandlerFailure, *, is_over: bool) -> None:
        """Enter what came of another attempt: the failure as it stands now, or that it is one no more."""
        ...

    async def failures(self, handler: str | None = None) -> Sequence[HandlerFailure]:
        """Return what handlers, or this one, failed on, to be tried again and dead letters, by sequence."""
        ...

    async def dismiss(self, handler: str) -> None:
        """Forget a handler that is no more: nothing is kept for it any longer."""
        ...

    def lead(self) -> bool:
        """Say whether the handlers run here; of all that have the store open, in any process, one gets to hear True."""
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


__all__ = ["CallbackSource", "CallbackStore", "Clock", "HandlerStore", "Hooks", "Outbox", "Transport", "open_transport"]
