"""Message detail records (MDR): what the provider tells about each segment it has carried, one row of CSV each.

How this works: an SMS has one row for each segment, and they share the ``MessageID``; an MMS has one row, a group MMS
one for each recipient. Nothing of what was said is in them.

Source: Messaging V2, MDR field description. Its first nine columns and the name ``MessageStatus`` are known; how the
table goes on is not. The columns behind them are ASSUMED: the names are made after those of the search endpoint. So a
reader goes by the names in the header, and whoever wants only what is certain has :attr:`MdrColumns.CONFIRMED_ONLY`.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NoReturn

import msgspec

from msgcore.errors import MdrError
from msgcore.wire.json_bodies import read_time


class MdrColumns(StrEnum):
    """Which columns are written."""

    ALL = "all"
    """The confirmed ones, and those that are modelled on the search endpoint."""
    CONFIRMED_ONLY = "confirmed-only"
    """The nine columns of the published description, and ``MessageStatus``."""


class MdrRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row: a segment of an SMS, or an MMS to one recipient.

    ``source`` and ``destination`` are digits without ``+`` (or a short code, or a name), ``error_code`` is the
    historical success code, empty or ``200``, and ``api_error_code`` the delivery code of a failure. What a file has no
    column for, or no value, is ``None``, or an empty text.
    """

    account_id: str
    message_type: str
    message_id: str
    direction: str
    source: str
    destination: str
    time: str
    error_code: str = ""
    zone: str = ""
    status: str = ""
    api_error_code: int | None = None
    segment_count: int | None = None
    segment_number: int | None = None
    carrier: str = ""
    message_size: int | None = None
    message_length: int | None = None
    attachment_count: int | None = None
    recipient_count: int | None = None
    campaign_id: str = ""
    campaign_class: str = ""
    product: str = ""
    location: str = ""
    application_id: str = ""
    tag: str = ""

    @property
    def timestamp(self) -> datetime:
        """When the provider received the message, as an aware ``datetime``; MdrError where ``time`` cannot be read."""
        try:
            return read_time(self.time)
        except ValueError as error:
            raise MdrError(None, f"TimeStamp: {error}") from error

    @property
    def is_outbound(self) -> bool:
        """Whether the account has sent it."""
        return self.direction == OUTBOUND


OUTBOUND: Final = "OUTBOUND"
INBOUND: Final = "INBOUND"

_NAMES: Final = (
    "AccountId", "MessageType", "MessageID", "CallDirection", "SourceTn", "DestinationTn", "TimeStamp", "ErrorCode",
    "IntlZone", "MessageStatus", "ApiErrorCode", "SegmentCount", "SegmentNumber", "CarrierName", "MessageSize",
    "MessageLength", "AttachmentCount", "RecipientCount", "CampaignId", "CampaignClass", "Product", "Location",
    "ApplicationId", "Tag",
)  # fmt: skip
_CONFIRMED: Final = 10
_NEEDED: Final = _NAMES[:7]
_FIELDS: Final = MdrRow.__struct_fields__
_IS_COUNT: Final = tuple(
    name in ("ApiErrorCode", "SegmentCount", "SegmentNumber", "MessageSize", "MessageLength", "AttachmentCount",
             "RecipientCount")
    for name in _NAMES
)  # fmt: skip

# Commas, quotes and line ends; and blanks at an end of a value, which some readers would lose.
_HAS_MARK: Final = re.compile(r'[",\r\n]')
_QUOTED_FOR: Final = ('"', "\n", "\r", ", ", " ,", ",\t", "\t,")
# Digits of E.164 or of a short code; or a name, which has a letter in it, and no dot, as 1.9196E+10 has.
_ADDRESS: Final = re.compile(r"\+?[0-9]{3,15}|(?=.*[A-Za-z])[A-Za-z0-9 &_-]{1,11}")
_MOST_COUNT_DIGITS: Final = 18


def mdr_column_names(columns: MdrColumns = MdrColumns.ALL) -> tuple[str, ...]:
    """Return the header of a file.

    >>> mdr_column_names(MdrColumns.CONFIRMED_ONLY)[-3:]
    ('ErrorCode', 'IntlZone', 'MessageStatus')
    """
    return _NAMES if columns is MdrColumns.ALL else _NAMES[:_CONFIRMED]


def encode_mdr_header(columns: MdrColumns = MdrColumns.ALL) -> bytes:
    """Write the line of column names."""
    return ",".join(mdr_column_names(columns)).encode() + b"\r\n"


