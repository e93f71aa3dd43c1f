"""The server is verified by chain and by name, in every way of connecting; failing that, nothing is sent."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, LocalError
from tests.transports.http.conftest import Authority
from tests.transports.http.loopback import LOOPS, POST, Loopback, Peer, obliging, run
from tests.transports.skipping import skip

BOTH_LOOPS = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())


def server_context(authority: Authority, name: str = "localhost", *, asks: bool = False) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.ca.issue_cert(name).configure_cert(context)
    if asks:
        context.verify_mode = ssl.CERT_REQUIRED
        authority.ca.configure_trust(context)
    return context


@BOTH_LOOPS
def test_a_verified_server_is_talked_to_over_a_kept_connection(
    authority: Authority, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        async with Loopback(obliging, tls=server_context(authority)) as server:
            transport = server.transport(ca_file=authority.ca_file)
            for _ in range(3):
                assert (await transport.exchange(POST)).status == 202
            assert len(server.peers) == 1
            await transport.aclose()

    run(scenario, loop)


@BOTH_LOOPS
@pytest.mark.parametrize("trusts, name", [(False, "localhost"), (True, "example.com")], ids=["no trust", "wrong name"])
def test_a_server_that_cannot_be_verified_gets_nothing(
    authority: Authority, trusts: bool, name: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        async with Loopback(obliging, tls=server_context(authority, name)) as server:
            transport = server.transport(**({"ca_file": authority.ca_file} if trusts else {}))
            with pytest.raises(ConnectError, match="certificate is not trusted") as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is False
            assert not server.seen
            await transport.aclose()

    run(scenario, loop)


def test_a_client_certificate_is_shown_where_one_is_asked_for(authority: Authority) -> None:
    async def scenario() -> None:
        async with Loopback(obliging, tls=server_context(authority, asks=True)) as server:
            transport = server.transport(ca_file=authority.ca_file, client_certificate=authority.client)
            assert (await transport.exchange(POST)).status == 202
            shown = server.peers[0].writer.get_extra_info("peercert")
            assert shown["subjectAltName"] == (("email", "client@example.com"),)
            await transport.aclose()

    run(scenario)


def test_a_server_that_speaks_no_tls_gets_nothing() -> None:
    async def babbles(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await peer.ended()

    async def scenario() -> None:
        async with Loopback(babbles) as server:
            server.url_scheme = "https"
            transport = server.transport()
            with pytest.raises(ConnectError):
                await transport.exchange(POST)
            assert not server.seen
            await transport.aclose()

    run(scenario)


@BOTH_LOOPS
def test_a_tls_connection_that_dies_under_a_request_leaves_it_unknown(
    authority: Authority, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def dies(peer: Peer) -> None:
        await peer.request()
        peer.writer.transport.abort()

    async def scenario() -> None:
        async with Loopback(dies, tls=server_context(authority)) as server:
            transport = server.transport(ca_file=authority.ca_file)
            with pytest.raises(ClosedError) as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is True
            assert len(server.seen) == 1
            await transport.aclose()

    run(scenario, loop)


@BOTH_LOOPS
def test_a_tls_connection_that_the_peer_closed_meanwhile_is_replaced(
    authority: Authority, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def closes(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        peer.writer.transport.abort()

    async def scenario() -> None:
        async with Loopback(closes, obliging, tls=server_context(authority)) as server:
            transport = server.transport(ca_file=authority.ca_file)
            await transport.exchange(POST)
            while transport._pool._standing:  # until the loop has heard of it
                await asyncio.sleep(0)
            assert (await transport.exchange(POST)).status == 202
            assert len(server.seen) == 2
            await transport.aclose()

    run(scenario, loop)


def test_a_stalled_tls_peer_is_timed_out_and_does_not_hold_up_closing(authority: Authority) -> None:
    async def stalls(peer: Peer) -> None:
        await peer.request()
        skip(31)
        await asyncio.get_running_loop().create_future()

    async def scenario() -> None:
        async with Loopback(stalls, tls=server_context(authority)) as server:
            transport = server.transport(ca_file=authority.ca_file)
            with pytest.raises(ExchangeTimeoutError):
                await transport.exchange(POST)
            await transport.aclose()

    run(scenario)


def test_a_context_that_does_not_verify_is_refused(authority: Authority) -> None:
    lax = ssl.create_default_context(cafile=authority.ca_file)
    lax.check_hostname = False
    blind = ssl.create_default_context(cafile=authority.ca_file)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    for context in (lax, blind):
        with pytest.raises(LocalError, match="must verify"):
            Loopback.at("https://localhost", ssl_context=context)
    with pytest.raises(LocalError, match="instead of"):
        Loopback.at("https://localhost", ssl_context=ssl.create_default_context(), ca_file=authority.ca_file)


def test_a_key_that_wants_a_password_does_not_ask_for_it_at_the_terminal(authority: Authority, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    pem = authority.client.read_bytes()
    key = serialization.load_pem_private_key(pem, None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"hush")
    )
    (tmp_path / "key.pem").write_bytes(locked)
    files = (authority.client, tmp_path / "key.pem")
    Loopback.at("https://localhost", client_certificate=(*files, "hush"))
    with pytest.raises(LocalError) as caught:
        Loopback.at("https://localhost", client_certificate=(*files, "wrong"))
    assert "wrong" not in str(caught.value)
    with pytest.raises(LocalError):
        Loopback.at("https://localhost", client_certificate=files)
