"""The write-ahead log of a store: several processes may want one at the same moment, for a file that is new."""

import contextlib
from typing import Final

import apsw

_MOST_TRIES: Final = 100
"""Each waits until somebody else is done, so that many are never needed."""


def keep_log(database: apsw.Connection) -> None:
    """Let the file of ``database`` keep a write-ahead log from now on, if it does not yet.

    Where two processes want to change that at the same time, SQLite refuses one at once, for neither could wait without
    keeping the other from it. So whoever is refused waits for the other's transaction, as it can, and asks again.

    Raises:
        apsw.BusyError: another process does not finish within the time that ``database`` waits for one.
    """
    for _ in range(_MOST_TRIES):
        with contextlib.suppress(apsw.BusyError):
            return _ask(database)
        database.execute("BEGIN IMMEDIATE; COMMIT")
    return _ask(database)


def _ask(database: apsw.Connection) -> None:
    database.execute("PRAGMA journal_mode=WAL").fetchall()


__all__ = ["keep_log"]
