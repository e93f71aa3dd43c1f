"""Being the one dispatcher, giving it up, and forgetting what has been final for long."""

from msgcore.delivery import Attempt, OutboxCounts, Outcome, SendState
from msgcore.errors import LocalError, OutboxBusyError, OutboxError
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


class DispatcherContract:
    """There is one dispatcher, and only it claims, attempts, settles and purges."""

    def test_there_is_one_dispatcher_at_a_time(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert await outbox.begin(now=1.0) == 0
            await raised(OutboxBusyError, outbox.begin(now=1.0))
            await outbox.end()
            await outbox.end()
            assert await outbox.begin(now=1.0) == 0

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

    def test_closing_ends_it_for_good(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            await dispatching(outbox, text_message())
            await outbox.aclose()
            await outbox.aclose()
            await raised(OutboxError, outbox.put([text_message()], now=2.0))
            await raised(OutboxError, outbox.begin(now=2.0))
            await raised(OutboxError, outbox.find(["k"]))

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)
