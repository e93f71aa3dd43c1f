"""A campaign file as a stream of rows: messages with their lines, and refused rows with their reasons.

CSV with a header line, or JSON Lines; UTF-8, with or without a byte order mark. ``rows.py`` has the columns.

A rejects file is read back as well: its leading columns ``reason`` and ``line`` are passed over.
"""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, Self

from transports.cli.blocks import Block
from transports.cli.csv_blocks import read_blocks
from transports.cli.csv_records import BrokenRecord, Record, describe_decoding_error, read_record, read_records
from transports.cli.keys import SeenKeys
from transports.cli.lines import MAX_LINE_OCTETS, LineReader
from transports.cli.rows import COLUMNS, REJECT_COLUMNS, RefusedRow, Row, RowReader, known_columns

# A file in another encoding is told from one with a few damaged rows by a sample from its beginning.
SAMPLE_OCTETS = 1 << 20
ENOUGH_WRONG_LINES = 10

Format = Literal["csv", "jsonl"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CSV_REJECT_PREFIX = re.compile(rb'(?:"(?:[^"]|"")*"|[^",\r\n]*),"?\d*"?,')
_JSON_REJECT_PREFIX = re.compile(rb'\{"reason":\s*"(?:[^"\\]|\\.)*",\s*"line":\s*\d+,?\s*')


class CampaignError(Exception):
    """The file as a whole cannot be used: nothing of it was sent."""


class Campaign:
    """An open campaign file; iterate it once.

    Args:
        path: the file, ``-`` for standard input.
        format: ``csv`` or ``jsonl``; ``None`` goes by the file's name (``.jsonl``, ``.ndjson``).
        sender: for rows without one.
        check_numbers, strict_numbers: what to refuse recipients for, as :class:`RowReader` has it.

    Raises:
        CampaignError: missing or unreadable file, unknown or missing column, not UTF-8.
    """

    def __init__(
        self,
        path: str,
        *,
        format: Format | None = None,
        sender: str | None = None,
        check_numbers: bool = True,
        strict_numbers: bool = False,
    ) -> None:
        self.path = path
        self.format: Format = format or ("jsonl" if Path(path).suffix.lower() in (".jsonl", ".ndjson") else "csv")
        self._sender = sender
        self._row_reader = RowReader(sender, check_numbers=check_numbers, strict_numbers=strict_numbers)
        self._file = _open(path)
        self.octets = _size(self._file)
        self._lines = LineReader(self._file)
        self._keys = SeenKeys()
        self._columns: list[str] = []  # of a CSV file whose rows may be read in blocks
        self.header = b""  # of a CSV file: its first line, without the columns of a rejects file
        try:
            self._rows = self._read_jsonl() if self.format == "jsonl" else self._read_csv()
        except OSError as error:
            self.close()
            raise CampaignError(f"{path}: {error.strerror or error}") from error
        except BaseException:
            self.close()
            raise

    @property
    def octets_read(self) -> int:
        """How much of the file has been read."""
        return self._lines.octets_read

    def __iter__(self) -> Iterator[Row | RefusedRow]:
        return map(self.check_key, self._rows)

    def blocks(self) -> Iterator[Block | Row | RefusedRow]:
        """Yield the same rows, as many as can be in blocks of columns: for whoever needs no message of each.

        The rows of a block have not been read further than into fields. Ask :meth:`Block.read` for those whose values
        are not plain, and :meth:`key_is_new` or :meth:`check_key` for each that has a key, in order.
        """
        if not self._columns:
            yield from self
            return
        for item in read_blocks(self._lines, self._columns, self._row_reader):
            if isinstance(item, Block):
                yield item
            elif (row := self._to_row(item)) is not None:
                yield self.check_key(row)

    def key_is_new(self, key: str, line: int) -> bool:
        """Tell whether no earlier row has ``key``, and note it."""
        return self._keys.line_of(key, line) is None

    def check_key(self, row: Row | RefusedRow) -> Row | RefusedRow:
        """Return ``row``, or its refusal where an earlier row has its key."""
        return self._keys.check(row)

    def close(self) -> None:
        """Close the file."""
        self._keys.close()
        if self._file is not sys.stdin.buffer:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check_is_text(self, beginning: bytes) -> None:
        """Raise if the file is no text in any encoding that keeps ASCII."""
        if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or beginning[1::2].count(0) > len(beginning) // 3:
            raise CampaignError(f"{self.path}: this looks like UTF-16; save it as UTF-8")
        if b"\0" in beginning:
            raise CampaignError(f"{self.path}: this is no text file")

    def _check_encoding(self, beginning: bytes) -> None:
        """Raise if the file is not UTF-8 as a whole, as far as a sample tells; single rows are refused later."""
        sample = [line for line in (beginning + self._peek()).splitlines() if line.strip()]
        wrong = sum(not _is_utf8(line) for line in sample)
        beyond_ascii = sum(not line.isascii() for line in sample)
        if wrong > len(sample) / 2 or (wrong == beyond_ascii and wrong >= ENOUGH_WRONG_LINES):
            raise CampaignError(f"{self.path}: this is not UTF-8 (perhaps Windows-1252 or Latin-1); save it as UTF-8")

    def _peek(self) -> bytes:
        """Return whole lines that follow, without reading on; none where the file cannot be read twice."""
        if not self._file.seekable():
            return b""
        position = self._file.tell()
        sample = self._file.read(SAMPLE_OCTETS)
        self._file.seek(position)
        return sample if len(sample) < SAMPLE_OCTETS else sample[: sample.rfind(b"\n") + 1]

    # ------------------------------------------------------------------------------------------------------------ CSV

    def _read_csv(self) -> Iterator[Row | RefusedRow]:
        header = read_record(self._lines)
        if header is None:
            raise CampaignError(
                f"{self.path}: the file is empty; expected a header line with columns {known_columns()}"
            )
        raw = header.raw.removeprefix(_BYTE_ORDER_MARK)
        self._check_is_text(raw)
        if isinstance(header, BrokenRecord):
            raise CampaignError(f"{self.path}, line {header.line}: the header cannot be read: {header.reason}")
        columns = [name.removeprefix("\ufeff").strip().lower() for name in header.fields]
        is_rejects = tuple(columns[:2]) == REJECT_COLUMNS
        self._check_columns(columns[2:] if is_rejects else columns, header.line)
        self.header = _to_csv(header.fields[2:]) if is_rejects else raw
        self._columns = [] if is_rejects else columns
        if not is_rejects:  # which may well hold nothing but rows that are not UTF-8
            self._check_encoding(b"")
        return self._read_csv_rows(columns, is_rejects)

    def _check_columns(self, columns: list[str], line: int) -> None:
        where = f"{self.path}, line {line}"
        for name in columns:
            if name not in COLUMNS:
                hint = "; save the file with commas" if len(columns) == 1 and ";" in name else ""
                raise CampaignError(f"{where}: unknown column {name!r}; known are {known_columns()}{hint}")
            if columns.count(name) > 1:
                raise CampaignError(f"{where}: column {name!r} stands there twice")
        needed = ["to"] if self._sender else ["to", "from"]
        for name in needed:
            if name not in columns:
                hint = " (or give a default sender)" if name == "from" else ""
                raise CampaignError(f"{where}: column {name!r} is missing{hint}; known are {known_columns()}")
        if "text" not in columns and "media" not in columns:
            raise CampaignError(f"{where}: one of the columns 'text' and 'media' is needed")

    def _read_csv_rows(self, columns: list[str], is_rejects: bool) -> Iterator[Row | RefusedRow]:
        for record in read_records(self._lines, len(columns)):
            row = self._to_reject(record, columns) if is_rejects else self._to_row(record)
            if row is not None:
                yield row

    def _to_row(self, record: Record | BrokenRecord) -> Row | RefusedRow | None:
        if isinstance(record, BrokenRecord):
            return RefusedRow(record.line, record.raw, "row", record.reason)
        if not any(map(str.strip, record.fields)):
            return None  # what a spreadsheet leaves of a row that was emptied
        values = dict(zip(self._columns, record.fields, strict=True))
        return self._row_reader.read(record.line, record.raw, values)

    def _to_reject(self, record: Record | BrokenRecord, columns: list[str]) -> Row | RefusedRow | None:
        if isinstance(record, BrokenRecord):
            return RefusedRow(record.line, _without(_CSV_REJECT_PREFIX, record.raw, b""), "row", record.reason)
        if not any(map(str.strip, record.fields)):
            return None
        values = dict(zip(columns, record.fields, strict=True))
        return self._row_reader.read(record.line, _to_csv(record.fields[2:]), values)

    # ----------------------------------------------------------------------------------------------------- JSON Lines

    def _read_jsonl(self) -> Iterator[Row | RefusedRow]:
        first = self._lines.next()
        if first is None:
            raise CampaignError(f"{self.path}: the file is empty; expected one JSON object a line")
        self._check_is_text(first.raw)
        if not _JSON_REJECT_PREFIX.match(first.raw):
            self._check_encoding(first.raw)
        first = first._replace(raw=first.raw.removeprefix(_BYTE_ORDER_MARK))
        try:
            record = json.loads(first.raw)
        except (ValueError, RecursionError):
            record = None  # one broken line is a refused row, even the first
        if isinstance(record, dict):
            # A field that is misspelt stands so in every row: better to say it once, before anything is sent.
            unknown = [name for name in record if name not in (*COLUMNS, *REJECT_COLUMNS)]
            if unknown:
                raise CampaignError(f"{self.path}, line 1: unknown field {unknown[0]!r}; known are {known_columns()}")
        self._lines.push_back([first])
        return self._read_jsonl_rows()

    def _read_jsonl_rows(self) -> Iterator[Row | RefusedRow]:
        while (line := self._lines.next()) is not None:
            if not line.raw.strip():
                continue
            raw = _without(_JSON_REJECT_PREFIX, line.raw, b"{")
            if line.cut:
                reason = f"the line is longer than {MAX_LINE_OCTETS} octets; only its beginning is kept here"
                yield RefusedRow(line.number, raw, "row", reason)
                continue
            try:
                record = json.loads(line.raw.decode("utf-8"))
            except UnicodeDecodeError as error:
                yield RefusedRow(line.number, raw, "row", describe_decoding_error(error))
                continue
            except (ValueError, RecursionError) as error:
                yield RefusedRow(line.number, raw, "row", f"broken JSON: {error}")
                continue
            if not isinstance(record, dict):
                yield RefusedRow(line.number, raw, "row", f"expected a JSON object, got {type(record).__name__}")
                continue
            yield self._row_reader.read(line.number, raw, record)


def _open(path: str) -> BinaryIO:
    if path == "-":
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except OSError as error:
        raise CampaignError(f"{path}: {error.strerror or error}") from error


def _size(file: BinaryIO) -> int | None:
    try:
        return os.fstat(file.fileno()).st_size or None
    except OSError:
        return None  # no real file, as standard input under a test runner


def _without(prefix: re.Pattern[bytes], raw: bytes, instead: bytes) -> bytes:
    found = prefix.match(raw)
    return raw if found is None else instead + raw[found.end() :]


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _to_csv(fields: list[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(fields)
    return text.getvalue().encode("utf-8")


__all__ = ["COLUMNS", "REJECT_COLUMNS", "Campaign", "CampaignError", "Format", "RefusedRow", "Row"]
