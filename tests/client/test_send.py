"""AsyncClient.send: one message, and closing at any point of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from msgcore.client import AsyncClient, SystemClock
from msgcore.errors import ClosedError, LocalError, MessageError, RateLimitedError
from msgcore.wire import Accepted, Request, Response, encode_rejection
from tests.client.doubles import APPLICATION_ID, Answers, JumpingClock, client_over, message
from transports import MemoryCallbackStore, SimulatorTransport


def test_send_returns_what_was_accepted() -> None:
    async def scenario() -> Accepted:
        async with client_over(SimulatorTransport()) as client:
            return await client.send(message())

    accepted = asyncio.run(scenario())
    assert accepted.to == ("+19195550123",)
    assert accepted.application_id == APPLICATION_ID
    assert accepted.segment_count == 1


def test_send_raises_what_the_provider_said_and_retries_nothing() -> None:
    transport = Answers(message_0=[encode_rejection(429, "max-message-queue-size-exceeded", "full")])

    async def scenario() -> None:
        async with client_over(transport) as client:
            with pytest.raises(RateLimitedError):
                await client.send(message())

    asyncio.run(scenario())
    assert transport.seen == ["message 0"]


def test_a_message_without_any_application_is_refused_before_it_leaves() -> None:
    transport = Answers()

    async def scenario() -> None:
        async with client_over(transport, application_id=None) as client:
            with pytest.raises(MessageError, match="applicationId"):
                await client.send(message())

    asyncio.run(scenario())
    assert transport.seen == []


def test_a_message_names_its_own_application_before_the_clients() -> None:
    async def scenario() -> Accepted:
        async with client_over(SimulatorTransport()) as client:
            return await client.send(message(application_id="another"))

    assert asyncio.run(scenario()).application_id == "another"


def test_a_closed_client_sends_nothing() -> None:
    transport = Answers()

    async def scenario() -> None:
        client = client_over(transport)
        await client.aclose()
        await client.aclose()
        with pytest.raises(ClosedError, match="the client is closed") as caught:
            await client.send(message())
        assert caught.value.may_have_been_accepted is False

    asyncio.run(scenario())
    assert transport.closed
    assert transport.seen == []


def test_closing_waits_for_what_is_in_flight() -> None:
    transport = Answers()

    async def scenario() -> Accepted:
        transport.released.clear()
        client = client_over(transport)
        sending = asyncio.ensure_future(client.send(message()))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(client.aclose())
        for _ in range(5):
            await asyncio.sleep(0)
        assert not closing.done()
        assert not transport.closed
        transport.released.set()
        await closing
        return await sending

    assert asyncio.run(scenario()).id == "message 0"


def test_a_store_of_callbacks_needs_an_outbox_beside_it() -> None:
    with pytest.raises(LocalError, match="needs an outbox"):
        client_over(Answers(), callbacks=MemoryCallbackStore())


def test_the_clock_is_the_transports_own_unless_another_is_given() -> None:
    simulator = SimulatorTransport()
    assert AsyncClient(simulator).clock is simulator.clock
    assert isinstance(AsyncClient(Answers()).clock, SystemClock)
    clock = JumpingClock()
    assert AsyncClient(simulator, clock=clock).clock is clock


def test_a_streamed_answer_is_read_whole() -> None:
    class Streaming(Answers):
        async def exchange(self, request: Request) -> Response:
            response = await super().exchange(request)
            whole = response.body
            assert isinstance(whole, bytes)

            async def chunks() -> AsyncIterator[bytes]:
                yield whole[:10]
                yield whole[10:]

            return Response(response.status, response.headers, chunks())

    async def scenario() -> Accepted:
        async with client_over(Streaming()) as client:
            return await client.send(message())

    assert asyncio.run(scenario()).id == "message 0"


def test_a_closing_that_is_cancelled_goes_on_and_can_be_awaited_again() -> None:
    transport = Answers()

    async def scenario() -> None:
        transport.released.clear()
        client = client_over(transport)
        sending = asyncio.ensure_future(client.send(message()))
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(client.aclose())
        await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        transport.released.set()
        await client.aclose()
        assert transport.closed
        await sending

    asyncio.run(scenario())
