"""The programs of a soak test, each a process of its own that can be killed at any moment."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from tests.ports import Port

STARTED_WITHIN_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.02


class Ready(msgspec.Struct, frozen=True):
    """What the simulator says of itself once it listens."""

    base_url: str
    control_url: str
    account_id: str
    user: str
    password: str
    application_id: str
    numbers: tuple[str, ...]


class Program:
    """A ``msgcore`` command as a process; what it prints goes to a file beside its work."""

    def __init__(
        self,
        folder: Path,
        name: str,
        arguments: Sequence[str],
        environment: dict[str, str],
        *,
        most_octets: int | None = None,
    ) -> None:
        self.output = folder / f"{name}.log"
        command = [sys.executable, "-m", "transports.cli", *arguments]
        if most_octets is not None:
            command = ["prlimit", f"--fsize={most_octets}", *command]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | environment,
            )

    @property
    def exit_code(self) -> int | None:
        """The exit code, or ``None`` while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end that long; ``None`` if it still runs."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def kill(self) -> None:
        """Kill it as the kernel does, and wait until it is gone."""
        self._process.kill()
        self._process.wait()

    def stop(self, seconds: float = 60) -> int:
        """Ask it to end, and return its exit code."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    def freeze(self) -> None:
        """Let it stand still: its connections stay open and nobody answers."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.thaw()
            self.kill()


class Simulator:
    """The provider, on the same port and with the same account however often it is killed."""

    def __init__(self, folder: Path, *options: str, data: bool = False) -> None:
        self._folder = folder
        self._options = [*options, *(["--data", str(folder / "provider")] if data else [])]
        self._ready_file = folder / "ready.json"
        self._port = Port()  # or somebody else might be given it while nobody listens there
        self.program: Program
        self.ready: Ready
        self.start()

    def start(self) -> None:
        """Start it, again where it was."""
        self._ready_file.unlink(missing_ok=True)
        arguments = ["simulator", "--port", str(self._port.number), "--ready-file", str(self._ready_file)]
        secrets = {"MSGCORE_SIMULATOR_PASSWORD": "soaked"}
        self.program = Program(self._folder, "simulator", [*arguments, "--user", "soak", *self._options], secrets)
        self.ready = self._wait_until_ready()

    def kill_and_start(self) -> None:
        """Kill it and start it again on what it has kept."""
        self.program.kill()
        self.start()

    def account(self) -> dict[str, str]:
        """The environment in which ``msgcore send`` finds its account."""
        ready = self.ready
        return {
            "MSGCORE_BASE_URL": ready.base_url,
            "MSGCORE_ACCOUNT_ID": ready.account_id,
            "MSGCORE_USER": ready.user,
            "MSGCORE_PASSWORD": ready.password,
        }

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API."""
        return ask(method, f"{self.ready.control_url}{path}", body)

    def _wait_until_ready(self) -> Ready:
        deadline = time.monotonic() + STARTED_WITHIN_SECONDS
        while time.monotonic() < deadline and self.program.exit_code is None:
            if self._ready_file.exists() and (text := self._ready_file.read_bytes()):
                return msgspec.json.decode(text, type=Ready)
            time.sleep(LOOK_AGAIN_SECONDS)
        raise AssertionError(f"the simulator did not start: {self.program.output.read_text()[-2000:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.program.__exit__(kind, error, trace)
        self._port.close()


def ask(method: str, url: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """Make one request over HTTP, in the plainest way, and return the JSON that is answered."""
    from urllib.request import Request, urlopen

    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"content-type": "application/json", **(headers or {})}, method=method)
    with urlopen(request, timeout=STARTED_WITHIN_SECONDS) as answer:
        text = answer.read()
    return json.loads(text) if text else None
