"""What ASGI brings and takes, as far as a receiver is concerned: a head looked over, a body read, an answer given.

Source: ASGI specification 2.4, HTTP connection scope.
"""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, NamedTuple, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class DisconnectError(Exception):
    """The client went before its body was whole."""


class TooLargeError(Exception):
    """The body is longer than is read."""


class Head(NamedTuple):
    """The headers that a receiver looks at; absent ones are empty."""

    authorization: bytes = b""
    content_type: bytes = b""
    content_encoding: bytes = b""
    content_length: bytes = b""


_FIELDS: Final = {name.replace("_", "-").encode(): name for name in Head._fields}


def read_head(scope: Scope) -> Head:
    """Return what is of interest; of headers given twice, the last."""
    found = {}
    for name, value in scope["headers"]:
        field = _FIELDS.get(name)
        if field is not None:
            found[field] = value
    return Head(**found)


async def read_body(receive: Receive, limit: int) -> bytes:
    """Read a body of at most ``limit`` octets.

    Raises:
        DisconnectError: the client went.
        TooLargeError: it is longer.
    """
    pieces: list[bytes] = []
    octet_count = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise DisconnectError
        piece: bytes = message.get("body", b"")
        octet_count += len(piece)
        if octet_count > limit:
            raise TooLargeError
        if not message.get("more_body", False):
            return b"".join((*pieces, piece)) if pieces else piece
        pieces.append(piece)


class Answer:
    """An answer, made once and given many times."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, text: str = "", headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
        self.status = status
        self.body = text.encode()
        self.headers = [(b"content-length", b"%d" % len(self.body)), *headers]
        if text:
            self.headers.append((b"content-type", b"text/plain; charset=utf-8"))

    async def give(self, send: Send) -> None:
        """Write it; the list of headers is the server's, and whatever stands before it may add to it."""
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers]})
        await send({"type": "http.response.body", "body": self.body})


__all__ = ["Answer", "DisconnectError", "Head", "Receive", "Scope", "Send", "TooLargeError", "read_body", "read_head"]
