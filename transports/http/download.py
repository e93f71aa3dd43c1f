"""The body of an answer that is too long to be handed over whole: read piece by piece, with back pressure."""

import asyncio
from collections import deque
from typing import Protocol, Self

from msgcore.errors import TransportError

# Above this the connection is not read any further until the reader has caught up.
_MOST_WAITING = 262_144


class Source(Protocol):
    """The connection, as the reader of a body needs it."""

    def read_on(self, go_on: bool, /) -> None:
        """Read further from the peer, or no further for now."""
        ...

    def expect_answer(self, awaited: bool, /) -> None:
        """Let the deadline run, because somebody waits for the next piece, or let it rest."""
        ...

    def abort(self) -> None:
        """Give the connection up."""
        ...


class Download:
    """What has come and was not read yet, between a connection and a reader."""

    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self._source = source
        self._loop = loop
        self._pieces: deque[bytes] = deque()
        self._octets = 0
        self._error: TransportError | None = None
        self._over = False
        self._reader: asyncio.Future[None] | None = None

    def add(self, pieces: list[bytes]) -> None:
        """Take in what has come from the peer."""
        self._pieces.extend(pieces)
        self._octets += sum(map(len, pieces))
        self._wake()
        self._balance()

    def _balance(self) -> None:
        """The peer is read only as fast as its body is taken."""
        if not self._over:
            self._source.read_on(self._octets <= _MOST_WAITING)

    def end(self, error: TransportError | None = None) -> None:
        """No more will come, because the body is whole or because of ``error``."""
        if not self._over:
            self._over, self._error = True, error
            self._wake()

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def next(self) -> bytes | None:
        """Return the next piece, ``None`` at the end."""
        while not self._pieces:
            if self._over:
                if self._error is not None:
                    raise self._error
                return None
            if self._reader is not None:
                raise RuntimeError("the body of an answer has one reader at a time")
            self._reader = self._loop.create_future()
            self._source.expect_answer(True)
            try:
                await self._reader
            finally:
                self._reader = None
                if not self._over:  # else the connection may have another exchange already
                    self._source.expect_answer(False)
        piece = self._pieces.popleft()
        self._octets -= len(piece)
        self._balance()
        return piece

    def abandon(self) -> None:
        """Nobody will read on."""
        if not self._over:
            self._over = True
            self._source.abort()
        self._pieces.clear()

    def abandon_from_any_thread(self) -> None:
        """The same, for a collector that may run anywhere."""
        if not self._over and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.abandon)


class BodyStream:
    """The pieces of a long body, once, in order; ``aclose`` gives up the rest, and so does forgetting it.

    While it is read the exchange is not over: it holds its connection, and a break in the middle raises TransportError.
    """

    def __init__(self, download: Download) -> None:
        self._download = download

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._download.next()
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def aclose(self) -> None:
        """Read no further; the connection is closed unless the body was whole."""
        self._download.abandon()

    def __del__(self) -> None:
        self._download.abandon_from_any_thread()


__all__ = ["BodyStream", "Download", "Source"]
