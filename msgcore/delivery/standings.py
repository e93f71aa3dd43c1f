"""What may follow what: where a message stands, and where a record leads it. Every outbox decides by this.

How this works: a :class:`Standing` is all that changes about a message. :func:`follow` takes one and a record, and
returns the next, or ``None`` where the record cannot follow: it came too late, twice, or for another attempt. So an
outbox keeps standings, in whatever way it can make them durable, and has no rules of its own.

============ ============================================= ========================================================
record       follows from                                  leads to
============ ============================================= ========================================================
an attempt   waiting, if its number is the next            attempting
waiting      attempting or unknown, if of the last attempt waiting, until ``due_at``
unknown      attempting, if of the last attempt            unknown
rejected     waiting or attempting, if of the last attempt rejected
expired,     waiting, if of the last attempt               expired, suppressed
suppressed
accepted     all but a concluded one, if of any attempt    accepted; the first id that is known stays the message's
conclusion   accepted, if it tells of any recipient        the same, final; a later one corrects the deliveries
============ ============================================= ========================================================
"""

from enum import IntEnum
from typing import Final

import msgspec

from msgcore.delivery.ledger import Delivery
from msgcore.delivery.records import FINAL_SEND_STATES, Attempt, Conclusion, OutboxCounts, Outcome, SendState


class Count(IntEnum):
    """The places of :class:`OutboxCounts`: one more than there are states, as accepted messages become final."""

    WAITING = 0
    ATTEMPTING = 1
    UNKNOWN = 2
    ACCEPTED = 3
    FINAL = 4
    REJECTED = 5
    EXPIRED = 6
    SUPPRESSED = 7


# Looked up once: to ask an enum for a member costs as much as a call.
_WAITING: Final = SendState.WAITING
_ATTEMPTING: Final = SendState.ATTEMPTING
_ACCEPTED: Final = SendState.ACCEPTED


class Standing(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Where a message stands: what changes about it, and all of that."""

    state: SendState = _WAITING
    attempts: int = 0
    since: float = 0.0
    due_at: float = 0.0
    message_id: str | None = None
    segment_count: int | None = None
    reason: str | None = None
    deliveries: tuple[Delivery, ...] = ()
    other_ids: tuple[str, ...] = ()
    """Further ids that it was accepted under: it was sent more than once."""
    is_erased: bool = False
    """Whether its content has to be gone. That stays, should a final message prove to be accepted after all."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of it."""
        return bool(self.deliveries) or self.state in FINAL_SEND_STATES

    @property
    def count(self) -> Count:
        """Where it is counted."""
        return Count.FINAL if self.deliveries else _COUNT_OF[self.state]

    @property
    def message_ids(self) -> tuple[str, ...]:
        """Every id that it was accepted under."""
        return () if self.message_id is None else (self.message_id, *self.other_ids)


NEW: Final = Standing()
"""How every message begins."""

_COUNT_OF: Final = {state: Count[state.name] for state in SendState}
assert tuple(place.name.lower() for place in Count) == OutboxCounts._fields


def follow(standing: Standing, record: Attempt | Outcome | Conclusion) -> Standing | None:
    """Return where ``record`` leads a message that stands at ``standing``; ``None``: it cannot follow.

    >>> attempting = follow(NEW, Attempt(number=1, attempt=1, at=5.0))
    >>> follow(attempting, Outcome(1, 1, SendState.ACCEPTED, at=6.0, message_id="m-1")).state
    <SendState.ACCEPTED: 'accepted'>
    >>> follow(attempting, Attempt(number=1, attempt=1, at=5.0)) is None
    True
    """
    # The classes are final, and this is asked twice for every message: isinstance() costs several times as much.
    if type(record) is Attempt:
        if standing.state is not _WAITING or record.attempt != standing.attempts + 1:
            return None
        return Standing(_ATTEMPTING, record.attempt, record.at)
    if type(record) is Conclusion:
        return _follow_conclusion(standing, record)
    if record.state is _ACCEPTED:
        return _follow_acceptance(standing, record)
    return _follow_outcome(standing, record)


_BEFORE: Final = {
    SendState.WAITING: (SendState.ATTEMPTING, SendState.UNKNOWN),
    SendState.ATTEMPTING: (),  # an attempt leads there, never an outcome
    SendState.UNKNOWN: (SendState.ATTEMPTING,),
    SendState.REJECTED: (SendState.WAITING, SendState.ATTEMPTING),
    SendState.EXPIRED: (SendState.WAITING,),
    SendState.SUPPRESSED: (SendState.WAITING,),
}


def _follow_outcome(standing: Standing, outcome: Outcome) -> Standing | None:
    state = outcome.state
    if outcome.attempt != standing.attempts or standing.state not in _BEFORE[state]:
        return None
    due_at = outcome.due_at if state is _WAITING else 0.0
    is_erased = standing.is_erased or state in FINAL_SEND_STATES
    return Standing(state, standing.attempts, outcome.at, due_at, reason=outcome.reason, is_erased=is_erased)


def _follow_acceptance(standing: Standing, outcome: Outcome) -> Standing | None:
    if not 1 <= outcome.attempt <= standing.attempts or standing.deliveries:
        return None
    id, segment_count = outcome.message_id, outcome.segment_count
    if standing.state is not _ACCEPTED:
        return Standing(
            _ACCEPTED,
            standing.attempts,
            outcome.at,
            0.0,
            id,
            segment_count,
            outcome.reason,
            is_erased=standing.is_erased,
        )
    if id is None or id in standing.message_ids:
        return None
    if standing.message_id is None:  # its 202 could not be read, and a callback brought the id
        segment_count = standing.segment_count if segment_count is None else segment_count
        return msgspec.structs.replace(standing, message_id=id, segment_count=segment_count)
    return msgspec.structs.replace(standing, other_ids=(*standing.other_ids, id))


def _follow_conclusion(standing: Standing, conclusion: Conclusion) -> Standing | None:
    if standing.state is not _ACCEPTED or conclusion.deliveries in ((), standing.deliveries):
        return None
    since = standing.since if standing.deliveries else conclusion.at  # what is purged by age stays as old as it is
    return msgspec.structs.replace(standing, deliveries=tuple(conclusion.deliveries), since=since, is_erased=True)


__all__ = ["NEW", "Count", "Standing", "follow"]
