"""Clients that are slow, endless or speak no HTTP: they are cut, and nobody else waits for them."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.transports.simulator.service.running import SECONDS, Simulator, basic, running, wait_until
from tests.transports.skipping import SkippingLoop
from transports.serving.connection import HEAD_OCTETS, HEAD_SECONDS, PIECE_SECONDS

MOST_SKIPPED = 25
"""Seconds: longer than a head or a piece may take, and less than a connection is kept for a next request."""


@pytest.fixture(scope="module")
def hasty() -> Iterator[Simulator]:
    """One whose time is put forward: nobody has to be slow, and nobody is who only stands still for a moment."""
    assert HEAD_SECONDS == PIECE_SECONDS == 10 < MOST_SKIPPED
    with running(SkippingLoop) as made:
        yield made


@contextmanager
def connected(simulator: Simulator) -> Iterator[socket.socket]:
    host, _, port = simulator.address.partition(":")
    with socket.create_connection((host, int(port)), SECONDS) as connection:
        yield connection


def heard_until(connection: socket.socket, end: bytes) -> bytes:
    """Return what comes, up to an end."""
    heard = b""
    while not heard.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"it was cut after {heard!r}"
        heard += piece
    return heard


def heard_in_time(simulator: Simulator, connection: socket.socket) -> bytes:
    """Put time forward until something comes, and return it; nothing where the connection was cut."""
    for _ in range(MOST_SKIPPED):
        simulator.skip(1.0)
        connection.settimeout(0.01)
        try:
            return connection.recv(65536)
        except TimeoutError:
            continue
        except ConnectionError:
            return b""
        finally:
            connection.settimeout(SECONDS)
    raise AssertionError(f"after {MOST_SKIPPED} seconds it was still waited for")


def is_cut(simulator: Simulator, *pieces: bytes) -> bool:
    """Say something that has no end, and tell whether the other side ends it, without a word."""
    with connected(simulator) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return heard_in_time(simulator, connection) == b""


def order_slowness(simulator: Simulator, seconds: float) -> None:
    simulator.control_json("POST", "/faults", {"what": "slow", "seconds": seconds})


def wait_for_slowness(simulator: Simulator) -> None:
    """Return when somebody waits for his answer."""
    wait_until(lambda: simulator.control_json("GET", "/faults") == [])


def talk(simulator: Simulator, *pieces: bytes) -> bytes:
    """Say something, and return all that comes until the other side ends it."""
    with connected(simulator) as connection:
        heard = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while piece := connection.recv(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard


def head(simulator: Simulator, *lines: str) -> bytes:
    known = f"authorization: {basic(simulator.ready.user, simulator.ready.password)}"
    path = f"/api/v2/users/{simulator.ready.account_id}"
    return "\r\n".join([lines[0].replace("~", path), "host: localhost", known, *lines[1:], "", ""]).encode()


def test_who_says_nothing_is_cut(hasty: Simulator) -> None:
    assert is_cut(hasty)


def test_a_head_that_never_ends_is_cut(hasty: Simulator) -> None:
    assert is_cut(hasty, b"GET / HTTP/1.1\r\nhost: local")


def test_a_second_head_that_never_ends_is_cut_too(hasty: Simulator) -> None:
    with connected(hasty) as connection:
        connection.sendall(head(hasty, "GET ~/media HTTP/1.1") + b"GET / HT")
        assert heard_until(connection, b"[]").startswith(b"HTTP/1.1 200")
        assert heard_in_time(hasty, connection) == b""


@pytest.mark.parametrize("framing", ["content-length: 1000", "transfer-encoding: chunked"])
def test_a_body_that_never_ends_is_cut(hasty: Simulator, framing: str) -> None:
    assert is_cut(hasty, head(hasty, "POST ~/messages HTTP/1.1", framing) + b"1\r\n{\r\n")


def test_a_head_that_is_too_long_is_refused(simulator: Simulator) -> None:
    many = [b"x-%d: %s\r\n" % (number, b"y" * 1000) for number in range(HEAD_OCTETS // 1000 + 200)]
    heard = talk(simulator, b"GET / HTTP/1.1\r\n", *many)
    assert heard == b"" or heard.startswith(b"HTTP/1.1 431")  # lost where the system throws away what was not read


@pytest.mark.parametrize(
    "line", [b"BREW\t/ HTTP/1.1", b"B" * 33 + b" / HTTP/1.1", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9", b"GET"]
)
def test_what_is_no_http_is_refused_in_the_apis_own_form(simulator: Simulator, line: bytes) -> None:
    heard = talk(simulator, line + b"\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 400")
    assert b'"type":"request-validation"' in heard
    assert b"connection: close" in heard


CLOSE = "connection: close"


@pytest.mark.parametrize("method", ["BREW", "CONNECT", "PROPFIND", "get", "X-1"])
@pytest.mark.parametrize(
    "path, allowed", [("messages", "GET, POST"), ("media", "GET"), ("media/a", "GET, PUT, DELETE")]
)
def test_a_method_that_nobody_knows_is_a_405_where_the_path_is_known(
    simulator: Simulator, method: str, path: str, allowed: str
) -> None:
    heard = talk(simulator, head(simulator, f"{method} ~/{path} HTTP/1.1", CLOSE))
    assert heard.startswith(b"HTTP/1.1 405")
    assert f"allow: {allowed}\r\n".encode() in heard
    assert f'"description":"\'{method}\' is not supported here, use {allowed}"'.encode() in heard


def test_a_method_that_nobody_knows_is_a_404_elsewhere_and_a_401_for_strangers(simulator: Simulator) -> None:
    assert talk(simulator, head(simulator, "BREW ~/tea HTTP/1.1", CLOSE)).startswith(b"HTTP/1.1 404")
    assert talk(simulator, b"BREW /tea HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").startswith(b"HTTP/1.1 404")
    path = f"/api/v2/users/{simulator.ready.account_id}/media".encode()
    assert talk(simulator, b"BREW " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 401"
    )
    assert talk(simulator, b"BREW /control/clock HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").startswith(
        b"HTTP/1.1 405"
    )


def test_a_method_that_comes_in_pieces_is_read_whole(simulator: Simulator) -> None:
    line = head(simulator, "BREW ~/messages HTTP/1.1", "content-length: 2") + b"{}"
    following = head(simulator, "GET ~/media HTTP/1.1", CLOSE)
    heard = talk(simulator, *[bytes([octet]) for octet in line], following)
    assert heard.startswith(b"HTTP/1.1 405")
    assert b"'BREW' is not supported" in heard
    assert b"HTTP/1.1 200" in heard


def test_a_body_without_end_is_not_read_for_ever(simulator: Simulator) -> None:
    chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
    heard = talk(simulator, head(simulator, "PUT ~/media/a HTTP/1.1", "transfer-encoding: chunked"), *[chunk] * 64)
    assert heard == b"" or heard.startswith(b"HTTP/1.1 413")
    assert simulator.ask("GET", "media/a").status == 404


def test_who_waits_for_an_answer_is_not_cut_for_what_comes_behind_it(hasty: Simulator) -> None:
    order_slowness(hasty, HEAD_SECONDS + 5)
    with connected(hasty) as connection:
        connection.sendall(head(hasty, "GET ~/media HTTP/1.1") + b"GET / HT")
        wait_for_slowness(hasty)
        assert heard_in_time(hasty, connection).startswith(b"HTTP/1.1 200")


def test_who_waits_to_be_asked_for_a_body_is_not_cut(hasty: Simulator) -> None:
    order_slowness(hasty, PIECE_SECONDS + 5)
    with connected(hasty) as connection:
        connection.sendall(
            head(hasty, "PUT ~/media/late HTTP/1.1", "content-length: 4", "expect: 100-continue", "connection: close")
        )
        wait_for_slowness(hasty)
        assert heard_in_time(hasty, connection).startswith(b"HTTP/1.1 100")
        connection.sendall(b"cake")
        assert connection.recv(65536).startswith(b"HTTP/1.1 204")


def test_who_keeps_a_connection_is_not_cut_by_the_alarm_of_an_earlier_request(hasty: Simulator) -> None:
    whole = head(hasty, "GET ~/media HTTP/1.1")
    with connected(hasty) as connection:
        for _ in range(3):
            # Half a head, then nothing for a while: three of them take longer than one may.
            connection.sendall(whole[:20])
            hasty.skip(0.6 * HEAD_SECONDS)
            connection.sendall(whole[20:])
            assert heard_until(connection, b"]").startswith(b"HTTP/1.1 200")
