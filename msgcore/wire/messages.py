"""Messages as they are sent: what is checked of them, and their bytes in both directions.

A :class:`Message` is checked when it is made, so whatever holds one may send it. The record is the kernel's, which
knows an ordinary message at a glance and asks :func:`_check_in_full` about every other. The rules are those the
provider applies before its 202 and stand in ``rules.py``; what an account may do is judged later and comes back as an
event.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from msgcore.errors import MessageError
from msgcore.kernel.outgoing import Message, finish_messages_with
from msgcore.kernel.request_bodies import write_message
from msgcore.tables.message_kinds import MessageKind
from msgcore.wire.exchange import Request
from msgcore.wire.json_bodies import UNREADABLE, json_type, path_and_reason, read_with_surrogates
from msgcore.wire.rules import check_fields, identifier_problem

# ------------------------------------------------------------------------------------------- what is made of arguments


def _check_in_full(
    to: str | Sequence[str],
    from_: str,
    text: str,
    application_id: str | None,
    media: str | Sequence[str] | None,
    tag: str | None,
    priority: str | None,
    expiration: str | datetime | None,
    key: str | None,
) -> tuple[
    tuple[str, ...], str, str, str | None, tuple[str, ...], str | None, str | None, str | None, str | None
]:  # fmt: skip
    """Return the values of a message as they are kept, in the order they came, or raise what is wrong with them."""
    recipients = _strings("to", to)
    attachments = _strings("media", media) if media else ()
    if expiration is not None:
        expiration = _expiration_text(expiration)
    from_ = _string("from_", from_)
    text = _string("text", text)
    tag = _string_or_none("tag", tag)
    key = _string_or_none("key", key)
    application_id = _string_or_none("application_id", application_id)
    priority = _string_or_none("priority", priority)
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
    return recipients, from_, text, application_id, attachments, tag, priority, expiration, key


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


def _string_or_none(name: str, value: object) -> str | None:
    return None if value is None else _string(name, value)


def _expiration_text(expiration: str | datetime) -> str:
    if isinstance(expiration, str):
        return _string("expiration", expiration)
    if not isinstance(expiration, datetime):
        raise TypeError(f"expiration must be str or datetime, not {type(expiration).__name__}")
    # astimezone() would read a naive time in this machine's zone, and what is sent must not depend on the machine.
    if expiration.utcoffset() is None:
        raise MessageError("expiration", f"{expiration.isoformat()}: expected a datetime with a time zone")
    try:
        return expiration.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
    except OverflowError as error:
        raise MessageError("expiration", f"{expiration.isoformat()}: has no equivalent in UTC") from error


# The kernel stands below this package and cannot import it.
finish_messages_with(_check_in_full, _restore)


# --------------------------------------------------------------------------------------------------------------- bytes

JSON_HEADERS: Final = {"content-type": "application/json"}


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
    if not application.isascii() and (problem := identifier_problem(application)):
        raise MessageError("applicationId", problem)
    if not (message.text or message.media):
        raise MessageError("text", "the content of this message is gone: it cannot be sent")
    body = write_message(message, application, tag or message.tag)
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


_WIRE_NAMES: Final = {
    "to": "to",
    "from_": "from",
    "text": "text",
    "application_id": "applicationId",
    "media": "media",
    "tag": "tag",
    "priority": "priority",
    "expiration": "expiration",
}

__all__ = ["JSON_HEADERS", "Message", "MessageKind", "decode_fields", "decode_message", "encode_message"]
