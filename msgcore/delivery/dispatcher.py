"""What to send next, and what became of it: decisions as data, no I/O and no clock.

How this works: the caller offers messages while there is :attr:`Dispatcher.room`, asks :meth:`Dispatcher.next` what to
do, carries it out, and reports each result to :meth:`Dispatcher.outcome`, whose classes stand in ``outcomes.py``.

* **Order.** SMS and MMS do not wait for one another, as the provider queues them apart. Of each kind high priority goes
  first, then the oldest; no message passes another of its kind and priority for being smaller.
* **Pace.** A message goes when its segments fit the queue that the provider is believed to have (:class:`Pace`). An
  attempt counts from its start and goes on counting when its outcome is unknown; the answer's own segment count, a
  refusal and a full queue correct the belief.
* **Refusals.** What was certainly not sent is tried again after a back-off of its own. A full queue (429) and a
  connection that cannot be made say something about everybody: the run is held. So do answers of 500 and 503 once they
  come in three waves; a single one is one message's. What was out together is one wave.
* **Unknowns.** After ten in a row one message at a time is tried, as a probe and after a growing pause, until one is
  accepted: an outage costs few unknowns.
* **Before every attempt** a message whose expiration has passed, or whose recipient has opted out, is refused.
"""

import heapq
import math
from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from msgcore.delivery.outcomes import OutcomeClass, classify_outcome
from msgcore.delivery.records import SendState
from msgcore.delivery.suppression import SuppressionList, Suppressions
from msgcore.errors import MessageError, MsgcoreError, RateLimitedError, RecipientError, TransportError
from msgcore.planning import Pace, RetryPolicy, billed_segments
from msgcore.wire import Accepted, Message, MessageKind

UNKNOWNS_BEFORE_PROBING: Final = 10
WAVES_BEFORE_HOLDING: Final = 3

# Looked up once: to ask an enum for a member costs as much as a call.
_SMS: Final = MessageKind.SMS


class Send(msgspec.Struct, frozen=True, gc=False):  # one for each attempt: a dataclass costs six times as much
    """Send ``message`` now, once, and report the result under ``ticket``."""

    ticket: int
    message: Message


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can start before ``until``; ``None``: before a result comes in or another message is offered."""

    until: float | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not send ``message`` any more: ``error`` is its outcome, and ``state`` where an outbox keeps it."""

    ticket: int
    message: Message
    error: MsgcoreError
    state: SendState


@dataclass(frozen=True, slots=True)
class Done:
    """Every message offered has come to its end."""


