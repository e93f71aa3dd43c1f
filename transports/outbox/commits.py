"""Group commit: whatever is asked for while a transaction runs is written by the next one, together.

How this works. A thread of its own owns the writing side of a store. It takes all the work that waits, has it written
in one transaction, and wakes everybody whose work was in it: the fuller the house, the more share one synchronised
write. Nobody waits for company, so that a lone piece of work is written at once. Who stops waiting does not stop the
transaction, for others wait for it too.
"""

import asyncio
import os
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from msgcore.errors import OutboxError

_Work = TypeVar("_Work")

MOST_AT_ONCE: Final = 4096
"""How many pieces of work one transaction takes at most, so that the first of them does not wait for ever."""


class _Waiting(NamedTuple):
    work: Any
    future: "asyncio.Future[Any]"


_Outcome: TypeAlias = Sequence[Any] | Exception


class CommitThread(Generic[_Work]):
    """Writes pieces of work in groups.

    Args:
        name: of the thread.
        write: writes pieces of work in one transaction, durably, and returns what came of each; it runs in the thread.
            What it raises is told to everybody whose work was in the group.
        finish: runs in the thread after the last group.
    """

    def __init__(
        self, name: str, write: Callable[[Sequence[_Work]], Sequence[Any]], finish: Callable[[], object]
    ) -> None:
        self._write = write
        self._finish = finish
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closing: asyncio.Future[None] | None = None
        self._process = os.getpid()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def submit(self, work: _Work) -> Any:
        """Return what came of the work, once it is durable.

        Raises:
            OutboxError: the store is closed, or belongs to the process that this one was forked from.
        """
        if self._closing is not None:
            raise OutboxError("the store is closed")
        if self._process != os.getpid():
            raise OutboxError("the store was opened before the process was forked: open one in each process")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._queue.put(_Waiting(work, future))
        return await future

    async def aclose(self) -> None:
        """Write what was asked for until now, then end the thread; whoever calls it again waits for the same."""
        if self._closing is None:
            self._queue.put(None)
            self._closing = asyncio.get_running_loop().run_in_executor(None, self._thread.join)
        await asyncio.shield(self._closing)

    def _run(self) -> None:
        is_open = True
        while is_open:
            group, is_open = self._next_group()
            if group:
                _tell(group, self._outcome([waiting.work for waiting in group]))
        self._finish()

    def _next_group(self) -> tuple[list[_Waiting], bool]:
        """Wait for work, then take all there is; False at the end of it."""
        group: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            group.append(waiting)
            if len(group) == MOST_AT_ONCE:
                return group, True
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                return group, True
        return group, False

    def _outcome(self, works: list[_Work]) -> _Outcome:
        try:
            return self._write(works)
        except Exception as error:  # whatever it is, those who wait have to learn of it
            return error


def _tell(group: list[_Waiting], outcome: _Outcome) -> None:
    loops = {waiting.future.get_loop() for waiting in group}
    for loop in loops:
        try:
            loop.call_soon_threadsafe(_settle, loop, group, outcome)
        except RuntimeError:
            continue  # the loop is closed: nobody waits there any more


def _settle(loop: asyncio.AbstractEventLoop, group: list[_Waiting], outcome: _Outcome) -> None:
    for index, (_, future) in enumerate(group):
        if future.get_loop() is not loop or future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome[index])


__all__ = ["CommitThread"]
