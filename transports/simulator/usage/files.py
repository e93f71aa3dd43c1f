"""Usage as files: CSV of MDR rows, or a ZIP of such, written piece by piece.

A ZIP holds several files where there is more than fits into one (a spreadsheet takes a million rows), or where they
were asked for by location or site.

Source: Messaging V2, MDR reports: "a ZIP with CSV", breakdown ``Automatic``, ``Location``, ``Sub-Account``. The names
of the files are ASSUMED.
"""

import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date, timedelta
from io import RawIOBase
from typing import IO, Any, Final

from msgcore.errors import LocalError
from msgcore.wire.mdr import MdrColumns, encode_mdr_header, encode_mdr_rows
from transports.simulator.usage.archive import UsageFilter, UsageSource, read_pages
from transports.simulator.usage.records import UsageRecord, rows_of

ROWS_PER_FILE: Final = 1_000_000
BREAKDOWNS: Final = ("Automatic", "Location", "Sub-Account")

_EPOCH: Final = date(1970, 1, 1)
_DAY_MS: Final = 86_400_000
# Of files made twice the octets are the same.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MOST_NAME: Final = 60


def day_range_ms(start: str, end: str) -> tuple[int, int]:
    """Return the time of the days from ``start`` to ``end``, both included, in milliseconds.

    >>> day_range_ms("1970-01-01", "1970-01-02")
    (0, 172800000)
    """
    first, last = _day(start, "start"), _day(end, "end")
    if last < first:
        raise LocalError(f"end: {end} lies before {start}")
    return (first - _EPOCH).days * _DAY_MS, ((last - _EPOCH).days + 1) * _DAY_MS


def day_text(day: int) -> str:
    """Return a day that counts from 1970-01-01 as people write it.

    >>> day_text(20454)
    '2026-01-01'
    """
    return (_EPOCH + timedelta(day)).isoformat()


def _day(text: str, name: str) -> date:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise LocalError(f"{name}: expected a day such as 2026-01-31, got {text[:40]!r}")


def encode_records(records: Iterable[UsageRecord], account_id: str, columns: MdrColumns) -> bytes:
    """Write records as rows of CSV."""
    return encode_mdr_rows((row for record in records for row in rows_of(record, account_id)), columns)


async def stream_csv(
    source: UsageSource, account_id: str, wanted: UsageFilter, columns: MdrColumns
) -> AsyncIterator[bytes]:
    """Write a file of CSV, piece by piece."""
    yield encode_mdr_header(columns)
    async for records in read_pages(source, wanted):
        yield encode_records(records, account_id, columns)


async def stream_zip(
    source: UsageSource,
    account_id: str,
    wanted: UsageFilter,
    columns: MdrColumns,
    *,
    name: str,
    breakdown: str = "Automatic",
    rows_per_file: int = ROWS_PER_FILE,
) -> AsyncIterator[bytes]:
    """Write a ZIP of CSV files, piece by piece; ``name`` is what the files in it are called, without ``.csv``."""
    writer = _ZipWriter(columns, rows_per_file)
    for part, part_wanted in await _parts(source, wanted, breakdown):
        writer.begin(f"{name}{part}")
        async for records in read_pages(source, part_wanted):
            for piece in writer.add(records, account_id):
                yield piece
    yield writer.close()


async def _parts(source: UsageSource, wanted: UsageFilter, breakdown: str) -> list[tuple[str, UsageFilter]]:
    if breakdown == "Automatic":
        return [("", wanted)]
    by_location = breakdown == "Location"
    values: set[str] = set()
    async for records in read_pages(source, wanted):
        values.update(record.location if by_location else record.site_id for record in records)
    return [
        (f"_{name}", wanted._replace(location=value) if by_location else wanted._replace(site_id=value))
        for value, name in _file_names(sorted(values))
    ] or [("", wanted)]


def _file_names(values: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each value with a name that a file can have, and that no other has where letters of either case are one."""
    taken: set[str] = set()
    for value in values:
        plain = name = "".join(letter if letter.isalnum() else "-" for letter in value[:_MOST_NAME]) or "none"
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        yield value, name


class _Sink(RawIOBase):
    """What a ZIP is written into: it keeps what was written until somebody takes it, and cannot be turned back."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        piece = bytes(octets)
        self._written.append(piece)
        return len(piece)

    def take(self) -> bytes:
        written, self._written = self._written, []
        return b"".join(written)


class _ZipWriter:
    def __init__(self, columns: MdrColumns, rows_per_file: int) -> None:
        self._columns = columns
        self._rows_per_file = rows_per_file
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        self._file: IO[bytes] | None = None
        self._name = ""
        self._number = 0
        self._rows = 0

    def begin(self, name: str) -> None:
        self._name, self._number = name, 0
        self._open()

    def add(self, records: list[UsageRecord], account_id: str) -> Iterable[bytes]:
        start = 0
        for index, record in enumerate(records):
            if self._rows and self._rows + record.row_count > self._rows_per_file:
                self._write(records[start:index], account_id)
                start = index
                self._open()
            self._rows += record.row_count
        self._write(records[start:], account_id)
        if piece := self._sink.take():
            yield piece

    def close(self) -> bytes:
        if self._file is not None:
            self._file.close()
        self._zip.close()
        return self._sink.take()

    def _open(self) -> None:
        if self._file is not None:
            self._file.close()
        self._number += 1
        self._rows = 0
        name = self._name if self._number == 1 else f"{self._name}_{self._number}"
        info = zipfile.ZipInfo(f"{name}.csv", _NO_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        self._file = self._zip.open(info, "w", force_zip64=True)
        self._file.write(encode_mdr_header(self._columns))

    def _write(self, records: list[UsageRecord], account_id: str) -> None:
        assert self._file is not None, "begin() comes first"
        self._file.write(encode_records(records, account_id, self._columns))
