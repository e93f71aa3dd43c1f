"""What ASGI speaks, in the few words that are needed here: a request's body read within limits, and an answer written.

How long a client may take over a body is the business of its connection, which lets go of one that takes longer.

Source: ASGI specification, HTTP connection scope.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, NamedTuple, TypeAlias

from msgcore.wire.exchange import Response
from transports.simulator.answers import JSON_HEADERS

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PIECE_SECONDS: Final = 10.0
"""How long a client may take to take a piece of an answer."""
DISCARDED_OCTETS: Final = 16 * 2**20
"""How much of a body that is too long is read and thrown away, so that its sender gets to read the answer."""
_PIECE_OCTETS: Final = 64 * 1024
_JSON_HEADERS: Final = tuple((name.encode(), value.encode()) for name, value in JSON_HEADERS.items())


class DisconnectError(Exception):
    """The client is gone, or too slow to wait for."""


class Body(NamedTuple):
    """What was read: ``octet_count`` may be more than is in ``content``, and more may have been coming."""

    content: bytes
    octet_count: int
    is_whole: bool


async def read_body(receive: Receive, limit: int) -> Body:
    """Read a body, of which no more than one octet beyond ``limit`` is kept.

    Raises:
        DisconnectError: the client went, or took too long.
    """
    pieces: list[bytes] = []
    octet_count = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise DisconnectError
        piece = message.get("body", b"")
        if octet_count <= limit:
            pieces.append(piece[: limit + 1 - octet_count])
        octet_count += len(piece)
        more = message.get("more_body", False)
        if not more or octet_count > max(limit, DISCARDED_OCTETS):
            return Body(pieces[0] if len(pieces) == 1 else b"".join(pieces), octet_count, not more)


async def respond(send: Send, response: Response, *, closes: bool = False) -> None:
    """Write an answer; a long one in pieces, each of which has to be taken in time.

    Raises:
        DisconnectError: the client takes nothing.
    """
    body = response.body
    assert isinstance(body, bytes), "the engine answers with whole bodies"
    await send({"type": "http.response.start", "status": response.status, "headers": _headers(response, closes)})
    if len(body) <= _PIECE_OCTETS:
        await send({"type": "http.response.body", "body": body})
        return
    try:
        for start in range(0, len(body), _PIECE_OCTETS):
            end = start + _PIECE_OCTETS
            async with asyncio.timeout(PIECE_SECONDS):
                await send({"type": "http.response.body", "body": body[start:end], "more_body": end < len(body)})
    except TimeoutError as error:
        raise DisconnectError from error


async def stream(send: Send, headers: Mapping[str, str], pieces: AsyncIterator[bytes]) -> None:
    """Write an answer whose length nobody knows beforehand; each piece has to be taken in time.

    Raises:
        DisconnectError: the client takes nothing.
    """
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(name.encode("latin-1"), _value(value)) for name, value in headers.items()],
        }
    )
    try:
        async for piece in pieces:
            async with asyncio.timeout(PIECE_SECONDS):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)  # others have their turn: a million rows take seconds
        await send({"type": "http.response.body", "body": b""})
    except TimeoutError as error:
        raise DisconnectError from error


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request, names in lower case; of those given twice, the last."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def _headers(response: Response, closes: bool) -> list[tuple[bytes, bytes]]:
    if response.headers is JSON_HEADERS:  # as nearly always
        headers = [*_JSON_HEADERS]
    else:
        headers = [(name.encode("latin-1"), _value(value)) for name, value in response.headers.items()]
    if response.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(response.body)))  # type: ignore[arg-type]  # asserted above
    if closes:
        headers.append((b"connection", b"close"))
    return headers


def _value(value: str) -> bytes:
    # Types of media come back as they were given, but a line break in a header would be a second header.
    return value.encode("latin-1", "replace").translate(None, b"\r\n\0")


def whole_path(scope: Scope) -> str:
    """Return the path as it was sent, percent-encoded."""
    raw: bytes = scope.get("raw_path") or str(scope["path"]).encode()
    return raw.partition(b"?")[0].decode("latin-1")
