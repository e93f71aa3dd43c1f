"""AsyncClient.send_many: many messages, their outcomes, and leaving at any point."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from msgcore.client import AsyncClient, sending
from msgcore.errors import ClosedError, ExchangeTimeoutError, MsgcoreError, UnauthorizedError
from msgcore.planning import RetryPolicy
from msgcore.wire import Accepted, Message, Request, Response, encode_rejection
from tests.client.doubles import Answers, JumpingClock, client_over, message, messages, outcomes_of
from transports import SimulatorTransport


@pytest.mark.parametrize("count", [0, 1, 64, 65, 500])
def test_every_message_comes_back_with_its_outcome(count: int) -> None:
    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with client_over(Answers()) as client:
            return await outcomes_of(client, messages(count))

    outcomes = asyncio.run(scenario())
    assert sorted(text for text, _ in outcomes) == sorted(f"message {number}" for number in range(count))
    assert all(isinstance(outcome, Accepted) and outcome.id == text for text, outcome in outcomes)


def test_an_asynchronous_source_works_like_a_plain_one() -> None:
    async def source() -> AsyncIterator[Message]:
        for number in range(100):
            await asyncio.sleep(0)
            yield message(number)

    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with client_over(Answers()) as client:
            return await outcomes_of(client, source())

    assert len(asyncio.run(scenario())) == 100


def test_an_asynchronous_source_that_pauses_holds_no_outcome_back() -> None:
    async def scenario() -> None:
        more = asyncio.Event()

        async def source() -> AsyncIterator[Message]:
            yield message(1)
            await more.wait()
            yield message(2)

        async with client_over(Answers()) as client:
            outcomes = client.send_many(source())
            first, _ = await anext(outcomes)
            assert first.text == "message 1"
            more.set()
            second, _ = await anext(outcomes)
            assert second.text == "message 2"
            assert [pair async for pair in outcomes] == []

    asyncio.run(scenario())


def test_no_more_are_in_flight_than_allowed_and_input_is_pulled_lazily(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FILL_SECONDS", math.inf)  # a busy machine would let fewer be in flight
    transport = Answers()
    pulled = 0

    def source() -> Iterator[Message]:
        nonlocal pulled
        for number in range(1000):
            pulled += 1
            yield message(number)

    async def scenario() -> None:
        async with client_over(transport, max_in_flight=8) as client:
            async with contextlib.aclosing(client.send_many(source())) as outcomes:
                await anext(outcomes)
            assert pulled <= 8 + 1

    asyncio.run(scenario())
    assert transport.most_in_flight == 8


def test_leaving_early_starts_nothing_new_and_settles_what_is_in_flight() -> None:
    transport = Answers()

    async def scenario() -> None:
        client = client_over(transport, max_in_flight=4)
        async with contextlib.aclosing(client.send_many(messages(100))) as outcomes:
            async for _ in outcomes:
                break
        assert transport.in_flight == 0
        seen = len(transport.seen)
        assert seen <= 5
        await client.aclose()
        assert len(transport.seen) == seen

    asyncio.run(scenario())


def test_a_plain_break_settles_what_is_in_flight_when_the_client_closes() -> None:
    transport = Answers()

    async def scenario() -> None:
        async with client_over(transport, max_in_flight=4) as client:
            async for _ in client.send_many(messages(100)):
                break
        assert transport.in_flight == 0
        assert transport.closed

    asyncio.run(scenario())


def test_one_refused_message_does_not_cost_the_others() -> None:
    transport = Answers(message_1=[encode_rejection(400, "request-validation", "no")])

    async def scenario() -> dict[str, Accepted | MsgcoreError]:
        async with client_over(transport) as client:
            return dict(await outcomes_of(client, messages(3)))

    outcomes = asyncio.run(scenario())
    assert [type(outcomes[f"message {n}"]).__name__ for n in range(3)] == ["Accepted", "RejectedError", "Accepted"]


def test_a_full_queue_is_waited_for_and_the_message_sent_once_it_drains() -> None:
    full = encode_rejection(429, "max-message-queue-size-exceeded", "full")
    transport = Answers(message_0=[full, full])

    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with client_over(transport) as client:
            return await outcomes_of(client, messages(1))

    [(_, outcome)] = asyncio.run(scenario())
    assert isinstance(outcome, Accepted)
    assert transport.seen == ["message 0"] * 3


def test_a_message_that_may_have_been_accepted_is_never_sent_again() -> None:
    transport = Answers(message_0=[ExchangeTimeoutError("no answer")])

    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with client_over(transport) as client:
            return await outcomes_of(client, messages(1))

    [(_, outcome)] = asyncio.run(scenario())
    assert isinstance(outcome, ExchangeTimeoutError)
    assert transport.seen == ["message 0"]


def test_refusals_that_go_on_end_as_the_messages_outcome() -> None:
    transport = Answers(message_0=[encode_rejection(503, "unavailable", "later") for _ in range(3)])

    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with client_over(transport, retry=RetryPolicy(max_attempts=3)) as client:
            return await outcomes_of(client, messages(1))

    [(_, outcome)] = asyncio.run(scenario())
    assert isinstance(outcome, MsgcoreError)
    assert transport.seen == ["message 0"] * 3


def test_wrong_credentials_stop_the_run_and_every_message_pulled_comes_back() -> None:
    refused: list[Response | Exception] = [encode_rejection(401, "unauthorized", "no")]
    transport = Answers(**{f"message_{number}": list(refused) for number in range(100)})
    came_back: list[str] = []
    pulled: list[str] = []

    def source() -> Iterator[Message]:
        for number in range(100):
            pulled.append(f"message {number}")
            yield message(number)

    async def scenario() -> None:
        async with client_over(transport, max_in_flight=4) as client:
            async for sent, outcome in client.send_many(source()):
                assert isinstance(outcome, UnauthorizedError)
                came_back.append(sent.text)

    with pytest.raises(UnauthorizedError):
        asyncio.run(scenario())
    assert sorted(came_back) == sorted(pulled)
    assert len(pulled) <= 5


def test_an_error_of_the_input_is_raised_after_every_outcome() -> None:
    def source() -> Iterator[Message]:
        yield message(0)
        yield message(1)
        raise OSError("the disk is gone")

    seen: list[str] = []

    async def scenario() -> None:
        async with client_over(Answers()) as client:
            async for sent, _ in client.send_many(source()):
                seen.append(sent.text)

    with pytest.raises(OSError, match="the disk is gone"):
        asyncio.run(scenario())
    assert sorted(seen) == ["message 0", "message 1"]


def test_what_is_no_message_is_an_error_of_the_input() -> None:
    async def scenario() -> None:
        async with client_over(Answers()) as client:
            await outcomes_of(client, ["hello"])

    with pytest.raises(TypeError, match="expected a Message, got str"):
        asyncio.run(scenario())


def test_a_burst_is_paced_so_that_the_simulator_never_answers_429() -> None:
    class Counting(SimulatorTransport):
        statuses: list[int]

        async def exchange(self, request: Request) -> Response:
            response = await super().exchange(request)
            self.statuses.append(response.status)
            return response

    transport = Counting(rate=2, queue_seconds=5)
    transport.statuses = []

    async def scenario() -> None:
        async with AsyncClient(transport, application_id="a", rate=2, queue_seconds=5) as client:
            async for _, outcome in client.send_many(messages(100)):
                assert isinstance(outcome, Accepted)

    started_at = transport.clock.now()
    asyncio.run(scenario())
    assert transport.statuses == [202] * 100
    assert transport.clock.now() - started_at == pytest.approx(45, abs=2)  # 10 fit the queue, 90 leave at 2 a second


def test_a_message_that_is_pulled_while_the_account_is_refused_comes_back_too() -> None:
    refused = [encode_rejection(401, "unauthorized", "no")]
    transport = Answers(message_0=list(refused))
    came_back: list[str] = []

    async def scenario() -> None:
        pulling = asyncio.Event()

        async def source() -> AsyncIterator[Message]:
            yield message(0)
            pulling.set()
            while transport.in_flight or not transport.seen:
                await asyncio.sleep(0)
            yield message(1)

        async with client_over(transport) as client:
            async for sent, _ in client.send_many(source()):
                came_back.append(sent.text)

    with pytest.raises(UnauthorizedError):
        asyncio.run(scenario())
    assert sorted(came_back) == ["message 0", "message 1"]


def test_a_slow_input_holds_no_message_back() -> None:
    transport = Answers()
    seen_when_pulled: list[int] = []

    def source() -> Iterator[Message]:
        for number in range(5):
            seen_when_pulled.append(len(transport.seen))
            until = time.monotonic() + 0.002  # slow by working, not by sleeping
            while time.monotonic() < until:
                pass
            yield message(number)

    async def scenario() -> None:
        async with client_over(transport) as client:
            assert len(await outcomes_of(client, source())) == 5

    asyncio.run(scenario())
    assert seen_when_pulled == [0, 1, 2, 3, 4]


def test_what_was_pulled_before_something_that_is_no_message_is_sent() -> None:
    transport = Answers()
    seen: list[str] = []

    async def scenario() -> None:
        async with client_over(transport) as client:
            async for sent, _ in client.send_many([message(0), message(1), None, message(3)]):  # type: ignore[list-item]
                seen.append(sent.text)

    with pytest.raises(TypeError, match="expected a Message, got NoneType"):
        asyncio.run(scenario())
    assert sorted(seen) == ["message 0", "message 1"]


def test_stopping_gives_back_what_waits_and_settles_what_is_out() -> None:
    transport = SimulatorTransport(rate=1, queue_seconds=10)
    outcomes: list[object] = []

    async def scenario() -> None:
        async with AsyncClient(transport, application_id="a", rate=1, queue_seconds=10) as client:
            async for _, outcome in client.send_many(messages(100)):
                outcomes.append(outcome)
                if len(outcomes) == 10:  # the queue is full, the next one waits
                    client.stop()

    with pytest.raises(ClosedError, match="sending was stopped"):
        asyncio.run(scenario())
    assert [type(outcome) for outcome in outcomes[:10]] == [Accepted] * 10
    assert len(outcomes) <= 11


def test_closing_ends_a_send_many_that_waits_for_its_back_off() -> None:
    full = encode_rejection(429, "full", "full", headers={"retry-after": "3600"})
    transport = Answers(message_0=[full])

    async def scenario() -> tuple[object, ...]:
        client = AsyncClient(transport, application_id="a")
        collecting = asyncio.ensure_future(outcomes_of(client, messages(1)))
        while not transport.seen or transport.in_flight:
            await asyncio.sleep(0)
        await client.aclose()
        return tuple(await asyncio.gather(collecting, return_exceptions=True))

    [error] = asyncio.run(scenario())
    assert isinstance(error, ClosedError)


def test_a_clock_that_fails_is_an_error_and_no_endless_loop() -> None:
    class Failing(JumpingClock):
        async def sleep_until(self, when: float) -> None:
            raise RuntimeError("no such time")

    transport = Answers(message_0=[encode_rejection(503, "unavailable", "later")])

    async def scenario() -> None:
        async with client_over(transport, clock=Failing()) as client:
            await outcomes_of(client, messages(1))

    with pytest.raises(RuntimeError, match="no such time"):
        asyncio.run(scenario())
