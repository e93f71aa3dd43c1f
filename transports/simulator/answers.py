"""What the V2 API answers over HTTP when it does not do what it was asked.

Source: Messaging V2 API, "Errors of the HTTP API". Bodies are ``{"type", "description"}``, a 400 adds ``fieldErrors``;
only the 404 has the form of the framework below the API, and in the seeds' time 405 and 406 had it too (ASSUMED: no
other body was documented then). 413 is not in the documents; an upload has to be refused somehow, so ASSUMED.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus

import msgspec

from msgcore.errors import FieldError
from msgcore.wire.exchange import Response
from msgcore.wire.rejections import encode_rejection
from transports.simulator.accounts.profiles import Profile

JSON_HEADERS = {"content-type": "application/json"}


def invalid_message(description: str, field_errors: Sequence[FieldError] = ()) -> Response:
    """Return the 400 for a request that keeps to no rule, or breaks one."""
    return encode_rejection(400, "request-validation", description, field_errors)


def unauthorized(profile: Profile) -> Response:
    """Return the 401: wrong or missing credentials, or those of another account."""
    return encode_rejection(
        401,
        profile.unauthorized_type,
        "the credentials are missing or wrong, or belong to another account",
        headers={"www-authenticate": 'Basic realm="messaging"'},
    )


def forbidden(profile: Profile) -> Response:
    """Return the 403: known, but without messaging rights."""
    return encode_rejection(403, profile.forbidden_type, "this user, or its account, may not use messaging")


def not_found(path: str, account_id: str, now: float) -> Response:
    """Return the 404: an unknown path, or media that are not there."""
    return _framework(404, path, account_id, now)


def unknown_path(path: str, now: float) -> Response:
    """Return the 404 for a path that is none of an account's: all of it, as it was sent."""
    return _framework_at(404, path, now, {})


def server_fault() -> Response:
    """Return the 500: nothing is ever meant to bring it about."""
    return encode_rejection(500, "internal-server-error", "something has gone wrong in the simulator itself")


def method_not_allowed(method: str, allowed: str, path: str, account_id: str, now: float, profile: Profile) -> Response:
    """Return the 405, which says what is allowed."""
    if not profile.has_search:
        return _framework(405, path, account_id, now, headers={"allow": allowed})
    return encode_rejection(
        405,
        "method-not-allowed",
        f"{_shown(method)} is not supported here, use {allowed}",
        headers={"allow": allowed},
    )


def not_acceptable(accept: str, path: str, account_id: str, now: float, profile: Profile) -> Response:
    """Return the 406: the answer would be JSON, which ``accept`` rules out."""
    if not profile.has_search:
        return _framework(406, path, account_id, now)
    return encode_rejection(
        406, "not-acceptable", f"the answer is application/json, which {_shown(accept)} does not accept"
    )


def unsupported_content_type(content_type: str) -> Response:
    """Return the 415, which names the offending type."""
    return encode_rejection(
        415,
        "unsupported-content-type",
        f"content type {_shown(content_type)} is not supported, use application/json",
    )


def too_large(octet_count: int, limit: int) -> Response:
    """Return the 413."""
    return encode_rejection(413, "content-too-large", f"the body has {octet_count} octets, at most {limit} are taken")


def no_room(octet_count: int, left: int, seconds: float) -> Response:
    """Return the 413 for media that do not fit beside the others: ours alone, since here they are all in memory.

    RFC 9110, 15.5.14: larger than the server is "able to process"; "if the condition is temporary", when to come again.
    """
    return encode_rejection(
        413,
        "content-too-large",
        f"the file has {octet_count} octets, and {max(0, left)} are left for media of this account: delete some",
        headers={"retry-after": str(math.ceil(seconds))},
    )


def range_not_satisfiable(octet_count: int) -> Response:
    """Return the 416: RFC 9110, 15.5.17, the answer "SHOULD generate a Content-Range" with the length."""
    return encode_rejection(
        416,
        "range-not-satisfiable",
        f"the file has {octet_count} octets",
        headers={"content-range": f"bytes */{octet_count}"},
    )


def queue_full(kind: str, rate: float, capacity: int) -> Response:
    """Return the 429 for a message that does not fit; as published, it states the rate per minute."""
    minutes = capacity / rate / 60
    return encode_rejection(
        429,
        "max-message-queue-size-exceeded",
        f"the account's {kind} queue is full: {rate * 60:g} segments per minute are allowed and {capacity} "
        f"({minutes:g} minutes' worth) can be queued; send more slowly or ask for a higher rate",
    )


def too_many_searches(retry_after_seconds: int) -> Response:
    """Return the 429 of search, whose type has underscores and which says when to come again."""
    return encode_rejection(
        429,
        "rate_limit_exceeded",
        f"too many searches from this address, try again in {retry_after_seconds} s",
        headers={"retry-after": str(retry_after_seconds)},
    )


def _framework(status: int, path: str, account_id: str, now: float, headers: dict[str, str] | None = None) -> Response:
    return _framework_at(status, f"/api/v2/users/{account_id}/{path}", now, headers or {})


def _framework_at(status: int, path: str, now: float, headers: dict[str, str]) -> Response:
    # The framework's own body: a time zone without a colon, and the whole path.
    time = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "+0000"
    phrase = HTTPStatus(status).phrase
    body = {
        "timestamp": time,
        "status": status,
        "error": phrase,
        "message": phrase,
        # JSON cannot carry half a surrogate pair, and a request in process may.
        "path": path.encode(errors="backslashreplace").decode(),
    }
    return Response(status, JSON_HEADERS | headers, msgspec.json.encode(body))


def _shown(value: str) -> str:
    return repr(value if len(value) <= 100 else value[:97] + "...")


# -------------------------------------------------------------------------------------------------------------- headers


@lru_cache(maxsize=256)
def is_json_exchange(accept: str, content_type: str) -> bool:
    """Return whether a request brings JSON and takes JSON; asked for every message, of the same few headers."""
    return accepts_json(accept) and is_json(content_type)


def is_json(content_type: str) -> bool:
    """Return whether a content type is JSON in UTF-8.

    >>> is_json("application/json; charset=utf-8"), is_json("text/json")
    (True, False)
    """
    media_type, *parameters = content_type.lower().split(";")
    charset = _parameter(parameters, "charset", default="utf-8").strip('"')
    return media_type.strip() == "application/json" and charset in ("utf-8", "utf8")


def accepts_json(accept: str) -> bool:
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
