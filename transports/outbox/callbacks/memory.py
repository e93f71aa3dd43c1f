"""MemoryCallbackStore: events for as long as the process lives, for tests and for those who can lose them."""

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from msgcore.delivery import Arrival, HandlerFailure, QuarantinedItem, StoredEvent
from msgcore.errors import OutboxError
from transports.outbox.callbacks.keys import Key, Unrecognised, key_of


class MemoryCallbackStore:
    """Keeps events in memory, by the same rules as the store in a file; for one event loop.

    >>> async def main() -> list[str]:
    ...     async with MemoryCallbackStore() as store:
    ...         item = b'{"type": "message-sent", "to": "+19195550123", "message": {"id": "m-1"}}'
    ...         return [arrival.value for arrival in await store.add([item, b"7", item], now=0.0)]
    >>> asyncio.run(main())
    ['new', 'quarantined', 'repeated']
    """

    def __init__(self) -> None:
        self._events: list[StoredEvent] = []
        self._sequences: dict[Key, int] = {}
        self._by_message: dict[str, list[StoredEvent]] = {}
        self._quarantine: dict[bytes, QuarantinedItem] = {}
        self._last_sequence = self._last_quarantined = 0
        self._through: dict[str, int] = {}
        self._failures: dict[tuple[str, int], HandlerFailure] = {}
        self._grown = asyncio.Event()
        self._is_closed = False

    async def add(self, items: Sequence[bytes], now: float) -> Sequence[Arrival]:
        """Keep items; return what became of each."""
        self._check_open()
        arrivals = [self._add(item, now) for item in items]
        if Arrival.NEW in arrivals:
            self._ring()
        return arrivals

    async def read(self, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to ``limit`` events by ascending sequence above ``after``."""
        self._check_open()
        start = self._place(after)
        return self._events[start : start + limit]

    async def wait(self, after: int) -> None:
        """Return once there is an event above ``after``."""
        self._check_open()
        while self._place(after) == len(self._events):
            await self._grown.wait()
            self._check_open()

    async def heard(self, message_ids: Sequence[str]) -> Sequence[StoredEvent]:
        """Return every event that is kept about these messages, by ascending sequence."""
        self._check_open()
        return sorted(event for id in set(message_ids) for event in self._by_message.get(id, ()))

    async def quarantined(self, after: int = 0, limit: int = 100) -> Sequence[QuarantinedItem]:
        """Return up to ``limit`` items of the quarantine, by ascending number above ``after``."""
        self._check_open()
        return [item for item in self._quarantine.values() if item.number > after][:limit]

    async def enroll(self, handler: str, *, from_the_start: bool = False) -> int:
        """Return the sequence up to which a handler has come; a new one begins with what comes from now on, or at 0."""
        self._check_open()
        return self._through.setdefault(handler, 0 if from_the_start else self._last_sequence)

    async def advance(self, handler: str, through: int, failures: Sequence[HandlerFailure] = ()) -> None:
        """Enter that a handler is done with all events up to ``through``, but for its failures."""
        self._check_open()
        if handler in self._through:
            self._through[handler] = max(self._through[handler], through)
        self._failures.update({(failure.handler, failure.sequence): failure for failure in failures})

    async def settle_failure(self, failure: HandlerFailure, *, is_over: bool) -> None:
        """Enter what came of another attempt: the failure as it stands now, or that it is one no more."""
        self._check_open()
        place = failure.handler, failure.sequence
        if is_over:
            self._failures.pop(place, None)
        else:
            self._failures[place] = failure

    async def failures(self, handler: str | None = None) -> Sequence[HandlerFailure]:
        """Return what handlers, or this one, failed on, by sequence."""
        self._check_open()
        found = (failure for failure in self._failures.values() if handler in (None, failure.handler))
        return sorted(found, key=lambda failure: (failure.sequence, failure.handler))

    async def dismiss(self, handler: str) -> None:
        """Forget a handler that is no more: nothing is kept for it any longer."""
        self._check_open()
        self._through.pop(handler, None)
        self._failures = {place: failure for place, failure in self._failures.items() if failure.handler != handler}

    def lead(self) -> bool:
        """Say whether the handlers run here: nobody else has this store."""
        return True

    async def purge(self, before: float) -> int:
        """Forget what came before that time, and how to recognise it; return how many events that were."""
        self._check_open()
        bound = min(self._through.values(), default=self._last_sequence)
        needed = {sequence for _, sequence in self._failures}
        kept: list[StoredEvent] = []
        gone: list[StoredEvent] = []
        for place, event in enumerate(self._events):
            if event.received_at >= before or event.sequence > bound:
                kept += self._events[place:]
                break
            (kept if event.sequence in needed else gone).append(event)
        self._events = kept
        for event in gone:
            key = key_of(event.raw)
            assert not isinstance(key, Unrecognised), "what is in quarantine is no event"
            del self._sequences[key]
            about = self._by_message[key[0]]
            about.remove(event)
            if not about:
                del self._by_message[key[0]]
        self._quarantine = {digest: item for digest, item in self._quarantine.items() if item.received_at >= before}
        return len(gone)

    async def aclose(self) -> None:
        """Forget everything; a second call does nothing."""
        self._is_closed = True
        self._ring()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _add(self, item: bytes, now: float) -> Arrival:
        key = key_of(item)
        if isinstance(key, Unrecognised):
            if key.digest not in self._quarantine:
                self._last_quarantined += 1
                self._quarantine[key.digest] = QuarantinedItem(self._last_quarantined, item, key.problem, now)
            return Arrival.QUARANTINED
        if key in self._sequences:
            return Arrival.REPEATED
        self._last_sequence += 1
        event = StoredEvent(self._last_sequence, item, now)
        self._events.append(event)
        self._sequences[key] = event.sequence
        self._by_message.setdefault(key[0], []).append(event)
        return Arrival.NEW

    def _place(self, after: int) -> int:
        return bisect_right(self._events, after, key=lambda event: event.sequence)

    def _ring(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()

    def _check_open(self) -> None:
        if self._is_closed:
            raise OutboxError("the store is closed")


__all__ = ["MemoryCallbackStore"]
