"""What is done to the file of a callback store within a transaction, in few steps however many rows it is about."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from msgcore.delivery import Arrival, StoredEvent
from transports.outbox.callbacks.keys import Key, Unrecognised, key_of

if TYPE_CHECKING:
    import apsw

ASKED_AT_ONCE: Final = 500
"""How many values a statement names at most."""
_PURGED_AT_ONCE: Final = 1_000
# Few lengths, so that the statements are prepared once.
_LENGTHS: Final = (512, 128, 32, 8, 1)


class Added(NamedTuple):
    """Items to be kept, and what they are recognised by."""

    items: Sequence[bytes]
    keys: Sequence[Key | Unrecognised]
    now: float


class _Row(NamedTuple):
    sequence: int
    received_at: float
    raw: bytes


def add_all(database: "apsw.Connection", added: Sequence[Added]) -> list[list[Arrival]]:
    """Keep what several callbacks brought; return what became of each item of each."""
    rows: list[_Row] = []
    keys: list[Any] = []
    results: list[list[Arrival]] = []
    places: list[tuple[list[Arrival], int]] = []  # of each row: where its result belongs
    sequence = last_sequence(database)
    for items, keys_of_items, now in added:
        result = [Arrival.NEW] * len(items)
        results.append(result)
        for index, (item, key) in enumerate(zip(items, keys_of_items, strict=True)):
            if isinstance(key, Unrecognised):
                statement = "INSERT OR IGNORE INTO quarantine (digest, received_at, problem, raw) VALUES (?, ?, ?, ?)"
                database.execute(statement, (key.digest, now, key.problem, item))
                result[index] = Arrival.QUARANTINED
                continue
            sequence += 1
            rows.append(_Row(sequence, now, item))
            keys.append((*key, sequence))
            places.append((result, index))
    if _insert("INSERT OR IGNORE INTO event_keys VALUES ", database, keys) < len(keys):
        rows = _mark_repeated(database, rows, keys, places)
    _insert("INSERT INTO events VALUES ", database, rows)
    return results


def _mark_repeated(
    database: "apsw.Connection", rows: list[_Row], keys: list[Any], places: list[tuple[list[Arrival], int]]
) -> list[_Row]:
    """Return the rows that are new, and note that the others are not: their keys lead to another sequence."""
    kept: set[int] = set()
    for start in range(0, len(keys), ASKED_AT_ONCE):
        some = keys[start : start + ASKED_AT_ONCE]
        statement = (
            f"WITH given(m, t, r, c) AS (VALUES {marks(len(some), '(?, ?, ?, ?)')}) SELECT group_concat(sequence)"
            " FROM given CROSS JOIN event_keys ON message_id = m AND type = t AND recipient = r AND code = c"
        )
        values = [value for key in some for value in key[:4]]
        kept.update(map(int, database.execute(statement, values).get.split(",")))
    for row, (result, index) in zip(rows, places, strict=True):
        if row.sequence not in kept:
            result[index] = Arrival.REPEATED
    return [row for row in rows if row.sequence in kept]


def purge(database: "apsw.Connection", before: float, after: int) -> tuple[int, int]:
    """Forget some events above ``after``; return how many, and where to go on, 0 where there are no more."""
    bound = database.execute("SELECT coalesce(min(through), ?) FROM handlers", (2**63 - 1,)).get
    statement = "SELECT sequence, raw, received_at FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?"
    some = events_of(database.execute(statement, (after, _PURGED_AT_ONCE)))
    old = [event for event in some if event.received_at < before and event.sequence <= bound]
    needed = {row[0] for row in database.execute("SELECT sequence FROM handler_failures")}
    gone = [event for event in old if event.sequence not in needed]
    for start in range(0, len(gone), ASKED_AT_ONCE):
        events = gone[start : start + ASKED_AT_ONCE]
        keys = [key for event in events if not isinstance(key := key_of(event.raw), Unrecognised)]
        database.execute(
            "DELETE FROM event_keys WHERE (message_id, type, recipient, code) IN"
            f" (VALUES {marks(len(keys), '(?, ?, ?, ?)')})",
            [value for key in keys for value in key],
        )
        database.execute(
            f"DELETE FROM events WHERE sequence IN ({marks(len(events))})", [event.sequence for event in events]
        )
    # They came in the order of time: the first that is too young ends it.
    goes_on = len(old) == len(some) == _PURGED_AT_ONCE
    return len(gone), some[-1].sequence if goes_on else 0


def _insert(statement: str, database: "apsw.Connection", rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows, many in a step; return how many came in."""
    before = database.total_changes()
    start = 0
    for length in _LENGTHS:
        while len(rows) - start >= length:
            some = rows[start : start + length]
            values = [value for row in some for value in row]
            database.execute(statement + marks(length, f"({marks(len(some[0]))})"), values)
            start += length
    return database.total_changes() - before


def marks(count: int, mark: str = "?") -> str:
    """Return places for so many values."""
    return ", ".join([mark] * count)


def events_of(rows: Iterable[Any]) -> list[StoredEvent]:
    """Return rows of sequence, raw, received_at as records."""
    return [StoredEvent._make(row) for row in rows]


def last_sequence(database: "apsw.Connection") -> int:
    """Return the last sequence that was ever given."""
    # Not max(sequence): a number is never given twice, not even after a purge, or who reads on would miss its event.
    last: int | None = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").get
    return last or 0


__all__ = ["ASKED_AT_ONCE", "Added", "add_all", "events_of", "last_sequence", "marks", "purge"]
