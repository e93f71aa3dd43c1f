"""Connections that cannot be held open for nothing: time and octets of a head, and the time of a body, are limited.

uvicorn limits none of them with its fast parser, so a client that sends one octet a minute would keep a connection for
ever. A fault may also want a connection to break, which ASGI cannot say: ``scope["extensions"]`` has a function for it.

How this works. Nearly every request comes whole, in one piece, and nobody waits for anything. So what a client still
owes is looked at only when a piece has been read; and the alarm is not put off with every piece, which would cost more
than to read it: when it goes off it looks whether the time has come, and if not, sleeps on.

The parser refuses a method that it has never heard of before anybody sees the path, where the API has a 405 with a body
of its own. So it is shown a method that it knows, and the application the one that came.
"""

import asyncio
import re
from enum import Enum
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from transports.simulator.answers import JSON_HEADERS

# RFC 9110, 5.6.2: a method is a token. A line may come in pieces, and empty ones before it are overread (9112, 2.2).
_METHOD: Final = re.compile(rb"[\r\n]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32})(?: |\Z)")
_KNOWN_METHODS: Final = (b"POST ", b"GET ", b"PUT ", b"DELETE ", b"HEAD ", b"OPTIONS ", b"PATCH ", b"TRACE ")
_STAND_IN: Final = b"TRACE"

HEAD_SECONDS: Final = 10.0
PIECE_SECONDS: Final = 10.0
"""How long a client may take over the next piece of a body."""
BODY_SECONDS: Final = 120.0
"""How long a whole body may take, however it drips."""
HEAD_OCTETS: Final = 64 * 1024
DROP: Final = "msgcore.drop"


class _Owed(Enum):
    """What the client has begun, and not finished."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


# Looked at for every request, and as attributes of the class they would be looked up twice.
_NOTHING, _HEAD, _BODY = _Owed.NOTHING, _Owed.HEAD, _Owed.BODY


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's connection with limits on what it waits for, and with JSON in the one answer that it gives itself."""

    head_seconds = HEAD_SECONDS
    piece_seconds = PIECE_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._owed = _HEAD  # who connects owes a first one
        self._since = 0.0  # when the client began to owe it
        self._deadline = 0.0  # until when we wait for it
        self._alarm: asyncio.TimerHandle | None = None
        self._was_our_turn = False  # when the alarm last went off
        self._head_octets = 0
        self._method_octets = b""  # of a method that has not come whole
        self._unknown_method: str | None = None
        self._extensions: dict[str, Any] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, and give it time for a first head."""
        super().connection_made(transport)
        self._extensions = {DROP: transport.abort}
        self._since = self.loop.time()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as a head has an end."""
        if self._owed is not _BODY:
            if not self._head_octets and (self._method_octets or not data.startswith(_KNOWN_METHODS)):
                data = self._with_known_method(data)
            self._head_octets += len(data)
            if not data:
                self._owe_head()
                self._wait()
                return
        super().data_received(data)
        if self._owed is _NOTHING:
            return
        # What came may have ended the head and begun a body; only a head without an end is too long.
        if self._owed is _HEAD and self._head_octets > HEAD_OCTETS and not self.transport.is_closing():
            self._refuse(431, "request-header-fields-too-large", f"a head of at most {HEAD_OCTETS} octets is read")
        self._wait()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions
        self._owe_head()

    def on_headers_complete(self) -> None:
        """A head has ended: what comes next is a body, were it an empty one."""
        self._head_octets = 0
        self._owed = _BODY
        self._since = self.loop.time()
        super().on_headers_complete()
        if self._unknown_method is not None:
            self.scope["method"], self._unknown_method = self._unknown_method, None

    def on_message_complete(self) -> None:
        """A body has ended, and nothing is owed."""
        super().on_message_complete()
        self._owed = _NOTHING

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the API's own form."""
        self._refuse(400, "request-validation", "this is no HTTP request that can be read")

    def _with_known_method(self, data: bytes) -> bytes:
        """Return the beginning of a head with a method that the parser knows; nothing, while it may be one."""
        data, self._method_octets = self._method_octets + data, b""
        found = _METHOD.match(data)
        if found is None or data.startswith(_KNOWN_METHODS, found.start(1)):
            return data
        if found.end() == found.end(1):  # more of it may come
            self._method_octets = data
            return b""
        self._unknown_method = found[1].decode("ascii")
        return _STAND_IN + data[found.end(1) :]

    def _owe_head(self) -> None:
        if self._owed is not _HEAD:  # else it was owed from the start
            self._owed = _HEAD
            self._since = self.loop.time()

    def _wait(self) -> None:
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
            self._wait()
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

    def _refuse(self, status: int, type_: str, description: str) -> None:
        body = msgspec.json.encode({"type": type_, "description": description})
        head = {**JSON_HEADERS, "content-length": str(len(body)), "connection": "close"}
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items())
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()
