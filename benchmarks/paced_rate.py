"""Does the provider see the rate that was asked for, and is its queue filled without a 429? In real time, over HTTP.

``python -m benchmarks.paced_rate`` sends ten times the queue's depth and 32 seconds more, durable, and prints what the
provider counted in each ten seconds once its queue had been filled.
"""

import asyncio
import contextlib
import tempfile
from pathlib import Path

from benchmarks.bench_http import ACCOUNT
from benchmarks.durable_rivals import messages
from benchmarks.http_rivals import APPLICATION_ID
from benchmarks.queue_provider import Seen, queue_provider
from msgcore.client import AsyncClient
from msgcore.wire import Accepted
from transports import HttpTransport
from transports.outbox.sqlite import SqliteOutbox

RATE = 200
QUEUE_SECONDS = 2
SECONDS = 32
"""How long it goes on at the rate: three windows and a little."""

LATENCY_SECONDS = 0.25
"""How late the first of a burst may arrive on a busy machine; as much of the queue stays free."""


async def _send(port: int, path: Path, count: int) -> None:
    transport = HttpTransport(f"http://127.0.0.1:{port}/api/v2", account_id=ACCOUNT, user="user", password="password")
    async with (
        contextlib.aclosing(SqliteOutbox(path)) as outbox,
        AsyncClient(
            transport,
            application_id=APPLICATION_ID,
            outbox=outbox,
            rate=RATE,
            queue_seconds=QUEUE_SECONDS,
            latency_seconds=LATENCY_SECONDS,
        ) as client,
    ):
        async for _, outcome in client.send_many(messages(count)):
            assert isinstance(outcome, Accepted), outcome


def measure(seconds: float = SECONDS) -> Seen:
    """Send a burst of ten queues, and at least so many seconds of messages; return what the provider saw."""
    depth = RATE * QUEUE_SECONDS
    count = depth + max(9 * depth, int(RATE * seconds))
    with tempfile.TemporaryDirectory() as folder, queue_provider(RATE, depth) as running:
        asyncio.run(_send(running.port, Path(folder) / "outbox.db", count))
    return running.seen


def main() -> None:
    seen = measure()
    print(f"429: {seen.refused}; in each ten seconds at {RATE}/s: {', '.join(map(str, seen.windows))}")


if __name__ == "__main__":
    main()
