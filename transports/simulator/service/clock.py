"""The provider's time in a server: real time, faster or slower, held, or pushed forward. It never goes back."""

import math
import re
import time
from collections.abc import Callable
from typing import Final

from msgcore.errors import LocalError

FASTEST: Final = 100_000.0
LONGEST_JUMP_SECONDS: Final = 30 * 86400.0

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|)")
_UNITS: Final = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class ServiceClock:
    """A clock that starts at a time and goes on with the machine's.

    >>> clock = ServiceClock(1000.0, speed=60, monotonic=iter([0.0, 2.0, 2.0, 2.0, 9.0]).__next__)
    >>> clock.now()  # two seconds later
    1120.0
    >>> clock.pause()
    >>> clock.forward_to(2020.0)
    >>> clock.now()
    2020.0

    ``monotonic`` is what tells how much time has really passed.
    """

    __slots__ = ("_anchor", "_monotonic", "_paused", "_speed", "_start")

    def __init__(
        self, start: float, *, speed: float = 1.0, paused: bool = False, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._speed = _checked(speed)
        self._paused = paused
        self._start = float(start)
        self._anchor = monotonic()

    @property
    def speed(self) -> float:
        """How many of the provider's seconds pass in one of the machine's, unless the clock is held."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self._paused

    def now(self) -> float:
        """Return the provider's time, in seconds since the Unix epoch."""
        if self._paused:
            return self._start
        return self._start + (self._monotonic() - self._anchor) * self._speed

    def real_seconds_until(self, when: float) -> float:
        """Return how long it really takes until ``when``; ``inf`` while time stands still."""
        left = when - self.now()
        if left <= 0:
            return 0.0
        return math.inf if self._paused else left / self._speed

    def change_speed(self, speed: float) -> None:
        """Let time pass faster or slower from now on."""
        speed = _checked(speed)
        self._settle()
        self._speed = speed

    def pause(self) -> None:
        """Hold time."""
        self._settle()
        self._paused = True

    def resume(self) -> None:
        """Let time go on from where it was held."""
        self._settle()
        self._paused = False

    def forward_to(self, when: float) -> None:
        """Push time to ``when``; where that has passed already, nothing happens."""
        self._settle()
        self._start = max(self._start, when)

    def _settle(self) -> None:
        self._start = self.now()
        self._anchor = self._monotonic()


def read_duration(text: str) -> float:
    """Return the seconds of a duration as people write it.

    >>> read_duration("15m"), read_duration("1.5h"), read_duration("90")
    (900.0, 5400.0, 90.0)
    """
    match = _DURATION.fullmatch(text.strip())
    seconds = math.inf if match is None else float(match[1]) * _UNITS[match[2]]
    if seconds > LONGEST_JUMP_SECONDS:
        raise LocalError(f"duration: expected a number with ms, s, m, h or d, at most 30d, such as 15m, got {text!r}")
    return seconds


def _checked(speed: float) -> float:
    if not 0 < speed <= FASTEST:
        raise LocalError(f"speed: expected more than 0 and at most {FASTEST:g}, got {speed!r}")
    return float(speed)
