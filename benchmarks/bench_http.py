"""What does a message cost over HTTP, in CPU time of the sending process?

The provider answers from a process of its own, always with the same 202. The floor is a bare httptools client
(``rivals/bare_http.py``) in the same run; ours does all that it does elsewhere: fences, pool, deadlines, credentials. A
round is 2000 messages with so many in flight; CPU time is measured, not the time of day, so a busy machine disturbs
less. TLS is that of a certificate made for the run.

The official SDK and aiohttp live in environments of their own, since what is installed beside the SDK changes its
speed: ``python -m benchmarks.http_rivals`` measures them, and us, in one run.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.http_provider import provider
from benchmarks.rivals.bare_http import BareClient
from msgcore.testing import message_request
from msgcore.transport import Transport
from transports import HttpTransport

ACCOUNT = "9900000"
MESSAGES = 2000
REQUEST = message_request("hello", tag="order-17")
LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.SelectorEventLoop,
    "uvloop": uvloop.new_event_loop,
}


@pytest.fixture(scope="module")
def plain_port() -> Iterator[int]:
    with provider() as port:
        yield port


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    certificate = ca.issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    with provider(str(folder / "certificate.pem"), str(folder / "key.pem")) as port:
        yield port, folder / "ca.pem"


def bare(port: int, ca_file: Path | None) -> Transport:
    context = ssl.create_default_context(cafile=ca_file) if ca_file else None
    return BareClient(port, ACCOUNT, "user", "password", context)


def ours(port: int, ca_file: Path | None) -> Transport:
    url = f"http{'s' if ca_file else ''}://127.0.0.1:{port}/api/v2"
    return HttpTransport(
        url, account_id=ACCOUNT, user="user", password="password", max_connections=256, ca_file=ca_file
    )


CLIENTS: dict[str, Callable[[int, Path | None], Transport]] = {"bare": bare, "msgcore": ours}


async def send(transport: Transport, messages: int, in_flight: int) -> None:
    turns = iter(range(messages))

    async def worker() -> None:
        for _ in turns:
            response = await transport.exchange(REQUEST)
            assert response.status == 202

    await asyncio.gather(*(worker() for _ in range(in_flight)))


def measure(benchmark: BenchmarkFixture, loop: str, make: Callable[[], Transport], in_flight: int) -> None:
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:

        async def open_and_warm() -> Transport:
            transport = make()
            await send(transport, in_flight * 2, in_flight)
            return transport

        transport = runner.run(open_and_warm())
        benchmark.extra_info["messages"] = MESSAGES
        benchmark(lambda: runner.run(send(transport, MESSAGES, in_flight)))
        runner.run(transport.aclose())


@pytest.mark.benchmark(group="2000 messages over HTTP", timer=time.process_time)
@pytest.mark.parametrize("in_flight", [64, 256])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("loop", LOOPS)
def test_plain(benchmark: BenchmarkFixture, plain_port: int, loop: str, client: str, in_flight: int) -> None:
    measure(benchmark, loop, lambda: CLIENTS[client](plain_port, None), in_flight)


@pytest.mark.benchmark(group="2000 messages over HTTPS", timer=time.process_time)
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("loop", LOOPS)
def test_tls(benchmark: BenchmarkFixture, tls: tuple[int, Path], loop: str, client: str) -> None:
    port, ca_file = tls
    measure(benchmark, loop, lambda: CLIENTS[client](port, ca_file), 64)
