"""The machine's clock, for every transport that does not bring one of its own."""

import asyncio
import time

from msgcore.transport import Clock, Transport


class SystemClock:
    """The machine's clock, for every transport that does not bring one of its own."""

    def now(self) -> float:
        """Return the present time, seconds since the epoch."""
        return time.time()

    async def sleep_until(self, when: float) -> None:
        """Return once ``now() >= when``; a clock that is set back meanwhile is noticed."""
        while (left := when - time.time()) > 0:
            await asyncio.sleep(min(left, 60.0))


def clock_of(transport: Transport) -> Clock:
    """Return the clock that ``transport`` brings, or the machine's."""
    clock = getattr(transport, "clock", None)
    return clock if isinstance(clock, Clock) else SystemClock()
