"""Search for messages: metadata of what the provider has, never text and never a tag.

One row stands for a message and one of its recipients (ASSUMED, as the documents do not say). Statuses are text, since
samples hold some that no list has.

Source: Messaging V2 API, search (14 days back, on the receive time).
"""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from msgcore.errors import ResponseError
from msgcore.wire.exchange import Request, Response
from msgcore.wire.json_bodies import UNREADABLE, path_and_reason, read_time
from msgcore.wire.rejections import decode_rejection

MOST_ROWS_A_PAGE: Final = 1000


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """A message as search tells it, for one recipient."""

    message_id: str
    source_tn: str
    destination_tn: str
    message_status: str = ""
    message_direction: str = ""
    receive_time: str = ""

    @property
    def received_at(self) -> datetime | None:
        """When the provider took it in, as an aware ``datetime``; ``None`` where that cannot be read."""
        try:
            return read_time(self.receive_time)
        except ValueError:
            return None


class SearchPage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One page of what was found; ``next_token`` leads to the next one."""

    messages: tuple[FoundMessage, ...]
    next_token: str | None = None


class _PageInfo(msgspec.Struct, rename="camel"):
    next_page_token: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    messages: tuple[FoundMessage, ...]
    page_info: _PageInfo | None = None


_decode: Final = msgspec.json.Decoder(_Page).decode


def encode_search(
    *, sender: str, recipient: str, since: float, until: float, token: str | None = None, limit: int = MOST_ROWS_A_PAGE
) -> Request:
    """Write the request that looks for messages sent from ``sender`` to ``recipient`` in a window of time.

    >>> encode_search(sender="+19195550100", recipient="+19195550123", since=0, until=60).query
    'sourceTn=%2B19195550100&destinationTn=%2B19195550123&messageDirection=OUTBOUND&fromDateTime=1970-01-01T00...'

    ``since`` and ``until`` are in seconds since the Unix epoch.
    """
    parameters = {
        "sourceTn": sender,
        "destinationTn": recipient,
        "messageDirection": "OUTBOUND",
        "fromDateTime": _time(since),
        "toDateTime": _time(until),
        "limit": str(limit),
    }
    if token is not None:
        parameters["pageToken"] = token
    return Request("GET", "messages", urlencode(parameters))


def decode_search(response: Response) -> SearchPage:
    """Read a page of what was found.

    Raises:
        RejectedError: the provider said no; ``RateLimitedError`` where it was asked too often.
        ResponseError: the answer cannot be read.
        TypeError: the body is still a stream.
    """
    body = response.body
    if not isinstance(body, bytes):
        raise TypeError(f"the body must be read to bytes before it is decoded, not {type(body).__name__}")
    if 400 <= response.status < 600:
        raise decode_rejection(response.status, response.headers, body)
    if response.status != 200:
        raise ResponseError("$", "expected 200", response.status)
    try:
        page = _decode(body)
    except UNREADABLE as error:
        raise ResponseError(*path_and_reason(error), response.status) from error
    return SearchPage(messages=page.messages, next_token=page.page_info.next_page_token if page.page_info else None)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


__all__ = ["FoundMessage", "SearchPage", "decode_search", "encode_search"]
