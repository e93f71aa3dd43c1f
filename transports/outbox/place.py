"""Whether a file that is open, or to be opened, is still the one that its name leads to, with all that belongs to it.

Why: an open file outlives its name. Somebody who deletes an outbox, or puts another in its place, while it is written
to would lose everything from then on, and nobody would be told: the writes succeed, and the next run finds no file. The
same goes for its write-ahead log, where everything is that was confirmed last. And where the file is gone and the log
is not, SQLite takes the log for refuse and begins anew: then a campaign would be sent once more, all of it.
"""

import os
from pathlib import Path
from typing import Final

from msgcore.errors import OutboxError

_PARTS: Final = {"": "the file", "-wal": "its log (-wal)", "-shm": "its index (-shm)"}


class Place:
    """The place of a file that is open, and of the files that SQLite keeps beside it.

    Raises:
        OutboxError: there is no file.
    """

    def __init__(self, path: Path) -> None:
        self._parts = [(part, f"{path}{part}") for part in _PARTS]
        self._seen: dict[str, os.stat_result] = {}
        self.check()
        if "" not in self._seen:
            raise OutboxError(f"{path}: the file is gone")

    def check(self) -> None:
        """Raise OutboxError if something is not in its place any more."""
        for part, path in self._parts:
            found, seen = _find(path), self._seen.get(part)
            if seen is None:
                if found is not None:  # SQLite makes the others when it first needs them
                    self._seen[part] = found
            elif found is None:
                raise OutboxError(f"{_PARTS[part]} was deleted meanwhile")
            elif found.st_ino != seen.st_ino or found.st_dev != seen.st_dev:
                raise OutboxError(f"{_PARTS[part]} was replaced meanwhile")
            elif not part and found.st_size != seen.st_size:
                # The log begins anew from time to time; the file only grows.
                if found.st_size < seen.st_size:
                    raise OutboxError(f"{_PARTS[part]} was cut short meanwhile")
                self._seen[part] = found


def check_not_lost(path: Path, *traces: str) -> None:
    """Raise OutboxError where a file is missing or empty, and what lies beside it shows that it was in use.

    ``traces`` are what else does so beside a log: names of files, without the file's own.
    """
    # First what lies beside it: whoever makes the file at this moment fills it before anything is there.
    log = _find(f"{path}-wal")
    left = ["-wal"] if log is not None and log.st_size else []
    left += [trace for trace in traces if _find(f"{path}{trace}") is not None]
    file = _find(f"{path}")
    if left and (file is None or not file.st_size):
        names = " and ".join(path.name + each for each in left)
        raise OutboxError(
            f"{path}: the file is {'gone' if file is None else 'empty'}, but not {names}, so it was in use: "
            f"put it back; if all of it may be lost, and sent once more, delete {names}, too"
        )


def _find(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


__all__ = ["Place", "check_not_lost"]
