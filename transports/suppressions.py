"""Opt-outs in a file: one line of JSON for each change, the whole of it read when it is opened.

A change is on the disk when :meth:`SuppressionFile.enter` returns; the file is readable for its owner alone. Lines are
only ever added, so a process that dies in the middle of one leaves half a line, which is passed over and mended by the
next change: the event that it came from is not marked as read before the line is whole, so it comes again.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from msgcore.delivery import OptOut, SuppressionList
from msgcore.errors import OutboxError

_decode = msgspec.json.Decoder(OptOut).decode
_encode = msgspec.json.Encoder().encode


class SuppressionFile:
    """Who has opted out, kept in a file of its own; for one process at a time.

    Args:
        path: made with the first change.

    Raises:
        OutboxError: the file cannot be read.
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
            with open(
                self._path, "ab", opener=_open_private
            ) as file:  # buffered: a disk that takes only half a line is an error
                file.write(b"\n" + _encode(opt_out) + b"\n")  # the first break ends half a line, if there is one
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
    for line in octets.splitlines():
        if line.strip():
            try:
                yield _decode(line)
            except msgspec.DecodeError:
                continue  # half a line, of a process that died


__all__ = ["SuppressionFile"]
