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

from msgcore.delivery import Attempt, OutboxCounts, Outcome, SendState
from msgcore.errors import KeyConflictError, OutboxBusyError
from msgcore.testing.outbox_contract.attempting import AttemptingContract
from msgcore.testing.outbox_contract.dispatchers import DispatcherContract
from msgcore.testing.outbox_contract.putting import PuttingContract
from msgcore.testing.outbox_contract.scenarios import (
    MakeOutbox,
    OpenAgain,
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
from msgcore.testing.outbox_contract.settling import SettlingContract
from msgcore.transport import Outbox


class OutboxContract(PuttingContract, AttemptingContract, SettlingContract, DispatcherContract):
    """What every outbox promises; subclass it and provide the fixture ``make_outbox``."""

    def test_it_is_an_outbox(self, make_outbox: MakeOutbox) -> None:
        async def scenario(outbox: Outbox) -> None:
            assert isinstance(outbox, Outbox)
            assert outbox.counts() == OutboxCounts()

        run_with(make_outbox, scenario)


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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)

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

        run_with(make_outbox, scenario)
