"""A client with an outbox over a transport that calls back: what it is told settles as what it waits for does."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from msgcore.delivery import OutboxCounts
from msgcore.errors import ExchangeTimeoutError, LocalError, MsgcoreError, ResponseError, TransportError
from msgcore.transport import Transport
from msgcore.wire import Accepted, Request, Response, decode_message, encode_rejection
from tests.client.doubles import Answers
from tests.client.durable_doubles import durable, keyed, sent
from transports import MemoryOutbox


class Calling(Answers):
    """Answers to who is called; every third request has to be waited for, and one text cannot be sent at all."""

    def __init__(self, **answers: list[Response | Exception]) -> None:
        super().__init__(**answers)
        self.submitted = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def submit(self, request: Request, done: Callable[[Response | TransportError], None]) -> bool:
        assert isinstance(request.body, bytes)
        if decode_message(request.body).text == "message 7":
            raise LocalError("a header with a line break")
        self.submitted += 1
        if not self.submitted % 3:
            return False
        task = asyncio.get_running_loop().create_task(self._answer(request, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _answer(self, request: Request, done: Callable[[Response | TransportError], None]) -> None:
        try:
            done(await self.exchange(request))
        except TransportError as error:
            done(error)


def test_a_transport_that_calls_back_is_not_waited_for() -> None:
    lost = ExchangeTimeoutError("no whole answer came")
    refused = encode_rejection(503, "service-unavailable", "later")
    unreadable = Response(202, {}, b"{")
    transport = Calling(message_1=[refused], message_3=[lost], message_5=[unreadable])
    outbox = MemoryOutbox()

    async def scenario() -> dict[str, Accepted | MsgcoreError]:
        async with durable(transport, outbox, max_in_flight=4) as client:
            return dict(await sent(client, keyed(40)))

    outcomes = asyncio.run(scenario())
    assert len(outcomes) == 40
    kinds = Counter(type(outcome) for outcome in outcomes.values())
    assert kinds == {Accepted: 37, ExchangeTimeoutError: 1, LocalError: 1, ResponseError: 1}
    assert isinstance(outcomes["message 7"], LocalError)
    assert outbox.counts() == OutboxCounts(unknown=1, accepted=38, rejected=1)
    assert transport.submitted == 40  # one of them twice, and message 7 never
    assert sorted(transport.seen) == sorted([f"message {n}" for n in range(40) if n != 7] + ["message 1"])


class Audited(Calling):
    """Puts something of its own over ``exchange``, and knows of nothing else."""

    async def exchange(self, request: Request) -> Response:
        return await super().exchange(request)


class Around:
    """Hands every other name through."""

    def __init__(self, inner: Calling) -> None:
        self.inner = inner

    async def exchange(self, request: Request) -> Response:
        return await self.inner.exchange(request)

    async def aclose(self) -> None:
        await self.inner.aclose()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def replaced_on_the_object() -> Calling:
    transport = Calling()
    exchange = transport.exchange

    async def mine(request: Request) -> Response:
        return await exchange(request)

    transport.exchange = mine  # type: ignore[method-assign]
    return transport


@pytest.mark.parametrize("make", [Audited, lambda: Around(Calling()), replaced_on_the_object])
def test_what_somebody_has_put_over_the_exchange_is_never_gone_around(make: Callable[[], Transport]) -> None:
    transport: Any = make()

    async def scenario() -> None:
        async with durable(transport, MemoryOutbox(), max_in_flight=4) as client:
            outcomes = await sent(client, keyed(6))
        assert all(isinstance(outcome, Accepted) for _, outcome in outcomes)

    asyncio.run(scenario())
    assert transport.submitted == 0
    assert len(transport.seen) == 6


class Breaking(Calling):
    def submit(self, request: Request, done: Callable[[Response | TransportError], None]) -> bool:
        assert isinstance(request.body, bytes)
        if decode_message(request.body).text == "message 2":
            raise RuntimeError("not what was agreed")
        return super().submit(request, done)


def test_a_transport_that_breaks_its_contract_leaves_one_message_unknown_and_the_run_goes_on() -> None:
    outbox = MemoryOutbox()

    async def scenario() -> dict[str, Accepted | MsgcoreError]:
        async with durable(Breaking(), outbox, max_in_flight=4) as client:
            return dict(await sent(client, keyed(6)))

    outcomes = asyncio.run(scenario())
    assert str(outcomes["message 2"]).startswith("the attempt broke off: RuntimeError")
    assert outbox.counts() == OutboxCounts(unknown=1, accepted=5)
