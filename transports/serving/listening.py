"""A socket first, so that everybody knows where it is, then uvicorn on it, until it is to stop."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import uvicorn

from msgcore.errors import ClosedError, LocalError
from transports.serving.connection import GuardedProtocol

BACKLOG: Final = 2048
_IDLE_SECONDS: Final = 30
_STARTING_SECONDS: Final = 0.005


class Server(uvicorn.Server):
    """uvicorn without its own minding of signals, as who runs it says when to stop, and with a limit on handshakes."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen as uvicorn does, but give a client no longer to agree on TLS than for a head: asyncio has a minute."""
        loop, config, protocol = asyncio.get_running_loop(), self.config, self.config.http_protocol_class
        assert issubclass(protocol, GuardedProtocol)
        connect = partial(protocol, config, self.server_state, self.lifespan.state)
        with_tls: dict[str, Any] = {}
        if config.ssl is not None:
            with_tls = {"ssl": config.ssl, "ssl_handshake_timeout": protocol.head_seconds}
        self.servers = [
            await loop.create_server(connect, sock=listener, backlog=BACKLOG, **with_tls) for listener in sockets or ()
        ]
        self.started = True


def configuration(
    application: Any, protocol: type[GuardedProtocol], stop_seconds: int, **options: Any
) -> uvicorn.Config:
    """Return how uvicorn serves an application that is started and ended by others."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # who sends no HTTP is told so, and no one else
    return uvicorn.Config(
        application,
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=stop_seconds,
        **options,
    )


async def serve_until(
    stop: asyncio.Event,
    config: uvicorn.Config,
    listener: socket.socket,
    on_ready: Callable[[], object],
    on_stop: Callable[[], object] = lambda: None,
) -> None:
    """Serve, tell ``on_ready`` when that has begun, and go on until ``stop`` is set; what is under way is answered.

    ``on_stop`` hears of the end before those who are under way are waited for.

    Raises:
        ClosedError: it ended by itself, which is nobody's plan.
    """
    server = Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        while not server.started and not running.done():
            await asyncio.sleep(_STARTING_SECONDS)
        if server.started:
            on_ready()
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        ended_by_itself = running.done() and not stop.is_set()
        stopping.cancel()
        on_stop()
        server.should_exit = True
        await asyncio.wait([running])
    problem = running.exception()
    if problem is not None and server.started:
        await server.shutdown(sockets=[listener])  # or its connections would outlive it, and keep the loop from closing
    if problem is not None or ended_by_itself:
        why = "" if problem is None else f": {type(problem).__name__}: {problem}"
        raise ClosedError(f"the server has ended by itself{why}", may_have_been_accepted=False) from problem


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; port 0 is any that is free.

    Raises:
        LocalError: it cannot be listened on; the OSError is its cause.
    """
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        if listener is not None:
            listener.close()
        reason = getattr(error, "strerror", None) or error
        raise LocalError(f"cannot listen on {host} port {port}: {reason}") from error
    return listener


def origin(host: str, listener: socket.socket, scheme: str = "http") -> str:
    """Return where a listener can be reached; an address that stands for all is reached by the machine itself."""
    address, port = listener.getsockname()[:2]
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        shown = "localhost"
    else:
        shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}"


__all__ = ["configuration", "listen", "origin", "serve_until"]
