"""Several that send the same key at once: each gets its own answer, whatever becomes of the others."""

import asyncio
import contextlib

import pytest

from msgcore.delivery import SendState
from msgcore.errors import KeyConflictError, OutboxBusyError
from msgcore.wire import Accepted
from tests.client.doubles import Answers, message
from tests.client.durable_doubles import durable, state_of
from transports import MemoryOutbox


async def until_in_flight(transport: Answers) -> None:
    while not transport.in_flight:
        await asyncio.sleep(0)


def test_another_content_under_its_key_does_not_lose_a_send_its_answer() -> None:
    async def scenario() -> Accepted:
        transport, outbox = Answers(), MemoryOutbox()
        transport.released.clear()
        async with durable(transport, outbox) as client:
            first = asyncio.ensure_future(client.send(message(1, key="k")))
            await until_in_flight(transport)
            with pytest.raises(KeyConflictError):
                await client.send(message(2, key="k"))
            transport.released.set()
            return await asyncio.wait_for(first, 60)

    assert asyncio.run(scenario()).id == "message 1"


@pytest.mark.parametrize("leaver", [0, 1])
def test_one_of_two_that_leaves_does_not_lose_the_other_its_answer(leaver: int) -> None:
    async def scenario() -> tuple[Accepted, list[str]]:
        transport, outbox = Answers(), MemoryOutbox()
        transport.released.clear()
        async with durable(transport, outbox) as client:
            both = [asyncio.ensure_future(client.send(message(1, key="k")))]
            await until_in_flight(transport)
            both.append(asyncio.ensure_future(client.send(message(1, key="k"))))
            for _ in range(5):
                await asyncio.sleep(0)
            both[leaver].cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await both[leaver]
            transport.released.set()
            return await asyncio.wait_for(both[1 - leaver], 60), transport.seen

    accepted, seen = asyncio.run(scenario())
    assert (accepted.id, seen) == ("message 1", ["message 1"])


def test_an_outbox_that_another_sender_had_can_be_used_once_it_is_free() -> None:
    async def scenario() -> SendState:
        outbox = MemoryOutbox()
        await outbox.begin(0.0)
        async with durable(Answers(), outbox) as client:
            with pytest.raises(OutboxBusyError):
                await client.send(message(key="k"))
            await outbox.end()
            await client.send(message(key="k"))
        return await state_of(outbox, "k")

    assert asyncio.run(scenario()) is SendState.ACCEPTED
