"""Connections are few, shared in turn, and never lost, whatever is cancelled, refused or closed when."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgcore.errors import ClosedError, ConnectError, LocalError, TransportError
from msgcore.wire import Request
from tests.ports import Port
from tests.transports.http.loopback import POST, Loopback, Peer, obliging, run
from transports.http.connection import Connection


def numbered(number: int) -> Request:
    return Request("POST", f"messages/{number}", body=b"{}")


class Gate:
    """A peer that answers when it is let."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[str] = asyncio.Queue()
        self.let = asyncio.Semaphore(0)

    async def script(self, peer: Peer) -> None:
        while True:
            seen = await peer.request()
            self.arrived.put_nowait(seen.target.rpartition("/")[2])
            await self.let.acquire()
            await peer.answer()


def test_no_more_connections_are_open_than_allowed_and_those_who_wait_are_served_in_order() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport(max_connections=2)
            exchanges = [asyncio.ensure_future(transport.exchange(numbered(number))) for number in range(8)]
            order = [await gate.arrived.get(), await gate.arrived.get()]
            for _ in range(6):
                gate.let.release()
                order.append(await gate.arrived.get())
            gate.let.release()
            gate.let.release()
            await asyncio.gather(*exchanges)
            assert sorted(order[:2]) + order[2:] == [str(number) for number in range(8)]
            assert len(server.peers) == 2
            await transport.aclose()

    run(scenario)


def test_a_newcomer_never_overtakes_those_who_wait() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport(max_connections=1)
            first = asyncio.ensure_future(transport.exchange(numbered(0)))
            await gate.arrived.get()
            second = asyncio.ensure_future(transport.exchange(numbered(1)))
            await asyncio.sleep(0)
            gate.let.release()
            await first
            third = asyncio.ensure_future(transport.exchange(numbered(2)))
            assert await gate.arrived.get() == "1"
            gate.let.release()
            assert await gate.arrived.get() == "2"
            gate.let.release()
            await asyncio.gather(second, third)
            await transport.aclose()

    run(scenario)


def test_one_who_waits_and_is_cancelled_leaves_its_turn_to_the_next() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport(max_connections=1)
            first = asyncio.ensure_future(transport.exchange(numbered(0)))
            await gate.arrived.get()
            second, third = (asyncio.ensure_future(transport.exchange(numbered(number))) for number in (1, 2))
            await asyncio.sleep(0)
            second.cancel()
            gate.let.release()
            assert await gate.arrived.get() == "2"
            gate.let.release()
            await asyncio.gather(first, third)
            assert second.cancelled()
            await transport.aclose()

    run(scenario)


def test_one_who_is_cancelled_when_its_turn_has_come_hands_it_on() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport(max_connections=1)
            first = asyncio.ensure_future(transport.exchange(numbered(0)))
            await gate.arrived.get()
            second = asyncio.ensure_future(transport.exchange(numbered(1)))
            third = asyncio.ensure_future(transport.exchange(numbered(2)))
            await asyncio.sleep(0)
            release = transport._pool.release

            def release_and_cancel(connection: Connection) -> None:
                release(connection)
                second.cancel()  # the connection is its own already, and it does not know yet

            transport._pool.release = release_and_cancel  # type: ignore[method-assign]
            gate.let.release()
            await first
            transport._pool.release = release  # type: ignore[method-assign]
            assert await gate.arrived.get() == "2"
            gate.let.release()
            await third
            with pytest.raises(asyncio.CancelledError):
                await second
            await transport.aclose()

    run(scenario)


