"""The parameters of a search: read, checked, and put as one record, so that a store can answer it in its own way.

Source: Messaging V2 API, search. Its trap with ``+`` is kept: unencoded it is a blank, and finds nothing.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from msgcore.errors import FieldError
from msgcore.wire.json_bodies import read_time
from transports.simulator.course.records import Status

MOST_ROWS: Final = 10_000
DEFAULT_LIMIT: Final = 100
WINDOW_SECONDS: Final = 14 * 86400

_MOST_NUMBERS: Final = 10
_SHORTEST_PREFIX: Final = 5

SORT_FIELDS: Final = {
    "messageId": "message_id",
    "sourceTn": "source_tn",
    "destinationTn": "destination_tn",
    "messageStatus": "message_status",
    "messageDirection": "message_direction",
    "messageType": "message_type",
    "segmentCount": "segment_count",
    "errorCode": "error_code",
    "receiveTime": "receive_time",
    "carrierName": "carrier_name",
    "messageSize": "message_size",
    "messageLength": "message_length",
    "attachmentCount": "attachment_count",
    "recipientCount": "recipient_count",
    "campaignId": "campaign_id",
    "product": "product",
    "location": "location",
}


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; ``None`` matches everything. Times are seconds since the Unix epoch.

    ``source`` and ``destination`` hold whole numbers, or one beginning of a number.
    """

    message_id: str | None = None
    source: tuple[str, ...] | None = None
    destination: tuple[str, ...] | None = None
    status: str | None = None
    direction: str | None = None
    carrier: str | None = None
    type: str | None = None
    error_code: int | None = None
    since: float | None = None
    until: float | None = None
    campaign_id: str | None = None
    product: str | None = None
    location: str | None = None
    bw_queued: bool | None = None
    carrier_queued: bool | None = None
    least_bw_latency: int | None = None
    least_carrier_latency: int | None = None
    calling_country: str | None = None
    called_country: str | None = None
    least_segments: int | None = None
    most_segments: int | None = None
    least_size: int | None = None
    most_size: int | None = None
    sort_field: str = "receive_time"
    descending: bool = True  # ASSUMED: the newest first
    position: int = 0
    limit: int = DEFAULT_LIMIT
    limits_total: bool = False


def read_query(text: str) -> tuple[Query, list[FieldError]]:
    """Return what a query string asks for, and what is wrong with it.

    >>> query, errors = read_query("sourceTn=%2B19195550100&limit=10")
    >>> query.source, query.limit, errors
    (('+19195550100',), 10, [])
    >>> read_query("")[1][0].description
    'at least one parameter is required'
    """
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    pairs = [pair for pair in parse_qsl(text, keep_blank_values=True, errors="replace") if pair[0] in _READERS]
    for name, value in pairs:
        field, read = _READERS[name]
        try:
            result = read(value)
        except ValueError as error:
            errors.append(FieldError(name, str(error)))
        else:
            values |= result if field is None else {field: result}
    if not pairs:
        errors.append(FieldError("query", "at least one parameter is required"))
    query = Query(**values)
    if query.position + query.limit > MOST_ROWS:
        errors.append(
            FieldError("limit", f"position {query.position} and limit {query.limit} must not pass {MOST_ROWS} together")
        )
    return query, errors


def page_token(position: int) -> str:
    """Return the opaque name of a page.

    >>> _read_token(page_token(200))
    200
    """
    return urlsafe_b64encode(b"p%d" % position).decode()


# ------------------------------------------------------------------------------------------------- one value at a time


