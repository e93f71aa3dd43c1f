"""One handler on its way through the events of a store, leaving a trace of how far it has come.

How this works. Events are given to the handler as they are read, several at a time unless it is ordered. *Through* is
the sequence up to which it is done with everything, and that is what is entered in the store, behind the work and many
events at once: after a crash the few that were done but not entered come again. At least once, never not at all.

An event that the handler fails on does not hold up the others. It becomes a failure in the store, in the transaction
that moves *through* beyond it, and is tried again when it is due; after its last attempt it is a dead letter. Where
order matters it stays first in line instead: its attempts are entered, and nothing behind it is begun.

Somebody at another process may want a dead letter tried again, and can only write that into the store. So now and then
the store is looked into for failures that are due and not *known* here: those that this process has seen fail, or has
read, and has not yet entered as over or dead.

Every call of the handler is a task of its own, with the entering of what came of it, so that closing can stop all that
leads to further calls and still let those that run come to their end.
"""

import asyncio
import heapq
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

from msgcore.delivery import HandlerFailure, StoredEvent
from msgcore.errors import OutboxError
from msgcore.planning import RetryPolicy
from msgcore.transport import Clock, HandlerStore
from msgcore.wire import Event, decode_callbacks
from transports.webhook.counters import Counters
from transports.webhook.handlers import Handler

READ_AT_ONCE: Final = 256
_STORE_SECONDS: Final = 1.0
"""How long to wait when the store cannot be read or written."""
LOOK_SECONDS: Final = 5.0
"""How often to look for dead letters that another process wants tried again."""

_logger: Final = logging.getLogger("msgcore.receiver")

_Result = TypeVar("_Result")


