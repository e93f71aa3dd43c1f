"""Any order and any repetition of the same events is one state: that of the reference, which sorts what it heard."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from msgcore.delivery import Delivery, DeliveryState, Ledger
from msgcore.wire.events import KnownEvent, MessageFailed
from tests.delivery.events import delivered, failed, sending, sent

HOUR = 3600.0
MESSAGES = {"m-1": ("+19195550101",), "m-2": ("+19195550101", "+19195550102", "+19195550103"), "m-3": ("+19195550104",)}
AMBIGUOUS_CODES = [9902, 9999]
DEFINITE_CODES = [4432, 4720, 5600]
STATES = {
    "message-sending": DeliveryState.SENDING,
    "message-sent": DeliveryState.SENT,
    "message-delivered": DeliveryState.DELIVERED,
}


@st.composite
def event(draw: st.DrawFn) -> KnownEvent:
    message_id = draw(st.sampled_from(sorted(MESSAGES)))
    to = draw(st.sampled_from(MESSAGES[message_id]))
    code = draw(st.sampled_from([None, *AMBIGUOUS_CODES, *DEFINITE_CODES]))
    if code is not None:
        return failed(message_id, to, code)
    return draw(st.sampled_from([sending, sent, delivered]))(message_id, to)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[KnownEvent], list[KnownEvent | str]]:
    """Some events; and the same in another order, some of them repeated, the acceptances (message ids) in between."""
    events = draw(st.lists(event(), max_size=12))
    repeated = draw(st.lists(st.sampled_from(events), max_size=8)) if events else []
    accepted_again = draw(st.lists(st.sampled_from(sorted(MESSAGES)), max_size=2))
    return events, draw(st.permutations([*events, *repeated, *MESSAGES, *accepted_again]))


def played(history: list[KnownEvent | str]) -> Ledger:
    ledger = Ledger()
    for step in history:
        if isinstance(step, str):
            ledger.accepted(step, MESSAGES[step], now=0.0)
        else:
            ledger.record(step, now=0.0)
    return ledger


def expected(events: list[KnownEvent], message_id: str, recipient: str) -> Delivery:
    mine = [each for each in events if each.message.id == message_id and each.to == recipient]
    failures = sorted(each.error_code for each in mine if isinstance(each, MessageFailed))
    definite = [code for code in failures if code not in AMBIGUOUS_CODES]
    types = {each.type for each in mine}
    if definite:
        return Delivery(message_id, recipient, DeliveryState.FAILED, definite[0], "message-delivered" in types)
    if "message-delivered" in types:
        return Delivery(message_id, recipient, DeliveryState.DELIVERED)
    if failures:
        return Delivery(message_id, recipient, DeliveryState.UNCONFIRMED, failures[0])
    order = ["message-sent", "message-sending"]
    return Delivery(message_id, recipient, next((STATES[t] for t in order if t in types), DeliveryState.ACCEPTED))


def all_deliveries(ledger: Ledger) -> list[Delivery]:
    return [delivery for message_id in MESSAGES for delivery in ledger.deliveries(message_id)]


@given(histories())
def test_order_and_repetition_leave_no_trace(history: tuple[list[KnownEvent], list[KnownEvent | str]]) -> None:
    events, steps = history
    ledger = played(steps)
    assert all_deliveries(ledger) == [
        expected(events, m, to) for m, recipients in MESSAGES.items() for to in recipients
    ]
    assert ledger.unclaimed_event_count == 0


@given(histories())
def test_totals_are_those_of_the_final_states(history: tuple[list[KnownEvent], list[KnownEvent | str]]) -> None:
    ledger = played(history[1])
    deliveries = [delivery for delivery in all_deliveries(ledger) if delivery.is_final]
    outcomes = Counter(
        "message-delivered" if each.state is DeliveryState.DELIVERED else "message-failed" for each in deliveries
    )
    assert ledger.outcomes == outcomes
    assert set(ledger.outcomes) == set(outcomes)
    assert ledger.codes == Counter(each.code for each in deliveries if each.code is not None)
    assert ledger.conflicting_count == sum(each.conflicting for each in deliveries)
    assert ledger.open_count + ledger.settled_count == len(MESSAGES)


@given(histories(), st.data())
def test_giving_up_on_silence_at_any_moment_changes_nothing_that_was_heard(
    history: tuple[list[KnownEvent], list[KnownEvent | str]], data: st.DataObject
) -> None:
    events, steps = history
    steps = [*MESSAGES, *(step for step in steps if not isinstance(step, str))]
    ledger = played(steps[: (cut := data.draw(st.integers(len(MESSAGES), len(steps))))])
    ledger.settle(26 * HOUR)
    assert ledger.open_count == 0
    for step in steps[cut:]:
        assert not isinstance(step, str)
        ledger.record(step, now=27 * HOUR)
    for delivery in all_deliveries(ledger):
        heard = expected(events, delivery.message_id, delivery.recipient)
        silent = Delivery(delivery.message_id, delivery.recipient, DeliveryState.UNCONFIRMED)
        assert delivery == (heard if heard.is_final else silent)
    assert ledger.outcomes.total() == sum(len(recipients) for recipients in MESSAGES.values())


@given(histories())
def test_forgetting_changes_no_total(history: tuple[list[KnownEvent], list[KnownEvent | str]]) -> None:
    ledger = played(history[1])
    before = ledger.outcomes, ledger.codes, ledger.conflicting_count, ledger.open_count
    settled = ledger.settled_count
    assert ledger.forget_settled() == settled
    assert (ledger.outcomes, ledger.codes, ledger.conflicting_count, ledger.open_count) == before
    assert ledger.settled_count == 0
