"""Should events lie in the file of the outbox, or beside it? ``python -m benchmarks.one_file_or_two``.

A sender enters attempts and outcomes, 64 in flight, in a process of its own, while this one keeps events, 64 callbacks
waiting at a time: both as fast as they can, each commit synchronised. Printed are what each gets done, and how long it
waits, with one file and with two, and each alone.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from itertools import islice
from pathlib import Path
from unittest.mock import patch

import apsw

from benchmarks.callback_store_growth import items
from msgcore import Message
from msgcore.delivery import Attempt, Outcome, SendState
from transports import SqliteCallbackStore, SqliteOutbox
from transports.outbox.callbacks import schema

SECONDS = 5.0
IN_FLIGHT = 64


async def work(step: Callable[[], Awaitable[None]], seconds: float) -> dict[str, float]:
    """Let so many tasks repeat a step for so long."""
    waits: list[float] = []
    end = time.perf_counter() + seconds

    async def repeat() -> None:
        while (started := time.perf_counter()) < end:
            await step()
            waits.append(time.perf_counter() - started)

    await asyncio.gather(*(repeat() for _ in range(IN_FLIGHT)))
    waits.sort()
    return {
        "a second": len(waits) / seconds,
        "median ms": waits[len(waits) // 2] * 1e3,
        "99 % ms": waits[len(waits) * 99 // 100] * 1e3,
        "longest ms": waits[-1] * 1e3,
    }


async def send(path: Path, seconds: float) -> dict[str, float]:
    """Enter an attempt and its outcome for one message after another."""
    outbox = SqliteOutbox(path)
    count = 1000 * max(1, int(seconds * 60))  # more than a sender of so many can do
    messages = [Message(to=f"+1919{number:07d}", from_="+19195550100", text="hello") for number in range(count)]
    for start in range(0, count, 1000):
        await outbox.put(messages[start : start + 1000], 0.0)
    await outbox.begin(0.0)
    numbers: list[int] = []

    async def step() -> None:
        if not numbers:
            numbers.extend(entry.number for entry in await outbox.claim(1000, 0.0))
        number = numbers.pop()
        await outbox.attempt([Attempt(number, 1, 0.0)])
        await outbox.settle([Outcome(number, 1, SendState.ACCEPTED, 0.0, message_id=f"1683195242000{number:016d}")])

    print("ready", flush=True)
    sys.stdin.readline()
    done = await work(step, seconds)
    await outbox.aclose()
    return done


async def receive(path: Path, seconds: float) -> dict[str, float]:
    """Keep one callback of one event after another."""
    source = iter(list(islice(items(is_random=False), 150_000)))
    async with SqliteCallbackStore(path) as store:

        async def step() -> None:
            await store.add([next(source)], 0.0)

        return await work(step, seconds)


def as_guest(database: apsw.Connection, path: Path) -> None:
    """Make the tables of events in somebody else's file."""
    with schema.transaction(database):
        database.execute(schema.TABLES)


def measure(outbox: Path | None, events: Path | None, seconds: float) -> dict[str, dict[str, float]]:
    """Let both work, or one alone."""
    found = {}
    command = [sys.executable, "-m", "benchmarks.one_file_or_two", "--send", str(outbox), "--seconds", str(seconds)]
    sender = None
    if outbox is not None:
        sender = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert sender.stdin is not None
        assert sender.stdout is not None
        sender.stdout.readline()
        sender.stdin.write("\n")
        sender.stdin.flush()
    if events is not None:
        with patch.object(schema, "_prepare", as_guest if events == outbox else schema._prepare):
            found["events"] = asyncio.run(receive(events, seconds))
    if sender is not None:
        found["messages"] = json.loads(sender.communicate(timeout=60)[0])
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.one_file_or_two")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--send", type=Path, help="be the sender")
    options = parser.parse_args(arguments)
    if options.send is not None:
        print(json.dumps(asyncio.run(send(options.send, options.seconds))))
        return
    arrangements: dict[str, tuple[str | None, str | None]] = {
        "sender alone": ("a", None),
        "receiver alone": (None, "b"),
        "one file": ("a", "a"),
        "two files": ("a", "b"),
    }
    for name, files in arrangements.items():
        with tempfile.TemporaryDirectory() as folder:
            outbox, events = (None if file is None else Path(folder) / file for file in files)
            for who, figures in measure(outbox, events, options.seconds).items():
                print(
                    f"{name:15} {who:9}",
                    "  ".join(f"{value:9,.1f} {unit}" for unit, value in figures.items()),
                    flush=True,
                )


if __name__ == "__main__":
    main()
