"""Physical lines of a file, read as a stream, numbered, bounded in length, and given back when read too far."""

from collections import deque
from typing import BinaryIO, NamedTuple

MAX_LINE_OCTETS = 1 << 20


class Line(NamedTuple):
    """One physical line as it stands in the file, its end included; ``cut`` when it was longer than is kept."""

    number: int
    raw: bytes
    cut: bool


class LineReader:
    """Reads lines one after another; what was read in vain is given back with :meth:`push_back`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._pushed_back: deque[Line] = deque()
        self._number = 0
        self.octets_read = 0

    def next(self) -> Line | None:
        """Return the next line, or None at the end of the file."""
        if self._pushed_back:
            return self._pushed_back.popleft()
        raw = self._file.readline(MAX_LINE_OCTETS)
        if not raw:
            return None
        self._number += 1
        self.octets_read += len(raw)
        cut = len(raw) == MAX_LINE_OCTETS and not raw.endswith(b"\n")
        if cut:
            self._skip_rest_of_line()
        return Line(self._number, raw, cut)

    def push_back(self, lines: list[Line]) -> None:
        """Give lines back, first one first."""
        self._pushed_back.extendleft(reversed(lines))

    def _skip_rest_of_line(self) -> None:
        while rest := self._file.readline(MAX_LINE_OCTETS):
            self.octets_read += len(rest)
            if rest.endswith(b"\n"):
                return


__all__ = ["MAX_LINE_OCTETS", "Line", "LineReader"]
