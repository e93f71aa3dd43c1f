"""Time in whole ticks of 2**-30 seconds.

A clock of this century is a float with steps of 2**-22 seconds, so its times are whole ticks; others are rounded to the
side that is asked for. Sums of integers do not drift.
"""

import math
from fractions import Fraction

_TICK_BITS = 30
TICKS_PER_SECOND = 1 << _TICK_BITS


def exact(value: float | Fraction) -> Fraction:
    """Return what a person means who writes 0.3: three tenths, which no float is."""
    return value if isinstance(value, Fraction) else Fraction(str(value))


def ticks_down(seconds: float) -> int:
    """Return the tick at or before a time."""
    return math.floor(math.ldexp(seconds, _TICK_BITS))


def ticks_up(seconds: float) -> int:
    """Return the tick at or after a time."""
    return math.ceil(math.ldexp(seconds, _TICK_BITS))


def seconds_up(ticks: int) -> float:
    """Return the first time that is not before a tick."""
    seconds = ticks / TICKS_PER_SECOND
    return seconds if ticks_down(seconds) >= ticks else math.nextafter(seconds, math.inf)


__all__ = ["TICKS_PER_SECOND", "exact", "seconds_up", "ticks_down", "ticks_up"]
