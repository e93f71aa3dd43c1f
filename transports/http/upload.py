"""A long or streamed body goes out piece by piece, as fast as the peer takes it."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any

from msgcore.errors import TransportError
from msgcore.wire import Response
from transports.http.connection import Connection

# As much as the event loop takes at once before it asks to pause; a longer body is written in pieces of this size, so
# that a slow peer which still takes something is told from one that has stopped.
PIECE_OCTETS = 65_536


async def send_pieces(
    connection: Connection,
    answer: "asyncio.Future[Response]",
    head: bytes,
    body: bytes | AsyncIterable[bytes],
    length: int | None,
) -> Response:
    """Send a request whose body comes in pieces, and return the answer, which may come before the last of them.

    The pieces go out in a task of their own, so that an early answer, or a deadline, also ends a body that hangs.
    """
    pieces = _slices(body) if isinstance(body, bytes) else aiter(body)
    sending = asyncio.ensure_future(_send(connection, answer, head, pieces, length))
    try:
        return await answer
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)


async def _send(
    connection: Connection,
    answer: "asyncio.Future[Response]",
    head: bytes,
    pieces: AsyncIterator[bytes],
    length: int | None,
) -> None:
    try:
        await _write(connection, head, pieces, length)
    except Exception as error:  # of the caller's own stream: what went out is no whole request
        if not answer.done():
            reason = error.args[0] if isinstance(error, _LengthError) else f"its body broke off: {type(error).__name__}"
            failure = TransportError(f"the request: {reason}", may_have_been_accepted=connection.has_written)
            failure.__cause__ = error
            connection.fail(failure)
    finally:
        await _close(pieces)


async def _write(connection: Connection, head: bytes, pieces: AsyncIterator[bytes], length: int | None) -> None:
    octets = 0
    connection.expect_piece()
    async for piece in pieces:
        if not isinstance(piece, bytes):
            raise TypeError(f"a body must yield bytes, not {type(piece).__name__}")
        octets += len(piece)
        if length is not None and octets > length:
            raise _LengthError(f"its body is longer than the {length} octets announced")
        # An empty chunk would end a chunked body.
        if piece:
            await connection.write_piece(head + (piece if length is not None else _chunk(piece)))
            head = b""
            connection.expect_piece()
    if length is not None and octets < length:
        raise _LengthError(f"its body has {octets} octets, {length} were announced")
    await connection.write_piece(head + (b"0\r\n\r\n" if length is None else b""))
    connection.end_request()


def _chunk(piece: bytes) -> bytes:
    """RFC 9112, 7.1: the size in hexadecimal digits, then the data."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


async def _slices(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE_OCTETS):
        yield body[start : start + PIECE_OCTETS]


async def _close(pieces: Any) -> None:
    """A generator left in its middle would stay there until it is collected."""
    close = getattr(pieces, "aclose", None)
    if close is not None:
        await close()


class _LengthError(Exception):
    """The body is not as long as its head said."""


__all__ = ["PIECE_OCTETS", "send_pieces"]
