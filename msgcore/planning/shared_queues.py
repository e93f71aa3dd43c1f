"""What waits in the provider's queue where each sender has a rate of its own.

How this works: the queue is the account's, and drains at the account's rate or at the sum of the rates of the senders
that have something in it, whichever is less. Which sender goes first is not documented; here they drain evenly
(ASSUMED). So at any moment every active sender has lost the same since it became active, and one number, the *level*,
tells it for all: a sender is done when the level reaches its mark. The next mark is on top of a heap, so that days with
thousands of senders cost what their messages cost.

The level is an integer, 2**-96 of a segment, and rounded down, so the queue is never believed shorter than it is.

Source: Messaging V2, rate limits and queueing (one queue per account; P2P long codes 1 segment per second).
"""

import heapq
import math
from fractions import Fraction

from msgcore.errors import LocalError, MessageError
from msgcore.planning.pacing import DEFAULT_DEPTH_SECONDS, capacity_of
from msgcore.planning.quantities import check_positive, check_time, check_whole
from msgcore.planning.ticks import TICKS_PER_SECOND, exact, seconds_up, ticks_down, ticks_up

SLOWEST = 1e-9
"""Segments per second. The level must rise within a tick, also when a billion senders share the rate."""

_SEGMENT = 1 << 96


class SharedQueue:
    """The queue of an account whose senders have a rate each, such as P2P long codes; one kind of message.

    >>> queue = SharedQueue(10, sender_rate=1, depth_seconds=2)
    >>> queue.take(12, "+19195550100", now=0.0)
    >>> queue.take(8, "+19195550101", now=0.0)
    >>> queue.queued_segments(now=4.0)  # two senders are active: 8 of 20 are gone, and 2 are being sent
    13
    >>> queue.ready_at(14, now=4.0)
    7.5

    Segments that are being sent count as waiting, one for each sender that can send at a time. ``now`` is in seconds on
    any clock; if it runs backwards, nothing is believed to drain until it has caught up.

    Raises:
        LocalError: a rate or the depth is not positive and finite, or together they hold no segment.
    """

    def __init__(
        self,
        rate: float | Fraction,
        *,
        sender_rate: float | Fraction,
        depth_seconds: float = DEFAULT_DEPTH_SECONDS,
    ) -> None:
        for name, value in (("rate", rate), ("sender_rate", sender_rate)):
            check_positive(name, value)
            if value < SLOWEST:
                raise LocalError(f"{name} must be at least {SLOWEST!r}, a segment in 31 years, not {value!r}")
        self.capacity = capacity_of(rate, depth_seconds)
        self._rate = exact(rate)
        self._sender_rate = exact(sender_rate)
        self._most_sending = max(1, math.ceil(self._rate / self._sender_rate))
        self._now = 0
        self._level = 0
        self._marks: dict[str, int] = {}  # of each active sender: the level at which it is done
        self._heap: list[tuple[int, str]] = []  # the same, and marks that have been moved up since
        self._sum_of_marks = 0

    def queued_segments(self, now: float) -> int:
        """Return how many segments are believed to wait."""
        check_time(now)
        self._drain_until(ticks_down(now))
        return self._queued()

    def ready_at(self, segments: int, now: float) -> float:
        """Return when ``segments`` more will fit: ``now`` if they do.

        Raises:
            MessageError: they would not fit into an empty queue.
        """
        check_whole("segments", segments, at_least=0)
        check_time(now)
        if segments > self.capacity:
            raise MessageError("text", f"{segments} segments, the provider's queue holds {self.capacity} at most")
        self._drain_until(ticks_down(now))
        if self._queued() + segments <= self.capacity:
            return now
        later = self._copy()
        while later._queued() + segments > self.capacity:
            later._drain_for(later._ticks_to_fit(segments))
        return max(now, seconds_up(later._now))

    def take(self, segments: int, sender: str, now: float) -> None:
        """Count ``segments`` as sent now, whether they fit or not."""
        check_whole("segments", segments, at_least=0)
        check_time(now)
        self._drain_until(ticks_up(now))
        earlier = self._marks.get(sender)
        self._move(sender, (self._level if earlier is None else earlier) + segments * _SEGMENT)

    def correct(self, delta: int, sender: str) -> None:
        """Add ``delta`` segments to what was taken for ``sender``, once the answer shows that it was more, or less.

        Of a sender who is done already, more are believed to wait from here on, and less changes nothing.
        """
        mark = self._marks.get(sender)
        if mark is not None:
            self._move(sender, max(self._level, mark + delta * _SEGMENT))
        elif delta > 0:
            self._move(sender, self._level + delta * _SEGMENT)

    def refused(self, now: float) -> None:
        """Believe the queue full, as a 429 says.

        Whose segments fill it is not known: they are counted for those senders who are active, evenly. Where nobody is,
        somebody else fills the queue, and how fast that drains cannot be known here.
        """
        check_time(now)
        self._drain_until(ticks_up(now))
        missing = self.capacity * _SEGMENT - self._waiting()
        if missing > 0 and self._marks:
            each = -(-missing // len(self._marks))
            for sender, mark in list(self._marks.items()):
                self._move(sender, mark + each)

    # ----------------------------------------------------------------------------------------------------- the level

    def _move(self, sender: str, mark: int) -> None:
        self._sum_of_marks += mark - self._marks.get(sender, 0)
        self._marks[sender] = mark
        heapq.heappush(self._heap, (mark, sender))

    def _waiting(self) -> int:
        """Return what waits, in units of the level."""
        return self._sum_of_marks - len(self._marks) * self._level

    def _queued(self) -> int:
        waiting = -(-self._waiting() // _SEGMENT)
        # Of each segment that is being sent only a part is left, and all of it waits.
        return waiting + max(0, min(len(self._marks), self._most_sending) - 1)

    def _speed(self) -> int:
        """Return what the level rises in a tick."""
        each = min(self._sender_rate, self._rate / len(self._marks))
        return each.numerator * _SEGMENT // (each.denominator * TICKS_PER_SECOND)

    def _next_mark(self) -> int:
        while self._marks.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)  # it has been moved up
        return self._heap[0][0]

    def _drain_until(self, now: int) -> None:
        while self._marks and self._now < now:
            self._drain_for(now - self._now)
        if not self._marks:
            self._level = self._sum_of_marks = 0  # so that numbers stay small
            self._heap.clear()
        self._now = max(self._now, now)

    def _drain_for(self, ticks: int) -> None:
        """Drain for ``ticks``, or until the first sender is done."""
        mark, speed = self._next_mark(), self._speed()
        until_done = -(-(mark - self._level) // speed)
        if until_done > ticks:
            self._level += ticks * speed
            self._now += ticks
            return
        self._level = mark
        self._now += until_done
        while self._marks and self._next_mark() == mark:
            _, sender = heapq.heappop(self._heap)
            del self._marks[sender]
            self._sum_of_marks -= mark

    def _ticks_to_fit(self, segments: int) -> int:
        """Return a time after which ``segments`` fit, if no sender is done before."""
        excess = self._queued() + segments - self.capacity
        # Down to the next whole segment first, and then as many as are too many but that one.
        part = (self._waiting() - 1) % _SEGMENT + 1
        return -(-(part + (excess - 1) * _SEGMENT) // (len(self._marks) * self._speed()))

    def _copy(self) -> "SharedQueue":
        copy = SharedQueue.__new__(SharedQueue)
        copy.__dict__.update(self.__dict__, _marks=dict(self._marks), _heap=list(self._heap))
        return copy


__all__ = ["SharedQueue"]
