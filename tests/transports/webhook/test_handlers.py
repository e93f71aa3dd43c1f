"""Handlers run after the answer, at least once, and go on where they were."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from msgcore.errors import LocalError
from msgcore.planning import RetryPolicy
from msgcore.testing import event_item
from msgcore.transport import CallbackStore
from msgcore.wire import Event, MessageDelivered, MessageFailed, UnknownEvent
from tests.transports.webhook.asgi import FailingStore, post
from transports import CallbackReceiver, MemoryCallbackStore, SqliteCallbackStore

SECONDS = 60  # after which a test that waits has failed
AT_ONCE = RetryPolicy(base_seconds=1e-6, cap_seconds=1e-6, max_attempts=3)
LATER = RetryPolicy(base_seconds=3600, cap_seconds=3600, max_attempts=3)


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(scenario, SECONDS))


def body(*items: bytes) -> bytes:
    return b"[" + b",".join(items) + b"]"


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0)


class Seen:
    """What a handler has seen, and how often it is to fail on whom."""

    def __init__(self, **failures: int) -> None:
        self.ids: list[str] = []
        self.failures = failures

    def __call__(self, event: Event) -> None:
        assert event.message is not None
        self.ids.append(event.message.id)
        if self.failures.get(event.message.id, 0) > 0:
            self.failures[event.message.id] -= 1
            raise RuntimeError(f"no luck with {event.message.id}")


def asynchronous(seen: Seen) -> Callable[[Event], Coroutine[Any, Any, None]]:
    async def handle(event: Event) -> None:
        await asyncio.sleep(0)
        seen(event)

    return handle


def test_each_handler_gets_the_events_it_is_for() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore())
        found: dict[str, list[Event]] = {name: [] for name in ("failed", "delivered", "both", "unknown", "all")}
        receiver.on("message-failed", name="failed")(found["failed"].append)
        receiver.on(MessageDelivered, name="delivered")(found["delivered"].append)
        receiver.on(MessageFailed, "message-delivered", name="both", ordered=True)(found["both"].append)
        receiver.on(UnknownEvent, name="unknown")(found["unknown"].append)
        receiver.on(name="all", ordered=True)(found["all"].append)
        failed = event_item("a", "message-failed", errorCode=4720)
        async with receiver:
            await post(receiver, body(failed, event_item("b"), event_item("c", "message-new"), b"7"))
            await until(lambda: receiver.counters.handled == 8)
        ids = {name: sorted(event.message.id for event in events if event.message) for name, events in found.items()}
        expected = {"failed": ["a"], "delivered": ["b"], "both": ["a", "b"], "unknown": ["c"], "all": ["a", "b", "c"]}
        assert ids == expected
        assert found["failed"][0].raw == json.loads(failed)

    run(scenario())


def test_a_function_runs_in_a_thread_and_a_coroutine_in_the_loop() -> None:
    async def scenario() -> None:
        threads: dict[str, bool] = {}
        receiver = CallbackReceiver(MemoryCallbackStore())
        here = threading.get_ident()

        @receiver.on("message-delivered")
        def plain(event: MessageDelivered) -> None:
            threads["plain"] = threading.get_ident() == here

        @receiver.on("message-delivered")
        async def coroutine(event: MessageDelivered) -> None:
            threads["coroutine"] = threading.get_ident() == here

        async with receiver:
            await post(receiver, body(event_item()))
            await until(lambda: len(threads) == 2)
        assert threads == {"plain": False, "coroutine": True}

    run(scenario())


def test_the_answer_does_not_wait_for_a_handler() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore())
        may_end = asyncio.Event()

        @receiver.on()
        async def slow(event: Event) -> None:
            await may_end.wait()

        answer = await post(receiver, body(event_item()))  # which starts the handlers too: nobody else has
        assert answer is not None
        assert answer.status == 200
        assert receiver.counters.handled == 0
        may_end.set()
        await until(lambda: receiver.counters.handled == 1)
        await receiver.aclose()

    run(scenario())


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("is_async", [False, True])
def test_what_fails_is_tried_again_and_then_a_dead_letter(
    ordered: bool, is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        store = MemoryCallbackStore()
        receiver = CallbackReceiver(store, retry=AT_ONCE)
        seen = Seen(twice=2, always=99)
        receiver.on(name="it", ordered=ordered)(asynchronous(seen) if is_async else seen)
        async with receiver:
            await post(receiver, body(event_item("twice"), event_item("always"), event_item("never")))
            counters = receiver.counters
            await until(lambda: (receiver.counters.handled, receiver.counters.dead_letters) == (2, 1))
            while await store.enroll("it") < 3 or len(await store.failures()) != 1:
                await asyncio.sleep(0)
        counters = receiver.counters
        assert counters.handler_failures == 5
        assert {id: seen.ids.count(id) for id in set(seen.ids)} == {"twice": 3, "always": 3, "never": 1}
        if ordered:
            assert seen.ids == ["twice"] * 3 + ["always"] * 3 + ["never"]
        [dead] = await store.failures("it")
        assert (dead.attempts, dead.due_at, dead.problem) == (3, None, "RuntimeError: no luck with always")

    with caplog.at_level(logging.WARNING):
        run(scenario())
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
    assert "no luck" not in caplog.text, "what an exception says may tell a number or a text"


@pytest.mark.parametrize("ordered", [False, True])
def test_a_dead_letter_is_tried_again_when_that_is_asked_for(ordered: bool) -> None:
    async def scenario() -> None:
        store = MemoryCallbackStore()
        receiver = CallbackReceiver(store, retry=RetryPolicy(max_attempts=1))
        seen = Seen(a=2, b=1)
        receiver.on(name="it", ordered=ordered)(seen)
        receiver.on(name="other")(lambda event: None)
        async with receiver:
            await post(receiver, body(event_item("a"), event_item("b")))
            while len(await store.failures()) < 2:
                await asyncio.sleep(0)
            assert await receiver.redo("other") == 0
            assert await receiver.redo() == 2
            await until(lambda: len(seen.ids) == 4)
            while len(await store.failures()) != 1 or (await store.failures())[0].due_at is not None:
                await asyncio.sleep(0)
            assert await receiver.redo("it") == 1
            while await store.failures():
                await asyncio.sleep(0)
        assert sorted(seen.ids) == ["a", "a", "a", "b", "b"]

    run(scenario())


@pytest.mark.parametrize("ordered", [False, True])
def test_a_dead_letter_is_tried_again_when_another_process_asks_for_it(
    ordered: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transports.webhook.course.LOOK_SECONDS", 0.001)

    async def scenario() -> None:
        store, elsewhere = (SqliteCallbackStore(tmp_path / "events.db") for _ in range(2))
        leader, other = (CallbackReceiver(kept, retry=RetryPolicy(max_attempts=1)) for kept in (store, elsewhere))
        seen, never = Seen(a=2), Seen()
        leader.on(name="it", ordered=ordered)(seen)
        other.on(name="it", ordered=ordered)(never)
        async with store, elsewhere, leader, other:
            await post(leader, body(event_item("a"), event_item("b")))
            for times in (2, 3):
                while not [dead for dead in await elsewhere.failures() if dead.due_at is None]:
                    await asyncio.sleep(0)
                assert await other.redo("it") == 1
                await until(lambda: seen.ids.count("a") == times)  # noqa: B023
            while await elsewhere.failures():
                await asyncio.sleep(0)
        assert sorted(seen.ids) == ["a", "a", "a", "b"]
        assert never.ids == []

    run(scenario())


@pytest.mark.parametrize("ordered", [False, True])
def test_who_looks_for_what_others_ask_for_takes_nothing_twice(ordered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transports.webhook.course.LOOK_SECONDS", 0)

    class Slow(MemoryCallbackStore):
        """Takes its time where it may be overtaken."""

        async def failures(self, handler: str | None = None) -> Any:
            found = await super().failures(handler)
            for _ in range(5):
                await asyncio.sleep(0)
            return found

        async def settle_failure(self, failure: Any, *, is_over: bool) -> None:
            await super().settle_failure(failure, is_over=is_over)
            for _ in range(3):
                await asyncio.sleep(0)

        async def advance(self, handler: str, through: int, failures: Any = ()) -> None:
            await super().advance(handler, through, failures)
            for _ in range(3):
                await asyncio.sleep(0)

    async def scenario() -> None:
        store = Slow()
        failing = {f"m-{number}": number % 4 for number in range(40)}
        seen = Seen(**failing)
        receiver = CallbackReceiver(store, retry=AT_ONCE)
        receiver.on(name="it", ordered=ordered)(asynchronous(seen))
        async with receiver:
            await post(receiver, body(*map(event_item, failing)))
            dead = [id for id, count in failing.items() if count == 3]
            while [failure.due_at for failure in await store.failures()] != [None] * len(dead):
                await asyncio.sleep(0)
            await until(lambda: len(seen.ids) >= len(failing))
            for _ in range(100):
                await asyncio.sleep(0)
        assert {id: seen.ids.count(id) for id in failing} == {id: min(3, 1 + count) for id, count in failing.items()}

    run(scenario())


def test_a_failure_does_not_hold_up_others_unless_order_is_asked_for() -> None:
    async def scenario(ordered: bool) -> list[str]:
        receiver = CallbackReceiver(MemoryCallbackStore(), retry=LATER)
        seen = Seen(first=9)
        receiver.on(name="it", ordered=ordered, concurrency=1)(asynchronous(seen))
        async with receiver:
            await post(receiver, body(event_item("first"), event_item("second")))
            await until(lambda: receiver.counters.handler_failures == 1)
            for _ in range(50):
                await asyncio.sleep(0)
        return seen.ids

    assert run(scenario(ordered=False)) == ["first", "second"]
    assert run(scenario(ordered=True)) == ["first"]


def test_no_more_run_at_once_than_are_allowed() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore())
        running = most = 0

        @receiver.on(concurrency=3)
        async def busy(event: Event) -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            for _ in range(5):
                await asyncio.sleep(0)
            running -= 1

        async with receiver:
            await post(receiver, body(*(event_item(str(number)) for number in range(20))))
            await until(lambda: receiver.counters.handled == 20)
        assert most == 3

    run(scenario())


def test_what_a_handler_awaited_being_cancelled_is_a_failure_and_not_its_end() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore(), retry=LATER)

        @receiver.on()
        async def cancelled(event: Event) -> None:
            raise asyncio.CancelledError

        async with receiver:
            await post(receiver, body(event_item("a"), event_item("b")))
            await until(lambda: receiver.counters.handler_failures == 2)

    run(scenario())


# ------------------------------------------------------------------------------------------------------------ restarts


@pytest.mark.parametrize("ordered", [False, True])
def test_a_restart_goes_on_where_it_was_with_the_attempts_that_were_made(tmp_path: Path, ordered: bool) -> None:
    def receiver_of(store: CallbackStore, seen: Seen, retry: RetryPolicy) -> CallbackReceiver:
        receiver = CallbackReceiver(store, retry=retry)
        receiver.on(name="it", ordered=ordered)(seen)
        return receiver

    first, second = Seen(b=1), Seen(b=9)

    async def scenario() -> None:
        async with SqliteCallbackStore(tmp_path / "events") as store:
            async with receiver_of(store, first, LATER) as receiver:
                await post(receiver, body(event_item("a"), event_item("b")))
                while not await store.failures():
                    await asyncio.sleep(0)
            [failure] = await store.failures()
            assert failure.attempts == 1
            assert failure.due_at is not None
            await store.settle_failure(failure._replace(due_at=0.0), is_over=False)  # the hour has passed
        async with SqliteCallbackStore(tmp_path / "events") as store:
            async with receiver_of(store, second, AT_ONCE) as receiver:
                await post(receiver, body(event_item("a"), event_item("c")))
                await until(lambda: receiver.counters.handled == 1)
                while (await store.failures())[0].due_at is not None:
                    await asyncio.sleep(0)
            [failure] = await store.failures()
            assert failure.attempts == 3

    run(scenario())
    assert first.ids == ["a", "b"]
    assert sorted(second.ids) == ["b", "b", "c"]


def test_a_handler_that_is_cut_off_gets_the_event_again(tmp_path: Path) -> None:
    seen: list[str] = []

    async def scenario() -> None:
        for turn in ("cut off", "whole"):
            async with SqliteCallbackStore(tmp_path / "events") as store:
                receiver = CallbackReceiver(store, stop_seconds=0.0)

                async def handle(event: Event, turn: str = turn) -> None:
                    seen.append(turn)
                    if turn == "cut off":
                        await asyncio.Event().wait()

                receiver.on(name="it")(handle)
                async with receiver:
                    if turn == "cut off":
                        await post(receiver, body(event_item()))
                    await until(lambda: bool(seen) and seen[-1] == turn)  # noqa: B023  (asked before the next turn)

    run(scenario())
    assert seen == ["cut off", "whole"]


def test_closing_lets_handlers_that_run_come_to_their_end_and_keeps_that(tmp_path: Path) -> None:
    async def scenario() -> None:
        may_end = asyncio.Event()
        began: list[str] = []
        ended: list[str] = []
        async with SqliteCallbackStore(tmp_path / "events") as store:
            receiver = CallbackReceiver(store)

            @receiver.on(name="it", concurrency=1)
            async def handle(event: Event) -> None:
                assert event.message is not None
                began.append(event.message.id)
                await may_end.wait()
                ended.append(event.message.id)

            await receiver.start()
            await post(receiver, body(event_item("a"), event_item("b")))
            await until(lambda: began == ["a"])
            closing = asyncio.ensure_future(receiver.aclose())
            await asyncio.sleep(0)
            assert not closing.done()
            may_end.set()
            await closing
            assert (began, ended) == (["a"], ["a"])
            assert await store.enroll("it") == 1

    run(scenario())


def test_of_two_receivers_with_one_store_one_runs_the_handlers_and_the_other_takes_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        seen: dict[str, Seen] = {"first": Seen(), "second": Seen()}
        stores = [SqliteCallbackStore(tmp_path / "events") for _ in seen]
        receivers = [CallbackReceiver(store, clock=HurryingClock()) for store in stores]
        for receiver, name in zip(receivers, seen, strict=True):
            receiver.on(name="it")(seen[name])
            await receiver.start()
            await asyncio.sleep(0)
        await post(receivers[1], body(event_item("a")))
        await until(lambda: seen["first"].ids == ["a"])
        await receivers[0].aclose()
        await stores[0].aclose()
        await post(receivers[1], body(event_item("b")))
        await until(lambda: seen["second"].ids == ["b"])
        await receivers[1].aclose()
        await stores[1].aclose()

    run(scenario())


class HurryingClock:
    """Every wait is over at the next turn of the loop."""

    def now(self) -> float:
        return 0.0

    async def sleep_until(self, when: float) -> None:
        await asyncio.sleep(0)


# ----------------------------------------------------------------------------------------------------------- mistakes


def test_a_name_is_taken_once_and_before_the_start() -> None:
    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore())
        receiver.on(name="it")(print)
        with pytest.raises(LocalError, match="taken"):
            receiver.on(name="it")(print)
        async with receiver:
            with pytest.raises(LocalError, match="started"):
                receiver.on(name="late")(print)

    run(scenario())


@pytest.mark.parametrize("options", [{"concurrency": 0}, {"concurrency": -1}])
def test_a_concurrency_that_cannot_be_is_refused(options: dict[str, int]) -> None:
    with pytest.raises(LocalError, match="concurrency"):
        CallbackReceiver(MemoryCallbackStore()).on(**options)(print)  # type: ignore[arg-type]


def test_what_is_no_kind_of_event_is_refused() -> None:
    with pytest.raises(LocalError, match="class of an event"):
        CallbackReceiver(MemoryCallbackStore()).on(int)(print)  # type: ignore[arg-type]


def test_a_store_that_cannot_keep_progress_takes_no_handlers() -> None:
    class Plain:
        add = read = wait = heard = quarantined = purge = aclose = MemoryCallbackStore.add

    with pytest.raises(LocalError, match="Plain cannot keep"):
        CallbackReceiver(Plain()).on()(print)  # type: ignore[arg-type]


def test_nothing_is_taken_before_handlers_are_entered_in_the_store() -> None:
    class Deaf(FailingStore):
        is_deaf = True

        async def enroll(self, handler: str, *, from_the_start: bool = False) -> int:
            if self.is_deaf:
                self.is_full = True
                await self.add([], 0.0)
            return await super().enroll(handler, from_the_start=from_the_start)

    async def scenario() -> None:
        store = Deaf()
        store.is_full = False
        seen = Seen()
        receiver = CallbackReceiver(store)
        receiver.on(name="it")(seen)
        answer = await post(receiver, body(event_item("a")))
        assert answer is not None
        assert answer.status == 503
        assert await store.read(0, 1) == []
        store.is_deaf = store.is_full = False
        answer = await post(receiver, body(event_item("a")))
        assert answer is not None
        assert answer.status == 200
        await until(lambda: seen.ids == ["a"])
        await receiver.aclose()

    run(scenario())


def test_a_handler_that_is_stopped_by_what_nobody_foresaw_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MemoryCallbackStore):
        async def read(self, after: int, limit: int) -> Any:
            raise ZeroDivisionError

    async def scenario() -> None:
        receiver = CallbackReceiver(Broken())
        receiver.on(name="it")(print)
        async with receiver:
            await post(receiver, body(event_item()))
            await until(lambda: bool(caplog.records))

    run(scenario())
    [record] = caplog.records
    assert (record.levelname, record.getMessage()) == ("CRITICAL", "handler it has stopped")
