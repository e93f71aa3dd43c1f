"""Long bodies go out and come in piece by piece, with back pressure, deadlines and ends that are told apart."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable

import pytest

from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, LocalError, TransportError
from msgcore.wire import Request
from tests.transports.http.loopback import GET, LOOPS, POST, Loopback, Peer, Script, obliging, run, said
from tests.transports.skipping import skip

BOTH_LOOPS = pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())
PICTURE = bytes(range(256)) * 16_384  # 4 MiB


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        await asyncio.sleep(0)
        yield piece


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield PICTURE[:65_536]


def put(body: bytes | AsyncIterator[bytes], **headers: str) -> Request:
    return Request(
        "PUT", "media/cat.png", headers={name.replace("_", "-"): value for name, value in headers.items()}, body=body
    )


# ------------------------------------------------------------------------------------------------------------- upload


@BOTH_LOOPS
@pytest.mark.parametrize("length", [None, str(len(PICTURE))], ids=["chunked", "with a length"])
def test_a_streamed_body_arrives_whole(length: str | None, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            cut = [PICTURE[:1], b"", PICTURE[1:70_000], PICTURE[70_000:]]
            await transport.exchange(put(pieces(*cut), **({} if length is None else {"content_length": length})))
            await transport.exchange(POST)
            assert server.seen[0].body == PICTURE
            assert server.seen[0].headers.get("content-length") == length
            assert server.seen[0].headers.get("transfer-encoding") == (None if length else "chunked")
            assert len(server.peers) == 1
            await transport.aclose()

    run(scenario, loop)


@BOTH_LOOPS
def test_a_long_body_of_octets_arrives_whole(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            await transport.exchange(put(PICTURE))
            assert server.seen[0].body == PICTURE
            assert server.seen[0].headers["content-length"] == str(len(PICTURE))
            await transport.aclose()

    run(scenario, loop)


@pytest.mark.parametrize("length", ["6", "4", "0"])
def test_a_stream_that_is_not_as_long_as_announced_is_never_a_whole_request(length: str) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            with pytest.raises(TransportError, match="announced"):
                await transport.exchange(put(pieces(b"ab", b"cde"), content_length=length))
            assert (await transport.exchange(POST)).status == 202
            assert [seen.method for seen in server.seen] == ["POST"]
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("given, may", [((), False), ((b"abc",), True)], ids=["before its first piece", "after it"])
def test_a_stream_that_raises_breaks_its_request_off(given: tuple[bytes, ...], may: bool) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        for piece in given:
            yield piece
        raise ZeroDivisionError("secret")

    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            with pytest.raises(TransportError, match="ZeroDivisionError") as caught:
                await transport.exchange(put(breaks()))
            assert caught.value.may_have_been_accepted is may
            assert "secret" not in str(caught.value)
            assert not server.seen
            await transport.aclose()

    run(scenario)


def test_a_stream_of_something_else_breaks_its_request_off() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            with pytest.raises(TransportError, match="TypeError"):
                await transport.exchange(put(pieces("text")))  # type: ignore[arg-type]
            with pytest.raises(LocalError, match="GET"):
                await transport.exchange(Request("GET", "media", body=pieces(b"x")))
            await transport.aclose()

    run(scenario)


async def refuses_early(peer: Peer) -> None:
    await peer.head()
    await peer.send(said(413, body=b"too much"))
    await peer.ended()


@BOTH_LOOPS
@pytest.mark.parametrize("hangs", [False, True], ids=["that goes on", "that hangs"])
def test_an_early_answer_ends_a_body(hangs: bool, loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    closed = []

    async def body() -> AsyncIterator[bytes]:
        try:
            yield PICTURE[:1000]
            while hangs:
                await asyncio.get_running_loop().create_future()
            async for piece in endless():
                yield piece
        finally:
            closed.append(True)

    async def scenario() -> None:
        async with Loopback(refuses_early, obliging) as server:
            transport = server.transport()
            response = await transport.exchange(put(body()))
            assert (response.status, response.body) == (413, b"too much")
            assert closed == [True]
            await transport.exchange(POST)
            assert len(server.peers) == 2  # the first was left in the middle of a request
            await transport.aclose()

    run(scenario, loop)


def test_an_answer_before_anything_was_asked_is_none() -> None:
    async def speaks_first(peer: Peer) -> None:
        await obliging(peer)

    async def scenario() -> None:
        begun = asyncio.Event()

        async def late() -> AsyncIterator[bytes]:
            begun.set()
            await asyncio.get_running_loop().create_future()
            yield b""

        async with Loopback(speaks_first) as server:
            transport = server.transport()
            await transport.exchange(POST)
            exchange = asyncio.ensure_future(transport.exchange(put(late())))
            await begun.wait()
            await server.peers[0].send(said(202))
            with pytest.raises(ConnectError):
                await exchange
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("ends_by", ["cancelling", "time"])
def test_a_body_that_never_begins_leaves_nothing_sent(ends_by: str) -> None:
    async def scenario() -> None:
        begun = asyncio.Event()

        async def never() -> AsyncIterator[bytes]:
            begun.set()
            await asyncio.get_running_loop().create_future()
            yield b""

        async with Loopback(obliging) as server:
            transport = server.transport(write_seconds=20)
            exchange = asyncio.ensure_future(transport.exchange(put(never())))
            await begun.wait()
            if ends_by == "cancelling":
                exchange.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await exchange
            else:
                skip(21)
                with pytest.raises(ConnectError, match="did not begin within 20 s") as caught:
                    await exchange
                assert caught.value.may_have_been_accepted is False
            assert (await transport.exchange(POST)).status == 202
            assert len(server.seen) == 1
            assert len(server.peers) == (1 if ends_by == "cancelling" else 2)  # untouched, it is kept
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("body", [PICTURE * 4, None], ids=["of octets", "streamed"])
def test_a_peer_that_takes_no_more_of_a_body_is_not_waited_for(body: bytes | None) -> None:
    async def scenario() -> None:
        stalled = asyncio.Event()

        async def reads_a_little(peer: Peer) -> None:
            await peer.head()
            stalled.set()
            await asyncio.get_running_loop().create_future()

        async with Loopback(reads_a_little) as server:
            transport = server.transport(write_seconds=20)
            exchange = asyncio.ensure_future(transport.exchange(put(endless() if body is None else body)))
            await stalled.wait()
            while not any(connection._drained for connection in transport._pool._standing):
                await asyncio.sleep(0)
            while not exchange.done():  # the peer's system takes some of it yet, which begins the time anew
                for _ in range(10):
                    await asyncio.sleep(0)
                skip(21)
            with pytest.raises(ExchangeTimeoutError, match="20 s") as caught:
                await exchange
            assert caught.value.may_have_been_accepted is True
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("failure", [Peer.reset, Peer.close], ids=["resets", "closes"])
def test_a_peer_that_fails_in_the_middle_of_a_body_may_have_it(failure: Callable[[Peer], None]) -> None:
    async def fails(peer: Peer) -> None:
        await peer.head()
        await peer.event()
        failure(peer)

    async def scenario() -> None:
        async with Loopback(fails) as server:
            transport = server.transport()
            with pytest.raises(TransportError) as caught:
                await transport.exchange(put(endless()))
            assert caught.value.may_have_been_accepted is True
            assert len(server.peers) == 1
            await transport.aclose()

    run(scenario)


def test_an_upload_that_is_cancelled_is_cut_off_and_its_stream_closed() -> None:
    async def scenario() -> None:
        arrived = asyncio.Event()
        closed = asyncio.Event()

        async def body() -> AsyncIterator[bytes]:
            try:
                yield b"abc"
                await asyncio.get_running_loop().create_future()
            finally:
                closed.set()

        async def waits(peer: Peer) -> None:
            await peer.head()
            arrived.set()
            await peer.ended()

        async with Loopback(waits) as server:
            transport = server.transport()
            exchange = asyncio.ensure_future(transport.exchange(put(body())))
            await arrived.wait()
            exchange.cancel()
            with pytest.raises(asyncio.CancelledError):
                await exchange
            assert closed.is_set()
            await server.peers[0].gone.wait()
            await transport.aclose()

    run(scenario)


# ----------------------------------------------------------------------------------------------------------- download


def serves(octets: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.request()
        await peer.send(octets)
        await obliging(peer)

    return script


async def read(body: object) -> bytes:
    assert isinstance(body, AsyncIterator)
    return b"".join([piece async for piece in body])


FRAMED = {
    "with a length": said(200, body=PICTURE),
    "chunked": said(
        200, "transfer-encoding: chunked", length=False, body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(PICTURE), PICTURE)
    ),
}


@BOTH_LOOPS
@pytest.mark.parametrize("octets", FRAMED.values(), ids=FRAMED.keys())
def test_a_long_answer_to_a_get_is_streamed_and_its_connection_used_again(
    octets: bytes, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        async with Loopback(serves(octets)) as server:
            transport = server.transport()
            response = await transport.exchange(GET)
            assert not isinstance(response.body, bytes)
            assert await read(response.body) == PICTURE
            assert await read(response.body) == b""
            assert (await transport.exchange(POST)).status == 202
            assert len(server.peers) == 1
            await transport.aclose()

    run(scenario, loop)


@pytest.mark.parametrize("surplus, is_stream", [(0, False), (1, True)])
def test_an_answer_is_whole_up_to_the_cap_and_streamed_above(surplus: int, is_stream: bool) -> None:
    async def scenario() -> None:
        async with Loopback(serves(said(200, body=PICTURE[: 1000 + surplus]))) as server:
            transport = server.transport(max_body_octets=1000)
            response = await transport.exchange(GET)
            assert isinstance(response.body, bytes) is not is_stream
            if is_stream:
                assert await read(response.body) == PICTURE[: 1000 + surplus]
            await transport.aclose()

    run(scenario)


@BOTH_LOOPS
def test_what_is_not_read_is_not_fetched(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def scenario() -> None:
        sent = 0

        async def pours(peer: Peer) -> None:
            nonlocal sent
            await peer.request()
            await peer.send(said(200, f"content-length: {2**40}", length=False, body=b""))
            while True:
                await peer.send(PICTURE[:65_536])
                sent += 65_536

        async with Loopback(pours) as server:
            transport = server.transport()
            response = await transport.exchange(GET)
            before = -1
            while before < sent:  # until the peer cannot write any more
                before = sent
                for _ in range(1000):
                    await asyncio.sleep(0)
            [connection] = transport._pool._standing
            assert connection._download is not None
            assert connection._download._octets < 2_000_000
            assert not isinstance(response.body, bytes)
            await response.body.aclose()  # type: ignore[attr-defined]
            await transport.aclose()

    run(scenario, loop)


@pytest.mark.parametrize("by", ["aclose", "collection", "closing the transport"])
def test_a_stream_that_nobody_reads_on_gives_its_connection_up(by: str) -> None:
    async def scenario() -> None:
        async with Loopback(serves(said(200, f"content-length: {2**40}", length=False, body=PICTURE))) as server:
            transport = server.transport()
            response = await transport.exchange(GET)
            assert not isinstance(response.body, bytes)
            body = aiter(response.body)
            await anext(body)
            if by == "aclose":
                await body.aclose()  # type: ignore[attr-defined]
            elif by == "closing the transport":
                await transport.aclose()
                with pytest.raises(ClosedError):
                    await read(body)
            else:
                del body, response
                gc.collect()
            while transport._pool._taken:
                await asyncio.sleep(0)
            await transport.aclose()

    run(scenario)


def test_a_stream_that_stalls_is_waited_for_only_so_long_and_only_while_somebody_waits() -> None:
    async def scenario() -> None:
        octets = said(200, f"content-length: {2**40}", length=False, body=PICTURE[:1_500_000])
        async with Loopback(serves(octets)) as server:
            transport = server.transport(answer_seconds=30)
            response = await transport.exchange(GET)
            assert not isinstance(response.body, bytes)
            body = aiter(response.body)
            await anext(body)
            skip(1000)  # whoever reads slowly may
            await asyncio.sleep(0)
            reading = asyncio.ensure_future(read(body))
            connections = transport._pool._standing
            while not any(connection.deadline < float("inf") for connection in connections):
                await asyncio.sleep(0)
            while not reading.done():  # of what was sent some comes yet, which begins the time anew
                for _ in range(50):
                    await asyncio.sleep(0)
                skip(31)
            with pytest.raises(ExchangeTimeoutError):
                await reading
            await transport.aclose()

    run(scenario)


def test_a_stream_that_breaks_off_never_looks_whole() -> None:
    async def breaks_off(peer: Peer) -> None:
        await peer.request()
        await peer.send(said(200, body=PICTURE)[:-1])
        peer.close()

    async def scenario() -> None:
        async with Loopback(breaks_off) as server:
            transport = server.transport()
            response = await transport.exchange(GET)
            with pytest.raises(TransportError):
                await read(response.body)
            with pytest.raises(TransportError):  # and again
                await read(response.body)
            await transport.aclose()

    run(scenario)
