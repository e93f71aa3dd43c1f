"""Group commit: whoever waits at the same time waits for the same transaction, on the one thread that writes.

How this works: on the loop's side each call leaves what it wants and waits on a future. The thread is handed everything
that has gathered as soon as it is free; when it is done it wakes the loop once, and the loop wakes them all. So the
price of handing over, and of the disk, is paid for each commit, and not for each record.

Who keeps something in memory that is ahead of the file writes nothing any more after the first failure: what the disk
then holds can only be told by opening it anew. Where each commit stands for itself, the next one may succeed.
"""

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from msgcore.errors import OutboxError
from transports.outbox.place import Place

if TYPE_CHECKING:
    import apsw

_Result = TypeVar("_Result")


class Work(NamedTuple):
    """What the thread does for a commit."""

    write: "Callable[[apsw.Connection], object]"
    afterwards: "Callable[[apsw.Connection], object] | None" = None
    """Done when those who wait have been told already."""


class _Job:
    """Work, the loop that it comes from, and what is called there when it is done."""

    __slots__ = ("done", "error", "loop", "result", "work")

    def __init__(self, work: Work, done: Callable[["_Job"], None]) -> None:
        self.work = work
        self.done = done
        self.loop = asyncio.get_running_loop()
        self.result: Any = None
        self.error: BaseException | None = None


class Committer:
    """Runs work on a thread of its own, in the order in which it was asked for.

    Args:
        database: the connection, which only the thread uses from now on.
        gather: returns the work that makes everything durable that is to be written now.
        committed: is called in the loop when that is done, before anybody who waits goes on.
        explain: makes an OutboxError of the error of a failed write.
        place: where the file has to be for a write to keep anything.
        recovers: whether there is a next commit after one that failed.
        name: of the thread.
    """

    def __init__(
        self,
        database: "apsw.Connection",
        gather: Callable[[], Work],
        committed: Callable[[], None],
        explain: Callable[[BaseException], OutboxError],
        place: Place,
        *,
        recovers: bool = False,
        name: str = "msgcore-outbox",
    ) -> None:
        self._database = database
        self._gather = gather
        self._committed = committed
        self._explain = explain
        self._place = place
        self._recovers = recovers
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name=name, daemon=True)
        self._waiters: list[asyncio.Future[None]] = []
        self._is_busy = False
        self._is_called = False
        self._failure: BaseException | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a write has failed: none follows any more."""
        return self._failure is not None

    def check(self) -> None:
        """Raise OutboxError after a failure."""
        if self._failure is not None:
            raise self._explain(self._failure) from self._failure

    def commit(self) -> "asyncio.Future[None]":
        """Return what to wait for until everything that is to be written by now is durable."""
        self.check()
        # Each has a future of its own: whoever is cancelled stops waiting, and the others do not.
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiters.append(future)
        if not (self._is_busy or self._is_called):
            self._call(loop)
        return future

    async def run(self, write: "Callable[[apsw.Connection], _Result]") -> _Result:
        """Return what ``write`` does on the thread, after the commits that were begun before."""
        self.check()
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = _Job(Work(write), lambda job: self._tell([future], job.error))
        self._hand_over(job)
        await asyncio.shield(future)
        result: _Result = job.result
        return result

    async def aclose(self) -> None:
        """Let the thread finish what it has, and let go of the file."""
        if not self._thread.is_alive():
            self._database.close()
            return
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    # ------------------------------------------------------------------------------------------------------ in the loop

    def _call(self, loop: asyncio.AbstractEventLoop) -> None:
        # Not at once: what other tasks want in this turn of the loop comes along.
        self._is_called = True
        loop.call_soon(self._start)

    def _start(self) -> None:
        self._is_called = False
        self._is_busy = True
        waiters, self._waiters = self._waiters, []
        try:
            work = self._gather()
        except BaseException as error:
            self._failure = error
            self._finish(waiters, error)
            raise
        self._hand_over(_Job(work, lambda job: self._finish(waiters, job.error)))

    def _hand_over(self, job: _Job) -> None:
        if not self._thread.is_alive():
            self._thread.start()
        self._jobs.put(job)

    def _finish(self, waiters: "list[asyncio.Future[None]]", error: BaseException | None) -> None:
        self._is_busy = False
        if error is None:
            self._committed()
        self._tell(waiters, error)
        if self._waiters and not self._is_called:
            self._call(asyncio.get_running_loop())

    def _tell(self, waiters: "list[asyncio.Future[None]]", error: BaseException | None) -> None:
        for waiter in waiters:
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(self._explain(error))

    # ---------------------------------------------------------------------------------------------------- on the thread

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            self._do(job)
            del job  # who waits keeps nothing alive
        self._database.close()

    def _do(self, job: _Job) -> None:
        job.error = self._failure
        if job.error is None:
            try:
                self._place.check()
                job.result = job.work.write(self._database)
            except BaseException as error:  # whatever it is, it is told to those who wait
                job.error = error
                if not self._recovers:
                    self._failure = error
        try:
            job.loop.call_soon_threadsafe(job.done, job)
        except RuntimeError as error:  # the loop was closed meanwhile, and with it all who waited
            self._failure = self._failure or error
        if job.work.afterwards is not None and self._failure is None:
            try:
                job.work.afterwards(self._database)
            except BaseException as error:  # told to the next who wants something
                self._failure = error


__all__ = ["Committer", "Work"]
