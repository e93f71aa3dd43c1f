"""One ``send_many``: carries out what the dispatcher decides, and hands back what has come to an end.

How this works: the owner pulls input through :meth:`Sending.fill` (a plain iterable, in the caller's thread) or
:meth:`Sending.pull` (an asynchronous one), then awaits :meth:`Sending.advance` for the outcomes, until
:attr:`Sending.over`. The sync client calls ``fill`` in its caller's thread and the rest on its loop, so a lock guards
the dispatcher and the lists beside it; it is never held across an await or a call into the caller's code.

Every message that was pulled comes back exactly once, whatever happens meanwhile: an error of the input, of the account
or of the clock is raised only after that.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from msgcore.delivery import Dispatcher, Done, Refuse, Send, Wait
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.transport import Clock
from msgcore.wire import Accepted, Message

FILL_SECONDS = 0.001

Outcome = tuple[Message, Accepted | MsgcoreError]


class Sending:
    """One ``send_many`` from its first message to its last outcome.

    Args:
        dispatcher: decides; new, and this object's alone.
        clock: what the dispatcher goes by.
        send: sends one message once.
        on_settled: called once with this object, when nothing is in flight any more and nothing will be.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        clock: Clock,
        send: Callable[[Message], Awaitable[Accepted]],
        on_settled: Callable[["Sending"], None],
    ) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._send = send
        self._on_settled = on_settled
        self._lock = threading.Lock()
        self._decided: list[Send] = []  # to be started by the loop
        self._ended: list[Outcome] = []  # to be handed to the caller
        self._attempts: set[asyncio.Task[None]] = set()  # the loop itself holds its tasks only weakly
        self._input_error: BaseException | None = None
        self._pull: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._settled = False

    @property
    def over(self) -> bool:
        """Whether every message pulled has been handed back and no more will be pulled."""
        with self._lock:
            decision = self._decide()
            return not self._decided and not self._ended and isinstance(decision, Done)

    def fill(self, messages: Iterator[Message]) -> None:
        """Pull messages while there is room for them and it takes no time; what may start does so in the loop's turn.

        An input that is slow is pulled one by one, so that no message waits for the next one to come along.
        """
        started_at = time.monotonic()
        while True:
            with self._lock:
                self._decide()
                if not self._dispatcher.wants_more:
                    return
                if self._decided and time.monotonic() - started_at > FILL_SECONDS:
                    return
            try:
                message = next(messages)
            except StopIteration:
                self._close()
                return
            except BaseException as error:  # raised to the caller once what was pulled has been handed back
                self._close(error)
                return
            self._offer(message)

    def pull(self, messages: AsyncIterator[Message]) -> None:
        """Start pulling one message if there is room for it and none is being pulled."""
        with self._lock:
            self._decide()
            wanted = self._dispatcher.wants_more and self._pull is None
        if wanted:
            self._pull = asyncio.ensure_future(self._pull_one(messages))

    async def advance(self) -> list[Outcome]:
        """Start what was decided, then wait until something has ended or more input is wanted; return what ended."""
        while True:
            self._woken.clear()
            with self._lock:
                decision = self._decide()
                decided, self._decided = self._decided, []
                hungry = self._dispatcher.wants_more and self._pull is None
            for send in decided:
                self._start(send)
            if hungry and not self._ended:
                await asyncio.sleep(0)  # what was started gets its turn before more input is pulled
            if self._ended or hungry or self.over:
                break
            await self._wait(decision.until if isinstance(decision, Wait) else None)
        with self._lock:
            ended, self._ended = self._ended, []
        return ended

    def raise_what_ended_it(self) -> None:
        """Raise the error of the input, or the one that stopped the run, if there is one."""
        if self._dispatcher.stopped_by is not None:
            raise self._dispatcher.stopped_by
        if self._input_error is not None:
            raise self._input_error

    def stop(self, error: MsgcoreError) -> None:
        """Start nothing more: what was pulled and is not out comes back with ``error``, which is then raised."""
        with self._lock:
            self._dispatcher.stop(error)
            for send in self._decided:
                self._dispatcher.cancel(send.ticket)
                self._ended.append((send.message, error))
            self._decided.clear()
            self._ended.extend((send.message, error) for send in self._dispatcher.withdraw())
        self._woken.set()

    async def settle(self) -> None:
        """Start nothing more and wait for what is in flight."""
        if self._settled:
            return
        self._settled = True
        if self._pull is not None:
            self._pull.cancel()
        try:
            with self._lock:
                self._dispatcher.close()
                self._dispatcher.withdraw()
                for send in self._decided:  # decided, never started
                    self._dispatcher.cancel(send.ticket)
                self._decided.clear()
            while self._dispatcher.in_flight:
                self._woken.clear()
                await self._woken.wait()
        finally:
            self._on_settled(self)

    def _now(self) -> float:
        return self._clock.now()

    def _decide(self) -> Wait | Done:
        """Take every send that may start now; return what the dispatcher says then."""
        while True:
            match decision := self._dispatcher.next(self._now()):
                case Send():
                    self._decided.append(decision)
                case Refuse(message=message, error=error):
                    self._ended.append((message, error))
                case _:
                    return decision

    def _offer(self, message: Message) -> None:
        with self._lock:
            stopped_by = self._dispatcher.stopped_by
            if stopped_by is not None:  # while the input was being pulled
                self._ended.append((message, stopped_by))
                return
            if self._settled:
                return  # the caller has left
            try:
                self._dispatcher.offer(message)
            except MsgcoreError as error:
                self._ended.append((message, error))
            except TypeError as error:  # no Message: an error of the input like any other
                self._input_error = error
                self._dispatcher.close()

    def _close(self, input_error: BaseException | None = None) -> None:
        with self._lock:
            self._input_error = input_error
            self._dispatcher.close()

    async def _pull_one(self, messages: AsyncIterator[Message]) -> None:
        try:
            self._offer(await anext(messages))
        except StopAsyncIteration:
            self._close()
        except BaseException as error:  # raised to the caller once what was pulled has been handed back
            if self._settled:
                raise  # the caller has left, and this pull was cancelled for it
            self._close(error)
        finally:
            self._pull = None
            self._woken.set()

    async def _wait(self, until: float | None) -> None:
        if until is None:
            await self._woken.wait()
            return
        sleeper = asyncio.ensure_future(self._clock.sleep_until(until))
        sleeper.add_done_callback(self._time_has_come)
        try:
            await self._woken.wait()
            if sleeper.done():
                sleeper.result()  # a clock that fails must not be asked again and again
        finally:
            sleeper.cancel()

    def _time_has_come(self, sleeper: asyncio.Task[None]) -> None:
        if not sleeper.cancelled():  # woken by something else meanwhile: no reason to wake once more
            self._woken.set()

    def _start(self, send: Send) -> None:
        task = asyncio.get_running_loop().create_task(self._attempt(send))
        self._attempts.add(task)
        task.add_done_callback(self._attempts.discard)

    async def _attempt(self, send: Send) -> None:
        result: Accepted | MsgcoreError
        try:
            result = await self._send(send.message)
        except MsgcoreError as error:
            result = error
        except BaseException as error:
            # Cancelled, or a transport that breaks its contract: bytes may have left, so the outcome is unknown.
            self._end(send, ClosedError(f"the attempt broke off: {error!r}", may_have_been_accepted=True))
            if not isinstance(error, Exception):
                raise
            return
        self._end(send, result)

    def _end(self, send: Send, result: Accepted | MsgcoreError) -> None:
        with self._lock:
            if self._dispatcher.outcome(send.ticket, result, self._now()).is_final:
                self._ended.append((send.message, result))
            stopped_by = self._dispatcher.stopped_by
            if stopped_by is not None:
                self._ended.extend((send.message, stopped_by) for send in self._dispatcher.withdraw())
        self._woken.set()


__all__ = ["Outcome", "Sending"]
