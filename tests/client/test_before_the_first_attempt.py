"""Nothing is attempted before a new sender has heard what the store of callbacks holds, or when it hears no more."""

import asyncio
from collections.abc import Sequence

import pytest

from msgcore.delivery import OutboxCounts, StoredEvent, read_wire_tag
from msgcore.errors import ExchangeTimeoutError, MessageError, MsgcoreError, OutboxError
from msgcore.wire import Request, Response, decode_message
from tests.client.doubles import Answers, JumpingClock, message
from tests.client.durable_doubles import durable, keyed, sent
from transports import MemoryCallbackStore, MemoryOutbox

TIME = "2026-01-02T03:04:05.678Z"


def stop_from(recipient: str, number: int = 0) -> bytes:
    return (
        b'{"type":"message-received","time":"%b","to":"+19195550100","message":{"id":"in-%d","time":"%b","owner":'
        b'"+19195550100","direction":"in","to":["+19195550100"],"from":"%b","text":"STOP"}}'
        % (TIME.encode(), number, TIME.encode(), recipient.encode())
    )


def delivered(message_id: str, tag: str) -> bytes:
    return (
        b'{"type":"message-delivered","time":"%b","to":"+19195550123","message":{"id":"%b","time":"%b","owner":'
        b'"+19195550100","direction":"out","to":["+19195550123"],"from":"+19195550100","tag":"%b"}}'
        % (TIME.encode(), message_id.encode(), TIME.encode(), tag.encode())
    )


class SlowStore(MemoryCallbackStore):
    """Takes its time, as a disk does."""

    async def read(self, after: int, limit: int) -> Sequence[StoredEvent]:
        for _ in range(100):
            await asyncio.sleep(0)
        return await super().read(after, limit)


@pytest.mark.parametrize("before", [0, 1200])
def test_an_opt_out_that_came_while_nobody_was_sending_is_heeded(before: int) -> None:
    """However much else came before it."""

    async def scenario() -> tuple[list[str], OutboxCounts]:
        transport, outbox, store = Answers(), MemoryOutbox(), SlowStore()
        await store.add([stop_from("+12015550123", number) for number in range(1, before + 1)], 0.0)
        await store.add([stop_from("+19195550123")], 0.0)
        async with durable(transport, outbox, callbacks=store) as client:
            await sent(client, keyed(3))
        return transport.seen, outbox.counts()

    seen, counts = asyncio.run(scenario())
    assert (seen, counts.suppressed) == ([], 3)


def test_an_unknown_message_whose_callback_is_there_already_is_not_resent() -> None:
    tags: list[str] = []

    class Losing(Answers):
        async def exchange(self, request: Request) -> Response:
            assert isinstance(request.body, bytes)
            tags.append(decode_message(request.body).tag or "")
            return await super().exchange(request)

    async def scenario() -> tuple[list[str], OutboxCounts]:
        transport = Losing(message_0=[ExchangeTimeoutError("no answer")])
        outbox, store, clock = MemoryOutbox(), SlowStore(), JumpingClock()
        async with durable(transport, outbox, callbacks=store, clock=clock) as client:
            [(_, outcome)] = await sent(client, [message(key="k")])
            assert isinstance(outcome, MsgcoreError)
        await store.add([delivered("m-1", tags[0])], 0.0)
        clock.time += 100_000.0
        options = {"on_unknown": "resend", "unknown_after": 3600.0}
        async with durable(transport, outbox, callbacks=store, clock=clock, **options) as client:
            assert [outcome async for outcome in client.deliver()] == []
        return transport.seen, outbox.counts()

    seen, counts = asyncio.run(scenario())
    assert [tag and read_wire_tag(tag) is not None for tag in tags] == [True]
    assert (seen, counts.final) == (["message 0"], 1)


def test_a_store_that_can_be_read_no_more_stops_the_sending() -> None:
    class Failing(MemoryCallbackStore):
        is_broken = False

        async def wait(self, after: int) -> None:
            while not self.is_broken:
                await asyncio.sleep(0)
            raise OutboxError("the disk is gone")

    async def scenario() -> tuple[int, OutboxCounts]:
        transport, outbox, store = Answers(), MemoryOutbox(), Failing()
        transport.released.clear()
        async with durable(transport, outbox, callbacks=store, max_in_flight=4) as client:
            sending = asyncio.ensure_future(sent(client, keyed(100)))
            while transport.in_flight < 4:
                await asyncio.sleep(0)
            store.is_broken = True
            for _ in range(10):
                await asyncio.sleep(0)
            transport.released.set()
            with pytest.raises(OutboxError, match="gone"):
                await asyncio.wait_for(sending, 60)
            with pytest.raises(OutboxError, match="gone"):
                await client.send(message(key="another"))
        return len(transport.seen), outbox.counts()

    seen, counts = asyncio.run(scenario())
    assert (seen, counts.accepted, counts.unknown, counts.attempting) == (4, 4, 0, 0)


def test_what_expires_while_it_is_unknown_is_never_resent() -> None:
    async def scenario() -> tuple[list[str], list[object], OutboxCounts]:
        transport = Answers(message_0=[ExchangeTimeoutError("no answer")])
        outbox = MemoryOutbox()
        async with durable(transport, outbox, on_unknown="resend", unknown_after=3600.0) as client:
            outcomes = await sent(client, [message(key="k", expiration="1970-01-01T00:30:00Z")])
        return transport.seen, [type(outcome) for _, outcome in outcomes], outbox.counts()

    seen, outcomes, counts = asyncio.run(scenario())
    assert (seen, outcomes) == (["message 0"], [ExchangeTimeoutError, MessageError])
    assert (counts.expired, counts.unknown) == (1, 0)
