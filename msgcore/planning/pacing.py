"""How fast messages may go, so that the provider's queue is filled and never overflows.

How this works: the provider takes bursts until its queue is full, holds them, and sends one segment every ``1 / rate``
seconds. So what has to be paced is not the sending but the *queue*: its length is what was taken less what has drained
since the queue was last empty. Both are counted from that moment and nothing is ever summed up, so a queue that stays
busy for days does not drift.

* A segment counts as gone only when its whole turn is over. A queue that empties in larger steps would hold more.
* SMS and MMS have queues of their own, each with the full rate and depth (the provider's documents speak of "the SMS
  queue"; that MMS has its own is an assumption).
* Messages do not take equally long to arrive. If the first one is the slowest, the provider starts later than we think
  and a sender who fills every free place is refused. With ``latency_seconds`` every message is believed to arrive that
  late: then no message that arrives sooner can overflow the queue, since a queue that is fed earlier drains no later.
* A 429 is better knowledge than ours: :meth:`Pacing.refused` believes the queue full.
* Messages are mostly sent several at a time. Nothing drains within one moment, so the room that the first of them left
  is counted down by the others: that costs a fifth of working out anew how much has drained.

Time is counted in whole ticks (``ticks.py``), rounded to the safe side.

Source: Messaging V2, rate limits and queueing.
"""

import math
from fractions import Fraction

from msgcore.errors import LocalError, MessageError
from msgcore.planning.quantities import check_positive, check_time, check_whole
from msgcore.planning.ticks import TICKS_PER_SECOND, exact, seconds_up, ticks_down, ticks_up
from msgcore.wire.messages import MessageKind

DEFAULT_DEPTH_SECONDS = 900


class Pacing:
    """What is believed to wait in an account's queues, and when more will fit.

    >>> pacing = Pacing(rate=1, depth_seconds=10)
    >>> pacing.take(8, MessageKind.SMS, now=0.0)
    >>> pacing.ready_at(2, MessageKind.SMS, now=0.0)  # 8 + 2 fit at once
    0.0
    >>> pacing.ready_at(5, MessageKind.SMS, now=0.0)  # three must be gone first
    3.0

    ``rate`` is in segments per second: an ``int``, a ``float``, or a ``Fraction`` (10 a minute is ``Fraction(1, 6)``).
    ``now`` is in seconds on any clock and should not run backwards; if it does, nothing is believed to drain until it
    has caught up.

    Raises:
        LocalError: rate or depth is not positive and finite, or together they hold no segment; or latency is negative.
    """

    __slots__ = ("_lines", "capacity", "rate")

    def __init__(
        self, rate: float | Fraction, depth_seconds: float = DEFAULT_DEPTH_SECONDS, *, latency_seconds: float = 0.0
    ) -> None:
        self.capacity = capacity_of(rate, depth_seconds)
        if not 0 <= latency_seconds < math.inf:
            raise LocalError(f"latency_seconds must be finite and not negative, not {latency_seconds!r}")
        self.rate = rate
        sms, mms = (_Line(Fraction(rate), ticks_up(latency_seconds)) for _ in range(2))
        self._lines = {MessageKind.SMS: sms, MessageKind.MMS: mms, MessageKind.GROUP_MMS: mms}

    def queued_segments(self, kind: MessageKind, now: float) -> int:
        """Return how many segments are believed to wait in the queue of ``kind``."""
        check_time(now)
        return self._lines[kind].queued(ticks_down(now))

    def ready_at(self, segments: int, kind: MessageKind, now: float) -> float:
        """Return when ``segments`` more will fit into the queue of ``kind``: ``now`` if they do.

        Raises:
            MessageError: they would not fit into an empty queue.
        """
        line = self._lines[kind]
        if now == line.counted_at and type(segments) is int and 0 <= segments <= line.room:
            return now
        check_time(now)
        self.check(segments, kind)
        if line.taken + segments <= self.capacity:  # it would fit if nothing had drained yet
            return now
        excess = line.queued(ticks_down(now)) + segments - self.capacity
        return now if excess <= 0 else seconds_up(line.drained_by(line.taken - self.capacity + segments))

    def check(self, segments: int, kind: MessageKind) -> None:
        """Raise unless ``segments`` fit into an empty queue.

        Raises:
            MessageError: they do not; ``field`` is ``text`` for SMS and ``to`` for a group.
        """
        if type(segments) is int and 0 <= segments <= self.capacity:  # almost always, which is told at once
            return
        check_whole("segments", segments, at_least=0)
        if segments > self.capacity:
            raise MessageError(
                "to" if kind is MessageKind.GROUP_MMS else "text",
                f"{segments} segments, the provider's queue holds {self.capacity} at most",
            )

    def take(self, segments: int, kind: MessageKind, now: float, *, sender: str = "") -> None:
        """Count ``segments`` as sent now, whether they fit or not: attempts whose outcome is unknown count too.

        Whose they are does not matter here: this queue drains at the account's rate.
        """
        line = self._lines[kind]
        if now == line.counted_at and type(segments) is int and segments >= 0:
            line.taken += segments
            line.room -= segments
            return
        check_whole("segments", segments, at_least=0)
        check_time(now)
        line.take(segments, ticks_up(now))
        line.count_from(now, self.capacity - line.queued(ticks_down(now)))

    def correct(self, delta: int, kind: MessageKind, *, sender: str = "") -> None:
        """Add ``delta`` segments to what was taken, once the answer shows that it was more, or less.

        That is ``accepted.segment_count`` less what was taken, or minus all of it when the message was rejected. It is
        exact as long as the queue has not run empty in between; if it has, a negative one believes up to ``-delta``
        segments too few for a while.
        """
        self._lines[kind].correct(delta)

    def refused(self, kind: MessageKind, now: float) -> None:
        """Believe the queue of ``kind`` full, as a 429 says; what was taken for the refused message is part of that."""
        check_time(now)
        self._lines[kind].fill(self.capacity, ticks_up(now))


