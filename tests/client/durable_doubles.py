"""Clients over an outbox, messages with keys, and where a message stands."""

from collections.abc import Sequence

from msgcore.client import AsyncClient
from msgcore.delivery import SendState
from msgcore.errors import MsgcoreError
from msgcore.transport import Outbox
from msgcore.wire import Accepted, Message
from tests.client.doubles import APPLICATION_ID, Answers, JumpingClock, message


def keyed(count: int, **fields: str) -> list[Message]:
    return [message(number, key=f"k-{number}", **fields) for number in range(count)]


def durable(transport: object, outbox: Outbox, **options: object) -> AsyncClient:
    options = {"application_id": APPLICATION_ID, "outbox": outbox} | options
    if isinstance(transport, Answers):
        options = {"clock": JumpingClock()} | options
    return AsyncClient(transport, **options)  # type: ignore[arg-type]


async def sent(client: AsyncClient, messages: Sequence[Message]) -> list[tuple[str, Accepted | MsgcoreError]]:
    return [(each.text, outcome) async for each, outcome in client.send_many(messages)]


async def state_of(outbox: Outbox, key: str) -> SendState:
    [entry] = await outbox.find([key])
    assert entry is not None
    return entry.state
