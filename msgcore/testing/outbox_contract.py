"""The contract of an outbox as test classes: one for every outbox, one more for those that outlive their process.

How this works: subclass :class:`OutboxContract` in a test module, give it one fixture, and run pytest::

    class TestMyOutbox(OutboxContract):
        @pytest.fixture
        def make_outbox(self):
            return MyOutbox

``make_outbox`` returns a function that makes a new, empty, open outbox, each time another. For one that keeps its
messages subclass :class:`DurableOutboxContract` and give it ``open_again``, too: a function that opens once more what
an outbox holds, as another process would while the first one lives, or after it has died. No outbox reads a clock: the
times are those of the calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from msgcore.delivery import Attempt, Conclusion, Delivery, DeliveryState, Entry, OutboxCounts, Outcome, SendState
from msgcore.errors import KeyConflictError, LocalError, MsgcoreError, OutboxBusyError, OutboxError
from msgcore.transport import Outbox
from msgcore.wire import Message

MakeOutbox = Callable[[], Outbox]
OpenAgain = Callable[[Outbox], Outbox]

_Raised = TypeVar("_Raised", bound=MsgcoreError)

RECIPIENT = "+19195550123"


def text_message(text: str = "hello", key: str | None = None, **fields: Any) -> Message:
    """Return a plain message."""
    return Message(to=RECIPIENT, from_="+19195550100", text=text, key=key, **fields)


def conclusion(number: int, message_id: str, at: float, state: DeliveryState = DeliveryState.DELIVERED) -> Conclusion:
    """Return the end of an accepted message."""
    return Conclusion(number, (Delivery(message_id, RECIPIENT, state),), at)


def accepted(number: int, attempt: int, message_id: str | None, at: float = 3.0) -> Outcome:
    """Return the outcome of an attempt that the provider has answered with 202."""
    return Outcome(number, attempt, SendState.ACCEPTED, at, message_id=message_id, segment_count=1)


async def entries_of(outbox: Outbox, state: SendState | None = None, **options: Any) -> list[Entry]:
    """Return what the outbox lists."""
    return [entry async for entry in outbox.entries(state, **options)]


async def raised(kind: type[_Raised], awaitable: Awaitable[object]) -> _Raised:
    """Return the error that ``awaitable`` ends with."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"expected {kind.__name__}")


async def counted(outbox: Outbox) -> OutboxCounts:
    """Count anew what the outbox says that it keeps count of."""
    counts = dict.fromkeys(OutboxCounts._fields, 0)
    for entry in await entries_of(outbox):
        counts["final" if entry.deliveries else entry.state.value] += 1
    return OutboxCounts(**counts)


async def dispatching(outbox: Outbox, *messages: Message) -> Outbox:
    """Put messages and become the dispatcher."""
    await outbox.put(messages, now=1.0)
    await outbox.begin(now=2.0)
    return outbox


def numbers_of(entries: Sequence[Entry]) -> list[int]:
    """Return the numbers of entries."""
    return [entry.number for entry in entries]


