"""The log of what has happened, and the events that tell of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transports.simulator.requests import create, read
from transports.simulator.service.connection import DROP
from transports.simulator.service.service import Service
from transports.simulator.service.settings import ServiceSettings
from transports.simulator.service.watching import stream as stream_module
from transports.simulator.service.watching.feed import MOST_FOLLOWERS, Log, Position
from transports.simulator.service.watching.filters import read_filter
from transports.simulator.service.watching.stream import BATCH, EventStream, follow, frame, read_position

SECONDS = 60  # after which a test that waits has failed


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.integers(0, 60), st.integers(1, 8), st.integers(1, 5))
def test_a_follower_gets_every_change_once_in_order_or_is_told_to_start_anew(
    changes: list[str], seen: int, limit: int, batch: int
) -> None:
    log, numbers = Log("x", limit), list[Position]()
    for change in changes:
        numbers.append(log.end)
        log.note([change])
    numbers.append(log.end)
    start = min(seen, len(changes))
    position, told = numbers[start], list[str]()
    while (found := log.since(position, batch)) is not None and found[0]:
        assert len(found[0]) <= batch
        told += found[0]
        position = found[1]
    missed = changes[start:]
    latest = [change for index, change in enumerate(missed) if change not in missed[index + 1 :]]
    if found is None:
        assert len(set(changes)) > limit
        assert not told
    else:
        assert told == latest
        assert position == log.end


@pytest.mark.parametrize("position", [Position("y", 0), Position("x", 4), Position("x", -1)])
def test_a_position_of_another_log_or_time_is_no_position(position: Position) -> None:
    log = Log("x", 10)
    log.note(["a", "b", "c"])
    assert log.since(position, 10) is None


@pytest.mark.parametrize(
    "text, position",
    [
        ("ab-12", Position("ab", 12)),
        ("", None),
        ("12", None),
        ("ab-", None),
        ("ab-x", None),
        ("ab-²", None),
        ("ab-" + "9" * 30, None),
        ("-1", Position("", 1)),
    ],
)
def test_an_id_that_was_never_given_is_no_position(text: str, position: Position | None) -> None:
    assert read_position(text) == position


def test_no_text_breaks_the_frame_of_an_event() -> None:
    written = frame("messages", {"text": "a\n\ndata: b\r\nid: 9\u2028"}, "x-1")
    head, _, rest = written.partition(b"data: ")
    assert head == b"id: x-1\nevent: messages\n"
    assert rest.endswith(b"\n\n")
    assert b"\n" not in rest[:-2]
    assert b"\r" not in rest


@asynccontextmanager
async def served(**settings: Any) -> AsyncIterator[Service]:
    fields = {"rate": 1000.0, "seed": 1, "user": "u", "password": "p", **settings}
    async with Service(ServiceSettings(**fields), "http://127.0.0.1:8080") as service:
        yield service


def events(service: Service, last: str | None = None, q: str = "") -> AsyncIterator[bytes]:
    tenant = service.provider["9900000"]
    position = None if last is None else read_position(last)
    return follow(service.feed, tenant, read_filter(q), position, service.life.clock)


def parse(piece: bytes) -> tuple[str, str | None, Any]:
    fields = dict(line.split(": ", 1) for line in piece.decode().strip().split("\n"))
    return fields.get("event", "retry"), fields.get("id"), msgspec.json.decode(fields.get("data", "null"))


async def until(stream: AsyncIterator[bytes], wanted: str) -> tuple[str | None, Any]:
    async with asyncio.timeout(SECONDS):
        async for piece in stream:
            event, id, data = parse(piece)
            if event == wanted:
                return id, data
    raise AssertionError(f"the stream has ended without {wanted}")


async def send(service: Service, **fields: Any) -> str:
    response = service.provider.handle("9900000", create(**fields), service.life.clock.now())
    assert response.status == 202, response
    await service.life.happened()
    return str(read(response)["id"])


def test_who_comes_anew_is_told_to_ask_for_the_list_and_then_sees_messages_move() -> None:
    async def main() -> None:
        async with served(speed=100) as service:
            stream = events(service)
            assert parse(await anext(stream))[0] == "retry"
            assert (await until(stream, "reset"))[0] is not None
            message_id = await send(service, text="hello")
            states = []
            while "delivered" not in states:
                _, data = await until(stream, "messages")
                states += [line["state"] for line in data["lines"] if line["id"] == message_id]
            # Which states between are seen is a matter of time; the last one always is.
            assert states[-1] == "delivered"

    asyncio.run(main())


def test_who_comes_back_gets_what_he_has_missed_and_nothing_else() -> None:
    async def main() -> None:
        async with served(speed=0.001) as service:
            stream = events(service)
            position, _ = await until(stream, "reset")
            first = await send(service, text="one")
            position, data = await until(stream, "messages")
            assert [line["id"] for line in data["lines"]] == [first]
            second = await send(service, text="two")
            _, data = await until(events(service, position), "messages")
            assert [line["id"] for line in data["lines"]] == [second]
            # Somebody else's position, or one of before a restart.
            assert await until(events(service, "beef-1"), "reset")

    asyncio.run(main())


def test_who_is_slow_gets_the_latest_states_in_batches_and_holds_nobody_up() -> None:
    async def main() -> None:
        async with served(speed=0.001) as service:
            stream = events(service)
            await until(stream, "reset")
            ids = [await send(service, text="x") for _ in range(BATCH + 50)]
            service.provider.advance(service.life.clock.now() + 60)  # meanwhile all of them have moved, many times
            lines = list[Any]()
            while len(lines) < len(ids):
                _, data = await until(stream, "messages")
                assert len(data["lines"]) <= BATCH
                lines += data["lines"]
            assert sorted(line["id"] for line in lines) == sorted(ids)
            assert {line["state"] for line in lines} == {"delivered"}

    asyncio.run(main())


def test_a_message_that_a_filter_no_longer_finds_is_told_by_its_id() -> None:
    async def main() -> None:
        async with served(speed=0.001, rate=1.0) as service:
            stream = events(service, q="status:queued")
            await until(stream, "reset")
            await send(service, text="this one has its turn at once")
            message_id = await send(service, text="and this one waits")
            _, data = await until(stream, "messages")
            assert [line["id"] for line in data["lines"]] == [message_id]
            service.provider.advance(service.life.clock.now() + 60)
            service.life.wake()
            _, data = await until(stream, "messages")
            assert data["lines"] == []
            assert message_id in data["others"]

    asyncio.run(main())


def test_after_a_reset_everybody_starts_anew() -> None:
    async def main() -> None:
        async with served() as service:
            stream = events(service)
            position, _ = await until(stream, "reset")
            await send(service, text="x")
            service.provider.reset()
            service.life.wake()
            again, _ = await until(stream, "reset")
            assert again != position

    asyncio.run(main())


def test_what_is_kept_for_followers_has_an_end_when_nobody_reads() -> None:
    async def main() -> None:
        async with served() as service:
            tenant = service.provider["9900000"]
            log = service.feed.log(tenant)
            start = log.end
            log.note(str(number) for number in range(20_000))
            assert len(log._numbers) == 10_000
            assert log.since(start, 10) is None
            await send(service, text="x")
            # The provider's life has emptied the engine's notes, although nobody has asked.
            assert not list(tenant.engine.seen())

    asyncio.run(main())


def test_before_anybody_looks_nothing_is_noted() -> None:
    async def main() -> None:
        async with served() as service:
            await send(service, text="x")
            assert service.provider["9900000"].schedule.watched is None

    asyncio.run(main())


def test_streams_end_with_the_server() -> None:
    async def main() -> None:
        async with served() as service:
            stream = events(service)
            await until(stream, "reset")
            service.feed.close()
            async with asyncio.timeout(SECONDS):
                assert [piece async for piece in stream if b"event: reset" in piece] == []
            assert not service.feed.has_room

    asyncio.run(main())


def test_only_so_many_may_follow() -> None:
    async def main() -> None:
        async with served() as service:
            for _ in range(MOST_FOLLOWERS):
                assert service.feed.has_room
                service.feed.enter()
            assert not service.feed.has_room
            service.feed.leave()
            assert service.feed.has_room

    asyncio.run(main())


def test_who_takes_nothing_for_too_long_is_cut_and_nothing_is_collected_for_him(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stream_module, "PIECE_SECONDS", 0.05)

    async def main() -> None:
        async with served() as service:
            written, dropped, never = list[Any](), list[bool](), asyncio.Event()

            async def send_to_nobody(message: Any) -> None:
                written.append(message)
                if message["type"] == "http.response.body":
                    await never.wait()  # what a connection does whose buffers are full

            async def receive() -> Any:
                await never.wait()

            stream = EventStream(service.feed, events(service))
            scope = {"extensions": {DROP: lambda: dropped.append(True)}}
            async with asyncio.timeout(SECONDS):
                await stream(scope, receive, send_to_nobody)
            assert dropped == [True]
            assert len(written) == 2  # the head, and one piece that was not taken
            assert service.feed._followers == 0

    asyncio.run(main())


def test_who_leaves_is_let_go_at_once() -> None:
    async def main() -> None:
        async with served() as service:
            written = list[Any]()

            async def take(message: Any) -> None:
                written.append(message)

            async def leave() -> Any:
                while len(written) < 3:
                    await asyncio.sleep(0)
                return {"type": "http.disconnect"}

            async with asyncio.timeout(SECONDS):
                await EventStream(service.feed, events(service))({"extensions": {}}, leave, take)
            assert service.feed._followers == 0

    asyncio.run(main())
