"""Running the server: a socket first, so that everybody knows where it is, then uvicorn on it, until it is to stop."""

import asyncio
import contextlib
import errno
import ipaddress
import logging
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import uvicorn

from msgcore.errors import LocalError
from transports.simulator.service.connection import GuardedProtocol
from transports.simulator.service.service import Service
from transports.simulator.service.settings import DEFAULT_PORT, Ready, ServiceSettings

STOP_SECONDS: Final = 3
_IDLE_SECONDS: Final = 30
_BACKLOG: Final = 2048


class _Server(uvicorn.Server):
    """uvicorn without its own minding of signals: who runs it says when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


async def serve(settings: ServiceSettings, on_ready: Callable[[Service], None], stop: asyncio.Event) -> None:
    """Listen, tell ``on_ready`` when it does, and go on until ``stop`` is set.

    Raises:
        LocalError: a setting cannot be, the address cannot be listened on, or the data folder cannot be used.
    """
    with _listen(settings) as listener:
        service = Service(settings, _origin(settings.host, listener))
        config = uvicorn.Config(
            service,
            http=GuardedProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=_IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
            backlog=_BACKLOG,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # who sends no HTTP is told so, and no one else
        server = _Server(config)
        async with service:
            running = asyncio.create_task(server.serve(sockets=[listener]))
            stopping = asyncio.create_task(stop.wait())
            try:
                while not server.started and not running.done():
                    await asyncio.sleep(0.005)
                if server.started:
                    on_ready(service)
                await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                service.feed.close()  # or the server would wait for those who only listen
                server.should_exit = True
                await running


def remove_ready_file(path: Path) -> None:
    """Take away what an earlier run has left, so that nobody takes it for this one's."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise LocalError(f"ready file {path}: {error.strerror}") from error


def write_ready_file(path: Path, ready: Ready) -> None:
    """Write what a client needs: whole or not at all, and for nobody else to read."""
    try:
        # mkstemp makes files that their owner alone can read, and a password is in this one.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.format(msgspec.json.encode(ready), indent=2) + b"\n")
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise LocalError(f"ready file {path}: {error.strerror}") from error


def _listen(settings: ServiceSettings) -> socket.socket:
    if settings.port is not None:
        return _bind(settings.host, settings.port)
    try:
        return _bind(settings.host, DEFAULT_PORT)
    except LocalError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EADDRINUSE:
            raise
        return _bind(settings.host, 0)


def _bind(host: str, port: int) -> socket.socket:
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


def _origin(host: str, listener: socket.socket) -> str:
    """Return where the server can be reached; an address that stands for all is reached by the machine itself."""
    address, port = listener.getsockname()[:2]
    if ipaddress.ip_address(address.partition("%")[0]).is_unspecified:
        shown = "localhost"
    else:
        shown = f"[{address}]" if ":" in host else host
    return f"http://{shown}:{port}"


__all__ = ["remove_ready_file", "serve", "write_ready_file"]
