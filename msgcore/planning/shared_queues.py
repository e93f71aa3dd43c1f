"""What waits in the provider's queue where each sender has a rate of its own.

How this works: the queue is the account's, and drains at the account's rate or at the sum of the rates of the senders
that have something in it, whichever is less. Which sender goes first is not documented; here they drain evenly
(ASSUMED). So at any moment every active sender has lost the same since it became active, and one number, the *level*,
tells it for all: a sender is done when the level reaches its mark. The next mark is on top of a heap, so that days with
thousands of senders cost what their messages cost.

The level is an integer, 2**-64 of a segment, and rounded down, so the queue is never believed shorter than it is.

Source: Messaging V2, rate limits and queueing (one queue per account; P2P long codes 1 segment per second).
"""

import heapq
import math
from fractions import Fraction

from msgcore.errors import LocalError, MessageError
from msgcore.planning.pacing import DEFAULT_DEPTH_SECONDS, capacity_of
from msgcore.planning.ticks import TICKS_PER_SECOND, exact, seconds_up, ticks_down, ticks_up

_SEGMENT = 1 << 64


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
        if not 0 < sender_rate < math.inf:
            raise LocalError(f"sender_rate must be positive and finite, not {sender_rate!r}")
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
        self._drain_until(ticks_down(now))
        return self._queued()

    def ready_at(self, segments: int, now: float) -> float:
        """Return when ``segments`` more will fit: ``now`` if they do.

        Raises:
            MessageError: they would not fit into an empty queue.
        """
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
        self._drain_until(ticks_up(now))
        earlier = self._marks.get(sender)
        mark = (self._level if earlier is None else earlier) + segments * _SEGMENT
        self._sum_of_marks += mark - (0 if earlier is None else earlier)
        self._marks[sender] = mark
        heapq.heappush(self._heap, (mark, sender))

    # ----------------------------------------------------------------------------------------------------- the level

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
