"""What the provider keeps of a message: plain records, ready for a store, and none of them holds its text.

A message has one *leg* per recipient. A leg has a *plan*, the steps still to come in the order of their times; only the
first of them stands in the engine's heap. So the records of the messages are all there is to save. They are saved as
arrays, a third as long as with the names of their fields: a new field goes to the end, and has a default.
"""

from enum import IntEnum
from typing import TypeAlias

import msgspec

DELIVERED = 0
"""The code of an end that is no failure."""


class Action(IntEnum):
    """What a step of a plan does."""

    LEAVE = 0
    """The last segment is out: say so, and plan what the carrier will say."""
    ANNOUNCE = 1
    """Say late that it has left."""
    END = 2
    """Delivered or failed."""


Step: TypeAlias = tuple[float, int, int, float]
"""When it happens, the :class:`Action`, the delivery code, and the time the event shows."""


class Status(IntEnum):
    """The states that search shows, in its own words."""

    RECEIVED = 0
    QUEUED = 1
    SENDING = 2
    SENT = 3
    DELIVERED = 4
    FAILED = 5
    ACCEPTED = 6
    """Inbound: the application's server took it."""
    UNDELIVERED = 7
    """Inbound: it could not be handed over."""
    DLR_EXPIRED = 8
    """Not in the published list, but in published samples: 9902, where an account asks for it."""


class Leg(msgspec.Struct, array_like=True, gc=False):
    """The way to one recipient."""

    to: str
    status: int = Status.QUEUED
    code: int = DELIVERED
    plan: tuple[Step, ...] = ()
    left: float = 0.0  # when the last segment was out
    ended: float = 0.0  # when the last event came
    owed: int = 0  # segments of this leg that are not on the line yet, once its message has started
    kept: bool = False  # it goes out: the provider has found nothing against it


class Directive(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the caller wants to happen; ``None`` leaves it to the simulator. ``directives`` says what each means."""

    code: int | None = None
    delay: float | None = None
    late: float | None = None
    then: int | None = None
    copies: int | None = None
    order: str | None = None
    segments: int | None = None
    size: int | None = None


NO_DIRECTIVE = Directive()


class MessageRecord(msgspec.Struct, array_like=True, gc=False):
    """A message, from its 202 (or its arrival) on.

    ``details`` is what its callbacks carry, as JSON, with an empty text; once nothing more can come it is empty itself.
    """

    id: str
    created: float
    sender: str
    application_id: str
    number_class: str
    is_mms: bool
    high: bool
    segment_count: int  # of the text; a group has as many for each recipient
    text_length: int
    size: int
    media: tuple[str, ...]  # where they are, for as long as nobody has looked
    attachment_count: int
    expires_at: float
    directive: Directive
    details: bytes
    legs: tuple[Leg, ...]
    open_legs: int
    order: int = 0  # among all that came
    started: bool = False
    inbound: bool = False
    finished: float | None = None
    out_at: float = 0.0  # when the last segment that was put on the line is out: the line is busy until then

    @property
    def queued_segments(self) -> int:
        """How many segments it takes in the queue: a group counts once per recipient."""
        return self.segment_count * len(self.legs)
