"""One line about a message: what a list shows of it."""

from typing import Final

import msgspec

from transports.simulator.course.records import MessageRecord, Status
from transports.simulator.engine import Engine
from transports.simulator.service.watching.filters import kind_of, tag_of

PREVIEW_CHARACTERS: Final = 120

_NAMES: Final = {status.value: status.name.lower() for status in Status}
_FAILURES: Final = (Status.FAILED, Status.DLR_EXPIRED, Status.UNDELIVERED)


class Summary(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A message in a list. ``text`` is its beginning, ``None`` where it is not remembered (any more).

    ``state`` is that of the recipient who has got least far; once all have their end, a failure if there was one.
    """

    id: str
    created: float
    order: int
    inbound: bool
    kind: str
    from_: str
    to: tuple[str, ...]
    segment_count: int
    state: str
    code: int
    high: bool
    tag: str | None
    text: str | None
    attachment_count: int


def summary_of(message: MessageRecord, engine: Engine) -> Summary:
    """Return the line about a message."""
    inspected = engine.inspector.get(message.id)
    return Summary(
        id=message.id,
        created=message.created,
        order=message.order,
        inbound=message.inbound,
        kind=kind_of(message, inspected),
        from_=message.sender,
        to=tuple(leg.to for leg in message.legs) if inspected is None else inspected.to,
        segment_count=message.queued_segments,
        state=state_of(message),
        code=next((leg.code for leg in message.legs if leg.ended and leg.code), 0),
        high=message.high,
        tag=tag_of(message, inspected),
        text=None if inspected is None else inspected.text[:PREVIEW_CHARACTERS],
        attachment_count=message.attachment_count,
    )


def state_of(message: MessageRecord) -> str:
    """Return the state of a whole message."""
    under_way = [leg.status for leg in message.legs if not leg.ended]
    if under_way:
        return _NAMES[min(under_way)]
    failed = [leg.status for leg in message.legs if leg.status in _FAILURES]
    return _NAMES[failed[0] if failed else message.legs[0].status]


def status_name(status: int) -> str:
    """Return the name of a state, as lists and filters have it."""
    return _NAMES[status]
