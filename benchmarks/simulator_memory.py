"""What the simulator's memory does while a million messages go through it: in process, and over HTTP.

``python -m benchmarks.simulator_memory`` prints the resident memory after 100,000, 500,000 and a million messages, and
how much of it the later ones have added; ``http`` or ``durable`` instead of the default ``process`` posts them to a
server with wrk, and ``durable`` also tells how long its files have become.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import simulator_server
from benchmarks.bench_simulator import RATE, START, requests
from transports.simulator import Engine

MARKS = (100_000, 500_000, 1_000_000)
SETTLING_SECONDS = 10.0
"""From the last event of one round of messages to the next: none of them is under way any more."""


def in_process() -> Iterator[tuple[int, int]]:
    """Let messages go through an engine; yield their number and the resident octets at each mark."""
    engine = Engine.open(rate=RATE)
    messages, now, count = requests(), START, 0
    for mark in MARKS:
        while count < mark:
            for number, request in enumerate(messages):
                assert engine.handle(request, now + number / RATE).status == 202
            now += len(messages) / RATE + SETTLING_SECONDS
            assert len(engine.advance(now)) == 2 * len(messages)
            count += len(messages)
        yield count, simulator_server.resident_bytes(os.getpid())


def over_http(*options: str) -> Iterator[tuple[int, int]]:
    """Post messages to a server; yield their number and the resident octets of its process at each mark, or soon after.

    Raises:
        NotInstalledError: there is no wrk.
    """
    with simulator_server.simulator(*options) as target:
        count = 0
        for mark in MARKS:
            while count < mark:
                count += simulator_server.load(target).accepted
            yield count, simulator_server.resident_bytes(target.pid)


def main() -> None:
    [mode] = sys.argv[1:] or ["process"]
    with tempfile.TemporaryDirectory() as folder:
        options = ("--data", folder) if mode == "durable" else ()
        first = None
        for count, octets in in_process() if mode == "process" else over_http(*options):
            first = octets if first is None else first
            files = sum(path.stat().st_size for path in Path(folder).iterdir())
            print(
                f"{count:>9,} messages  {octets / 2**20:6.1f} MiB resident  {(octets - first) / 2**20:+6.1f} MiB"
                + (f"  {files / 2**20:6.1f} MiB of files" if options else ""),
                flush=True,
            )


if __name__ == "__main__":
    main()
