"""Lets attempts leave, and notes what comes of them.

How this works: where the transport can call back, a job is submitted, and its answer noted as it comes, to be read by
whoever takes it in (:func:`result_of`). Everything else is exchanged by tasks. Each of those does one job after
another, as a new task costs more than to wake one that waits. What comes of a job is noted at once, whatever it is:
bytes of one that was handed over may have left, so a task that is cancelled notes that, too.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeGuard

import msgspec

from msgcore.client.answers import whole
from msgcore.delivery import Entry
from msgcore.errors import ClosedError, MsgcoreError
from msgcore.transport import SubmittingTransport, Transport
from msgcore.wire import Accepted, Request, Response, decode_send_response


class Job(msgspec.Struct, frozen=True, gc=False):
    """An attempt, and the request that makes it."""

    entry: Entry
    attempt: int
    key: str
    """As it stands in the tag."""
    request: Request


Answer = Response | Accepted | MsgcoreError
"""What comes of a job: an answer that is still to be read, what it says, or why there is none."""


class Carriers:
    """Exchanges jobs over a transport.

    Args:
        transport: what moves the octets.
        note: is told the number of a job's message and what came of it.
    """

    def __init__(self, transport: Transport, note: Callable[[int, Answer], None]) -> None:
        self._transport = transport
        self._submit = transport.submit if _submits(transport) else None
        self._note = note
        self._tasks: set[asyncio.Task[None]] = set()
        self._free: list[asyncio.Future[Job | None]] = []  # of those that wait for their next job

    def carry(self, job: Job) -> None:
        """Let ``job`` leave."""
        if self._submit is not None:
            number = job.entry.number
            try:
                if self._submit(job.request, partial(self._note, number)):
                    return
            except MsgcoreError as error:
                self._note(number, error)
                return
            except Exception as error:  # a transport that breaks its contract: bytes may have left
                self._note(number, _broken_off(error))
                return
        self._hand_over(job)

    def _hand_over(self, job: Job) -> None:
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
            result: Answer
            try:
                response = await exchange(job.request)
                if not isinstance(response.body, bytes):
                    response = await whole(response)
                result = result_of(response)
            except MsgcoreError as error:
                result = error
            except BaseException as error:
                # Cancelled, or a transport that breaks its contract: bytes may have left, so the outcome is unknown.
                result = _broken_off(error)
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


def _submits(transport: Transport) -> TypeGuard[SubmittingTransport]:
    """Tell whether a transport's ``submit`` does what its ``exchange`` does.

    Somebody who has put something of their own over ``exchange`` alone, in a subclass, on the object, or by a wrapper
    that hands every other name through, wants all messages to go that way. ``submit`` below it would go around it.
    """
    if "exchange" in getattr(transport, "__dict__", ()):
        return False
    for kind in type(transport).__mro__:
        if "submit" in vars(kind):
            return isinstance(transport, SubmittingTransport)
        if "exchange" in vars(kind):
            return False
    return False


def result_of(response: Response) -> Accepted | MsgcoreError:
    """Read what an answer says of a message."""
    try:
        return decode_send_response(response)
    except MsgcoreError as error:
        return error
    except Exception as error:  # a transport that breaks its contract: what it moved may have been accepted
        return _broken_off(error)


def _broken_off(error: BaseException) -> ClosedError:
    return ClosedError(f"the attempt broke off: {type(error).__name__}", may_have_been_accepted=True)


__all__ = ["Answer", "Carriers", "Job", "result_of"]
