"""What must not be sent any more, or not yet: expiry, opt-outs, priorities and the pace."""

import asyncio
import contextlib
from collections.abc import Sequence

import pytest

from msgcore.delivery import ANY_SENDER, Attempt, OptOut, OutboxCounts, SendState, SuppressionList
from msgcore.errors import MsgcoreError
from msgcore.wire import Request, Response
from tests.client.doubles import Answers, JumpingClock, message
from tests.client.durable_doubles import durable, keyed, sent, state_of
from transports import MemoryOutbox, SimulatorTransport
from transports.simulator.inbound import Inbound


def test_what_expires_while_it_waits_is_never_sent() -> None:
    async def scenario() -> tuple[OutboxCounts, list[str]]:
        transport = Answers()
        outbox = MemoryOutbox()
        async with durable(transport, outbox) as client:
            await sent(client, [message(0, expiration="1970-01-01T00:00:00Z"), message(1)])
        return outbox.counts(), transport.seen

    counts, seen = asyncio.run(scenario())
    assert (counts.expired, counts.accepted, seen) == (1, 1, ["message 1"])


def test_what_expires_while_the_disk_is_waited_for_is_never_sent() -> None:
    clock = JumpingClock()

    class Slow(MemoryOutbox):
        async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
            clock.time += 100
            return await super().attempt(attempts)

    async def scenario() -> tuple[OutboxCounts, list[str]]:
        transport, outbox = Answers(), Slow()
        async with durable(transport, outbox, clock=clock) as client:
            await sent(client, [message(0, expiration="1970-01-01T00:01:00Z")])
        return outbox.counts(), transport.seen

    counts, seen = asyncio.run(scenario())
    assert (counts.expired, counts.total, seen) == (1, 1, [])


def test_whoever_opts_out_while_the_disk_is_waited_for_is_not_written_to() -> None:
    suppressions = SuppressionList()

    class Slow(MemoryOutbox):
        async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
            suppressions.enter(OptOut("+19195550123", ANY_SENDER, active=True, at=0.0))
            return await super().attempt(attempts)

    async def scenario() -> tuple[OutboxCounts, list[str]]:
        transport, outbox = Answers(), Slow()
        async with durable(transport, outbox, suppressions=suppressions) as client:
            await sent(client, [message(0)])
        return outbox.counts(), transport.seen

    counts, seen = asyncio.run(scenario())
    assert (counts.suppressed, counts.total, seen) == (1, 1, [])


def test_whoever_has_opted_out_is_not_written_to() -> None:
    suppressions = SuppressionList([OptOut("+19195550123", ANY_SENDER, active=True, at=0.0)])

    async def scenario() -> tuple[OutboxCounts, list[str]]:
        transport, outbox = Answers(), MemoryOutbox()
        async with durable(transport, outbox, suppressions=suppressions) as client:
            await sent(client, [message(0), message(1, to="+19195550124")])
        return outbox.counts(), transport.seen

    counts, seen = asyncio.run(scenario())
    assert (counts.suppressed, counts.accepted, seen) == (1, 1, ["message 1"])


def test_stop_takes_effect_on_what_waits_and_start_lifts_it() -> None:
    async def scenario() -> list[SendState]:
        transport = SimulatorTransport(rate=10)
        outbox = MemoryOutbox()
        states = []
        async with durable(transport, outbox, rate=10) as client:
            await client.send(message(key="first"))
            for word, key in ((" Stop. ", "second"), ("START", "third")):
                await client.clock.sleep_until(client.clock.now() + 1)
                transport.receive(Inbound("+19195550123", ("+19195550100",), word))
                async with contextlib.aclosing(client.events()) as events:
                    async for event in events:
                        if event.type == "message-received":
                            break
                with contextlib.suppress(MsgcoreError):
                    await client.send(message(key=key))
                states.append(await state_of(outbox, key))
        return states

    assert asyncio.run(scenario()) == [SendState.SUPPRESSED, SendState.ACCEPTED]


def test_high_priority_overtakes_what_waits_for_the_pace() -> None:
    async def scenario() -> list[str]:
        transport = Answers()
        async with durable(transport, MemoryOutbox(), rate=1, queue_seconds=1, max_in_flight=4) as client:
            low = asyncio.ensure_future(sent(client, keyed(6)))
            while not transport.seen:
                await asyncio.sleep(0)
            await client.send(message(99, priority="high"))
            await low
        return transport.seen

    seen = asyncio.run(scenario())
    assert seen.index("message 99") <= 2


@pytest.mark.parametrize("sender_rate", [None, 5.0])
def test_a_burst_of_ten_queues_meets_no_429_and_goes_on_at_the_rate(sender_rate: float | None) -> None:
    rate, depth = 5, 20
    arrivals: list[float] = []

    class Watching(SimulatorTransport):
        async def exchange(self, request: Request) -> Response:
            response = await super().exchange(request)
            assert response.status == 202
            arrivals.append(self.clock.now())
            return response

    async def scenario() -> None:
        transport = Watching(rate=rate, queue_seconds=depth, callback_types=())
        options = {"rate": rate, "queue_seconds": depth, "sender_rate": sender_rate}
        async with durable(transport, MemoryOutbox(), **options) as client:
            await sent(client, keyed(10 * rate * depth))

    asyncio.run(scenario())
    begin, end = arrivals[rate * depth], arrivals[-1]
    windows = [begin + 10 * number for number in range(int((end - begin) / 10))]
    assert len(windows) > 10
    for window in windows:
        assert abs(sum(window <= at < window + 10 for at in arrivals) - 10 * rate) <= 1
