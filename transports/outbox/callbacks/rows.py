"""What is done to the file of a callback store within a transaction, in few steps however many rows it is about."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypeVar

from msgcore.delivery import Arrival, StoredEvent
from transports.outbox.callbacks.keys import Key, Unrecognised, key_of

if TYPE_CHECKING:
    import apsw

ASKED_AT_ONCE: Final = 500
"""How many values a statement names at most."""
_PURGED_AT_ONCE: Final = 1_000
# Few lengths, so that the statements are prepared once. Of keys fewer go into a step: if one of them was there, all of
# the step are looked up again.
_MANY: Final = (512, 128, 32, 8, 1)
_FEW: Final = (32, 8, 1)

_KeyRow: TypeAlias = tuple[str, int | str, str, int | str, int]
"""A key and its sequence."""
_MESSAGE_ID: Final = itemgetter(0)
_Tuple = TypeVar("_Tuple", bound=tuple[Any, ...])


class Added(NamedTuple):
    """Items to be kept, and what they are recognised by."""

    items: Sequence[bytes]
    keys: Sequence[Key | Unrecognised]
    now: float


def add_all(database: "apsw.Connection", added: Sequence[Added]) -> list[list[Arrival]]:
    """Keep what several callbacks brought; return what became of each item of each."""
    rows: list[tuple[int, float, bytes]] = []
    keys: list[_KeyRow] = []
    results: list[list[Arrival]] = []
    firsts: list[int] = []  # of each callback: the sequence of its first item; the others follow, whatever they are
    first = last_sequence(database) + 1
    for items, keys_of_items, now in added:
        result = [Arrival.NEW] * len(items)
        results.append(result)
        firsts.append(first)
        for sequence, (item, key) in enumerate(zip(items, keys_of_items, strict=True), first):
            if isinstance(key, Unrecognised):
                statement = "INSERT OR IGNORE INTO quarantine (digest, received_at, problem, raw) VALUES (?, ?, ?, ?)"
                database.execute(statement, (key.digest, now, key.problem, item))
                result[sequence - first] = Arrival.QUARANTINED
            else:
                rows.append((sequence, now, item))
                keys.append((*key, sequence))
        first += len(items)
    if repeated := _insert_keys(database, keys):
        rows = [row for row in rows if row[0] not in repeated]
        for sequence in repeated:
            callback = bisect_right(firsts, sequence) - 1
            results[callback][sequence - firsts[callback]] = Arrival.REPEATED
    for some in _parts(rows, _MANY):
        _insert("INSERT INTO events VALUES ", database, some)
    return results


def _insert_keys(database: "apsw.Connection", keys: list[_KeyRow]) -> set[int]:
    """Insert those that are not there; return the sequences of the others, whose keys lead to another."""
    # Neighbours lie in one page, which is then looked for once. Of keys that are alike the first to come goes first.
    keys.sort(key=_MESSAGE_ID)
    repeated: set[int] = set()
    for some in _parts(keys, _FEW):
        if _insert("INSERT OR IGNORE INTO event_keys VALUES ", database, some) < len(some):
            repeated |= _repeated_among(database, some)
    return repeated


def _repeated_among(database: "apsw.Connection", keys: Sequence[_KeyRow]) -> set[int]:
    statement = (
        f"WITH given(m, t, r, c) AS (VALUES {marks(len(keys), '(?, ?, ?, ?)')}) SELECT group_concat(sequence)"
        " FROM given CROSS JOIN event_keys ON message_id = m AND type = t AND recipient = r AND code = c"
    )
    values = [value for key in keys for value in key[:4]]
    kept = {*map(int, database.execute(statement, values).get.split(","))}
    return {key[4] for key in keys} - kept


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


def _parts(rows: Sequence[_Tuple], lengths: Sequence[int]) -> Iterator[Sequence[_Tuple]]:
    """Yield rows, as many at once as one of few lengths."""
    start = 0
    for length in lengths:
        while len(rows) - start >= length:
            yield rows[start : start + length]
            start += length


def _insert(statement: str, database: "apsw.Connection", rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert rows in one step; return how many came in."""
    database.execute(statement + _places(len(rows), len(rows[0])), [*chain.from_iterable(rows)])
    return database.changes()


@cache
def _places(rows: int, values: int) -> str:
    return marks(rows, f"({marks(values)})")


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
