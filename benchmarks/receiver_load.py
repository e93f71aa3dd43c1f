"""What a callback costs a real receiver under load: ``python -m benchmarks.receiver_load``.

``wrk`` posts callbacks of one event, each a new one, over 64 connections from one thread; the server is a process of
its own. CPU time is the server's, all its threads; the same application over a store that keeps nothing is the floor.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = Path(__file__).with_suffix(".lua")
CONNECTIONS = 64
SECONDS = 3
ROUNDS = 3


class WrkMissingError(Exception):
    """The load generator is not installed."""


class Load(NamedTuple):
    """What one run of the load was like."""

    microseconds: float
    """CPU time of the server a request."""
    requests_per_second: float
    new_events: int
    requests: int


@contextmanager
def server(where: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a receiver; its first line is its port."""
    command = [sys.executable, "-m", "benchmarks.receiver_server", where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(30)
            finally:
                process.kill()


def ask(process: "subprocess.Popen[str]") -> tuple[float, int, int]:
    """Return its CPU seconds, the callbacks and the events that it has taken."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    seconds, accepted, new_events = process.stdout.readline().split()
    return float(seconds), int(accepted), int(new_events)


def run(where: str, seconds: int = SECONDS, rounds: int = ROUNDS) -> Load:
    """Load a receiver and return its best round."""
    if shutil.which("wrk") is None:
        raise WrkMissingError("wrk is not installed: apt-get install wrk")
    loads = []
    with server(where) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}/"
        for _ in range(rounds):
            cpu, accepted, new_events = ask(process)
            started_at = time.perf_counter()
            start = str(int(time.time() * 1000))
            command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(SCRIPT), url, start]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            wall = time.perf_counter() - started_at
            assert "Non-2xx" not in said, said
            then = ask(process)
            requests = then[1] - accepted
            loads.append(Load((then[0] - cpu) / requests * 1e6, requests / wall, then[2] - new_events, requests))
    return min(loads)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, where in (("without a store", "none"), ("SqliteCallbackStore", str(Path(folder) / "events.db"))):
            load = run(where)
            print(f"{name:20} {load.microseconds:7.1f} us CPU a request {load.requests_per_second:9,.0f} requests/s")


if __name__ == "__main__":
    main()
