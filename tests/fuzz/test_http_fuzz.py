"""Whatever octets a server sends, in whatever pieces, an exchange ends with an answer or a documented error."""

import asyncio
import itertools
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from msgcore.errors import LocalError, TransportError
from msgcore.wire import Response
from transports.http.connection import Connection
from transports.http.fences import RequestHeads
from transports.http.limits import Limits
from transports.http.origin import Origin

LIMITS = Limits(max_head_octets=2000, max_body_octets=500)

lines = st.sampled_from([
    b"HTTP/1.1 202 Accepted\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n",
    b"HTTP/1.1 204 No Content\r\n", b"HTTP/1.1 101 Switching\r\n", b"HTTP/1.1 304 Not Modified\r\n", b"HTTP/2.0 1\r\n",
    b"content-length: 3\r\n", b"content-length: 0\r\n", b"content-length: 700\r\n", b"content-length: -1\r\n",
    b"transfer-encoding: chunked\r\n", b"transfer-encoding: gzip\r\n", b"connection: close\r\n", b"upgrade: h2c\r\n",
    b"keep-alive: timeout=5\r\n", b"x: \xff\r\n", b": \r\n", b"\r\n", b"\n", b"\r", b"3\r\nabc\r\n", b"0\r\n\r\n",
    b"0\r\n", b"ffffffffffffffff\r\n", b"1;x=y\r\nz\r\n", b"abc", b"y" * 600, b"x: " + b"y" * 900 + b"\r\n", b"\0",
])  # fmt: skip
octets = st.lists(lines | st.binary(max_size=20), max_size=12).map(b"".join)


class Wire(asyncio.Transport):
    """A transport that keeps what is written, and carries what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Owner:
    """A pool of one connection."""

    def __init__(self) -> None:
        self.released = self.dropped = 0

    def release(self, connection: Connection) -> None:
        self.released += 1

    def drop(self, connection: Connection) -> None:
        self.dropped += 1

    def lost(self, connection: Connection) -> None: ...

    def expect(self, deadline: float) -> None: ...


async def exchange(sent: bytes, cuts: list[int], end: str, *, may_stream: bool) -> Response | None:
    owner, wire = Owner(), Wire()
    loop = asyncio.get_running_loop()
    connection = Connection(owner, LIMITS, loop)
    connection.connection_made(wire)
    answer: asyncio.Future[Response] = loop.create_future()
    connection.ask(answer, b"POST", loop.time(), may_stream=may_stream)
    borders = [0, *sorted({cut % (len(sent) + 1) for cut in cuts}), len(sent)]
    for start, stop in itertools.pairwise(borders):
        if start < stop and not wire.is_closed:
            connection.data_received(sent[start:stop])
    if end == "close" and not wire.is_closed:
        connection.eof_received()
    elif end == "stall":
        connection.expire()
    connection.connection_lost(ConnectionResetError("reset") if end == "reset" else None)
    assert answer.done()
    try:
        response = await answer
        if not isinstance(response.body, bytes):
            response = Response(response.status, response.headers, b"".join([piece async for piece in response.body]))
    except TransportError as error:
        assert error.may_have_been_accepted is True
        response = None
    assert wire.written == b"POST"
    assert owner.dropped == 1
    return response


@settings(max_examples=300, deadline=None)
@given(octets, st.lists(st.integers(0, 500), max_size=6), st.sampled_from(["close", "reset", "stall"]), st.booleans())
def test_arbitrary_answers_end_with_an_answer_or_a_documented_error(
    sent: bytes, cuts: list[int], end: str, may_stream: bool
) -> None:
    loop = asyncio.new_event_loop()
    try:
        response = loop.run_until_complete(exchange(sent, cuts, end, may_stream=may_stream))
    finally:
        loop.close()
    if response is not None:
        assert 200 <= response.status <= 999
        assert isinstance(response.body, bytes)
        assert all(name == name.lower() for name in response.headers)


@given(
    st.text(max_size=30), st.text(max_size=30), st.dictionaries(st.text(max_size=8), st.text(max_size=12), max_size=2)
)
def test_arbitrary_requests_are_written_on_their_own_lines_or_refused(
    path: str, query: str, headers: dict[str, str]
) -> None:
    heads = RequestHeads(Origin.parse("https://example.com/v2"), "/users/1/")
    try:
        head = heads.write("POST", path, query, headers)
    except LocalError:
        return
    target, *lines = head.decode("latin-1").split("\r\n")
    assert target.startswith("POST /v2/users/1/")
    assert target.count(" ") == 2
    assert lines[-1] == ""
    assert len(lines) == len(headers) + (2 if "user-agent" in headers else 3) - ("content-length" in headers)
    assert not any(character in head.replace(b"\r\n", b"") for character in b"\r\n\0")
