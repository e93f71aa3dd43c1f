"""Messages of which nobody knows whether they arrived: who settles them, and what an outage costs."""

import asyncio

from msgcore.delivery import Entry, OutboxCounts, SendState
from msgcore.errors import ExchangeTimeoutError
from msgcore.wire import Request, Response
from tests.client.doubles import Answers, message
from tests.client.durable_doubles import durable, keyed, sent, state_of
from transports import MemoryOutbox, SimulatorTransport
from transports.simulator.faults import Fault, FaultKind


def test_an_answer_that_is_lost_is_settled_by_its_callback_and_nothing_is_sent_again() -> None:
    async def scenario() -> tuple[int, OutboxCounts]:
        transport = SimulatorTransport(rate=1000)
        transport.faults.add(Fault(what=FaultKind.LOSE_ANSWER, count=5))
        outbox = MemoryOutbox()
        async with durable(transport, outbox, rate=1000) as client:
            outcomes = await sent(client, keyed(50))
            unknown = sum(isinstance(outcome, ExchangeTimeoutError) for _, outcome in outcomes)
            await client.wait_until_final()
            report = client.ledger.report()
            assert report.messages == 50
        return unknown, outbox.counts()

    unknown, counts = asyncio.run(scenario())
    assert unknown == 5
    assert counts.final == counts.total == 50


def test_a_message_that_never_arrived_is_held_as_unknown() -> None:
    async def scenario() -> tuple[SendState, int]:
        transport = SimulatorTransport(rate=1000)
        transport.faults.add(Fault(what=FaultKind.DROP_AFTER, count=1))
        outbox = MemoryOutbox()
        async with durable(transport, outbox, rate=1000) as client:
            await sent(client, keyed(1))
            await client.wait_until_final()
            assert [outcome async for outcome in client.deliver()] == []
            return await state_of(outbox, "k-0"), client.ledger.report().messages

    assert asyncio.run(scenario()) == (SendState.UNKNOWN, 0)


def test_a_message_that_never_arrived_is_resent_after_the_deadline_if_its_owner_says_so() -> None:
    async def scenario() -> OutboxCounts:
        transport = SimulatorTransport(rate=1000)
        transport.faults.add(Fault(what=FaultKind.DROP_AFTER, count=3))
        outbox = MemoryOutbox()
        async with durable(transport, outbox, rate=1000, on_unknown="resend", unknown_after=600) as client:
            outcomes = await sent(client, keyed(10))
            assert len(outcomes) == 13  # three of them twice: unknown, then accepted
            await client.wait_until_final()
        return outbox.counts()

    counts = asyncio.run(scenario())
    assert counts.final == counts.total == 10


def test_without_callbacks_the_search_settles_what_can_only_be_ours() -> None:
    async def scenario() -> tuple[SendState, SendState]:
        transport = SimulatorTransport(rate=1000, callback_types=())
        transport.faults.add(Fault(what=FaultKind.LOSE_ANSWER, count=1, method="POST"))
        transport.faults.add(Fault(what=FaultKind.DROP_AFTER, count=1, method="POST"))
        outbox = MemoryOutbox()
        async with durable(transport, outbox, rate=1000, max_in_flight=1) as client:
            await sent(client, [message(0, key="lost-answer"), message(1, key="never-came", to="+19195550199")])
            await client.clock.sleep_until(client.clock.now() + 120)
            await asyncio.sleep(0)
            return await state_of(outbox, "lost-answer"), await state_of(outbox, "never-came")

    assert asyncio.run(scenario()) == (SendState.ACCEPTED, SendState.UNKNOWN)


def test_a_202_that_cannot_be_read_gets_its_id_from_the_callback() -> None:
    class Garbling(SimulatorTransport):
        async def exchange(self, request: Request) -> Response:
            response = await super().exchange(request)
            return Response(202, {}, b"<html>") if response.status == 202 else response

    async def scenario() -> Entry | None:
        outbox = MemoryOutbox()
        async with durable(Garbling(rate=10), outbox, rate=10) as client:
            await sent(client, keyed(1))
            await client.wait_until_final()
            [entry] = await outbox.find(["k-0"])
            return entry

    entry = asyncio.run(scenario())
    assert entry is not None
    assert entry.is_final
    assert entry.message_id is not None


def test_an_outage_costs_ten_unknowns_and_then_probes_one_by_one() -> None:
    timeouts: dict[str, list[Response | Exception]] = {
        f"message_{number}": [ExchangeTimeoutError("no answer")] for number in range(12)
    }

    async def scenario() -> OutboxCounts:
        outbox = MemoryOutbox()
        async with durable(Answers(**timeouts), outbox, max_in_flight=1) as client:
            await sent(client, keyed(40))
        return outbox.counts()

    counts = asyncio.run(scenario())
    assert (counts.unknown, counts.accepted) == (12, 28)