class Verdict(NamedTuple):
    """What a result means for its message: final, or (``retry_at``) when it may be tried again."""

    outcome_class: OutcomeClass
    retry_at: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing more is attempted for the message."""
        return self.retry_at is None


_NUMBER: Final = attrgetter("number")
_VERDICTS: Final = {outcome_class: Verdict(outcome_class) for outcome_class in OutcomeClass}
_ACCEPTED: Final = _VERDICTS[OutcomeClass.ACCEPTED]


class _Ticket(msgspec.Struct, gc=False, eq=False):
    """A message on its way through the dispatcher."""

    number: int
    message: Message
    kind: MessageKind
    lane: int
    segments: int
    attempts: int
    expires_at: float
    ready_at: float = -math.inf  # when it may go, where it was found that it has to wait
    refused_since: float = math.inf
    sent_at: float = -math.inf


class Dispatcher:
    """Decides which message goes out when: pacing, priorities, bounded concurrency, back-off and probes.

    >>> from msgcore import Message
    >>> dispatcher = Dispatcher(max_in_flight=1)
    >>> dispatcher.offer(Message(to="+19195550123", from_="+19195550100", text="hello"))
    1
    >>> dispatcher.next(now=0.0)
    Send(ticket=1, message=Message(...))
    >>> dispatcher.next(now=0.0)
    Wait(until=None)

    Args:
        pacing: segments per second and queue depth; ``None`` sends as fast as answers come.
        retry: the back-off after refusals.
        random_fraction: a source of numbers in [0, 1) for the jitter.
        max_in_flight: how many messages may be out without an answer.
        suppressions: recipients who have opted out.
        keeps_refused: keep what is refused for now, and give it up when ``retry`` says so. Otherwise it is given back
            at once, to be offered again at the time the verdict names: an outbox keeps it, and never gives it up.
    """

    def __init__(
        self,
        *,
        pacing: Pace | None = None,
        retry: RetryPolicy | None = None,
        random_fraction: Callable[[], float] = lambda: 0.5,
        max_in_flight: int = 64,
        suppressions: Suppressions | None = None,
        keeps_refused: bool = True,
    ) -> None:
        if max_in_flight < 1:
            raise ValueError(f"max_in_flight must be at least 1, got {max_in_flight}")
        self._pacing = pacing
        self._retry = retry if retry is not None else RetryPolicy()
        self._random_fraction = random_fraction
        self._max_in_flight = max_in_flight
        self._suppressions = suppressions if suppressions is not None else SuppressionList()
        self._keeps_refused = keeps_refused
        self._lanes: tuple[deque[_Ticket], ...] = tuple(deque() for _ in range(4))
        self._queues = self._lanes[:2], self._lanes[2:]  # SMS, and MMS: each with a lane of high priority and another
        self._waiting = 0  # in the lanes
        self._resting: list[tuple[float, int, _Ticket]] = []  # refused, by the time of their next attempt
        self._out: dict[int, _Ticket] = {}
        self._last_ticket = 0
        self._open = True
        self._stopped_by: MsgcoreError | None = None
        self._held_until = -math.inf
        self._waves_in_a_row = 0
        self._wave_began_at = -math.inf
        self._unknowns_in_a_row = 0
        self._slots = max_in_flight  # one while it is probing
        self._probing_since = -math.inf
        self._probes = 0

    @property
    def room(self) -> int:
        """How many more messages would be looked at now: at most as many wait as there are free slots."""
        if not self._open or len(self._resting) >= self._max_in_flight:
            return 0
        return max(0, self._slots - len(self._out) - self._waiting)

    @property
    def wants_more(self) -> bool:
        """Whether another message would be looked at now, and none waits: input is pulled no sooner than that."""
        return not self._waiting and self.room > 0

    @property
    def in_flight(self) -> int:
        """How many messages are out without a result."""
        return len(self._out)

    @property
    def waiting(self) -> int:
        """How many messages were offered and are not out."""
        return self._waiting + len(self._resting)

    @property
    def stopped_by(self) -> MsgcoreError | None:
        """The error that stopped the run, if one did."""
        return self._stopped_by

    @property
    def is_probing(self) -> bool:
        """Whether so many outcomes in a row were unknown that one message at a time is tried."""
        return self._unknowns_in_a_row >= UNKNOWNS_BEFORE_PROBING

    def offer(
        self, message: Message, *, ticket: int | None = None, attempts: int = 0, expires_at: float = math.inf
    ) -> int:
        """Take in one more message and return its ticket: the caller's own number for it, or the next one.

        ``attempts`` is how many there were before, which the back-off goes on from. ``expires_at`` is when the message
        has waited too long here, beside its own expiration.

        Raises:
            MessageError: the provider's queue could never hold it.
        """
        if not self._open:
            raise ValueError("the dispatcher is closed: nothing more can be offered")
        if not isinstance(message, Message):
            raise TypeError(f"expected a Message, got {type(message).__name__}")
        kind, segments = message.kind, billed_segments(message)
        if self._pacing is not None:
            self._pacing.check(segments, kind)
        if ticket is None:
            ticket = self._last_ticket = self._last_ticket + 1
        if message.expiration is not None:
            expires_at = min(expires_at, _time_of(message.expiration))
        lane = (0 if kind is _SMS else 2) + (message.priority != "high")
        self._lanes[lane].append(_Ticket(ticket, message, kind, lane, segments, attempts, expires_at))
        self._waiting += 1
        return ticket

    def close(self) -> None:
        """No more messages will be offered."""
        self._open = False

    def stop(self, error: MsgcoreError) -> None:
        """Attempt nothing more because of ``error``; what is out may still come in, what waits can be withdrawn."""
        if self._stopped_by is None:
            self._stopped_by = error
        self._open = False

    def next(self, now: float) -> Send | Refuse | Wait | Done:
        """Say what to do at ``now``; ask again after it, after a result, and at the time a Wait names."""
        if self._resting:
            self._wake_the_rested(now)
        if self._stopped_by is not None or not (self._waiting or self._resting):
            finished = not self._open and not self._out
            return Done() if finished else Wait(None)
        if len(self._out) >= self._slots:
            return Wait(None)
        ask_again_at = self._resting[0][0] if self._resting else math.inf
        for high, low in self._queues:
            lane = high or low
            if not lane:
                continue
            ticket = lane[0]
            decision = self._decide(ticket, now)
            if decision is not None:
                lane.popleft()
                self._waiting -= 1
                return decision
            ask_again_at = min(ask_again_at, ticket.ready_at, ticket.expires_at)
        return Wait(ask_again_at)

    def outcome(self, ticket: int, result: Accepted | MsgcoreError, now: float) -> Verdict:
        """Take in the result of a Send, and say what it means."""
        taken = self._out.pop(ticket)
        if isinstance(result, Accepted):
            self._note_acceptance()
            if result.segment_count is not None:
                self._correct_pacing(taken, result.segment_count * len(result.to))
            return _ACCEPTED
        outcome_class = classify_outcome(result)
        if outcome_class is OutcomeClass.REFUSED:
            return self._refused(taken, result, now)
        if outcome_class is OutcomeClass.ACCEPTED:
            self._note_acceptance()  # how many segments it had is not known
            return _ACCEPTED
        self._waves_in_a_row = 0
        if outcome_class is OutcomeClass.UNKNOWN:
            self._note_unknown(taken, now)
        else:
            self._correct_pacing(taken, 0)
        if outcome_class is OutcomeClass.STOPPED:
            self.stop(result)
        return _VERDICTS[outcome_class]

    def cancel(self, ticket: int) -> None:
        """Take back a Send that was not carried out."""
        taken = self._out.pop(ticket)
        self._correct_pacing(taken, 0)

    def forbids(self, ticket: int, now: float) -> bool:
        """Tell of a Send that is not carried out yet whether it must not be: it has expired, or an opt-out has come.

        For whoever has waited for something in between. It can be cancelled and offered again, and is refused then.
        """
        taken = self._out[ticket]
        message = taken.message
        return taken.expires_at <= now or self._suppressions.suppressed(message.from_, message.to) is not None

    def withdraw(self) -> list[Send]:
        """Take back, oldest first, the messages that were offered and are not out."""
        tickets = [ticket for lane in self._lanes for ticket in lane] + [ticket for _, _, ticket in self._resting]
        for lane in self._lanes:
            lane.clear()
        self._resting.clear()
        self._waiting = 0
        return [Send(ticket.number, ticket.message) for ticket in sorted(tickets, key=lambda each: each.number)]

    # --------------------------------------------------------------------------------------------- before an attempt

    def _decide(self, ticket: _Ticket, now: float) -> Send | Refuse | None:
        """Send a message or refuse it, or enter when it may go."""
        message = ticket.message
        if ticket.expires_at <= now:
            reason = f"{message.expiration or 'its time to wait'} has passed before the message could be sent"
            return Refuse(ticket.number, message, MessageError("expiration", reason), SendState.EXPIRED)
        if recipient := self._suppressions.suppressed(message.from_, message.to):
            error = RecipientError(recipient, "has opted out")
            return Refuse(ticket.number, message, error, SendState.SUPPRESSED)
        ready_at = self._held_until
        if ready_at <= now and self._pacing is not None:
            ready_at = self._pacing.ready_at(ticket.segments, ticket.kind, now)
        if ready_at > now:
            ticket.ready_at = ready_at
            return None
        if self._pacing is not None:
            self._pacing.take(ticket.segments, ticket.kind, now, sender=message.from_)
        ticket.sent_at = now
        self._out[ticket.number] = ticket
        return Send(ticket.number, message)

    def _wake_the_rested(self, now: float) -> None:
        """Put what has rested back into its lane, before whatever is younger."""
        while self._resting and self._resting[0][0] <= now:
            _, _, ticket = heapq.heappop(self._resting)
            insort(self._lanes[ticket.lane], ticket, key=_NUMBER)
            self._waiting += 1

    # ---------------------------------------------------------------------------------------------- after an attempt

    def _refused(self, ticket: _Ticket, error: MsgcoreError, now: float) -> Verdict:
        ticket.attempts += 1
        queue_is_full = isinstance(error, RateLimitedError)
        self._correct_pacing(ticket, 0)
        if self._pacing is not None and queue_is_full:
            self._pacing.refused(ticket.kind, now)
        is_new_wave = ticket.sent_at >= self._wave_began_at
        if is_new_wave:
            self._wave_began_at = now
            self._waves_in_a_row += 1
        # A full queue drains by itself, so it is waited for, if not for ever; all else is given up after some attempts.
        ticket.refused_since = min(ticket.refused_since, now)
        too_often = not queue_is_full and ticket.attempts >= self._retry.max_attempts
        if self._keeps_refused and (too_often or now - ticket.refused_since >= self._retry.give_up_after_seconds):
            return _VERDICTS[OutcomeClass.REFUSED]
        said = (error.retry_after_seconds if isinstance(error, RateLimitedError) else None) or 0.0
        said = min(said, self._retry.give_up_after_seconds)  # nobody waits for years
        concerns_all = (
            queue_is_full or isinstance(error, TransportError) or self._waves_in_a_row >= WAVES_BEFORE_HOLDING
        )
        # A wave may begin with what concerns one message, or last longer than the run was held for it.
        is_held_for_it = not is_new_wave and self._held_until > now
        if concerns_all and (said or not is_held_for_it):
            delay = self._retry.delay(max(1, self._waves_in_a_row), self._random_fraction(), retry_after_seconds=said)
            self._held_until = max(self._held_until, now + delay)
        if concerns_all:
            retry_at = self._held_until
        else:
            retry_at = now + self._retry.delay(max(1, ticket.attempts), self._random_fraction())
        if self._keeps_refused:
            heapq.heappush(self._resting, (min(retry_at, ticket.expires_at), ticket.number, ticket))
        return Verdict(OutcomeClass.REFUSED, retry_at)

    def _correct_pacing(self, ticket: _Ticket, segments: int) -> None:
        """Count as many segments for a message as it turns out to have had in the queue."""
        if self._pacing is not None and segments != ticket.segments:
            self._pacing.correct(segments - ticket.segments, ticket.kind, sender=ticket.message.from_)

    def _note_acceptance(self) -> None:
        self._waves_in_a_row = self._unknowns_in_a_row = 0
        self._slots = self._max_in_flight

    def _note_unknown(self, ticket: _Ticket, now: float) -> None:
        self._unknowns_in_a_row += 1
        if self._unknowns_in_a_row == UNKNOWNS_BEFORE_PROBING:
            self._slots, self._probing_since, self._probes = 1, now, 1
        elif self.is_probing and ticket.sent_at >= self._probing_since:
            self._probes += 1
        else:
            return  # it was out already: that says nothing about how long this lasts, and must not make the pause grow
        self._held_until = max(self._held_until, now + self._retry.delay(self._probes, self._random_fraction()))


def _time_of(expiration: str) -> float:
    return datetime.fromisoformat(expiration).timestamp()


__all__ = ["Dispatcher", "Done", "Refuse", "Send", "Verdict", "Wait"]
