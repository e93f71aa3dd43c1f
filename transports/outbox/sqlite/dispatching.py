"""What the one dispatcher of an outbox knows besides the file: whose turn it is, and what is not folded yet.

How this works: the messages that are as they were put are fetched some at a time, in the order of arrival, however many
wait behind them. Of the others only those are in memory that wait for another attempt, that are attempted, and those
that changed since the last fold. So ten million waiting messages cost no more than ten.

What changes goes into the next row of the journal; what has changed since the last fold goes, all of it, into the next
one. A fold carries open attempts along like everything else, and they stay in memory, too.
"""

import math
from collections.abc import Sequence
from typing import Final

from msgcore.delivery import NEW, Attempt, Conclusion, Count, Entry, Outcome, SendState, Standing, follow
from transports.outbox.entries import LEFT_OPEN
from transports.outbox.sqlite.octets import Counts
from transports.outbox.sqlite.reading import Overlay, Reader, Row, entry_as_put, entry_from
from transports.outbox.sqlite.writing import Commit, Fold, Put
from transports.outbox.turns import DEFAULT, HIGH, Turns, due_from

FETCHED_AT_ONCE: Final = 256
SECONDS_BETWEEN_LOOKS: Final = 0.1
"""How often it is looked whether another process has put something that goes first."""

FOLDED_AT_ONCE: Final = 8_192
"""So many messages have changed before a fold: only their last standing is folded, so later is cheaper."""

_RANKS: Final = (HIGH, DEFAULT)
_WAITING: Final = SendState.WAITING  # to ask an enum for a member costs as much as a call
_WORKED_ON: Final = (_WAITING, SendState.ATTEMPTING)


