"""A server in a few lines: what ASGI says to an application, and what it is answered."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable, MutableMapping
from typing import Any, NamedTuple

from msgcore.delivery import Arrival
from msgcore.errors import OutboxError
from transports import MemoryCallbackStore

JSON = ("content-type", "application/json; charset=utf-8")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


async def post(
    app: Any,
    *pieces: bytes,
    method: str = "POST",
    path: str = "/callbacks",
    root_path: str = "",
    headers: Iterable[tuple[str, str]] = (JSON,),
    end: str = "whole",
) -> Answer | None:
    """Post a body in pieces; ``end`` is ``whole``, ``disconnect`` or ``stall``. ``None``: it was not answered."""
    coming: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces or (b"",)
    ]
    if end == "whole":
        coming[-1]["more_body"] = False
    elif end == "disconnect":
        coming.append({"type": "http.disconnect"})
    told: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        if not coming:
            await asyncio.Event().wait()
        return coming.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": root_path,
        "query_string": b"",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
    }
    await app(scope, receive, send)
    if not told:
        return None
    start, body = told
    found = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], found, body["body"])


def basic(user: str, password: str, coding: str = "utf-8") -> tuple[str, str]:
    return "authorization", "Basic " + b64encode(f"{user}:{password}".encode(coding)).decode()


class FailingStore(MemoryCallbackStore):
    """A store whose disk is full, or that takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.is_full = True
        self.delay: asyncio.Event | None = None

    async def add(self, items: Any, now: float) -> Any:
        if self.delay is not None:
            await self.delay.wait()
        elif self.is_full:
            raise OutboxError("the disk is full")
        arrivals: list[Arrival] = list(await super().add(items, now))
        return arrivals
