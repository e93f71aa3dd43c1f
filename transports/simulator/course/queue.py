"""The account queue: what was accepted and has not gone out yet, counted in segments.

How it works. The account has one line per kind (SMS, MMS) on which one segment goes out every ``1 / rate`` seconds.
What finds the line free has its *turn* at once; the segments it then sends go out one after the other, the first of
them ``1 / rate`` seconds later. Until then a segment counts as queued. So the occupancy at any moment is what a bucket
draining at ``rate`` would hold, rounded up to whole segments.

A sender may have a rate of its own (a P2P long code: one segment a second). Such senders wait beside each other, each
in a line of its own; one whose time has come stands with its first message among the rest, at the place that its
priority and its arrival give it. In a turn it sends one segment and steps back for ``1 / own rate`` seconds. So the
drain is the account's rate or the sum of the active senders', whichever is less, and neither limit is passed in any
window of time.

Times are counted from the moment the line was last free: segment number ``k`` since then goes out at
``anchor + k / rate``. Nothing is summed up, so a line that stays busy for days does not drift.

The time is an argument of every question and must not run backwards.
"""

import math
from collections import deque
from fractions import Fraction
from heapq import heappop, heappush
from typing import Generic, TypeVar

from msgcore.errors import LocalError
from transports.simulator.accounts.records import DEFAULT_DEPTH_SECONDS, LONGEST_DEPTH_SECONDS

Item = TypeVar("Item")

# Times near 1.8e9 seconds are floats good to 0.24 microseconds: a segment that goes out "now" must not count as queued
# because of the last bit.
_TIME_GRACE_SECONDS = 1e-6


class _Line(Generic[Item]):
    """What waits in order of arrival, ``high`` ahead of the rest."""

    __slots__ = ("default", "high")

    def __init__(self) -> None:
        self.high: deque[tuple[int, Item, int]] = deque()  # order of arrival, item, segments
        self.default: deque[tuple[int, Item, int]] = deque()

    def __len__(self) -> int:
        return len(self.high) + len(self.default)

    def place(self) -> tuple[bool, int]:
        """Return where its first item stands among all that wait: the smallest comes first."""
        return (False, self.high[0][0]) if self.high else (True, self.default[0][0])


