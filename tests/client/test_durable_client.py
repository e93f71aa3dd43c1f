"""A client with an outbox: every attempt is entered before its bytes leave, and nothing is sent twice."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msgcore.client import AsyncClient, Client
from msgcore.delivery import Attempt, Entry, OutboxCounts, SendState, read_wire_tag
from msgcore.errors import (
    LocalError,
    MessageError,
    MsgcoreError,
    OutboxError,
    RejectedError,
    TransportError,
    UnauthorizedError,
)
from msgcore.wire import Accepted, Request, Response, decode_message, encode_rejection
from tests.client.doubles import APPLICATION_ID, Answers, JumpingClock, message
from tests.client.durable_doubles import durable, keyed, sent
from transports import MemoryCallbackStore, MemoryOutbox, SimulatorTransport, SqliteOutbox
from transports.simulator.faults import Fault, FaultKind

# --------------------------------------------------------------------------------------------------- before bytes leave


def test_an_attempt_is_entered_before_its_bytes_leave() -> None:
    seen: list[tuple[SendState, bool]] = []

    class Looking(Answers):
        async def exchange(self, request: Request) -> Response:
            assert isinstance(request.body, bytes)
            tag = read_wire_tag(decode_message(request.body).tag)
            assert tag is not None
            [entry] = await outbox.find([tag.key])
            assert entry is not None
            seen.append((entry.state, entry.attempts == tag.attempt))
            return await super().exchange(request)

    outbox = MemoryOutbox()

    async def scenario() -> None:
        async with durable(Looking(), outbox) as client:
            await sent(client, keyed(100))

    asyncio.run(scenario())
    assert seen == [(SendState.ATTEMPTING, True)] * 100


def test_the_callers_tag_comes_back_unchanged_in_answers_and_events() -> None:
    async def scenario() -> list[str | None]:
        tags: list[str | None] = []
        async with durable(SimulatorTransport(rate=10), MemoryOutbox(), rate=10) as client:
            for tag in ("blue", "x" * 984, None, "like ~m1.ours.1"):
                accepted = await client.send(message(key=f"order {tag}", tag=tag))  # type: ignore[arg-type]
                tags.append(accepted.tag)
            async for event in client.events():
                assert event.message is not None
                tags.append(event.message.tag)
        return tags

    tags = asyncio.run(scenario())
    assert tags[:4] == ["blue", "x" * 984, None, "like ~m1.ours.1"]
    assert Counter(tags[4:]) == Counter(dict.fromkeys(tags[:4], 2))


def test_a_tag_that_leaves_no_room_costs_its_own_message_only() -> None:
    async def scenario() -> list[tuple[str, Accepted | MsgcoreError]]:
        async with durable(Answers(), MemoryOutbox()) as client:
            return await sent(client, [message(0), message(1, tag="x" * 985), message(2)])

    outcomes = dict(asyncio.run(scenario()))
    assert isinstance(outcomes["message 1"], MessageError)
    assert isinstance(outcomes["message 0"], Accepted)
    assert isinstance(outcomes["message 2"], Accepted)


@pytest.mark.parametrize("make", ["memory", "sqlite"])
def test_the_same_campaign_twice_is_sent_once(make: str, tmp_path: Path) -> None:
    transport = Answers()

    async def scenario() -> list[int]:
        outbox = MemoryOutbox() if make == "memory" else SqliteOutbox(tmp_path / "a.outbox")
        async with contextlib.aclosing(outbox):
            counts = []
            for _ in range(2):
                async with durable(transport, outbox) as client:
                    counts.append(len(await sent(client, keyed(50))))
        return counts

    assert asyncio.run(scenario()) == [50, 0]
    assert sorted(Counter(transport.seen).values()) == [1] * 50


def test_a_single_send_with_a_key_that_was_accepted_returns_what_is_known() -> None:
    transport = Answers()

    async def scenario() -> tuple[Accepted, Accepted]:
        async with durable(transport, MemoryOutbox()) as client:
            return await client.send(message(key="order-17")), await client.send(message(key="order-17"))

    first, second = asyncio.run(scenario())
    assert (second.id, second.to, second.from_) == (first.id, first.to, first.from_)
    assert len(transport.seen) == 1


def test_single_sends_at_once_share_the_outbox() -> None:
    transport = Answers()

    async def scenario() -> list[Accepted]:
        async with durable(transport, MemoryOutbox()) as client:
            return await asyncio.gather(*(client.send(message(number)) for number in range(100)))

    assert len({accepted.id for accepted in asyncio.run(scenario())}) == 100


# ------------------------------------------------------------------------------------------------------------- refusals


def test_what_is_refused_for_now_is_sent_when_it_is_taken() -> None:
    async def scenario() -> tuple[int, OutboxCounts]:
        transport = SimulatorTransport(rate=1000)
        for what, count, status in (
            (FaultKind.ANSWER, 40, 503),
            (FaultKind.DROP_BEFORE, 40, 0),
            (FaultKind.ANSWER, 40, 429),
        ):
            transport.faults.add(Fault(what=what, count=count, status=status or 503))
        outbox = MemoryOutbox()
        async with durable(transport, outbox, rate=1000) as client:
            outcomes = await sent(client, keyed(200))
            return sum(isinstance(outcome, Accepted) for _, outcome in outcomes), outbox.counts()

    accepted, counts = asyncio.run(scenario())
    assert (accepted, counts.accepted + counts.final, counts.total) == (200, 200, 200)


def test_rejected_messages_are_final_and_cost_no_other() -> None:
    bad = encode_rejection(400, "request-validation", "no")

    async def scenario() -> OutboxCounts:
        outbox = MemoryOutbox()
        async with durable(Answers(message_1=[bad]), outbox) as client:
            outcomes = dict(await sent(client, keyed(3)))
            assert isinstance(outcomes["message 1"], RejectedError)
        return outbox.counts()

    counts = asyncio.run(scenario())
    assert (counts.rejected, counts.accepted) == (1, 2)


def test_wrong_credentials_stop_the_run_and_every_message_stays() -> None:
    refused = encode_rejection(401, "unauthorized", "no")

    async def scenario() -> tuple[OutboxCounts, OutboxCounts]:
        outbox = MemoryOutbox()
        async with durable(Answers(message_0=[refused]), outbox, max_in_flight=1) as client:
            with pytest.raises(UnauthorizedError):
                await sent(client, keyed(20))
        stopped = outbox.counts()
        async with durable(Answers(), outbox) as client:
            assert len([outcome async for outcome in client.deliver()]) == 20
        return stopped, outbox.counts()

    stopped, ended = asyncio.run(scenario())
    assert (stopped.waiting, stopped.total) == (20, 20)
    assert ended.accepted == 20


def test_a_client_without_an_application_gives_nothing_up() -> None:
    async def scenario() -> OutboxCounts:
        outbox = MemoryOutbox()
        async with durable(Answers(), outbox, application_id=None) as client:
            with pytest.raises(MessageError, match="applicationId"):
                await sent(client, keyed(3))
        return outbox.counts()

    assert asyncio.run(scenario()).waiting == 3


# --------------------------------------------------------------------------------------------------- stopping and dying


def test_leaving_early_settles_what_is_in_flight_and_keeps_the_rest() -> None:
    async def scenario() -> tuple[int, OutboxCounts, OutboxCounts]:
        transport, outbox = Answers(), MemoryOutbox()
        async with durable(transport, outbox, max_in_flight=4) as client:
            async with contextlib.aclosing(client.send_many(keyed(100))) as outcomes:
                async for _ in outcomes:
                    break
            left = outbox.counts()
            assert transport.in_flight == 0
            rest = len([outcome async for outcome in client.deliver()])
        return rest, left, outbox.counts()

    rest, left, ended = asyncio.run(scenario())
    assert left.attempting == left.unknown == 0
    assert (left.accepted + rest, ended.accepted) == (100, 100)


def test_whoever_reads_no_outcomes_holds_the_sending_up_until_he_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msgcore.client.audience.MOST_UNREAD", 5)
    outbox = MemoryOutbox()

    async def scenario() -> None:
        read = 0
        async with durable(Answers(), outbox, max_in_flight=2) as client:
            await client.put(keyed(40))
            async for _ in client.deliver():
                read += 1
                for _ in range(50):  # others have their turns meanwhile
                    await asyncio.sleep(0)
                # What was handed over, and what has ended since; each time two came beside the two that were out.
                assert outbox.counts().accepted <= read + 2 * (5 + 2 + 2)
        assert read == 40

    asyncio.run(asyncio.wait_for(scenario(), 60))


def test_stop_finishes_what_is_in_flight_and_keeps_the_rest() -> None:
    async def scenario() -> OutboxCounts:
        transport, outbox = Answers(), MemoryOutbox()
        transport.released.clear()
        async with durable(transport, outbox, max_in_flight=4) as client:
            sending = asyncio.ensure_future(sent(client, keyed(100)))
            while transport.in_flight < 4:
                await asyncio.sleep(0)
            client.stop()
            transport.released.set()
            with pytest.raises(TransportError, match="stopped"):
                await sending
        return outbox.counts()

    counts = asyncio.run(scenario())
    assert (counts.accepted, counts.waiting, counts.attempting, counts.unknown) == (4, 96, 0, 0)


def test_what_was_under_way_when_a_sender_died_is_unknown_to_the_next_and_never_sent_again() -> None:
    async def scenario() -> tuple[OutboxCounts, Counter[str]]:
        transport, outbox = Answers(), MemoryOutbox()
        transport.released.clear()
        client = durable(transport, outbox, max_in_flight=8)
        sending = asyncio.ensure_future(sent(client, keyed(50)))
        while transport.in_flight < 8:
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:  # it dies: nobody settles anything
            task.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await outbox.end()
        transport.released.set()
        async with durable(transport, outbox) as client:
            assert len([outcome async for outcome in client.deliver()]) == 42
        return outbox.counts(), Counter(transport.seen)

    counts, seen = asyncio.run(scenario())
    assert (counts.unknown, counts.accepted) == (8, 42)
    assert set(seen.values()) == {1}


def test_a_disk_that_fails_stops_the_sending_and_nothing_leaves_unentered() -> None:
    class Failing(MemoryOutbox):
        attempts_left = 3

        async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
            self.attempts_left -= 1
            if self.attempts_left < 0:
                raise OutboxError("the disk is full")
            return await super().attempt(attempts)

    async def scenario() -> tuple[OutboxCounts, int]:
        transport, outbox = Answers(), Failing()
        async with durable(transport, outbox, max_in_flight=4) as client:
            with pytest.raises(OutboxError, match="full"):
                await sent(client, keyed(100))
        return outbox.counts(), len(transport.seen)

    counts, seen = asyncio.run(scenario())
    assert counts.total == 100
    assert seen == counts.accepted + counts.unknown
    assert seen <= 12


def test_the_ledger_begins_again_from_what_is_stored() -> None:
    """The receiver goes on while the sender is dead; the next sender hears all of it, also what it half knew."""

    async def scenario() -> tuple[OutboxCounts, int, int]:
        provider = SimulatorTransport(rate=100)
        store, outbox = MemoryCallbackStore(), MemoryOutbox()
        async with durable(provider, outbox, callbacks=store, rate=100) as client:
            await sent(client, keyed(30))
            bodies = []
            while (body := await provider.next_callback()) is not None:
                bodies.append(body)
            await store.add(items_of(bodies[:20]), 0.0)
            await asyncio.sleep(0)
        half = outbox.counts().final
        await store.add(items_of(bodies[20:]), 0.0)
        async with durable(SimulatorTransport(rate=100), outbox, callbacks=store, rate=100) as client:
            await client.wait_until_final()
            return outbox.counts(), half, client.ledger.report().messages

    counts, half, followed_again = asyncio.run(scenario())
    assert counts.final == 30
    assert half < 30
    assert followed_again == 30 - half


def items_of(bodies: Sequence[bytes]) -> list[bytes]:
    return [bytes(item) for body in bodies for item in msgspec.json.decode(body, type=list[msgspec.Raw])]


# ---------------------------------------------------------------------------------------------------------- sync client


def test_the_sync_client_sends_from_an_outbox_too() -> None:
    transport = Answers()
    outbox = MemoryOutbox()
    with Client(transport, application_id=APPLICATION_ID, outbox=outbox, clock=JumpingClock()) as client:
        assert client.send(message(7)).id == "message 7"
        assert len(list(client.send_many(keyed(2500)))) == 2500
        assert list(client.deliver()) == []
    assert outbox.counts().accepted == 2501


def test_without_an_outbox_there_is_nothing_to_deliver() -> None:
    async def scenario() -> None:
        async with AsyncClient(Answers(), application_id=APPLICATION_ID) as client:
            with pytest.raises(LocalError, match="no outbox"):
                async for _ in client.deliver():
                    pass

    asyncio.run(scenario())


# -------------------------------------------------------------------------------------------------- whatever goes wrong


FAULTS = [
    Fault(what=FaultKind.ANSWER, status=503),
    Fault(what=FaultKind.ANSWER, status=500),
    Fault(what=FaultKind.ANSWER, status=429),
    Fault(what=FaultKind.ANSWER, status=400),
    Fault(what=FaultKind.ANSWER, status=502),
    Fault(what=FaultKind.DROP_BEFORE),
    Fault(what=FaultKind.DROP_AFTER),
    Fault(what=FaultKind.LOSE_ANSWER),
    Fault(what=FaultKind.SLOW, seconds=3.0),
    Fault(what=FaultKind.REFUSE_ACCESS),
]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(FAULTS), st.floats(0.05, 1), st.integers(1, 8)), max_size=6),
    st.integers(1, 16),
    st.integers(0, 40),
    st.integers(0, 2**32),
)
def test_whatever_goes_wrong_every_message_reaches_one_state_and_none_is_sent_twice(
    faults: list[tuple[Fault, float, int]], max_in_flight: int, stop_after: int, seed: int
) -> None:
    """Deaths included: the first sender is cancelled after some outcomes, and others go on until nothing waits."""
    arrived: Counter[str] = Counter()

    class Noting(SimulatorTransport):
        """Counts what the provider has taken in, whether its answer comes back or not."""

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            handle = self._engine.handle

            def noting(request: Request, *arguments: Any, **options: Any) -> Response:
                response = handle(request, *arguments, **options)
                if request.method == "POST" and response.status == 202:
                    assert isinstance(request.body, bytes)
                    tag = read_wire_tag(decode_message(request.body).tag)
                    assert tag is not None
                    arrived[tag.key] += 1
                return response

            self._engine.handle = noting  # type: ignore[method-assign]

    async def scenario() -> tuple[OutboxCounts, list[Entry]]:
        transport, outbox = Noting(rate=50, seed=seed % 1000), MemoryOutbox()
        for fault, share, count in faults:
            transport.faults.add(
                Fault(what=fault.what, status=fault.status, seconds=fault.seconds, share=share, count=count)
            )
        messages = keyed(30)
        client = durable(transport, outbox, rate=50, max_in_flight=max_in_flight)
        with contextlib.suppress(UnauthorizedError):
            ended = 0
            async with contextlib.aclosing(client.send_many(messages)) as outcomes:
                async for _ in outcomes:
                    ended += 1
                    if ended > stop_after:
                        break
        for _ in range(60):
            if not outbox.counts().waiting:
                break
            with contextlib.suppress(UnauthorizedError):
                async for _ in client.deliver():
                    pass
            await client.clock.sleep_until(client.clock.now() + 1)
        with contextlib.suppress(UnauthorizedError):
            await client.wait_until_final()
        entries = [entry async for entry in outbox.entries()]
        counts = outbox.counts()
        await client.aclose()
        return counts, entries

    counts, entries = asyncio.run(scenario())
    assert not counts.waiting
    assert not counts.attempting
    assert max(arrived.values(), default=0) <= 1
    for entry in entries:
        # A callback has told of everything that arrived; what is unknown never did, and what is rejected did not.
        if arrived[entry.key]:
            assert entry.state is SendState.ACCEPTED, entry
        else:
            assert entry.state in (SendState.UNKNOWN, SendState.REJECTED), entry
