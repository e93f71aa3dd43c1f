"""Nothing that a caller gives can end a line, leave the account, or show a secret."""

import base64
from collections.abc import Mapping

import pytest

from msgcore.errors import LocalError
from msgcore.transport import open_transport
from msgcore.wire import Request
from tests.transports.http.loopback import POST, Loopback, obliging, run
from transports.http import HttpTransport
from transports.http.origin import Origin

URL = "https://messaging.bandwidth.com/api/v2"

REFUSED: dict[str, Request] = {
    "CR LF in the path": Request("POST", "messages\r\nx: y"),
    "LF at the end of the path": Request("POST", "messages\n"),
    "NUL in the path": Request("POST", "messages\0"),
    "a blank in the path": Request("POST", "mess ages"),
    "a letter that is not encoded": Request("GET", "media/é"),
    "half an encoded octet": Request("GET", "media/%4"),
    "an absolute path": Request("GET", "/users/1/messages"),
    "a path out of the account": Request("GET", "media/../../1/messages"),
    "an encoded path out of the account": Request("GET", "media/%2E%2e/%2e./1"),
    "no path": Request("GET", ""),
    "a query in the path": Request("GET", "messages?x=y"),
    "a fragment": Request("GET", "messages#x"),
    "CR LF in the query": Request("GET", "messages", "x=y\r\n"),
    "a blank in the query": Request("GET", "messages", "x=y z"),
    "LF in the method": Request("POST\n", "messages"),
    "a method of proxies": Request("CONNECT", "messages"),
    "a method without a body in its answer": Request("HEAD", "messages"),
    "CR LF in a header": Request("GET", "messages", headers={"x": "y\r\nz: a"}),
    "LF at the end of a header": Request("GET", "messages", headers={"x": "y\n"}),
    "NUL in a header": Request("GET", "messages", headers={"x": "\0"}),
    "a header beyond Latin-1": Request("GET", "messages", headers={"x": "€"}),
    "a name with a colon": Request("GET", "messages", headers={"x:y": "z"}),
    "a name with a line break": Request("GET", "messages", headers={"x\r\ny": "z"}),
    "no name": Request("GET", "messages", headers={"": "z"}),
    "a name in capitals": Request("GET", "messages", headers={"Host": "z"}),
    "another host": Request("GET", "messages", headers={"host": "example.com"}),
    "credentials": Request("GET", "messages", headers={"authorization": "Basic eDp5"}),
    "framing": Request("POST", "messages", headers={"transfer-encoding": "chunked"}),
    "a compressed answer": Request("GET", "messages", headers={"accept-encoding": "gzip"}),
    "a length that is not the body's": Request("POST", "messages", headers={"content-length": "3"}, body=b"{}"),
    "a length that is none": Request("POST", "messages", headers={"content-length": "2\r\nx: y"}, body=b"{}"),
    "a head without end": Request("GET", "messages", headers={"x": "y" * 70_000}),
}  # fmt: skip


@pytest.mark.parametrize("request_", REFUSED.values(), ids=REFUSED.keys())
def test_what_must_not_be_sent_is_refused_before_a_connection_is_made(request_: Request) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            with pytest.raises(LocalError):
                await transport.exchange(request_)
            assert not server.peers
            await transport.aclose()

    run(scenario)


def test_the_value_of_a_refused_header_is_not_shown() -> None:
    async def scenario() -> None:
        transport = HttpTransport(URL, account_id="1", user="me", password="secret")
        with pytest.raises(LocalError) as caught:
            await transport.exchange(Request("GET", "messages", headers={"x": "hidden\n"}))
        assert "hidden" not in str(caught.value)
        await transport.aclose()

    run(scenario)


def test_a_body_of_another_type_is_a_type_error() -> None:
    async def scenario() -> None:
        transport = HttpTransport(URL, account_id="1", user="me", password="secret")
        with pytest.raises(TypeError, match="str"):
            await transport.exchange(Request("POST", "messages", body="{}"))  # type: ignore[arg-type]
        await transport.aclose()

    run(scenario)