class Dispatching:
    """The dispatcher's memory, as long as it is the dispatcher."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._turns = Turns()
        self._fetched: dict[int, Row] = {}  # as they were put: they wait for their turn, or are claimed
        self._fetched_waiting = [0, 0]  # how many of them are not claimed, by rank
        self._fetched_through = [0, 0]
        self._looked_at = -math.inf  # for urgent messages of other processes
        self._urgent_arrives = False  # with the commit that is being written
        self._urgent_came = False
        self._known: dict[int, Standing] = {}  # all others that are worked on or not folded
        self._urgent: set[int] = set()  # those of them that go first
        self._ids: dict[str, int] = {}  # that messages were accepted under and that are not folded
        self._unwritten: dict[int, Standing] = {}
        self._unfolded: dict[int, Standing] = {}
        self._unfolded_ids: dict[str, int] = {}
        self._folding: dict[int, Standing] = {}
        self._folding_ids: dict[str, int] = {}
        self._sequence = 0
        self.counts: Counts = []

    def begin(self, now: float) -> int:
        """Take over what the file holds; return how many attempts were left open, and are unknown now."""
        with self._reader.snapshot():
            journal = self._reader.journal()
            self.counts = list(journal.counts)
            self._sequence = journal.sequence
            self._fetched_through = list(self._reader.touched())
            for number, rank, standing in self._reader.unfinished(Count.WAITING, Count.ATTEMPTING):
                self._known[number] = standing
                if rank == HIGH:
                    self._urgent.add(number)
            self._urgent |= self._reader.urgent_among([*journal.standings])
        self._known |= journal.standings
        self._ids |= journal.numbers
        self._unfolded = dict(journal.standings)
        self._unfolded_ids = dict(journal.numbers)
        for number, standing in self._known.items():
            if standing.state is _WAITING:
                self._turns.add(number, self._rank(number), due_from(standing, now))
        return self.give_up()

    def give_up(self) -> int:
        """Enter every open attempt as unknown, and return how many there were."""
        left_open = [
            Outcome(number, standing.attempts, SendState.UNKNOWN, standing.since, reason=LEFT_OPEN)
            for number, standing in self._known.items()
            if standing.state is SendState.ATTEMPTING
        ]
        return sum(self.enter(left_open))

    # --------------------------------------------------------------------------------------------------------- claims

    def claim(self, limit: int, now: float) -> list[Entry]:
        """Claim up to ``limit`` messages whose turn it is."""
        fetched, fetched_waiting, take = self._fetched, self._fetched_waiting, self._turns.take
        self._look_for_urgent(now)
        self._fetch(DEFAULT)
        numbers: list[int] = []
        while len(numbers) < limit and (number := take(now)) is not None:
            numbers.append(number)
            row = fetched.get(number)
            if row is not None:
                fetched_waiting[row.rank] -= 1
                if not fetched_waiting[row.rank]:
                    self._fetch(row.rank)
        return self._entries(numbers)

    def release(self, number: int) -> None:
        """Give back a claim."""
        if self._turns.release(number) and number in self._fetched:
            self._fetched_waiting[self._fetched[number].rank] += 1

    def next_due(self) -> float | None:
        """Return when the next unclaimed message becomes due."""
        self._fetch(HIGH)
        self._fetch(DEFAULT)
        return self._turns.next_due()

    def _look_for_urgent(self, now: float) -> None:
        # What we have put ourselves is known of. What another process has put is looked for now and then only: the
        # first look at a file that has changed has to read it anew.
        if self._urgent_came or not 0.0 <= now - self._looked_at < SECONDS_BETWEEN_LOOKS:
            self._urgent_came = False
            self._looked_at = now
            self._fetch(HIGH)

    def _fetch(self, rank: int) -> None:
        """See to it that the first message of this rank stands in line, if there is any."""
        while not self._fetched_waiting[rank]:
            rows = self._reader.untouched(rank, self._fetched_through[rank], FETCHED_AT_ONCE)
            if not rows:
                return
            self._fetched_through[rank] = rows[-1].number
            for row in rows:
                if row.number not in self._known:
                    self._fetched[row.number] = row
                    self._fetched_waiting[rank] += 1
                    self._turns.add(row.number, rank, 0.0)

    def _entries(self, numbers: Sequence[int]) -> list[Entry]:
        fetched = self._fetched
        again = [number for number in numbers if number not in fetched]
        if not again:
            return [entry_as_put(fetched[number]) for number in numbers]
        with self._reader.snapshot():
            rows = self._reader.by_numbers(again)
        return [
            entry_as_put(fetched[number]) if number in fetched else entry_from(rows[number], self._known[number])
            for number in numbers
        ]

    # -------------------------------------------------------------------------------------------------------- records

    def enter(self, records: Sequence[Attempt | Outcome | Conclusion]) -> list[bool]:
        """Enter those records that can follow from where their messages stand; return which."""
        known, fetched = self._known, self._fetched
        elsewhere = [record.number for record in records if record.number not in known and record.number not in fetched]
        folded = self._reader.standings_of(elsewhere) if elsewhere else {}
        return [self._enter(record, folded) for record in records]

    def _enter(self, record: Attempt | Outcome | Conclusion, folded: dict[int, tuple[int, Standing]]) -> bool:
        number = record.number
        standing = self._known.get(number)
        if standing is not None:
            rank = HIGH if number in self._urgent else DEFAULT
        elif (row := self._fetched.get(number)) is not None:
            rank, standing = row.rank, NEW
        elif number in folded:
            rank, standing = folded[number]
        else:
            return False  # there is no such message
        new = follow(standing, record)
        if new is None:
            return False
        self._change(number, rank, standing, new)
        return True

    def _change(self, number: int, rank: int, old: Standing, new: Standing) -> None:
        self.counts[old.count] -= 1
        self.counts[new.count] += 1
        self._known[number] = self._unwritten[number] = new
        if rank == HIGH:
            self._urgent.add(number)
        if new.message_id is not None:
            self._ids[new.message_id] = self._unfolded_ids[new.message_id] = number
            for id in new.other_ids:
                self._ids[id] = self._unfolded_ids[id] = number
        if self._fetched.pop(number, None) is not None and self._turns.waits(number):
            self._fetched_waiting[rank] -= 1
        if new.state is _WAITING:
            self._turns.add(number, rank, new.due_at)
        elif old.state is _WAITING:
            self._turns.remove(number)

    def _rank(self, number: int) -> int:
        return HIGH if number in self._urgent else DEFAULT

    # -------------------------------------------------------------------------------------------------------- commits

    def overlay(self) -> Overlay:
        """Return what lies over the file."""
        return Overlay(self._known, self._ids)

    def commit(self, puts: Sequence[Put], *, fold: bool) -> Commit:
        """Return everything that is to be written now; ``fold`` even if that is not worth while yet."""
        self._urgent_arrives = any(row[1] == HIGH for put in puts for row in put.rows)
        standings, self._unwritten = self._unwritten, {}
        if standings:
            self._sequence += 1
            self._unfolded |= standings
        whole = self._fold() if fold or len(self._unfolded) >= FOLDED_AT_ONCE else None
        return Commit(puts, self._sequence, [0, *self.counts[1:]], standings, whole)

    def _fold(self) -> Fold:
        self._folding, self._unfolded = self._unfolded, {}
        self._folding_ids, self._unfolded_ids = self._unfolded_ids, {}
        touched = [self._touched(rank) for rank in _RANKS]
        return Fold(self._folding, self._folding_ids, (touched[HIGH], touched[DEFAULT]))

    def _touched(self, rank: int) -> int:
        fetched = min((number for number, row in self._fetched.items() if row.rank == rank), default=None)
        return self._fetched_through[rank] if fetched is None else fetched - 1

    def committed(self) -> None:
        """The commit is durable: look for what came with it, and forget what is folded and not worked on any more."""
        self._urgent_came = self._urgent_came or self._urgent_arrives
        for number in self._folding:
            has_changed_since = number in self._unfolded or number in self._unwritten
            if not has_changed_since and self._known[number].state not in _WORKED_ON:
                del self._known[number]
                self._urgent.discard(number)
        for id in self._folding_ids:
            if id not in self._unfolded_ids:
                del self._ids[id]
        self._folding, self._folding_ids = {}, {}


__all__ = ["Dispatching"]
