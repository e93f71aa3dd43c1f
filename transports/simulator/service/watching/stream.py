"""Server-sent events: messages as something happens to them, and once a second how the whole account stands.

How this works. A follower's place in the log is the id of the last event he got, so one who was cut off says it in
``Last-Event-ID`` and goes on where he was; the state of the account has no id, since only the latest counts. Events
are written only as fast as they are taken: while a piece is on its way nothing is collected for the next.

Source: WHATWG HTML, 9.2, server-sent events.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from transports.simulator.provider import Tenant
from transports.simulator.service.asgi import PIECE_SECONDS
from transports.simulator.service.clock import ServiceClock
from transports.simulator.service.connection import DROP
from transports.simulator.service.watching.feed import Feed, Position
from transports.simulator.service.watching.filters import Filter
from transports.simulator.service.watching.states import state_of_account
from transports.simulator.service.watching.summaries import summary_of

BATCH: Final = 200
STATE_SECONDS: Final = 1.0
RETRY_MILLISECONDS: Final = 1000
_BREATH_SECONDS: Final = 0.1
"""Between two batches: an eye is no faster."""


def read_position(text: str) -> Position | None:
    """Return what an event's id means; ``None`` for what was never one.

    >>> read_position("9f3c-12"), read_position("12")
    (Position(log='9f3c', number=12), None)
    """
    log, dash, number = text.rpartition("-")
    return Position(log, int(number)) if dash and number.isascii() and number.isdigit() and len(number) < 19 else None


def frame(event: str, data: Any, id: str | None = None) -> bytes:
    r"""Write one event. JSON has no line breaks outside of strings, and inside they are escaped: one line of data.

    >>> frame("state", {"now": 1.5, "text": "a\nb"}, id="x-1")
    b'id: x-1\nevent: state\ndata: {"now":1.5,"text":"a\\nb"}\n\n'
    """
    head = "" if id is None else f"id: {id}\n"
    return f"{head}event: {event}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


async def follow(
    feed: Feed, tenant: Tenant, wanted: Filter, last: Position | None, clock: ServiceClock
) -> AsyncIterator[bytes]:
    """Write events for one follower, for as long as he takes them.

    A new follower gets ``reset``: to ask for the list afresh. ``messages`` are lines as they are now, and the ids of
    those that ``wanted`` does not find (any more).
    """
    loop = asyncio.get_running_loop()
    yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
    told_at = -STATE_SECONDS
    position = last
    while not feed.is_closed:
        log = feed.log(tenant)
        found = None if position is None else log.since(position, BATCH)
        if found is None:
            position = log.end
            yield frame("reset", {}, str(position))
        elif found[0]:
            ids, position = found
            yield frame("messages", _lines(tenant, ids, wanted), str(position))
        is_behind = position != log.end
        if loop.time() >= told_at + STATE_SECONDS:
            told_at = loop.time()
            yield frame("state", state_of_account(tenant, clock, feed.sample(tenant, clock.now())))
        if not is_behind:
            await asyncio.sleep(_BREATH_SECONDS)
            if feed.log(tenant).end == position:
                await feed.change(max(0.0, told_at + STATE_SECONDS - loop.time()))


def _lines(tenant: Tenant, ids: list[str], wanted: Filter) -> dict[str, Any]:
    engine = tenant.engine
    lines, others = [], []
    for message_id in ids:
        message = engine.history.get(message_id)
        if message is not None and wanted.fits(message, engine.inspector):
            lines.append(summary_of(message, engine))
        else:
            others.append(message_id)
    return {"lines": lines, "others": others}


class EventStream(Response):
    """An answer that goes on until its reader leaves, takes nothing for too long, or the server ends."""

    def __init__(self, feed: Feed, events: AsyncIterator[bytes]) -> None:
        super().__init__(
            headers={"cache-control": "no-store", "x-accel-buffering": "no"}, media_type="text/event-stream"
        )
        del self.headers["content-length"]
        self._feed = feed
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write until it ends."""
        self._feed.enter()
        writing = asyncio.create_task(self._write(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait([writing, leaving], return_when=asyncio.FIRST_COMPLETED)
            if writing.done() and writing.exception() is not None:
                scope["extensions"][DROP]()  # its reader is too slow: he may come back and say where he was
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)
            self._feed.leave()

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async for piece in self._events:
            async with asyncio.timeout(PIECE_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
