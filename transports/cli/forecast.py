"""How fast a run is, and how long the rest of it will take.

How this works: the provider takes what its queue has room for as fast as it comes, and the rest only as the queue
drains, at the account's rate. So neither the present speed alone tells the end of a run, nor the rate.
"""

from collections import deque
from typing import Final

SPEED_SECONDS: Final = 5.0
"""The present speed is that of the last so many seconds."""


class Forecast:
    """Goes by segments: those that were accepted, and those that wait.

    >>> forecast = Forecast(10, queue_seconds=60)  # a queue of 600 segments
    >>> forecast.note(0, now=0.0)
    >>> forecast.note(500, now=2.0)
    >>> forecast.speed
    250.0
    >>> forecast.seconds_left(1100)  # 100 fit at once, the others one by one
    100.0

    Args:
        rate: the account's segments per second.
        queue_seconds: how many seconds of that the provider's queue holds.
    """

    def __init__(self, rate: float, queue_seconds: float) -> None:
        self._rate = rate
        self._capacity = rate * queue_seconds
        self._queued = 0.0
        self._notes: deque[tuple[float, int]] = deque()

    def note(self, accepted: int, now: float) -> None:
        """Take in how many segments were accepted so far."""
        if self._notes:
            then, before = self._notes[-1]
            self._queued = max(0.0, self._queued - (now - then) * self._rate) + accepted - before
        self._notes.append((now, accepted))
        while len(self._notes) > 2 and now - self._notes[1][0] >= SPEED_SECONDS:
            self._notes.popleft()

    @property
    def speed(self) -> float:
        """Segments accepted per second of late; 0 as long as that is not known."""
        if not self._notes:
            return 0.0
        (since, before), (now, accepted) = self._notes[0], self._notes[-1]
        return (accepted - before) / (now - since) if now > since else 0.0

    def seconds_left(self, waiting: int, *, until_sent: bool = False) -> float | None:
        """Return how long it takes until what waits is accepted, or has left the provider's queue too.

        ``None`` where nothing that waits is accepted at present.
        """
        speed = self.speed
        if waiting and not speed:
            return None
        room = max(0.0, self._capacity - self._queued)
        left = max(min(waiting, room) / speed, (waiting - room) / self._rate) if waiting else 0.0
        return max(left, (self._queued + waiting) / self._rate) if until_sent else left


__all__ = ["Forecast"]
