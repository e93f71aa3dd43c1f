"""The machine's clock, for every transport that does not bring one of its own."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from msgcore.transport import Clock, Transport

# An event loop takes no infinite delay, so a far time is waited for in steps of an hour.
_LONGEST_SLEEP = 3600.0


class SystemClock:
    """The time of the machine, taken once and counted on by its monotonic counter, so that it never steps back.

    >>> clock = SystemClock()
    >>> clock.now() <= clock.now()
    True
    """

    __slots__ = ("_offset",)

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return the present time, in seconds since the Unix epoch."""
        return self._offset + time.monotonic()

    async def sleep_until(self, when: float) -> None:
        """Return once ``now() >= when``; with a time that has come, after one turn of the loop."""
        await asyncio.sleep(0)
        while (delay := when - self.now()) > 0:  # the loop's timer may fire a hair early
            await asyncio.sleep(min(delay, _LONGEST_SLEEP))


def clock_of(transport: Transport) -> Clock:
    """Return the clock that ``transport`` brings, or the machine's."""
    clock = getattr(transport, "clock", None)
    return clock if isinstance(clock, Clock) else SystemClock()


def holding(clock: Clock) -> Callable[[], AbstractContextManager[None]]:
    """Return what lets a virtual clock stand while the disk is waited for; real time cannot be held."""
    hold: Callable[[], AbstractContextManager[None]] = getattr(clock, "hold", contextlib.nullcontext)
    return hold


__all__ = ["SystemClock", "clock_of", "holding"]
