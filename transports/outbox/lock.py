"""The lock that makes a process the only one of its role: a transaction on an empty database, never written.

Why SQLite's own means: its locks are held by the operating system for the process, so a ``kill -9`` frees them; they
work wherever SQLite does, without a line for each system; and SQLite itself tells two holders of one process apart. A
file beside the store, since a lock in it would keep out those who write and read.
"""

import os
from pathlib import Path

import apsw

from msgcore.errors import OutboxBusyError
from transports.outbox.failures import translated


class RoleLock:
    """Held by at most one holder, whatever processes there are.

    Args:
        store: the file that the role belongs to; the lock is ``STORE-ROLE``.
        role: what its holder is to the store, such as ``dispatcher``.
    """

    def __init__(self, store: Path, role: str) -> None:
        self._store = store
        self._role = role
        self._holder: apsw.Connection | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is this one that holds it."""
        return self._holder is not None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            OutboxBusyError: somebody has it.
        """
        path = self._store.with_name(f"{self._store.name}-{self._role}")
        with translated(path):
            create_private(path)
            holder = apsw.Connection(str(path))
            try:
                # Without a journal nothing is written: a full disk keeps nobody from looking after its store.
                holder.execute("PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE").fetchall()
            except apsw.BusyError as error:
                holder.close()
                raise OutboxBusyError(f"{self._store}: another {self._role} has it") from error
        self._holder = holder

    def release(self) -> None:
        """Give the lock back, where it is held."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None


def create_private(path: Path) -> None:
    """Make an empty file that its owner alone can read, where there is none."""
    # Never opened but here, when nobody can have it open: closing a descriptor of a file takes away all locks that the
    # process has on it, SQLite's too (POSIX).
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


__all__ = ["RoleLock", "create_private"]
