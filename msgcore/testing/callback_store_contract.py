"""For people who write a store of callbacks: the contracts as test classes.

How this works: subclass :class:`CallbackStoreContract`, or :class:`HandlerStoreContract` where handlers can run over
the store too, give it one fixture, and run pytest::

    class TestMyStore(HandlerStoreContract):
        @pytest.fixture
        def open_store(self, tmp_path):
            return lambda: MyStore(tmp_path / "events")

``open_store`` returns a function that opens the store, always the same one: what was added before it was closed is
there when it is opened again. Of a store that forgets, say ``is_durable = False``. Each test runs in its own event
loop and closes what it opens.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from msgcore.delivery import Arrival, HandlerFailure
from msgcore.errors import OutboxError
from msgcore.transport import CallbackStore, HandlerStore

OpenStore = Callable[[], Any]

NEW, REPEATED, QUARANTINED = Arrival.NEW, Arrival.REPEATED, Arrival.QUARANTINED
_SECONDS = 20  # after which a test that waits has failed

_Result = TypeVar("_Result")


def event_item(
    message_id: str = "m-1", type: str = "message-delivered", to: str = "+19195550123", **fields: Any
) -> bytes:
    """Return an item of a callback as the provider writes it.

    >>> event_item("m-7", "message-failed", errorCode=4720)[:62]
    b'{"type": "message-failed", "time": "2026-01-02T03:04:05.678Z",'
    """
    message = {
        "id": message_id,
        "owner": "+19195550100",
        "applicationId": "93de2206-9669-4e07-948d-329f4b722ee2",
        "time": "2026-01-02T03:04:05.000Z",
        "segmentCount": 1,
        "direction": "out",
        "to": [to],
        "from": "+19195550100",
        "text": "",
    }
    event = {"type": type, "time": "2026-01-02T03:04:05.678Z", "description": "ok", "to": to, "message": message}
    return json.dumps(event | fields).encode()


class CallbackStoreContract:
    """What every store of callbacks promises; subclass it and provide the fixture ``open_store``."""

    is_durable = True

    def test_it_is_a_store_of_callbacks(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> bool:
            return isinstance(store, CallbackStore)

        assert _with(open_store, scenario)

    def test_events_are_read_as_they_came_and_in_their_order(self, open_store: OpenStore) -> None:
        items = [event_item("b"), event_item("a"), event_item("c", "message-new-kind"), b' {"to":"x"  , "type":"y"}']

        async def scenario(store: CallbackStore) -> None:
            assert list(await store.add(items, 5.0)) == [NEW, NEW, NEW, QUARANTINED]
            events = await store.read(0, 10)
            assert [event.raw for event in events] == items[:3]
            assert [event.received_at for event in events] == [5.0] * 3
            assert sorted({event.sequence for event in events}) == [event.sequence for event in events]
            assert events[0].sequence > 0

        _with(open_store, scenario)

    def test_reading_goes_on_after_any_event_and_as_far_as_it_is_told(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            await store.add([event_item(str(number)) for number in range(5)], 0.0)
            events = await store.read(0, 10)
            assert await store.read(0, 2) == events[:2]
            assert await store.read(events[1].sequence, 2) == events[2:4]
            assert list(await store.read(events[-1].sequence, 2)) == []

        _with(open_store, scenario)

    def test_an_event_is_kept_once_however_often_it_comes(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            item, spaced = event_item(), event_item() + b" "
            assert list(await store.add([item, item], 0.0)) == [NEW, REPEATED]
            assert list(await store.add([item, event_item("m-2"), spaced], 1.0)) == [REPEATED, NEW, REPEATED]
            assert len(await store.read(0, 10)) == 2

        _with(open_store, scenario)

    def test_message_type_recipient_and_code_together_tell_events_apart(self, open_store: OpenStore) -> None:
        items = [
            event_item("m-1", "message-sending"),
            event_item("m-1", "message-delivered"),
            event_item("m-1", "message-delivered", "+19195550124"),
            event_item("m-1", "message-failed", errorCode=4720),
            event_item("m-1", "message-failed", errorCode=4721),
            event_item("m-1", "message-failed", errorCode=2**70),
            event_item("m-1", "message-read"),
            event_item("m-2", "message-read"),
            event_item("1", "4"),
        ]

        async def scenario(store: CallbackStore) -> None:
            assert set(await store.add(items, 0.0)) == {NEW}
            assert set(await store.add(items, 0.0)) == {REPEATED}

        _with(open_store, scenario)

    def test_repetitions_are_recognised_among_callbacks_that_come_at_once(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            batches = [[event_item(str(number % 7)), event_item(f"own-{number}")] for number in range(70)]
            results = await asyncio.gather(*(store.add(batch, 0.0) for batch in batches))
            assert [first for first, _ in results].count(NEW) == 7
            assert {second for _, second in results} == {NEW}
            assert len(await store.read(0, 1000)) == 77

        _with(open_store, scenario)

    def test_what_cannot_be_recognised_goes_to_quarantine_once_and_costs_nothing_else(
        self, open_store: OpenStore
    ) -> None:
        no_id = b'{"type": "x", "to": "y", "message": {"id": 5}}'
        broken = [b"7", b'{"type": "message-sent"}', no_id, b"\xff", b"null"]

        async def scenario(store: CallbackStore) -> None:
            arrivals = await store.add([broken[0], event_item(), *broken[1:]], 3.0)
            assert list(arrivals) == [QUARANTINED, NEW] + [QUARANTINED] * 4
            assert set(await store.add(broken, 4.0)) == {QUARANTINED}
            kept = await store.quarantined()
            assert [item.raw for item in kept] == broken
            assert {item.received_at for item in kept} == {3.0}
            assert all(item.problem for item in kept)
            assert await store.quarantined(after=kept[1].number, limit=2) == kept[2:4]
            assert len(await store.read(0, 10)) == 1

        _with(open_store, scenario)

    def test_waiting_ends_when_there_is_an_event_and_not_before(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            waiting = asyncio.ensure_future(store.wait(0))
            await store.add([b"7"], 0.0)
            assert not waiting.done()
            await store.add([event_item()], 0.0)
            await asyncio.wait_for(waiting, _SECONDS)
            await store.wait(0)
            [event] = await store.read(0, 1)
            waiting = asyncio.ensure_future(store.wait(event.sequence))
            await store.add([event_item(), event_item("m-2")], 0.0)
            await asyncio.wait_for(waiting, _SECONDS)

        _with(open_store, scenario)

    def test_all_that_was_heard_about_messages_is_found(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            types = ("message-sending", "message-sent", "message-delivered")
            await store.add([event_item(f"m-{number}", type) for type in types for number in range(700)], 0.0)
            found = await store.heard(["m-5", "nobody", "m-650", "m-5"])
            assert [json.loads(event.raw)["message"]["id"] for event in found] == ["m-5", "m-650"] * 3
            assert [json.loads(event.raw)["type"] for event in found] == [type for type in types for _ in range(2)]
            assert len(await store.heard([f"m-{number}" for number in range(700)])) == 2100
            assert list(await store.heard([])) == []

        _with(open_store, scenario)

    def test_who_stops_waiting_stops_nothing(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            adding = asyncio.ensure_future(store.add([event_item("m-1")], 0.0))
            await asyncio.sleep(0)
            adding.cancel()
            await store.add([event_item("m-2")], 0.0)
            assert len(await store.read(0, 10)) == 2

        _with(open_store, scenario)

    def test_what_is_old_is_forgotten_and_may_come_again(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            await store.add([event_item("old"), b"old"], 10.0)
            await store.add([event_item("young"), b"young"], 20.0)
            last = (await store.read(0, 10))[-1].sequence
            assert await store.purge(20.0) == 1
            assert [event.received_at for event in await store.read(0, 10)] == [20.0]
            assert [item.raw for item in await store.quarantined()] == [b"young"]
            assert list(await store.heard(["old"])) == []
            assert await store.purge(30.0) == 1
            assert list(await store.add([event_item("young"), event_item("old")], 30.0)) == [NEW, NEW]
            assert (await store.read(0, 10))[0].sequence > last, "who read on would miss an event"

        _with(open_store, scenario)

    def test_thousands_are_forgotten_as_one_is(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            await store.add([event_item(str(number)) for number in range(2500)], 1.0)
            await store.add([event_item("young")], 2.0)
            assert await store.purge(2.0) == 2500
            assert len(await store.read(0, 10)) == 1

        _with(open_store, scenario)

    def test_what_was_added_is_there_after_a_restart(self, open_store: OpenStore) -> None:
        if not self.is_durable:
            return

        async def fill(store: CallbackStore) -> None:
            await store.add([event_item("m-1"), b"7"], 1.0)

        async def look(store: CallbackStore) -> None:
            [event] = await store.read(0, 10)
            assert event == (event.sequence, event_item("m-1"), 1.0)
            assert list(await store.add([event_item("m-1"), event_item("m-2")], 2.0)) == [REPEATED, NEW]
            assert (await store.read(event.sequence, 10))[0].raw == event_item("m-2")
            assert [item.raw for item in await store.quarantined()] == [b"7"]

        _with(open_store, fill)
        _with(open_store, look)

    def test_a_second_close_does_nothing_and_after_it_nothing_is_kept(self, open_store: OpenStore) -> None:
        async def scenario(store: CallbackStore) -> None:
            await store.aclose()
            await store.aclose()
            for call in (store.add([event_item()], 0.0), store.read(0, 1), store.wait(0), store.heard(["m"])):
                assert await _error(call) is not None, "expected OutboxError"

        _with(open_store, scenario)


class HandlerStoreContract(CallbackStoreContract):
    """What a store promises in addition that remembers how far handlers have come."""

    def test_a_new_handler_begins_with_what_comes_from_now_on(self, open_store: OpenStore) -> None:
        async def scenario(store: HandlerStore) -> None:
            assert isinstance(store, HandlerStore)
            assert await store.enroll("first") == 0
            await store.add([event_item()], 0.0)
            [event] = await store.read(0, 10)
            assert await store.enroll("second") == event.sequence
            assert await store.enroll("first") == 0
            assert await store.enroll("third", from_the_start=True) == 0
            assert await store.enroll("second", from_the_start=True) == event.sequence

        _with(open_store, scenario)

    def test_progress_is_remembered_and_never_goes_back(self, open_store: OpenStore) -> None:
        async def work(store: HandlerStore) -> None:
            await store.enroll("one")
            await store.enroll("other")
            await store.advance("one", 7)
            await store.advance("one", 5)

        async def look(store: HandlerStore) -> None:
            assert [await store.enroll(name) for name in ("one", "other")] == [7, 0]

        async def both(store: HandlerStore) -> None:
            await work(store)
            await look(store)

        _with(open_store, both)
        if self.is_durable:
            _with(open_store, look)

    def test_failures_are_kept_until_they_are_over(self, open_store: OpenStore) -> None:
        one, two = HandlerFailure("one", 1, 1, 9.0, 8.0, "why"), HandlerFailure("two", 1, 3, None, 8.0, "why")

        async def scenario(store: HandlerStore) -> None:
            await store.enroll("one")
            await store.advance("one", 1, [one])
            await store.advance("two", 1, [two])
            assert list(await store.failures()) == [one, two]
            assert list(await store.failures("one")) == [one]
            again = one._replace(attempts=2, due_at=None)
            await store.settle_failure(again, is_over=False)
            assert list(await store.failures("one")) == [again]
            await store.settle_failure(again, is_over=True)
            assert list(await store.failures()) == [two]

        _with(open_store, scenario)

    def test_what_a_handler_has_still_to_see_is_not_forgotten(self, open_store: OpenStore) -> None:
        async def scenario(store: HandlerStore) -> None:
            await store.enroll("slow")
            await store.enroll("quick")
            await store.add([event_item(str(number)) for number in range(4)], 1.0)
            first, second, third, last = (event.sequence for event in await store.read(0, 10))
            await store.advance("quick", last)
            await store.advance("slow", third, [HandlerFailure("slow", second, 8, None, 1.0, "dead")])
            assert await store.purge(2.0) == 2
            assert [event.sequence for event in await store.read(0, 10)] == [second, last]
            await store.dismiss("slow")
            assert list(await store.failures()) == []
            assert await store.purge(2.0) == 2
            assert first < second

        _with(open_store, scenario)


def _with(open_store: OpenStore, scenario: Callable[[Any], Coroutine[Any, Any, _Result]]) -> _Result:
    async def run() -> _Result:
        store = open_store()
        try:
            return await scenario(store)
        finally:
            await store.aclose()

    return asyncio.run(run())


async def _error(call: Coroutine[Any, Any, Any]) -> OutboxError | None:
    try:
        await call
    except OutboxError as error:
        return error
    return None


__all__ = ["CallbackStoreContract", "HandlerStoreContract", "OpenStore", "event_item"]
