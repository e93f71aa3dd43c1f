"""Whether a file that is open, or to be opened, is still the one that its name leads to, with all that belongs to it.

Why: an open file outlives its name. Somebody who deletes an outbox, or puts another in its place, while it is written
to would lose everything from then on, and nobody would be told: the writes succeed, and the next run finds no file. The
same goes for its write-ahead log, where everything is that was confirmed last. And where the file is gone and the log
is not, SQLite takes the log for refuse and begins anew: then a campaign would be sent once more, all of it.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from msgcore.errors import OutboxError

_PARTS: Final = {"": "the file", "-wal": "its log (-wal)", "-shm": "its index (-shm)"}


class _Found(NamedTuple):
    identity: tuple[int, int]
    octets: int


class Place:
    """The place of a file that is open, and of the files that SQLite keeps beside it.

    Raises:
        OutboxError: there is no file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, _Found] = {}
        self.check()
        if "" not in self._seen:
            raise OutboxError(f"{path}: the file is gone")

    def check(self) -> None:
        """Raise OutboxError if something is not in its place any more."""
        for part, name in _PARTS.items():
            found, seen = _find(self._path, part), self._seen.get(part)
            if seen is None:
                if found is not None:  # SQLite makes the others when it first needs them
                    self._seen[part] = found
            elif found is None:
                raise OutboxError(f"{name} was deleted meanwhile")
            elif found.identity != seen.identity:
                raise OutboxError(f"{name} was replaced meanwhile")
            elif not part and found.octets != seen.octets:  # the log begins anew from time to time, the file only grows
                if found.octets < seen.octets:
                    raise OutboxError(f"{name} was cut short meanwhile")
                self._seen[part] = found


def check_not_lost(path: Path, *traces: str) -> None:
    """Raise OutboxError where a file is missing or empty, and what lies beside it shows that it was in use.

    ``traces`` are what else does so beside a log: names of files, without the file's own.
    """
    # First what lies beside it: whoever makes the file at this moment fills it before anything is there.
    log = _find(path, "-wal")
    left = ["-wal"] if log is not None and log.octets else []
    left += [trace for trace in traces if _find(path, trace) is not None]
    file = _find(path, "")
    if left and (file is None or not file.octets):
        names = " and ".join(path.name + each for each in left)
        raise OutboxError(
            f"{path}: the file is {'gone' if file is None else 'empty'}, but not {names}, so it was in use: "
            f"put it back; if all of it may be lost, and sent once more, delete {names}, too"
        )


def _find(path: Path, part: str) -> _Found | None:
    try:
        status = os.stat(f"{path}{part}")
    except OSError:
        return None
    return _Found((status.st_dev, status.st_ino), status.st_size)


__all__ = ["Place", "check_not_lost"]
