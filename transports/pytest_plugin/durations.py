"""Durations as tests write them."""

from datetime import timedelta

from msgcore.errors import LocalError
from transports.simulator.service.clock import read_duration

Duration = str | float | timedelta


def seconds_of(duration: Duration) -> float:
    """Return the seconds of a duration.

    >>> seconds_of("15m"), seconds_of(90), seconds_of(timedelta(hours=2))
    (900.0, 90.0, 7200.0)
    """
    if isinstance(duration, str):
        return read_duration(duration)
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    if not 0 <= seconds < float("inf"):
        raise LocalError(f"duration: expected 15m, seconds or a timedelta, got {duration!r}")
    return seconds


__all__ = ["Duration", "seconds_of"]
