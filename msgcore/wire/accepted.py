"""The answer to a send: accepted, and what the provider made of the message, or the error that says why not.

A 202 means *queued*, never *valid*: who owns the sender, the application, the zone and the media are judged later and
come back as events.

Source: Messaging V2 API, "Response 202 Accepted" and "Errors of the HTTP API".
"""

from datetime import datetime
from typing import Any, Final

import msgspec

from msgcore.errors import ResponseError
from msgcore.wire.exchange import Response
from msgcore.wire.json_bodies import UNREADABLE, json_type, path_and_reason, read_leniently, read_time
from msgcore.wire.provenance import Sourced, decode_source, remember_alone, source_item
from msgcore.wire.rejections import decode_rejection, has_provider_body


class Accepted(Sourced, msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """A message the provider has queued, as its 202 tells it. One request has one ``id``, a group's too.

    ``owner`` equals ``from_``. ``segment_count`` is what is billed and what counts against the rate; it and
    ``application_id`` are ``None`` only in answers of 2017. ``tag``, ``priority`` and ``expiration`` are ``None`` where
    the answer has none.
    """

    id: str
    owner: str
    application_id: str | None = None
    time: str
    segment_count: int | None = None
    direction: str = "out"
    to: tuple[str, ...]
    from_: str = msgspec.field(name="from")
    text: str = ""
    media: tuple[str, ...] = ()
    tag: str | None = None
    priority: str | None = None
    expiration: str | None = None

    @property
    def timestamp(self) -> datetime:
        """When the message was created, as an aware ``datetime``; ResponseError where ``time`` cannot be read."""
        try:
            return read_time(self.time)
        except ValueError as error:
            raise ResponseError("$.time", str(error)) from error

    @property
    def raw(self) -> dict[str, Any]:
        """The answer's JSON as it came, with the fields that this version does not know; a new ``dict`` each time."""
        item = source_item(self)
        # Made by hand: its fields are all there is.
        raw: dict[str, Any] = _wire_form(self) if item is None else decode_source(item, ResponseError)
        return raw


_decode: Final = msgspec.json.Decoder(Accepted).decode


def decode_accepted(body: bytes) -> Accepted:
    """Read the body of a 202.

    >>> decode_accepted(
    ...     b'{"id": "1683195072345wb5wkh7dnsipzz7f", "owner": "+19195550100", "time": "2023-05-04T10:11:12Z",'
    ...     b' "to": ["+19195550123"], "from": "+19195550100", "text": "hi", "segmentCount": 1}'
    ... ).id
    '1683195072345wb5wkh7dnsipzz7f'

    ``null`` counts as absent, and unknown fields stay in ``raw``.

    Raises:
        ResponseError: the body is no JSON object, or lacks ``id``, ``time``, ``to`` or ``from``.
    """
    try:
        accepted = _decode(body)
    except UNREADABLE as strict_error:
        accepted = _decode_leniently(body, strict_error)
    remember_alone(accepted, body if type(body) is bytes else bytes(body))
    return accepted


def encode_accepted(accepted: Accepted) -> bytes:
    """Write the body of a 202, as the provider does: the inverse of :func:`decode_accepted`."""
    return msgspec.json.encode(_wire_form(accepted))


def _wire_form(accepted: Accepted) -> dict[str, Any]:
    fields = {name: value for name, value in msgspec.to_builtins(accepted).items() if value is not None}
    fields["to"] = list(accepted.to)
    fields["media"] = list(accepted.media)
    if not accepted.media:
        del fields["media"]
    return fields


def decode_send_response(response: Response) -> Accepted:
    """Read the answer to a request of ``encode_message``: what was accepted, or raise what it says instead.

    The error's class says what became of the message. ``RejectedError`` and its subclasses: the provider said no, and
    nothing was sent. ``ResponseError``: the answer says neither yes nor no, so the message may have been sent. Such
    are a 202 whose body cannot be read (it *was* accepted), every other 2xx, 3xx, 408, and 5xx unless it is a 503 or
    the provider's own 500. Only bodies that are already ``bytes`` are read.

    Raises:
        UnauthorizedError, ForbiddenError, RateLimitedError, RejectedError: the provider said no.
        ResponseError: the answer is no answer; ``status`` says which it was.
        TypeError: the body is still a stream; read it first.
    """
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError(f"the body must be read to bytes before it is decoded, not {type(body).__name__}")
    status = response.status
    if status == 202:
        try:
            return decode_accepted(body)
        except ResponseError as error:
            raise ResponseError(error.path, error.reason, status) from error
    if _is_refusal(status, body):
        raise decode_rejection(status, response.headers, body)
    raise ResponseError("$", f"expected 202 or a refusal, got {_shown(body)}", status)


def _is_refusal(status: int, body: bytes) -> bool:
    # "A 4xx/5xx on create means: nothing sent, nothing billed" holds for what the provider writes. A gateway on the way
    # writes 502, 504 or a 500 of its own after it has passed the request on, and a 408 says that nobody knows.
    if status == 500:
        return has_provider_body(body)
    return status == 503 or (400 <= status < 500 and status != 408)


def _decode_leniently(body: bytes, strict_error: Exception) -> Accepted:
    try:
        fields = read_leniently(body)
    except (ValueError, RecursionError):
        raise ResponseError(*path_and_reason(strict_error)) from strict_error
    if not isinstance(fields, dict):
        raise ResponseError("$", f"expected an object, got {json_type(fields)}")
    fields = {name: value for name, value in fields.items() if value is not None}
    if isinstance(fields.get("to"), str):
        fields["to"] = [fields["to"]]
    if "from" in fields:
        fields.setdefault("owner", fields["from"])  # "for outbound always equal to from"
    try:
        return msgspec.convert(fields, Accepted, strict=False)
    except msgspec.ValidationError as error:
        raise ResponseError(*path_and_reason(error)) from error


def _shown(body: bytes) -> str:
    return f"a body that begins {body[:200].decode('utf-8', 'replace')!r}" if body else "no body"
