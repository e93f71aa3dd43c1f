"""The account queue: what was accepted and has not gone out yet, counted in segments.

How it works. The account has one line per kind (SMS, MMS) on which one segment goes out every ``1 / rate`` seconds.
A message that finds the line free *starts* at once; its segments then go out one after the other, the first of them
``1 / rate`` seconds later. Until its turn a segment counts as queued. So the occupancy at any moment is what a bucket
draining at ``rate`` would hold, rounded up to whole segments, and in any window of ``w`` seconds at most
``w * rate`` segments and the rest of one message go out.

Times are counted from the moment the line was last free: segment number ``k`` since then goes out at
``anchor + k / rate``. Nothing is summed up, so a line that stays busy for days does not drift.

The time is an argument of every question and must not run backwards.
"""

import math
from collections import deque
from fractions import Fraction
from typing import Generic, TypeVar

from msgcore.errors import LocalError

Item = TypeVar("Item")

DEFAULT_DEPTH_SECONDS = 900
LONGEST_DEPTH_SECONDS = 4 * 3600

# Times near 1.8e9 seconds are floats good to 0.24 microseconds: a segment that goes out "now" must not count as queued
# because of the last bit.
_TIME_GRACE_SECONDS = 1e-6


class SegmentQueue(Generic[Item]):
    """Messages of one kind waiting for their turn at ``rate`` segments per second.

    >>> queue = SegmentQueue[str](rate=1)
    >>> queue.capacity
    900
    >>> queue.admit("hello", 2, now=0.0)
    True
    >>> queue.start(), queue.send(2)
    (('hello', 0.0), 2.0)
    >>> [queue.queued_segments(now) for now in (0.0, 0.5, 1.0, 2.0)]
    [2, 2, 1, 0]

    ``depth_seconds`` is how many seconds' worth of segments it holds: 900, or up to four hours by agreement.
    Memory is proportional to the messages that have not started.

    A limit per sender (one segment a second for a P2P long code) will stand between ``start`` and the line: this class
    knows segments and turns, not who sends.
    """

    __slots__ = (
        "_anchor", "_default", "_free_at", "_high", "_reserved", "_waiting_segments", "capacity", "next_turn", "rate",
    )  # fmt: skip

    def __init__(self, rate: float, depth_seconds: float = DEFAULT_DEPTH_SECONDS) -> None:
        if not (rate > 0 and math.isfinite(rate)):
            raise LocalError(f"rate: expected a positive number of segments per second, got {rate!r}")
        if not 0 < depth_seconds <= LONGEST_DEPTH_SECONDS:
            raise LocalError(
                f"depth_seconds: expected more than 0 and at most {LONGEST_DEPTH_SECONDS} (4 h), got {depth_seconds!r}"
            )
        self.rate = rate
        # As a person means it who writes 0.3: the product of two floats may fall just short of a whole number.
        self.capacity = math.floor(Fraction(str(rate)) * Fraction(str(depth_seconds)))
        if not self.capacity:
            raise LocalError(f"rate {rate!r} for {depth_seconds!r} s is less than one segment: nothing could be queued")
        self._high: deque[tuple[Item, int]] = deque()
        self._default: deque[tuple[Item, int]] = deque()
        self._waiting_segments = 0  # of messages that have not started
        self._anchor = -math.inf  # when the line was last free ...
        self._reserved = 0  # ... how many segments it took on since ...
        self._free_at = -math.inf  # ... and when the last of them is out
        self.next_turn = math.inf  # when the message in front starts; never, when none waits

    def __len__(self) -> int:
        """Return how many messages have not started."""
        return len(self._high) + len(self._default)

    def queued_segments(self, now: float) -> int:
        """Return how many segments have not gone out at ``now``."""
        if not self._reserved:
            return self._waiting_segments
        gone = math.floor((now - self._anchor + _TIME_GRACE_SECONDS) * self.rate)
        return self._waiting_segments + max(0, self._reserved - gone)

    def admit(self, item: Item, segments: int, now: float, *, high: bool = False) -> bool:
        """Queue ``item``, or refuse it whole when it does not fit; ``high`` goes ahead of the rest, once it is in.

        A group counts its segments once per recipient: ``segments`` is the sum.
        """
        if self.queued_segments(now) + segments > self.capacity:
            return False
        if self.next_turn == math.inf and now >= self._free_at:
            self._anchor = self._free_at = now
            self._reserved = 0
        (self._high if high else self._default).append((item, segments))
        self._waiting_segments += segments
        self.next_turn = self._free_at
        return True

    def start(self) -> tuple[Item, float]:
        """Take the message in front, once ``next_turn`` has come; returns it and the exact time of its turn.

        What of it goes out is then told by :meth:`send`; a message of which nothing is sent takes no time.
        """
        item, segments = (self._high or self._default).popleft()
        self._waiting_segments -= segments
        if not (self._high or self._default):
            self.next_turn = math.inf
        return item, self._free_at

    def send(self, segments: int) -> float:
        """Put ``segments`` of the message just started on the line; returns when the last of them has gone out."""
        self._reserved += segments
        self._free_at = self._anchor + self._reserved / self.rate
        if self.next_turn != math.inf:
            self.next_turn = self._free_at
        return self._free_at
