"""Reading an outbox beside whoever writes it: messages by number, key and id, and by where they stand.

How this works: every answer comes from one snapshot of the file. Over the file lies what is not folded yet: for the
dispatcher that is its own memory, which is ahead of the file, and for everybody else the journal, of which only the
rows that are new since the last look are read.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from msgcore.delivery import NEW, Count, Entry, OutboxCounts, SendState, Standing
from msgcore.wire import Message
from transports.outbox.bodies import decode_body, decode_envelope
from transports.outbox.entries import entry_of
from transports.outbox.failures import translated
from transports.outbox.sqlite.octets import Counts, decode_counts, decode_standing, decode_standings
from transports.outbox.sqlite.schema import open_reader
from transports.outbox.turns import DEFAULT, HIGH

_WAITING: Final = SendState.WAITING  # to ask an enum for a member costs as much as a call


class Row(msgspec.Struct, frozen=True, gc=False):
    """A message as it stands in the file; without a standing of its own it is as it was put."""

    number: int
    key: str
    rank: int
    put_at: float
    digest: bytes
    envelope: bytes
    content: bytes | None
    standing: bytes | None = None


UntouchedRow = tuple[int, str, float, bytes, bytes, bytes | None]
"""A message that is as it was put: number, key, time, digest, envelope, content."""

_ROW: Final = "m.number, m.key, m.rank, m.put_at, m.digest, m.envelope, c.content"
_MESSAGES: Final = "FROM messages m LEFT JOIN contents c USING (number)"
_ROWS: Final = f"SELECT {_ROW}, s.standing {_MESSAGES} LEFT JOIN standings s USING (number) "
_AMONG: Final = "IN (SELECT value FROM json_each(?))"
# One statement for each rank, or the partial index could not serve: a literal is seen, a parameter is not.
_UNTOUCHED: Final = {
    rank: f"SELECT m.number, m.key, m.put_at, m.digest, m.envelope, c.content {_MESSAGES} "
    f"WHERE m.rank = {rank:d} AND m.number > ? "
    "AND NOT EXISTS (SELECT 1 FROM standings s WHERE s.number = m.number) ORDER BY m.number LIMIT ?"
    for rank in (HIGH, DEFAULT)
}


class Overlay(NamedTuple):
    """What is not folded yet: standings by number, and numbers by the id that a message was accepted under."""

    standings: Mapping[int, Standing]
    numbers: Mapping[str, int]


class Journal(NamedTuple):
    """The journal as far as it was read."""

    folded: int
    sequence: int
    counts: Counts
    standings: dict[int, Standing]
    numbers: dict[str, int]


class Reader:
    """Reads one outbox; to be used by one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._database = open_reader(path)
        self._journal = Journal(-1, -1, [], {}, {})
        self.overlay: Callable[[], Overlay] | None = None
        """The dispatcher's, while this process is the dispatcher."""

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @contextmanager
    def snapshot(self) -> Iterator[Overlay]:
        """Let everything that is read inside be of one moment."""
        with translated(self.path):
            self._database.execute("BEGIN")
            try:
                overlay = self.overlay
                if overlay is not None:
                    yield overlay()
                else:
                    journal = self.journal()
                    yield Overlay(journal.standings, journal.numbers)
            finally:
                self._database.execute("COMMIT")

    def journal(self) -> Journal:
        """Return the whole journal, of which only what is new is read."""
        [(folded, counts)] = self._database.execute("SELECT folded, counts FROM outbox")
        known = self._journal
        if folded != known.folded:
            known = Journal(folded, folded, decode_counts(counts), {}, {})
        elif known.sequence == folded:  # nothing is in the journal; a purge may have changed what was counted
            known = known._replace(counts=decode_counts(counts))
        query = "SELECT sequence, counts, standings FROM journal WHERE sequence > ? ORDER BY sequence"
        for sequence, encoded, standings in self._database.execute(query, (known.sequence,)):
            for number, standing in decode_standings(standings).items():
                known.standings[number] = standing
                known.numbers.update(dict.fromkeys(standing.message_ids, number))
            known = known._replace(sequence=sequence, counts=decode_counts(encoded))
        self._journal = known
        return known

    # ------------------------------------------------------------------------------------------------------- entries

    def by_numbers(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Return the messages that have these numbers, inside a snapshot."""
        query = f"{_ROWS} WHERE m.number {_AMONG}"
        return {row[0]: Row(*row) for row in self._query(query, _json(numbers))}

    def find(self, keys: Sequence[str]) -> list[Entry | None]:
        """Return the messages that have ``keys``."""
        with self.snapshot() as overlay:
            rows = self._query(f"{_ROWS} WHERE m.key {_AMONG}", _json(keys))
            found = {row[1]: _entry(Row(*row), overlay) for row in rows}
        return [found.get(key) for key in keys]

    def find_accepted(self, message_ids: Sequence[str]) -> list[Entry | None]:
        """Return the messages that were accepted under ``message_ids``."""
        with self.snapshot() as overlay:
            query = f"SELECT message_id, number FROM accepted WHERE message_id {_AMONG}"
            numbers: dict[str, int] = dict(self._query(query, _json(message_ids)))
            numbers |= {id: overlay.numbers[id] for id in message_ids if id in overlay.numbers and id not in numbers}
            found = {n: _entry(row, overlay) for n, row in self.by_numbers([*numbers.values()]).items()}
        return [found.get(numbers.get(id, 0)) for id in message_ids]

    def standings_of(self, numbers: Sequence[int]) -> dict[int, tuple[int, Standing]]:
        """Return the rank of messages, and where they stood when they were last folded."""
        query = (
            "SELECT m.number, m.rank, s.standing FROM messages m LEFT JOIN standings s USING (number) "
            f"WHERE m.number {_AMONG}"
        )
        with translated(self.path):
            return {
                number: (rank, NEW if standing is None else decode_standing(standing))
                for number, rank, standing in self._query(query, _json(numbers))
            }

    def urgent_among(self, numbers: Sequence[int]) -> set[int]:
        """Return those of the messages that go before others, inside a snapshot."""
        query = f"SELECT number FROM messages WHERE rank = 0 AND number {_AMONG}"
        return {number for (number,) in self._query(query, _json(numbers))}

    def unfinished(self, *counts: Count) -> Iterator[tuple[int, int, Standing]]:
        """Yield number, rank and standing of the folded messages that stand there, inside a snapshot."""
        query = (
            "SELECT s.number, m.rank, s.standing FROM standings s JOIN messages m USING (number) "
            f"WHERE s.count {_AMONG} AND s.count <> 4"
        )
        for number, rank, standing in self._query(query, _json(counts)):
            yield number, rank, decode_standing(standing)

    def touched(self) -> tuple[int, int]:
        """Return for each rank up to which number no message is as it was put, inside a snapshot."""
        [row] = self._query("SELECT touched_urgent, touched_default FROM outbox")
        urgent, default = row
        return urgent, default

    def last_number(self) -> int:
        """Return the number of the message that was put last, inside a snapshot."""
        [(number,)] = self._query("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")
        return int(number)

    def untouched(self, rank: int, after: int, limit: int) -> Sequence[UntouchedRow]:
        """Return messages above a number that are as they were put, in the order of arrival."""
        with translated(self.path):
            return self._query(_UNTOUCHED[rank], after, limit)

    # -------------------------------------------------------------------------------------------------------- counts

    def counts(self) -> OutboxCounts:
        """Return how many messages stand where, as the file tells it."""
        with translated(self.path):
            self._database.execute("BEGIN")
            try:
                return self.counts_with(self.journal().counts)
            finally:
                self._database.execute("COMMIT")

    def counts_with(self, counts: Counts) -> OutboxCounts:
        """Return how many messages stand where, when so many do not wait."""
        with translated(self.path):
            [(total,)] = self._query(
                "SELECT seq - (SELECT purged FROM outbox) FROM sqlite_sequence WHERE name = 'messages'"
            )
        return OutboxCounts(total - sum(counts[1:]), *counts[1:])

    # ----------------------------------------------------------------------------------------------------------- lists

    def chunk(self, counts: frozenset[Count] | None, after: int, limit: int) -> list[Entry]:
        """Return some of the messages above ``after`` that stand there, or anywhere; none when there are no more."""
        with self.snapshot() as overlay:
            if counts is None:
                rows = self._query(f"{_ROWS} WHERE m.number > ? ORDER BY m.number LIMIT ?", after, limit)
                return [_entry(Row(*row), overlay) for row in rows]
            while numbers := self._numbers(counts, overlay, after, limit):
                after = numbers[-1]
                found = self.by_numbers(numbers)
                rows_there = (found[number] for number in numbers if number in found)
                entries = [_entry(row, overlay) for row in rows_there if _standing(row, overlay).count in counts]
                if entries:
                    return entries
        return []

    def _numbers(self, counts: frozenset[Count], overlay: Overlay, after: int, limit: int) -> list[int]:
        """Return the numbers that the file or what lies over it has there, ascending, as far as they are complete."""
        lists = [self._folded_numbers(count, after, limit) for count in counts]
        if Count.WAITING in counts:
            lists.append(self._untouched_numbers(after, limit))
        # A list that is full may go on; what lies beyond its end is left to the next look.
        end = min((numbers[-1] for numbers in lists if len(numbers) == limit), default=None)
        over = (number for number, standing in overlay.standings.items() if number > after and standing.count in counts)
        everything = {number for numbers in lists for number in numbers} | {*over}
        return sorted(number for number in everything if end is None or number <= end)

    def _folded_numbers(self, count: Count, after: int, limit: int) -> list[int]:
        # "count <> 4" is what the partial index promises; messages that are final are most of all: their table is read.
        condition = "+count = 4" if count is Count.FINAL else f"count = {count:d} AND count <> 4"
        query = f"SELECT number FROM standings WHERE {condition} AND number > ? ORDER BY number LIMIT ?"
        return [number for (number,) in self._query(query, after, limit)]

    def _untouched_numbers(self, after: int, limit: int) -> list[int]:
        query = (
            "SELECT number FROM messages m WHERE number > max(?, (SELECT min(touched_urgent, touched_default) "
            "FROM outbox)) AND NOT EXISTS (SELECT 1 FROM standings s WHERE s.number = m.number) ORDER BY number LIMIT ?"
        )
        return [number for (number,) in self._query(query, after, limit)]

    def _query(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()


def _json(values: Sequence[int] | Sequence[str]) -> str:
    return msgspec.json.encode(values).decode()


def _message(row: Row) -> Message:
    return decode_body(row.number, row.key, row.envelope, row.content or b"", row.digest)


def _standing(row: Row, overlay: Overlay) -> Standing:
    standing = overlay.standings.get(row.number)
    if standing is not None:
        return standing
    return NEW if row.standing is None else decode_standing(row.standing)


def _entry(row: Row, overlay: Overlay) -> Entry:
    return entry_from(row, _standing(row, overlay))


def entry_as_put(row: UntouchedRow) -> Entry:
    """Put together a message that waits as it was put."""
    number, key, put_at, digest, envelope, content = row
    return Entry(number, key, decode_body(number, key, envelope, content or b"", digest), _WAITING, 0, put_at)


def entry_from(row: Row, standing: Standing) -> Entry:
    """Put together a message and where it stands."""
    if standing.is_erased:
        message = decode_envelope(row.number, row.key, row.envelope)
    else:
        message = _message(row)
    return entry_of(row.number, row.key, message, row.put_at, standing)


__all__ = ["Journal", "Overlay", "Reader", "Row", "UntouchedRow", "entry_as_put", "entry_from"]
