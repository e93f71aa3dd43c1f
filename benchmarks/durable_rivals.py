"""What a message costs to be sent so that nothing is lost, beside the bare floor and the official SDK, in one run.

``python -m benchmarks.durable_rivals`` prints CPU microseconds a message of the sending process, all its threads: the
least of several rounds, in which all take turns, so that a busy machine slows all alike. Ours makes the message, checks
it, puts it into an outbox on the disk, paces it, enters the attempt before a byte leaves, sends it, reads the answer
and enters the outcome; folding and closing the outbox count too. The SDK makes and sends the message, one at a time,
and stores nothing; it has an environment of its own, as what is installed beside it changes its speed.

Everybody is given as many messages as take about the same time: the least of short runs would be one that nobody on a
busy machine has interrupted, and the least of long ones never is.
"""

import asyncio
import contextlib
import gc
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import http_rivals
from benchmarks.bench_http import ACCOUNT, LOOPS, bare, send
from benchmarks.http_provider import provider
from benchmarks.http_rivals import APPLICATION_ID
from msgcore.client import AsyncClient
from msgcore.wire import Accepted, Message
from transports import HttpTransport
from transports.outbox.sqlite import SqliteOutbox

ROUNDS = 7
WARM = 500
MESSAGES = 5_000
BARE_MESSAGES = 25_000
SDK_MESSAGES = 1_000
IN_FLIGHT = (64, 256)
RATE = 100_000
"""Segments a second: paced, and never held up by it."""


def messages(count: int) -> Iterator[Message]:
    for _ in range(count):
        yield Message(to="+19195550123", from_="+19195550100", text="hello", tag="order-17")


async def _send(port: int, path: Path, in_flight: int, count: int) -> float:
    """Send so many messages, and return the CPU seconds from the first to the outbox that is closed."""
    transport = HttpTransport(
        f"http://127.0.0.1:{port}/api/v2",
        account_id=ACCOUNT,
        user="user",
        password="password",
        max_connections=in_flight,
    )
    async with (
        contextlib.aclosing(SqliteOutbox(path)) as outbox,
        AsyncClient(
            transport, application_id=APPLICATION_ID, outbox=outbox, rate=RATE, max_in_flight=in_flight
        ) as client,
    ):
        await _run(client, WARM)
        started = time.process_time()
        await _run(client, count)
    return time.process_time() - started


async def _run(client: AsyncClient, count: int) -> None:
    accepted = 0
    async for _, outcome in client.send_many(messages(count)):
        accepted += isinstance(outcome, Accepted)
    assert accepted == count


def durable(port: int, folder: Path, loop: str, in_flight: int, count: int = MESSAGES) -> float:
    """Return the CPU microseconds of a message, from nothing to an outcome that is durable."""
    gc.collect()
    with (
        tempfile.TemporaryDirectory(dir=folder) as own,
        asyncio.Runner(loop_factory=LOOPS[loop]) as runner,
    ):
        return runner.run(_send(port, Path(own) / "outbox.db", in_flight, count)) / count * 1e6


def floor(port: int, loop: str, in_flight: int) -> float:
    """Return the CPU microseconds of one exchange of a client that does nothing else."""

    async def scenario() -> float:
        transport = bare(port, None)
        await send(transport, 2 * in_flight, in_flight)
        started = time.process_time()
        await send(transport, BARE_MESSAGES, in_flight)
        seconds = time.process_time() - started
        await transport.aclose()
        return seconds

    gc.collect()
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(scenario()) / BARE_MESSAGES * 1e6


def measure(rounds: int = ROUNDS, *, rivals: bool = True, folder: Path = Path("/var/tmp")) -> dict[str, float]:
    """Return the CPU microseconds of a message with each, the least of so many rounds.

    ``folder`` is on a disk: what is in memory costs nothing to make durable.
    """
    best: dict[str, float] = {}

    def note(name: str, microseconds: float) -> None:
        best[name] = min(microseconds, best.get(name, microseconds))

    with provider() as port:
        for _ in range(rounds):
            for loop in LOOPS:
                for in_flight in IN_FLIGHT:
                    case = f"{loop}, {in_flight} in flight"
                    note(f"bare, {case}", floor(port, loop, in_flight))
                    note(f"durable, {case}", durable(port, folder, loop, in_flight))
            if rivals:
                note(
                    "official SDK",
                    http_rivals.elsewhere(http_rivals.OFFICIAL_SDK, "official_sdk_send.py", port, SDK_MESSAGES),
                )
    return best


def main() -> None:
    http_rivals.OFFICIAL_SDK.install()
    for name, microseconds in measure().items():
        print(f"{name:38} {microseconds:8.1f} us")


if __name__ == "__main__":
    main()
