"""Running a receiver under uvicorn: a socket first, so that everybody knows where it is, until it is to stop."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from msgcore.errors import LocalError, MissingExtraError
from transports.webhook.receiver import ANSWER_SECONDS, CallbackReceiver

try:
    import uvicorn
except ModuleNotFoundError as error:
    raise MissingExtraError("a receiver of its own", "receiver") from error

STOP_SECONDS: Final = int(ANSWER_SECONDS) + 1
"""How long requests that are under way have to be answered: longer than any of them may take."""
_IDLE_SECONDS: Final = 30
_BACKLOG: Final = 2048
_STARTING_SECONDS: Final = 0.005


class Listening(NamedTuple):
    """Where a receiver takes callbacks."""

    url: str
    port: int


class Tls(NamedTuple):
    """The files of a certificate and its key."""

    certificate: str
    key: str


class _Server(uvicorn.Server):
    """uvicorn without its own minding of signals: who runs it says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(
    receiver: CallbackReceiver,
    host: str,
    port: int,
    on_ready: Callable[[Listening], None],
    stop: asyncio.Event,
    *,
    path: str = "/",
    tls: Tls | None = None,
) -> None:
    """Listen, tell ``on_ready`` where, and go on until ``stop`` is set; what is under way then is still answered.

    Raises:
        LocalError: the address cannot be listened on, or the certificate cannot be used.
        OutboxError: the store cannot tell how far handlers have come.
    """
    async with receiver:
        with _listen(host, port) as listener:
            server = _Server(_configuration(receiver, tls))
            running = asyncio.create_task(server.serve(sockets=[listener]))
            stopping = asyncio.create_task(stop.wait())
            try:
                while not server.started and not running.done():
                    await asyncio.sleep(_STARTING_SECONDS)
                if server.started:
                    on_ready(_where(host, listener, path, tls))
                await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                server.should_exit = True
                await running


def _configuration(receiver: CallbackReceiver, tls: Tls | None) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # who sends no HTTP is told so, and no one else
    options: dict[str, Any] = {} if tls is None else {"ssl_certfile": tls.certificate, "ssl_keyfile": tls.key}
    configuration = uvicorn.Config(
        receiver,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        backlog=_BACKLOG,
        **options,
    )
    try:
        configuration.load()
    except OSError as error:  # ssl.SSLError is one
        raise LocalError(f"the certificate and its key cannot be used: {error}") from error
    return configuration


def _listen(host: str, port: int) -> socket.socket:
    listener = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except (OSError, OverflowError) as error:
        if listener is not None:
            listener.close()
        reason = getattr(error, "strerror", None) or error
        raise LocalError(f"cannot listen on {host} port {port}: {reason}") from error
    return listener


def _where(host: str, listener: socket.socket, path: str, tls: Tls | None) -> Listening:
    """Return where it can be reached; an address that stands for all is reached by the machine itself."""
    address, port = listener.getsockname()[:2]
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        shown = "localhost"
    else:
        shown = f"[{address}]" if ":" in address else host
    return Listening(f"{'http' if tls is None else 'https'}://{shown}:{port}{path}", port)


__all__ = ["Listening", "Tls", "serve"]
