"""Handlers at work, in the one process of those that share a store that leads; should it die, another takes over."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from msgcore.errors import OutboxError
from msgcore.planning import RetryPolicy
from msgcore.transport import Clock, HandlerStore
from transports.webhook.counters import Counters
from transports.webhook.course import Course
from transports.webhook.handlers import Handler

LEAD_SECONDS: Final = 2.0
"""How often a process that does not lead asks whether it should."""

_logger: Final = logging.getLogger("msgcore.receiver")


class HandlerRunner:
    """Runs handlers over a store, from :meth:`start` until it is closed."""

    def __init__(
        self, store: HandlerStore, handlers: Sequence[Handler], retry: RetryPolicy, clock: Clock, counters: Counters
    ) -> None:
        self._store = store
        self._clock = clock
        self._courses = [Course(store, handler, retry, clock, counters) for handler in handlers]
        self._leading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Enter the handlers in the store, so that from now on no event escapes them, and begin.

        Raises:
            OutboxError: the store cannot do that.
        """
        for course in self._courses:
            await course.enroll()
        self._leading = asyncio.create_task(self._lead())

    async def redo(self, name: str | None) -> int:
        """Try dead letters again; return how many there are."""
        count = 0
        for course in self._courses:
            if name in (None, course.handler.name):
                count += await course.redo()
        return count

    async def aclose(self, seconds: float) -> None:
        """Begin nothing more, let what runs come to its end for so long, and enter how far it is."""
        if self._leading is not None:
            self._leading.cancel()
            await asyncio.wait([self._leading])
        await asyncio.gather(*(course.aclose(seconds) for course in self._courses))

    async def _lead(self) -> None:
        while not self._leads():
            await self._clock.sleep_until(self._clock.now() + LEAD_SECONDS)
        for course in self._courses:
            course.begin()

    def _leads(self) -> bool:
        try:
            return self._store.lead()
        except OutboxError as error:
            _logger.warning("who runs the handlers cannot be told: %s", error)
            return False


__all__ = ["HandlerRunner"]
