"""The file of a callback store: its tables, and how it is opened.

How it is laid out. Bodies are appended and never changed. Beside them stands a narrow table of keys, ordered by message
id first: ids begin with the time, so what comes next to each other lies next to each other, and a key is looked up
among the youngest pages, however many million lie below. Types known today are written as a number, since they repeat
in every row; the rest as they are called.

The file holds texts and numbers of people: it is for its owner alone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgcore.errors import MissingExtraError, OutboxError

try:
    import apsw
except ModuleNotFoundError as error:
    raise MissingExtraError("SqliteCallbackStore", "outbox") from error

FORMAT: Final = 1
APPLICATION_ID: Final = 0x6D736365  # "msce": msgcore, events

TABLES: Final = """
    CREATE TABLE events (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT, received_at REAL NOT NULL, raw BLOB NOT NULL
    );
    CREATE TABLE event_keys (
        message_id TEXT NOT NULL, type NOT NULL, recipient TEXT NOT NULL, code NOT NULL, sequence INTEGER NOT NULL,
        PRIMARY KEY (message_id, type, recipient, code)
    ) WITHOUT ROWID;
    CREATE TABLE quarantine (
        number INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL UNIQUE, received_at REAL NOT NULL,
        problem TEXT NOT NULL, raw BLOB NOT NULL
    );
    CREATE TABLE handlers (name TEXT PRIMARY KEY, through INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE handler_failures (
        handler TEXT NOT NULL, sequence INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at REAL,
        failed_at REAL NOT NULL, problem TEXT NOT NULL,
        PRIMARY KEY (handler, sequence)
    ) WITHOUT ROWID;
"""

# How long a connection waits for another process that writes; the receiver's own deadline is below the provider's 10 s.
_BUSY_MILLISECONDS: Final = 5_000
# A checkpoint writes each changed page of the file once: the more commits between two, the less of that.
_CHECKPOINT_PAGES: Final = 8_192


def open_store(path: Path) -> apsw.Connection:
    """Open a store for writing, made if it is not there.

    Raises:
        OutboxError: the file cannot be used, is none of this kind, or was written by a later version.
    """
    try:
        create_private(path)
        database = _connect(path)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", f"wal_autocheckpoint={_CHECKPOINT_PAGES}"):
            database.execute(f"PRAGMA {pragma}").fetchall()
        _prepare(database, path)
    except (OSError, apsw.Error) as error:
        raise OutboxError(f"callback store {path}: {error}") from error
    return database


def open_reader(path: Path) -> apsw.Connection:
    """Open a store that is there for reading alone."""
    try:
        # In a WAL even a reader writes: its mark in the shared index. So the file is opened for writing.
        database = _connect(path)
        database.execute("PRAGMA query_only=ON").fetchall()
    except apsw.Error as error:
        raise OutboxError(f"callback store {path}: {error}") from error
    return database


@contextmanager
def transaction(database: apsw.Connection) -> Iterator[None]:
    """Write all or nothing; durable when the context is left without an exception."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # a full disk may have ended it already
            database.execute("ROLLBACK")
        raise


def create_private(path: Path) -> None:
    """Make an empty file that its owner alone can read, where there is none."""
    # Never opened but here, when nobody can have it open: closing a descriptor of a file takes away all locks that the
    # process has on it, SQLite's too (POSIX).
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def _connect(path: Path) -> apsw.Connection:
    database = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_EXRESCODE)
    database.set_busy_timeout(_BUSY_MILLISECONDS)
    return database


def _prepare(database: apsw.Connection, path: Path) -> None:
    with transaction(database):  # two processes may open a new file at the same time
        format_ = database.pragma("user_version")
        if format_ == 0 and database.execute("SELECT 1 FROM sqlite_schema").fetchone() is None:
            database.execute(TABLES)
            database.pragma("application_id", APPLICATION_ID)
            database.pragma("user_version", FORMAT)
        elif database.pragma("application_id") != APPLICATION_ID:
            raise OutboxError(f"callback store {path}: the file is a database of another kind")
        elif format_ != FORMAT:
            raise OutboxError(f"callback store {path}: written in format {format_}; this version reads {FORMAT}")


__all__ = ["create_private", "open_reader", "open_store", "transaction"]
