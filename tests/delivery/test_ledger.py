import pickle
from collections import Counter

import pytest

from msgcore.delivery import Delivery, DeliveryState, Ledger
from msgcore.errors import LocalError
from msgcore.wire import decode_callbacks
from msgcore.wire.events import KnownEvent, UnknownEvent
from tests.delivery.events import delivered, failed, received, sending, sent

HOUR = 3600.0
A, B, C = "+19195550101", "+19195550102", "+19195550103"
ACCEPTED, SENDING, SENT, UNCONFIRMED, DELIVERED, FAILED = DeliveryState


def ledger_of(*recipients: str, now: float = 0.0) -> Ledger:
    ledger = Ledger()
    ledger.accepted("m-1", recipients, now)
    return ledger


@pytest.mark.parametrize(
    "events, state, code, conflicting",
    [
        ([], ACCEPTED, None, False),
        ([sending("m-1", A)], SENDING, None, False),
        ([sent("m-1", A)], SENT, None, False),
        ([sent("m-1", A), sending("m-1", A)], SENT, None, False),
        ([delivered("m-1", A)], DELIVERED, None, False),
        ([delivered("m-1", A), sending("m-1", A)], DELIVERED, None, False),
        ([failed("m-1", A, 4720)], FAILED, 4720, False),
        ([failed("m-1", A, 4720), failed("m-1", A, 4432)], FAILED, 4432, False),
        ([failed("m-1", A, 9902)], UNCONFIRMED, 9902, False),
        ([failed("m-1", A, 9999)], UNCONFIRMED, 9999, False),
        ([failed("m-1", A, 9998)], UNCONFIRMED, 9998, False),  # unlisted, and by its digits nobody can tell either
        ([failed("m-1", A, 7)], FAILED, 7, False),
        ([failed("m-1", A, 9902), sent("m-1", A)], UNCONFIRMED, 9902, False),
        ([failed("m-1", A, 9902), delivered("m-1", A)], DELIVERED, None, False),
        ([failed("m-1", A, 9902), failed("m-1", A, 4720)], FAILED, 4720, False),
        # The old group bug: an invalid recipient had both, and the failure is the true one.
        ([failed("m-1", A, 4720), delivered("m-1", A)], FAILED, 4720, True),
        ([delivered("m-1", A), failed("m-1", A, 9902), failed("m-1", A, 4720)], FAILED, 4720, True),
    ],
)
def test_most_certain_fact_decides(
    events: list[KnownEvent], state: DeliveryState, code: int | None, conflicting: bool
) -> None:
    ledger = ledger_of(A)
    for event in events:
        ledger.record(event, now=1.0)
    assert ledger.deliveries("m-1") == (Delivery("m-1", A, state, code, conflicting),)
    assert ledger.conflicting_count == conflicting


def test_recipients_of_a_group_have_fates_of_their_own() -> None:
    ledger = ledger_of(A, B, C)
    assert ledger.record(failed("m-1", B, 4432), now=1.0) == Delivery("m-1", B, FAILED, 4432)
    assert ledger.record(delivered("m-1", A), now=2.0) == Delivery("m-1", A, DELIVERED)
    assert [each.state for each in ledger.deliveries("m-1")] == [DELIVERED, FAILED, ACCEPTED]
    assert (ledger.open_count, ledger.settled_count) == (1, 0)
    ledger.record(delivered("m-1", C), now=3.0)
    assert (ledger.open_count, ledger.settled_count) == (0, 1)


def test_totals_count_each_recipient_once_whatever_was_repeated() -> None:
    ledger = ledger_of(A, B, C)
    for _ in range(3):
        ledger.record(delivered("m-1", A), now=1.0)
        ledger.record(failed("m-1", B, 4720), now=1.0)
        ledger.record(failed("m-1", C, 9902), now=1.0)
    assert ledger.outcomes == {"message-delivered": 1, "message-failed": 2}
    assert ledger.codes == {4720: 1, 9902: 1}


