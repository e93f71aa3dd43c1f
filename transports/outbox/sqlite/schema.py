"""The file of an outbox: what is in it, who may open it, and how an older one becomes a present one.

How this works. What never changes about a message is inserted once, into ``messages`` and ``contents``. What changes is
written as one row of ``journal`` for each group commit: the standings that messages have from then on, whole, so that
reading the journal is nothing but letting the later one win. Now and then all that stands in the journal is *folded*
into ``standings``, one row for each message that is not as it was put; the journal is then empty. ``accepted`` finds a
message by the id that the provider gave it.

So the truth about a message is its last standing in the journal, else its row in ``standings``, else that it waits as
it was put. The counts are kept, too: in every row of the journal, and after a fold in ``outbox``.

A message's content stands in a table of its own, where no row is ever moved: it is overwritten in its place when the
message is final. So the octets are gone from the file with the fold, and from the write-ahead log with the checkpoint
after it; see ``erasing``.
"""

from pathlib import Path
from typing import Final

import apsw

from msgcore.errors import OutboxError
from transports.outbox.failures import translated
from transports.outbox.lock import create_private
from transports.outbox.log import keep_log
from transports.outbox.place import check_not_lost

APPLICATION_ID: Final = 0x6D736F62  # "msob", where file(1) looks for it
BUSY_MILLISECONDS: Final = 60_000
"""How long one process waits until another's commit is through; each takes milliseconds."""

MIGRATIONS: Final = (
    # Counts are those of Count. The journal's sequence goes on where it was when it is emptied: outbox.folded.
    """
    CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        rank INTEGER NOT NULL,
        put_at REAL NOT NULL,
        digest BLOB NOT NULL,
        envelope BLOB NOT NULL
    );
    CREATE TABLE contents (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
    CREATE INDEX urgent ON messages (number) WHERE rank = 0;
    CREATE TABLE journal (sequence INTEGER PRIMARY KEY, counts BLOB NOT NULL, standings BLOB NOT NULL);
    CREATE TABLE standings (
        number INTEGER PRIMARY KEY, count INTEGER NOT NULL, since REAL NOT NULL, standing BLOB NOT NULL
    );
    CREATE INDEX unfinished ON standings (count, number) WHERE count <> 4;
    CREATE TABLE accepted (message_id TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE outbox (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        folded INTEGER NOT NULL,
        counts BLOB NOT NULL,
        purged INTEGER NOT NULL,
        touched_urgent INTEGER NOT NULL,
        touched_default INTEGER NOT NULL
    );
    INSERT INTO outbox VALUES (1, 0, x'980000000000000000', 0, 0, 0);
    INSERT INTO sqlite_sequence VALUES ('messages', 0);
    """,
)
"""Each brings the file from the version that is its index to the next."""

VERSION: Final = len(MIGRATIONS)


def open_database(path: Path) -> apsw.Connection:
    """Open an outbox for writing, making or migrating it where need be.

    Raises:
        OutboxError: the file cannot be opened, is no outbox, was lost, or was written by a newer release.
    """
    check_not_lost(path, "-dispatcher")
    with translated(path):
        create_private(path)
        database = _connect(path, apsw.SQLITE_OPEN_READWRITE)
        try:
            _migrate(path, database)
            keep_log(database)
            # synchronous=FULL: what is committed survives a loss of power. secure_delete=FAST: what is deleted is
            # overwritten, where that costs no further write.
            for pragma in (
                "synchronous=FULL",
                "secure_delete=FAST",
                "cache_size=-32768",
                "wal_autocheckpoint=4000",
            ):
                database.execute(f"PRAGMA {pragma}").fetchall()
        except BaseException:
            database.close()
            raise
    return database


def open_reader(path: Path) -> apsw.Connection:
    """Open an outbox that was opened for writing before, for reading beside it."""
    with translated(path):
        # In a log of frames even a reader writes: its mark in the shared index. So the file is opened for writing.
        database = _connect(path, apsw.SQLITE_OPEN_READWRITE)
        for pragma in ("query_only=ON", "cache_size=-16384"):
            database.execute(f"PRAGMA {pragma}").fetchall()
    return database


def _connect(path: Path, flags: int) -> apsw.Connection:
    database = apsw.Connection(str(path), flags=flags | apsw.SQLITE_OPEN_EXRESCODE)
    database.set_busy_timeout(BUSY_MILLISECONDS)
    return database


def _migrate(path: Path, database: apsw.Connection) -> None:
    if _version(path, database) == VERSION:
        return
    database.execute("BEGIN IMMEDIATE")
    try:
        for step in MIGRATIONS[_version(path, database) :]:  # looked at again: another process may have been first
            database.execute(step)
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _version(path: Path, database: apsw.Connection) -> int:
    # Nothing is changed before it is certain whose file this is.
    application_id, version, tables = next(
        iter(
            database.execute(
                "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) "
                "FROM pragma_application_id, pragma_user_version"
            )
        )
    )
    if application_id != APPLICATION_ID and (application_id or version or tables):
        raise OutboxError(f"{path} is no outbox: it is a database of something else")
    if not isinstance(version, int) or version > VERSION:
        raise OutboxError(
            f"{path} has format {version} and this release knows up to {VERSION}: a newer one wrote it, use that"
        )
    return version


__all__ = ["APPLICATION_ID", "MIGRATIONS", "VERSION", "open_database", "open_reader"]
