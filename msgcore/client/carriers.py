"""The tasks that exchange requests. Each does one after another, as a new task costs more than to wake one that waits.

How this works: a job is handed to a carrier that waits, else a new one begins with it. What comes of it is noted at
once, whatever it is: bytes of a job that was handed over may have left, so a carrier that is cancelled notes that, too.
"""

import asyncio
from collections.abc import Callable

import msgspec

from msgcore.client.answers import whole
from msgcore.delivery import Entry
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.transport import Transport
from msgcore.wire import Accepted, Request, decode_send_response


class Job(msgspec.Struct, frozen=True, gc=False):
    """An attempt, and the request that makes it."""

    entry: Entry
    attempt: int
    key: str
    """As it stands in the tag."""
    request: Request


class Carriers:
    """Exchanges jobs over a transport.

    Args:
        transport: what moves the octets.
        note: is told the number of a job's message and what came of it.
    """

    def __init__(self, transport: Transport, note: Callable[[int, Accepted | MsgcoreError], None]) -> None:
        self._transport = transport
        self._note = note
        self._tasks: set[asyncio.Task[None]] = set()
        self._free: list[asyncio.Future[Job | None]] = []  # of those that wait for their next job

    def carry(self, job: Job) -> None:
        """Let ``job`` leave."""
        free = self._free
        while free:
            next_job = free.pop()
            if not next_job.done():  # else the carrier was cancelled, with the loop
                next_job.set_result(job)
                return
        task = asyncio.get_running_loop().create_task(self._carry(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def dismiss(self) -> None:
        """Let those who wait for a job go; no other comes."""
        for next_job in self._free:
            if not next_job.done():
                next_job.set_result(None)
        self._free.clear()

    async def _carry(self, job: Job | None) -> None:
        create_future, exchange, note = asyncio.get_running_loop().create_future, self._transport.exchange, self._note
        while job is not None:
            number = job.entry.number
            result: Accepted | MsgcoreError
            try:
                response = await exchange(job.request)
                if not isinstance(response.body, bytes):
                    response = await whole(response)
                result = decode_send_response(response)
            except MsgcoreError as error:
                result = error
            except BaseException as error:
                # Cancelled, or a transport that breaks its contract: bytes may have left, so the outcome is unknown.
                result = ClosedError(f"the attempt broke off: {type(error).__name__}", may_have_been_accepted=True)
                if not isinstance(error, Exception):
                    note(number, result)
                    raise
            note(number, result)
            del result  # who waits keeps nothing alive
            next_job: asyncio.Future[Job | None] = create_future()
            self._free.append(next_job)
            try:
                job = await next_job
            except asyncio.CancelledError:
                self._note_if_handed_over(next_job)
                raise

    def _note_if_handed_over(self, next_job: "asyncio.Future[Job | None]") -> None:
        """A carrier is cancelled; it may have been given a job at this very moment."""
        if not next_job.cancelled() and (lost := next_job.result()) is not None:
            error = ClosedError("the attempt was cancelled", may_have_been_accepted=True)
            self._note(lost.entry.number, error)


__all__ = ["Carriers", "Job"]
