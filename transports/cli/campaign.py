"""A campaign file as a stream of rows: messages with their lines, and refused rows with their reasons.

CSV with a header line, or JSON Lines; UTF-8, with or without a byte order mark. The columns:

============== =============================================================================================
to             recipients, E.164, several separated by ``;`` (a list in JSON Lines): a group message
from           the sender; may be left out where a default sender is given
text           the text
media          URLs of attachments, separated by blanks or ``;`` (a list in JSON Lines)
tag            the tag that comes back with every event
application_id the application, where it is not the default
priority       ``default`` or ``high``
expiration     RFC 3339 time after which the message is not sent
key            the caller's own identity of the message: a second row with the same key is refused
============== =============================================================================================

A rejects file is read back as well: its leading columns ``reason`` and ``line`` are passed over.
"""

import csv
import io
import json
import os
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, Self

from msgcore.errors import MessageError
from msgcore.wire import Message
from transports.cli.csv_records import BrokenRecord, Record, describe_decoding_error, read_record, read_records
from transports.cli.lines import MAX_LINE_OCTETS, LineReader

COLUMNS = ("to", "from", "text", "media", "tag", "application_id", "priority", "expiration", "key")
REJECT_COLUMNS = ("reason", "line")

# A file in another encoding is told from one with a few damaged rows by a sample from its beginning.
SAMPLE_OCTETS = 1 << 20
ENOUGH_WRONG_LINES = 10

