"""What waits in a queue, worked out anew for every question, in fractions of a segment and of a second."""

import math
from fractions import Fraction

TICK = Fraction(1, 2**30)
"""Times are rounded to whole ticks, to whichever side believes the queue longer."""


class Queue:
    """A queue that was empty at ``anchor``: ``taken`` segments since then, of which one is gone every 1 / ``rate``."""

    def __init__(self, rate: Fraction, capacity: int, latency_seconds: float) -> None:
        self.rate = rate
        self.capacity = capacity
        self.latency = _up(latency_seconds)
        self.anchor = Fraction(0)
        self.taken = 0

    def queued(self, now: float) -> int:
        return self._queued(_down(now))

    def fits(self, segments: int, now: float) -> bool:
        return self.queued(now) + segments <= self.capacity

    def take(self, segments: int, now: float) -> None:
        at = _up(now)
        if not self._queued(at):
            self.taken = 0
        arrival = at + self.latency
        # The turns of what waits cannot have begun so early that they were over before this arrives.
        latest = arrival - _whole_ticks(Fraction(self.taken) / self.rate)
        self.anchor = max(self.anchor, latest) if self.taken else arrival
        self.taken += segments

    def correct(self, delta: int) -> None:
        self.taken = max(0, self.taken + delta)

    def refuse(self, now: float) -> None:
        self.anchor = _up(now)
        self.taken = self.capacity

    def _queued(self, at: Fraction) -> int:
        gone = max(0, math.floor((at - self.anchor) * self.rate))
        return max(0, self.taken - gone)


def _down(seconds: float) -> Fraction:
    return _whole_ticks(Fraction(seconds))


def _up(seconds: float) -> Fraction:
    return -_whole_ticks(-Fraction(seconds))


def _whole_ticks(seconds: Fraction) -> Fraction:
    return math.floor(seconds / TICK) * TICK
