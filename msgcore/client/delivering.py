"""Sends what an outbox holds: claims, enters each attempt before its bytes may leave, and what came of it after.

How this works: one task goes round. In each turn it takes the results that came in, claims as many messages as there
is room for, asks the dispatcher which of them go now, and has all of it written at once: what came of the last ones and
the attempts that are next share a commit. Only then do the new ones leave, each with a carrier (``carriers``), which
then adds to the list of results. So the disk is waited for once a turn, however many messages a turn has, and a turn
begins when all that was out is back, or a moment after the first: what a turn costs is shared by as many as can be.

What if the process dies? Before the commit nothing has left. After it, every attempt that may have left is entered and
none of its outcomes is: the next sender finds as many unknowns as were under way, and no more.

Whoever wants outcomes is of the ``audience``; nothing new starts while there is none. A message's outcome is told once
it is durable.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from msgcore.client.audience import Audience, Ended, Listener
from msgcore.client.carriers import Carriers, Job
from msgcore.client.clock import SystemClock, holding
from msgcore.client.watching import STATE_OF, Watch
from msgcore.delivery import (
    Attempt,
    Books,
    Conclusion,
    Dispatcher,
    Entry,
    Outcome,
    OutcomeClass,
    Refuse,
    Send,
    SendState,
    Wait,
    accepted_earlier,
    check_caller_tag,
    marked_tag,
    reason_of,
    wire_key,
)
from msgcore.errors import ClosedError, MessageError, MsgcoreError
from msgcore.transport import Clock, Outbox, Transport
from msgcore.wire import Accepted, Message, Request

GATHER_SECONDS: Final = 0.005
"""How long the first free slot waits for others, so that they share a commit; it is over when the last one is free."""

SHORTEST_NAP_SECONDS: Final = 0.005

SECONDS_BETWEEN_LOOKS: Final = 0.5
"""How often somebody who waits for ever looks for what other processes have put."""

# Looked up once: to ask an enum for a member costs as much as a call.
_WAITING: Final = SendState.WAITING
_ACCEPTED: Final = SendState.ACCEPTED


class _Told(msgspec.Struct, frozen=True):
    """An outcome that is told once it is durable."""

    number: int
    message: Message
    attempt: int
    state: SendState
    result: Accepted | MsgcoreError


class Delivering:
    """Sends from one outbox, for one client.

    Args:
        outbox, transport, clock: where messages are, what moves them, and what everything goes by.
        write: makes the request of a message, with the tag that is to travel.
        new_dispatcher: makes a dispatcher that gives back what is refused.
        books: what is kept in mind; shared with whoever follows the callbacks.
        watch: is told of everything.
        follows: whether accepted messages are followed to their end.
        resend_after: let unknown messages be sent again after so many seconds; ``None`` holds them.
        expire_after: do not send what has waited in the outbox for so many seconds.
    """

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        clock: Clock,
        *,
        write: Callable[[Message, str], Request],
        new_dispatcher: Callable[[], Dispatcher],
        books: Books,
        watch: Watch,
        follows: bool,
        resend_after: float | None,
        expire_after: float,
    ) -> None:
        self.outbox = outbox
        self._clock = clock
        self._hold = holding(clock)
        self._gathers = isinstance(clock, SystemClock)
        self._write = write
        self._new_dispatcher = new_dispatcher
        self._dispatcher = new_dispatcher()
        self._books = books
        self._watch = watch
        self._follows = follows
        self._resend_after = resend_after
        self._expire_after = expire_after
        self._audience = Audience()
        self._carriers = Carriers(transport, self._note)
        self._claimed: dict[int, Entry] = {}
        self._out: dict[int, Job] = {}  # entered or about to be, and not settled
        self._results: list[tuple[int, Accepted | MsgcoreError]] = []
        self._records: list[Outcome | Conclusion] = []
        self._starting: list[Job] = []
        self._outcomes: list[_Told] = []  # told once the records above are durable
        self._is_dry = False  # the last claim brought less than was asked for
        self._has_high = False  # something of high priority was put since
        self._was_probing = False
        self._is_held_up = False  # by a listener that does not read
        self._woken = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._settling: asyncio.Future[None] | None = None
        self._failure: BaseException | None = None
        self._is_closing = False
        self.on_accepted: Callable[[], None] | None = None
        """Called when messages were accepted: events about them may follow."""
        self.on_idle: Callable[[], None] | None = None
        """Called when nothing is left to be sent."""

    # ------------------------------------------------------------------------------------------------- for the client

    async def begin(self) -> None:
        """Become the outbox's dispatcher, and take in what it holds; once, however often it is called."""
        if self._beginning is None or (self._beginning.done() and self._beginning.exception() is not None):
            self._beginning = asyncio.ensure_future(self._begin())
        await asyncio.shield(self._beginning)

    async def put(self, messages: Sequence[Message]) -> int:
        """Make messages durable; return how many are new.

        Raises:
            MessageError: a tag leaves no room for ours.
            OutboxError, KeyConflictError: nothing is kept.
        """
        has_high = False
        for message in messages:
            check_caller_tag(message.tag)
            has_high = has_high or message.priority == "high"
        with self._hold():
            new = await self.outbox.put(messages, self._clock.now())
        if new:
            self._is_dry = False
            self._has_high = self._has_high or has_high
            self._audience.tell_of_more()
            self._woken.set()
        return new

    async def send(self, message: Message) -> Accepted:
        """Make a message durable, send it, and return what the provider answered."""
        if message.key is None:
            message = message.replace(key=secrets.token_urlsafe(12))
        assert message.key is not None
        await self.begin()
        with self._audience.waiting_for(message.key) as outcome:
            if not await self.put([message]) and not outcome.done():
                with self._hold():
                    [entry] = await self.outbox.find([message.key])
                if entry is not None and (accepted := accepted_earlier(entry)) is not None:
                    return accepted
            self._start()
            return await outcome

    async def listen(self, listener: Listener) -> None:
        """Go on until ``listener`` leaves: everything that comes to an end is told to it."""
        await self.begin()
        self._audience.add(listener)
        self._start()

    def leave(self, listener: Listener) -> None:
        """Tell nothing more to ``listener``; without any, nothing new starts."""
        self._audience.discard(listener)
        self._woken.set()

    async def settled(self) -> None:
        """Return once nothing is under way and everything that was is entered."""
        while (self._out or self._records) and self._failure is None:
            if self._settling is None:
                self._settling = asyncio.get_running_loop().create_future()
            self._woken.set()
            await asyncio.shield(self._settling)

    @property
    def is_busy(self) -> bool:
        """Whether something is under way, or somebody waits for it."""
        return bool(self._out or self._records) or self._audience.expects_something

    def read(self) -> None:
        """A listener has read its outcomes: if that was waited for, there is room for more."""
        if self._is_held_up:
            self._woken.set()

    def stop(self, error: MsgcoreError) -> None:
        """Start nothing more: whoever listens or waits for an outcome gets ``error``; what is under way is settled."""
        self._dispatcher.stop(error)
        self._woken.set()

    async def enter(self, records: Sequence[Outcome | Conclusion]) -> None:
        """Enter what callbacks or the search have told."""
        if records:
            await self.outbox.settle(records)
            self._woken.set()

    async def settle(self) -> None:
        """Start nothing more, and return once what is under way is entered."""
        self._is_closing = True
        if self._beginning is not None:
            await asyncio.gather(self._beginning, return_exceptions=True)
            self.stop(ClosedError("the client is closed", may_have_been_accepted=False))
            await self.settled()

    async def aclose(self) -> None:
        """Give the outbox up, once everything is settled. It is not closed: it is its owner's."""
        if self._beginning is None:
            return
        if self._running is not None:
            self._woken.set()
            await asyncio.gather(self._running, return_exceptions=True)
        self._carriers.dismiss()
        with self._hold():
            await self.outbox.end()

    # ------------------------------------------------------------------------------------------------------ the turns

    async def _begin(self) -> None:
        with self._hold():
            died_with = await self.outbox.begin(self._clock.now())
            async for entry in self.outbox.entries(SendState.UNKNOWN):
                self._books.restore(entry, self._clock.now())
        self._watch.begun(self.outbox.counts(), died_with)

    def _start(self) -> None:
        if self._failure is not None:
            raise self._failure
        if self._is_closing:
            raise ClosedError("the client is closed", may_have_been_accepted=False)
        if self._running is None or self._running.done():
            self._running = asyncio.get_running_loop().create_task(self._run(), name="msgcore-delivering")
            self._running.add_done_callback(self._has_run)
        self._woken.set()

    async def _run(self) -> None:
        try:
            while True:
                self._woken.clear()
                decision = await self._turn()
                if self._is_closing and not self._out and not self._records:
                    return
                await self._pause(decision)
        except Exception as error:  # the disk: nothing may leave that cannot be entered
            self._fail(error)

    def _has_run(self, running: "asyncio.Task[None]") -> None:
        if running.cancelled():  # with the whole loop: nobody enters anything any more
            self._fail(ClosedError("the sending was cancelled", may_have_been_accepted=True))

    async def _turn(self) -> Wait:
        now = self._clock.now()
        self._take_results(now)
        if self._resend_after is not None and self._books.resend_overdue(now, self._resend_after):
            self._records += self._books.take_records(now)
            self._is_dry = False
        if self._may_start:
            await self._refill(now)
        decision = self._decide(now) if self._may_start else Wait(None)
        if self._records or self._starting:
            await self._commit()
        self._tell()
        if not self._may_start and not self._starting:
            self._give_back()
        return decision

    @property
    def _may_start(self) -> bool:
        if self._dispatcher.stopped_by is not None or self._is_closing:
            return False
        return bool(self._audience) and self._audience.has_room

    def _take_results(self, now: float) -> None:
        results, self._results = self._results, []
        dispatcher, out = self._dispatcher, self._out
        for number, result in results:
            verdict = dispatcher.outcome(number, result, now)
            self._settle(out.pop(number), result, verdict.outcome_class, verdict.retry_at, now)
        if dispatcher.is_probing and not self._was_probing:
            self._watch.probing()
        self._was_probing = dispatcher.is_probing

    def _settle(
        self,
        job: Job,
        result: Accepted | MsgcoreError,
        outcome_class: OutcomeClass,
        retry_at: float | None,
        now: float,
    ) -> None:
        number, message, attempt = job.entry.number, job.entry.message, job.attempt
        state = STATE_OF[outcome_class]
        if isinstance(result, Accepted):
            self._books.answered(number, attempt)
            if self._follows:
                self._books.follow(number, result.id, message.to, now)
            force_setattr(result, "tag", message.tag)  # the caller's, not what travelled
            outcome = Outcome(number, attempt, state, now, 0.0, result.id, result.segment_count)
        else:
            if state is _ACCEPTED:
                self._books.unreadable(number)
            elif state is not SendState.UNKNOWN:
                self._books.answered(number, attempt)
            elif not self._books.unknown(number, attempt, now):
                return  # its callback was faster than the end of its wait, and is entered
            outcome = Outcome(number, attempt, state, now, retry_at or 0.0, reason=reason_of(result))
        self._records.append(outcome)
        self._outcomes.append(_Told(number, message, attempt, state, result))
        if state is _WAITING:
            self._is_dry = False

    async def _refill(self, now: float) -> None:
        if self._has_high and self._claimed:  # what waits here must not hold back what goes first
            self._give_back()
        room = self._dispatcher.room
        if not room:
            return
        if self._is_dry and ((due := self.outbox.next_due()) is None or due > now):
            return
        self._has_high = False
        with self._hold():
            entries = await self.outbox.claim(room, now)
        self._is_dry = len(entries) < room
        offer, expire_after = self._dispatcher.offer, self._expire_after
        for entry in entries:
            number = entry.number
            try:
                offer(entry.message, ticket=number, attempts=entry.attempts, expires_at=entry.put_at + expire_after)
            except MessageError as error:
                self._reject(entry, error, SendState.REJECTED, now)
            else:
                self._claimed[number] = entry

    def _decide(self, now: float) -> Wait:
        next_decision, claimed = self._dispatcher.next, self._claimed
        while True:
            decision = next_decision(now)
            if isinstance(decision, Send):
                self._prepare(claimed.pop(decision.ticket), now)
            elif isinstance(decision, Refuse):
                self._reject(claimed.pop(decision.ticket), decision.error, decision.state, now)
            else:
                return decision if isinstance(decision, Wait) else Wait(None)

    def _prepare(self, entry: Entry, now: float) -> None:
        message, attempt, key = entry.message, entry.attempts + 1, wire_key(entry.key)
        try:
            request = self._write(message, marked_tag(message.tag, key, attempt))
        except MsgcoreError as error:
            self._dispatcher.cancel(entry.number)
            if isinstance(error, MessageError) and error.field == "applicationId":
                self._claimed[entry.number] = entry
                self._dispatcher.stop(error)  # the client lacks it, not the message: nothing is to be given up for that
            else:
                self._reject(entry, error, SendState.REJECTED, now)
            return
        self._starting.append(Job(entry, attempt, key, request))

    def _reject(self, entry: Entry, error: MsgcoreError, state: SendState, now: float) -> None:
        self._records.append(Outcome(entry.number, entry.attempts, state, now, reason=reason_of(error)))
        self._outcomes.append(_Told(entry.number, entry.message, 0, state, error))

    async def _commit(self) -> None:
        """Make everything durable that this turn has come to, and let go what may leave then."""
        starting, self._starting = self._starting, []
        records, self._records = self._records, []
        now = self._clock.now()
        self._out |= {job.entry.number: job for job in starting}
        attempts = [Attempt(job.entry.number, job.attempt, now) for job in starting]
        entered: Sequence[bool] = ()
        with self._hold():
            if attempts and records:
                _, entered = await asyncio.gather(self.outbox.settle(records), self.outbox.attempt(attempts))
            elif attempts:
                entered = await self.outbox.attempt(attempts)
            else:
                await self.outbox.settle(records)
        now = self._clock.now()
        for job, is_entered in zip(starting, entered, strict=True):
            if not is_entered:  # a callback has proven an earlier attempt meanwhile
                del self._out[job.entry.number]
                self._dispatcher.cancel(job.entry.number)
            elif self._dispatcher.stopped_by is not None or _has_expired(job.entry.message, now):
                self._withdraw(job, now)  # while the disk was waited for
            else:
                self._leave(job, now)

    def _leave(self, job: Job, now: float) -> None:
        entry = job.entry
        self._books.attempted(entry.number, job.attempt, job.key, entry.message, now)
        if self._watch.sees_everything:
            self._watch.attempt(entry.number, entry.message, job.attempt)
        self._carriers.carry(job)

    def _withdraw(self, job: Job, now: float) -> None:
        """Take back an attempt that is entered and whose bytes have not left."""
        del self._out[job.entry.number]
        self._dispatcher.cancel(job.entry.number)
        outcome = Outcome(job.entry.number, job.attempt, SendState.WAITING, now, now, reason="withdrawn")
        self._records.append(outcome)
        self._is_dry = False
        self._woken.set()

    def _note(self, number: int, result: Accepted | MsgcoreError) -> None:
        """Take in what came of an attempt, for the next turn."""
        self._results.append((number, result))
        if not self._gathers or len(self._results) >= len(self._out):
            self._woken.set()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._woken.set()

    # --------------------------------------------------------------------------------------------------- what is told

    def _tell(self) -> None:
        """Tell what has ended, now that it is durable; and who asked for it, that the run has stopped or is idle."""
        outcomes, self._outcomes = self._outcomes, []
        self._watch_outcomes(outcomes)
        ended: list[Ended] = [(told.message, told.result) for told in outcomes if told.state is not _WAITING]
        if ended:
            if self._follows and self.on_accepted is not None:
                self.on_accepted()
            self._audience.tell(ended)
        if self._out or self._records or self._results:
            return
        self._has_settled()
        if (error := self._dispatcher.stopped_by) is not None:
            self._stop(error)
        elif not self._claimed and not self._starting and self._has_nothing_left():
            self._audience.tell_of_rest()
            if self.on_idle is not None:
                self.on_idle()

    def _watch_outcomes(self, outcomes: Sequence[_Told]) -> None:
        sees_everything = self._watch.sees_everything
        for told in outcomes:
            if sees_everything or told.state is not _ACCEPTED:
                self._watch.outcome(told.number, told.message, told.attempt, told.state, told.result)

    def _has_nothing_left(self) -> bool:
        if self.outbox.next_due() is not None:
            return False
        return self._resend_after is None or self._books.next_resend(self._resend_after) is None

    def _has_settled(self) -> None:
        if self._settling is not None:
            self._settling.set_result(None)
            self._settling = None

    def _stop(self, error: BaseException) -> None:
        """End what the run was for; another one may begin, with a dispatcher that has not been stopped."""
        self._give_back()
        if not self._is_closing:
            self._dispatcher = self._new_dispatcher()
        if self._audience:
            self._watch.stopped(error)
        self._audience.dismiss(error)

    def _fail(self, error: BaseException) -> None:
        """Stop for good: what is out can no longer be entered, and is unknown to whoever begins next."""
        self._failure = error
        self._out.clear()
        self._stop(error)
        self._has_settled()

    def _give_back(self) -> None:
        """Give back the claims of what has not been attempted."""
        if self._claimed:
            for send in self._dispatcher.withdraw():
                self._claimed.pop(send.ticket, None)
                self.outbox.release([send.ticket])
            self.outbox.release(list(self._claimed))
            self._claimed.clear()
            self._is_dry = False

    async def _pause(self, decision: Wait) -> None:
        """Wait until something has happened, or until it is time for something."""
        now = self._clock.now()
        until = decision.until
        self._is_held_up = not self._audience.has_room
        if self._may_start:
            for other in (
                self.outbox.next_due() if self._dispatcher.room else None,
                None if self._resend_after is None else self._books.next_resend(self._resend_after),
                now + SECONDS_BETWEEN_LOOKS if self._audience.stays_forever else None,
            ):
                if other is not None and (until is None or other < until):
                    until = other
        if self._woken.is_set():
            await asyncio.sleep(0)
            return
        if until is None:
            await self._woken.wait()
            return
        sleeper = asyncio.ensure_future(self._clock.sleep_until(max(until, now + SHORTEST_NAP_SECONDS)))
        sleeper.add_done_callback(self._time_has_come)
        try:
            await self._woken.wait()
            if sleeper.done():
                sleeper.result()
        finally:
            sleeper.cancel()

    def _time_has_come(self, sleeper: "asyncio.Future[None]") -> None:
        if not sleeper.cancelled():  # woken by something else meanwhile: no reason to wake once more
            self._woken.set()


def _has_expired(message: Message, now: float) -> bool:
    return message.expiration is not None and datetime.fromisoformat(message.expiration).timestamp() <= now


__all__ = ["Delivering"]
