"""Tokens are asked for once, shared, renewed and forgotten; without one nothing is sent, and no secret is shown."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from msgcore.client import AsyncClient
from msgcore.errors import TransportError, UnauthorizedError
from msgcore.wire import Message
from tests.transports.http.loopback import POST, Loopback, Peer, obliging, run
from tests.transports.skipping import skip
from transports import MemoryOutbox
from transports.http import OAuth2ClientCredentials
from transports.http.authorization import basic
from transports.simulator.clock import VirtualClock

SECRET = "s%cr:t é"


def issues(*answers: tuple[int, object]) -> Callable[[Peer], Awaitable[None]]:
    """Answer the n-th request for a token with the n-th answer, later ones with the last."""

    async def script(peer: Peer) -> None:
        while True:
            await peer.request()
            status, body = answers[min(len(peer.server.seen), len(answers)) - 1]
            await peer.answer(status, body if isinstance(body, bytes) else json.dumps(body).encode())

    return script


def token(name: str, seconds: object = 3600) -> tuple[int, object]:
    return 200, {"access_token": name, "token_type": "Bearer", "expires_in": seconds}


def credentials(server: Loopback) -> OAuth2ClientCredentials:
    return OAuth2ClientCredentials(
        "the client", SECRET, token_url=f"http://127.0.0.1:{server.port}/api/v1/oauth2/token"
    )


def test_a_token_is_asked_for_once_and_shared() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(issues(token("abc.d-e_f~1+/=="))) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            await asyncio.gather(*(transport.exchange(POST) for _ in range(20)))
            await transport.exchange(POST)
            assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer abc.d-e_f~1+/=="}
            [asked] = issuer.seen
            assert (asked.method, asked.target) == ("POST", "/api/v1/oauth2/token")
            assert asked.body == b"grant_type=client_credentials"
            assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
            # RFC 6749, 2.3.1: form-encoded first, so that a colon cannot be mistaken.
            assert base64.b64decode(asked.headers["authorization"][6:]) == b"the+client:s%25cr%3At+%C3%A9"
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("seconds, still_good_after", [(3600, 3530), (100, 85), ("soon", 260), (True, 260)])
def test_a_token_is_renewed_before_it_expires(seconds: object, still_good_after: int) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(issues(token("one", seconds), token("two"))) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            await transport.exchange(POST)
            skip(still_good_after)
            await transport.exchange(POST)
            skip(70 if still_good_after > 200 else 10)
            await transport.exchange(POST)
            assert [seen.headers["authorization"] for seen in server.seen] == ["Bearer one", "Bearer one", "Bearer two"]
            await transport.aclose()

    run(scenario)


def test_a_token_that_the_provider_refuses_is_forgotten_and_nothing_is_sent_again() -> None:
    async def refuses_one(peer: Peer) -> None:
        while True:
            seen = await peer.request()
            await peer.answer(401 if seen.headers["authorization"] == "Bearer one" else 202)

    async def scenario() -> None:
        async with Loopback(refuses_one) as server, Loopback(issues(token("one"), token("two"))) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            assert (await transport.exchange(POST)).status == 401
            assert len(server.seen) == 1
            assert (await transport.exchange(POST)).status == 202
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_credentials_that_are_refused_are_an_unauthorized_error(status: int) -> None:
    async def scenario() -> None:
        issuer_script = issues((status, {"error": "invalid_client", "error_description": SECRET}))
        async with Loopback(obliging) as server, Loopback(issuer_script) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            with pytest.raises(UnauthorizedError, match="invalid_client") as caught:
                await transport.exchange(POST)
            assert caught.value.status == 401
            assert SECRET not in str(caught.value)
            assert not server.peers
            await transport.aclose()

    run(scenario)


NO_TOKENS: dict[str, tuple[int, object]] = {
    "an outage": (503, b"<html>"),
    "a redirect": (302, b""),
    "no JSON": (200, b"<html>"),
    "another kind of JSON": (200, []),
    "no token": (200, {"token_type": "bearer"}),
    "a token with a line break": (200, {"access_token": "a\r\nx: y", "token_type": "bearer"}),
    "another kind of token": (200, {"access_token": "a", "token_type": "mac"}),
}


@pytest.mark.parametrize("answer", NO_TOKENS.values(), ids=NO_TOKENS.keys())
def test_without_a_token_nothing_is_sent_and_the_next_exchange_asks_again(answer: tuple[int, object]) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(issues(answer, token("late"))) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            with pytest.raises(TransportError, match="no token") as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is False
            assert not server.peers
            assert (await transport.exchange(POST)).status == 202
            await transport.aclose()

    run(scenario)


def test_a_token_endpoint_that_dies_means_that_no_message_was_sent() -> None:
    async def dies(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    async def scenario() -> None:
        async with Loopback(obliging) as server, Loopback(dies) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            with pytest.raises(TransportError) as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is False
            await transport.aclose()

    run(scenario)


def test_whoever_is_cancelled_leaves_the_token_to_the_others() -> None:
    async def scenario() -> None:
        asked, let = asyncio.Event(), asyncio.Event()

        async def slow(peer: Peer) -> None:
            await peer.request()
            asked.set()
            await let.wait()
            await peer.answer(200, b'{"access_token":"t"}')
            await peer.ended()

        async with Loopback(obliging) as server, Loopback(slow) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            first, second = (asyncio.ensure_future(transport.exchange(POST)) for _ in range(2))
            await asked.wait()
            first.cancel()
            await asyncio.sleep(0)
            let.set()
            assert (await second).status == 202
            assert first.cancelled()
            assert len(issuer.seen) == 1
            await transport.aclose()

    run(scenario)


def test_closing_ends_a_request_for_a_token() -> None:
    async def scenario() -> None:
        asked = asyncio.Event()

        async def stalls(peer: Peer) -> None:
            await peer.request()
            asked.set()
            await peer.ended()

        async with Loopback(obliging) as server, Loopback(stalls) as issuer:
            transport = server.transport(authorization=credentials(issuer))
            exchange = asyncio.ensure_future(transport.exchange(POST))
            await asked.wait()
            await transport.aclose()
            with pytest.raises(TransportError) as caught:
                await exchange
            assert caught.value.may_have_been_accepted is False

    run(scenario)


def test_an_authorization_of_ones_own_is_awaited_before_each_request() -> None:
    async def scenario() -> None:
        values = iter(["Custom 1", "Custom 2", "Custom 3\r\nx: y"])

        async def mine() -> str:
            return next(values)

        async with Loopback(obliging) as server:
            transport = server.transport(authorization=mine)
            await transport.exchange(POST)
            await transport.exchange(POST)
            with pytest.raises(TransportError, match="line break") as refused:
                await transport.exchange(POST)
            assert not refused.value.may_have_been_accepted
            assert "Custom 3" not in str(refused.value)
            assert [seen.headers["authorization"] for seen in server.seen] == ["Custom 1", "Custom 2"]
            await transport.aclose()

    run(scenario)


@pytest.mark.parametrize("value", ["Bearer abc\n", None, 5])
def test_an_unusable_authorization_rejects_no_message(value: Any) -> None:
    async def scenario() -> None:
        values = iter([value, "Custom 1"])

        async def mine() -> Any:
            return next(values)

        async with Loopback(obliging) as server:
            outbox = MemoryOutbox()
            transport = server.transport(authorization=mine)
            message = Message(to="+19195550123", from_="+19195550100", text="hello")
            async with AsyncClient(transport, application_id="a", outbox=outbox, clock=VirtualClock()) as client:
                await client.put([message])
                async for _ in client.deliver():
                    pass
            assert (outbox.counts().accepted, outbox.counts().total) == (1, 1)
            assert len(server.seen) == 1

    run(scenario)


def test_an_authorization_that_fails_sends_nothing_and_its_words_are_not_shown() -> None:
    async def fails() -> str:
        raise OSError("vault says: secret")

    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport(authorization=fails)
            with pytest.raises(TransportError, match="OSError") as caught:
                await transport.exchange(POST)
            assert caught.value.may_have_been_accepted is False
            assert "secret" not in str(caught.value)
            assert not server.peers
            await transport.aclose()

    run(scenario)


def test_basic_is_written_as_the_standard_shows_it() -> None:
    assert basic("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert basic("test", "123£") == "Basic dGVzdDoxMjPCow=="  # RFC 7617, 2.1


def test_nothing_shows_the_secret() -> None:
    assert SECRET not in repr(OAuth2ClientCredentials("me", SECRET))
    assert "secret" not in repr(vars(OAuth2ClientCredentials("me", "secret")))
