"""What the one dispatcher of an outbox knows besides the file: whose turn it is, and what is not folded yet.

How this works: of the messages that are as they were put some stand in line, in the order of arrival, however many
wait behind them (``arrivals``). Of the others only those are in memory that wait for another attempt, that are
attempted, and those that changed since the last fold. So ten million waiting messages cost no more than ten.

What changes goes into the next row of the journal; what has changed since the last fold goes, all of it, into the next
one. A fold carries open attempts along like everything else, and they stay in memory, too.
"""

import math
from collections.abc import Sequence
from typing import Final

from msgcore.delivery import NEW, Attempt, Conclusion, Count, Entry, Outcome, SendState, Standing, follow
from transports.outbox.entries import LEFT_OPEN
from transports.outbox.sqlite.arrivals import Arrivals
from transports.outbox.sqlite.octets import Counts
from transports.outbox.sqlite.reading import Overlay, Reader, entry_from
from transports.outbox.sqlite.writing import Commit, Fold, Put
from transports.outbox.turns import DEFAULT, HIGH, Turns, due_from, rank_of

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
        self._arrivals: list[Arrivals] = []  # by rank
        self._claimed: dict[int, Entry] = {}  # as they were put
        self._turns = Turns()  # of those that wait for another attempt
        self._putting: Sequence[Put] = ()  # with the commit that is being written
        self._durable = 0  # the file has all messages up to this number, or more
        self._looked_at = -math.inf  # for urgent messages of other processes
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
            self._durable = self._reader.last_number()
            self._arrivals = [
                Arrivals(self._reader, rank, seen) for rank, seen in zip(_RANKS, self._reader.touched(), strict=True)
            ]
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
        self._look_for_urgent(now)
        self._fetch(DEFAULT)
        numbers: list[int] = []
        while (room := limit - len(numbers)) > 0:
            rank = HIGH if self._arrivals[HIGH].line else DEFAULT
            line, again = self._arrivals[rank].line, self._turns.first(now)
            if again is not None and (not line or again < (rank, line[0].number)):
                self._turns.take(now)
                numbers.append(again[1])
            elif line:
                # As long as nobody waits for another attempt, as mostly, nobody goes before those in line.
                numbers += self._take(rank, min(room, len(line)) if again is None else 1)
            else:
                break
        return self._entries(numbers)

    def release(self, number: int) -> None:
        """Give back a claim."""
        entry = self._claimed.pop(number, None)
        if entry is None:
            self._turns.release(number)
        else:
            self._arrivals[rank_of(entry.message)].come_back(entry)

    def next_due(self) -> float | None:
        """Return when the next unclaimed message becomes due."""
        for rank in _RANKS:
            self._fetch(rank)
            if self._arrivals[rank].line:
                return 0.0
        return self._turns.next_due()

    def _look_for_urgent(self, now: float) -> None:
        # What we have put ourselves is known of. What another process has put is looked for now and then only: the
        # first look at a file that has changed has to read it anew.
        if self._urgent_came or not 0.0 <= now - self._looked_at < SECONDS_BETWEEN_LOOKS:
            self._urgent_came = False
            self._looked_at = now
            self._fetch(HIGH)

    def _fetch(self, rank: int) -> None:
        self._arrivals[rank].fetch(self._known, self._durable)

    def _take(self, rank: int, count: int) -> list[int]:
        """Claim so many of those who stand in line; return their numbers."""
        line, claimed = self._arrivals[rank].line, self._claimed
        numbers: list[int] = []
        for _ in range(count):
            entry = line.popleft()
            number = entry.number
            claimed[number] = entry
            numbers.append(number)
        if not line:
            self._fetch(rank)
        return numbers

    def _entries(self, numbers: Sequence[int]) -> list[Entry]:
        claimed = self._claimed
        again = [number for number in numbers if number not in claimed]
        if not again:
            return [claimed[number] for number in numbers]
        with self._reader.snapshot():
            rows = self._reader.by_numbers(again)
        return [
            claimed[number] if number in claimed else entry_from(rows[number], self._known[number])
            for number in numbers
        ]

    # -------------------------------------------------------------------------------------------------------- records

    def enter(self, records: Sequence[Attempt | Outcome | Conclusion]) -> list[bool]:
        """Enter those records that can follow from where their messages stand; return which."""
        known, claimed, unwritten, counts = self._known, self._claimed, self._unwritten, self.counts
        ids, unfolded_ids = self._ids, self._unfolded_ids
        folded: dict[int, tuple[int, Standing]] | None = None
        entered: list[bool] = []
        for record in records:
            number = record.number
            if (old := known.get(number)) is not None:
                new = follow(old, record)
                if new is not None and (old.state is _WAITING or new.state is _WAITING):
                    self._wait_otherwise(number, new)
            elif (entry := claimed.get(number)) is not None:
                old, new = NEW, follow(NEW, record)
                if new is not None:
                    del claimed[number]
                    if rank_of(entry.message) == HIGH:
                        self._urgent.add(number)
            else:
                if folded is None:
                    folded = self._look_up(records)
                rank, old = folded.get(number, (DEFAULT, None))
                new = None if old is None else follow(old, record)
                if old is not None and new is not None:
                    self._take_back(number, rank, old, new)
            entered.append(new is not None)
            if old is not None and new is not None:
                counts[old.count] -= 1
                counts[new.count] += 1
                known[number] = unwritten[number] = new
                if (id := new.message_id) is not None:
                    ids[id] = unfolded_ids[id] = number
                    for id in new.other_ids:
                        ids[id] = unfolded_ids[id] = number
        return entered

    def _look_up(self, records: Sequence[Attempt | Outcome | Conclusion]) -> dict[int, tuple[int, Standing]]:
        """Return rank and standing of all those that are not in memory, in one go."""
        numbers = (record.number for record in records)
        return self._reader.standings_of([n for n in numbers if n not in self._known and n not in self._claimed])

    def _take_back(self, number: int, rank: int, old: Standing, new: Standing) -> None:
        """Somebody changes who was not in memory; he may have stood in line."""
        if rank == HIGH:
            self._urgent.add(number)
        if old is NEW:
            self._arrivals[rank].leave(number)
        if new.state is _WAITING:
            self._turns.add(number, rank, new.due_at)

    def _wait_otherwise(self, number: int, new: Standing) -> None:
        """Somebody waits for another attempt and did not, or no longer does, or until another time."""
        self._turns.remove(number)
        if new.state is _WAITING:
            self._turns.add(number, self._rank(number), new.due_at)

    def _rank(self, number: int) -> int:
        return HIGH if number in self._urgent else DEFAULT

    # -------------------------------------------------------------------------------------------------------- commits

    def overlay(self) -> Overlay:
        """Return what lies over the file."""
        return Overlay(self._known, self._ids)

    def commit(self, puts: Sequence[Put], *, fold: bool) -> Commit:
        """Return everything that is to be written now; ``fold`` even if that is not worth while yet."""
        self._putting = puts
        standings, self._unwritten = self._unwritten, {}
        if standings:
            self._sequence += 1
            self._unfolded |= standings
        whole = self._fold() if fold or len(self._unfolded) >= FOLDED_AT_ONCE else None
        return Commit(puts, self._sequence, [0, *self.counts[1:]], standings, whole)

    def _fold(self) -> Fold:
        self._folding, self._unfolded = self._unfolded, {}
        self._folding_ids, self._unfolded_ids = self._unfolded_ids, {}
        erased = [number for number, standing in self._folding.items() if standing.is_erased]
        return Fold(self._folding, self._folding_ids, (self._touched(HIGH), self._touched(DEFAULT)), erased)

    def _touched(self, rank: int) -> int:
        claimed = (number - 1 for number, entry in self._claimed.items() if rank_of(entry.message) == rank)
        return min((*claimed, self._arrivals[rank].touched))

    def committed(self) -> None:
        """The commit is durable: take in what came with it, and forget what is folded and not worked on any more."""
        puts, self._putting = self._putting, ()  # of what has not joined, nothing is kept
        for put in puts:
            joined = [arrivals.join(put, self._known) for arrivals in self._arrivals]
            self._urgent_came |= HIGH in put.ranks and not joined[HIGH]
            if put.first_number:
                self._durable = put.first_number + len(put.rows) - 1
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
