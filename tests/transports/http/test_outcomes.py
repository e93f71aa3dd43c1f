"""Whatever becomes of an exchange, it is known whether the peer may have the request; it has it at most once."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

import pytest

from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, TransportError
from msgcore.wire import Response
from tests.ports import Port
from tests.transports.http.loopback import LOOPS, POST, Loopback, Peer, Script, obliging, run, said
from tests.transports.skipping import skip

BOTH_LOOPS = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())

ANSWER = said(202, "content-type: application/json", body=b'{"id":"1"}')
HEAD_END = ANSWER.index(b"\r\n\r\n") + 4
# Octets of the answer that the peer gets out before it fails.
POINTS = {
    "before the answer": 0,
    "in the status line": 10,
    "in the head": 40,
    "after the head": HEAD_END,
    "in the body": len(ANSWER) - 1,
}


async def reset(peer: Peer) -> None:
    peer.reset()


async def close(peer: Peer) -> None:
    peer.close()


async def half_close(peer: Peer) -> None:
    peer.half_close()
    await peer.ended()


FAILURES: dict[str, Callable[[Peer], Awaitable[None]]] = {"resets": reset, "closes": close, "half-closes": half_close}


def fails_after(octets: int, failure: Callable[[Peer], Awaitable[None]]) -> Script:
    async def script(peer: Peer) -> None:
        await peer.request()
        if octets:
            await peer.send(ANSWER[:octets])
        await failure(peer)

    return script


async def outcome_of(script: Script, **options: object) -> tuple[TransportError | Response, Loopback]:
    async with Loopback(script) as server:
        transport = server.transport(**options)
        try:
            return await transport.exchange(POST), server
        except TransportError as error:
            return error, server
        finally:
            await transport.aclose()


@BOTH_LOOPS
@pytest.mark.parametrize("octets", POINTS.values(), ids=POINTS.keys())
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_peer_that_fails_after_the_request_may_have_it_and_has_it_once(
    failure: Callable[[Peer], Awaitable[None]], octets: int, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    outcome, server = run(lambda: outcome_of(fails_after(octets, failure)), loop)
    assert isinstance(outcome, ClosedError)
    assert outcome.may_have_been_accepted is True
    assert [seen.body for seen in server.seen] == [POST.body]
    assert len(server.peers) == 1


@pytest.mark.parametrize("octets", POINTS.values(), ids=POINTS.keys())
def test_a_peer_that_stalls_may_have_the_request(octets: int) -> None:
    async def stall(peer: Peer) -> None:
        skip(29)  # not yet
        await asyncio.sleep(0)
        skip(2)
        await peer.ended()

    outcome, server = run(lambda: outcome_of(fails_after(octets, stall)))
    assert isinstance(outcome, ExchangeTimeoutError)
    assert outcome.may_have_been_accepted is True
    assert len(server.seen) == 1


@BOTH_LOOPS
@pytest.mark.parametrize("seen", [b"P", b"host", b'{"te'], ids=["first octet", "in the head", "in the body"])
def test_a_peer_that_resets_while_it_reads_may_have_the_request(
    seen: bytes, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def script(peer: Peer) -> None:
        await peer.reader.readuntil(seen)
        peer.reset()

    outcome, server = run(lambda: outcome_of(script), loop)
    assert isinstance(outcome, ClosedError)
    assert outcome.may_have_been_accepted is True
    assert len(server.peers) == 1


def test_a_peer_that_resets_at_once_gets_nothing_or_may_have_the_request() -> None:
    async def script(peer: Peer) -> None:
        peer.reset()

    async def scenario() -> None:
        outcome, server = await outcome_of(script)
        # Whether the reset is seen before the first octet is written is a race that the peer decides.
        assert isinstance(outcome, TransportError)
        assert outcome.may_have_been_accepted is not isinstance(outcome, ConnectError)
        assert not server.seen

    run(scenario)


@BOTH_LOOPS
def test_nobody_listening_means_that_nothing_was_accepted(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def scenario() -> None:
        with Port() as port:
            transport = Loopback.at(f"http://127.0.0.1:{port.number}/api/v2")
            with pytest.raises(ConnectError, match=r"127\.0\.0\.1") as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is False
            await transport.aclose()

    run(scenario, loop)


def test_a_name_that_does_not_resolve_means_that_nothing_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_such_name(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.at(f"http://localhost:{server.port}")
            monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
            with pytest.raises(ConnectError, match="Name or service not known"):
                await transport.exchange(POST)
            monkeypatch.undo()
            await transport.aclose()

    run(scenario)


def test_a_connection_that_is_not_made_in_time_means_that_nothing_was_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport(connect_seconds=5)
            loop = asyncio.get_running_loop()
            began = loop.create_future()

            async def never(*args: object, **options: object) -> None:
                began.set_result(None)
                await loop.create_future()

            monkeypatch.setattr(loop, "create_connection", never)
            exchange = asyncio.ensure_future(transport.exchange(POST))
            await began
            skip(4)
            await asyncio.sleep(0)
            assert not exchange.done()
            skip(2)
            with pytest.raises(ConnectError, match="not connected within 5 s"):
                await exchange
            await transport.aclose()

    run(scenario)


@BOTH_LOOPS
@pytest.mark.parametrize("unasked", [b"", said()], ids=["closed", "spoke and closed"])
def test_a_connection_that_the_peer_has_ended_is_replaced_even_before_the_loop_has_noticed(
    unasked: bytes, loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transports.http.connection._FRESH_SECONDS", 0.0)  # as if it had rested for a while

    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            await transport.exchange(POST)
            number = server.peers[0].writer.get_extra_info("socket").fileno()
            with socket.socket(fileno=os.dup(number)) as sock:  # behind the back of the loop
                sock.sendall(unasked)
                sock.shutdown(socket.SHUT_RDWR)
            assert (await transport.exchange(POST)).status == 202
            assert len(server.seen) == len(server.peers) == 2
            await transport.aclose()

    run(scenario, loop)


@BOTH_LOOPS
def test_a_request_on_a_connection_that_dies_under_it_is_not_sent_again(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def dies_at_the_second(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await peer.request()
        peer.reset()

    async def scenario() -> None:
        async with Loopback(dies_at_the_second, obliging) as server:
            transport = server.transport()
            await transport.exchange(POST)
            with pytest.raises(ClosedError) as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is True
            assert len(server.peers) == 1
            assert len(server.seen) == 2
            assert (await transport.exchange(POST)).status == 202  # the next one takes a new connection
            await transport.aclose()

    run(scenario, loop)


@BOTH_LOOPS
def test_an_exchange_that_is_cancelled_is_cut_off_and_its_connection_not_used_again(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()

        async def stalls(peer: Peer) -> None:
            await peer.request()
            arrived.set()
            await peer.ended()
            arrived.clear()

        async with Loopback(stalls, obliging) as server:
            transport = server.transport(max_connections=1)
            exchange = asyncio.ensure_future(transport.exchange(POST))
            await arrived.wait()
            exchange.cancel()
            with pytest.raises(asyncio.CancelledError):
                await exchange
            assert (await transport.exchange(POST)).status == 202
            assert len(server.peers) == 2
            await transport.aclose()

    run(scenario, loop)
