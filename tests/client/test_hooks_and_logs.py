"""What hooks hear of a durable sending, and what its log shows."""

import asyncio
import logging

import pytest

from msgcore.delivery import Delivery, SendState
from msgcore.errors import ClosedError, ExchangeTimeoutError, MsgcoreError
from msgcore.wire import Accepted, Event, Message, encode_rejection
from tests.client.doubles import Answers, message
from tests.client.durable_doubles import durable, sent
from transports import MemoryOutbox, SimulatorTransport
from transports.simulator.faults import Fault, FaultKind


class Counting:
    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def on_attempt(self, message: Message, attempt: int) -> None:
        self.calls.append(("attempt", message.text, attempt))

    def on_outcome(self, message: Message, attempt: int, state: SendState, result: Accepted | MsgcoreError) -> None:
        self.calls.append(("outcome", message.text, attempt, state.value))

    def on_event(self, event: Event, delivery: Delivery | None) -> None:
        self.calls.append(("event", event.type, delivery is not None))


def test_hooks_hear_of_every_attempt_outcome_and_event() -> None:
    hooks = Counting()

    async def scenario() -> None:
        transport = SimulatorTransport(rate=10)
        transport.faults.add(Fault(what=FaultKind.ANSWER, status=503, count=1))
        async with durable(transport, MemoryOutbox(), hooks=[hooks]) as client:
            await client.send(message())
            await client.wait_until_final()

    asyncio.run(scenario())
    assert hooks.calls == [
        ("attempt", "message 0", 1),
        ("outcome", "message 0", 1, "waiting"),
        ("attempt", "message 0", 2),
        ("outcome", "message 0", 2, "accepted"),
        ("event", "message-sent", True),
        ("event", "message-delivered", True),
    ]


@pytest.mark.parametrize("error", [ValueError, asyncio.CancelledError])
def test_a_hook_that_fails_is_logged_and_changes_nothing(
    caplog: pytest.LogCaptureFixture, error: type[BaseException]
) -> None:
    class Failing(Counting):
        def on_attempt(self, message: Message, attempt: int) -> None:
            raise error(message.text)

    async def scenario() -> Accepted:
        async with durable(Answers(), MemoryOutbox(), hooks=[Failing()]) as client:
            return await client.send(message(text="a secret text"))

    assert asyncio.run(scenario()).id
    assert f"a hook failed: {error.__name__}" in caplog.text
    assert "secret" not in caplog.text


def test_logs_show_neither_numbers_nor_texts_nor_keys(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bad = encode_rejection(400, "request-validation", "'+19195550123' has said SECRET TEXT")

    async def scenario() -> None:
        private = message(0, text="SECRET TEXT", key="+19195550123/SECRET", tag="SECRET TAG")
        async with durable(Answers(SECRET_TEXT=[bad, ExchangeTimeoutError("+19195550123")]), MemoryOutbox()) as client:
            await sent(client, [private, private.replace(key="other")])

    asyncio.run(scenario())
    shown = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert "message 1: rejected" in shown
    assert "message 2: unknown" in shown
    assert "SECRET" not in shown
    assert "9195550" not in shown


def test_a_sending_that_somebody_has_stopped_is_no_error_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with durable(Answers(), MemoryOutbox()) as client:
            await client.put([message()])
            async for _ in client.deliver(forever=True):
                client.stop()

    with caplog.at_level(logging.INFO), pytest.raises(ClosedError):
        asyncio.run(scenario())
    [record] = [record for record in caplog.records if "sending stops" in record.message]
    assert record.levelno == logging.INFO
