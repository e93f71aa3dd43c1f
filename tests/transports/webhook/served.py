"""An ASGI application as its users run it: a process of its own under uvicorn, spoken to over a socket."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SECONDS = 60  # after which a test that waits has failed


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


class Served:
    """A running server; it was given the socket, so whoever connects early waits in its queue."""

    def __init__(self, port: int, process: "subprocess.Popen[str]") -> None:
        self.port = port
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    def request(self, method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            named = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, named, response.read())
        finally:
            connection.close()

    def line(self) -> str:
        """Return the next line that the application prints."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def end(self) -> tuple[str, str]:
        """End it as a service manager does; return what it has printed since, and what it complained of."""
        self._process.send_signal(signal.SIGTERM)
        said, complained = self._process.communicate(timeout=SECONDS)
        assert self._process.returncode in (0, -signal.SIGTERM)  # uvicorn passes on the signal that ended it
        return said, complained


@contextmanager
def served(application: str, folder: Path, *options: str, **environment: str) -> Iterator[Served]:
    """Run ``module:name`` of a folder; files that it opens are made there."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        number = listener.fileno()
        command = [sys.executable, "-m", "uvicorn", "--fd", str(number), "--log-level", "warning"]
        process = subprocess.Popen(
            [*command, *options, application],
            cwd=folder,
            pass_fds=[number],
            env=os.environ | {"PYTHONPATH": str(folder), "PYTHONUNBUFFERED": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        port = listener.getsockname()[1]
    try:
        yield Served(port, process)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)