def capacity_of(rate: float | Fraction, depth_seconds: float) -> int:
    """Return how many segments the provider's queue holds.

    Raises:
        LocalError: rate or depth is not positive and finite, or together they hold no segment.
    """
    check_positive("rate", rate)
    check_positive("depth_seconds", depth_seconds)
    capacity = math.floor(exact(rate) * exact(depth_seconds))
    if not capacity:
        raise LocalError(f"a rate of {rate!r} for {depth_seconds!r} s is less than one segment")
    return capacity


class _Line:
    """One queue: ``taken`` segments since tick ``anchor``, of which ``rate`` a second are gone.

    ``room`` is how many more fit at the very moment ``counted_at``; nothing else may rely on it.
    """

    __slots__ = ("_anchor", "_latency", "_rate", "_ticks", "counted_at", "room", "taken")

    def __init__(self, rate: Fraction, latency: int) -> None:
        self._rate = rate.numerator  # segments in
        self._ticks = rate.denominator * TICKS_PER_SECOND  # this many ticks
        self._latency = latency
        self._anchor = 0
        self.taken = 0
        self.room = 0
        self.counted_at = math.nan

    def queued(self, now: int) -> int:
        if now <= self._anchor:  # the first turn has not begun, or the clock has run backwards
            return self.taken
        return max(0, self.taken - (now - self._anchor) * self._rate // self._ticks)

    def take(self, segments: int, now: int) -> None:
        arrival = now + self._latency
        if not self.queued(now):
            self.taken = 0
            self._anchor = arrival
        elif self._latency:
            # What waits must not be believed gone before these arrive: their turns would count from too early a moment.
            # Without latency none can be: the queue is not empty, so fewer turns are over than segments were taken.
            self._anchor = max(self._anchor, arrival - self.taken * self._ticks // self._rate)
        self.taken += segments

    def count_from(self, now: float, room: int) -> None:
        """Let ``room`` stand for as long as it is ``now``. Whoever takes segments counts it down."""
        self.room = room
        self.counted_at = now

    def correct(self, delta: int) -> None:
        self.taken = max(0, self.taken + delta)
        self.counted_at = math.nan

    def fill(self, segments: int, now: int) -> None:
        self._anchor = now
        self.taken = segments
        self.counted_at = math.nan

    def drained_by(self, segments: int) -> int:
        """Return the tick by which ``segments`` of those taken are gone."""
        return self._anchor - (-segments * self._ticks // self._rate)