class Course:
    """A handler, where it is, and what it failed on."""

    def __init__(
        self, store: HandlerStore, handler: Handler, retry: RetryPolicy, clock: Clock, counters: Counters
    ) -> None:
        self.handler = handler
        self._store = store
        self._retry = retry
        self._clock = clock
        self._counters = counters
        self._random_fraction = random.SystemRandom().random
        self._threads = ThreadPoolExecutor(handler.concurrency, "msgcore-handler")
        self._room = asyncio.Semaphore(handler.concurrency)
        self._read_through = 0
        self._open: set[int] = set()  # read, and not done with
        self._failed: list[HandlerFailure] = []  # to be entered with the next progress
        self._progressed = asyncio.Event()
        self._due: list[tuple[float, int, HandlerFailure]] = []  # a heap of what is to be tried again
        self._more_due = asyncio.Event()
        self._known: set[int] = set()  # failures whose end this process will enter
        self._settled: set[int] = set()  # whose end it has entered since it began to look
        self._loops: list[asyncio.Task[None]] = []
        self._calls: set[asyncio.Task[None]] = set()

    # -------------------------------------------------------------------------------------------------- begin and end

    async def enroll(self) -> None:
        """Enter the handler in the store, or learn how far it has come."""
        self._read_through = await self._store.enroll(self.handler.name)

    def begin(self) -> None:
        """Go on from there."""
        self._loops = [self._keep_going(self._go())]

    async def redo(self) -> int:
        """Try dead letters again; return how many there are."""
        dead = [failure for failure in await self._store.failures(self.handler.name) if failure.due_at is None]
        for failure in dead:
            again = failure._replace(attempts=0, due_at=self._clock.now())
            self._known.add(again.sequence)
            await self._store.settle_failure(again, is_over=False)
            self._try_again(again)
        return len(dead)

    async def aclose(self, seconds: float) -> None:
        """Begin no call, let those that run come to their end for so long, and enter how far it is."""
        await _cancel(self._loops)
        if self._calls:
            await asyncio.wait(self._calls, timeout=seconds)
            await _cancel(self._calls)
        if self._loops:
            with suppress(OutboxError):  # what is not entered comes again
                await self._enter_progress()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _go(self) -> None:
        # Somebody else may have led meanwhile, and come further.
        await self._patiently(self.enroll)
        failures = await self._patiently(lambda: self._store.failures(self.handler.name))
        self._due.clear()  # what was asked for before this process led is among them
        self._known.clear()
        before = {failure.sequence: failure for failure in failures if failure.due_at is not None}
        for failure in failures:
            if not (self.handler.ordered and failure.sequence > self._read_through):
                self._try_again(failure)
        reading = self._in_order(before) if self.handler.ordered else self._at_once()
        loops = (reading, self._try_due(), self._keep_progress(), self._find_redone())
        self._loops += [self._keep_going(loop) for loop in loops]

    def _keep_going(self, loop: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(loop)
        task.add_done_callback(self._tell_of_an_end)
        return task

    def _tell_of_an_end(self, task: "asyncio.Task[None]") -> None:
        """Whatever ends a loop for good is nobody's plan, and must not go unheard."""
        if not task.cancelled() and task.exception() is not None:
            _logger.critical("handler %s has stopped", self.handler.name, exc_info=task.exception())

    # ----------------------------------------------------------------------------------------------------- first tries

    async def _at_once(self) -> None:
        while True:
            for stored, event in await self._next():
                await self._room.acquire()
                self._begin_call(self._first_try(stored.sequence, event))

    async def _first_try(self, sequence: int, event: Event) -> None:
        failure = await self._try(sequence, event, attempt=1)
        if failure is not None:
            self._failed.append(failure)
        self._is_done_with(sequence)

    async def _in_order(self, before: dict[int, HandlerFailure]) -> None:
        while True:
            for stored, event in await self._next():
                failure = before.pop(stored.sequence, None)
                if failure is not None and failure.due_at is not None:
                    await self._clock.sleep_until(failure.due_at)
                while True:
                    attempt = 1 if failure is None else failure.attempts + 1
                    await self._room.acquire()
                    tried = self._begin_call(self._try_in_line(stored.sequence, event, attempt))
                    await asyncio.wait([tried])
                    failure = tried.result()
                    if failure is None or failure.due_at is None:
                        break
                    await self._clock.sleep_until(failure.due_at)

    async def _try_in_line(self, sequence: int, event: Event, attempt: int) -> HandlerFailure | None:
        failure = await self._try(sequence, event, attempt)
        if failure is not None and failure.due_at is not None:
            await self._patiently(lambda: self._store.settle_failure(failure, is_over=False))
            return failure
        if failure is not None:
            self._failed.append(failure)
        elif attempt > 1:
            over = HandlerFailure(self.handler.name, sequence, attempt, None, 0.0, "")
            await self._patiently(lambda: self._store.settle_failure(over, is_over=True))
            self._forget(sequence)
        self._is_done_with(sequence)
        return failure

    async def _next(self) -> list[tuple[StoredEvent, Event]]:
        """Return the next events that the handler is for, open from now on."""
        await self._patiently(lambda: self._store.wait(self._read_through))
        stored = await self._patiently(lambda: self._store.read(self._read_through, READ_AT_ONCE))
        wanted = [(one, event) for one in stored if self.handler.wants(event := _event_in(one))]
        self._open.update(one.sequence for one, _ in wanted)
        if stored:
            self._read_through = stored[-1].sequence
            self._progressed.set()
        return wanted

    # ---------------------------------------------------------------------------------------------------- further tries

    def _try_again(self, failure: HandlerFailure) -> None:
        """Let it wait until it is due; for what is dead, that is never."""
        if failure.due_at is None:
            self._forget(failure.sequence)
        else:
            self._known.add(failure.sequence)
            heapq.heappush(self._due, (failure.due_at, failure.sequence, failure))
            self._more_due.set()

    async def _try_due(self) -> None:
        while True:
            self._more_due.clear()
            if not self._due:
                await self._more_due.wait()
            elif self._due[0][0] > self._clock.now():
                await self._until_due(self._due[0][0])
            else:
                await self._room.acquire()
                _, _, failure = heapq.heappop(self._due)
                self._begin_call(self._further_try(failure))

    async def _until_due(self, due_at: float) -> None:
        """Return when it is due, or something else may be due earlier."""
        waits: list[asyncio.Task[Any]] = [
            asyncio.create_task(self._clock.sleep_until(due_at)),
            asyncio.create_task(self._more_due.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancel(waits)

    async def _further_try(self, failure: HandlerFailure) -> None:
        stored = await self._patiently(lambda: self._store.read(failure.sequence - 1, 1))
        if not stored or stored[0].sequence != failure.sequence:  # forgotten meanwhile, with the handler
            again = None
        else:
            again = await self._try(failure.sequence, _event_in(stored[0]), failure.attempts + 1)
        await self._patiently(lambda: self._store.settle_failure(again or failure, is_over=again is None))
        if again is None:
            self._forget(failure.sequence)
        else:
            self._try_again(again)

    def _forget(self, sequence: int) -> None:
        """Know no longer of a failure that is over or dead: the store says so."""
        self._known.discard(sequence)
        self._settled.add(sequence)

    async def _find_redone(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self._settled.clear()  # what is settled from here on may still look open in what is read now
            failures = await self._patiently(lambda: self._store.failures(self.handler.name))
            for failure in failures:
                is_in_line = failure.sequence in self._open or failure.sequence > self._read_through
                if not is_in_line and failure.sequence not in self._known | self._settled:
                    self._try_again(failure)

    # ---------------------------------------------------------------------------------------------------------- trying

    def _begin_call(self, call: Coroutine[Any, Any, _Result]) -> "asyncio.Task[_Result]":
        """Begin what there is room for."""
        task = asyncio.create_task(call)
        self._calls.add(task)  # type: ignore[arg-type]  # what they return is of no interest there
        task.add_done_callback(self._end_call)
        return task

    def _end_call(self, task: "asyncio.Task[Any]") -> None:
        self._calls.discard(task)
        self._room.release()

    async def _try(self, sequence: int, event: Event, attempt: int) -> HandlerFailure | None:
        """Call the handler; return how it failed, ``None`` where it did not."""
        problem = await self.handler.call(event, self._threads)
        if problem is None:
            self._counters.handled += 1
            return None
        self._counters.handler_failures += 1
        self._known.add(sequence)
        now = self._clock.now()
        due_at: float | None = now + self._retry.delay(attempt, self._random_fraction())
        level, outlook = logging.WARNING, "it is tried again"
        if attempt >= self._retry.max_attempts:
            self._counters.dead_letters += 1
            due_at, level, outlook = None, logging.ERROR, "it is a dead letter"
        kind = problem.partition(":")[0]  # the rest may tell a number or a text
        where = {"handler": self.handler.name, "sequence": sequence, "attempt": attempt, "error": kind}
        _logger.log(
            level,
            "handler %s failed on event %d, attempt %d, with %s; %s",
            self.handler.name, sequence, attempt, kind, outlook,
            extra=where,
        )  # fmt: skip
        return HandlerFailure(self.handler.name, sequence, attempt, due_at, now, problem)

    # -------------------------------------------------------------------------------------------------------- progress

    def _is_done_with(self, sequence: int) -> None:
        self._open.discard(sequence)
        self._progressed.set()

    async def _keep_progress(self) -> None:
        while True:
            await self._progressed.wait()
            await self._patiently(self._enter_progress)

    async def _enter_progress(self) -> None:
        self._progressed.clear()
        through = min(self._open, default=self._read_through + 1) - 1
        failed, self._failed = self._failed, []
        try:
            await self._store.advance(self.handler.name, through, failed)
        except BaseException:
            self._failed = failed + self._failed
            self._progressed.set()
            raise
        # Only now: what came of another attempt must not be entered before the first.
        for failure in failed:
            self._try_again(failure)

    async def _patiently(self, ask: Callable[[], Awaitable[_Result]]) -> _Result:
        """Ask the store until it answers."""
        is_failing = False
        while True:
            try:
                return await ask()
            except OutboxError as error:
                if not is_failing:
                    _logger.warning("handler %s waits for the store: %s", self.handler.name, error)
                is_failing = True
                await asyncio.sleep(_STORE_SECONDS)


async def _cancel(tasks: "set[asyncio.Task[None]] | list[asyncio.Task[Any]]") -> None:
    """Stop tasks and wait until they have ended."""
    stopped = [task for task in tasks if not task.done()]
    for task in stopped:
        task.cancel()
    if stopped:
        await asyncio.wait(stopped)


def _event_in(stored: StoredEvent) -> Event:
    # It was cut out of an array of JSON, so it can stand in one.
    return decode_callbacks(b"[" + stored.raw + b"]")[0]


__all__ = ["Course"]
