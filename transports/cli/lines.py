"""Physical lines of a file, read as a stream, numbered, bounded in length, and given back when read too far."""

import io
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

    @property
    def has_pushed_back(self) -> bool:
        """Whether lines were given back that have not been read again."""
        return bool(self._pushed_back)

    def next_block(self, octets: int) -> list[Line]:
        """Return the next lines, about as many as ``octets`` hold, all whole but perhaps the last; none at the end."""
        raw = self._file.read(octets)
        if raw and not raw.endswith(b"\n"):
            raw += self._file.readline(MAX_LINE_OCTETS)
        self.octets_read += len(raw)
        lines = []
        for text in io.BytesIO(raw):
            self._number += 1
            cut = len(text) > MAX_LINE_OCTETS or (len(text) == MAX_LINE_OCTETS and not text.endswith(b"\n"))
            lines.append(Line(self._number, text[:MAX_LINE_OCTETS], cut))
        if lines and lines[-1].cut and not raw.endswith(b"\n"):
            self._skip_rest_of_line()
        return lines

    def push_back(self, lines: list[Line]) -> None:
        """Give lines back, first one first."""
        self._pushed_back.extendleft(reversed(lines))

    def _skip_rest_of_line(self) -> None:
        while rest := self._file.readline(MAX_LINE_OCTETS):
            self.octets_read += len(rest)
            if rest.endswith(b"\n"):
                return


__all__ = ["MAX_LINE_OCTETS", "Line", "LineReader"]