def test_a_request_is_written_as_it_is_with_credentials_and_a_length() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport(user="mé", password="p:ß")
            await transport.exchange(POST)
            await transport.exchange(Request("GET", "media/a%20b/0/c.png", "x=%2B1&y=a+b", {"user-agent": "mine"}))
            first, second = server.seen
            basic = base64.b64encode("mé:p:ß".encode()).decode()
            host = {"host": f"127.0.0.1:{server.port}", "authorization": f"Basic {basic}"}
            assert (first.method, first.target, first.body) == ("POST", "/api/v2/users/9900000/messages", POST.body)
            assert first.headers == host | {
                "user-agent": "msgcore", "content-type": "application/json", "content-length": "16"
            }  # fmt: skip
            assert second.target == "/api/v2/users/9900000/media/a%20b/0/c.png?x=%2B1&y=a+b"
            assert second.headers == host | {"user-agent": "mine"}
            await transport.aclose()

    run(scenario)


GOOD = {"account_id": "9900000", "user": "me", "password": "secret"}
WRONG: dict[str, tuple[str, Mapping[str, object]]] = {
    "another scheme": ("ftp://example.com", GOOD),
    "no scheme": ("example.com/api/v2", GOOD),
    "no host": ("https:///api/v2", GOOD),
    "plain text to another machine": ("http://example.com/api/v2", GOOD),
    "credentials in the URL": ("https://me:secret@example.com/", GOOD),
    "a query": ("https://example.com/?x=y", GOOD),
    "a fragment": ("https://example.com/#x", GOOD),
    "a port that is none": ("https://example.com:secret/", GOOD),
    "a port out of range": ("https://example.com:65536/", GOOD),
    "a line break": ("https://example.com/\r\nx: y", GOOD),
    "a tab, which urllib drops": ("https://exam\tple.com/", GOOD),
    "an international name": ("https://exämple.com/", GOOD),
    "a path with dots": ("https://example.com/a/../b", GOOD),
    "an account that is a path": (URL, GOOD | {"account_id": "1/2"}),
    "an account with a line break": (URL, GOOD | {"account_id": "1\n"}),
    "no account": (URL, GOOD | {"account_id": ""}),
    "no user": (URL, {"account_id": "1", "password": "secret"}),
    "no password": (URL, {"account_id": "1", "user": "me"}),
    "neither": (URL, {"account_id": "1"}),
    "both": (URL, GOOD | {"authorization": print}),
    "a user with a colon": (URL, GOOD | {"user": "me:secret"}),
    "a password with a line break": (URL, GOOD | {"password": "secret\n"}),
    "no time to connect": (URL, GOOD | {"connect_seconds": 0}),
    "time without end": (URL, GOOD | {"answer_seconds": float("inf")}),
    "no connections": (URL, GOOD | {"max_connections": 0}),
    "a proxy with TLS": (URL, GOOD | {"proxy": "https://me:secret@proxy.example.com"}),
    "a proxy with a path": (URL, GOOD | {"proxy": "http://me:secret@proxy.example.com/x"}),
    "a proxy that is none": (URL, GOOD | {"proxy": "http://me:secret@:x"}),
    "authorities that are not there": (URL, GOOD | {"ca_file": "/nonexistent"}),
    "a certificate that is not there": (URL, GOOD | {"client_certificate": "/nonexistent"}),
}  # fmt: skip


@pytest.mark.parametrize("url, options", WRONG.values(), ids=WRONG.keys())
def test_an_argument_that_cannot_be_used_is_refused_and_no_secret_is_shown(
    url: str, options: Mapping[str, object]
) -> None:
    with pytest.raises(LocalError) as caught:
        open_transport("http", url, **options)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None or "secret" not in str(caught.value.__cause__)


@pytest.mark.parametrize("option", ["account_id", "user", "password"])
def test_an_account_in_digits_is_text_all_the_same(option: str) -> None:
    with pytest.raises(TypeError, match=r"str|must"):
        HttpTransport(URL, **(GOOD | {option: 9900000}))  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "[::1]", "simulator.localhost"])
def test_plain_http_is_taken_for_this_machine(host: str) -> None:
    assert Origin.parse(f"http://{host}:8080/v2").port == 8080


def test_plain_http_to_another_machine_is_taken_when_asked_for() -> None:
    transport = Loopback.at("http://simulator:8080/v2", allow_plaintext=True)
    assert repr(transport) == "HttpTransport('http://simulator:8080/v2', account_id='9900000')"


def test_nothing_shows_the_credentials() -> None:
    transport = open_transport("http", URL, **GOOD)
    assert repr(transport) == f"HttpTransport({URL!r}, account_id='9900000')"
