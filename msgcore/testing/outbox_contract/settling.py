"""Entering what came of attempts: what may follow from what, and when a message is final."""

from msgcore.delivery import Attempt, Conclusion, DeliveryState, OutboxCounts, Outcome, SendState
from msgcore.errors import KeyConflictError
from msgcore.testing.outbox_contract.scenarios import (
    MakeOutbox,
    accepted,
    conclusion,
    counted,
    dispatching,
    entries_of,
    numbers_of,
    raised,
    run_with,
    text_message,
)
from msgcore.transport import Outbox


class SettlingContract:
    """Every state leads where it may, and nowhere else."""

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

    def test_a_conclusion_that_tells_of_no_recipient_is_none(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.attempt([Attempt(1, 1, 2.0)])
            assert await outbox.settle([accepted(1, 1, "m-1"), Conclusion(1, (), 5.0)]) == [True, False]
            assert outbox.counts() == OutboxCounts(accepted=1)

        run_with(make_outbox, scenario)

    def test_the_same_message_is_no_new_one_after_its_content_has_gone(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one", "k-1"))
            await outbox.settle([Outcome(1, 0, SendState.EXPIRED, 3.0)])
            assert await outbox.put([text_message("one", "k-1")], now=4.0) == 0
            await raised(KeyConflictError, outbox.put([text_message("two", "k-1")], now=4.0))

        run_with(make_outbox, scenario)
