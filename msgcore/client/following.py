"""Reads callbacks and tells everybody: the ledger, the outbox, the list of opt-outs, and whoever wants events.

How this works: events come in batches. All that follows from a batch is entered into the outbox first, and only then
is the place in the store moved on: who dies in between takes the batch in again, which changes nothing. Then the
events go to their subscribers, with the caller's own tags.

Events about messages that are not in mind are looked up in the outbox: by id, as a concluded message may hear of
another outcome, and by the key in their tag, as a message that waits for another attempt may have arrived after all.

What a store holds already is heard before anything is attempted: somebody may have opted out while nobody was sending,
and what is unknown may have arrived. It is read once more after that, for those who subscribe.

A live source never ends. One that knows its end (the simulator) is asked again when something more was accepted.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final, Literal

from msgspec.structs import force_setattr

from msgcore.client.clock import holding
from msgcore.client.delivering import Delivering
from msgcore.client.watching import Watch
from msgcore.delivery import (
    Books,
    Conclusion,
    Delivery,
    Entry,
    Outcome,
    SendState,
    Suppressions,
    Window,
    is_about,
    may_be_sent_again,
    opt_out_of,
    read_wire_tag,
)
from msgcore.errors import CallbackError, KeyConflictError, LocalError, MsgcoreError, OutboxError
from msgcore.transport import CallbackSource, CallbackStore, Clock, HandlerStore
from msgcore.wire import Event, FoundMessage, KnownEvent, decode_callbacks

EVENTS_AT_ONCE: Final = 500
MOST_UNREAD_EVENTS: Final = 1000
"""Of a subscriber that reads no further, so many events are kept before nothing more is read for anybody."""

RETRY_SUFFIX: Final = "-retry"
"""What the key of a message ends with that is sent once more; such a one is not sent a third time."""

Search = Callable[[Window], Awaitable[Sequence[FoundMessage]]]


class Subscriber:
    """Who wants the events from now on."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self.changed = asyncio.Event()
        self.error: BaseException | None = None


