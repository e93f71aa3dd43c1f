"""Whatever happens to an outbox, in whatever order, it says what the plainest model says; also after a crash."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from msgcore.delivery import Attempt, Conclusion, Delivery, DeliveryState, Entry, Outcome, SendState
from msgcore.errors import KeyConflictError, LocalError, OutboxBusyError
from msgcore.testing.outbox_contract.scenarios import counted, entries_of
from msgcore.transport import Outbox
from msgcore.wire import Message
from tests.transports.outbox.model import Item, Model
from transports import MemoryOutbox, SqliteOutbox
from transports.outbox.sqlite import arrivals, dispatching, outbox, writing

MEMORY = Path("/dev/shm")
"""Where a file costs no disk: what is proven here is not the disk's durability."""

numbers = st.integers(1, 9)
times = st.sampled_from([0.0, 1.0, 2.0, 5.0, 9.0, 20.0])
messages = st.builds(
    Message,
    to=st.just("+19195550123"),
    from_=st.just("+19195550100"),
    text=st.sampled_from(["one", "two"]),
    key=st.integers(1, 9).map("k-{}".format),
    priority=st.sampled_from([None, None, "high"]),
)
ids = st.none() | st.sampled_from(["m-1", "m-2", "m-3", "m-4"])
attempts = st.builds(Attempt, number=numbers, attempt=st.integers(0, 3), at=times)
outcomes = st.builds(
    Outcome,
    number=numbers,
    attempt=st.integers(0, 3),
    state=st.sampled_from(SendState),
    at=times,
    due_at=times,
    message_id=st.none(),
)
acceptances = st.builds(
    Outcome,
    number=numbers,
    attempt=st.integers(1, 2),
    state=st.just(SendState.ACCEPTED),
    at=times,
    message_id=ids,
)
deliveries = st.builds(
    Delivery, message_id=st.just("m"), recipient=st.just("+19195550123"), state=st.sampled_from(DeliveryState)
)
conclusions = st.builds(Conclusion, number=numbers, deliveries=st.lists(deliveries, max_size=1).map(tuple), at=times)


