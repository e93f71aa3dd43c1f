"""The receiver of callbacks: whatever is posted is answered, and what is answered 200 is kept."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from msgcore.errors import CallbackError
from msgcore.wire import Route, UnknownEvent, callback_items, decode_callbacks, route_callbacks, route_item
from tests.fuzz.target import Target
from tests.fuzz.wire import SAMPLES
from transports import CallbackReceiver, MemoryCallbackStore

LONGEST_OCTETS = 2000
STATUSES = {200, 400, 401, 404, 405, 408, 413, 415}
CREDENTIALS = b"authorization: Basic aG9va3M6c2VjcmV0\n\n"  # hooks:secret


def check_receiver(data: bytes) -> None:
    """Header lines, an empty line, a body: posted in pieces as long as the first octet says."""
    head, _, body = data.partition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n")]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in lines]
    asyncio.run(_post(headers, body, max(1, data[0] if data else 0)))


async def _post(headers: list[tuple[bytes, bytes]], body: bytes, step: int) -> None:
    pieces = [body[start : start + step] for start in range(0, len(body), step)] or [b""]
    coming: list[dict[str, Any]] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    coming[-1]["more_body"] = False
    told: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return coming.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    async with MemoryCallbackStore() as store:
        receiver = CallbackReceiver(store, credentials=[("hooks", "secret")], max_body_octets=LONGEST_OCTETS)
        scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
        await receiver(scope, receive, send)
        assert told[0]["status"] in STATUSES
        kept = [event.raw for event in await store.read(0, LONGEST_OCTETS)]
        quarantined = [item.raw for item in await store.quarantined(limit=LONGEST_OCTETS)]
    if told[0]["status"] == 200:
        # Nothing of an array is left out; what is there twice is kept once.
        assert set(kept + quarantined) <= set(callback_items(body))
        keys = {route.key for route in route_callbacks(body) if isinstance(route, Route)}
        assert len(keys) == len(kept)
        broken = {route.item for route in route_callbacks(body) if isinstance(route, UnknownEvent)}
        assert broken == set(quarantined)
    else:
        assert not kept
        assert not quarantined


def check_routing(body: bytes) -> None:
    """What is routed is what would be decoded; a key is the same either way."""
    try:
        events = decode_callbacks(body)
    except CallbackError:
        # Stepping over what it does not read, a router may take what a reader does not, and never the reverse.
        try:
            routes = route_callbacks(body)
        except CallbackError:
            return
        events = [route.event if isinstance(route, Route) else route for route in routes]
    routes = route_callbacks(body)
    items = callback_items(body)
    assert len(routes) == len(events) == len(items)
    for event, route, item in zip(events, routes, items, strict=True):
        assert route.item == item
        alone = route_item(item)
        key = event.deduplication_key
        if isinstance(route, Route):
            assert isinstance(alone, Route)
            assert route.key == alone.key
            assert key in (None, route.key)
            assert route.message_id == route.key[0]
            hash(route)
            repr(route)
        else:
            assert key is None
            assert isinstance(alone, UnknownEvent)


TARGETS = {
    "receiver": Target(check_receiver, tuple(b"a: b\n" + CREDENTIALS + body for body in SAMPLES)),
    "routing": Target(check_routing, SAMPLES),
}
