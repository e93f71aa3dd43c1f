"""A message as a plain Python class, which checks everything by all rules, one after the other; and its body."""

from collections.abc import Mapping, Set
from datetime import UTC, datetime
from typing import Any

import msgspec

from msgcore.errors import MessageError
from msgcore.wire.rules import check_fields, identifier_problem

FIELDS = ("to", "from_", "text", "application_id", "media", "tag", "priority", "expiration", "key")


class PlainMessage:
    """What ``Message`` does, at leisure. Its fields may be written to; everything else has to be the same."""

    def __init__(
        self,
        *,
        to: Any,
        from_: Any,
        text: Any = "",
        application_id: Any = None,
        media: Any = (),
        tag: Any = None,
        priority: Any = None,
        expiration: Any = None,
        key: Any = None,
    ) -> None:
        self.to = strings("to", to)
        self.media = strings("media", media) if media else ()
        self.expiration = expiration_text(expiration)
        self.from_ = string("from_", from_)
        self.text = string("text", text)
        self.tag = string_or_none("tag", tag)
        self.key = string_or_none("key", key)
        self.application_id = string_or_none("application_id", application_id)
        self.priority = string_or_none("priority", priority)
        fields = {
            "from": self.from_,
            "to": self.to,
            "text": self.text,
            "media": self.media,
            "applicationId": self.application_id,
            "tag": self.tag,
            "priority": self.priority,
            "expiration": self.expiration,
        }
        for error in check_fields(fields, require_application=False):
            raise MessageError(error.field_name, error.description)
        if self.key is not None and (problem := identifier_problem(self.key)):
            raise MessageError("key", problem)

    @property
    def kind(self) -> str:
        if len(self.to) > 1:
            return "group-mms"
        return "mms" if self.media else "sms"

    def named(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in FIELDS}

    def replace(self, **changes: Any) -> "PlainMessage":
        return PlainMessage(**(self.named() | changes))

    def __eq__(self, other: object) -> bool:
        return self.named() == other.named() if isinstance(other, PlainMessage) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.named().values()))

    def __repr__(self) -> str:
        present = [f"{name}={value!r}" for name, value in self.named().items() if value not in (None, "", ())]
        return f"Message({', '.join(present)})"


def strings(name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (string(name, value),)
    if isinstance(value, bytes | bytearray | Mapping | Set):
        raise TypeError(f"{name} must be str or a sequence of str, not {type(value).__name__}")
    return tuple(string(f"{name}[{index}]", item) for index, item in enumerate(value))  # type: ignore[arg-type, var-annotated]


def string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    return "".join(list(value))  # of a subclass no more than its characters


def string_or_none(name: str, value: object) -> str | None:
    return None if value is None else string(name, value)


def expiration_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return string_or_none("expiration", value)
    if not isinstance(value, datetime):
        raise TypeError(f"expiration must be str or datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise MessageError("expiration", f"{value.isoformat()}: expected a datetime with a time zone")
    try:
        return value.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError:
        raise MessageError("expiration", f"{value.isoformat()}: has no equivalent in UTC") from None


class WireMessage(msgspec.Struct, rename="camel", omit_defaults=True):
    """The body of a request, in the order of the API's field table."""

    from_: str = msgspec.field(name="from")
    to: tuple[str, ...]
    application_id: str
    text: str = ""
    media: tuple[str, ...] = ()
    tag: str | None = None
    priority: str | None = None
    expiration: str | None = None


def body_of(message: Any, application_id: str, tag: str | None) -> bytes:
    return msgspec.json.encode(
        WireMessage(
            from_=message.from_,
            to=message.to,
            application_id=application_id,
            text=message.text,
            media=message.media,
            tag=tag,
            priority=message.priority,
            expiration=message.expiration,
        )
    )