def encode_mdr_rows(rows: Iterable[MdrRow], columns: MdrColumns = MdrColumns.ALL) -> bytes:
    """Write rows as CSV (RFC 4180) in UTF-8, without the header.

    >>> row = MdrRow(account_id="9900000", message_type="sms", message_id="17", direction="OUTBOUND",
    ...     source="19195550100", destination="19195550123", time="2026-01-01T00:00:00.000Z", zone="1", tag='a "b"')
    >>> encode_mdr_rows([row], MdrColumns.CONFIRMED_ONLY)
    b'9900000,sms,17,OUTBOUND,19195550100,19195550123,2026-01-01T00:00:00.000Z,,1,\\r\\n'

    Only complete files can be read back: begin with :func:`encode_mdr_header`.
    """
    count = len(mdr_column_names(columns))
    lines = [_line(msgspec.structs.astuple(row)[:count]) for row in rows]
    # A text may hold half a surrogate pair if somebody made it by hand; a file cannot.
    return "".join(lines).encode("utf-8", "replace")


def _line(values: tuple[str | int | None, ...]) -> str:
    cells = ["" if value is None else value if type(value) is str else str(value) for value in values]
    line = ",".join(cells)
    # The whole line is looked at first: in nearly all of them nothing has to be quoted.
    if line.count(",") != len(cells) - 1 or line != line.strip() or any(mark in line for mark in _QUOTED_FOR):
        line = ",".join(map(_quoted, cells))
    return line + "\r\n"


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if cell != cell.strip() or _HAS_MARK.search(cell) else cell


class MdrHeader:
    """The columns of a file, by name, in whatever order; names that nobody here knows are passed over.

    >>> header = MdrHeader("AccountId,MessageType,MessageID,CallDirection,SourceTn,DestinationTn,TimeStamp".split(","))
    >>> row = header.read("9900000,sms,17,OUTBOUND,19195550100,19195550123,2026-01-01T00:00:00Z".split(","))
    >>> row.destination, row.status
    ('19195550123', '')

    Raises:
        MdrError: the first seven columns are not there, or one stands there twice.
    """

    __slots__ = ("_counts", "_fields", "_places", "width")

    def __init__(self, names: Sequence[str]) -> None:
        known = [name.strip().casefold() for name in names]
        for name in _NEEDED:
            if name.casefold() not in known:
                raise MdrError(1, f"expected a header with the column {name}, got {_shown(','.join(names))}")
        for name in _NAMES:
            if known.count(name.casefold()) > 1:
                raise MdrError(1, f"the column {name} stands there twice")
        self.width = len(names)
        there = [index for index, name in enumerate(_NAMES) if name.casefold() in known]
        self._fields = [_FIELDS[index] for index in there]
        self._counts = [_FIELDS[index] for index in there if _IS_COUNT[index]]
        self._places = [known.index(_NAMES[index].casefold()) for index in there]

    def read(self, cells: Sequence[str], line: int | None = None) -> MdrRow:
        """Read the cells of a row.

        Raises:
            MdrError: there are more or fewer cells than columns, or a value is none that its column can have.
        """
        if len(cells) != self.width:
            raise MdrError(line, f"expected {self.width} values, got {len(cells)}")
        values: dict[str, Any] = {field: cells[place] for field, place in zip(self._fields, self._places, strict=True)}
        for field in self._counts:
            value = values[field]
            if not value:
                values[field] = None
            elif value.isdigit() and value.isascii() and len(value) <= _MOST_COUNT_DIGITS:
                values[field] = int(value)
            else:
                _refuse(line, field, "a whole number", value)
        row = MdrRow(**values)
        _check(row, line)
        return row


def _check(row: MdrRow, line: int | None) -> None:
    if row.direction not in (OUTBOUND, INBOUND):
        _refuse(line, "direction", "INBOUND or OUTBOUND", row.direction)
    if not row.message_id:
        _refuse(line, "message_id", "an id", row.message_id)
    if not row.message_type:
        _refuse(line, "message_type", "sms or mms", row.message_type)
    if not _ADDRESS.fullmatch(row.source):
        _refuse(line, "source", "digits of E.164, a short code or a name", row.source)
    if not _ADDRESS.fullmatch(row.destination):
        _refuse(line, "destination", "digits of E.164, a short code or a name", row.destination)
    try:
        read_time(row.time)
    except ValueError as error:
        raise MdrError(line, f"TimeStamp: {error}") from error


def _refuse(line: int | None, field: str, expected: str, value: str) -> NoReturn:
    raise MdrError(line, f"{_NAMES[_FIELDS.index(field)]}: expected {expected}, got {_shown(value)}")


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else value[:57] + "...")


__all__ = [
    "INBOUND",
    "OUTBOUND",
    "MdrColumns",
    "MdrHeader",
    "MdrRow",
    "encode_mdr_header",
    "encode_mdr_rows",
    "mdr_column_names",
]
