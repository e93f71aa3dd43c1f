"""What the V2 API answers over HTTP when it does not take a message.

Source: Messaging V2 API, "Errors of the HTTP API", the ``type`` words of 2020 and later. Bodies are
``{"type", "description"}``, a 400 adds ``fieldErrors``; only the 404 has the form of the framework below the API.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from msgcore.errors import FieldError
from msgcore.wire.exchange import Request, Response
from msgcore.wire.rejections import encode_rejection

JSON_HEADERS = {"content-type": "application/json"}

_CREATE_PATH = "messages"


def refuse_request(request: Request, account_id: str, now: float) -> Response | None:
    """Return the refusal of a request that does not even ask to create a message, or ``None`` when it does."""
    if request.path != _CREATE_PATH:
        return _not_found(request.path, account_id, now)
    if request.method != "POST":
        return encode_rejection(
            405, "method-not-allowed", f"{request.method!r} is not supported here, use POST", headers={"allow": "POST"}
        )
    accept = request.headers.get("accept", "")
    if not _accepts_json(accept):
        return encode_rejection(
            406, "not-acceptable", f"the answer is application/json, which {accept!r} does not accept"
        )
    content_type = request.headers.get("content-type", "")
    if not _is_json(content_type):
        return encode_rejection(
            415, "unsupported-content-type", f"content type {content_type!r} is not supported, use application/json"
        )
    return None


def invalid_message(description: str, field_errors: Sequence[FieldError] = ()) -> Response:
    """Return the 400 for a body that is no valid message."""
    return encode_rejection(400, "request-validation", description, field_errors)


def queue_full(kind: str, rate: float, capacity: int) -> Response:
    """Return the 429 for a message that does not fit; as published, it states the rate per minute."""
    minutes = capacity / rate / 60
    return encode_rejection(
        429,
        "max-message-queue-size-exceeded",
        f"the account's {kind} queue is full: {rate * 60:g} segments per minute are allowed and {capacity} "
        f"({minutes:g} minutes' worth) can be queued; send more slowly or ask for a higher rate",
    )


def _not_found(path: str, account_id: str, now: float) -> Response:
    # The framework's own body: a time zone without a colon, and the whole path.
    time = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "+0000"
    body = {
        "timestamp": time,
        "status": 404,
        "error": "Not Found",
        "message": "Not Found",
        # JSON cannot carry half a surrogate pair, and a request in process may.
        "path": f"/api/v2/users/{account_id}/{path}".encode(errors="backslashreplace").decode(),
    }
    return Response(404, JSON_HEADERS, msgspec.json.encode(body))


def _is_json(content_type: str) -> bool:
    media_type, *parameters = content_type.lower().split(";")
    charset = _parameter(parameters, "charset", default="utf-8").strip('"')
    return media_type.strip() == "application/json" and charset in ("utf-8", "utf8")


def _accepts_json(accept: str) -> bool:
    """RFC 9110, 12.5.1: the most specific range that matches decides; no header accepts everything."""
    if not accept.strip():
        return True
    ranges = dict(_quality(item) for item in accept.lower().split(","))
    for wanted in ("application/json", "application/*", "*/*"):
        if wanted in ranges:
            return ranges[wanted] > 0
    return False


def _quality(item: str) -> tuple[str, float]:
    media_range, *parameters = item.split(";")
    try:
        return media_range.strip(), float(_parameter(parameters, "q", default="1"))
    except ValueError:
        return media_range.strip(), 1.0


def _parameter(parameters: Sequence[str], wanted: str, *, default: str) -> str:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == wanted:
            return value.strip()
    return default
