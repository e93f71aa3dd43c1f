"""``retry_failed``: once more, for a reason that passes; never after 9902, and never for one recipient of a group."""

import asyncio
from collections.abc import Sequence

import pytest

from msgcore.delivery import Delivery, DeliveryState, OutboxCounts, may_be_sent_again
from msgcore.wire import Message
from tests.client.doubles import message
from tests.client.durable_doubles import durable
from transports import MemoryOutbox, SimulatorTransport

PASSES = 4780  # a carrier's limit for now: the catalogue says that a retry can help


async def followed(client_options: dict[str, object], messages: Sequence[Message]) -> tuple[int, OutboxCounts]:
    posts = 0
    outbox = MemoryOutbox()

    class Counting(SimulatorTransport):
        async def exchange(self, request):  # type: ignore[no-untyped-def]
            nonlocal posts
            posts += request.method == "POST"
            return await super().exchange(request)

    async with durable(Counting(rate=10), outbox, **client_options) as client:
        async for _ in client.send_many(messages):
            pass
        for _ in range(4):
            await client.wait_until_final()
            async for _ in client.deliver():
                pass
    return posts, outbox.counts()


@pytest.mark.parametrize(("code", "posts"), [(PASSES, 2), (9902, 1), (9999, 1), (4720, 1), (4700, 1)])
def test_only_a_reason_that_passes_is_tried_once_more(code: int, posts: int) -> None:
    messages = [message(tag=f"sim:code={code}", key="k")]
    assert asyncio.run(followed({"retry_failed": True, "rate": 10}, messages))[0] == posts
    assert asyncio.run(followed({"rate": 10}, messages))[0] == 1


def test_a_group_is_never_sent_again() -> None:
    group = Message(
        to=["+19195550123", "+19195550124"], from_="+19195550100", text="hello", tag=f"sim:code={PASSES}", key="k"
    )
    posts, counts = asyncio.run(followed({"retry_failed": True, "rate": 10}, [group]))
    assert (posts, counts.final) == (1, 1)


def test_a_key_of_any_length_or_form_is_tried_once_more() -> None:
    keys = ["k" * 5000, "ключ", "a-retry", "-retry"]
    messages = [message(number, tag=f"sim:code={PASSES}", key=key) for number, key in enumerate(keys)]
    assert asyncio.run(followed({"retry_failed": True, "rate": 10}, messages))[0] == 2 * len(keys)


def test_a_key_that_is_taken_stops_nothing() -> None:
    messages = [message(0, tag=f"sim:code={PASSES}", key="k"), message(1, key="k-retry"), message(2, key="other")]
    posts, counts = asyncio.run(followed({"retry_failed": True, "rate": 10}, messages))
    assert (posts, counts.final) == (3, 3)


def delivery(state: DeliveryState, code: int | None, *, conflicting: bool = False) -> Delivery:
    return Delivery("m-1", "+19195550123", state, code, conflicting)


def test_neither_a_group_nor_a_doubtful_failure_may_be_sent_again() -> None:
    passing = delivery(DeliveryState.FAILED, PASSES)
    assert may_be_sent_again([passing])
    assert not may_be_sent_again([passing, passing])
    assert not may_be_sent_again([delivery(DeliveryState.FAILED, PASSES, conflicting=True)])
    assert not may_be_sent_again([delivery(DeliveryState.UNCONFIRMED, 9902)])
    assert not may_be_sent_again([delivery(DeliveryState.FAILED, None)])
    assert not may_be_sent_again([delivery(DeliveryState.DELIVERED, None)])
