"""The simulator's connections: guarded, breakable, open to methods that nobody knows, and with JSON in every answer.

A fault may want a connection to break, which ASGI cannot say: ``scope["extensions"]`` has a function for it.

The parser refuses a method that it has never heard of before anybody sees the path, where the API has a 405 with a body
of its own. So it is shown a method that it knows, and the application the one that came.
"""

import asyncio
import re
from typing import Any, Final

import msgspec

from transports.serving.connection import GuardedProtocol
from transports.simulator.answers import JSON_HEADERS

# RFC 9110, 5.6.2: a method is a token. A line may come in pieces, and empty ones before it are overread (9112, 2.2).
_METHOD: Final = re.compile(rb"[\r\n]*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32})(?: |\Z)")
_KNOWN_METHODS: Final = (b"POST ", b"GET ", b"PUT ", b"DELETE ", b"HEAD ", b"OPTIONS ", b"PATCH ", b"TRACE ")
_STAND_IN: Final = b"TRACE"

DROP: Final = "msgcore.drop"


class SimulatorProtocol(GuardedProtocol):
    """A connection to the simulator's server."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._method_octets = b""  # of a method that has not come whole
        self._unknown_method: str | None = None
        self._extensions: dict[str, Any] = {}

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, and note how it is broken."""
        super().connection_made(transport)
        self._extensions = {DROP: transport.abort}

    def data_received(self, data: bytes) -> None:
        """Read on, once the method of a head is there."""
        if self.owes_head and (self._method_octets or not data.startswith(_KNOWN_METHODS)):
            data = self._with_known_method(data)
            if not data:
                self.owe_head()
                self.wait()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope["extensions"] = self._extensions

    def on_headers_complete(self) -> None:
        """A head has ended, and the application is to see the method that came."""
        super().on_headers_complete()
        if self._unknown_method is not None:
            self.scope["method"], self._unknown_method = self._unknown_method, None

    def refusal(self, type_: str, description: str) -> tuple[bytes, str]:
        """Return an answer in the API's own form."""
        return msgspec.json.encode({"type": type_, "description": description}), JSON_HEADERS["content-type"]

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


__all__ = ["DROP", "SimulatorProtocol"]
