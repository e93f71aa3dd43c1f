import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from msgcore.client import SystemClock
from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, LocalError, TransportError
from msgcore.transport import CallbackSource, Transport
from msgcore.wire.exchange import Request
from tests.transports.simulator.requests import JSON, START, create, events, outline
from transports.simulator import SimulatorTransport, VirtualClock
from transports.simulator.faults import Fault, FaultKind
from transports.simulator.inbound import Inbound


async def drain(transport: SimulatorTransport) -> list[bytes]:
    bodies = []
    while (body := await transport.next_callback()) is not None:
        bodies.append(body)
    return bodies


def test_it_is_a_transport_and_a_source_of_callbacks() -> None:
    transport = SimulatorTransport()
    assert isinstance(transport, Transport)
    assert isinstance(transport, CallbackSource)


def test_two_hours_pass_in_a_moment() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        assert (await transport.exchange(create("+19195559902"))).status == 202
        found = outline(events(await drain(transport)))
        assert found == [("message-sent", "+19195559902"), ("message-failed", "+19195559902", 9902)]
        assert transport.clock.now() == START + 7201

    asyncio.run(main())


def test_without_anything_accepted_there_is_no_callback() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        assert await transport.next_callback() is None
        await transport.exchange(create(to="nobody"))
        assert await transport.next_callback() is None
        assert transport.clock.now() == START

    asyncio.run(main())


def test_callbacks_arrive_at_their_time() -> None:
    async def main() -> None:
        transport = SimulatorTransport(rate=2)
        await transport.exchange(create(text="a" * 200))
        [sent] = events([await transport.next_callback() or b""])
        assert (sent["type"], sent["time"]) == ("message-sent", "2026-01-01T00:00:01.000Z")
        assert transport.clock.now() == START + 1

    asyncio.run(main())


def test_an_earlier_event_wakes_a_reader_who_sleeps_towards_a_later_one() -> None:
    async def main() -> None:
        clock = VirtualClock()
        transport = SimulatorTransport(clock=clock)
        await transport.exchange(create("+19195559902"))
        await transport.next_callback()  # sent; the next one is due in two hours
        reader = asyncio.create_task(transport.next_callback())
        await clock.sleep_until(START + 60)
        assert not reader.done()
        await transport.exchange(create("+19195550124"))
        [event] = events([await reader or b""])
        assert outline([event]) == [("message-sent", "+19195550124")]
        assert clock.now() == START + 61

    asyncio.run(main())


def test_several_readers_share_the_callbacks() -> None:
    async def main() -> list[list[bytes]]:
        transport = SimulatorTransport(rate=10)
        for _ in range(20):
            await transport.exchange(create())
        return list(await asyncio.gather(*(drain(transport) for _ in range(3))))

    shares = asyncio.run(main())
    bodies = [body for share in shares for body in share]
    assert len(bodies) == len(set(bodies)) == 40


def test_readers_who_were_woken_leave_no_task_behind() -> None:
    async def main() -> None:
        transport = SimulatorTransport(rate=10)
        await transport.exchange(create("+19195559902"))
        await transport.next_callback()
        for _ in range(5):
            reader = asyncio.create_task(transport.next_callback())
            await asyncio.sleep(0)
            await transport.exchange(create("+19195554470"))
            assert await reader is not None
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_cancelled_reader_loses_no_callback() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        await transport.exchange(create())
        reader = asyncio.create_task(transport.next_callback())
        await asyncio.sleep(0)
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        assert len(await drain(transport)) == 2

    asyncio.run(main())


def test_a_closed_transport_refuses_and_certainly_took_nothing() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        await transport.exchange(create())
        await transport.aclose()
        await transport.aclose()
        with pytest.raises(ClosedError) as caught:
            await transport.exchange(create())
        assert caught.value.may_have_been_accepted is False
        assert await transport.next_callback() is None
        assert transport.open_message_count == 1

    asyncio.run(main())


def test_closing_wakes_a_waiting_reader() -> None:
    async def main() -> None:
        transport = SimulatorTransport(clock="real")
        await transport.exchange(create("+19195554470", tag="sim:delay=7h"))
        reader = asyncio.create_task(transport.next_callback())
        await asyncio.sleep(0)
        await transport.aclose()
        assert await reader is None

    asyncio.run(main())


def test_a_streamed_body_is_read() -> None:
    async def chunks(body: bytes) -> AsyncIterator[bytes]:
        for byte in body:
            yield bytes([byte])
            await asyncio.sleep(0)

    async def main() -> int:
        request = create()
        assert isinstance(request.body, bytes)
        streamed = Request("POST", "messages", headers=JSON, body=chunks(request.body))
        return (await SimulatorTransport().exchange(streamed)).status

    assert asyncio.run(main()) == 202


def test_closing_while_a_body_streams_takes_nothing() -> None:
    async def main() -> None:
        transport = SimulatorTransport()

        async def chunks() -> AsyncIterator[bytes]:
            yield b"{"
            await transport.aclose()

        with pytest.raises(ClosedError):
            await transport.exchange(Request("POST", "messages", headers=JSON, body=chunks()))

    asyncio.run(main())


def test_an_exchange_does_not_suspend() -> None:
    exchange = SimulatorTransport().exchange(create())
    with pytest.raises(StopIteration) as finished:
        exchange.send(None)
    assert finished.value.value.status == 202


def test_it_works_on_one_loop_after_another() -> None:
    transport = SimulatorTransport()
    assert asyncio.run(transport.exchange(create())).status == 202
    assert len(asyncio.run(drain(transport))) == 2
    assert asyncio.run(transport.exchange(create())).status == 202
    assert len(asyncio.run(drain(transport))) == 2


