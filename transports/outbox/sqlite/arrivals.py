"""The messages of one rank that are as they were put and not claimed yet, in the order of arrival.

How this works: some of them stand in line, however many wait behind them in the file, and when the line is empty the
next ones are fetched. Messages of this very process need not be fetched: if they are the next in the order once they
are durable, they join the line as they are. They are the next if nobody else has put anything since the last that was
seen here; and where nothing more is found, everything up to the last number that is known to be durable has been seen.
"""

from bisect import insort
from collections import deque
from collections.abc import Container
from operator import attrgetter
from typing import Final

from msgcore.delivery import Entry, SendState
from transports.outbox.sqlite.reading import Reader, entry_as_put
from transports.outbox.sqlite.writing import Put

FETCHED_AT_ONCE: Final = 256
MOST_IN_LINE: Final = 4_096
"""Nobody joins a line that is longer: it takes some megabytes, however far the input is ahead of the sending."""

_WAITING: Final = SendState.WAITING
_NUMBER: Final = attrgetter("number")


class Arrivals:
    """Those of one rank above number ``seen``, up to which nobody is as it was put any more."""

    def __init__(self, reader: Reader, rank: int, seen: int) -> None:
        self._reader = reader
        self._rank = rank
        self._seen = seen  # up to here whoever is as it was put stands in line, or is claimed
        self.line: deque[Entry] = deque()

    @property
    def touched(self) -> int:
        """Up to which number nobody stands in line, nor will unless a claim is given back."""
        return self.line[0].number - 1 if self.line else self._seen

    def fetch(self, known: Container[int], durable: int) -> None:
        """See to it that somebody stands in line, if there is anybody.

        ``known`` are those who are not as they were put, whatever the file says; up to number ``durable`` it has all.
        """
        while not self.line:
            rows = self._reader.untouched(self._rank, self._seen, FETCHED_AT_ONCE)
            for row in rows:
                if row[0] not in known:
                    self.line.append(entry_as_put(row))
                self._seen = row[0]
            if len(rows) < FETCHED_AT_ONCE:
                self._seen = max(self._seen, durable)
                return

    def join(self, put: Put, known: Container[int]) -> bool:
        """Let messages that are durable now join the line; return whether they were the next in the order."""
        if put.first_number != self._seen + 1:
            return False
        if self._rank not in put.ranks:
            self._seen += len(put.rows)
            return True
        line, own_rank = self.line, self._rank
        for number, (key, rank, put_at, _, _, _, message) in enumerate(put.rows, put.first_number):
            if rank == own_rank and number not in known:
                if len(line) >= MOST_IN_LINE:
                    break
                line.append(Entry(number, key, message.with_key(key), _WAITING, 0, put_at))
            self._seen = number
        return True

    def come_back(self, entry: Entry) -> None:
        """Let somebody stand in line again, in his place: he was claimed and is still as he was put."""
        insort(self.line, entry, key=_NUMBER)

    def leave(self, number: int) -> None:
        """Let somebody go who is not claimed and yet not as he was put any more."""
        if number <= self._seen:
            self.line = deque(entry for entry in self.line if entry.number != number)


__all__ = ["FETCHED_AT_ONCE", "MOST_IN_LINE", "Arrivals"]
