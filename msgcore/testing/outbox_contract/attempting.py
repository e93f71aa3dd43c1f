"""Claiming messages and entering attempts: in which order, and each once."""

import asyncio

from msgcore.delivery import Attempt, OutboxCounts, Outcome, SendState
from msgcore.testing.outbox_contract.scenarios import (
    MakeOutbox,
    dispatching,
    entries_of,
    numbers_of,
    run_with,
    text_message,
)
from msgcore.transport import Outbox


class AttemptingContract:
    """Claims come in order, and an attempt is entered once."""

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

        run_with(make_outbox, scenario)

    def test_a_message_that_was_not_released_is_not_claimed_twice(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1]
            assert numbers_of(await outbox.claim(9, now=2.0)) == []
            outbox.release([1])
            outbox.release([1])
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1]
            assert numbers_of(await outbox.claim(9, now=2.0)) == []

        run_with(make_outbox, scenario)

    def test_a_message_that_is_attempted_cannot_be_released(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.claim(1, now=2.0)
            assert await outbox.attempt([Attempt(1, 1, 2.0)]) == [True]
            outbox.release([1])
            assert numbers_of(await outbox.claim(9, now=2.0)) == []

        run_with(make_outbox, scenario)

    def test_more_messages_than_any_page_holds_are_claimed_in_order(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1500)))
            claimed: list[int] = []
            while found := await outbox.claim(7, now=2.0):
                claimed += numbers_of(found)
            assert claimed == [*range(1, 1501)]
            assert numbers_of(await entries_of(outbox)) == claimed

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

    def test_only_the_next_attempt_of_a_waiting_message_is_entered(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            assert await outbox.attempt([Attempt(1, 2, 2.0), Attempt(1, 0, 2.0)]) == [False, False]
            assert await outbox.attempt([Attempt(1, 1, 2.0)]) == [True]
            await outbox.settle([Outcome(1, 1, SendState.WAITING, 3.0)])
            assert await outbox.attempt([Attempt(1, 1, 4.0), Attempt(1, 2, 4.0)]) == [False, True]

        run_with(make_outbox, scenario)

    def test_a_message_attempted_without_a_claim_is_not_claimed_any_more(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message("one"), text_message("two"), text_message("three"))
            assert await outbox.attempt([Attempt(2, 1, 2.0)]) == [True]
            assert numbers_of(await outbox.claim(9, now=2.0)) == [1, 3]

        run_with(make_outbox, scenario)

    def test_however_many_are_attempted_without_a_claim_the_next_one_is_found(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, *(text_message(str(n)) for n in range(1500)))
            assert numbers_of(await outbox.claim(1, now=2.0)) == [1]
            assert all(await outbox.attempt([Attempt(n, 1, 2.0) for n in range(2, 1400)]))
            assert outbox.next_due() == 0.0
            assert numbers_of(await outbox.claim(3, now=2.0)) == [1400, 1401, 1402]

        run_with(make_outbox, scenario)