def test_it_shows_what_it_holds() -> None:
    async def main() -> None:
        transport = SimulatorTransport(rate=2, account_id="9900001", applications={"b", "a"})
        assert (transport.account_id, transport.application_id) == ("9900001", "a")
        assert (transport.rate, transport.queue_capacity) == (2, 1800)
        await transport.exchange(create(text="a" * 200, applicationId="b"))
        await transport.exchange(create(["+19195550123", "+19195550124"], applicationId="b"))
        assert (transport.queued_segments, transport.queued_mms, transport.open_message_count) == (2, 2, 2)
        await drain(transport)
        assert (transport.queued_segments, transport.queued_mms, transport.open_message_count) == (0, 0, 0)

    asyncio.run(main())


def test_the_clock_is_chosen_by_name_or_given() -> None:
    clock = VirtualClock(start=0)
    assert SimulatorTransport(clock=clock).clock is clock
    assert isinstance(SimulatorTransport(clock="virtual").clock, VirtualClock)
    assert isinstance(SimulatorTransport(clock="real").clock, SystemClock)
    with pytest.raises(LocalError, match="clock"):
        SimulatorTransport(clock="sundial")  # type: ignore[arg-type]


def test_an_error_of_somebodys_own_clock_reaches_the_reader() -> None:
    class BrokenClock(VirtualClock):
        async def sleep_until(self, when: float) -> None:
            raise OSError("the clock has stopped")

    async def main() -> None:
        transport = SimulatorTransport(clock=BrokenClock())
        await transport.exchange(create())
        with pytest.raises(OSError, match="stopped"):
            await transport.next_callback()

    asyncio.run(main())


def test_in_real_time_callbacks_take_real_time() -> None:
    async def main() -> None:
        transport = SimulatorTransport(rate=1000, clock="real")
        before = transport.clock.now()
        await transport.exchange(create("+19195554470", tag="sim:delay=0.01s"))
        assert await transport.next_callback() is not None
        assert 0.01 <= transport.clock.now() - before < 60

    asyncio.run(main())


def test_the_same_seed_brings_the_same_bytes() -> None:
    async def main(seed: int) -> list[bytes]:
        transport = SimulatorTransport(rate=5, seed=seed)
        bodies = []
        for number in range(30):
            response = await transport.exchange(create(f"+19195554{700 + number}"))
            assert isinstance(response.body, bytes)
            bodies.append(response.body)
        return bodies + await drain(transport)

    assert asyncio.run(main(1)) == asyncio.run(main(1))
    assert asyncio.run(main(1)) != asyncio.run(main(2))


# --------------------------------------------------------------------------------------- what comes in, what goes wrong


def test_a_message_from_outside_wakes_who_waits_for_callbacks() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        await transport.exchange(create(tag="sim:delay=1h"))
        assert await transport.next_callback() is not None
        reader = asyncio.ensure_future(transport.next_callback())
        await asyncio.sleep(0)
        before = transport.clock.now()
        [message_id] = transport.receive(Inbound("+19195550199", ("+19195550100",), "hello"))
        body = await reader
        assert body is not None
        assert json.loads(body)[0]["message"] | {"time": ""} == {
            "id": message_id, "owner": "+19195550100", "applicationId": transport.application_id, "time": "",
            "segmentCount": 1, "direction": "in", "to": ["+19195550100"], "from": "+19195550199", "text": "hello",
        }  # fmt: skip
        assert transport.clock.now() == before
        found = await transport.exchange(Request("GET", "messages", "messageDirection=INBOUND"))
        assert isinstance(found.body, bytes)
        assert json.loads(found.body)["messages"][0]["messageStatus"] == "ACCEPTED"

    asyncio.run(main())


@pytest.mark.parametrize(
    "fault, error, accepted",
    [
        (Fault(what=FaultKind.DROP_BEFORE), ConnectError, 0),
        (Fault(what=FaultKind.DROP_AFTER), ExchangeTimeoutError, 0),
        (Fault(what=FaultKind.LOSE_ANSWER), ExchangeTimeoutError, 1),
    ],
)
def test_a_connection_that_drops_is_an_error_that_says_what_may_have_been(
    fault: Fault, error: type[TransportError], accepted: int
) -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        transport.faults.add(fault)
        with pytest.raises(error) as raised:
            await transport.exchange(create())
        assert raised.value.may_have_been_accepted is (fault.what is not FaultKind.DROP_BEFORE)
        assert transport.open_message_count == accepted
        assert (await transport.exchange(create())).status == 202

    asyncio.run(main())


def test_a_fault_may_answer_refuse_or_only_take_its_time() -> None:
    async def main() -> None:
        transport = SimulatorTransport()
        transport.faults.add(Fault(what=FaultKind.ANSWER, status=503))
        transport.faults.add(Fault(what=FaultKind.REFUSE_ACCESS))
        transport.faults.add(Fault(what=FaultKind.SLOW, seconds=30))
        before = transport.clock.now()
        assert [(await transport.exchange(create())).status for _ in range(3)] == [503, 401, 202]
        assert transport.clock.now() == before + 30

    asyncio.run(main())


def test_the_api_of_2019_is_a_profile() -> None:
    async def main() -> None:
        transport = SimulatorTransport(profile="v2-2019")
        await transport.exchange(create(text="echo"))
        bodies = await drain(transport)
        assert [json.loads(body)[0]["message"]["text"] for body in bodies] == ["echo"]

    asyncio.run(main())
