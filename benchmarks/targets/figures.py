"""What a promised figure is, and how it is measured: the least time of some rounds, because noise only ever adds.

How the bounds work. Ratios within one run bind as they stand. A time in nanoseconds was promised for one machine, so it
gets a quarter on top, and more where this machine is slower at this moment: by as much as its empty call takes longer
than it took there.
"""

import timeit
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

from benchmarks.corpus import profile
from benchmarks.rivals import frozenset_idiom

EMPTY_CALL_NANOSECONDS = 16  # where the times were promised
SLACK = 1.25


class Floor(NamedTuple):
    """What cannot be undercut, measured in the same run and in the same unit."""

    name: str
    measured: float


class Figure(NamedTuple):
    """One promise: what is measured, in what, its bound, and whether the bound is an upper one.

    ``promised`` is the figure that a bound with slack was made from.
    """

    name: str
    measured: float
    unit: str
    target: float
    at_most: bool = True
    floor: Floor | None = None
    promised: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.target if self.at_most else self.measured >= self.target


class NotMeasured(NamedTuple):
    """A promise that nothing can be said about here, and why."""

    name: str
    reason: str


def at_most(name: str, measured: float, unit: str, target: float, floor: Floor | None = None) -> Figure:
    return Figure(name, measured, unit, target, at_most=True, floor=floor)


def at_least(name: str, measured: float, unit: str, target: float, floor: Floor | None = None) -> Figure:
    return Figure(name, measured, unit, target, at_most=False, floor=floor)


def time_of_one(name: str, measured: float, promised: float, floor: Floor | None = None) -> Figure:
    """A time in nanoseconds, bound with the slack of this machine."""
    return at_most(name, measured, "ns", round(promised * SLACK * slowness()), floor)._replace(promised=promised)


def nanoseconds(whole: Callable[[], object], count: int, rounds: int = 30) -> float:
    """Return the least time over some rounds, divided by how many things a round works through."""
    return min(timeit.repeat(whole, number=1, repeat=rounds)) / count * 1e9


def nanoseconds_each(call: Callable[[str], object], texts: Sequence[str], rounds: int = 30) -> float:
    """Return the least time of one call for one text."""

    def all_of_them() -> None:
        for text in texts:
            call(text)

    return nanoseconds(all_of_them, len(texts), rounds)


@cache
def idiom_nanoseconds(name: str) -> float:
    """Return what the frozenset idiom takes for a text of a profile in this run."""
    return nanoseconds_each(frozenset_idiom.count_segments, profile(name), rounds=5)


@cache
def slowness() -> float:
    """Return how much slower this machine is than that of the promises; never less than 1."""
    return max(1.0, nanoseconds_each(len, profile("ascii52"), rounds=100) / EMPTY_CALL_NANOSECONDS)
