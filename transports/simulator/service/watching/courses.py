"""The way of one message: what has happened to it, when, and to whom it was told."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import msgspec

from msgcore.wire.codes import delivery_code
from transports.simulator.callbacks.schedule import Delivery
from transports.simulator.course.records import DELIVERED, Leg, MessageRecord
from transports.simulator.provider import Tenant
from transports.simulator.service.watching.summaries import status_name

_OUT: Final = {"message-sent": "sent", "message-sending": "sent"}
_ENDS: Final = {"message-delivered": "delivered", "message-failed": "failed"}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """Something that has happened. ``to`` is whom it concerns alone, where it is not everybody."""

    at: float
    step: str
    to: str | None = None
    code: int = 0
    description: str = ""


class ShownLeg(msgspec.Struct, frozen=True, kw_only=True):
    """The way to one recipient; ``meaning`` is that of its delivery code."""

    to: str
    state: str
    code: int
    meaning: str


def legs_of(message: MessageRecord) -> tuple[ShownLeg, ...]:
    """Return how far each recipient has got."""
    return tuple(
        ShownLeg(
            to=leg.to,
            state=status_name(leg.status),
            code=leg.code if leg.ended else 0,
            meaning=delivery_code(leg.code).meaning if leg.ended and leg.code else "",
        )
        for leg in message.legs
    )


def deliveries_of(message_id: str, tenant: Tenant) -> list[Delivery]:
    """Return the callbacks that tell of a message, as far as they are kept."""
    return [delivery for delivery in tenant.schedule.deliveries() if message_id in delivery.message_ids]


def course_of(message: MessageRecord, deliveries: list[Delivery]) -> tuple[Step, ...]:
    """Return what has happened to a message, in order; where its events are forgotten, as far as its record tells."""
    if message.inbound:
        steps = [Step(at=message.created, step="received")]
        steps += [
            Step(at=delivery.attempts[-1].at, step="accepted" if delivery.state == "delivered" else "undelivered")
            for delivery in deliveries
            if delivery.state != "waiting" and delivery.attempts
        ]
        return tuple(steps)
    events = list(_events(message.id, deliveries))
    steps = [Step(at=message.created, step="accepted"), Step(at=message.created, step="queued")]
    alone = len(message.legs) == 1
    for leg in message.legs:
        steps += _steps_of(leg, [event for event in events if event["to"] == leg.to], None if alone else leg.to)
    return tuple(sorted(steps, key=lambda step: step.at))


def _steps_of(leg: Leg, events: list[dict[str, Any]], to: str | None) -> Iterator[Step]:
    told = [_told(event, to) for event in events]
    if leg.left and not any(step.step == "sent" for step in told):
        yield Step(at=leg.left, step="sent", to=to)
    if leg.ended and not any(step.step in _ENDS.values() for step in told):
        meaning = "" if leg.code == DELIVERED else delivery_code(leg.code).meaning
        end = "delivered" if leg.code == DELIVERED else "failed"
        yield Step(at=leg.ended, step=end, to=to, code=leg.code, description=meaning)
    yield from told


def _told(event: dict[str, Any], to: str | None) -> Step:
    return Step(
        at=datetime.fromisoformat(event["time"]).timestamp(),
        step=_OUT.get(event["type"]) or _ENDS.get(event["type"], event["type"]),
        to=to,
        code=event.get("errorCode", 0),
        description=event["description"],
    )


def _events(message_id: str, deliveries: list[Delivery]) -> Iterator[dict[str, Any]]:
    for delivery in deliveries:
        for of_message, event in zip(delivery.message_ids, delivery.events, strict=True):
            if of_message == message_id:
                yield msgspec.json.decode(event)
