"""Client: the verbs of AsyncClient without ``await``, on a private loop in one thread.

A loop of its own, in a thread of its own, is what lets it work where a loop already runs, as in Jupyter.
"""

import asyncio
import contextlib
import math
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Generic, Literal, Self, TypeVar

from msgcore.client.async_client import AsyncClient
from msgcore.client.clock import SystemClock, clock_of
from msgcore.client.sending import Outcome
from msgcore.delivery import Ledger, Suppressions
from msgcore.errors import ClosedError
from msgcore.planning import RetryPolicy
from msgcore.transport import CallbackSource, CallbackStore, Clock, Hooks, Outbox, Transport
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

    The arguments are those of AsyncClient. It may be shared between threads. Ctrl-C reaches the thread that waits in
    ``send``, ``send_many`` or ``events`` as ever, once what was waited for has been cancelled.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        application_id: str | None = None,
        callbacks: CallbackSource | CallbackStore | None = None,
        outbox: Outbox | None = None,
        clock: Clock | None = None,
        rate: float | None = None,
        sender_rate: float | None = None,
        queue_seconds: float = 900,
        latency_seconds: float = 0.0,
        max_in_flight: int = 64,
        retry: RetryPolicy | None = None,
        suppressions: Suppressions | None = None,
        opt_out_scope: Literal["account", "sender"] = "account",
        on_unknown: Literal["hold", "resend"] = "hold",
        unknown_after: float = 3600.0,
        search_unknowns: bool = True,
        expire_after: float = math.inf,
        retry_failed: bool = False,
        hooks: Sequence[Hooks] = (),
        log_content: bool = False,
        reader: str = "msgcore-sender",
    ) -> None:
        self._loop = _new_loop(transport, clock)
        self._thread = threading.Thread(target=self._loop.run_forever, name="msgcore-client", daemon=True)
        self._thread.start()
        self._closed = False
        self._submitting = threading.RLock()  # a collection may end an iterator in the middle of a submission
        try:
            self._client: AsyncClient = self._call(
                lambda: AsyncClient(
                    transport,
                    application_id=application_id,
                    callbacks=callbacks,
                    outbox=outbox,
                    clock=clock,
                    rate=rate,
                    sender_rate=sender_rate,
                    queue_seconds=queue_seconds,
                    latency_seconds=latency_seconds,
                    max_in_flight=max_in_flight,
                    retry=retry,
                    suppressions=suppressions,
                    opt_out_scope=opt_out_scope,
                    on_unknown=on_unknown,
                    unknown_after=unknown_after,
                    search_unknowns=search_unknowns,
                    expire_after=expire_after,
                    retry_failed=retry_failed,
                    hooks=hooks,
                    log_content=log_content,
                    reader=reader,
                )
            )
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
        sending = self._call(self._client._open_sending)
        try:
            while not sending.over:
                sending.fill(source)
                yield from self._run(sending.advance)
            sending.raise_what_ended_it()
        finally:
            self._finish(sending.settle)

    def put(self, messages: Sequence[Message]) -> int:
        """Make messages durable in the outbox; return how many are new. See :meth:`AsyncClient.put`."""
        return self._run(lambda: self._client.put(messages))

    def deliver(self) -> Iterator[Outcome]:
        """Send what waits in the outbox, and yield each message that comes to an end; see AsyncClient.deliver."""
        sending = self._call(self._client._open_delivery)
        try:
            while not sending.over:
                yield from self._run(sending.advance)
            sending.raise_what_ended_it()
        finally:
            self._finish(sending.settle)

    def wait_until_final(self) -> None:
        """Return once every accepted message is final; see :meth:`AsyncClient.wait_until_final`."""
        self._run(self._client.wait_until_final)

    @property
    def ledger(self) -> Ledger:
        """What became of the accepted messages, with an outbox; see :attr:`AsyncClient.ledger`."""
        return self._client.ledger

    def events(self) -> Iterator[Event]:
        """Yield the events of callbacks as they come; see :meth:`AsyncClient.events`.

        Over a source that knows its own end, this does not wait for a first send: who calls it could not make one.
        """
        events = self._client._events(wait_for_first_send=False)
        try:
            while (event := self._run(lambda: anext(events, None))) is not None:
                yield event
        finally:
            self._finish(events.aclose)

    def stop(self) -> None:
        """Start no more sends; see :meth:`AsyncClient.stop`."""
        self._call(self._client.stop)

    def close(self) -> None:
        """Settle what is in flight, close the transport and end the client's thread; a second call does nothing.

        Another thread that waits in ``send``, ``send_many`` or ``events`` gets its outcome or ClosedError.
        """
        with self._submitting:
            if self._closed:
                return
            self._closed = True  # from here on nobody else can submit anything
        try:
            _Running(self._client.aclose, self._loop).submit().result()
        finally:
            self._stop_loop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self, make: Callable[[], Awaitable[_T]]) -> _T:
        """Run what ``make`` returns on the client's loop, and wait for it in this thread."""
        running = _Running(make, self._loop)  # known here before it starts, so that Ctrl-C finds it at any moment
        try:
            return self._submit(running).result()
        except asyncio.CancelledError as error:  # by close(), which leaves nothing running
            raise ClosedError("the client was closed meanwhile", may_have_been_accepted=True) from error
        except Exception:
            raise  # by what ran, which has ended therefore
        except BaseException:  # Ctrl-C: nothing of it is left running behind
            running.cancel()
            raise

    def _submit(self, running: "_Running[_T]") -> Future[_T]:
        with self._submitting:
            if self._closed:
                raise ClosedError("the client is closed", may_have_been_accepted=False)
            return running.submit()

    def _finish(self, make: Callable[[], Awaitable[object]]) -> None:
        """Run what ends an iteration; in the loop's own thread, where a collected iterator may end, without waiting."""
        with self._submitting:
            if self._closed:
                return  # closing has ended it
            running = _Running(make, self._loop)
            running.submit()
        if threading.current_thread() is not self._thread:
            running.outcome.result()

    def _call(self, function: Callable[[], _T]) -> _T:
        async def call() -> _T:
            return function()

        return self._run(call)

    def _stop_loop(self) -> None:
        _Running(_end_tasks, self._loop).submit().result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class _Running(Generic[_T]):
    """A coroutine that runs on another thread's loop; its end is known even when it is cancelled."""

    def __init__(self, make: Callable[[], Awaitable[_T]], loop: asyncio.AbstractEventLoop) -> None:
        self.outcome: Future[_T] = Future()
        self._make = make
        self._loop = loop
        self._task: asyncio.Task[_T] | None = None

    def submit(self) -> Future[_T]:
        """Start it in the loop's next turn."""
        self._loop.call_soon_threadsafe(self._start)
        return self.outcome

    def cancel(self) -> None:
        """Cancel it, submitted or not, and return when it has ended."""
        if not self.outcome.done() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cancel)
            wait([self.outcome])

    def _start(self) -> None:
        if not self.outcome.done():
            self._task = self._loop.create_task(self._await())
            self._task.add_done_callback(self._deliver)

    async def _await(self) -> _T:
        return await self._make()

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        else:
            self.outcome.set_exception(asyncio.CancelledError())

    def _deliver(self, task: asyncio.Task[_T]) -> None:
        if task.cancelled():
            self.outcome.set_exception(asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            self.outcome.set_exception(error)
        else:
            self.outcome.set_result(task.result())


def _new_loop(transport: Transport, clock: Clock | None) -> asyncio.AbstractEventLoop:
    """Return uvloop's loop where that is installed, as it costs half; the policy of other loops is left alone.

    A clock that is not the machine's looks into its loop to see whether anybody is busy, and uvloop does not show that.
    """
    if isinstance(clock if clock is not None else clock_of(transport), SystemClock):
        with contextlib.suppress(ImportError):
            import uvloop

            loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
            return loop
    return asyncio.new_event_loop()


async def _end_tasks() -> None:
    """Cancel what still runs on this loop, and close what iterates, so that nothing is torn down halfway."""
    loop = asyncio.get_running_loop()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await loop.shutdown_asyncgens()


__all__ = ["Client"]
