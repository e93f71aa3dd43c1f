"""Merging ledgers: however the events of a campaign are split, the ledgers together know what one alone would."""

from hypothesis import given
from hypothesis import strategies as st

from msgcore.delivery import Delivery, Ledger
from msgcore.wire.events import KnownEvent
from tests.delivery.test_ledger_properties import HOUR, MESSAGES, all_deliveries, event

Step = KnownEvent | str


@st.composite
def split_histories(draw: st.DrawFn) -> tuple[list[Step], list[list[Step]]]:
    """A history, and the same one split between ledgers, in another order, with repetitions; each knows what it knows.

    A step is an event, or the id of a message that is accepted.
    """
    steps: list[Step] = [*draw(st.lists(event(), max_size=12)), *MESSAGES]
    copies = draw(st.lists(st.sampled_from(steps), max_size=8))
    shuffled = draw(st.permutations([*steps, *copies]))
    cuts = sorted(draw(st.lists(st.integers(0, len(shuffled)), max_size=3)))
    return steps, [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(shuffled)], strict=True)]


def played(steps: list[Step]) -> Ledger:
    ledger = Ledger()
    for at, step in enumerate(steps):
        if isinstance(step, str):
            ledger.accepted(step, MESSAGES[step], now=float(at))
        else:
            ledger.record(step, now=float(at))
    return ledger


def merged(parts: list[list[Step]]) -> Ledger:
    whole = Ledger()
    for part in parts:
        whole.merge(played(part))
    return whole


def state_of(ledger: Ledger) -> tuple[list[Delivery], object, object, object]:
    return all_deliveries(ledger), ledger.report(), ledger.outcomes, ledger.codes


@given(split_histories())
def test_split_events_merge_to_the_state_of_one_ledger(history: tuple[list[Step], list[list[Step]]]) -> None:
    steps, parts = history
    assert state_of(merged(parts)) == state_of(played(steps))


@given(split_histories())
def test_the_order_of_merging_and_merging_twice_leave_no_trace(history: tuple[list[Step], list[list[Step]]]) -> None:
    _, parts = history
    assert state_of(merged([*reversed(parts), *parts])) == state_of(merged(parts))


@given(split_histories(), st.integers(0, 3))
def test_silence_is_settled_alike_before_and_after_merging(
    history: tuple[list[Step], list[list[Step]]], first: int
) -> None:
    steps, parts = history
    early = Ledger()
    for index, part in enumerate(parts):
        ledger = played(part)
        if index == first:
            ledger.settle(30 * HOUR)
        early.merge(ledger)
    early.settle(30 * HOUR)
    late = played(steps)
    late.settle(30 * HOUR)
    # What waited for its acceptance for 26 hours in one ledger was dropped there, so that one is left out.
    if not any(isinstance(step, str) is False for step in (parts[first] if first < len(parts) else [])):
        assert state_of(early) == state_of(late)
    assert early.open_count == late.open_count == 0


@given(split_histories())
def test_totals_survive_forgetting_before_merging(history: tuple[list[Step], list[list[Step]]]) -> None:
    steps, _ = history
    whole, forgetful = played(steps), played(steps)
    forgetful.forget_settled()
    total = Ledger()
    total.merge(forgetful)
    assert (total.outcomes, total.codes, total.report()) == (whole.outcomes, whole.codes, whole.report())


def test_the_earliest_acceptance_counts_for_the_silence() -> None:
    ledger = Ledger()
    ledger.accepted("m-1", MESSAGES["m-1"], now=1000.0)
    ledger.accepted("m-2", MESSAGES["m-2"], now=500.0)
    ledger.accepted("m-1", MESSAGES["m-1"], now=100.0)
    assert ledger.next_deadline() == 100.0 + 26 * HOUR
    assert {delivery.message_id for delivery in ledger.settle(100.0 + 26 * HOUR)} == {"m-1"}


def test_messages_are_handed_over_once_when_settled_and_again_when_corrected() -> None:
    from tests.delivery.events import delivered, failed

    ledger = Ledger()
    [recipient] = MESSAGES["m-1"]
    ledger.accepted("m-1", [recipient], now=0.0)
    taken = [ledger.take_settled()]
    ledger.record(delivered("m-1", recipient), now=1.0)
    taken += [ledger.take_settled(), ledger.take_settled()]
    ledger.record(delivered("m-1", recipient), now=2.0)
    taken.append(ledger.take_settled())
    ledger.record(failed("m-1", recipient, 4720), now=3.0)
    taken.append(ledger.take_settled())
    assert [[(key, each.state.value) for key, [each] in some] for some in taken] == [
        [], [("m-1", "delivered")], [], [], [("m-1", "failed")],
    ]  # fmt: skip


def test_deliveries_can_be_asked_for_by_recipient() -> None:
    ledger = played(["m-1", "m-2"])
    assert [delivery.message_id for delivery in ledger.deliveries_to("+19195550101")] == ["m-1", "m-2"]
    assert ledger.deliveries_to("+19195550199") == ()
