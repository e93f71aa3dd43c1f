"""What to send next, and what became of it: decisions as data, no I/O and no clock.

How this works: the caller offers messages while :attr:`Dispatcher.wants_more`, asks :meth:`Dispatcher.next` what to do,
carries it out, and reports each result to :meth:`Dispatcher.outcome`. A result falls into one of five classes:

========== ================================================================= =====================================
accepted   202                                                               final
rejected   400, 413: this message is wrong                                   final
stopped    3xx, 401, 403-407, 415, closed: the account or the client is wrong nothing more is attempted
refused    429, 503, 500 with the provider's body, no connection             not sent; tried again after a back-off
unknown    bytes may have arrived: time-out, reset, 408, other 5xx, other 2xx  never blindly sent again
========== ================================================================= =====================================

Every other 4xx counts as *stopped* too: better a run that stands than a campaign of errors nobody foresaw. A refusal
says something about the account, not about the one message, so the back-off holds everything. After ten unknowns in a
row one message at a time is tried, as a probe and after a growing pause, until one is accepted: an outage costs few
unknowns. A message whose expiration has passed before an attempt is refused, never sent.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgcore.errors import (
    ClosedError,
    MessageError,
    MsgcoreError,
    RateLimitedError,
    RejectedError,
    ResponseError,
    TransportError,
)
from msgcore.planning import Pacing, RetryPolicy, billed_segments
from msgcore.wire import Accepted, Message

UNKNOWNS_BEFORE_PROBING = 10


class OutcomeClass(StrEnum):
    """What a result of one attempt means for its message and for the run."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STOPPED = "stopped"
    REFUSED = "refused"
    UNKNOWN = "unknown"


def classify_outcome(result: Accepted | MsgcoreError) -> OutcomeClass:
    """Tell what the result of an attempt means.

    >>> classify_outcome(RateLimitedError(429, "max-message-queue-size-exceeded", "the queue is full"))
    <OutcomeClass.REFUSED: 'refused'>
    """
    match result:
        case Accepted():
            return OutcomeClass.ACCEPTED
        case RejectedError(status=status):
            return _classify_status(status)
        case ResponseError(status=202):
            return OutcomeClass.ACCEPTED  # the message is on its way, only its answer cannot be read
        case ResponseError(status=status) if status is not None and 300 <= status < 400:
            return OutcomeClass.STOPPED
        case ClosedError(may_have_been_accepted=False):
            return OutcomeClass.STOPPED  # the transport itself is closed: no later attempt can fare better
        case TransportError(may_have_been_accepted=False):
            return OutcomeClass.REFUSED
        case TransportError() | ResponseError():
            return OutcomeClass.UNKNOWN
        case _:
            return OutcomeClass.REJECTED  # a local error: the message never became a request