def test_a_place_whose_connection_fails_goes_to_the_next() -> None:
    async def refuses(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    async def scenario() -> None:
        async with Loopback(refuses, refuses, obliging) as server:
            transport = server.transport(max_connections=1)
            outcomes = await asyncio.gather(*(transport.exchange(POST) for _ in range(5)), return_exceptions=True)
            assert [isinstance(outcome, TransportError) for outcome in outcomes] == [True, True, False, False, False]
            await transport.aclose()

    run(scenario)


def test_a_connection_that_cannot_be_made_leaves_its_place() -> None:
    async def scenario() -> None:
        with Port() as port:
            transport = Loopback.at(f"http://127.0.0.1:{port.number}/api/v2", max_connections=1)
            outcomes = await asyncio.gather(*(transport.exchange(POST) for _ in range(5)), return_exceptions=True)
            assert all(isinstance(outcome, ConnectError) for outcome in outcomes)
            await transport.aclose()

    run(scenario)


def test_closing_lets_what_is_on_the_wire_end_and_refuses_the_rest() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport(max_connections=1, idle_seconds=1000)
            out = asyncio.ensure_future(transport.exchange(POST))
            waiting = asyncio.ensure_future(transport.exchange(POST))
            await gate.arrived.get()
            closing = asyncio.ensure_future(transport.aclose())
            with pytest.raises(ClosedError) as caught:
                await waiting
            assert caught.value.may_have_been_accepted is False
            with pytest.raises(ClosedError):
                await transport.exchange(POST)
            assert not closing.done()
            gate.let.release()
            assert (await out).status == 202
            await closing
            await server.peers[0].gone.wait()

    run(scenario)


def test_closing_that_is_cancelled_cuts_off_what_is_on_the_wire() -> None:
    async def scenario() -> None:
        gate = Gate()
        async with Loopback(gate.script) as server:
            transport = server.transport()
            out = asyncio.ensure_future(transport.exchange(POST))
            await gate.arrived.get()
            closing = asyncio.ensure_future(transport.aclose())
            await asyncio.sleep(0)
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
            with pytest.raises(ClosedError) as caught:
                await out
            assert caught.value.may_have_been_accepted is True

    run(scenario)


def test_closing_ends_connections_that_are_being_made(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with Loopback(obliging) as server:
            transport = server.transport()
            began = asyncio.Event()

            async def never(*args: object, **options: object) -> None:
                began.set()
                await asyncio.get_running_loop().create_future()

            monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", never)
            out = asyncio.ensure_future(transport.exchange(POST))
            await began.wait()
            await transport.aclose()
            with pytest.raises(ClosedError) as caught:
                await out
            assert caught.value.may_have_been_accepted is False

    run(scenario)


def test_a_transport_may_be_used_on_one_loop_after_another_but_not_on_two_at_once() -> None:
    loops = [asyncio.SelectorEventLoop(), asyncio.SelectorEventLoop()]

    server = Loopback(obliging)
    loops[0].run_until_complete(server.__aenter__())
    transport = server.transport()
    assert loops[0].run_until_complete(transport.exchange(POST)).status == 202
    with pytest.raises(LocalError, match="another event loop"):
        loops[1].run_until_complete(transport.exchange(POST))
    loops[0].run_until_complete(transport.aclose())
    loops[0].run_until_complete(server.__aexit__())
    for loop in loops:
        loop.close()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_is_cancelled_or_fails_every_place_comes_back(data: st.DataObject) -> None:
    fates = data.draw(st.lists(st.sampled_from("answer reset close stall".split()), min_size=1, max_size=12))
    cancelled = data.draw(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 30)), max_size=10))

    async def moody(peer: Peer) -> None:
        while True:
            await peer.request()
            match fates[len(peer.server.seen) % len(fates)]:
                case "answer":
                    await peer.answer()
                case "reset":
                    peer.reset()
                    return
                case "close":
                    await peer.answer()
                    peer.close()
                    return
                case "stall":
                    await asyncio.sleep(0)
                    await asyncio.sleep(0)
                    await peer.answer(headers={"content-length": "2", "connection": "close"})
                    return

    async def scenario() -> None:
        async with Loopback(moody) as server:
            transport = server.transport(max_connections=3)
            exchanges = [asyncio.ensure_future(transport.exchange(numbered(number))) for number in range(20)]
            for number, turns in cancelled:
                for _ in range(turns):
                    await asyncio.sleep(0)
                exchanges[number].cancel()
            outcomes = await asyncio.gather(*exchanges, return_exceptions=True)
            for number, outcome in enumerate(outcomes):
                was_cancelled = isinstance(outcome, asyncio.CancelledError) and number in dict(cancelled)
                assert was_cancelled or not isinstance(outcome, BaseException) or isinstance(outcome, TransportError)
            targets = [seen.target for seen in server.seen]
            assert len(targets) == len(set(targets))  # nothing was sent twice
            assert transport._pool._taken == len(transport._pool._standing) <= 3
            await transport.aclose()
            assert transport._pool._taken == 0

    run(scenario)
