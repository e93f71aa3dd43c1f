"""A disk that fails when it is told to: SQLite's own, with every write, synchronisation and truncation counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import apsw


class FailingDisk(apsw.VFS):
    """While it is the default, every file that is opened goes through it.

    From the moment on that ``writes_left`` are used up, each write raises ``error``: a disk that is full stays full.
    """

    def __init__(self, error: type[apsw.Error]) -> None:
        self.name = "failing"
        self.error = error
        self.writes_left: int | None = None
        self.write_count = 0
        self.base = apsw.vfs_names()[0]  # the default until now
        super().__init__(self.name, self.base, makedefault=True)

    def xOpen(self, name: Any, flags: list[int]) -> "FailingFile":
        return FailingFile(self, name, flags)

    def count(self) -> None:
        self.write_count += 1
        if self.writes_left is not None:
            if not self.writes_left:
                raise self.error("on purpose")
            self.writes_left -= 1


class FailingFile(apsw.VFSFile):
    def __init__(self, disk: FailingDisk, name: Any, flags: list[int]) -> None:
        self.disk = disk
        super().__init__(disk.base, name, flags)

    def xWrite(self, data: Any, offset: int) -> None:
        self.disk.count()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        self.disk.count()
        super().xSync(flags)

    def xTruncate(self, new_size: int) -> None:
        self.disk.count()
        super().xTruncate(new_size)


@contextmanager
def failing_disk(error: type[apsw.Error]) -> Iterator[FailingDisk]:
    disk = FailingDisk(error)
    try:
        yield disk
    finally:
        disk.unregister()
