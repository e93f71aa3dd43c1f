"""Whose turn it is: the messages that wait and are known by number, and those that are claimed. In memory alone.

How this works: messages that are due stand in a heap by priority and number, the others in a heap by the time at which
they become due, and move over when it has come. What is said of a message later, that it is claimed, attempted or due
at another time, is written beside the heaps; an item that no longer agrees with it is dropped when it comes up.
"""

from heapq import heappop, heappush
from typing import Final

from msgcore.delivery import Standing
from msgcore.wire import Message

HIGH: Final = 0
DEFAULT: Final = 1
"""Ranks: the lower goes first."""


def rank_of(message: Message) -> int:
    """Return the rank of a message."""
    return HIGH if message.priority == "high" else DEFAULT


_Wait = tuple[int, float]
"""Rank, and when it is due."""


def due_from(standing: Standing, now: float) -> float:
    """Return when a message is due that has waited since before ``now``, as far as the clock has it.

    What was entered in the future was entered by a clock that has been put back since. Then it waits from now on for as
    long as it was to, and not until that clock would have come there.
    """
    if standing.since <= now:
        return standing.due_at
    return min(standing.due_at, now + max(0.0, standing.due_at - standing.since))


class Turns:
    """The waiting messages in the order of their turn, and the claimed ones."""

    def __init__(self) -> None:
        self._waiting: dict[int, _Wait] = {}
        self._claimed: dict[int, _Wait] = {}
        self._due: list[tuple[int, int, float]] = []
        self._later: list[tuple[float, int, int]] = []

    def add(self, number: int, rank: int, due_at: float) -> None:
        """Let a message wait, from ``due_at`` on for its turn. It is claimed no longer."""
        self._claimed.pop(number, None)
        self._waiting[number] = (rank, due_at)
        if due_at > 0.0:
            heappush(self._later, (due_at, rank, number))
        else:
            heappush(self._due, (rank, number, due_at))

    def remove(self, number: int) -> None:
        """Let a message wait no longer, nor be claimed."""
        self._waiting.pop(number, None)
        self._claimed.pop(number, None)

    def first(self, now: float) -> tuple[int, int] | None:
        """Return rank and number of the message whose turn it is; ``None`` when none is due."""
        due, later, waiting = self._due, self._later, self._waiting
        while later and later[0][0] <= now:
            due_at, rank, number = heappop(later)
            heappush(due, (rank, number, due_at))
        while due:
            rank, number, due_at = due[0]
            if waiting.get(number) == (rank, due_at):
                if due_at <= now:
                    return rank, number
                heappush(later, (due_at, rank, number))  # the clock was put back
            heappop(due)
        return None

    def take(self, now: float) -> int | None:
        """Claim the message whose turn it is; ``None`` when none is due."""
        if self.first(now) is None:
            return None
        _, number, _ = heappop(self._due)
        self._claimed[number] = self._waiting.pop(number)
        return number

    def release(self, number: int) -> None:
        """Give back a claim, if there is one."""
        wait = self._claimed.get(number)
        if wait is not None:
            self.add(number, *wait)

    def next_due(self) -> float | None:
        """Return when the next unclaimed message becomes due."""
        due_at = self._first_due()
        if due_at:  # the first in turn need not be the first that became due: it matters when the clock was put back
            due_at = min(due_at for rank, number, due_at in self._due if self._waiting.get(number) == (rank, due_at))
        return self._first_later() if due_at is None else due_at

    def _first_due(self) -> float | None:
        while self._due:
            rank, number, due_at = self._due[0]
            if self._waiting.get(number) == (rank, due_at):
                return due_at
            heappop(self._due)
        return None

    def _first_later(self) -> float | None:
        while self._later:
            due_at, rank, number = self._later[0]
            if self._waiting.get(number) == (rank, due_at):
                return due_at
            heappop(self._later)
        return None


__all__ = ["DEFAULT", "HIGH", "Turns", "due_from", "rank_of"]
