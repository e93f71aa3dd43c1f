"""The lock that makes a dispatcher the only one: a transaction on an empty database beside the outbox, never written.

Why SQLite's own means: its locks are held by the operating system for the process, so a ``kill -9`` frees them; they
work wherever SQLite does, without a line for each system; and SQLite itself tells two holders of one process apart. A
file beside the outbox, since a lock in it would keep out those who put and read.
"""

from pathlib import Path

import apsw

from msgcore.errors import OutboxBusyError
from transports.outbox.sqlite.failures import translated
from transports.outbox.sqlite.schema import create_private


class DispatcherLock:
    """Held by at most one dispatcher of an outbox, whatever processes there are."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox
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
        path = self._outbox.with_name(f"{self._outbox.name}-dispatcher")
        with translated(path):
            create_private(path)
            holder = apsw.Connection(str(path))
            try:
                # Without a journal nothing is written: a full disk keeps nobody from looking after its outbox.
                holder.execute("PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE").fetchall()
            except apsw.BusyError as error:
                holder.close()
                raise OutboxBusyError(f"{self._outbox}: another dispatcher has this outbox") from error
        self._holder = holder

    def release(self) -> None:
        """Give the lock back, where it is held."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None


__all__ = ["DispatcherLock"]