def test_totals_follow_a_change_of_outcome() -> None:
    ledger = ledger_of(A)
    ledger.record(failed("m-1", A, 9902), now=1.0)
    assert (ledger.outcomes, ledger.codes) == (Counter({"message-failed": 1}), Counter({9902: 1}))
    ledger.record(delivered("m-1", A), now=2.0)
    assert (ledger.outcomes, ledger.codes) == (Counter({"message-delivered": 1}), Counter())
    ledger.record(failed("m-1", A, 4720), now=3.0)
    assert (ledger.outcomes, ledger.codes) == (Counter({"message-failed": 1}), Counter({4720: 1}))
    assert set(ledger.outcomes) == {"message-failed"}  # no zero is left behind


def test_totals_given_out_are_copies() -> None:
    ledger = ledger_of(A)
    ledger.outcomes["message-delivered"] += 5
    ledger.codes[4720] += 5
    assert not ledger.outcomes
    assert not ledger.codes


def test_events_before_their_202_are_joined_by_message_id() -> None:
    ledger = Ledger()
    assert ledger.record(failed("m-1", B, 4720), now=0.0) is None
    assert ledger.record(sending("m-1", A), now=0.0) is None
    assert ledger.unclaimed_event_count == 2
    assert not ledger.outcomes
    ledger.accepted("m-1", [A, B], now=1.0)
    assert [each.state for each in ledger.deliveries("m-1")] == [SENDING, FAILED]
    assert ledger.unclaimed_event_count == 0
    assert ledger.outcomes == {"message-failed": 1}


def test_message_decided_before_its_202_is_settled_with_it() -> None:
    ledger = Ledger()
    ledger.record(delivered("m-1", A), now=0.0)
    ledger.accepted("m-1", [A], now=1.0)
    assert (ledger.open_count, ledger.settled_count) == (0, 1)


def test_second_acceptance_changes_nothing() -> None:
    ledger = ledger_of(A, now=0.0)
    ledger.record(delivered("m-1", A), now=1.0)
    ledger.accepted("m-1", [A, B], now=2.0)
    assert ledger.deliveries("m-1") == (Delivery("m-1", A, DELIVERED),)
    assert ledger.outcomes == {"message-delivered": 1}


def test_event_about_somebody_else_is_counted_and_changes_nothing() -> None:
    ledger = ledger_of(A)
    assert ledger.record(delivered("m-1", B), now=1.0) is None
    ledger.record(delivered("m-2", B), now=1.0)
    ledger.record(delivered("m-2", B), now=1.0)
    assert ledger.unclaimed_event_count == 3
    ledger.accepted("m-2", [A], now=2.0)
    assert ledger.unclaimed_event_count == 3
    assert not ledger.outcomes


def test_events_that_tell_nothing_about_a_delivery_are_passed_over() -> None:
    ledger = ledger_of(A)
    [unknown] = decode_callbacks(b'[{"type": "message-read", "to": "+19195550101", "message": {"id": "m-1"}}]')
    assert isinstance(unknown, UnknownEvent)
    assert ledger.record(unknown, now=1.0) is None
    assert ledger.record(received("m-1", A), now=1.0) is None
    assert ledger.unclaimed_event_count == 0
    assert ledger.deliveries("m-1") == (Delivery("m-1", A, ACCEPTED),)


def test_event_of_2017_without_recipient_is_about_the_only_one() -> None:
    body = (
        b'[{"type":"message-delivered","time":"2017-05-04T10:14:03Z","message":{"id":"m-1","time":"2017-05-04T10:14:02Z",'
        b'"owner":"+19195550100","direction":"out","to":["+19195550101"],"from":"+19195550100"}}]'
    )
    ledger = ledger_of(A)
    [event] = decode_callbacks(body)
    assert ledger.record(event, now=1.0) == Delivery("m-1", A, DELIVERED)


