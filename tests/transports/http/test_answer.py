"""What comes back: whole answers are read, however they are framed; everything else is a documented error."""

import asyncio

import pytest
from hypothesis import given

from msgcore.errors import ClosedError, ExchangeTimeoutError, TransportError
from msgcore.kernel.answers import read_whole_answer
from msgcore.wire import Response
from tests.fuzz import answers
from tests.fuzz.damage import damaged
from tests.transports.http.loopback import POST, Loopback, Peer, Script, obliging, run, said
from tests.transports.skipping import skip
from transports.http.answer import AnswerReader, BrokenAnswer

CHUNKED = "transfer-encoding: chunked"
CHUNKS = b"3\r\nabc\r\n4;extension=1\r\ndefg\r\n0\r\ntrailer: x\r\n\r\n"


def sends(octets: bytes, *, pieces: int = 1, close: bool = False) -> Script:
    """Answer the first request with ``octets``, in so many pieces, and what else comes with a 202."""

    async def script(peer: Peer) -> None:
        await peer.request()
        size = -(-len(octets) // pieces)
        for start in range(0, len(octets), size):
            await peer.send(octets[start : start + size])
            await asyncio.sleep(0)
        if close:
            peer.close()
        await obliging(peer)

    return script


async def exchange(octets: bytes, *, pieces: int = 1, close: bool = False, **options: object) -> Response:
    async with Loopback(sends(octets, pieces=pieces, close=close)) as server:
        transport = server.transport(**options)
        try:
            return await transport.exchange(POST)
        finally:
            await transport.aclose()


WHOLE: dict[str, tuple[bytes, bool, int, bytes]] = {
    "a length": (said(202, body=b"abc"), False, 202, b"abc"),
    "no body": (said(202, body=b""), False, 202, b""),
    "chunks": (said(200, CHUNKED, body=CHUNKS, length=False), False, 200, b"abcdefg"),
    "a length and a close": (said(202, "connection: close", body=b"abc"), False, 202, b"abc"),
    "the end of the connection": (said(200, body=b"abc", length=False), True, 200, b"abc"),
    "version 1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 3\r\n\r\nabc", False, 200, b"abc"),
    "no reason": (b"HTTP/1.1 202\r\ncontent-length: 3\r\n\r\nabc", False, 202, b"abc"),
    "interim answers before it": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + said(202, body=b"abc"),
        False,
        202,
        b"abc",
    ),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", False, 204, b""),
    "204 that announces a body": (b"HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n", False, 204, b""),
    "304 that announces a body": (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", False, 304, b""),
    "a redirect, not followed": (said(302, "location: http://127.0.0.1/", body=b""), False, 302, b""),
    "an unknown status": (said(799, body=b"abc"), False, 799, b"abc"),
}


@pytest.mark.parametrize("pieces", [1, 2, 7, 1000], ids="in {} pieces".format)
@pytest.mark.parametrize("octets, close, status, body", WHOLE.values(), ids=WHOLE.keys())
def test_an_answer_is_read_whole(octets: bytes, close: bool, status: int, body: bytes, pieces: int) -> None:
    response = run(lambda: exchange(octets, pieces=pieces, close=close))
    assert response.status == status
    assert response.body == body


def test_headers_are_in_lower_case_and_repeated_ones_joined() -> None:
    response = run(lambda: exchange(said(202, "X-One: 1", "x-one:  2 ", "Empty:")))
    assert response.headers == {"x-one": "1, 2", "empty": "", "content-length": "2"}


BROKEN = {
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "two lengths": said(202, "content-length: 2"),
    "two different lengths": said(202, "content-length: 3"),
    "a length and chunks": said(202, CHUNKED, body=CHUNKS),
    "a length that is none": said(202, "content-length: two", length=False),
    "a negative length": said(202, "content-length: -2", length=False),
    "a length beyond 64 bits": said(202, f"content-length: {2**64}", length=False),
    "chunks that are none": said(202, CHUNKED, body=b"zz\r\n", length=False),
    "another transfer coding": said(202, "transfer-encoding: gzip", length=False),
    "another coding before chunks": said(202, "transfer-encoding: gzip, chunked", body=CHUNKS, length=False),
    "a folded header": said(202, "x: 1\r\n 2"),
    "a header without a name": said(202, ": 1"),
    "a blank in a header's name": said(202, "x y: 1"),
    "NUL in a header": said(202, "x: \0"),
    "other protocols": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "other protocols, unsaid": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "an interim answer with a body": b"HTTP/1.1 100 Continue\r\ncontent-length: 2\r\n\r\n" + said(),
    "a head without end": b"HTTP/1.1 202 Accepted\r\nx: " + b"y" * 70_000,
    "many headers": b"HTTP/1.1 202 Accepted\r\n" + b"x: y\r\n" * 20_000,
    "interim answers without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 3000 + said(),
    "trailers without end": said(202, CHUNKED, body=b"0\r\nx: " + b"y" * 70_000, length=False),
    "chunk extensions without end": said(202, CHUNKED, body=b"1;" + b"y" * 70_000, length=False),
    "a body above the cap": said(202, body=b"y" * 1_048_577),
    "chunks above the cap": said(202, CHUNKED, body=b"80000\r\n%b\r\n" % (b"y" * 0x80000) * 3, length=False),
}  # fmt: skip


