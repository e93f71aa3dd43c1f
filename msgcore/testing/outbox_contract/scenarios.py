"""What the scenarios of the contract are made of: messages, outcomes, and what an outbox says of itself."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from msgcore.delivery import Conclusion, Delivery, DeliveryState, Entry, OutboxCounts, Outcome, SendState
from msgcore.errors import MsgcoreError
from msgcore.transport import Outbox
from msgcore.wire import Message

MakeOutbox = Callable[[], Outbox]
OpenAgain = Callable[[Outbox], Outbox]

_Raised = TypeVar("_Raised", bound=MsgcoreError)

RECIPIENT = "+19195550123"


def text_message(text: str = "hello", key: str | None = None, **fields: Any) -> Message:
    """Return a plain message."""
    return Message(to=RECIPIENT, from_="+19195550100", text=text, key=key, **fields)


def conclusion(number: int, message_id: str, at: float, state: DeliveryState = DeliveryState.DELIVERED) -> Conclusion:
    """Return the end of an accepted message."""
    return Conclusion(number, (Delivery(message_id, RECIPIENT, state),), at)


def accepted(number: int, attempt: int, message_id: str | None, at: float = 3.0) -> Outcome:
    """Return the outcome of an attempt that the provider has answered with 202."""
    return Outcome(number, attempt, SendState.ACCEPTED, at, message_id=message_id, segment_count=1)


async def entries_of(outbox: Outbox, state: SendState | None = None, **options: Any) -> list[Entry]:
    """Return what the outbox lists."""
    return [entry async for entry in outbox.entries(state, **options)]


async def raised(kind: type[_Raised], awaitable: Awaitable[object]) -> _Raised:
    """Return the error that ``awaitable`` ends with."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}")


async def counted(outbox: Outbox) -> OutboxCounts:
    """Count anew what the outbox says that it keeps count of."""
    counts = dict.fromkeys(OutboxCounts._fields, 0)
    for entry in await entries_of(outbox):
        counts["final" if entry.deliveries else entry.state.value] += 1
    return OutboxCounts(**counts)


async def dispatching(outbox: Outbox, *messages: Message) -> Outbox:
    """Put messages and become the dispatcher."""
    await outbox.put(messages, now=1.0)
    await outbox.begin(now=2.0)
    return outbox


def numbers_of(entries: Sequence[Entry]) -> list[int]:
    """Return the numbers of entries."""
    return [entry.number for entry in entries]


def run_with(make_outbox: MakeOutbox, scenario: Callable[[Outbox], Awaitable[None]]) -> None:
    """Run a scenario with a new outbox, and close that whatever happens."""

    async def run() -> None:
        outbox = make_outbox()
        try:
            await scenario(outbox)
        finally:
            await outbox.aclose()

    asyncio.run(run())
