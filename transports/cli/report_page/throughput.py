"""How much happened when, in a memory that does not grow: buckets of time, two of which become one if they are many."""

import math
from typing import Final, NamedTuple

MOST_BUCKETS: Final = 120


class Bucket(NamedTuple):
    """What happened from ``start`` on, for the width of a bucket."""

    start: float
    total: int


class Throughput:
    """Counts over time, in buckets of a second, then of two, of four and so on.

    >>> throughput = Throughput(most_buckets=2)
    >>> for second in range(4):
    ...     throughput.add(second, 10)
    >>> throughput.seconds, throughput.buckets()
    (2, [Bucket(start=0, total=20), Bucket(start=2, total=20)])

    Times may come in any order.
    """

    def __init__(self, *, most_buckets: int = MOST_BUCKETS) -> None:
        self.seconds = 1
        """How long a bucket is."""
        self._most = most_buckets
        self._counts: dict[int, int] = {}  # by the number of the bucket since the epoch
        self._first = self._last = 0

    def add(self, at: float, count: int) -> None:
        """Count what happened at a time, in seconds since any beginning."""
        if not math.isfinite(at):
            return
        second = math.floor(at)  # whole, so that from here on nothing is rounded
        index = second // self.seconds
        if not self._counts:
            self._first = self._last = index
        elif not self._first <= index <= self._last:
            self._first, self._last = min(self._first, index), max(self._last, index)
            while self._last - self._first >= self._most:
                self._halve()
            index = second // self.seconds
        self._counts[index] = self._counts.get(index, 0) + count

    def merge(self, other: "Throughput") -> None:
        """Add what another has counted; the wider buckets of both are those of the result."""
        while self.seconds < other.seconds:
            self._halve()
        for bucket in other.buckets():
            if bucket.total:
                self.add(bucket.start, bucket.total)

    @property
    def total(self) -> int:
        """All that was counted."""
        return sum(self._counts.values())

    def buckets(self) -> list[Bucket]:
        """Return the buckets from the first to the last that has something in it, the empty ones between included."""
        if not self._counts:
            return []
        return [
            Bucket(index * self.seconds, self._counts.get(index, 0)) for index in range(self._first, self._last + 1)
        ]

    def _halve(self) -> None:
        """Make the buckets twice as long. Their borders are multiples of their length, so each falls into one."""
        self.seconds *= 2
        counts: dict[int, int] = {}
        for index, count in self._counts.items():
            counts[index // 2] = counts.get(index // 2, 0) + count
        self._counts = counts
        self._first //= 2
        self._last //= 2


__all__ = ["Bucket", "Throughput"]