@pytest.mark.parametrize("octets", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_an_error_and_says_that_the_request_may_have_been_accepted(octets: bytes) -> None:
    with pytest.raises(TransportError) as caught:
        run(lambda: exchange(octets))
    assert not isinstance(caught.value, (ExchangeTimeoutError, ClosedError))
    assert caught.value.may_have_been_accepted is True


KEPT = {
    "a length": (said(), True),
    "chunks": (said(200, CHUNKED, body=CHUNKS, length=False), True),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    "204 with a length of 0": (b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n", True),
    "204 that announces a body": (b"HTTP/1.1 204 No Content\r\ncontent-length: 9\r\n\r\n", False),
    "it says close": (said(202, "Connection: Close"), False),
    "version 1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", False),
    "surplus octets": (said() + b"x", False),
    "a second answer": (said() + said(body=b"forged"), False),
    "a second answer after a close": (said(202, "connection: close") + said(body=b"forged"), False),
}


@pytest.mark.parametrize("octets, is_kept", KEPT.values(), ids=KEPT.keys())
def test_a_connection_is_used_again_only_after_a_clean_end(octets: bytes, is_kept: bool) -> None:
    async def scenario() -> None:
        async with Loopback(sends(octets), obliging) as server:
            transport = server.transport()
            assert (await transport.exchange(POST)).body != b"forged"
            assert (await transport.exchange(POST)).body == b"{}"
            assert len(server.peers) == (1 if is_kept else 2)
            await transport.aclose()

    run(scenario)


def test_what_comes_unasked_ends_an_idle_connection() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport(idle_seconds=1000)
            await transport.exchange(POST)
            await server.peers[0].send(said(body=b"forged"))
            await server.peers[0].gone.wait()
            assert (await transport.exchange(POST)).body == b"{}"
            assert len(server.peers) == 2
            await transport.aclose()

    run(scenario)


def test_an_idle_connection_is_retired_before_the_server_does_it() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport(idle_seconds=4)
            await transport.exchange(POST)
            skip(3.9)
            await transport.exchange(POST)
            assert len(server.peers) == 1
            skip(4.1)
            await server.peers[0].gone.wait()  # the sweep closes it, with no exchange to notice
            await transport.exchange(POST)
            assert len(server.peers) == 2
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("told, is_kept", [("timeout=3", True), ("timeout=2, max=5", False), ("max=5", True)])
def test_a_server_that_tells_its_time_is_left_a_second_before(told: str, is_kept: bool) -> None:
    async def scenario() -> None:
        async with Loopback(sends(said(202, f"keep-alive: {told}")), obliging) as server:
            transport = server.transport(idle_seconds=4)
            await transport.exchange(POST)
            skip(1.5)
            await transport.exchange(POST)
            assert (len(server.peers) == 1) is is_kept
            await transport.aclose()

    run(scenario)


def test_what_a_peer_can_make_us_hold_is_bounded_whatever_it_sends() -> None:
    for endless in (
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 202 A\r\nx: ",
        said(202, CHUNKED, body=b"0\r\nx: ", length=False),
    ):
        reader = AnswerReader(max_head_octets=1000)
        fed = 0
        with pytest.raises(BrokenAnswer):
            reader.feed(endless)
            while fed < 3000:
                more = endless if endless.endswith(b"\r\n\r\n") else b"y" * 100
                reader.feed(more)
                fed += len(more)


@given(damaged(answers.SEEDS, answers.TROUBLE))
def test_what_is_read_at_a_glance_the_full_parser_reads_alike(octets: bytes) -> None:
    if (at_a_glance := read_whole_answer(octets, 1000)) is not None:
        reader = AnswerReader(max_head_octets=1000)
        reader.feed(octets)
        assert (reader.is_complete, reader.is_reusable) == (True, True)
        assert (reader.status, dict(reader.headers), b"".join(reader.take())) == at_a_glance


def test_after_an_answer_that_took_thought_the_next_is_read_at_a_glance_and_the_other_way_round() -> None:
    answers = {
        b"abcdefg": said(200, CHUNKED, body=CHUNKS, length=False),
        b"one": said(202, body=b"one"),
        b"two": said(202, body=b"two"),
        b"three": b"HTTP/1.1 100 Continue\r\n\r\n" + said(202, body=b"three"),
        b"": said(202, body=b""),
    }

    async def script(peer: Peer) -> None:
        for octets in answers.values():
            await peer.request()
            await peer.send(octets)

    async def scenario() -> None:
        async with Loopback(script) as server:
            transport = server.transport()
            assert [(await transport.exchange(POST)).body for _ in answers] == [*answers]
            assert len(server.peers) == 1
            await transport.aclose()

    run(scenario)


def test_what_follows_an_answer_ends_the_connection() -> None:
    for surplus in (said(202, body=b"again"), b"x"):
        reader = AnswerReader(max_head_octets=1000)
        reader.feed(said(202, body=b"once"))
        assert reader.is_reusable
        reader.feed(surplus)
        assert (reader.is_reusable, reader.status, reader.take()) == (False, 202, [b"once"])
