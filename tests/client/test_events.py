"""AsyncClient.events: from where they come, and when they end."""

import asyncio

import pytest

from msgcore.errors import LocalError
from msgcore.transport import CallbackSource
from msgcore.wire import MessageDelivered, MessageFailed
from tests.client.doubles import Answers, client_over, message, messages, outcomes_of
from transports import SimulatorTransport


def test_closing_the_client_ends_the_events_of_a_live_source() -> None:
    class Live:
        async def next_callback(self) -> bytes | None:
            await asyncio.Event().wait()
            return None

    async def scenario() -> list[object]:
        client = client_over(Answers(), callbacks=Live())

        async def collect() -> list[object]:
            return [event async for event in client.events()]

        collecting = asyncio.ensure_future(collect())
        for _ in range(3):
            await asyncio.sleep(0)
        await client.aclose()
        return await collecting

    assert asyncio.run(scenario()) == []


def test_cancelling_a_task_that_waits_for_events_cancels_it() -> None:
    class Live:
        async def next_callback(self) -> bytes | None:
            await asyncio.Event().wait()
            return None

    async def scenario() -> None:
        async with client_over(Answers(), callbacks=Live()) as client:
            waiting = asyncio.ensure_future(anext(client.events()))
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    asyncio.run(scenario())


def test_events_end_when_everything_accepted_is_final() -> None:
    async def scenario() -> list[str]:
        async with client_over(SimulatorTransport(), clock=None) as client:
            await client.send(message())
            await client.send(message(to="+19195554720"))
            return [type(event).__name__ async for event in client.events()]

    names = asyncio.run(scenario())
    assert names.count(MessageDelivered.__name__) == 1
    assert names.count(MessageFailed.__name__) == 1


def test_events_may_be_awaited_before_anything_is_sent() -> None:
    async def scenario() -> int:
        async with client_over(SimulatorTransport(rate=10), clock=None) as client:

            async def collect() -> int:
                return sum([event.is_terminal async for event in client.events()])

            collecting = asyncio.ensure_future(collect())
            await asyncio.sleep(0)
            async for _ in client.send_many(messages(50)):
                pass
            return await collecting

    assert asyncio.run(scenario()) == 50


def test_events_end_when_nothing_of_what_was_sent_was_accepted() -> None:
    async def scenario() -> list[object]:
        async with client_over(SimulatorTransport(applications=["another"]), clock=None) as client:

            async def collect() -> list[object]:
                return [event async for event in client.events()]

            collecting = asyncio.ensure_future(collect())
            assert await outcomes_of(client, []) == []
            return await collecting

    assert asyncio.run(scenario()) == []


def test_closing_the_client_ends_the_events() -> None:
    async def scenario() -> list[object]:
        client = client_over(SimulatorTransport(), clock=None)

        async def collect() -> list[object]:
            return [event async for event in client.events()]

        collecting = asyncio.ensure_future(collect())
        await asyncio.sleep(0)
        await client.aclose()
        return await collecting

    assert asyncio.run(scenario()) == []


def test_events_come_from_the_source_that_was_given() -> None:
    class Source:
        def __init__(self) -> None:
            self.bodies = [b'[{"type":"message-read"},{"type":"suggestion-response"}]']

        async def next_callback(self) -> bytes | None:
            return self.bodies.pop() if self.bodies else None

    async def scenario() -> list[str | None]:
        source = Source()
        assert isinstance(source, CallbackSource)
        async with client_over(Answers(), callbacks=source) as client:
            await client.send(message())
            return [event.type async for event in client.events()]

    assert asyncio.run(scenario()) == ["message-read", "suggestion-response"]


def test_without_a_source_of_callbacks_events_say_what_is_missing() -> None:
    async def scenario() -> None:
        async with client_over(Answers()) as client:
            with pytest.raises(LocalError, match="no source of callbacks"):
                await anext(client.events())

    asyncio.run(scenario())