class _Sender(_Line[Item]):
    """The line of a sender with a rate of its own, and when it may send again."""

    __slots__ = ("rate", "ready_at")

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate
        self.ready_at = -math.inf


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
    Memory is proportional to what waits, and to the senders with a rate of their own that were ever seen.
    """

    __slots__ = (
        "_anchor", "_free_at", "_line", "_order", "_ready", "_reserved", "_resting", "_senders", "_turn", "_turn_of",
        "_waiting_segments", "capacity", "next_turn", "rate",
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
        self._line: _Line[Item] = _Line()  # of all senders without a rate of their own
        self._senders: dict[str, _Sender[Item]] = {}
        # A sender that waits is in one of these heaps, or in both: an entry that has become untrue is dropped, or moved
        # to the other, when it comes up.
        self._ready: list[tuple[tuple[bool, int], str]] = []  # by place
        self._resting: list[tuple[float, str]] = []  # by the time they may send again
        self._turn: tuple[deque[tuple[int, Item, int]], int] | None = None  # who has it: from where, in which order
        self._turn_of: _Sender[Item] | None = None
        self._order = 0
        self._waiting_segments = 0  # of what has not had its turn
        self._anchor = -math.inf  # when the line was last free ...
        self._reserved = 0  # ... how many segments it took on since ...
        self._free_at = -math.inf  # ... and when the last of them is out
        self.next_turn = math.inf  # when the next may start; never, when none waits

    def __len__(self) -> int:
        """Return how many items wait for a turn."""
        return len(self._line) + sum(map(len, self._senders.values()))

    @property
    def turn_is_limited(self) -> bool:
        """Whether what has the turn comes from a sender with a rate of its own: it sends one segment a turn."""
        return self._turn_of is not None

    def queued_segments(self, now: float) -> int:
        """Return how many segments have not gone out at ``now``."""
        if not self._reserved:
            return self._waiting_segments
        gone = math.floor((now - self._anchor + _TIME_GRACE_SECONDS) * self.rate)
        return self._waiting_segments + max(0, self._reserved - gone)

    def admit(
        self,
        item: Item,
        segments: int,
        now: float,
        *,
        high: bool = False,
        sender: str = "",
        own_rate: float | None = None,
    ) -> bool:
        """Queue ``item``, or refuse it whole when it does not fit; ``high`` goes ahead of the rest, once it is in.

        A group counts its segments once per recipient: ``segments`` is the sum. ``own_rate`` is the limit of its
        sender, which must then be named.
        """
        if self.queued_segments(now) + segments > self.capacity:
            return False
        self.readmit(item, segments, now, high=high, sender=sender, own_rate=own_rate)
        return True

    def readmit(
        self,
        item: Item,
        segments: int,
        now: float,
        *,
        high: bool = False,
        sender: str = "",
        own_rate: float | None = None,
    ) -> None:
        """Queue what has been admitted before, whether it fits or not."""
        if self.next_turn > now >= self._free_at:  # the line is idle: its next turn cannot be in the past
            self._anchor = self._free_at = now
            self._reserved = 0
        self._order += 1
        self._waiting_segments += segments
        if own_rate is None:
            line = self._line
            (line.high if high else line.default).append((self._order, item, segments))
            self.next_turn = self._free_at
            return
        line = self._line_of(sender, own_rate)
        (line.high if high else line.default).append((self._order, item, segments))
        heappush(self._ready, (line.place(), sender))
        self._plan()

    def start(self) -> tuple[Item, float]:
        """Give the item in front its turn, once ``next_turn`` has come; returns it and the exact time of the turn.

        What of it goes out is then told by :meth:`send`; an item of which nothing is sent takes no time.
        """
        now = self.next_turn
        line, name = self._in_front(now)
        waiting = line.high or line.default
        order, item, segments = waiting.popleft()
        self._waiting_segments -= segments
        if now > self._free_at:  # whoever waited had to rest, and the line was idle
            self._anchor = self._free_at = now
            self._reserved = 0
        if isinstance(line, _Sender):
            self._turn_of, self._turn = line, (waiting, order)
            if len(line):
                heappush(self._ready, (line.place(), name))
        else:
            self._turn_of = None
        self._plan()
        return item, now

    def send(self, segments: int) -> float:
        """Put ``segments`` of what has the turn on the line; returns when the last of them has gone out.

        A sender with a rate of its own sends one segment a turn, and returns the rest by :meth:`put_back`.
        """
        if self._turn_of is not None:
            self._turn_of.ready_at = self._free_at + segments / self._turn_of.rate
        self._reserved += segments
        self._free_at = self._anchor + self._reserved / self.rate
        self._plan()
        return self._free_at

    def occupy(self, until: float, segments: int, sender: str = "", own_rate: float | None = None) -> None:
        """Take up a line as it was: its last ``segments`` are out at ``until``; before anything is queued."""
        if until > self._free_at:
            self._anchor, self._reserved, self._free_at = until - segments / self.rate, segments, until
        if own_rate is not None:
            line = self._line_of(sender, own_rate)
            line.ready_at = max(line.ready_at, until - 1 / self.rate + 1 / own_rate)

    def change(self, rate: float, depth_seconds: float, now: float) -> None:
        """Go on at another rate from ``now``; what is on the line goes out at it as well, and nothing is refused later.

        A smaller capacity refuses what comes, not what is there.
        """
        model: SegmentQueue[Item] = SegmentQueue(rate, depth_seconds)  # checks both
        left = self.queued_segments(now) - self._waiting_segments
        self.rate, self.capacity = model.rate, model.capacity
        self._anchor, self._reserved = now, left
        self._free_at = now + left / rate
        self._plan()

    def put_back(self, item: Item, segments: int, sender: str) -> None:
        """Let what has the turn wait for another one, ahead of all that its sender has sent later."""
        assert self._turn is not None, "only what has just had a turn can be put back"
        waiting, order = self._turn
        waiting.appendleft((order, item, segments))
        self._waiting_segments += segments
        heappush(self._ready, (self._senders[sender].place(), sender))
        self._plan()

    # ------------------------------------------------------------------------------------------------- whose turn it is

    def _line_of(self, sender: str, own_rate: float) -> _Sender[Item]:
        line = self._senders.get(sender)
        if line is None:
            line = self._senders[sender] = _Sender(own_rate)
        line.rate = own_rate
        return line

    def _plan(self) -> None:
        """Work out when the next turn is."""
        line = self._line
        if line.default or line.high or (self._senders and self._first_ready(self._free_at)):
            self.next_turn = self._free_at
        elif self._resting:
            self.next_turn = max(self._free_at, self._resting[0][0])
        else:
            self.next_turn = math.inf

    def _in_front(self, now: float) -> tuple[_Line[Item], str]:
        line = self._line
        if self._senders and (name := self._first_ready(now)):
            sender = self._senders[name]
            if not len(line) or sender.place() < line.place():
                return sender, name
        return line, ""

    def _first_ready(self, now: float) -> str:
        """Return the first of the senders that may send at ``now``, ``""`` when none may."""
        resting, ready = self._resting, self._ready
        while resting and resting[0][0] <= now:
            _, name = heappop(resting)
            if len(self._senders[name]):
                heappush(ready, (self._senders[name].place(), name))
        while ready:
            place, name = ready[0]
            sender = self._senders[name]
            if len(sender) and sender.place() == place:
                if sender.ready_at <= now:
                    return name
                heappush(resting, (sender.ready_at, name))
            heappop(ready)
        return ""
