"""A provider with a queue, in a process of its own: it answers 202 while a message fits, else 429, and counts.

``python -m benchmarks.queue_provider RATE DEPTH`` prints its port; when its input ends it prints what it saw: how many
it refused, and how many came in each ten seconds since the queue was first full. Every message is one segment.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.http_provider import ANSWER, ROOT, Provider

WINDOW_SECONDS = 10.0
_REFUSAL = b'{"type":"max-message-queue-size-exceeded","description":"the queue is full"}'
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (
    len(_REFUSAL),
    _REFUSAL,
)


class Seen(NamedTuple):
    """What the provider saw."""

    refused: int
    windows: list[int]
    """How many came in each whole ten seconds, once the queue had been full."""


class Queue:
    """What waits at the provider, and when messages came."""

    def __init__(self, rate: float, depth: int) -> None:
        self.rate = rate
        self.depth = depth
        self.waiting = 0.0
        self.looked_at = 0.0
        self.refused = 0
        self.arrivals: list[float] = []

    def take(self, now: float) -> bool:
        """Let a message in, if there is room."""
        self.waiting = max(0.0, self.waiting - (now - self.looked_at) * self.rate)
        self.looked_at = now
        if self.waiting + 1 > self.depth:
            self.refused += 1
            return False
        self.waiting += 1
        self.arrivals.append(now)
        return True

    def seen(self) -> Seen:
        """Count by windows what came after the queue had been filled."""
        paced = self.arrivals[self.depth :]
        begin, end = paced[0], paced[-1]
        windows = [0] * int((end - begin) / WINDOW_SECONDS)
        for at in paced:
            window = int((at - begin) / WINDOW_SECONDS)
            if window < len(windows):
                windows[window] += 1
        return Seen(self.refused, windows)


class QueueProvider(Provider):
    def __init__(self, queue: Queue) -> None:
        self.queue = queue

    def on_message_complete(self) -> None:
        now = asyncio.get_running_loop().time()
        self.transport.write(ANSWER if self.queue.take(now) else REFUSED)


async def serve(queue: Queue) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: QueueProvider(queue), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(json.dumps(queue.seen()), flush=True)


class Running:
    """A provider that runs: where it listens, and, once it has ended, what it saw."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen = Seen(0, [])


@contextmanager
def queue_provider(rate: float, depth: int) -> Iterator[Running]:
    """Run one; what it saw is known behind the block."""
    command = [sys.executable, "-m", "benchmarks.queue_provider", str(rate), str(depth)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        running = Running(int(process.stdout.readline()))
        yield running
        told, _ = process.communicate()  # its input ends, and so does it
        running.seen = Seen(*json.loads(told))


if __name__ == "__main__":
    asyncio.run(serve(Queue(float(sys.argv[1]), int(sys.argv[2]))))
