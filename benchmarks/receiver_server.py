"""The receiver as a real server process: ``python -m benchmarks.receiver_server STORE``.

``STORE`` is the file of a store, or ``none`` for one that keeps nothing: the same application without a store. Prints
its port once it listens, and answers each line of its input with the CPU seconds that it has used and how many events
it has taken.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack

import uvloop

from msgcore.delivery import Arrival
from transports import CallbackReceiver, MemoryCallbackStore, SqliteCallbackStore
from transports.webhook.server import serve


class NoStore(MemoryCallbackStore):
    """Says that it has kept what it has not."""

    async def add(self, items: Sequence[bytes], now: float) -> Sequence[Arrival]:
        return [Arrival.NEW] * len(items)


async def main(where: str) -> None:
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        made: MemoryCallbackStore | SqliteCallbackStore = NoStore() if where == "none" else SqliteCallbackStore(where)
        await stack.enter_async_context(made)
        receiver = CallbackReceiver(made)
        loop = asyncio.get_running_loop()

        def tell() -> None:
            if sys.stdin.readline():
                print(time.process_time(), receiver.counters.accepted, receiver.counters.new_events, flush=True)
            else:
                stop.set()

        loop.add_reader(sys.stdin.fileno(), tell)
        await serve(receiver, "127.0.0.1", 0, lambda listening: print(listening.port, flush=True), stop)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(sys.argv[1]))
