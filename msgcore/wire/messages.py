"""Messages as they are sent: the record, and its bytes in both directions.

A :class:`Message` is checked when it is made, so whatever holds one may send it. The rules are those the provider
applies before its 202 and stand in ``rules.py``; what an account may do is judged later and comes back as an event.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, Self

import msgspec

from msgcore.errors import MessageError
from msgcore.wire.exchange import Request
from msgcore.wire.json_bodies import UNREADABLE, json_type, path_and_reason, read_with_surrogates
from msgcore.wire.rules import check_fields, identifier_problem, is_plain


class MessageKind(StrEnum):
    """What a message becomes on the air: it decides segments, price and which receipts exist."""

    SMS = "sms"
    """One recipient, text alone: cut into segments."""
    MMS = "mms"
    """One recipient and media: always one segment."""
    GROUP_MMS = "group-mms"
    """Two or more recipients, who all see each other; MMS even when it is text alone."""


# Looked up once: to ask an enum for a member costs as much as a call.
_SMS: Final = MessageKind.SMS
_MMS: Final = MessageKind.MMS


class Message:
    """One message to one to ten recipients, checked against the rules of the API when it is made.

    >>> message = Message(to="+19195550123", from_="+19195550100", text="hello")
    >>> message.to, message.kind
    (('+19195550123',), <MessageKind.SMS: 'sms'>)
    >>> Message(to="+19195550123", from_="+19195550100", text="x" * 2051)
    Traceback (most recent call last):
        ...
    msgcore.errors.MessageError: text: 2051 characters, at most 2048 are allowed

    ``to`` and ``media`` take one string or a sequence and are kept as tuples; ``expiration`` takes RFC 3339 text or an
    aware ``datetime`` and is kept as text. ``key`` never travels: it is the caller's own name for this message, under
    which an outbox keeps it only once. More than one recipient makes a group that everybody in it can see.

    Raises:
        MessageError: a rule is broken; ``field`` has its name on the wire (``from``, ``to[2]``). The first one counts.
        TypeError: a value has a type that no message can have.
    """

    __slots__ = (
        "application_id", "expiration", "from_", "key", "media", "priority", "tag", "text", "to",
    )  # fmt: skip

    to: tuple[str, ...]
    from_: str
    text: str
    application_id: str | None
    media: tuple[str, ...]
    tag: str | None
    priority: str | None
    expiration: str | None
    key: str | None

    def __init__(
        self,
        *,
        to: str | Sequence[str],
        from_: str,
        text: str = "",
        application_id: str | None = None,
        media: str | Sequence[str] = (),
        tag: str | None = None,
        priority: str | None = None,
        expiration: str | datetime | None = None,
        key: str | None = None,
    ) -> None:
        # Mostly everything is a plain str already, which is told at once.
        recipients = (to,) if type(to) is str else _strings("to", to)
        attachments = _strings("media", media) if media else ()
        if expiration is not None:
            expiration = _expiration_text(expiration)
        if type(from_) is not str:
            from_ = _string("from_", from_)
        if type(text) is not str:
            text = _string("text", text)
        if tag is not None and type(tag) is not str:
            tag = _string("tag", tag)
        if key is not None and type(key) is not str:
            key = _string("key", key)
        others = attachments or not (application_id is priority is expiration is None)
        if others or not is_plain(from_, recipients, text, tag):
            application_id = None if application_id is None else _string("application_id", application_id)
            priority = None if priority is None else _string("priority", priority)
            fields: dict[str, object] = {
                "from": from_,
                "to": recipients,
                "text": text,
                "media": attachments,
                "applicationId": application_id,
                "tag": tag,
                "priority": priority,
                "expiration": expiration,
            }
            for error in check_fields(fields, require_application=False):
                raise MessageError(error.field_name, error.description)  # the first one; the docstring says so
        if key is not None and (problem := identifier_problem(key)):
            raise MessageError("key", problem)
        _set_to(self, recipients)
        _set_from(self, from_)
        _set_text(self, text)
        _set_application_id(self, application_id)
        _set_media(self, attachments)
        _set_tag(self, tag)
        _set_priority(self, priority)
        _set_expiration(self, expiration)
        _set_key(self, key)

    @property
    def kind(self) -> MessageKind:
        """What this message becomes on the air."""
        if len(self.to) > 1:
            return MessageKind.GROUP_MMS
        return _MMS if self.media else _SMS

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values, checked again.

        >>> Message(to="+19195550123", from_="+19195550100", text="hello").replace(text="bye").text
        'bye'
        """
        return type(self)(**(self._fields() | changes))

    __replace__ = replace  # copy.replace() of Python 3.13

    def without_content(self) -> Self:
        """Return what remains of a message when its content has to go: neither text nor media.

        >>> Message(to="+19195550123", from_="+19195550100", text="hello").without_content()
        Message(to=('+19195550123',), from_='+19195550100')

        It is a record and cannot be sent: :func:`encode_message` refuses it.
        """
        return self.restored(**self._fields() | {"text": "", "media": ()})

    @classmethod
    def restored(
        cls,
        *,
        to: tuple[str, ...],
        from_: str,
        text: str,
        application_id: str | None,
        media: tuple[str, ...],
        tag: str | None,
        priority: str | None,
        expiration: str | None,
        key: str | None,
    ) -> Self:
        """Make a message of values that were one before, without checking them again.

        For whoever keeps messages and can prove that these are the values it was given.
        """
        message = object.__new__(cls)
        _set_to(message, to)
        _set_from(message, from_)
        _set_text(message, text)
        _set_application_id(message, application_id)
        _set_media(message, media)
        _set_tag(message, tag)
        _set_priority(message, priority)
        _set_expiration(message, expiration)
        _set_key(message, key)
        return message

    def _fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _FIELDS}

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Message does not change: use replace({name}=...)")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Message does not change: {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return self._fields() == other._fields() if isinstance(other, Message) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._fields().values()))

    def __repr__(self) -> str:
        present = (f"{name}={value!r}" for name, value in self._fields().items() if value not in (None, "", ()))
        return f"Message({', '.join(present)})"

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], "Message"], tuple[dict[str, Any]]]:
        return _restore, (self._fields(),)