def test_silence_of_26_hours_is_unconfirmed_and_final() -> None:
    ledger = ledger_of(A, B, C, now=10.0)
    ledger.record(delivered("m-1", A), now=11.0)
    ledger.record(sent("m-1", B), now=11.0)
    assert ledger.next_deadline() == 10.0 + 26 * HOUR
    assert ledger.settle(9.9 + 26 * HOUR) == ()
    assert ledger.settle(10.0 + 26 * HOUR) == (Delivery("m-1", B, UNCONFIRMED), Delivery("m-1", C, UNCONFIRMED))
    assert ledger.settle(99 * HOUR) == ()
    assert ledger.next_deadline() is None
    assert ledger.outcomes == {"message-delivered": 1, "unconfirmed": 2}
    assert (ledger.open_count, ledger.settled_count) == (0, 1)
    assert all(each.is_final for each in ledger.deliveries("m-1"))


def test_only_messages_old_enough_are_given_up() -> None:
    ledger = Ledger()
    for hour in range(5):
        ledger.accepted(f"m-{hour}", [A], now=hour * HOUR)
    assert [each.message_id for each in ledger.settle(28.5 * HOUR)] == ["m-0", "m-1", "m-2"]
    assert ledger.open_count == 2
    assert ledger.next_deadline() == 29 * HOUR


def test_word_that_comes_after_the_silence_still_counts() -> None:
    ledger = ledger_of(A)
    ledger.settle(26 * HOUR)
    assert ledger.record(failed("m-1", A, 9902), now=27 * HOUR) == Delivery("m-1", A, UNCONFIRMED, 9902)
    assert ledger.outcomes == {"message-failed": 1}
    assert ledger.record(delivered("m-1", A), now=27 * HOUR) == Delivery("m-1", A, DELIVERED)
    assert ledger.outcomes == {"message-delivered": 1}


def test_forgotten_messages_stay_in_the_totals() -> None:
    ledger = ledger_of(A)
    ledger.accepted("m-2", [A], now=0.0)
    ledger.record(failed("m-1", A, 4720), now=1.0)
    assert ledger.forget_settled() == 1
    assert ledger.forget_settled() == 0
    assert (ledger.open_count, ledger.settled_count) == (1, 0)
    assert ledger.deliveries("m-1") == ()
    assert (ledger.outcomes, ledger.codes) == (Counter({"message-failed": 1}), Counter({4720: 1}))


def test_settled_messages_can_be_kept_for_a_while() -> None:
    ledger = Ledger()
    for number in range(4):
        ledger.accepted(f"m-{number}", [A], now=0.0)
        ledger.record(delivered(f"m-{number}", A), now=float(number))
    assert ledger.forget_settled(settled_before=2.0) == 2
    assert ledger.deliveries("m-1") == ()
    assert ledger.deliveries("m-2") == (Delivery("m-2", A, DELIVERED),)


def test_late_event_of_a_forgotten_message_is_counted_and_dropped_in_time() -> None:
    ledger = ledger_of(A)
    ledger.record(delivered("m-1", A), now=1.0)
    ledger.forget_settled()
    ledger.record(failed("m-1", A, 4720), now=2.0)
    ledger.record(failed("m-1", A, 4720), now=3.0)
    assert ledger.unclaimed_event_count == 2
    assert ledger.outcomes == {"message-delivered": 1}
    assert ledger.settle(2.0 + 26 * HOUR) == ()
    assert ledger.unclaimed_event_count == 2
    ledger.accepted("m-1", [A], now=30 * HOUR)
    assert ledger.deliveries("m-1") == (Delivery("m-1", A, ACCEPTED),)


def test_repeated_recipient_is_one() -> None:
    ledger = ledger_of(A, A)
    ledger.record(delivered("m-1", A), now=1.0)
    assert ledger.settled_count == 1


def test_message_without_recipients_is_refused() -> None:
    with pytest.raises(LocalError, match="'m-1': expected at least one recipient"):
        ledger_of()
    with pytest.raises(TypeError, match="iterable of str, not str"):
        Ledger().accepted("m-1", A, now=0.0)


def test_delivery_is_a_value() -> None:
    delivery = Delivery("m-1", A, FAILED, 4720, True)
    assert pickle.loads(pickle.dumps(delivery)) == delivery
    assert delivery.is_final
    assert not Delivery("m-1", A, SENT).is_final