def _read_token(value: str) -> int:
    try:
        text = b64decode(value.encode(), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("this page token is none of ours") from error
    if not (text.startswith(b"p") and text[1:].isdigit() and len(text) < 8):
        raise ValueError("this page token is none of ours")
    return int(text[1:])


def _read_numbers(value: str) -> tuple[str, ...]:
    numbers = tuple(value.split(","))
    if len(numbers) > _MOST_NUMBERS:
        raise ValueError(f"{len(numbers)} numbers, at most {_MOST_NUMBERS} are allowed")
    if not all(numbers):
        raise ValueError("expected a number, a beginning of one, or up to 10 numbers separated by commas")
    return numbers


def _read_text(value: str) -> str:
    if not value:
        raise ValueError("expected a value, got nothing")
    return value


def _read_one_of(*known: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in known:
            raise ValueError(f"{value[:60]!r}: expected one of {', '.join(known)}")
        return value

    return read


def _read_count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise ValueError(f"{value[:60]!r}: expected a whole number")
    return int(value)


def _read_limit(value: str) -> int:
    limit = _read_count(value)
    if not 1 <= limit <= MOST_ROWS:
        raise ValueError(f"{limit}: expected 1 to {MOST_ROWS}")
    return limit


def _read_flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError(f"{value[:60]!r}: expected true or false")
    return value.lower() == "true"


def _read_time(value: str) -> float:
    try:
        return read_time(value).timestamp()
    except OverflowError as error:
        raise ValueError(f"{value[:60]!r}: out of range") from error


def _read_sort(value: str) -> dict[str, Any]:
    name, _, direction = value.partition(":")
    if name not in SORT_FIELDS or direction not in ("asc", "desc"):
        raise ValueError(f"{value[:60]!r}: expected a field and asc or desc, such as sourceTn:desc")
    return {"sort_field": SORT_FIELDS[name], "descending": direction == "desc"}


_PRODUCTS: Final = (
    "LOCAL_A2P", "P2P", "SHORT_CODE_REACH", "TOLL_FREE", "HOSTED_SHORT_CODE", "ALPHA_NUMERIC", "RBM_MEDIA", "RBM_RICH",
    "RBM_CONVERSATIONAL",
)  # fmt: skip

# Parameter -> field of Query (None: the reader names them), reader.
_READERS: Final[dict[str, tuple[str | None, Callable[[str], Any]]]] = {
    "messageId": ("message_id", _read_text),
    "sourceTn": ("source", _read_numbers),
    "destinationTn": ("destination", _read_numbers),
    "messageStatus": ("status", _read_one_of(*(status.name for status in Status))),
    "messageDirection": ("direction", _read_one_of("INBOUND", "OUTBOUND")),
    "carrierName": ("carrier", _read_text),
    "messageType": ("type", _read_one_of("sms", "mms", "rcs")),
    "errorCode": ("error_code", _read_count),
    "fromDateTime": ("since", _read_time),
    "toDateTime": ("until", _read_time),
    "campaignId": ("campaign_id", _read_text),
    "product": ("product", _read_one_of(*_PRODUCTS)),
    "location": ("location", _read_text),
    "bwQueued": ("bw_queued", _read_flag),
    "carrierQueued": ("carrier_queued", _read_flag),
    "fromBwLatency": ("least_bw_latency", _read_count),
    "fromCarrierLatency": ("least_carrier_latency", _read_count),
    "callingNumberCountryA3": ("calling_country", _read_text),
    "calledNumberCountryA3": ("called_country", _read_text),
    "fromSegmentCount": ("least_segments", _read_count),
    "toSegmentCount": ("most_segments", _read_count),
    "fromMessageSize": ("least_size", _read_count),
    "toMessageSize": ("most_size", _read_count),
    "sort": (None, _read_sort),
    "pageToken": ("position", _read_token),
    # The links of an answer carry the token under these names, and, as in the published samples, the wrong way round.
    "nextPage": ("position", _read_token),
    "prevPage": ("position", _read_token),
    "limit": ("limit", _read_limit),
    "limitTotalCount": ("limits_total", _read_flag),
}

PARAMETERS: Final = tuple(_READERS)
"""All parameters that a search knows."""


def is_prefix(numbers: tuple[str, ...]) -> bool:
    """Whether what is looked for may be the beginning of a number: one value of five characters or more."""
    return len(numbers) == 1 and len(numbers[0]) >= _SHORTEST_PREFIX
