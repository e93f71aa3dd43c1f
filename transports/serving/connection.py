"""Connections that cannot be held open for nothing: their number, time and octets of a head, and the time of a body.

uvicorn limits none of them with its fast parser, so a client that sends one octet a minute would keep a connection for
ever.

How this works. Nearly every request comes whole, in one piece, and nobody waits for anything. So what a client still
owes is looked at only when a piece has been read; and the alarm is not put off with every piece, which would cost more
than to read it: when it goes off it looks whether the time has come, and if not, sleeps on.

Where there are as many connections as there may be, one that is kept for a next request gives way to one that comes:
its client expects no more than that. Where none is, who comes is sent away.
"""

import asyncio
from enum import Enum
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
PIECE_SECONDS: Final = 10.0
"""How long a client may take over the next piece of a body."""
BODY_SECONDS: Final = 120.0
"""How long a whole body may take, however it drips."""
HEAD_OCTETS: Final = 64 * 1024


class Owed(Enum):
    """What the client has begun, and not finished."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


# Looked at for every request, and as attributes of the class they would be looked up twice.
_NOTHING, _HEAD, _BODY = Owed.NOTHING, Owed.HEAD, Owed.BODY


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's connection with limits on what it waits for."""

    head_seconds = HEAD_SECONDS
    piece_seconds = PIECE_SECONDS
    most_connections: int | None = None
    """How many there may be at a time, of one server; ``None`` for any number."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._owed = _HEAD  # who connects owes a first one
        self._since = 0.0  # when the client began to owe it
        self._deadline = 0.0  # until when we wait for it
        self._alarm: asyncio.TimerHandle | None = None
        self._was_our_turn = False  # when the alarm last went off
        self._head_octets = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, if there is room for it, and give it time for a first head."""
        super().connection_made(transport)
        if self.most_connections is not None and len(self.connections) > self.most_connections:
            for other in self.connections:
                if isinstance(other, GuardedProtocol) and other.is_idle:
                    other.transport.close()
                    break
            else:
                transport.abort()
                return
        self._since = self.loop.time()
        self.wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as a head has an end."""
        if self._owed is not _BODY:
            self._head_octets += len(data)
        super().data_received(data)
        if self._owed is _NOTHING:
            return
        # What came may have ended the head and begun a body; only a head without an end is too long.
        if self._owed is _HEAD and self._head_octets > HEAD_OCTETS and not self.transport.is_closing():
            self.refuse(431, "request-header-fields-too-large", f"a head of at most {HEAD_OCTETS} octets is read")
        self.wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.owe_head()

    def on_headers_complete(self) -> None:
        """A head has ended: what comes next is a body, were it an empty one."""
        self._head_octets = 0
        self._owed = _BODY
        self._since = self.loop.time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A body has ended, and nothing is owed."""
        super().on_message_complete()
        self._owed = _NOTHING

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self.refuse(400, "request-validation", "this is no HTTP request that can be read")

    def refuse(self, status: int, type_: str, description: str) -> None:
        """Answer what the application never sees, and end the connection."""
        body, content_type = self.refusal(type_, description)
        lines = f"content-type: {content_type}\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[status] + lines.encode() + body)
        self.transport.close()

    def refusal(self, type_: str, description: str) -> tuple[bytes, str]:
        """Return the body of such an answer, and what it is."""
        return f"{description}\n".encode(), "text/plain; charset=utf-8"

    @property
    def is_idle(self) -> bool:
        """Whether it is only kept for a request that may come: one was answered, and nothing has come since."""
        cycle: RequestResponseCycle | None = self.cycle  # none before the first request
        is_answered = cycle is not None and cycle.response_complete
        return self._owed is _NOTHING and is_answered and not self.transport.is_closing()

    @property
    def owes_head(self) -> bool:
        """Whether what comes next begins a head, and not so much as an octet of it has come."""
        return self._owed is not _BODY and not self._head_octets

    def owe_head(self) -> None:
        """Note that a head has begun."""
        if self._owed is not _HEAD:  # else it was owed from the start
            self._owed = _HEAD
            self._since = self.loop.time()

    def wait(self) -> None:
        """Wait for what is owed, from now on."""
        if self._owed is _HEAD:
            self._deadline = self._since + self.head_seconds
        else:
            self._deadline = min(self._since + BODY_SECONDS, self.loop.time() + self.piece_seconds)
        self._set_alarm()

    def _set_alarm(self) -> None:
        if self._alarm is None:
            self._alarm = self.loop.call_at(self._deadline, self._look)

    def _look(self) -> None:
        """Cut who is too slow; wait on for who is not, and for nobody where nothing is owed."""
        self._alarm = None
        if self._owed is _NOTHING or self.transport.is_closing():
            return
        now = self.loop.time()
        is_our_turn, was_our_turn = self._is_our_turn(), self._was_our_turn
        self._was_our_turn = is_our_turn
        if is_our_turn or was_our_turn:  # the client's time begins with its turn, which was after the last look
            self._since = now
            self.wait()
        elif self._deadline <= now:
            self.transport.abort()
        else:
            self._set_alarm()

    def _is_our_turn(self) -> bool:
        """Whether the client may well wait for us: for its answer, or until somebody here asks for the body."""
        if self._owed is _HEAD:
            cycle: RequestResponseCycle | None = self.cycle  # none before the first request
            return cycle is not None and not cycle.response_complete
        return self.flow.read_paused or self.cycle.waiting_for_100_continue


__all__ = ["HEAD_OCTETS", "HEAD_SECONDS", "GuardedProtocol"]
