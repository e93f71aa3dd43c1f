"""Answers that say no: their bodies, read into the error tree and written for those who play the provider.

Two forms of body occur: the API's own ``{type, description, fieldErrors}`` and its framework's ``{timestamp, status,
error, message, path}``. Between us and the provider stand proxies that write HTML or nothing, so the status alone
decides which error it is, and the body only what the error can say.

Source: Messaging V2 API, "Errors of the HTTP API".
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

import msgspec

from msgcore.errors import FieldError, ForbiddenError, RateLimitedError, RejectedError, UnauthorizedError
from msgcore.wire.exchange import Response
from msgcore.wire.json_bodies import UNREADABLE

# RFC 9110, 10.2.3: Retry-After is a date or delta-seconds. A date says nothing without a clock, and there is none here.
_DELTA_SECONDS: Final = re.compile(r"[0-9]{1,9}")

_SHOWN_CHARACTERS: Final = 200


def decode_rejection(status: int, headers: Mapping[str, str], body: bytes) -> RejectedError:
    """Read a refusal into the error that belongs to its status; any body will do, and none.

    >>> decode_rejection(429, {}, b'{"type": "max-message-queue-size-exceeded", "description": "full"}')
    RateLimitedError('429 max-message-queue-size-exceeded: full')
    >>> decode_rejection(403, {}, b"<html>no</html>").type
    'Forbidden'

    Where the body has no type, the status' own phrase takes its place.
    """
    type_, description, field_errors = _read_body(status, body)
    match status:
        case 401:
            return UnauthorizedError(status, type_, description, field_errors)
        case 403:
            return ForbiddenError(status, type_, description, field_errors)
        case 429:
            return RateLimitedError(status, type_, description, field_errors, _retry_after(headers))
    return RejectedError(status, type_, description, field_errors)


def encode_rejection(
    status: int,
    type: str,
    description: str,
    field_errors: Sequence[FieldError] = (),
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Write a refusal in the API's own form.

    >>> encode_rejection(415, "unsupported-content-type", "send application/json").body
    b'{"type":"unsupported-content-type","description":"send application/json"}'
    """
    body: dict[str, Any] = {"type": type, "description": description}
    if field_errors:
        body["fieldErrors"] = [{"fieldName": name, "description": text} for name, text in field_errors]
    return Response(status, {"content-type": "application/json"} | dict(headers), msgspec.json.encode(body))


def has_provider_body(body: bytes) -> bool:
    """Tell whether an error body was written by the provider's application rather than by a proxy on the way."""
    fields = _fields(body)
    return any(isinstance(fields.get(name), str) for name in ("type", "error"))


def _read_body(status: int, body: bytes) -> tuple[str, str, list[FieldError]]:
    fields = _fields(body)
    type_ = _first_string(fields, "type", "error") or _phrase(status)
    description = _first_string(fields, "description", "message", "error_description") or _unread(body)
    return type_, description, _field_errors(fields.get("fieldErrors"))


def _fields(body: bytes) -> dict[str, Any]:
    try:
        fields = msgspec.json.decode(body)
    except UNREADABLE:
        return {}
    return fields if isinstance(fields, dict) else {}


def _first_string(fields: dict[str, Any], *names: str) -> str | None:
    return next((value for name in names if isinstance(value := fields.get(name), str) and value), None)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def _unread(body: bytes) -> str:
    if not body:
        return "no body"
    shown = body[:_SHOWN_CHARACTERS].decode("utf-8", "replace")
    return f"no description, the body begins {shown!r}"


def _field_errors(entries: object) -> list[FieldError]:
    if not isinstance(entries, list):
        return []
    return [
        FieldError(str(entry.get("fieldName", "")), str(entry.get("description", "")))
        for entry in entries
        if isinstance(entry, dict)
    ]


def _retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    return float(value) if _DELTA_SECONDS.fullmatch(value) else None