class OutboxContract:
    """What every outbox promises; subclass it and provide the fixture ``make_outbox``."""

    # ---------------------------------------------------------------------------------------------------------- putting

    def test_it_is_an_outbox(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert isinstance(outbox, Outbox)
            assert outbox.counts() == OutboxCounts()

        _run(make_outbox, scenario)

    def test_what_is_put_can_be_found_whole_under_its_key(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            whole = Message(
                to=("+19195550123", "+19195550124"),
                from_="+19195550100",
                text="é€ \u0416 \u4e2d \U0001f469\u200d\U0001f4bb \0",
                application_id="a-1",
                media=("https://media.example.com/1.png", "https://media.example.com/2.png"),
                tag="order-17",
                priority="high",
                expiration="2030-01-01T00:00:00Z",
                key="k-\u00e9\0",
            )
            assert await outbox.put([text_message("one", "k-1"), whole], now=5.0) == 2
            found, none = await outbox.find(["k-\u00e9\0", "k-3"])
            assert none is None
            assert found is not None
            assert found.message == whole
            assert (found.number, found.key, found.state) == (2, "k-\u00e9\0", SendState.WAITING)
            assert (found.attempts, found.put_at, found.due_at) == (0, 5.0, 0.0)
            assert not found.is_final

        _run(make_outbox, scenario)

    def test_a_message_without_a_key_is_given_one_that_nobody_has(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.put([text_message(), text_message()], now=1.0) == 2
            assert await outbox.put([text_message()], now=1.0) == 1
            entries = await entries_of(outbox)
            assert len({entry.key for entry in entries}) == 3
            assert all(entry.message == text_message(key=entry.key) for entry in entries)
            assert all(len(entry.key) <= 32 for entry in entries)  # it has to travel in the tag beside the caller's

        _run(make_outbox, scenario)

    def test_the_same_key_and_content_again_is_no_new_message(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.put([text_message("one", "k-1")], now=1.0) == 1
            again = [text_message("one", "k-1"), text_message("two", "k-2"), text_message("two", "k-2")]
            assert await outbox.put(again, now=2.0) == 1
            assert await outbox.put(again, now=3.0) == 0
            assert [(e.number, e.key, e.put_at) for e in await entries_of(outbox)] == [(1, "k-1", 1.0), (2, "k-2", 2.0)]
            assert outbox.counts() == OutboxCounts(waiting=2)

        _run(make_outbox, scenario)

    def test_a_key_with_other_content_is_refused_and_nothing_with_it_is_kept(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await outbox.put([text_message("one", "k-1")], now=1.0)
            for other in (
                text_message("two", "k-1"),
                text_message("one", "k-1", tag="t"),
                text_message("one", "k-1", priority="default"),
                text_message("one", "k-1", media="https://media.example.com/1.png"),
            ):
                error = await raised(KeyConflictError, outbox.put([text_message("new", "k-9"), other], now=2.0))
                assert error.key == "k-1"
            twice = [text_message("new", "k-9"), text_message("newer", "k-9")]
            assert (await raised(KeyConflictError, outbox.put(twice, now=2.0))).key == "k-9"
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=1)

        _run(make_outbox, scenario)

    def test_puts_at_the_same_time_are_each_all_or_nothing(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            results = await asyncio.gather(
                outbox.put([text_message("one", "k-1"), text_message("two", "k-2")], now=1.0),
                outbox.put([text_message("three", "k-3"), text_message("other", "k-2")], now=1.0),
                outbox.put([text_message("two", "k-2"), text_message("four", "k-4")], now=1.0),
                return_exceptions=True,
            )
            assert [r if isinstance(r, int) else type(r) for r in results] == [2, KeyConflictError, 1]
            assert [entry.key for entry in await entries_of(outbox)] == ["k-1", "k-2", "k-4"]

        _run(make_outbox, scenario)

    def test_nothing_but_messages_with_content_is_kept(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await raised(LocalError, outbox.put([text_message("one"), text_message().without_content()], now=1.0))
            wrong: Any = ["hello"]
            try:
                await outbox.put(wrong, now=1.0)
            except TypeError:
                pass
            else:
                raise AssertionError("expected TypeError")
            assert await outbox.put([], now=1.0) == 0
            assert outbox.counts() == OutboxCounts()

        _run(make_outbox, scenario)

    # --------------------------------------------------------------------------------------------------------- claiming

    def test_claims_come_in_the_order_of_arrival_and_urgent_ones_first(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            urgent = {3, 5}
            kept = [text_message(str(n), priority="high" if n in urgent else None) for n in range(1, 7)]
            await dispatching(outbox, *kept)
            assert numbers_of(await outbox.claim(3, now=2.0)) == [3, 5, 1]
            await outbox.put([text_message("late", priority="high")], now=2.0)
            assert numbers_of(await outbox.claim(2, now=2.0)) == [7, 2]
            assert numbers_of(await outbox.claim(9, now=2.0)) == [4, 6]
            assert numbers_of(await outbox.claim(9, now=2.0)) == []
            assert numbers_of(await outbox.claim(0, now=2.0)) == []
            outbox.release([6, 2, 99])
            assert numbers_of(await outbox.claim(9, now=2.0)) == [2, 6]

        _run(make_outbox, scenario)

    def test_a_message_that_was_not_released_is_not_claimed_twice(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1]
            assert numbers_of(await outbox.claim(9, now=2.0)) == []
            outbox.release([1])
            outbox.release([1])
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1]
            assert numbers_of(await outbox.claim(9, now=2.0)) == []

        _run(make_outbox, scenario)

    def test_a_message_that_is_attempted_cannot_be_released(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.claim(1, now=2.0)
            assert await outbox.attempt([Attempt(1, 1, 2.0)]) == [True]
            outbox.release([1])
            assert numbers_of(await outbox.claim(9, now=2.0)) == []

        _run(make_outbox, scenario)

    def test_more_messages_than_any_page_holds_are_claimed_in_order(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1500)))
            claimed: list[int] = []
            while found := await outbox.claim(7, now=2.0):
                claimed += numbers_of(found)
            assert claimed == [*range(1, 1501)]
            assert numbers_of(await entries_of(outbox)) == claimed

        _run(make_outbox, scenario)

    # ------------------------------------------------------------------------------------------------------- attempting

    def test_an_attempt_is_entered_once(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.claim(1, now=2.0)
            both = await asyncio.gather(outbox.attempt([Attempt(1, 1, 2.0)]), outbox.attempt([Attempt(1, 1, 2.0)]))
            assert sorted(both, key=list) == [[False], [True]]
            assert await outbox.attempt([Attempt(1, 2, 2.0), Attempt(1, 1, 2.0), Attempt(2, 1, 2.0)]) == [False] * 3
            [entry] = await entries_of(outbox, SendState.ATTEMPTING)
            assert (entry.attempts, entry.since) == (1, 2.0)
            assert outbox.counts() == OutboxCounts(attempting=1)

        _run(make_outbox, scenario)

    def test_only_the_next_attempt_of_a_waiting_message_is_entered(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            assert await outbox.attempt([Attempt(1, 2, 2.0), Attempt(1, 0, 2.0)]) == [False, False]
            assert await outbox.attempt([Attempt(1, 1, 2.0)]) == [True]
            await outbox.settle([Outcome(1, 1, SendState.WAITING, 3.0)])
            assert await outbox.attempt([Attempt(1, 1, 4.0), Attempt(1, 2, 4.0)]) == [False, True]

        _run(make_outbox, scenario)

    def test_a_message_attempted_without_a_claim_is_not_claimed_any_more(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one"), text_message("two"), text_message("three"))
            assert await outbox.attempt([Attempt(2, 1, 2.0)]) == [True]
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1, 3]

        _run(make_outbox, scenario)

    def test_however_many_are_attempted_without_a_claim_the_next_one_is_found(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1500)))
            assert numbers_of(await outbox.claim(1, now=2.0)) == [1]
            assert all(await outbox.attempt([Attempt(n, 1, 2.0) for n in range(2, 1400)]))
            assert outbox.next_due() == 0.0
            assert numbers_of(await outbox.claim(3, now=2.0)) == [1400, 1401, 1402]

        _run(make_outbox, scenario)

    # --------------------------------------------------------------------------------------------------------- settling

    def test_a_refused_message_waits_until_it_is_due(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.claim(1, now=2.0)
            assert outbox.next_due() is None
            await outbox.attempt([Attempt(1, 1, 2.0)])
            refused = Outcome(1, 1, SendState.WAITING, 3.0, due_at=10.5, reason="429")
            assert await outbox.settle([refused]) == [True]
            assert outbox.next_due() == 10.5
            assert numbers_of(await outbox.claim(9, now=10.4)) == []
            [entry] = await outbox.claim(9, now=10.5)
            assert (entry.attempts, entry.due_at, entry.reason, entry.since) == (1, 10.5, "429", 3.0)
            assert entry.message == text_message(key=entry.key)

        _run(make_outbox, scenario)

    def test_due_times_hold_when_the_clock_is_put_back(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(3)))
            await outbox.attempt([Attempt(n, 1, 2.0) for n in (1, 2, 3)])
            await outbox.settle([Outcome(n, 1, SendState.WAITING, 3.0, due_at=40.0 - 10 * n) for n in (1, 2, 3)])
            assert numbers_of(await outbox.claim(1, now=100.0)) == [1]
            outbox.release([1])
            assert outbox.next_due() == 10.0
            assert numbers_of(await outbox.claim(9, now=15.0)) == [3]
            assert outbox.next_due() == 20.0
            assert numbers_of(await outbox.claim(9, now=5.0)) == []
            assert numbers_of(await outbox.claim(9, now=35.0)) == [1, 2]

        _run(make_outbox, scenario)

    def test_nobody_waits_longer_because_the_clock_was_put_back_between_two_dispatchers(
        self, make_outbox: MakeOutbox
    ) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(3)))
            await outbox.attempt([Attempt(n, 1, 8_000.0) for n in (1, 2, 3)])
            await outbox.settle(
                [
                    Outcome(1, 1, SendState.WAITING, 8_000.0, due_at=8_030.0),
                    Outcome(2, 1, SendState.WAITING, 8_000.0, due_at=8_000.0),
                    Outcome(3, 1, SendState.WAITING, 990.0, due_at=1_010.0),
                ]
            )
            await outbox.end()
            await outbox.begin(now=1_000.0)
            assert numbers_of(await outbox.claim(9, now=1_000.0)) == [2]
            assert outbox.next_due() == 1_010.0
            assert numbers_of(await outbox.claim(9, now=1_029.9)) == [3]
            assert numbers_of(await outbox.claim(9, now=1_030.0)) == [1]

        _run(make_outbox, scenario)

    def test_an_accepted_message_is_found_under_the_provider_s_id(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one"), text_message("two"))
            await outbox.attempt([Attempt(1, 1, 2.0), Attempt(2, 1, 2.0)])
            assert await outbox.settle([accepted(2, 1, "m-2")]) == [True]
            found, none = await outbox.find_accepted(["m-2", "m-1"])
            assert none is None
            assert found is not None
            assert (found.number, found.state, found.message_id, found.since) == (2, SendState.ACCEPTED, "m-2", 3.0)
            assert found.segment_count == 1
            assert found.message.text == "two"
            assert not found.is_final

        _run(make_outbox, scenario)

    def test_what_cannot_follow_is_not_entered(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one"), text_message("two"))
            impossible: list[Outcome | Conclusion] = [
                accepted(1, 0, "m-1"),  # it was never attempted
                accepted(1, 1, "m-1"),
                Outcome(1, 0, SendState.UNKNOWN, 3.0),
                Outcome(1, 0, SendState.WAITING, 3.0, due_at=99.0),
                Outcome(1, 0, SendState.ATTEMPTING, 3.0),
                conclusion(1, "m-1", 3.0),
                Outcome(3, 0, SendState.EXPIRED, 3.0),  # there is no such message
            ]
            assert await outbox.settle(impossible) == [False] * len(impossible)
            await outbox.attempt([Attempt(1, 1, 2.0)])
            late: list[Outcome | Conclusion] = [
                Outcome(1, 0, SendState.REJECTED, 3.0),
                Outcome(1, 2, SendState.UNKNOWN, 3.0),
                Outcome(1, 1, SendState.EXPIRED, 3.0),
                Outcome(1, 1, SendState.SUPPRESSED, 3.0),
                conclusion(1, "m-1", 3.0),
            ]
            assert await outbox.settle(late) == [False] * len(late)
            assert await outbox.settle([Outcome(1, 1, SendState.REJECTED, 3.0, reason="400")]) == [True]
            again = [Outcome(1, 1, state, 4.0) for state in SendState if state is not SendState.ACCEPTED]
            assert await outbox.settle(again) == [False] * len(again)
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=1, rejected=1)

        _run(make_outbox, scenario)

    def test_each_state_leads_where_it_may(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1, 7)))
            await outbox.attempt([Attempt(n, 1, 2.0) for n in (1, 2, 3)])
            ends = [
                Outcome(1, 1, SendState.UNKNOWN, 3.0, reason="time-out"),
                Outcome(2, 1, SendState.REJECTED, 3.0, reason="400"),
                accepted(3, 1, "m-3"),
                Outcome(4, 0, SendState.EXPIRED, 3.0),
                Outcome(5, 0, SendState.SUPPRESSED, 3.0),
                Outcome(6, 0, SendState.REJECTED, 3.0),
            ]
            assert await outbox.settle(ends) == [True] * 6
            assert outbox.counts() == await counted(outbox)
            assert outbox.counts() == OutboxCounts(unknown=1, accepted=1, rejected=2, expired=1, suppressed=1)
            assert [e.state for e in await entries_of(outbox)] == [end.state for end in ends]
            for state in SendState:
                expected = [end.number for end in ends if end.state is state]
                assert numbers_of(await entries_of(outbox, state)) == expected
            assert numbers_of(await entries_of(outbox, final=True)) == [2, 4, 5, 6]
            assert numbers_of(await entries_of(outbox, final=False)) == [1, 3]
            assert numbers_of(await entries_of(outbox, after=4)) == [5, 6]

        _run(make_outbox, scenario)

    def test_an_unknown_message_is_never_claimed_unless_it_was_made_to_wait(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.claim(1, now=2.0)
            await outbox.attempt([Attempt(1, 1, 2.0)])
            await outbox.settle([Outcome(1, 1, SendState.UNKNOWN, 3.0)])
            assert await outbox.attempt([Attempt(1, 2, 3.0)]) == [False]
            assert (outbox.next_due(), list(await outbox.claim(9, now=99.0))) == (None, [])
            assert await outbox.settle([Outcome(1, 1, SendState.WAITING, 4.0, reason="resend")]) == [True]
            assert [entry.attempts for entry in await outbox.claim(9, now=4.0)] == [1]
            assert await outbox.attempt([Attempt(1, 2, 5.0)]) == [True]

        _run(make_outbox, scenario)

    def test_a_callback_proves_an_attempt_whatever_was_believed_of_it(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1, 6)))
            numbers = range(1, 6)
            await outbox.attempt([Attempt(n, 1, 2.0) for n in numbers])
            await outbox.settle([Outcome(n, 1, SendState.UNKNOWN, 3.0) for n in numbers])
            await outbox.settle([Outcome(n, 1, SendState.WAITING, 4.0) for n in numbers])
            await outbox.attempt([Attempt(n, 2, 5.0) for n in (1, 2)])
            await outbox.settle([Outcome(2, 2, SendState.REJECTED, 6.0), Outcome(4, 1, SendState.EXPIRED, 6.0)])
            # attempting, rejected, waiting, expired, waiting and claimed
            assert numbers_of(await outbox.claim(9, now=7.0)) == [3, 5]
            outbox.release([3])
            assert await outbox.settle([accepted(n, 1, f"m-{n}", at=8.0) for n in numbers]) == [True] * 5
            assert outbox.counts() == await counted(outbox) == OutboxCounts(accepted=5)
            assert list(await outbox.claim(9, now=99.0)) == []
            gone = [entry.number for entry in await entries_of(outbox) if not entry.message.text]
            assert gone == [2, 4]  # they had been final

        _run(make_outbox, scenario)

    def test_an_id_that_the_answer_did_not_tell_is_learnt_later(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.attempt([Attempt(1, 1, 2.0)])
            assert await outbox.settle([Outcome(1, 1, SendState.ACCEPTED, 3.0)]) == [True]
            assert await outbox.settle([accepted(1, 1, "m-1", at=4.0)]) == [True]
            assert await outbox.settle([accepted(1, 1, "m-1", at=5.0)]) == [False]
            [entry] = await outbox.find_accepted(["m-1"])
            assert entry is not None
            assert (entry.message_id, entry.segment_count, entry.since) == ("m-1", 1, 3.0)

        _run(make_outbox, scenario)

    def test_a_message_that_was_sent_twice_is_found_under_both_ids(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.attempt([Attempt(1, 1, 2.0)])
            await outbox.settle([Outcome(1, 1, SendState.UNKNOWN, 3.0), Outcome(1, 1, SendState.WAITING, 3.0)])
            await outbox.attempt([Attempt(1, 2, 4.0)])
            assert await outbox.settle([accepted(1, 1, "m-1")]) == [True]
            assert await outbox.settle([accepted(1, 2, "m-2")]) == [True]
            assert await outbox.settle([accepted(1, 2, "m-2")]) == [False]
            first, second = await outbox.find_accepted(["m-1", "m-2"])
            assert first == second
            assert first is not None
            assert (first.number, first.message_id) == (1, "m-1")

        _run(make_outbox, scenario)

    def test_a_conclusion_makes_an_accepted_message_final_and_takes_its_content(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            picture = "https://media.example.com/1.png"
            await dispatching(outbox, text_message("secret", "k-1", media=picture, tag="t"), text_message("two"))
            await outbox.attempt([Attempt(1, 1, 2.0)])
            await outbox.settle([accepted(1, 1, "m-1")])
            end = conclusion(1, "m-1", 5.0)
            assert await outbox.settle([end]) == [True]
            assert await outbox.settle([end]) == [False]
            [entry] = await entries_of(outbox, SendState.ACCEPTED, final=True)
            assert entry.is_final
            assert (entry.deliveries, entry.since, entry.message_id) == (end.deliveries, 5.0, "m-1")
            assert entry.message == text_message("secret", "k-1", tag="t").without_content()
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=1, final=1)
            assert await entries_of(outbox, SendState.ACCEPTED, final=False) == []
            other = conclusion(1, "m-1", 9.0, DeliveryState.FAILED)  # a late event may correct it
            assert await outbox.settle([other]) == [True]
            [found] = await outbox.find_accepted(["m-1"])
            assert found is not None
            assert (found.deliveries, found.since) == (other.deliveries, 5.0)
            assert await outbox.settle([accepted(1, 1, "m-9")]) == [False]
            assert outbox.counts() == OutboxCounts(waiting=1, final=1)

        _run(make_outbox, scenario)

    def test_a_conclusion_that_tells_of_no_recipient_is_none(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.attempt([Attempt(1, 1, 2.0)])
            assert await outbox.settle([accepted(1, 1, "m-1"), Conclusion(1, (), 5.0)]) == [True, False]
            assert outbox.counts() == OutboxCounts(accepted=1)

        _run(make_outbox, scenario)

    def test_the_same_message_is_no_new_one_after_its_content_has_gone(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one", "k-1"))
            await outbox.settle([Outcome(1, 0, SendState.EXPIRED, 3.0)])
            assert await outbox.put([text_message("one", "k-1")], now=4.0) == 0
            await raised(KeyConflictError, outbox.put([text_message("two", "k-1")], now=4.0))

        _run(make_outbox, scenario)

    # ---------------------------------------------------------------------------------------------------------- purging

    def test_purging_forgets_what_has_been_final_for_long(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n), f"k-{n}") for n in range(1, 7)))
            await outbox.attempt([Attempt(n, 1, 2.0) for n in (1, 2, 3, 4)])
            await outbox.settle([accepted(n, 1, f"m-{n}") for n in (1, 2, 3)])
            await outbox.settle(
                [
                    conclusion(1, "m-1", 10.0),
                    conclusion(2, "m-2", 20.0),
                    Outcome(4, 1, SendState.REJECTED, 10.0),
                    Outcome(5, 0, SendState.EXPIRED, 10.0),
                ]
            )
            assert await outbox.purge(before=10.0) == 0
            assert await outbox.purge(before=15.0) == 3
            assert await outbox.purge(before=15.0) == 0
            assert numbers_of(await entries_of(outbox)) == [2, 3, 6]
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=1, accepted=1, final=1)
            assert await outbox.find(["k-1", "k-4", "k-5"]) == [None, None, None]
            assert await outbox.find_accepted(["m-1"]) == [None]
            assert await outbox.attempt([Attempt(1, 1, 16.0)]) == [False]
            assert await outbox.put([text_message("other", "k-1")], now=16.0) == 1
            assert numbers_of(await entries_of(outbox)) == [2, 3, 6, 7]

        _run(make_outbox, scenario)

    # ------------------------------------------------------------------------------------------------------ dispatchers

    def test_there_is_one_dispatcher_at_a_time(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.begin(now=1.0) == 0
            await raised(OutboxBusyError, outbox.begin(now=1.0))
            await outbox.end()
            await outbox.end()
            assert await outbox.begin(now=1.0) == 0

        _run(make_outbox, scenario)

    def test_only_the_dispatcher_claims_attempts_settles_and_purges(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await outbox.put([text_message()], now=1.0)
            for _ in range(2):
                await raised(LocalError, outbox.claim(1, now=2.0))
                await raised(LocalError, outbox.attempt([Attempt(1, 1, 2.0)]))
                await raised(LocalError, outbox.settle([Outcome(1, 0, SendState.EXPIRED, 2.0)]))
                await raised(LocalError, outbox.purge(before=9.0))
                for call in (outbox.next_due, lambda: outbox.release([1])):
                    try:
                        call()
                    except LocalError:
                        continue
                    raise AssertionError("expected LocalError")
                await outbox.begin(now=2.0)
                await outbox.end()
            assert outbox.counts() == OutboxCounts(waiting=1)

        _run(make_outbox, scenario)

    def test_a_dispatcher_that_ends_gives_back_claims_and_leaves_attempts_unknown(
        self, make_outbox: MakeOutbox
    ) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(4)))
            await outbox.claim(3, now=2.0)
            await outbox.attempt([Attempt(1, 1, 2.0), Attempt(2, 1, 2.0)])
            await outbox.settle([accepted(1, 1, "m-1")])
            await outbox.end()
            assert outbox.counts() == await counted(outbox) == OutboxCounts(waiting=2, unknown=1, accepted=1)
            [entry] = await entries_of(outbox, SendState.UNKNOWN)
            assert (entry.number, entry.attempts) == (2, 1)
            assert entry.reason
            assert await outbox.begin(now=9.0) == 0
            assert numbers_of(await outbox.claim(9, now=9.0)) == [3, 4]

        _run(make_outbox, scenario)

    def test_closing_ends_it_for_good(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.aclose()
            await outbox.aclose()
            await raised(OutboxError, outbox.put([text_message()], now=2.0))
            await raised(OutboxError, outbox.begin(now=2.0))
            await raised(OutboxError, outbox.find(["k"]))

        _run(make_outbox, scenario)


class DurableOutboxContract(OutboxContract):
    """What an outbox promises that outlives its process; provide the fixture ``open_again``, too."""

    def test_what_was_confirmed_is_there_when_it_is_opened_again(
        self, make_outbox: MakeOutbox, open_again: OpenAgain
    ) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n), f"k-{n}") for n in range(1, 7)))
            await outbox.claim(9, now=2.0)
            await outbox.attempt([Attempt(n, 1, 2.0) for n in (1, 2, 3, 4)])
            await outbox.settle([Outcome(1, 1, SendState.WAITING, 3.0, due_at=50.0, reason="429")])
            await outbox.settle([accepted(2, 1, "m-2"), accepted(3, 1, "m-3")])
            await outbox.settle([conclusion(3, "m-3", 4.0)])
            before = await entries_of(outbox)
            other = open_again(outbox)
            assert await entries_of(other) == before
            assert other.counts() == outbox.counts() == await counted(other)
            assert await other.find(["k-1", "k-9"]) == [before[0], None]
            assert await other.find_accepted(["m-2", "m-3"]) == before[1:3]
            await outbox.aclose()
            await other.begin(now=5.0)
            assert other.next_due() == 0.0
            assert numbers_of(await other.claim(9, now=5.0)) == [5, 6]
            assert other.next_due() == 50.0
            assert numbers_of(await other.claim(9, now=50.0)) == [1]
            await other.aclose()

        _run(make_outbox, scenario)

    def test_another_dispatcher_is_refused_until_the_first_one_ends(
        self, make_outbox: MakeOutbox, open_again: OpenAgain
    ) -> None:
        async def scenario(outbox: Outbox) -> None:
            await outbox.begin(now=1.0)
            other = open_again(outbox)
            await raised(OutboxBusyError, other.begin(now=1.0))
            await outbox.end()
            await other.begin(now=1.0)
            await raised(OutboxBusyError, outbox.begin(now=1.0))
            await other.aclose()
            await outbox.begin(now=1.0)

        _run(make_outbox, scenario)

    def test_what_another_process_puts_is_claimed_soon(self, make_outbox: MakeOutbox, open_again: OpenAgain) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one", "k-1"))
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1]
            assert outbox.next_due() is None
            other = open_again(outbox)
            assert await other.put([text_message("one", "k-1"), text_message("two", "k-2")], now=3.0) == 1
            await raised(KeyConflictError, other.put([text_message("three", "k-2")], now=3.0))
            assert outbox.next_due() == 0.0
            assert numbers_of(await outbox.claim(9, now=3.0)) == [2]
            assert outbox.counts() == other.counts() == OutboxCounts(waiting=2)
            await outbox.attempt([Attempt(1, 1, 4.0), Attempt(2, 1, 4.0)])
            assert other.counts() == await counted(other) == OutboxCounts(attempting=2)
            assert numbers_of(await entries_of(other, SendState.ATTEMPTING)) == [1, 2]
            await other.aclose()

        _run(make_outbox, scenario)


def _run(make_outbox: MakeOutbox, scenario: Callable[[Outbox], Awaitable[None]]) -> None:
    async def run() -> None:
        outbox = make_outbox()
        try:
            await scenario(outbox)
        finally:
            await outbox.aclose()

    asyncio.run(run())


__all__ = [
    "DurableOutboxContract",
    "MakeOutbox",
    "OpenAgain",
    "OutboxContract",
    "accepted",
    "conclusion",
    "counted",
    "dispatching",
    "entries_of",
    "numbers_of",
    "raised",
    "text_message",
]