Format = Literal["csv", "jsonl"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CSV_REJECT_PREFIX = re.compile(rb'(?:"(?:[^"]|"")*"|[^",\r\n]*),"?\d*"?,')
_JSON_REJECT_PREFIX = re.compile(rb'\{"reason":\s*"(?:[^"\\]|\\.)*",\s*"line":\s*\d+,?\s*')
_MEDIA_SEPARATOR = re.compile(r"\s+|;\s*(?=[A-Za-z][A-Za-z0-9+.-]*:)")


class CampaignError(Exception):
    """The file as a whole cannot be used: nothing of it was sent."""


class Row(NamedTuple):
    """A row that is a message: ``raw`` holds its octets as they stand in the file."""

    line: int
    raw: bytes
    message: Message


class RefusedRow(NamedTuple):
    """A row that is no message: the field at fault (or ``row``), and a reason to act on."""

    line: int
    raw: bytes
    field: str
    reason: str


class Campaign:
    """An open campaign file; iterate it once.

    Args:
        path: the file, ``-`` for standard input.
        format: ``csv`` or ``jsonl``; ``None`` goes by the file's name (``.jsonl``, ``.ndjson``).
        sender: for rows without one.

    Raises:
        CampaignError: missing or unreadable file, unknown or missing column, not UTF-8.
    """

    def __init__(self, path: str, *, format: Format | None = None, sender: str | None = None) -> None:
        self.path = path
        self.format: Format = format or ("jsonl" if Path(path).suffix.lower() in (".jsonl", ".ndjson") else "csv")
        self._sender = sender
        self._file = _open(path)
        self.octets = _size(self._file)
        self._lines = LineReader(self._file)
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
        with closing(_Keys()) as keys:
            for row in self._rows:
                if isinstance(row, Row) and row.message.key is not None:
                    earlier = keys.line_of(row.message.key, row.line)
                    if earlier is not None:
                        reason = f"key: {row.message.key!r} stands in line {earlier} already"
                        yield RefusedRow(row.line, row.raw, "key", reason)
                        continue
                yield row

    def close(self) -> None:
        """Close the file."""
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
            raise CampaignError(f"{self.path}: the file is empty; expected a header line with columns {_known()}")
        raw = header.raw.removeprefix(_BYTE_ORDER_MARK)
        self._check_is_text(raw)
        if isinstance(header, BrokenRecord):
            raise CampaignError(f"{self.path}, line {header.line}: the header cannot be read: {header.reason}")
        columns = [name.removeprefix("\ufeff").strip().lower() for name in header.fields]
        is_rejects = tuple(columns[:2]) == REJECT_COLUMNS
        self._check_columns(columns[2:] if is_rejects else columns, header.line)
        self.header = _to_csv(header.fields[2:]) if is_rejects else raw
        if not is_rejects:  # which may well hold nothing but rows that are not UTF-8
            self._check_encoding(b"")
        return self._read_csv_rows(columns, is_rejects)

    def _check_columns(self, columns: list[str], line: int) -> None:
        where = f"{self.path}, line {line}"
        for name in columns:
            if name not in COLUMNS:
                hint = "; save the file with commas" if len(columns) == 1 and ";" in name else ""
                raise CampaignError(f"{where}: unknown column {name!r}; known are {_known()}{hint}")
            if columns.count(name) > 1:
                raise CampaignError(f"{where}: column {name!r} stands there twice")
        needed = ["to"] if self._sender else ["to", "from"]
        for name in needed:
            if name not in columns:
                hint = " (or give a default sender)" if name == "from" else ""
                raise CampaignError(f"{where}: column {name!r} is missing{hint}; known are {_known()}")
        if "text" not in columns and "media" not in columns:
            raise CampaignError(f"{where}: one of the columns 'text' and 'media' is needed")

    def _read_csv_rows(self, columns: list[str], is_rejects: bool) -> Iterator[Row | RefusedRow]:
        for record in read_records(self._lines, len(columns)):
            if isinstance(record, Record):
                if not any(map(str.strip, record.fields)):
                    continue  # what a spreadsheet leaves of a row that was emptied
                raw = _to_csv(record.fields[2:]) if is_rejects else record.raw
                yield self._to_row(record.line, raw, dict(zip(columns, record.fields, strict=True)))
            else:
                raw = _without(_CSV_REJECT_PREFIX, record.raw, b"") if is_rejects else record.raw
                yield RefusedRow(record.line, raw, "row", record.reason)

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
                raise CampaignError(f"{self.path}, line 1: unknown field {unknown[0]!r}; known are {_known()}")
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
            yield self._to_row(line.number, raw, record)

    # ----------------------------------------------------------------------------------------------------------- rows

    def _to_row(self, line: int, raw: bytes, values: Mapping[str, Any]) -> Row | RefusedRow:
        try:
            return Row(line, raw, self._to_message(values))
        except MessageError as error:
            return RefusedRow(line, raw, error.field.partition("[")[0], str(error))

    def _to_message(self, values: Mapping[str, Any]) -> Message:
        for name in values:
            if name not in COLUMNS and name not in REJECT_COLUMNS:
                raise MessageError(name, f"unknown field; known are {_known()}")
        key, reason = _to_text(values, "key"), values.get("reason")
        if key is not None and isinstance(reason, str) and reason.startswith(f"key: {key!r} "):
            # The row it repeats is not in this file of rejects, but it was sent.
            raise MessageError("key", reason.removeprefix("key: "))
        return Message(
            to=_to_list(values, "to", _split_recipients),
            from_=(_to_text(values, "from") or self._sender or "").strip(),
            text=_to_text(values, "text") or "",
            media=_to_list(values, "media", _split_media),
            tag=_to_text(values, "tag"),
            application_id=_to_text(values, "application_id"),
            priority=_to_text(values, "priority"),
            expiration=_to_text(values, "expiration"),
            key=key,
        )


class _Keys:
    """The keys seen so far, in a private temporary database that spills to disk: memory stays constant."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE key (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def line_of(self, key: str, line: int) -> int | None:
        """Return the earlier line that has ``key``; None, and note ``line``, when there is none."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        inserted = self._database.execute("INSERT OR IGNORE INTO key VALUES (?, ?)", (digest, line))
        if inserted.rowcount:
            return None
        (earlier,) = self._database.execute("SELECT line FROM key WHERE digest = ?", (digest,)).fetchone()
        return int(earlier)

    def close(self) -> None:
        self._database.close()


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


def _known() -> str:
    return ", ".join(COLUMNS)


def _to_text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MessageError(name, f"expected a string, got {_shown(value)}")
    return value


def _shown(value: object) -> str:
    try:
        return json.dumps(value)[:40]
    except RecursionError:
        return "something nested very deep"


def _to_list(values: Mapping[str, Any], name: str, split: Callable[[str], list[str]]) -> list[str]:
    value = values.get(name)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if isinstance(value, list):
        raise MessageError(name, f"expected strings, got {_shown(value)}")
    text = _to_text(values, name)
    return split(text) if text is not None else []


def _split_recipients(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _split_media(text: str) -> list[str]:
    return [part for part in _MEDIA_SEPARATOR.split(text.strip()) if part]


__all__ = ["COLUMNS", "REJECT_COLUMNS", "Campaign", "CampaignError", "Format", "RefusedRow", "Row"]
