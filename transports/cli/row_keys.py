"""The keys of the rows of a campaign file: the same file sent again brings nothing new to an outbox."""

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from msgcore.errors import LocalError

_PIECE_OCTETS = 1 << 20


class RowKeys:
    """The keys of rows that have none: 80 bits of the file's digest, and the number of the row."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._standing = _standing(self._path)
        digest = hashlib.blake2b(digest_size=10)
        for piece in _pieces(self._path):
            digest.update(piece)
        self._prefix = base64.b32encode(digest.digest()).decode("ascii").lower()

    def key_of(self, ordinal: int) -> str:
        """Return the key of a row, counted from 1."""
        return f"{self._prefix}-{ordinal}"

    def check(self) -> None:
        """Raise if the file is another one by now: rows of it under these keys would not be known again.

        Raises:
            LocalError: it was written to, or replaced.
        """
        if _standing(self._path) != self._standing:
            raise LocalError(
                f"{self._path} was changed while it was being read; as it is now it is another campaign, and its rows "
                "that have no key would be sent again"
            )


def _standing(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE_OCTETS):
            yield piece


__all__ = ["RowKeys"]