class OutboxMachine(RuleBasedStateMachine):
    """Drives an outbox and the model alike."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model()
        self.is_dispatching = False
        self.used_ids: dict[str, int] = {}
        self.outbox = self.open()

    def open(self) -> Outbox:
        return MemoryOutbox()

    def teardown(self) -> None:
        self.runner.run(self.outbox.aclose())
        self.runner.close()

    # ---------------------------------------------------------------------------------------------------------- anybody

    @rule(batch=st.lists(messages, max_size=3))
    def put(self, batch: list[Message]) -> None:
        expected = self.model.put(batch)
        if expected is None:
            with pytest.raises(KeyConflictError):
                self.runner.run(self.outbox.put(batch, now=0.0))
        else:
            assert self.runner.run(self.outbox.put(batch, now=0.0)) == expected

    @rule(key=st.integers(1, 9).map("k-{}".format))
    def find(self, key: str) -> None:
        [entry] = self.runner.run(self.outbox.find([key]))
        assert (None if entry is None else entry.number) == self.model.number_of(key)

    @rule(message_id=ids)
    def find_accepted(self, message_id: str | None) -> None:
        if message_id is not None:
            [entry] = self.runner.run(self.outbox.find_accepted([message_id]))
            assert (None if entry is None else entry.number) == self.model.accepted_as(message_id)

    # ------------------------------------------------------------------------------------------------------ dispatching

    @rule()
    def begin(self) -> None:
        if self.is_dispatching:
            with pytest.raises(OutboxBusyError):
                self.runner.run(self.outbox.begin(now=0.0))
        else:
            assert self.runner.run(self.outbox.begin(now=0.0)) == self.model.end()
            self.is_dispatching = True

    @rule()
    def end(self) -> None:
        self.runner.run(self.outbox.end())
        if self.is_dispatching:
            self.model.end()
        self.is_dispatching = False

    @precondition(lambda self: not self.is_dispatching)
    @rule()
    def refuse_whoever_is_no_dispatcher(self) -> None:
        with pytest.raises(LocalError):
            self.runner.run(self.outbox.claim(1, now=0.0))

    @precondition(lambda self: self.is_dispatching)
    @rule(limit=st.integers(0, 4), now=times)
    def claim(self, limit: int, now: float) -> None:
        due = self.model.due(now)[:limit]
        claimed = self.runner.run(self.outbox.claim(limit, now))
        assert [entry.number for entry in claimed] == due
        for entry in claimed:
            item = self.model.items[entry.number]
            check(entry, item)
            item.is_claimed = True

    @precondition(lambda self: self.is_dispatching)
    @rule(given=st.lists(numbers, max_size=3))
    def release(self, given: list[int]) -> None:
        self.outbox.release(given)
        for number in given:
            if number in self.model.items:
                self.model.items[number].is_claimed = False

    @precondition(lambda self: self.is_dispatching)
    @rule()
    def next_due(self) -> None:
        assert self.outbox.next_due() == self.model.next_due()

    @precondition(lambda self: self.is_dispatching)
    @rule(given=st.lists(attempts, min_size=1, max_size=4))
    def attempt(self, given: list[Attempt]) -> None:
        assert self.runner.run(self.outbox.attempt(given)) == [self.model.enter(one) for one in given]

    @precondition(lambda self: self.is_dispatching)
    @rule()
    def attempt_whatever_waits(self) -> None:
        given = [Attempt(n, i.attempts + 1, 1.0) for n, i in self.model.items.items() if i.state == "waiting"]
        assert self.runner.run(self.outbox.attempt(given)) == [self.model.enter(one) for one in given]

    @precondition(lambda self: self.is_dispatching)
    @rule(given=st.lists(outcomes | acceptances | conclusions, min_size=1, max_size=4))
    def settle(self, given: list[Outcome | Conclusion]) -> None:
        # The provider gives an id to one message only.
        given = [one for one in given if not isinstance(one, Outcome) or self.is_own_id(one)]
        assert self.runner.run(self.outbox.settle(given)) == [self.model.enter(one) for one in given]

    @precondition(lambda self: self.is_dispatching)
    @rule(state=st.sampled_from(SendState), at=times, due_at=times)
    def settle_whatever_is_attempted(self, state: SendState, at: float, due_at: float) -> None:
        given = [
            Outcome(number, item.attempts, state, at, due_at)
            for number, item in self.model.items.items()
            if item.state in ("attempting", "unknown")
        ]
        assert self.runner.run(self.outbox.settle(given)) == [self.model.enter(one) for one in given]

    @precondition(lambda self: self.is_dispatching)
    @rule(
        first=st.lists(attempts, max_size=2), then=st.lists(outcomes, max_size=2), batch=st.lists(messages, max_size=1)
    )
    def share_a_commit(self, first: list[Attempt], then: list[Outcome], batch: list[Message]) -> None:
        async def scenario() -> tuple[Sequence[bool], Sequence[bool], int | BaseException]:
            return await asyncio.gather(
                self.outbox.attempt(first),
                self.outbox.settle(then),
                self.outbox.put(batch, now=0.0),
                return_exceptions=True,
            )  # type: ignore[return-value]

        entered, settled, put = self.runner.run(scenario())
        assert entered == [self.model.enter(one) for one in first]
        assert settled == [self.model.enter(one) for one in then]
        assert (put if isinstance(put, int) else None) == self.model.put(batch)

    @precondition(lambda self: self.is_dispatching)
    @rule(before=times)
    def purge(self, before: float) -> None:
        assert self.runner.run(self.outbox.purge(before)) == self.model.purge(before)

    def is_own_id(self, outcome: Outcome) -> bool:
        id = outcome.message_id
        return id is None or self.used_ids.setdefault(id, outcome.number) == outcome.number

    # ------------------------------------------------------------------------------------------------------- invariants

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        self.agrees(self.outbox)

    def agrees(self, outbox: Outbox) -> None:
        entries = self.runner.run(entries_of(outbox))
        assert [entry.number for entry in entries] == list(self.model.items)
        for entry in entries:
            check(entry, self.model.items[entry.number])
        assert outbox.counts() == self.model.counts() == self.runner.run(counted(outbox))
        for state in SendState:
            for final in (None, True, False):
                listed = self.runner.run(entries_of(outbox, state, final=final))
                there = [e for e in entries if e.state is state and final in (None, e.is_final)]
                assert listed == there, (state, final)


def check(entry: Entry, item: Item) -> None:
    expected = item.message.without_content() if item.is_erased else item.message
    assert entry.message == expected
    assert (entry.state, entry.attempts, entry.due_at) == (item.state, item.attempts, item.due_at)
    assert (entry.since, entry.deliveries) == (item.since, item.deliveries)
    assert entry.message_id == next(iter(item.ids), None)
    assert entry.is_final == item.is_final


class SqliteOutboxMachine(OutboxMachine):
    """The same in a file that is folded all the time, with another process looking on, and with crashes."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.opened = 0
        super().__init__()
        self.onlooker = self.open()

    def open(self) -> SqliteOutbox:
        return SqliteOutbox(self.folder / f"{self.opened}.outbox")

    def teardown(self) -> None:
        self.runner.run(self.onlooker.aclose())
        super().teardown()
        shutil.rmtree(self.folder)

    @rule()
    def open_again(self) -> None:
        for one in (self.onlooker, self.outbox):
            self.runner.run(one.aclose())
        if self.is_dispatching:  # else attempts that a crash left open stay open until somebody begins
            self.model.end()
        self.is_dispatching = False
        self.outbox, self.onlooker = self.open(), self.open()

    @rule()
    def crash(self) -> None:
        """What a kill leaves is what the file and its log hold at that moment: here it is a copy of them."""
        before = self.folder / f"{self.opened}.outbox"
        self.opened += 1
        for suffix in ("", "-wal"):
            shutil.copyfile(f"{before}{suffix}", self.folder / f"{self.opened}.outbox{suffix}")
        for one in (self.onlooker, self.outbox):
            self.runner.run(one.aclose())
        for item in self.model.items.values():
            item.is_claimed = False
        self.is_dispatching = False
        self.outbox, self.onlooker = self.open(), self.open()

    @rule(batch=st.lists(messages, max_size=3))
    def put_from_elsewhere(self, batch: list[Message]) -> None:
        self.outbox, self.onlooker = self.onlooker, self.outbox
        try:
            self.put(batch)
        finally:
            self.outbox, self.onlooker = self.onlooker, self.outbox

    @invariant()
    def the_onlooker_sees_the_same(self) -> None:
        self.agrees(self.onlooker)


@contextmanager
def small_steps() -> Iterator[None]:
    """Everything that is done in portions is done in tiny ones, and what is looked for now and then, at once."""
    with (
        patch.object(arrivals, "FETCHED_AT_ONCE", 2),
        patch.object(arrivals, "MOST_IN_LINE", 3),
        patch.object(dispatching, "FOLDED_AT_ONCE", 3),
        patch.object(dispatching, "SECONDS_BETWEEN_LOOKS", 0.0),  # or an urgent message of another process may go later
        patch.object(outbox, "LISTED_AT_ONCE", 2),
        patch.object(writing, "PURGED_AT_ONCE", 2),
    ):
        yield


def test_the_outbox_in_memory_is_what_the_model_is() -> None:
    run_state_machine_as_test(OutboxMachine, settings=settings(max_examples=40, stateful_step_count=40, deadline=None))


def test_the_outbox_in_a_file_is_what_the_model_is_whatever_crashes() -> None:
    slow = settings(
        max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    with small_steps():
        run_state_machine_as_test(SqliteOutboxMachine, settings=slow)
