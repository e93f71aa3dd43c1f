"""What the simulator takes as a server: its own process on one core, wrk on another.

``python -m benchmarks.simulator_server`` prints accepted posts a second, and the CPU time that one costs the server, in
memory, with ``--data`` and with callbacks that are taken, beside the floor: a bare ASGI application under the same
uvicorn that reads the body and answers the same octets. Other work on the machine changes the rate and hardly the CPU
time.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).with_name("post.lua")
RATE = 1_000_000
"""Segments a second that the sample account may send: the queue is not what is measured."""
CONNECTIONS = 64
SECONDS = 5
ROUNDS = 3
INSTALL = "wrk is not installed: apt-get install wrk"


class NotInstalledError(Exception):
    """What makes the load is not there; the text says how to get it."""


class Target(NamedTuple):
    """A server to post to."""

    pid: int
    origin: str
    path: str
    application_id: str
    sender: str
    authorization: str


class Load(NamedTuple):
    """What came of some seconds of posts."""

    accepted: int
    seconds: float
    cpu_seconds: float
    median_milliseconds: float
    p99_milliseconds: float

    @property
    def per_second(self) -> float:
        """Accepted posts a second."""
        return self.accepted / self.seconds

    @property
    def share(self) -> float:
        """How much of a core the server had."""
        return self.cpu_seconds / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """CPU time of the server, user and system, for one post."""
        return self.cpu_seconds / self.accepted * 1e6


def load(target: Target, *, seconds: int = SECONDS, connections: int = CONNECTIONS) -> Load:
    """Post as fast as the server answers.

    Raises:
        NotInstalledError: there is no wrk.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise NotInstalledError(INSTALL)
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(SCRIPT), target.origin]
    arguments = [target.path, target.application_id, target.sender, target.authorization]
    before = cpu_seconds(target.pid)
    run = subprocess.run(
        [*pinned(1), *command, "--", *arguments], capture_output=True, text=True, check=True, timeout=seconds + 60
    )
    spent = cpu_seconds(target.pid) - before
    told = json.loads(run.stdout.splitlines()[-1])
    if told["refused"] or told["broken"]:
        raise RuntimeError(f"posts were refused, or got no answer: {told}")
    return Load(told["answered"], told["seconds"], spent, told["median_milliseconds"], told["p99_milliseconds"])


@contextmanager
def simulator(*options: str) -> Iterator[Target]:
    """Run ``msgcore simulator`` on the first core."""
    with tempfile.TemporaryDirectory() as folder:
        ready_file = Path(folder) / "ready.json"
        command = [sys.executable, "-m", "transports.cli", "simulator", "--port", "0", "--rate", str(RATE)]
        with process([*command, "--ready-file", str(ready_file), *options], "ready ", core=0) as (pid, _):
            ready = json.loads(ready_file.read_text())
            parts = urlsplit(ready["base_url"])
            pair = b64encode(f"{ready['user']}:{ready['password']}".encode()).decode()
            yield Target(
                pid,
                f"{parts.scheme}://{parts.netloc}",
                f"{parts.path}/users/{ready['account_id']}/messages",
                ready["application_id"],
                ready["numbers"][0],
                f"Basic {pair}",
            )


@contextmanager
def bare() -> Iterator[Target]:
    """Run the floor on the first core."""
    with process([sys.executable, "-m", "benchmarks.rivals.bare_asgi"], "http://", core=0) as (pid, origin):
        yield Target(pid, origin, "/api/v2/users/9900000/messages", "a-1", "+19195550100", "Basic dXNlcjpwYXNzd29yZA==")


@contextmanager
def sink() -> Iterator[str]:
    """Run a server that takes every callback, beside wrk; yield its URL."""
    with process([sys.executable, "-m", "benchmarks.rivals.bare_sink"], "http://", core=1) as (_, origin):
        yield f"{origin}/callbacks"


def callbacks(target: Target) -> tuple[int, int]:
    """Return how many events of a simulator's first account were taken so far, and how many wait."""
    with urlopen(f"{target.origin}/control/accounts", timeout=60) as response:
        [account, *_] = json.load(response)
    return int(account["callbacks"]["delivered"]), int(account["callbacks"]["waiting"])


@contextmanager
def process(command: Sequence[str], ready: str, *, core: int) -> Iterator[tuple[int, str]]:
    """Run a process on a core until the block ends; yield its id, and the line that said it is ready."""
    running = subprocess.Popen([*pinned(core), *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        line = next((line for line in running.stdout if line.startswith(ready)), None)
        if line is None:
            raise RuntimeError(f"{' '.join(command)} has ended before it was ready")
        yield running.pid, line.strip()  # taskset becomes what it starts, so the id is the server's
    finally:
        running.terminate()
        try:
            running.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()


def pinned(core: int) -> list[str]:
    """Return what keeps a command on one core, where there are two."""
    cores = sorted(os.sched_getaffinity(0))
    return ["taskset", "-c", str(cores[core % len(cores)])] if len(cores) > 1 and shutil.which("taskset") else []


def cpu_seconds(pid: int) -> float:
    """Return the CPU time, user and system, that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sink() as url:
        lines = {
            "the floor": bare(),
            "in memory": simulator(),
            "durable": simulator("--data", folder),
            "in memory, callbacks taken": simulator("--callback-url", url),
        }
        for name, made in lines.items():
            with made as target:
                load(target, seconds=1)  # the password's hash is checked once
                best = min((load(target) for _ in range(ROUNDS)), key=lambda one: one.cpu_microseconds)
                print(
                    f"{name:28} {best.per_second:8,.0f}/s {best.cpu_microseconds:8.1f} us CPU  "
                    f"median {best.median_milliseconds:.1f} ms, p99 {best.p99_milliseconds:.1f} ms",
                    flush=True,
                )
                if name.endswith("taken"):
                    print(f"{'  one callback, alone':28} {'':10} {catch_up(target):8.1f} us CPU", flush=True)


def catch_up(target: Target, events: int = 3000) -> float:
    """Return the CPU microseconds of a callback while nothing is posted, of those that wait."""
    before, spent = callbacks(target)[0], cpu_seconds(target.pid)
    taken, waiting = before, 1
    while waiting and taken < before + events:
        time.sleep(0.1)
        taken, waiting = callbacks(target)
    return (cpu_seconds(target.pid) - spent) / max(1, taken - before) * 1e6


if __name__ == "__main__":
    main()
