"""The body of a callback, read and written.

How this works: a body is an array of events, decoded in one typed pass. Only when that fails is it cut into items and
each read alone, first strictly, then with the habits of older years put into today's words (:func:`_modernised`). An
item that still cannot be read becomes an :class:`UnknownEvent`: no item ever costs the rest of its array, because the
provider counts the array as answered, or sends all of it again.

Source: Messaging V2 API, callbacks. What older years left out or wrote otherwise stands beside the line that mends it.
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from msgcore.errors import CallbackError
from msgcore.wire.events import (
    CallbackMessage,
    Event,
    KnownEvent,
    MessageDelivered,
    MessageFailed,
    MessageReceived,
    MessageSending,
    MessageSent,
    UnknownEvent,
    wire_form,
)
from msgcore.wire.json_bodies import UNREADABLE, array_items, json_type, path_and_reason, read_leniently
from msgcore.wire.provenance import SourceArray, remember, remember_each

_decode_array: Final = msgspec.json.Decoder(list[KnownEvent]).decode
_decode_item: Final = msgspec.json.Decoder(KnownEvent).decode
_encode: Final = msgspec.json.Encoder().encode

_KNOWN_TYPES: Final = frozenset(
    event.type for event in (MessageReceived, MessageSending, MessageSent, MessageDelivered, MessageFailed)
)


def decode_callbacks(body: bytes) -> list[Event]:
    """Read the body of a callback: one event per item, in order; no item is dropped and none costs another.

    >>> [event] = decode_callbacks(b'[{"type": "message-read", "time": "2025-10-01T08:05:00.000000Z"}]')
    >>> event.type, event.problem
    ('message-read', "$[0].type: no event is known as 'message-read'")

    A bare object is an array of one: the provider's own description shows it so. Unknown types and items of a wrong
    shape become :class:`UnknownEvent`; unknown fields stay in ``raw``.

    Raises:
        CallbackError: the body is no JSON, or neither an array nor an object.
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"body must be bytes, not {type(body).__name__}")
    body = bytes(body)  # the events keep it, so it must not change; bytes are not copied
    events: list[Event]
    try:
        events = _decode_array(body)  # type: ignore[assignment]  # known events are events; nobody else holds the list
    except UNREADABLE:
        return _decode_each(body)
    remember_each(events, SourceArray(body))
    return events


def encode_callbacks(events: Iterable[Event]) -> bytes:
    """Write the body of a callback, always an array: the inverse of :func:`decode_callbacks`.

    >>> encode_callbacks([UnknownEvent(item=b'{"type":"message-read"}', problem="made by hand")])
    b'[{"type":"message-read"}]'

    An :class:`UnknownEvent` is written as it came. Of a known one its fields are written, not the ones in ``raw`` that
    this version does not know.
    """
    return _encode([_encodable(event) for event in events])


def _encodable(event: Event) -> object:
    return msgspec.Raw(event.item) if isinstance(event, UnknownEvent) else wire_form(event)


# --------------------------------------------------------------------------------------------------------- item by item


def _decode_each(body: bytes) -> list[Event]:
    try:
        items = array_items(body)
    except UNREADABLE as error:
        raise CallbackError(*path_and_reason(error)) from error
    source = SourceArray(body, items)
    events: list[Event] = []
    for index, item in enumerate(items):
        event = decode_item(item, f"$[{index}]")
        if not isinstance(event, UnknownEvent):
            remember(event, source, index)
        events.append(event)
    return events


def decode_item(item: bytes, path: str) -> Event:
    """Read one item of a callback; ``path`` is where it stands there. A known event does not remember its source."""
    try:
        event: KnownEvent = _decode_item(item)
    except UNREADABLE:
        return _decode_leniently(item, path)
    return event


def _decode_leniently(item: bytes, path: str) -> Event:
    try:
        raw = read_leniently(item)
    except (ValueError, RecursionError) as error:
        return UnknownEvent(item=item, problem=_problem(error, path))
    if not isinstance(raw, dict):
        return UnknownEvent(item=item, problem=f"{path}: expected an object, got {json_type(raw)}")
    event = _modernised(raw)
    type_ = event.get("type")
    if isinstance(type_, str) and type_ not in _KNOWN_TYPES:
        return _unknown(item, event, f"{path}.type: no event is known as {type_!r}")
    try:
        # strict=False: one old SDK types errorCode as a string, and so do those who learned from it.
        known: KnownEvent = msgspec.convert(event, KnownEvent, strict=False)
    except msgspec.ValidationError as error:
        return _unknown(item, event, _problem(error, path))
    return known


def _modernised(raw: dict[str, Any]) -> dict[str, Any]:
    """Put an event of any year into the words of today: nulls are absent, and what can be told exactly is filled in."""
    event = _without_nulls(raw)
    message = event.get("message")
    if not isinstance(message, dict):
        return event
    event["message"] = message = _without_nulls(message)
    recipients = message.get("to")
    if isinstance(recipients, str):
        message["to"] = recipients = [recipients]
    # v2-2017 left the event's own "to" out. It is defined as "the one recipient this event is about", or for inbound
    # "the owned number that received"; for one member of a group nothing tells, and the event stays unknown.
    if "to" not in event:
        if message.get("direction") == "in" and "owner" in message:
            event["to"] = message["owner"]
        elif isinstance(recipients, list) and len(recipients) == 1:
            event["to"] = recipients[0]
    return event


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _unknown(item: bytes, event: dict[str, Any], problem: str) -> UnknownEvent:
    def readable(name: str, type_: Any) -> Any:
        try:
            return msgspec.convert(event.get(name), type_ | None, strict=False)
        except msgspec.ValidationError:
            return None

    return UnknownEvent(
        item=item,
        problem=problem,
        type=readable("type", str),
        time=readable("time", str),
        description=readable("description", str) or "",
        to=readable("to", str),
        message=readable("message", CallbackMessage),
        error_code=readable("errorCode", int),
        carrier_name=readable("carrierName", str),
    )


def _problem(error: Exception, path: str) -> str:
    where, reason = path_and_reason(error, path)
    return f"{where}: {reason}"
