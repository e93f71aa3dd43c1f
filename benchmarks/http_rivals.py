"""What a message costs over HTTP with us, with the bare floor, and with clients in environments of their own.

``python -m benchmarks.http_rivals`` prints CPU microseconds a message of the sending process: the least of several
rounds, in which the clients take turns, so that a busy machine slows all alike. What a client makes and reads belongs
to it: ours encodes the message and decodes the answer into records too, as the SDK does; the floor does neither.
"""

import asyncio
import gc
import time
from collections.abc import Callable

from benchmarks.bench_http import ACCOUNT, LOOPS, bare, ours, send
from benchmarks.http_provider import provider
from msgcore.client import AsyncClient
from msgcore.transport import Transport
from msgcore.wire import Message
from tests.peers.environments import PythonEnvironment
from transports import HttpTransport

APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"
ROUNDS = 7
MESSAGES = 3000
SDK_MESSAGES = 400

OFFICIAL_SDK = PythonEnvironment("official_sdk", ("bandwidth-sdk==23.3.1",))
AIOHTTP = PythonEnvironment("aiohttp", ("aiohttp==3.13.2",))


async def _send_with_client(port: int, messages: int) -> None:
    transport = HttpTransport(f"http://127.0.0.1:{port}/api/v2", account_id=ACCOUNT, user="user", password="password")
    async with AsyncClient(transport, application_id=APPLICATION_ID) as client:
        turns = iter(range(messages))

        async def worker() -> None:
            for _ in turns:
                await client.send(Message(to="+19195550123", from_="+19195550100", text="hello", tag="order-17"))

        await asyncio.gather(*(worker() for _ in range(64)))


def in_process(make: Callable[[], Transport], loop: str, in_flight: int) -> float:
    """Return the CPU microseconds of one exchange."""

    async def scenario() -> float:
        transport = make()
        await send(transport, 2 * in_flight, in_flight)
        started = time.process_time()
        await send(transport, MESSAGES, in_flight)
        seconds = time.process_time() - started
        await transport.aclose()
        return seconds

    gc.collect()
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(scenario()) / MESSAGES * 1e6


def with_client(port: int, loop: str) -> float:
    """Return the CPU microseconds of one message, from a Message to an Accepted."""
    gc.collect()
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        started = time.process_time()
        runner.run(_send_with_client(port, MESSAGES))
        return (time.process_time() - started) / MESSAGES * 1e6


def elsewhere(environment: PythonEnvironment, driver: str, port: int, messages: int) -> float:
    """Return the CPU microseconds of one message in another environment."""
    [answer] = environment.ask(driver, [{"port": port, "messages": messages}])
    return float(answer["seconds"]) / messages * 1e6


def measure(rounds: int = ROUNDS, *, rivals: bool = True) -> dict[str, float]:
    """Return the CPU microseconds of a message with each client, the least of so many rounds."""
    best: dict[str, float] = {}

    def note(name: str, microseconds: float) -> None:
        best[name] = min(microseconds, best.get(name, microseconds))

    with provider() as port:
        for _ in range(rounds):
            for loop in LOOPS:
                for in_flight in (64, 256):
                    note(f"bare, {loop}, {in_flight} in flight", in_process(lambda: bare(port, None), loop, in_flight))
                    note(
                        f"msgcore, {loop}, {in_flight} in flight", in_process(lambda: ours(port, None), loop, in_flight)
                    )
                note(f"msgcore with client, {loop}", with_client(port, loop))
            if rivals:
                note("aiohttp", elsewhere(AIOHTTP, "aiohttp_send.py", port, MESSAGES))
                note("official SDK", elsewhere(OFFICIAL_SDK, "official_sdk_send.py", port, SDK_MESSAGES))
    return best


def main() -> None:
    OFFICIAL_SDK.install()
    AIOHTTP.install()
    for name, microseconds in measure().items():
        print(f"{name:38} {microseconds:8.1f} us")


if __name__ == "__main__":
    main()