class Following:
    """Follows the callbacks of one client that has an outbox.

    Args:
        callbacks: a store, read on from where it was left, or a source, which is read as it comes.
        reader: the name under which the place in a store is kept.
        search: looks for messages at the provider; ``None`` does not.
        retry_failed: put once more what has failed for a reason that passes.
    """

    def __init__(
        self,
        callbacks: CallbackStore | CallbackSource | None,
        clock: Clock,
        *,
        delivering: Delivering,
        books: Books,
        watch: Watch,
        suppressions: Suppressions,
        opt_out_scope: Literal["account", "sender"],
        reader: str,
        search: Search | None,
        retry_failed: bool,
    ) -> None:
        self._callbacks = callbacks
        self._clock = clock
        self._hold = holding(clock)
        self._delivering = delivering
        self._books = books
        self._watch = watch
        self._suppressions = suppressions
        self._opt_out_scope = opt_out_scope
        self._reader = reader
        self._search = search
        self._retry_failed = retry_failed
        self._subscribers: set[Subscriber] = set()
        self._poked = asyncio.Event()
        self._news = asyncio.Event()  # something may be due that was not known
        self._changed = asyncio.Event()  # a batch was taken in, or the source has nothing more
        self._has_more = True  # as far as is known
        self._running: asyncio.Task[None] | None = None
        self._beginning: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._position = 0
        self._conclusions: list[Outcome | Conclusion] = []
        self._concluding: asyncio.Task[None] | None = None
        delivering.on_accepted = self.poke
        delivering.on_idle = self.look

    # ------------------------------------------------------------------------------------------------- for the client

    async def begin(self) -> None:
        """Take in what the outbox and the store hold of messages that are not final, and read on from there."""
        if self._error is not None:
            raise self._error
        if self._beginning is None or (self._beginning.done() and self._beginning.exception() is not None):
            self._beginning = asyncio.ensure_future(self._begin())
        await asyncio.shield(self._beginning)

    def poke(self) -> None:
        """Messages were accepted, so events may follow."""
        self._has_more = True
        self._poked.set()
        self._news.set()

    @contextlib.asynccontextmanager
    async def subscribed(self) -> AsyncIterator[Subscriber]:
        """Collect the events that come from now on."""
        await self.begin()
        subscriber = Subscriber()
        subscriber.error = self._error
        self._subscribers.add(subscriber)
        self.poke()  # something may have come in from outside since the source was last asked
        try:
            yield subscriber
        finally:
            self._subscribers.discard(subscriber)
            self._changed.set()

    @property
    def is_exhausted(self) -> bool:
        """Whether the source has said that nothing accepted so far can cause another event."""
        return not self._has_more

    async def wait_until_final(self) -> None:
        """Return once every accepted message is final, as far as it can be, and nothing is under way."""
        await self.begin()
        # A source that knows its end is heard to it, for the sake of unknown messages; a live one would never end.
        ends = not isinstance(self._callbacks, CallbackStore)
        while True:
            while self._books.awaits_word or self._delivering.is_busy or (ends and self._books.unknowns):
                if self._error is not None:
                    raise self._error
                if self.is_exhausted and not self._delivering.is_busy:
                    break
                self._changed.clear()
                await self._changed.wait()
            await self._concluded()
            if not self._delivering.is_busy:
                return  # else what has failed last is sent once more

    async def _concluded(self) -> None:
        """Return once what was heard is entered."""
        while self._concluding is not None:
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            raise self._error

    async def stop(self) -> None:
        """Read no further; what was read is entered."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        while self._concluding is not None:
            self._changed.clear()
            await self._changed.wait()
        for subscriber in self._subscribers:
            subscriber.changed.set()

    # ----------------------------------------------------------------------------------------------------- the reading

    async def _begin(self) -> None:
        await self._delivering.begin()
        store = self._callbacks
        if self._callbacks is not None:
            with self._hold():
                if isinstance(store, HandlerStore):
                    self._position = await store.enroll(self._reader, from_the_start=True)
                await self._restore(store if isinstance(store, CallbackStore) else None)
                if isinstance(store, CallbackStore):
                    await self._catch_up(store)
        self._running = asyncio.get_running_loop().create_task(self._run(), name="msgcore-following")

    async def _restore(self, store: CallbackStore | None) -> None:
        ids: list[str] = []
        async for entry in self._delivering.outbox.entries(SendState.ACCEPTED, final=False):
            self._books.restore(entry, self._clock.now())
            if entry.message_id is not None and store is not None:
                ids.append(entry.message_id)
                if len(ids) == EVENTS_AT_ONCE:
                    await self._hear(store, ids)
                    ids = []
        if ids and store is not None:
            await self._hear(store, ids)
        now = self._clock.now()
        self._books.settle(now)
        await self._enter(self._books.take_records(now))

    async def _catch_up(self, store: CallbackStore) -> None:
        position = self._position
        while stored := await store.read(position, EVENTS_AT_ONCE):
            await self._take_in(_decode([each.raw for each in stored]), at_once=True)
            position = stored[-1].sequence

    async def _hear(self, store: CallbackStore, message_ids: Sequence[str]) -> None:
        now = self._clock.now()
        for event in _decode([stored.raw for stored in await store.heard(message_ids)]):
            self._books.take(event, now)

    async def _run(self) -> None:
        try:
            if isinstance(self._callbacks, CallbackStore):
                await self._read_store(self._callbacks)
            elif self._callbacks is not None:
                await self._read_source(self._callbacks)
            else:
                await self._tend_for_ever()
        except Exception as error:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """Stop the sending too: who opts out from now on, and what has arrived after all, would not be heard."""
        self._error = error
        self._watch.deaf(error)
        if not isinstance(error, MsgcoreError):
            error = LocalError(f"events can no longer be followed: {type(error).__name__}")
        self._delivering.stop(error)
        for subscriber in self._subscribers:
            subscriber.error = error
            subscriber.changed.set()
        self._changed.set()

    async def _read_store(self, store: CallbackStore) -> None:
        while True:
            stored = await store.read(self._position, EVENTS_AT_ONCE)
            if not stored:
                await self._until(store.wait(self._position))
                continue
            await self._take([each.raw for each in stored])
            self._position = stored[-1].sequence
            if isinstance(store, HandlerStore):
                await store.advance(self._reader, self._position)

    async def _read_source(self, source: CallbackSource) -> None:
        while True:
            self._poked.clear()
            body = await self._until(source.next_callback())
            if isinstance(body, bytes):
                await self._take([body], are_arrays=True)
                continue
            if not self._poked.is_set():
                self._has_more = False
                self._tell()
                await self._until(self._poked.wait())

    async def _tend_for_ever(self) -> None:
        while True:
            self._poked.clear()
            await self._until(self._poked.wait())

    async def _until(self, awaited: Awaitable[bytes | bool | None]) -> bytes | bool | None:
        """Await something, and meanwhile do what is due: silence to be settled, unknowns to be searched for."""
        waiting = asyncio.ensure_future(awaited)
        try:
            while True:
                due = self._next_due()
                self._news.clear()
                alarm: asyncio.Future[object] = asyncio.ensure_future(
                    self._news.wait() if due is None else self._clock.sleep_until(due)
                )
                try:
                    await asyncio.wait((waiting, alarm), return_when=asyncio.FIRST_COMPLETED)
                finally:
                    alarm.cancel()
                if waiting.done():
                    return waiting.result()
                if due is not None:
                    await self._tend()
        finally:
            waiting.cancel()

    # ------------------------------------------------------------------------------------------------------ the events

    async def _take(self, raws: Sequence[bytes], *, are_arrays: bool = False) -> None:
        events = decode_callbacks(raws[0]) if are_arrays else _decode(raws)
        deliveries = await self._take_in(events, at_once=not are_arrays)
        for event, delivery in zip(events, deliveries, strict=True):
            if event.message is not None and (tag := read_wire_tag(event.message.tag)) is not None:
                force_setattr(event.message, "tag", tag.caller)  # what travelled stays in ``raw``
            self._watch.event(event, delivery)
        await self._publish(events)
        self._tell()

    async def _take_in(self, events: Sequence[Event], *, at_once: bool) -> list[Delivery | None]:
        """Enter what follows from events, and return what is known of each one's message and recipient."""
        now = self._clock.now()
        deliveries = []
        for event in events:
            opt_out = opt_out_of(event, now, scope=self._opt_out_scope)
            if opt_out is not None and self._suppressions.enter(opt_out):
                self._watch.note("an opt-%s was entered", "out" if opt_out.active else "in")
            deliveries.append(self._books.take(event, now))
        if self._books.strays:
            with self._hold():
                await self._look_up()
        await self._enter_all(now, at_once=at_once)
        return deliveries

    async def _enter_all(self, now: float, *, at_once: bool) -> None:
        """Enter what follows from a batch.

        A source brings events one by one and forgets them, so that nothing would come again if they were entered first:
        its conclusions are entered beside the reading, as many together as come meanwhile.
        """
        records = self._books.take_records(now)
        if at_once or any(isinstance(record, Outcome) for record in records):
            with self._hold():
                await self._enter(records)
            return
        self._conclusions += records
        if self._conclusions and self._concluding is None:
            self._concluding = asyncio.get_running_loop().create_task(self._conclude())

    async def _conclude(self) -> None:
        try:
            while self._conclusions:
                conclusions, self._conclusions = self._conclusions, []
                await self._enter(conclusions)
        except Exception as error:
            self._fail(error)
        finally:
            self._concluding = None
            self._tell()

    async def _enter(self, records: Sequence[Outcome | Conclusion]) -> None:
        """Enter records; what is to be sent once more is put first, as its text goes with its conclusion."""
        if self._retry_failed:
            failed = [
                record.deliveries[0].message_id
                for record in records
                if isinstance(record, Conclusion) and may_be_sent_again(record.deliveries)
            ]
            for entry in await self._delivering.outbox.find_accepted(failed) if failed else ():
                if entry is not None and not entry.is_final:
                    await self._put_again(entry)
        await self._delivering.enter(records)

    async def _put_again(self, entry: Entry) -> None:
        """Put a failed message once more, unless that is what it is already; its owner may use such keys as well."""
        if entry.key.endswith(RETRY_SUFFIX):
            [first] = await self._delivering.outbox.find([entry.key.removesuffix(RETRY_SUFFIX)])
            if first is not None:
                return
        try:
            await self._delivering.put([entry.message.replace(key=entry.key + RETRY_SUFFIX)])
        except KeyConflictError:
            self._watch.note("message %d is not sent once more: its key for that is taken", entry.number)

    async def _look_up(self) -> None:
        strays, self._books.strays = self._books.strays, []
        outbox, now = self._delivering.outbox, self._clock.now()
        entries = await outbox.find_accepted([event.message.id for event in strays])
        unknown: list[KnownEvent] = []
        for event, entry in zip(strays, entries, strict=True):
            if entry is None:
                unknown.append(event)
            elif isinstance(self._callbacks, CallbackStore):  # which has all that was ever heard of it
                self._books.follow(entry.number, event.message.id, entry.message.to, entry.since)
                await self._hear(self._callbacks, [event.message.id])
            elif not entry.is_final:
                self._books.follow(entry.number, event.message.id, entry.message.to, entry.since)
                self._books.take(event, now)
        tags = [(event, tag) for event in unknown if (tag := read_wire_tag(event.message.tag)) is not None]
        for (event, tag), entry in zip(tags, await outbox.find([tag.key for _, tag in tags]), strict=True):
            if entry is None or not is_about(tag, event, entry.message.from_, entry.message.to, entry.attempts):
                continue  # another outbox's
            if event.message.id not in self._books:
                self._books.prove(entry.number, tag.attempt, event.message.id, entry.message.to, now)
            self._books.take(event, now)
        self._books.strays.clear()

    async def _publish(self, events: Sequence[Event]) -> None:
        for subscriber in tuple(self._subscribers):
            subscriber.events.extend(events)
            subscriber.changed.set()
        while any(len(subscriber.events) > MOST_UNREAD_EVENTS for subscriber in self._subscribers):
            self._changed.clear()
            await self._changed.wait()

    def read(self) -> None:
        """A subscriber has read its events."""
        self._changed.set()

    def look(self) -> None:
        """Something has changed that the end of the events may depend on."""
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        for subscriber in self._subscribers:
            subscriber.changed.set()

    # --------------------------------------------------------------------------------------------------- what is due

    def _next_due(self) -> float | None:
        due = self._books.ledger.next_deadline()
        if self._search is not None and (at := self._books.next_search()) is not None:
            due = at if due is None else min(at, due)
        return due

    async def _tend(self) -> None:
        now = self._clock.now()
        self._books.settle(now)
        if self._search is not None:
            for window in self._books.to_search(now):
                await self._search_for(self._search, window)
        with self._hold():
            await self._enter(self._books.take_records(now))
        self._tell()

    async def _search_for(self, search: Search, window: Window) -> None:
        try:
            found = await search(window)
        except OutboxError:
            raise
        except MsgcoreError as error:  # an account without it, or no answer: the callbacks may still tell
            self._watch.note("search tells nothing: %s", type(error).__name__)
            return
        ids = [message.message_id for message in found]
        entries = await self._delivering.outbox.find_accepted(ids)
        claimed = {id for id, entry in zip(ids, entries, strict=True) if entry is not None}
        settled = self._books.settle_found(window, found, claimed, self._clock.now())
        if settled:
            self._watch.note("search has settled %d unknown attempts", settled, settled=settled)


def _decode(raws: Sequence[bytes]) -> list[Event]:
    """Read items of callbacks; they are well-formed, or they would be in quarantine."""
    if not raws:
        return []
    try:
        return decode_callbacks(b"[" + b",".join(raws) + b"]")
    except CallbackError:
        return [event for raw in raws for event in _decode_one(raw)]


def _decode_one(raw: bytes) -> list[Event]:
    try:
        return decode_callbacks(raw)
    except CallbackError:
        return []  # no JSON, so no event: whoever stored it has not looked


__all__ = ["Following", "Subscriber"]
