"""What one commit writes. Everything here runs on the writer's thread.

How this works: SQLite lets go of the interpreter for each step of a statement, and a thread gets it back from a busy
one after milliseconds only. So a commit takes few steps, however much it holds: one for the journal alone, which is
then a transaction of its own, and many rows at a time for messages.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

import apsw
import msgspec

from msgcore.delivery import Standing
from msgcore.errors import OutboxError
from msgcore.wire import Message
from transports.outbox.sqlite.erasing import erase, reclaim
from transports.outbox.sqlite.octets import (
    Counts,
    decode_counts,
    decode_standing,
    encode_counts,
    encode_standing,
    encode_standings,
)

PURGED_AT_ONCE: Final = 2_000

MessageRow = tuple[str, int, float, bytes, bytes, bytes, Message]
"""Key, rank, time, digest, envelope, content; and the message, which is not written like that."""


class Put:
    """Messages that are kept together or not at all, each key once."""

    __slots__ = ("conflict", "first_number", "new_count", "ranks", "rows")

    def __init__(self, rows: Sequence[MessageRow]) -> None:
        self.rows = rows
        self.ranks = {row[1] for row in rows}
        self.new_count = 0
        self.first_number = 0
        """Of the first, and the others follow; 0: not all of them are new."""
        self.conflict: str | None = None
        """The key that made it impossible."""


class Fold(NamedTuple):
    """Everything that the journal holds, to be put into its lasting place."""

    standings: dict[int, Standing]
    numbers: dict[str, int]
    """By the id that a message was accepted under."""
    touched: tuple[int, int]
    erased: Sequence[int]
    """Those whose content has to go."""


class Commit(NamedTuple):
    """What one transaction makes durable."""

    puts: Sequence[Put]
    sequence: int
    """The place of the latest standings in the journal."""
    counts: Counts
    standings: dict[int, Standing]
    fold: Fold | None
    """Replaces what would be written to the journal: it holds ``standings``, too."""


def write_commit(database: apsw.Connection, commit: Commit) -> None:
    """Make a commit durable, all of it or nothing."""
    if not commit.puts and commit.fold is None:
        if commit.standings:
            _write_journal(database, commit)  # a transaction of its own: one step
        return
    with transaction(database):
        if commit.puts:
            _write_puts(database, commit.puts)
        if commit.fold is not None:
            _write_fold(database, commit.fold, commit)
        elif commit.standings:
            _write_journal(database, commit)


class transaction:  # noqa: N801 (reads as a statement)
    """Commits at its end, or rolls everything back."""

    def __init__(self, database: apsw.Connection) -> None:
        self._database = database

    def __enter__(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if error is None:
            try:
                self._database.execute("COMMIT")
            except apsw.Error:
                self._roll_back()
                raise
        else:
            self._roll_back()

    def _roll_back(self) -> None:
        if self._database.in_transaction:  # some failures have rolled it back themselves
            self._database.execute("ROLLBACK")


def _write_journal(database: apsw.Connection, commit: Commit) -> None:
    row = commit.sequence, encode_counts(commit.counts), encode_standings(commit.standings)
    database.execute("INSERT INTO journal VALUES (?, ?, ?)", row)


# ------------------------------------------------------------------------------------------------------------ messages


def _write_puts(database: apsw.Connection, puts: Sequence[Put]) -> None:
    # Mostly every key is new: then all messages are a few steps, and nothing is asked before.
    database.execute("SAVEPOINT puts")
    try:
        number = _write_messages(database, [row for put in puts for row in put.rows])
    except apsw.ConstraintError:
        database.execute("ROLLBACK TO puts")
        for put in puts:
            _write_put_with_known_keys(database, put)
    else:
        for put in puts:
            put.first_number = number
            put.new_count = len(put.rows)
            number += put.new_count
    database.execute("RELEASE puts")


def _write_put_with_known_keys(database: apsw.Connection, put: Put) -> None:
    keys = _json(row[0] for row in put.rows)
    query = "SELECT key, digest FROM messages WHERE key IN (SELECT value FROM json_each(?))"
    found: list[tuple[Any, ...]] = database.execute(query, (keys,)).fetchall()
    known: dict[str, bytes] = dict(found)
    put.conflict = next((row[0] for row in put.rows if known.get(row[0], row[3]) != row[3]), None)
    if put.conflict is None:
        new = [row for row in put.rows if row[0] not in known]
        number = _write_messages(database, new)
        put.new_count = len(new)
        put.first_number = number if new == put.rows else 0


def _write_messages(database: apsw.Connection, rows: Sequence[MessageRow]) -> int:
    """Insert new messages; return the number of the first, which the others follow."""
    [(last,)] = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
    first: int = last + 1
    messages: list[Any] = []
    contents: list[Any] = []
    for number, (key, rank, put_at, digest, envelope, content, _) in enumerate(rows, first):
        messages += (number, key, rank, put_at, digest, envelope)
        contents += (number, content)
    _write_rows(database, "INSERT INTO messages VALUES ", 6, messages)
    _write_rows(database, "INSERT INTO contents VALUES ", 2, contents)
    return first


_LENGTHS: Final = (128, 32, 8, 1)
"""Few lengths, so that each statement is prepared once."""


def _write_rows(database: apsw.Connection, head: str, width: int, values: Sequence[Any]) -> None:
    """Write rows of so many values, given one after another."""
    row = f"({','.join('?' * width)})"
    start = 0
    for length in _LENGTHS:
        statement = head + ",".join([row] * length)
        step = length * width
        while len(values) - start >= step:
            database.execute(statement, values[start : start + step])
            start += step


# -------------------------------------------------------------------------------------------------------------- folding


def _write_fold(database: apsw.Connection, fold: Fold, commit: Commit) -> None:
    # The journal is written by one dispatcher, and a row that it does not know must not go. A row of it would not have
    # got in beside another's either: its sequence would have been taken.
    [(latest,)] = database.execute("SELECT max(folded, (SELECT ifnull(max(sequence), 0) FROM journal)) FROM outbox")
    if latest > commit.sequence:
        raise OutboxError("another dispatcher has written here, although the lock was held")
    standings: list[Any] = []
    for number, standing in sorted(fold.standings.items()):
        standings += (number, standing.count, standing.since, encode_standing(standing))
    _write_rows(database, "INSERT OR REPLACE INTO standings VALUES ", 4, standings)
    accepted = [*chain.from_iterable(sorted(fold.numbers.items()))]
    _write_rows(database, "INSERT OR IGNORE INTO accepted VALUES ", 2, accepted)
    erase(database, _json(fold.erased))
    database.execute("DELETE FROM journal")
    database.execute(
        "UPDATE outbox SET folded = ?, counts = ?, touched_urgent = ?, touched_default = ?",
        (commit.sequence, encode_counts(commit.counts), *fold.touched),
    )


# -------------------------------------------------------------------------------------------------------------- purging


class Purged(NamedTuple):
    """What a step of purging took away."""

    counts: Counts
    """How many of them stood where."""
    last_number: int | None
    """Where to go on; ``None``: nothing older is left."""


def purge_some(database: apsw.Connection, before: float, after: int) -> Purged:
    """Forget some of the final messages above ``after`` that became so before that time. The journal is empty."""
    with transaction(database):
        rows: list[tuple[Any, ...]] = database.execute(
            "SELECT number, count, standing FROM standings WHERE number > ? AND +count >= 4 AND since < ? "
            "ORDER BY number LIMIT ?",
            (after, before, PURGED_AT_ONCE),
        ).fetchall()
        if not rows:
            return Purged([0] * 8, None)
        gone = [0] * 8
        for _, count, _ in rows:
            gone[count] += 1
        numbers = _json(number for number, _, _ in rows)
        ids = _json(id for _, _, standing in rows for id in decode_standing(standing).message_ids)
        among = "IN (SELECT value FROM json_each(?))"
        database.execute(f"DELETE FROM accepted WHERE message_id {among} AND number {among}", (ids, numbers))
        database.execute(f"DELETE FROM standings WHERE number {among}", (numbers,))
        database.execute(f"DELETE FROM messages WHERE number {among}", (numbers,))
        [(encoded,)] = database.execute("SELECT counts FROM outbox")
        counts = [before - less for before, less in zip(decode_counts(encoded), gone, strict=True)]
        database.execute("UPDATE outbox SET counts = ?, purged = purged + ?", (encode_counts(counts), len(rows)))
        reclaim(database, after, rows[-1][0])
        return Purged(gone, rows[-1][0])


def _json(values: Iterable[int] | Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()


__all__ = ["Commit", "Fold", "MessageRow", "Purged", "Put", "purge_some", "write_commit"]
