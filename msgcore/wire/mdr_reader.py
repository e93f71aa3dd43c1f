"""A file of detail records, read piece by piece: rows, and what is none, and nothing in between is lost.

How this works: octets come in pieces of any size and are cut into lines. A line without quotes is a row, split at its
commas. With an open quote at its end a row goes on in the next line; if no row comes of that within a few lines, the
first of them alone is given up, and reading goes on with the second: one stray quote costs its own line.
"""

import csv
from collections import deque
from typing import Final, NamedTuple

from msgcore.errors import MdrError
from msgcore.wire.mdr import MdrHeader, MdrRow

LINE_LIMIT: Final = 2**17
"""Octets of a line. A longer one comes as several problems, so that memory stays bounded and nothing is lost."""
_MOST_LINES: Final = 64
"""Lines of one row: a tag may have line breaks in it."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class MdrProblem(NamedTuple):
    """A line that is no row: its number, its octets as they stand, and what is wrong with it."""

    line: int
    raw: bytes
    reason: str


class MdrReader:
    r"""Reads detail records out of CSV that comes in pieces.

    >>> reader = MdrReader()
    >>> reader.feed(b"AccountId,MessageType,MessageID,CallDirection,SourceTn,DestinationTn,TimeStamp\n9900000,sms,1")
    []
    >>> [row.message_id for row in reader.feed(b"7,OUTBOUND,19195550100,19195550123,2026-01-01T00:00:00Z\n")]
    ['17']
    >>> reader.feed(b"what is this?\n")
    [MdrProblem(line=3, raw=b'what is this?\n', reason='expected 7 values, got 1')]
    >>> reader.finish()
    []

    A byte order mark, both kinds of line ends and blank lines are passed over. ``header_line`` is the header as it
    stands, empty as long as it has not come.
    """

    __slots__ = ("_header", "_line", "_lines", "_pieces", "_pieces_octets", "header_line")

    def __init__(self) -> None:
        self._header: MdrHeader | None = None
        self.header_line = b""
        self._pieces: list[bytes] = []  # of the last line, whose end has not come
        self._pieces_octets = 0
        self._lines: deque[bytes] = deque()  # whole lines that are not rows yet
        self._line = 0  # how many lines are behind us

    def feed(self, piece: bytes) -> list[MdrRow | MdrProblem]:
        """Take a piece and return the rows and problems that are complete with it.

        Raises:
            MdrError: the file does not begin with the header of detail records.
        """
        lines = piece.split(b"\n")
        if len(lines) == 1:
            return self._hold(piece)
        lines[0] = b"".join(self._pieces) + lines[0]
        self._pieces, self._pieces_octets = [], 0
        rest = lines.pop()
        self._lines.extend([line + b"\n" for line in lines])
        return self._read(is_end=False) + self._hold(rest)

    def finish(self) -> list[MdrRow | MdrProblem]:
        """Return what the end of the file completes.

        Raises:
            MdrError: there was not even a header.
        """
        rest = b"".join(self._pieces)
        self._pieces, self._pieces_octets = [], 0
        if rest:
            self._lines.append(rest)
        found = self._read(is_end=True)
        if self._header is None:
            raise MdrError(1, "expected a header with the column AccountId, got nothing")
        return found

    def _hold(self, piece: bytes) -> list[MdrRow | MdrProblem]:
        """Keep the beginning of a line; what is too long for one is told at once."""
        if piece:
            self._pieces.append(piece)
            self._pieces_octets += len(piece)
        if self._pieces_octets <= LINE_LIMIT:
            return []
        found = self._read(is_end=True)
        if self._header is None:
            raise MdrError(1, f"expected a header, got a line of more than {LINE_LIMIT} octets")
        raw = b"".join(self._pieces)
        self._pieces, self._pieces_octets = [], 0
        number = self._line + 1
        return [*found, MdrProblem(number, raw, f"longer than {LINE_LIMIT} octets")]

    def _read(self, *, is_end: bool) -> list[MdrRow | MdrProblem]:
        found: list[MdrRow | MdrProblem] = []
        lines = self._lines
        while lines:
            line = lines[0]
            if b'"' not in line:
                lines.popleft()
                self._line += 1
                self._read_plain(line, found)
            elif (count := self._line_count(is_end=is_end)) is None:
                break  # the row may go on in what has not come yet
            else:
                self._read_quoted(count, found)
        return found

    def _line_count(self, *, is_end: bool) -> int | None:
        """Return how many lines the first row takes, 0 where its quote is never closed."""
        is_open = False
        for count, line in enumerate(self._lines, 1):
            is_open ^= line.count(b'"') % 2 == 1
            if not is_open:
                return count
            if count == _MOST_LINES:
                return 0
        return 0 if is_end else None

    def _read_plain(self, raw: bytes, found: list[MdrRow | MdrProblem]) -> None:
        try:
            text = self._text(raw)
            if text and not text.isspace():
                self._take(raw, text.split(","), found)
        except MdrError as error:
            self._give_up(raw, error, found)

    def _read_quoted(self, count: int, found: list[MdrRow | MdrProblem]) -> None:
        raw = b"".join([self._lines[index] for index in range(count)])
        number = self._line + 1
        self._line = number
        if not count:
            self._give_up(self._lines.popleft(), MdrError(number, "a quote is never closed"), found)
            return
        try:
            self._take(raw, self._cells(self._text(raw)), found)
        except MdrError as error:
            self._give_up(self._lines.popleft(), error, found)
        else:
            self._line += count - 1
            for _ in range(count):
                self._lines.popleft()

    def _text(self, raw: bytes) -> str:
        if self._header is None:
            raw = raw.removeprefix(_BYTE_ORDER_MARK)
        try:
            return raw.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise MdrError(self._line, "expected UTF-8") from error

    def _cells(self, text: str) -> list[str]:
        try:
            rows = list(csv.reader([text], strict=True))
        except csv.Error as error:
            raise MdrError(self._line, f"no row of CSV: {error}") from error
        if len(rows) != 1:
            raise MdrError(self._line, "no row of CSV")
        return rows[0]

    def _take(self, raw: bytes, cells: list[str], found: list[MdrRow | MdrProblem]) -> None:
        if self._header is None:
            self._header = MdrHeader(cells)
            self.header_line = raw.removeprefix(_BYTE_ORDER_MARK)
        else:
            found.append(self._header.read(cells, self._line))

    def _give_up(self, raw: bytes, error: MdrError, found: list[MdrRow | MdrProblem]) -> None:
        if self._header is None:
            raise error
        found.append(MdrProblem(self._line, raw, error.reason))


__all__ = ["LINE_LIMIT", "MdrProblem", "MdrReader"]
