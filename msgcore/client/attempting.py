"""What a sender has in hand: the messages it has claimed, those that start or are out, and what came of them.

How this works: in each turn results are taken in, claims made, decisions asked for; :meth:`Attempting.commit` then
enters what came of the last messages and the attempts that are next, in one commit, and lets the new ones leave. What
is durable by then is in ``ended``, to be told.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from msgspec.structs import force_setattr

from msgcore.client.audience import Ended
from msgcore.client.carriers import Answer, Carriers, Job, result_of
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
    marked_tag,
    reason_of,
    wire_key,
)
from msgcore.errors import MessageError, MsgcoreError
from msgcore.transport import Clock, Outbox, Transport
from msgcore.wire import Accepted, Message, Request, Response

GATHER_SECONDS: Final = 0.005
"""How long the first free slot waits for others, so that they share a commit; it is over when the last one is free."""

# Looked up once: to ask an enum for a member costs as much as a call.
_WAITING: Final = SendState.WAITING
_ACCEPTED: Final = SendState.ACCEPTED


class _Ending(msgspec.Struct, frozen=True):
    """What an attempt came to, or a message without one."""

    number: int
    message: Message
    attempt: int
    state: SendState
    result: Accepted | MsgcoreError


class Attempting:
    """Attempts what an outbox holds, as its dispatcher decides.

    Args:
        outbox, transport, clock: where messages are, what moves them, and what everything goes by.
        write: makes the request of a message, with the tag that is to travel.
        dispatcher: decides, and gives back what is refused.
        books: what is kept in mind of attempts and of what was accepted.
        watch: is told of every attempt and outcome.
        follows: whether accepted messages are followed to their end.
        expire_after: do not send what has waited in the outbox for so many seconds.
        wake: is called when something has happened that a turn is for.
    """

    def __init__(
        self,
        outbox: Outbox,
        transport: Transport,
        clock: Clock,
        *,
        write: Callable[[Message, str], Request],
        dispatcher: Dispatcher,
        books: Books,
        watch: Watch,
        follows: bool,
        expire_after: float,
        wake: Callable[[], None],
    ) -> None:
        self.dispatcher = dispatcher
        """Another may take its place when nothing is out or claimed."""
        self._outbox = outbox
        self._clock = clock
        self._hold = holding(clock)
        self._gathers = isinstance(clock, SystemClock)
        self._write = write
        self._books = books
        self._watch = watch
        self._follows = follows
        self._expire_after = expire_after
        self._wake = wake
        self._carriers = Carriers(transport, self._note)
        self._claimed: dict[int, Entry] = {}
        self._starting: list[Job] = []
        self._out: dict[int, Job] = {}  # entered or about to be, and not settled
        self._results: list[tuple[int, Answer]] = []
        self._records: list[Outcome | Conclusion] = []
        self._outcomes: list[_Ending] = []  # told once the records above are durable
        self._is_dry = False  # the last claim brought less than was asked for
        self._has_high = False  # something of high priority was put since
        self._was_probing = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether something is out, or has come to something that is not entered."""
        return bool(self._out or self._records)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is under way, and nothing has come in since."""
        return not (self._out or self._records or self._results)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is claimed or about to start."""
        return not (self._claimed or self._starting)

    @property
    def has_to_commit(self) -> bool:
        """Whether this turn has come to anything."""
        return bool(self._records or self._starting)

    def expect_more(self, *, high: bool = False) -> None:
        """There may be more to claim than the last time, some of which goes first."""
        self._is_dry = False
        self._has_high = self._has_high or high

    def add_records(self, records: Sequence[Outcome | Conclusion]) -> None:
        """Enter these, too, with the next commit."""
        self._records += records

    def dismiss(self) -> None:
        """Let the tasks go that wait for something to send."""
        self._carriers.dismiss()

    def abandon(self) -> None:
        """Nothing can be entered any more: what is out is unknown to whoever begins next."""
        self._out.clear()

    # --------------------------------------------------------------------------------------------------------- a turn

    def take_results(self, now: float) -> None:
        """Settle what came in."""
        results, self._results = self._results, []
        dispatcher, out = self.dispatcher, self._out
        for number, answer in results:
            result = result_of(answer) if isinstance(answer, Response) else answer
            verdict = dispatcher.outcome(number, result, now)
            self._settle(out.pop(number), result, verdict.outcome_class, verdict.retry_at, now)
        if dispatcher.is_probing and not self._was_probing:
            self._watch.probing()
        self._was_probing = dispatcher.is_probing

    async def claim(self, now: float) -> None:
        """Claim as much as there is room for."""
        if self._has_high and self._claimed:  # what waits here must not hold back what goes first
            self.give_back()
        room = self.dispatcher.room
        if not room:
            return
        if self._is_dry and ((due := self._outbox.next_due()) is None or due > now):
            return
        self._has_high = False
        with self._hold():
            entries = await self._outbox.claim(room, now)
        self._is_dry = len(entries) < room
        offer, expire_after = self.dispatcher.offer, self._expire_after
        for entry in entries:
            number = entry.number
            try:
                offer(entry.message, ticket=number, attempts=entry.attempts, expires_at=entry.put_at + expire_after)
            except MessageError as error:
                self._reject(entry, error, SendState.REJECTED, now)
            else:
                self._claimed[number] = entry

    def decide(self, now: float) -> Wait:
        """Prepare what may start now; return until when nothing else may."""
        next_decision, claimed = self.dispatcher.next, self._claimed
        while True:
            decision = next_decision(now)
            if isinstance(decision, Send):
                self._prepare(claimed.pop(decision.ticket), now)
            elif isinstance(decision, Refuse):
                self._reject(claimed.pop(decision.ticket), decision.error, decision.state, now)
            else:
                return decision if isinstance(decision, Wait) else Wait(None)

    async def commit(self) -> None:
        """Make everything durable that this turn has come to, and let go what may leave then."""
        starting, self._starting = self._starting, []
        records, self._records = self._records, []
        now = self._clock.now()
        self._out |= {job.entry.number: job for job in starting}
        attempts = [Attempt(job.entry.number, job.attempt, now) for job in starting]
        entered: Sequence[bool] = ()
        with self._hold():
            if attempts and records:
                _, entered = await asyncio.gather(self._outbox.settle(records), self._outbox.attempt(attempts))
            elif attempts:
                entered = await self._outbox.attempt(attempts)
            else:
                await self._outbox.settle(records)
        self._let_go(starting, entered)

    def take_ended(self) -> list[Ended]:
        """Return what has come to its end and is durable by now, and tell those who watch."""
        outcomes, self._outcomes = self._outcomes, []
        sees_everything = self._watch.sees_everything
        for ending in outcomes:
            if sees_everything or ending.state is not _ACCEPTED:
                self._watch.outcome(ending.number, ending.message, ending.attempt, ending.state, ending.result)
        return [(ending.message, ending.result) for ending in outcomes if ending.state is not _WAITING]

    def give_back(self) -> None:
        """Give back the claims of what has not been attempted."""
        if self._claimed:
            for send in self.dispatcher.withdraw():
                self._claimed.pop(send.ticket, None)
                self._outbox.release([send.ticket])
            self._outbox.release(list(self._claimed))
            self._claimed.clear()
            self._is_dry = False

    # ------------------------------------------------------------------------------------------------------- its parts

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
        self._outcomes.append(_Ending(number, message, attempt, state, result))
        if state is _WAITING:
            self._is_dry = False

    def _prepare(self, entry: Entry, now: float) -> None:
        message, attempt, key = entry.message, entry.attempts + 1, wire_key(entry.key)
        try:
            request = self._write(message, marked_tag(message.tag, key, attempt))
        except MsgcoreError as error:
            self.dispatcher.cancel(entry.number)
            if isinstance(error, MessageError) and error.field == "applicationId":
                self._claimed[entry.number] = entry
                self.dispatcher.stop(error)  # the client lacks it, not the message: nothing is to be given up for that
            else:
                self._reject(entry, error, SendState.REJECTED, now)
            return
        self._starting.append(Job(entry, attempt, key, request))

    def _reject(self, entry: Entry, error: MsgcoreError, state: SendState, now: float) -> None:
        self._records.append(Outcome(entry.number, entry.attempts, state, now, reason=reason_of(error)))
        self._outcomes.append(_Ending(entry.number, entry.message, 0, state, error))

    def _let_go(self, starting: Sequence[Job], entered: Sequence[bool]) -> None:
        """Let those leave whose attempts are entered and not forbidden by now."""
        dispatcher, attempted, carry = self.dispatcher, self._books.attempted, self._carriers.carry
        now, is_stopped = self._clock.now(), dispatcher.stopped_by is not None
        sees_everything = self._watch.sees_everything
        for job, is_entered in zip(starting, entered, strict=True):
            number, message = job.entry.number, job.entry.message
            if not is_entered:  # a callback has proven an earlier attempt meanwhile
                del self._out[number]
                dispatcher.cancel(number)
            elif is_stopped or dispatcher.forbids(number, now):
                self._withdraw(job, now)  # while the disk was waited for
            else:
                attempted(number, job.attempt, job.key, message, now)
                if sees_everything:
                    self._watch.attempt(number, message, job.attempt)
                carry(job)

    def _withdraw(self, job: Job, now: float) -> None:
        """Take back an attempt that is entered and whose bytes have not left."""
        del self._out[job.entry.number]
        self.dispatcher.cancel(job.entry.number)
        outcome = Outcome(job.entry.number, job.attempt, SendState.WAITING, now, now, reason="withdrawn")
        self._records.append(outcome)
        self._is_dry = False
        self._wake()

    def _note(self, number: int, answer: Answer) -> None:
        """Take in what came of an attempt, for the next turn."""
        self._results.append((number, answer))
        if not self._gathers or len(self._results) >= len(self._out):
            self._wake()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._has_gathered)

    def _has_gathered(self) -> None:
        self._timer = None
        self._wake()


__all__ = ["Attempting"]
