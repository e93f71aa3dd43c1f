"""What an outbox keeps of a message besides the message: where it stands, and each attempt with what came of it.

How this works: a message in an outbox has a number, its place in the order of arrival, and a key, its identity. It is
*waiting* until an attempt is entered; from then on until the outcome is entered it is *attempting*, whatever happens to
the process. An attempt carries a number of its own, counted from 1 for each message: the fencing token. It is entered
only if the message is waiting and the number is the next one, so nobody enters it twice.

::

                    +-------------------- refused, withdrawn -------------------+
                    v                                                           |
    put --> waiting ----- attempt entered -----> attempting ----> accepted      |
              |  ^                                   |  |-------> rejected      |
              |  |                                   |  +-----------------------+
              |  +------- resend allowed ----- unknown --- its callback or the search found it ---> accepted
              +---> expired, suppressed

An *attempting* message whose process died is *unknown*: its bytes may have left. What becomes of an accepted message
is the ledger's to say, one state for each recipient; once they are all final the message is too, and its text goes.
"""

from enum import StrEnum
from typing import Final, NamedTuple, final

import msgspec

from msgcore.delivery.ledger import Delivery
from msgcore.wire.messages import Message


class SendState(StrEnum):
    """Where a message in an outbox stands."""

    WAITING = "waiting"
    """To be sent, perhaps again; certainly not with the provider."""
    ATTEMPTING = "attempting"
    """An attempt is entered and its outcome is not: the bytes may be under way."""
    UNKNOWN = "unknown"
    """Bytes may have arrived and no answer tells. Never sent again unless that is asked for."""
    ACCEPTED = "accepted"
    """The provider answered 202, or its callback proves it."""
    REJECTED = "rejected"
    """The provider will never take it, or a rule forbids it: final."""
    EXPIRED = "expired"
    """Its expiration passed before an attempt: final."""
    SUPPRESSED = "suppressed"
    """The recipient has opted out: final."""


FINAL_SEND_STATES: Final = frozenset({SendState.REJECTED, SendState.EXPIRED, SendState.SUPPRESSED})
"""Nothing more becomes of these. An accepted message is final when each of its recipients is."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A message as an outbox holds it."""

    number: int
    """Its place in the outbox, from 1, in the order of arrival."""
    key: str
    """Its identity: the caller's, or one that the outbox drew."""
    message: Message
    """What to send; a final message has lost its text and its media."""
    state: SendState
    attempts: int
    """How many attempts are entered, the open one included."""
    put_at: float
    due_at: float = 0.0
    """Not to be attempted before, after a refusal."""
    message_id: str | None = None
    """The provider's, once accepted."""
    reason: str | None = None
    """Why it is rejected, expired, suppressed, unknown or waiting again; holds neither text nor number."""
    since: float = 0.0
    """When it came to stand here: accepted, attempted, found unknown, or final."""
    segment_count: int | None = None
    """What the provider bills, where its answer said so."""
    deliveries: tuple[Delivery, ...] = ()
    """What became of each recipient, once all of them have their outcome."""

    @property
    def is_final(self) -> bool:
        """Whether nothing more becomes of it."""
        return bool(self.deliveries) or self.state in FINAL_SEND_STATES


@final
class Attempt(msgspec.Struct, frozen=True, gc=False):
    """Attempt ``attempt`` of a message is about to be made."""

    number: int
    attempt: int
    at: float


@final
class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What came of an attempt, or what became of a message without one."""

    number: int
    attempt: int
    """The attempt it is about; for a message that was never attempted, 0."""
    state: SendState
    """Waiting after a refusal, else where the message now stands."""
    at: float
    due_at: float = 0.0
    message_id: str | None = None
    segment_count: int | None = None
    reason: str | None = None


@final
class Conclusion(msgspec.Struct, frozen=True, gc=False):
    """Every recipient of an accepted message has its outcome: text and media go, the states stay."""

    number: int
    deliveries: tuple[Delivery, ...]
    at: float


class StoredEvent(NamedTuple):
    """One item of a callback as it is kept: raw, with its place in the order of arrival."""

    sequence: int
    raw: bytes
    received_at: float


class Arrival(StrEnum):
    """What became of an item of a callback in a store."""

    NEW = "new"
    """Kept, and not known before."""
    REPEATED = "repeated"
    """Kept already: the provider posts again whatever was not answered in time."""
    QUARANTINED = "quarantined"
    """Kept apart: it says too little to be recognised when it comes again, or to find its message by."""


class QuarantinedItem(NamedTuple):
    """An item of a callback that is no event, whole, and why it is none."""

    number: int
    raw: bytes
    problem: str
    received_at: float


class HandlerFailure(NamedTuple):
    """An event that a handler has failed on: to be tried again, or given up and a dead letter."""

    handler: str
    sequence: int
    attempts: int
    due_at: float | None
    """When it is tried again; a dead letter never is, unless somebody asks for it."""
    failed_at: float
    problem: str


class OutboxCounts(NamedTuple):
    """How many messages stand where; ``final`` are the accepted ones whose recipients all have their outcome."""

    waiting: int = 0
    attempting: int = 0
    unknown: int = 0
    accepted: int = 0
    final: int = 0
    rejected: int = 0
    expired: int = 0
    suppressed: int = 0

    @property
    def total(self) -> int:
        """How many messages there are."""
        return sum(self)


__all__ = [
    "FINAL_SEND_STATES",
    "Arrival",
    "Attempt",
    "Conclusion",
    "Entry",
    "HandlerFailure",
    "OutboxCounts",
    "Outcome",
    "QuarantinedItem",
    "SendState",
    "StoredEvent",
]
