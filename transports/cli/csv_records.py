"""CSV records with their line numbers, where one broken line costs itself and not the rest of the file.

How this works: a quoted field may hold line breaks, so a quote that is never closed would swallow every row after it
as the text of one message. Here a record that does not parse, or that does not have the header's number of fields, is
looked through for the first later line at which a whole record begins: only what stands before that line is refused,
and reading goes on there. RFC 4180 is the dialect, with any line end.
"""

import csv
from collections.abc import Iterator
from typing import NamedTuple

from transports.cli.lines import MAX_LINE_OCTETS, Line, LineReader

MAX_RECORD_OCTETS = 1 << 16
MAX_PROBED_LINES = 64


class Record(NamedTuple):
    """A record that parsed: the number of its first line, its octets, and its fields."""

    line: int
    raw: bytes
    fields: list[str]


class BrokenRecord(NamedTuple):
    """Octets that are no record, and why not."""

    line: int
    raw: bytes
    reason: str


def read_record(lines: LineReader) -> Record | BrokenRecord | None:
    """Return the next record, whatever its number of fields; None at the end."""
    return _Reader(lines, None).next()


def read_records(lines: LineReader, field_count: int) -> Iterator[Record | BrokenRecord]:
    """Yield records of ``field_count`` fields, and in their place what is none; empty lines are passed over."""
    reader = _Reader(lines, field_count)
    while (record := reader.next()) is not None:
        yield record


class _Reader:
    def __init__(self, lines: LineReader, field_count: int | None) -> None:
        self._lines = lines
        self._field_count = field_count

    def next(self) -> Record | BrokenRecord | None:
        while (line := self._lines.next()) is not None:
            if line.raw.strip():
                return self._read_from(line)
        return None

    def _read_from(self, first: Line) -> Record | BrokenRecord:
        if first.cut:
            reason = f"the line is longer than {MAX_LINE_OCTETS} octets; only its beginning is kept here"
            return BrokenRecord(first.number, first.raw, reason)
        taken: list[Line] = []
        problem, fields = self._parse(first, taken)
        if problem is not None and (broken := self._broken_part(taken)) < len(taken):
            self._lines.push_back(taken[broken:])
            taken = taken[:broken]
            problem = "broken CSV line: a quote is opened and not closed before the next row"
        raw = b"".join(line.raw for line in taken)
        if problem is not None:
            return BrokenRecord(first.number, raw, problem)
        try:
            raw.decode("utf-8")
        except UnicodeDecodeError as error:
            return BrokenRecord(first.number, raw, describe_decoding_error(error))
        return Record(first.number, raw, fields)

    def _parse(self, first: Line, taken: list[Line]) -> tuple[str | None, list[str]]:
        """Parse one record, noting the lines it took; what is wrong with it, if anything, and its fields."""
        if b'"' not in first.raw:  # by far the most lines: nothing to unquote, nothing to continue
            taken.append(first)
            text = _text(first)
            if "\r" in text:
                return "broken CSV line: a carriage return stands in an unquoted field", []
            fields = text.split(",")
        else:
            try:
                fields = next(csv.reader(self._take(first, taken), strict=True))
            except csv.Error as error:
                return f"broken CSV line: {_explain(error)}", []
        if self._field_count is not None and len(fields) != self._field_count:
            return f"broken CSV line: {len(fields)} fields, the header has {self._field_count}", []
        return None, fields

    def _take(self, first: Line, taken: list[Line]) -> Iterator[str]:
        """Feed the parser line by line, as many as one record may have."""
        line: Line | None = first
        octets = 0
        while line is not None and not line.cut and octets < MAX_RECORD_OCTETS:
            taken.append(line)
            octets += len(line.raw)
            yield line.raw.decode("utf-8", "surrogateescape")
            line = self._lines.next()
        if line is not None:
            self._lines.push_back([line])

    def _broken_part(self, taken: list[Line]) -> int:
        """Return how many lines of a broken record stand before the first one at which a whole record begins.

        So many are looked at and no more: a file of nothing but broken lines must not take quadratic time.
        """
        most = min(len(taken), MAX_PROBED_LINES)
        for broken in range(1, most):
            self._lines.push_back(taken[broken + 1 :])
            probed: list[Line] = []
            problem, _ = self._parse(taken[broken], probed)
            self._lines.push_back(probed[1:])
            for _ in taken[broken + 1 :]:
                self._lines.next()
            if problem is None:
                return broken
        return most


def describe_decoding_error(error: UnicodeDecodeError) -> str:
    """Say which octet is not UTF-8, in the words that a rejects file carries."""
    octet = error.object[error.start]
    return f"not UTF-8: octet 0x{octet:02X} at position {error.start + 1} of the row"


def _text(line: Line) -> str:
    return line.raw.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")


def _explain(error: csv.Error) -> str:
    return "a quote is opened and never closed" if str(error) == "unexpected end of data" else str(error)


__all__ = ["BrokenRecord", "Record", "describe_decoding_error", "read_record", "read_records"]
