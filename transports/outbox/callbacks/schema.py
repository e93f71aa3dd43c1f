"""The file of a callback store: its tables, and how it is opened.

How it is laid out. Bodies are appended and never changed. Beside them stands a narrow table of keys, ordered by message
id first: ids begin with the time, so what comes next to each other lies next to each other, and a key is looked up
among the youngest pages, however many million lie below. Types known today are written as a number, since they repeat
in every row; the rest as they are called.

The file holds texts and numbers of people: it is for its owner alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgcore.errors import OutboxError
from transports.outbox.failures import translated  # first: it knows what to say where apsw is not installed
from transports.outbox.lock import create_private
from transports.outbox.log import keep_log
from transports.outbox.place import check_not_lost

import apsw  # isort: skip

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
# The keys of the last minutes are looked up again and again; the 2 MB that SQLite takes by itself are too few for them.
_CACHE_KIBIBYTES: Final = 32_768
# A checkpoint writes each changed page of the file once: the more commits between two, the less of that.
_CHECKPOINT_PAGES: Final = 8_192


def open_store(path: Path) -> apsw.Connection:
    """Open a store for writing, made if it is not there.

    Raises:
        OutboxError: the file cannot be used, is none of this kind, was lost, or was written by a later version.
    """
    check_not_lost(path)
    with translated(path):
        create_private(path)
        database = _connect(path)
        keep_log(database)
        for pragma in (
            "synchronous=FULL",
            f"wal_autocheckpoint={_CHECKPOINT_PAGES}",
            f"cache_size=-{_CACHE_KIBIBYTES}",
        ):
            database.execute(f"PRAGMA {pragma}").fetchall()
        _prepare(database, path)
    return database


def open_reader(path: Path) -> apsw.Connection:
    """Open a store that is there for reading alone."""
    with translated(path):
        # In a WAL even a reader writes: its mark in the shared index. So the file is opened for writing.
        database = _connect(path)
        database.execute("PRAGMA query_only=ON").fetchall()
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
            raise OutboxError(
                f"{path} is no store of callbacks: it is a database of another kind; "
                f"the events of an outbox are kept beside it, in {path.name}-events"
            )
        elif format_ != FORMAT:
            raise OutboxError(f"{path} has format {format_} and this release knows {FORMAT}")


__all__ = ["open_reader", "open_store", "transaction"]
