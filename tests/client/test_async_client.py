"""AsyncClient: one message, many messages, events, and leaving at any point."""

import asyncio
import contextlib
import math
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from msgcore.client import AsyncClient, SystemClock, sending
from msgcore.errors import (
    ClosedError,
    ExchangeTimeoutError,
    LocalError,
    MessageError,
    MsgcoreError,
    RateLimitedError,
    UnauthorizedError,
)
from msgcore.planning import RetryPolicy
from msgcore.transport import CallbackSource, Transport
from msgcore.wire import (
    Accepted,
    Message,
    MessageDelivered,
    MessageFailed,
    Request,
    Response,
    decode_message,
    encode_accepted,
    encode_rejection,
)
from transports import MemoryCallbackStore, SimulatorTransport

APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"


def message(number: int = 0, **fields: str) -> Message:
    return Message(**{"to": "+19195550123", "from_": "+19195550100", "text": f"message {number}"} | fields)


def messages(count: int) -> list[Message]:
    return [message(number) for number in range(count)]


class Answers:
    """A transport that answers each text as it is told, else accepts; it can be held back, and counts what it saw."""

    def __init__(self, **answers: list[Response | Exception]) -> None:
        self.seen: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False
        self.released = asyncio.Event()
        self.released.set()
        self._answers = answers

    async def exchange(self, request: Request) -> Response:
        assert isinstance(request.body, bytes)
        message = decode_message(request.body)
        self.seen.append(message.text)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            await self.released.wait()
        finally:
            self.in_flight -= 1
        answers = self._answers.get(message.text.replace(" ", "_"))
        answer = answers.pop(0) if answers else accept(message)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        self.closed = True


class JumpingClock:
    """A clock that is always already there."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, when: float) -> None:
        await asyncio.sleep(0)
        self.time = max(self.time, when)


def accept(message: Message) -> Response:
    accepted = Accepted(
        id=message.text, owner=message.from_, application_id="a", time="2026-01-01T00:00:00Z", segment_count=1,
        direction="out", to=message.to, from_=message.from_, text=message.text,
    )  # fmt: skip
    return Response(202, {}, encode_accepted(accepted))


def client_over(transport: Transport, **options: object) -> AsyncClient:
    options = {"application_id": APPLICATION_ID, "clock": JumpingClock()} | options
    return AsyncClient(transport, **options)  # type: ignore[arg-type]


async def outcomes_of(client: AsyncClient, source: object) -> list[tuple[str, Accepted | MsgcoreError]]:
    return [(sent.text, outcome) async for sent, outcome in client.send_many(source)]  # type: ignore[arg-type]


# --------------------------------------------------------------------------------------------------------------- send


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


# ---------------------------------------------------------------------------------------------------------- send_many


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


# -------------------------------------------------------------------------------------------------------------- events


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
