"""A clock that jumps: virtual time for an event loop.

How it works. Whoever calls ``sleep_until`` parks a future in a heap. As long as somebody is parked, one
callback (the pump) goes round the event loop. Each time it comes up it looks whether anything else is ready to run, and
steps back to the end of the line. When nothing was, twice running, everybody waits for time to pass, and time moves to
the earliest sleeper. (Twice, because a loop about to stop has nothing ready either, but stops before the second.) So a
day of virtual time costs what its events cost, and the order of events is the same in every run.
"""

import asyncio
import contextlib
import heapq
import math
from collections.abc import Iterator, Sized
from threading import Lock

from msgcore.errors import LocalError

DEFAULT_START = 1767225600.0  # 2026-01-01T00:00:00Z: a fixed start, so that a run can be repeated byte for byte

_QUIET_TURNS = 2

# A loop that does not show its ready queue (uvloop) is given this many turns to settle before time moves: a chain of
# tasks that wake each other needs one turn per link.
_SETTLING_TURNS = 16

# A task that spins (``while not done: await asyncio.sleep(0)``) is always ready; time must not wait for it for ever.
_MOST_TURNS = 128

_SPARE_ENTRIES = 64


class VirtualClock:
    """A clock that moves when everybody waits for it.

    >>> async def nap(clock: VirtualClock) -> float:
    ...     await clock.sleep_until(clock.now() + 86400)
    ...     return clock.now()
    >>> asyncio.run(nap(VirtualClock(start=0)))
    86400.0

    Sleepers of equal time wake in the order they went to sleep. Only tasks of the loop are waited for: while one awaits
    a thread, a socket or ``asyncio.sleep``, virtual time goes on without it, unless it is held. One clock may serve
    several event loops one after another, not at once; ``now`` and ``forward_to`` may be called from any thread.
    """

    __slots__ = (
        "_heap",
        "_holders",
        "_loop",
        "_moving",
        "_now",
        "_parked",
        "_pump_handle",
        "_quiet_turns",
        "_serial",
        "_turns",
    )

    def __init__(self, start: float = DEFAULT_START) -> None:
        if not math.isfinite(start):
            raise LocalError(f"start: expected seconds since the Unix epoch, got {start!r}")
        self._now = float(start)
        self._moving = Lock()
        # A cancelled sleeper leaves ``_parked`` at once and its heap entry, which refers to nothing, when it comes up.
        self._heap: list[tuple[float, int]] = []
        self._parked: dict[int, asyncio.Future[None]] = {}
        self._serial = 0
        self._holders = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pump_handle: asyncio.Handle | None = None
        self._turns = self._quiet_turns = 0  # of the pump, since time last moved

    def now(self) -> float:
        """Return the present virtual time, in seconds since the Unix epoch."""
        return self._now

    async def sleep_until(self, when: float) -> None:
        """Return once ``now() >= when``; with a time that has come, after one turn of the loop. ``inf`` never comes."""
        if math.isnan(when):
            raise LocalError("when: expected seconds since the Unix epoch, got nan")
        if when <= self._now:
            await asyncio.sleep(0)
            return
        serial, future = self._park(when)
        try:
            await future
        finally:
            self._unpark(serial)

    def forward_to(self, when: float) -> None:
        """Push time to ``when``; where that has passed already, nothing happens. Sleepers wake in their loop's turn.

        >>> clock = VirtualClock(start=0)
        >>> clock.forward_to(60)
        >>> clock.forward_to(30)
        >>> clock.now()
        60.0
        """
        if not math.isfinite(when):
            raise LocalError(f"when: expected seconds since the Unix epoch, got {when!r}")
        with self._moving:  # the loop of the sleepers may be moving time, too, and it must never go back
            self._now = max(self._now, float(when))

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Let time stand while somebody waits for what does not live in it: a disk, a thread, another process."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            if not self._holders and self._heap and self._loop is not None and self._pump_handle is None:
                self._turns = self._quiet_turns = 0
                self._pump_handle = self._loop.call_soon(self._pump)

    def _park(self, when: float) -> tuple[int, asyncio.Future[None]]:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._move_to(loop)
        future: asyncio.Future[None] = loop.create_future()
        self._serial += 1
        self._parked[self._serial] = future
        if when != math.inf:
            heapq.heappush(self._heap, (when, self._serial))
            if self._pump_handle is None:
                self._pump_handle = loop.call_soon(self._pump)
        return self._serial, future

    def _unpark(self, serial: int) -> None:
        self._parked.pop(serial, None)
        if not self._parked:
            self._let_go()
        elif len(self._heap) > 2 * len(self._parked) + _SPARE_ENTRIES:
            # Far sleepers that are cancelled again and again would pile up until their time comes.
            self._heap = [entry for entry in self._heap if entry[1] in self._parked]
            heapq.heapify(self._heap)

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not None and self._parked and not self._loop.is_closed():
            raise LocalError("this clock still has sleepers on another event loop: one clock serves one loop at a time")
        self._parked.clear()
        self._let_go()
        self._loop = loop

    def _let_go(self) -> None:
        """Nobody sleeps: hold neither heap nor loop, so that a loop that ends is free to go."""
        if self._pump_handle is not None:
            self._pump_handle.cancel()
        self._heap.clear()
        self._pump_handle = self._loop = None
        self._turns = self._quiet_turns = 0

    def _pump(self) -> None:
        loop = self._loop
        self._pump_handle = None
        if loop is None or self._holders:
            return
        if self._everybody_waits(loop):
            self._step()
        if self._heap:
            self._pump_handle = loop.call_soon(self._pump)

    def _everybody_waits(self, loop: asyncio.AbstractEventLoop) -> bool:
        self._turns += 1
        ready_count = self._ready_count(loop)
        if ready_count is None:
            return self._turns >= _SETTLING_TURNS
        self._quiet_turns = 0 if ready_count else self._quiet_turns + 1
        return self._quiet_turns >= _QUIET_TURNS or self._turns >= _MOST_TURNS

    @staticmethod
    def _ready_count(loop: asyncio.AbstractEventLoop) -> int | None:
        """Return how many callbacks the loop is about to run, or ``None`` where it does not show them."""
        # Not a public attribute, hence the way out; no public question has this answer.
        ready = getattr(loop, "_ready", None)
        return len(ready) if isinstance(ready, Sized) else None

    def _step(self) -> None:
        """Move time to the earliest sleeper and wake all whose time it is, first come first."""
        self._turns = self._quiet_turns = 0
        if (when := self._earliest()) is None:
            return
        self.forward_to(when)
        while (when := self._earliest()) is not None and when <= self._now:
            _, serial = heapq.heappop(self._heap)
            self._parked.pop(serial).set_result(None)

    def _earliest(self) -> float | None:
        """Return the time of the first who still sleeps; entries of those who were cancelled are dropped."""
        while self._heap:
            when, serial = self._heap[0]
            future = self._parked.get(serial)
            if future is not None and not future.done():
                return when
            heapq.heappop(self._heap)
        return None


__all__ = ["DEFAULT_START", "VirtualClock"]
