"""Connections that cannot be held open for nothing: time and octets of a request's head are limited.

uvicorn limits neither with its fast parser, so a client that sends one octet a minute would keep a connection for ever.
The time of a body is the business of who reads it. A fault may also want a connection to break, which ASGI cannot say:
``scope["extensions"]`` has a function for it.

The parser refuses a method that it has never heard of before anybody sees the path, where the API has a 405 with a body
of its own. So it is shown a method that it knows, and the application the one that came.
"""

import asyncio
import re
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from transports.simulator.answers import JSON_HEADERS

# RFC 9110, 5.6.2: a method is a token. A line may come in pieces, and empty ones before it are overread (9112, 2.2).
_METHOD: Final = re.compile(rb"[\r\n]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32})(?: |\Z)")
_KNOWN_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"OPTIONS", b"PATCH", b"TRACE"})
_STAND_IN: Final = b"TRACE"

HEAD_SECONDS: Final = 10.0
HEAD_OCTETS: Final = 64 * 1024
DROP: Final = "msgcore.drop"


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's connection with a limit on heads, and with JSON in the one answer that it gives itself."""

    head_seconds = HEAD_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._alarm: asyncio.TimerHandle | None = None
        self._head_octets = 0
        self._in_head = True
        self._method_octets = b""  # of a method that has not come whole
        self._unknown_method: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, and give it time for a first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let a connection go."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as a head has an end."""
        if self._in_head:
            if self._alarm is None:
                self._await_head()
            if not self._head_octets:
                data = self._with_known_method(data)
            self._head_octets += len(data)
            if not data:
                return
        super().data_received(data)
        # What came may have ended the head and begun a body; only a head without an end is too long.
        if self._in_head and self._head_octets > HEAD_OCTETS and not self.transport.is_closing():
            self._refuse(431, "request-header-fields-too-large", f"a head of at most {HEAD_OCTETS} octets is read")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if self._alarm is None:  # it came with the end of the request before
            self._await_head()
        self.scope["extensions"] = {DROP: self.transport.abort}  # type: ignore[dict-item]  # ASGI allows anything

    def on_headers_complete(self) -> None:
        """A head has ended."""
        self._in_head = False
        self._head_octets = 0
        self._stop_waiting()
        super().on_headers_complete()
        if self._unknown_method is not None:
            self.scope["method"], self._unknown_method = self._unknown_method, None

    def on_message_complete(self) -> None:
        """A body has ended: what comes next is a head."""
        super().on_message_complete()
        self._in_head = True

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the API's own form."""
        self._refuse(400, "request-validation", "this is no HTTP request that can be read")

    def _with_known_method(self, data: bytes) -> bytes:
        """Return the beginning of a head with a method that the parser knows; nothing, while it may be one."""
        data, self._method_octets = self._method_octets + data, b""
        found = _METHOD.match(data)
        if found is None:
            return data
        if found.end() == found.end(1):  # more of it may come, and the head has its time
            self._method_octets = data
            return b""
        if found[1] in _KNOWN_METHODS:
            return data
        self._unknown_method = found[1].decode("ascii")
        return _STAND_IN + data[found.end(1) :]

    def _await_head(self) -> None:
        self._alarm = self.loop.call_later(self.head_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    def _refuse(self, status: int, type_: str, description: str) -> None:
        body = msgspec.json.encode({"type": type_, "description": description})
        head = {**JSON_HEADERS, "content-length": str(len(body)), "connection": "close"}
        lines = b"".join(f"{name}: {value}\r\n".encode() for name, value in head.items())
        self.transport.write(STATUS_LINE[status] + lines + b"\r\n" + body)
        self.transport.close()
