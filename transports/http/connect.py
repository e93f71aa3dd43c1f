"""From nothing to a connection: name, TCP, a proxy's CONNECT if there is one, TLS.

Whatever goes wrong here is a ConnectError: not one octet of a request has been written.
"""

import asyncio
import re
import ssl

from msgcore.errors import ConnectError
from transports.http.connection import Connection
from transports.http.origin import Origin
from transports.http.proxy import Proxy

# A peer that does not say goodbye must not hold its place, or aclose().
_GOODBYE_SECONDS = 1.0

_MOST_ANSWER_OCTETS = 16_384
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r\n)")


class Connector:
    """Opens connections to one origin."""

    def __init__(self, origin: Origin, context: ssl.SSLContext | None, proxy: Proxy | None) -> None:
        self._origin = origin
        self._context = context if origin.scheme == "https" else None
        self._proxy = proxy

    async def connect(self, loop: asyncio.AbstractEventLoop, connection: Connection) -> None:
        """Connect ``connection``.

        Raises:
            ConnectError: why it could not be done.
        """
        try:
            if self._proxy is None:
                await self._connect(loop, connection)
            else:
                await self._connect_through(self._proxy, loop, connection)
        except (OSError, UnicodeError) as error:  # ssl.SSLError and TimeoutError are OSErrors
            raise ConnectError(f"{self}: {_reason(error)}") from error

    async def _connect(self, loop: asyncio.AbstractEventLoop, connection: Connection) -> None:
        await loop.create_connection(
            lambda: connection,
            self._origin.host,
            self._origin.port,
            ssl=self._context,
            ssl_shutdown_timeout=None if self._context is None else _GOODBYE_SECONDS,
        )

    async def _connect_through(self, proxy: Proxy, loop: asyncio.AbstractEventLoop, connection: Connection) -> None:
        transport, tunnel = await loop.create_connection(lambda: _Tunnel(loop), proxy.host, proxy.port)
        try:
            transport.write(proxy.connect_request(self._origin.tunnel))
            await tunnel.answered
            if self._context is None:
                transport.set_protocol(connection)
                connection.connection_made(transport)
            else:
                await self._secure(self._context, loop, transport, connection)
        except BaseException:
            transport.abort()
            raise

    async def _secure(
        self,
        context: ssl.SSLContext,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        connection: Connection,
    ) -> None:
        secured = await loop.start_tls(
            transport,
            connection,
            context,
            server_hostname=self._origin.host,
            ssl_shutdown_timeout=_GOODBYE_SECONDS,
        )
        if secured is None:
            raise ConnectionResetError("the connection was lost during the TLS handshake")
        connection.connection_made(secured)  # start_tls() does not say it

    def __str__(self) -> str:
        return f"{self._origin}{'' if self._proxy is None else f' through {self._proxy}'}"


class _Tunnel(asyncio.Protocol):
    """Waits for a proxy's answer to CONNECT; what follows its head belongs to the peer, which has said nothing yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.answered: asyncio.Future[None] = loop.create_future()
        self._octets = b""

    def data_received(self, data: bytes) -> None:
        self._octets += data
        head, end, rest = self._octets.partition(b"\r\n\r\n")
        if not end and len(self._octets) <= _MOST_ANSWER_OCTETS:
            return
        status = _STATUS_LINE.match(head + b"\r\n")
        if not end or status is None or (rest and status[1][:1] == b"2"):
            self._fail(ConnectionError("the proxy's answer to CONNECT is no answer"))
        elif not status[1].startswith(b"2"):
            self._fail(ConnectionError(f"the proxy answers {status[1].decode()} to CONNECT"))
        elif not self.answered.done():
            self.answered.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail(ConnectionError(f"the proxy closed the connection{'' if exc is None else f': {exc}'}"))

    def _fail(self, error: ConnectionError) -> None:
        if not self.answered.done():
            self.answered.set_exception(error)
            self.answered.exception()  # seen, should nobody wait for it any more


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}"
    return str(error) or type(error).__name__


__all__ = ["Connector"]
