"""Running the server: a socket first, so that everybody knows where it is, then uvicorn on it, until it is to stop."""

import asyncio
import errno
import os
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from msgcore.errors import LocalError
from transports.serving.listening import configuration, listen, origin, serve_until
from transports.simulator.service.connection import SimulatorProtocol
from transports.simulator.service.service import Service
from transports.simulator.service.settings import DEFAULT_PORT, Ready, ServiceSettings

STOP_SECONDS: Final = 3


async def serve(settings: ServiceSettings, on_ready: Callable[[Service], None], stop: asyncio.Event) -> None:
    """Listen, tell ``on_ready`` when it does, and go on until ``stop`` is set.

    Raises:
        LocalError: a setting cannot be, the address cannot be listened on, or the data folder cannot be used.
        ClosedError: the server has ended, and nobody wanted it to.
    """
    with _listen(settings) as listener:
        service = Service(settings, origin(settings.host, listener))
        config = configuration(service, SimulatorProtocol, STOP_SECONDS)
        async with service:
            # The feed is closed first, or the server would wait for those who only listen.
            await serve_until(stop, config, listener, lambda: on_ready(service), service.feed.close)


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
        return listen(settings.host, settings.port)
    try:
        return listen(settings.host, DEFAULT_PORT)
    except LocalError as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno != errno.EADDRINUSE:
            raise
        return listen(settings.host, 0)


__all__ = ["remove_ready_file", "serve", "write_ready_file"]