_FIELDS: Final = ("to", "from_", "text", "application_id", "media", "tag", "priority", "expiration", "key")

# A Message refuses assignment, its own constructor's too; the slots' descriptors are the way round that costs least.
_set_to, _set_from, _set_text, _set_application_id, _set_media, _set_tag, _set_priority, _set_expiration, _set_key = (
    Message.__dict__[name].__set__ for name in _FIELDS
)


def _restore(fields: dict[str, Any]) -> Message:
    if fields["text"] or fields["media"]:
        return Message(**fields)
    return Message(**fields | {"text": "?"}).without_content()  # what has lost its content cannot pass the checks


def _strings(name: str, value: str | Sequence[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        return (_string(name, value),)
    if isinstance(value, bytes | bytearray | Mapping | Set):
        raise TypeError(f"{name} must be str or a sequence of str, not {type(value).__name__}")
    return tuple(_string(f"{name}[{index}]", string) for index, string in enumerate(value))


def _string(name: str, value: object) -> str:
    """Return ``value`` as a plain str: a subclass may be given, but cannot be encoded."""
    if type(value) is str:
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    return str.__str__(value)


def _expiration_text(expiration: str | datetime) -> str:
    if isinstance(expiration, str):
        return expiration
    if not isinstance(expiration, datetime):
        raise TypeError(f"expiration must be str or datetime, not {type(expiration).__name__}")
    # astimezone() would read a naive time in this machine's zone, and what is sent must not depend on the machine.
    if expiration.utcoffset() is None:
        raise MessageError("expiration", f"{expiration.isoformat()}: expected a datetime with a time zone")
    try:
        return expiration.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError as error:
        raise MessageError("expiration", f"{expiration.isoformat()}: has no equivalent in UTC") from error


# --------------------------------------------------------------------------------------------------------------- bytes

JSON_HEADERS: Final = {"content-type": "application/json"}


class _WireMessage(msgspec.Struct, rename="camel", omit_defaults=True, gc=False):
    """The request body, in the order of the API's field table."""

    from_: str = msgspec.field(name="from")
    to: tuple[str, ...]
    application_id: str
    text: str = ""
    media: tuple[str, ...] = ()
    tag: str | None = None
    priority: str | None = None
    expiration: str | None = None


_encode = msgspec.json.Encoder().encode


def encode_message(message: Message, *, application_id: str | None = None, tag: str | None = None) -> Request:
    """Write the request that sends ``message``; ``application_id`` serves where the message has none of its own.

    >>> request = encode_message(Message(to="+19195550123", from_="+19195550100", text="hi"), application_id="a-1")
    >>> request.method, request.path, request.body
    ('POST', 'messages', b'{"from":"+19195550100","to":["+19195550123"],"applicationId":"a-1","text":"hi"}')

    Only fields that were given are written, and ``to`` always as an array. ``tag`` travels instead of the message's.

    Raises:
        MessageError: neither the message nor the caller names an application, or the message has lost its content.
    """
    application = message.application_id or application_id
    if not application:
        raise MessageError("applicationId", "required: neither the message nor the client names an application")
    if problem := identifier_problem(application):
        raise MessageError("applicationId", problem)
    if not (message.text or message.media):
        raise MessageError("text", "the content of this message is gone: it cannot be sent")
    body = _encode(
        _WireMessage(
            message.from_,
            message.to,
            application,
            message.text,
            message.media,
            tag or message.tag,
            message.priority,
            message.expiration,
        )
    )
    return Request("POST", "messages", headers=JSON_HEADERS, body=body)


def decode_message(body: bytes) -> Message:
    """Read a request body back: the inverse of :func:`encode_message`.

    >>> decode_message(b'{"from":"+19195550100","to":"+19195550123","text":"hi"}')
    Message(to=('+19195550123',), from_='+19195550100', text='hi')

    The application id may be absent, ``null`` counts as absent, and unknown fields are ignored.

    Raises:
        MessageError: the first broken rule; where the body is no JSON object, ``field`` is ``$``.
    """
    fields = decode_fields(body)
    for error in check_fields(fields, require_application=False):
        raise MessageError(error.field_name, error.description)
    known: dict[str, Any] = {name: fields[wire] for name, wire in _WIRE_NAMES.items() if fields.get(wire) is not None}
    return Message(**known)


def decode_fields(body: bytes) -> dict[str, object]:
    """Read a request body as far as its JSON goes; MessageError with field ``$`` where it is no JSON object."""
    try:
        fields = msgspec.json.decode(body)
    except UNREADABLE as error:
        try:  # half a pair is JSON (RFC 8259, 8.2), and the rules can say where it stands
            fields = read_with_surrogates(body.decode())
        except (ValueError, RecursionError):
            raise MessageError(*path_and_reason(error)) from error
    if not isinstance(fields, dict):
        raise MessageError("$", f"expected an object, got {json_type(fields)}")
    return fields


_WIRE_NAMES: Final = {name: name for name in _FIELDS if name != "key"} | {
    "from_": "from",
    "application_id": "applicationId",
}
