"""A proxy sees where we connect to and nothing else; what goes wrong at it means that nothing was sent."""

import asyncio
import base64
from collections.abc import Callable

import pytest

from msgcore.errors import ConnectError, LocalError
from tests.transports.http.conftest import Authority
from tests.transports.http.loopback import LOOPS, POST, Loopback, Peer, obliging, run
from tests.transports.http.test_tls import server_context
from tests.transports.skipping import skip
from transports.http.origin import Origin
from transports.http.proxy import Proxy

BOTH_LOOPS = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())


class ProxyScript:
    """Passes octets on to where it is asked to, and keeps what it has seen before that."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def __call__(self, peer: Peer) -> None:
        head = await peer.reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        host, _, port = head.split()[1].decode().rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        await peer.send(b"HTTP/1.1 200 Connection established\r\nvia: a proxy\r\n\r\n")
        try:
            await asyncio.gather(self.pass_on(peer.reader, writer), self.pass_on(reader, peer.writer))
        finally:
            writer.transport.abort()

    @staticmethod
    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.read(65_536):
            assert b"hello" not in octets or writer.get_extra_info("peername") is None
            writer.write(octets)
        writer.close()


@BOTH_LOOPS
def test_a_message_goes_through_a_proxy_that_cannot_read_it(
    authority: Authority, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        script = ProxyScript()
        async with Loopback(obliging, tls=server_context(authority)) as server, Loopback(script) as proxy:
            url = f"http://me%40work:se:cret@127.0.0.1:{proxy.port}"
            transport = server.transport(ca_file=authority.ca_file, proxy=url)
            for _ in range(2):
                assert (await transport.exchange(POST)).status == 202
            await transport.aclose()
            [asked] = script.asked
            basic = base64.b64encode(b"me@work:se:cret")
            host = b"localhost:%d" % server.port
            assert asked == b"CONNECT %b HTTP/1.1\r\nhost: %b\r\nproxy-authorization: Basic %b\r\n\r\n" % (
                host,
                host,
                basic,
            )
            assert "proxy-authorization" not in server.seen[0].headers

    run(scenario, loop)


@BOTH_LOOPS
def test_a_plain_connection_goes_through_a_proxy_too(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    class PlainProxy(ProxyScript):
        @staticmethod
        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while octets := await reader.read(65_536):
                writer.write(octets)
            writer.close()

    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(PlainProxy()) as proxy:
            transport = server.transport(proxy=f"http://127.0.0.1:{proxy.port}")
            assert (await transport.exchange(POST)).status == 202
            await transport.aclose()

    run(scenario, loop)


def test_a_server_behind_a_proxy_is_verified_all_the_same(authority: Authority) -> None:
    async def scenario() -> None:
        context = server_context(authority, "example.com")
        async with Loopback(obliging, tls=context) as server, Loopback(ProxyScript()) as proxy:
            transport = server.transport(ca_file=authority.ca_file, proxy=f"http://127.0.0.1:{proxy.port}")
            with pytest.raises(ConnectError, match="not trusted"):
                await transport.exchange(POST)
            assert not server.seen
            await transport.aclose()

    run(scenario)


ANSWERS = {
    "refuses": b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    "fails": b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\nsorry",
    "redirects": b"HTTP/1.1 302 Found\r\nlocation: http://example.com/\r\n\r\n",
    "says nothing": b"",
    "speaks something else": b"SSH-2.0-OpenSSH\r\n\r\n",
    "stops in the middle": b"HTTP/1.1 200 Connec",
    "never ends its head": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 20_000,
    "goes on after its head": b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n",
}


@BOTH_LOOPS
@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_a_proxy_that_opens_no_tunnel_means_that_nothing_was_accepted(
    answer: bytes, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def answers(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(answer)
        peer.close()

    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(answers) as proxy:
            transport = server.transport(proxy=f"http://me:secret@127.0.0.1:{proxy.port}")
            with pytest.raises(ConnectError, match="proxy") as caught:
                await transport.exchange(POST)
            assert "secret" not in str(caught.value)
            assert not server.peers
            await transport.aclose()

    run(scenario, loop)


def test_what_a_proxy_says_after_its_answer_is_not_taken_for_the_provider() -> None:
    async def forges(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.send(ANSWERS["goes on after its head"])
        await peer.ended()

    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(forges) as proxy:
            transport = server.transport(proxy=f"http://127.0.0.1:{proxy.port}")
            with pytest.raises(ConnectError, match="no answer"):
                await transport.exchange(POST)
            await transport.aclose()

    run(scenario)


def test_a_proxy_that_stalls_is_waited_for_as_long_as_any_connection() -> None:
    async def stalls(peer: Peer) -> None:
        await peer.reader.readuntil(b"\r\n\r\n")
        skip(11)
        await peer.ended()

    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(stalls) as proxy:
            transport = server.transport(proxy=f"http://127.0.0.1:{proxy.port}")
            with pytest.raises(ConnectError, match="within 10 s"):
                await transport.exchange(POST)
            await proxy.peers[0].gone.wait()
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize(
    "environment, expected",
    [
        ({}, None),
        ({"https_proxy": "http://proxy:1"}, "proxy proxy:1"),
        ({"HTTPS_PROXY": "http://me:x@proxy:1"}, "proxy proxy:1"),
        ({"https_proxy": "proxy:1"}, "proxy proxy:1"),
        ({"all_proxy": "http://proxy:2"}, "proxy proxy:2"),
        ({"http_proxy": "http://proxy:1"}, None),
        ({"https_proxy": "http://proxy:1", "no_proxy": "bandwidth.com"}, None),
        ({"https_proxy": "http://proxy:1", "no_proxy": "example.com"}, "proxy proxy:1"),
        ({"https_proxy": "http://proxy:1", "no_proxy": "*"}, None),
    ],
)  # fmt: skip
def test_the_environment_is_read_as_other_programs_read_it(
    environment: dict[str, str], expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    origin = Origin.parse("https://messaging.bandwidth.com/api/v2")
    proxy = Proxy.choose(origin, None, trust_env=True)
    assert (None if proxy is None else str(proxy)) == expected
    assert Proxy.choose(origin, None, trust_env=False) is None
    assert str(Proxy.choose(origin, "http://given", trust_env=True)) == "proxy given:80"


@pytest.mark.parametrize("scheme", ["socks5", "https", "ftp"])
def test_a_proxy_of_another_kind_is_refused_as_a_proxy(scheme: str) -> None:
    with pytest.raises(LocalError, match="proxy") as refused:
        Proxy.parse(f"{scheme}://me:hidden@proxy.example.com:1080")
    assert "hidden" not in str(refused.value)
