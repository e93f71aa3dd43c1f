"""Whether a file that is open is still the one that its name leads to.

Why: an open file outlives its name. Somebody who deletes an outbox, or puts another in its place, while it is written
to would lose everything from then on, and nobody would be told: the writes succeed, and the next run finds no file.
"""

import os
from pathlib import Path

from msgcore.errors import OutboxError


class Place:
    """The place of a file that is open.

    Raises:
        OutboxError: there is no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)
        if self._identity is None:
            raise OutboxError(f"{path}: the file is gone")

    def check(self) -> None:
        """Raise OutboxError if the file is not in its place any more."""
        found = _identity(self._path)
        if found != self._identity:
            raise OutboxError("the file was deleted meanwhile" if found is None else "the file was replaced meanwhile")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


__all__ = ["Place"]
