"""Events as lines of JSON: by default without anything that tells who wrote to whom, or what."""

import json
from datetime import UTC, datetime
from typing import Any

from msgcore.delivery import StoredEvent
from msgcore.wire import UnknownEvent, decode_callbacks

_SHOWN_CHARACTERS = 5


def event_line(stored: StoredEvent, *, redacts: bool) -> str:
    """Return an event as one line.

    >>> stored = StoredEvent(7, b'{"type": "message-read", "to": "+19195550123"}', 0.0)
    >>> json.loads(event_line(stored, redacts=True))["to"]
    '+1919*******'
    >>> json.loads(event_line(stored, redacts=False))["event"]
    {'type': 'message-read', 'to': '+19195550123'}
    """
    [event] = decode_callbacks(b"[" + stored.raw + b"]")
    line: dict[str, Any] = {
        "sequence": stored.sequence,
        "received_at": datetime.fromtimestamp(stored.received_at, UTC).isoformat(timespec="milliseconds"),
    }
    if not redacts:
        line["event"] = event.raw
        return json.dumps(line, ensure_ascii=False)
    line |= {"type": event.type, "time": event.time, "to": masked(event.to)}
    if event.message is not None:
        line |= {"message_id": event.message.id, "direction": event.message.direction}
    code = getattr(event, "error_code", None)
    if code is not None:
        line["error_code"] = code
    if isinstance(event, UnknownEvent):
        line["problem"] = "this version does not know it"
    return json.dumps(line, ensure_ascii=False)


def masked(number: str | None) -> str | None:
    """Return what of a number may stand in a log: where it is, and not whose.

    >>> masked("+19195550123"), masked("72345")
    ('+1919*******', '*****')
    """
    if number is None:
        return None
    shown = number[:_SHOWN_CHARACTERS] if len(number) > 2 * _SHOWN_CHARACTERS else ""
    return shown + "*" * (len(number) - len(shown))


__all__ = ["event_line", "masked"]