def _classify_status(status: int) -> OutcomeClass:
    if status in (400, 413):
        return OutcomeClass.REJECTED
    if status in (429, 500, 503):
        return OutcomeClass.REFUSED
    if status == 408 or status >= 500:
        return OutcomeClass.UNKNOWN
    return OutcomeClass.STOPPED


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``message`` now, once, and report the result under ``ticket``."""

    ticket: int
    message: Message


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing can start before ``until``; ``None``: before a result comes in or another message is offered."""

    until: float | None


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not send ``message`` any more: ``error`` is its outcome."""

    message: Message
    error: MsgcoreError


@dataclass(frozen=True, slots=True)
class Done:
    """Every message offered has come to its end."""


@dataclass(slots=True)
class _Ticket:
    message: Message
    segments: int
    expires_at: float = math.inf
    attempts: int = 0
    refused_since: float = math.inf


class Dispatcher:
    """Decides which message goes out when: pacing, bounded concurrency, back-off and probes.

    >>> from msgcore import Message
    >>> dispatcher = Dispatcher(max_in_flight=1)
    >>> dispatcher.offer(Message(to="+19195550123", from_="+19195550100", text="hello"))
    >>> dispatcher.next(now=0.0)
    Send(ticket=1, message=Message(...))
    >>> dispatcher.next(now=0.0)
    Wait(until=None)

    Args:
        pacing: segments per second and queue depth; ``None`` sends as fast as answers come.
        retry: the back-off after refusals.
        random_fraction: a source of numbers in [0, 1) for the jitter.
        max_in_flight: how many messages may be out without an answer.
    """

    def __init__(
        self,
        *,
        pacing: Pacing | None = None,
        retry: RetryPolicy | None = None,
        random_fraction: Callable[[], float] = lambda: 0.5,
        max_in_flight: int = 64,
    ) -> None:
        if max_in_flight < 1:
            raise ValueError(f"max_in_flight must be at least 1, got {max_in_flight}")
        self._pacing = pacing
        self._retry = retry if retry is not None else RetryPolicy()
        self._random_fraction = random_fraction
        self._max_in_flight = max_in_flight
        self._waiting: deque[int] = deque()
        self._tickets: dict[int, _Ticket] = {}
        self._in_flight: set[int] = set()
        self._last_ticket = 0
        self._open = True
        self._stopped_by: MsgcoreError | None = None
        self._held_until = float("-inf")
        self._refusals_in_a_row = 0
        self._unknowns_in_a_row = 0

    @property
    def wants_more(self) -> bool:
        """Whether another message would be looked at now; at most one waits, so input is pulled no sooner."""
        return self._open and not self._waiting and self._has_free_slot

    @property
    def in_flight(self) -> int:
        """How many messages are out without a result."""
        return len(self._in_flight)

    @property
    def stopped_by(self) -> MsgcoreError | None:
        """The error that stopped the run, if one did."""
        return self._stopped_by

    @property
    def _has_free_slot(self) -> bool:
        probing = self._unknowns_in_a_row >= UNKNOWNS_BEFORE_PROBING
        return len(self._in_flight) < (1 if probing else self._max_in_flight)

    def offer(self, message: Message) -> None:
        """Take in one more message."""
        if not self._open:
            raise ValueError("the dispatcher is closed: nothing more can be offered")
        if not isinstance(message, Message):
            raise TypeError(f"expected a Message, got {type(message).__name__}")
        segments = billed_segments(message)
        if self._pacing is not None:
            self._pacing.check(segments, message.kind)
        self._last_ticket += 1
        self._tickets[self._last_ticket] = _Ticket(message, segments, _expires_at(message))
        self._waiting.append(self._last_ticket)

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
        if self._stopped_by is not None or not self._waiting:
            finished = not self._open and not self._in_flight
            return Done() if finished else Wait(None)
        if not self._has_free_slot:
            return Wait(None)
        number = self._waiting[0]
        ticket = self._tickets[number]
        if ticket.expires_at <= now:
            self._waiting.popleft()
            del self._tickets[number]
            reason = f"{ticket.message.expiration} has passed before the message could be sent"
            return Refuse(ticket.message, MessageError("expiration", reason))
        ready_at = self._ready_at(ticket, now)
        if ready_at > now:
            return Wait(min(ready_at, ticket.expires_at))
        self._waiting.popleft()
        if self._pacing is not None:
            self._pacing.take(ticket.segments, ticket.message.kind, now)
        ticket.attempts += 1
        self._in_flight.add(number)
        return Send(number, ticket.message)

    def outcome(self, ticket: int, result: Accepted | MsgcoreError, now: float) -> bool:
        """Take in the result of a Send; True when it is final, False when the message will be tried again."""
        self._in_flight.remove(ticket)
        outcome_class = classify_outcome(result)
        if outcome_class is OutcomeClass.REFUSED:
            return self._refused(ticket, result, now)
        self._refusals_in_a_row = 0
        if outcome_class is OutcomeClass.ACCEPTED:
            self._unknowns_in_a_row = 0
        elif outcome_class is OutcomeClass.UNKNOWN:
            self._note_unknown(now)
        elif outcome_class is OutcomeClass.STOPPED:
            assert isinstance(result, MsgcoreError)
            self.stop(result)
        self._correct_pacing(self._tickets.pop(ticket), result, outcome_class)
        return True

    def cancel(self, ticket: int) -> None:
        """Take back a Send that was not carried out."""
        self._in_flight.remove(ticket)
        del self._tickets[ticket]

    def withdraw(self) -> list[Message]:
        """Take back, oldest first, the messages that were offered and are not out."""
        withdrawn = [self._tickets.pop(number).message for number in self._waiting]
        self._waiting.clear()
        return withdrawn

    def _ready_at(self, ticket: _Ticket, now: float) -> float:
        if self._pacing is None:
            return self._held_until
        return max(self._held_until, self._pacing.ready_at(ticket.segments, ticket.message.kind, now))

    def _refused(self, number: int, result: Accepted | MsgcoreError, now: float) -> bool:
        ticket = self._tickets[number]
        self._refusals_in_a_row += 1
        queue_is_full = isinstance(result, RateLimitedError)
        if self._pacing is not None:
            self._pacing.correct(-ticket.segments, ticket.message.kind)
            if queue_is_full:
                self._pacing.refused(ticket.message.kind, now)
        # A full queue drains by itself, so it is waited for, if not for ever; all else is given up after some attempts.
        ticket.refused_since = min(ticket.refused_since, now)
        too_often = not queue_is_full and ticket.attempts >= self._retry.max_attempts
        if too_often or now - ticket.refused_since >= self._retry.give_up_after_seconds:
            del self._tickets[number]
            return True
        said = (result.retry_after_seconds if isinstance(result, RateLimitedError) else None) or 0.0
        said = min(said, self._retry.give_up_after_seconds)  # nobody waits for years
        delay = self._retry.delay(self._refusals_in_a_row, self._random_fraction(), retry_after_seconds=said)
        self._held_until = max(self._held_until, now + delay)
        self._waiting.appendleft(number)
        return False

    def _correct_pacing(self, ticket: _Ticket, result: Accepted | MsgcoreError, outcome_class: OutcomeClass) -> None:
        if self._pacing is None:
            return
        if outcome_class in (OutcomeClass.REJECTED, OutcomeClass.STOPPED):
            self._pacing.correct(-ticket.segments, ticket.message.kind)
        elif isinstance(result, Accepted):
            billed = result.segment_count * len(result.to) if result.segment_count is not None else ticket.segments
            self._pacing.correct(billed - ticket.segments, ticket.message.kind)

    def _note_unknown(self, now: float) -> None:
        self._unknowns_in_a_row += 1
        probes = self._unknowns_in_a_row - UNKNOWNS_BEFORE_PROBING + 1
        if probes > 0:
            self._held_until = max(self._held_until, now + self._retry.delay(probes, self._random_fraction()))


def _expires_at(message: Message) -> float:
    return math.inf if message.expiration is None else datetime.fromisoformat(message.expiration).timestamp()


__all__ = ["Dispatcher", "Done", "OutcomeClass", "Refuse", "Send", "Wait", "classify_outcome"]
