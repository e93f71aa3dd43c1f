"""What is submitted is sent at most once, and whoever is called is told what became of it, once."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from msgcore.errors import ClosedError, ExchangeTimeoutError, LocalError, TransportError
from msgcore.transport import SubmittingTransport
from msgcore.wire import Request, Response
from tests.transports.http.loopback import GET, JSON, POST, Loopback, Peer, Script, obliging, run
from tests.transports.http.test_outcomes import ANSWER, BOTH_LOOPS, FAILURES, POINTS, fails_after
from tests.transports.skipping import skip
from transports.http import HttpTransport

OTHER = Request("POST", "messages", headers=JSON, body=b'{"text":"other"}')

Told = list[Response | TransportError]


def after_one_answer(script: Script) -> Script:
    """A connection on which one request is answered, and the next one meets ``script``."""

    async def both(peer: Peer) -> None:
        await peer.request()
        await peer.answer()
        await script(peer)

    return both


async def submitted(transport: HttpTransport, told: Told) -> Response | TransportError:
    """Submit a request on a connection that is free, and return what was told."""
    await transport.exchange(POST)
    ended = asyncio.get_running_loop().create_future()

    def done(outcome: Response | TransportError) -> None:
        told.append(outcome)
        if not ended.done():
            ended.set_result(None)

    assert transport.submit(OTHER, done)
    assert not told  # never before it returns
    await ended
    return told[0]


@BOTH_LOOPS
def test_a_request_goes_out_on_a_free_connection_and_its_answer_is_told(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            assert isinstance(transport, SubmittingTransport)
            told: Told = []
            for _ in range(3):
                told.clear()
                outcome = await submitted(transport, told)
                assert isinstance(outcome, Response)
                assert (outcome.status, outcome.body) == (202, b"{}")
            await transport.aclose()
            assert [seen.body for seen in server.seen] == [POST.body, OTHER.body] * 3
            assert server.seen[1].headers["authorization"].startswith("Basic ")
            assert len(server.peers) == 1
            assert len(told) == 1

    run(scenario, loop)


@BOTH_LOOPS
@pytest.mark.parametrize("octets", POINTS.values(), ids=POINTS.keys())
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_a_peer_that_fails_may_have_it_and_has_it_once(
    failure: Callable[[Peer], Awaitable[None]], octets: int, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def scenario() -> None:
        async with Loopback(after_one_answer(fails_after(octets, failure))) as server:
            transport = server.transport()
            told: Told = []
            outcome = await submitted(transport, told)
            await transport.aclose()
            assert isinstance(outcome, ClosedError)
            assert outcome.may_have_been_accepted is True
            assert [seen.body for seen in server.seen] == [POST.body, OTHER.body]
            assert len(told) == len(server.peers) == 1

    run(scenario, loop)


@pytest.mark.parametrize("octets", POINTS.values(), ids=POINTS.keys())
def test_a_peer_that_stalls_is_waited_for_as_long_as_for_any_answer(octets: int) -> None:
    async def stall(peer: Peer) -> None:
        skip(29)  # not yet
        await asyncio.sleep(0)
        skip(2)
        await peer.ended()

    async def scenario() -> None:
        async with Loopback(after_one_answer(fails_after(octets, stall))) as server:
            transport = server.transport()
            outcome = await submitted(transport, [])
            await transport.aclose()
            assert isinstance(outcome, ExchangeTimeoutError)
            assert outcome.may_have_been_accepted is True
            assert len(server.seen) == 2

    run(scenario)


def test_an_answer_that_is_too_long_is_an_error_as_for_any_message() -> None:
    async def scenario() -> None:
        async with Loopback(after_one_answer(fails_after(len(ANSWER), FAILURES["closes"]))) as server:
            transport = server.transport(max_body_octets=5)
            outcome = await submitted(transport, [])
            await transport.aclose()
            assert type(outcome) is TransportError
            assert outcome.may_have_been_accepted is True
            assert "more than 5 octets" in str(outcome)

    run(scenario)


def test_what_would_have_to_wait_is_not_begun() -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            told: Told = []
            transport = server.transport(max_connections=1)
            assert not transport.submit(POST, told.append)  # no connection yet
            await transport.exchange(POST)
            assert not transport.submit(GET, told.append)  # its answer may come as a stream
            assert not transport.submit(Request("POST", "messages", headers=JSON, body=b"x" * 65_537), told.append)
            with pytest.raises(LocalError):
                transport.submit(Request("POST", "../9900001/messages", headers=JSON, body=b"{}"), told.append)
            under_way = asyncio.ensure_future(transport.exchange(POST))
            await asyncio.sleep(0)
            assert not transport.submit(POST, told.append)  # the only connection is taken
            await under_way
            await transport.aclose()
            assert not transport.submit(POST, told.append)  # it is closed
            assert not told
            assert len(server.seen) == 2

    run(scenario)


def test_with_an_authorization_that_has_to_be_asked_nothing_is_begun() -> None:
    async def token() -> str:
        return "Bearer t0ken"

    async def scenario() -> None:
        async with Loopback(obliging) as server:
            told: Told = []
            transport = server.transport(user=None, password=None, authorization=token)
            await transport.exchange(POST)
            assert not transport.submit(POST, told.append)
            await transport.aclose()
            assert not told

    run(scenario)


def test_closing_waits_for_what_was_submitted() -> None:
    async def scenario() -> None:
        told: Told = []
        is_asked, may_answer = asyncio.Event(), asyncio.Event()

        async def slow(peer: Peer) -> None:
            await peer.request()
            is_asked.set()
            await may_answer.wait()
            await peer.answer()
            await peer.ended()

        async with Loopback(after_one_answer(slow)) as server:
            transport = server.transport()
            await transport.exchange(POST)
            assert transport.submit(OTHER, told.append)
            await is_asked.wait()
            closing = asyncio.ensure_future(transport.aclose())
            await asyncio.sleep(0)
            assert not closing.done()
            may_answer.set()
            await closing
            [outcome] = told
            assert isinstance(outcome, Response)

    run(scenario)
