"""Client: the verbs of AsyncClient without ``await``, on a private loop in one thread.

A loop of its own, in a thread of its own, is what lets it work where a loop already runs, as in Jupyter.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

from msgcore.client.async_client import AsyncClient
from msgcore.client.sending import Outcome, Sending
from msgcore.errors import ClosedError
from msgcore.transport import Clock, Transport
from msgcore.wire import Accepted, Event, Message

_T = TypeVar("_T")


class Client:
    """The same as :class:`AsyncClient`, without ``await``.

    >>> from msgcore import Client, Message
    >>> from transports import SimulatorTransport
    >>> with Client(SimulatorTransport(rate=10), application_id="demo") as client:
    ...     accepted = client.send(Message(to="+19195550123", from_="+19195550100", text="hello"))
    ...     [event.type for event in client.events()]
    ['message-sent', 'message-delivered']

    The arguments are those of AsyncClient. It may be shared between threads.
    """

    def __init__(self, transport: Transport, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="msgcore-client", daemon=True)
        self._thread.start()
        self._closed = False
        self._close_lock = threading.Lock()
        try:
            self._client: AsyncClient = self._run(lambda: _call(lambda: AsyncClient(transport, **options)))
        except BaseException:
            self._stop_loop()
            raise

    @property
    def clock(self) -> Clock:
        """The clock that this client goes by."""
        return self._client.clock

    def send(self, message: Message) -> Accepted:
        """Send one message once and return the provider's answer; see :meth:`AsyncClient.send`."""
        return self._run(lambda: self._client.send(message))

    def send_many(self, messages: Iterable[Message]) -> Iterator[Outcome]:
        """Yield each message with its outcome, in order of completion; see :meth:`AsyncClient.send_many`.

        ``messages`` is iterated in the caller's thread. Leaving early settles what is in flight before it returns.
        """
        source = iter(messages)
        sending: Sending = self._run(lambda: _call(self._client._open_sending))
        try:
            while not sending.over:
                sending.fill(source)
                yield from self._run(sending.advance)
            sending.raise_what_ended_it()
        finally:
            self._run(sending.settle)

    def events(self) -> Iterator[Event]:
        """Yield the events of callbacks as they come; see :meth:`AsyncClient.events`."""
        events = self._client.events()
        try:
            while (event := self._run(lambda: anext(events, None))) is not None:
                yield event
        finally:
            self._run(events.aclose)

    def close(self) -> None:
        """Settle what is in flight, close the transport and end the client's thread; a second call does nothing."""
        with self._close_lock:
            if self._closed:
                return
            try:
                self._run(self._client.aclose)
            finally:
                self._closed = True
                self._stop_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, make: Callable[[], Awaitable[_T]]) -> _T:
        """Run what ``make`` returns on the client's loop, and wait for it in this thread."""
        if self._closed:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        return asyncio.run_coroutine_threadsafe(_await(make), self._loop).result()

    def _stop_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _await(make: Callable[[], Awaitable[_T]]) -> _T:
    return await make()


async def _call(function: Callable[[], _T]) -> _T:
    return function()


__all__ = ["Client"]
