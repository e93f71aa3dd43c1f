"""The simulator behind HTTP, on a thread of its own, for tests that run event loops of their own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from msgcore.wire import Request
from tests.transports.http.loopback import Loopback, Peer
from transports import SimulatorTransport

PREFIX = "/api/v2/users/9900000/"


@contextmanager
def provider_over_http(rate: float = 1000) -> Iterator[str]:
    """Run a provider on the loopback and yield its base URL; what it has been asked must have been authorized."""
    simulator = SimulatorTransport(rate=rate, clock="real")

    async def answers(peer: Peer) -> None:
        while True:
            seen = await peer.request()
            assert seen.headers["authorization"] == "Basic bWU6c2VjcmV0"
            assert seen.target.startswith(PREFIX)
            path, _, query = seen.target.removeprefix(PREFIX).partition("?")
            response = await simulator.exchange(Request(seen.method, path, query, seen.headers, seen.body))
            assert isinstance(response.body, bytes)
            length = {"Content-Length": str(len(response.body))}
            await peer.answer(response.status, response.body, {**response.headers, **length})

    url: list[str] = []
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        try:
            async with Loopback(answers) as server:
                url.append(f"http://127.0.0.1:{server.port}/api/v2")
                started.set()
                await stop.wait()
        finally:
            started.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), name="provider")
    thread.start()
    started.wait()
    try:
        yield url[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
