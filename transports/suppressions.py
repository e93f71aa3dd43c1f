"""Opt-outs in a file: one line of JSON for each change, the whole of it read when it is opened.

A change is on the disk when :meth:`SuppressionFile.enter` returns; the file is readable for its owner alone. Lines are
only ever added, so a process that dies in the middle of one leaves half a line at the end, and nowhere else. That is
passed over, and cut off by the next change: the event that it came from is not marked as read before the line is whole,
so it comes again. Any other line that cannot be read may be somebody who has opted out, and nothing says who: then
nothing is sent to anybody until it is mended.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from msgcore.delivery import OptOut, SuppressionList
from msgcore.errors import OutboxError

_decode = msgspec.json.Decoder(OptOut).decode
_encode = msgspec.json.Encoder().encode
_logger: Final = logging.getLogger("msgcore.suppressions")


class SuppressionFile:
    """Who has opted out, kept in a file of its own; for one process at a time.

    Args:
        path: made with the first change.

    Raises:
        OutboxError: the file, or a line in it, cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._list = SuppressionList(_read(self._path))

    def suppressed(self, sender: str, recipients: Sequence[str]) -> str | None:
        """Return the first of ``recipients`` who does not want to hear from ``sender``, or ``None``."""
        return self._list.suppressed(sender, recipients)

    def enter(self, opt_out: OptOut) -> bool:
        """Enter a change; it is kept when this returns, and False says that it is known already.

        Raises:
            OutboxError: it cannot be kept.
        """
        if self._list.knows(opt_out):
            return False
        try:
            with open(self._path, "a+b", opener=_open_private) as file:
                _end_last_line(file, self._path)
                file.write(_encode(opt_out) + b"\n")  # buffered: a disk that takes only half a line is an error
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutboxError(f"{self._path}: an opt-out cannot be kept: {error.strerror or error}") from error
        return self._list.enter(opt_out)

    def __len__(self) -> int:
        """Return how many opt-outs are in force."""
        return len(self._list)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _read(path: Path) -> Iterator[OptOut]:
    try:
        octets = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutboxError(f"{path}: opt-outs cannot be read: {error.strerror or error}") from error
    *lines, last = octets.split(b"\n")
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _opt_out(line, path, number)
    if _is_half(last):
        _logger.warning("%s: half a line at the end is passed over; the event it came from comes again", path)
    elif last.strip():
        yield _opt_out(last, path, len(lines) + 1)


def _opt_out(line: bytes, path: Path, number: int) -> OptOut:
    try:
        return _decode(line)
    except msgspec.DecodeError as error:
        raise OutboxError(
            f"{path}, line {number}: expected [recipient, sender, whether opted out, time], cannot read it: {error}. "
            "It may be somebody who has opted out: nothing is sent until it is mended or taken out"
        ) from error


def _is_half(last: bytes) -> bool:
    """Say whether the end of a file is the beginning of a line as they are written here, and not all of it."""
    return bool(last) and b'["'.startswith(last[:2]) and not last.endswith(b"]")


def _end_last_line(file: BinaryIO, path: Path) -> None:
    """Cut half a line off the end, and give a whole one, as editors leave it, its break."""
    octet_count = file.seek(0, os.SEEK_END)
    file.seek(max(0, octet_count - 1))
    if file.read(1) in (b"", b"\n"):
        return
    file.seek(0)
    octets = file.read()
    begins_at = octets.rfind(b"\n") + 1
    if _is_half(octets[begins_at:]):
        file.truncate(begins_at)
    else:
        _opt_out(octets[begins_at:], path, octets.count(b"\n") + 1)
        file.write(b"\n")


__all__ = ["SuppressionFile"]
