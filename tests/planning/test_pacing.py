import math
from fractions import Fraction
from typing import Any

import pytest

from msgcore.errors import LocalError, MessageError
from msgcore.planning import Pacing
from msgcore.wire.messages import MessageKind

SMS, MMS, GROUP_MMS = MessageKind
NOW = 1_800_000_000.25


@pytest.mark.parametrize(
    "rate, depth, capacity",
    [(1, 900, 900), (5, 900, 4500), (0.5, 900, 450), (Fraction(1, 6), 900, 150), (1, 14_400, 14_400), (1, 1.5, 1)],
)
def test_capacity_is_rate_times_depth_in_whole_segments(rate: float | Fraction, depth: float, capacity: int) -> None:
    assert Pacing(rate, depth).capacity == capacity


def test_burst_fills_the_queue_and_no_more() -> None:
    pacing = Pacing(1)
    for _ in range(900):
        assert pacing.ready_at(1, SMS, NOW) == NOW
        pacing.take(1, SMS, NOW)
    assert pacing.queued_segments(SMS, NOW) == 900
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1
    assert pacing.ready_at(3, SMS, NOW + 0.5) == NOW + 3


def test_steady_overload_fills_the_queue_as_the_provider_says() -> None:
    # The provider's own example: rate 5, capacity 4500; at 100 a second it is full after about 47 seconds.
    pacing = Pacing(5)
    second = 0
    while pacing.ready_at(100, SMS, NOW + second) == NOW + second:
        pacing.take(100, SMS, NOW + second)
        second += 1
    assert second == 47


def test_segment_is_gone_only_when_its_turn_is_over() -> None:
    pacing = Pacing(1, 10)
    pacing.take(2, SMS, NOW)
    queued = [pacing.queued_segments(SMS, NOW + after) for after in (0, 0.99, 1, 1.99, 2, 99)]
    assert queued == [2, 2, 1, 1, 0, 0]


def test_queue_that_ran_empty_starts_afresh() -> None:
    pacing = Pacing(1, 10)
    pacing.take(1, SMS, NOW)
    pacing.take(10, SMS, NOW + 1000)
    assert pacing.queued_segments(SMS, NOW + 1000) == 10
    assert pacing.ready_at(1, SMS, NOW + 1000) == NOW + 1001


def test_sms_and_mms_wait_apart_and_groups_wait_with_mms() -> None:
    pacing = Pacing(1, 10)
    pacing.take(10, SMS, NOW)
    assert pacing.ready_at(10, MMS, NOW) == NOW
    pacing.take(10, GROUP_MMS, NOW)
    assert pacing.ready_at(1, MMS, NOW) == NOW + 1
    assert pacing.queued_segments(MMS, NOW) == pacing.queued_segments(GROUP_MMS, NOW) == 10


@pytest.mark.parametrize("kind, field", [(SMS, "text"), (MMS, "text"), (GROUP_MMS, "to")])
def test_message_that_no_empty_queue_can_hold_is_an_error(kind: MessageKind, field: str) -> None:
    pacing = Pacing(1, 10)
    assert pacing.ready_at(10, kind, NOW) == NOW
    with pytest.raises(MessageError, match="11 segments, the provider's queue holds 10 at most") as caught:
        pacing.ready_at(11, kind, NOW)
    assert caught.value.field == field


def test_correction_counts_what_the_provider_counted() -> None:
    pacing = Pacing(1, 10)
    pacing.take(8, SMS, NOW)
    pacing.correct(+2, SMS)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1
    pacing.correct(-3, SMS)
    assert pacing.ready_at(3, SMS, NOW) == NOW
    pacing.correct(-99, SMS)
    assert pacing.queued_segments(SMS, NOW) == 0


def test_refusal_is_believed() -> None:
    pacing = Pacing(2, 10)
    pacing.take(1, SMS, NOW)
    pacing.refused(SMS, NOW)
    assert pacing.queued_segments(SMS, NOW) == 20
    assert pacing.ready_at(1, SMS, NOW) == NOW + 0.5
    assert pacing.ready_at(20, SMS, NOW) == NOW + 10
    assert pacing.ready_at(20, MMS, NOW) == NOW


def test_message_sent_without_room_is_counted_all_the_same() -> None:
    pacing = Pacing(1, 10)
    pacing.take(25, SMS, NOW)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 16


def test_late_arrival_delays_what_is_believed_gone() -> None:
    pacing = Pacing(1, 10, latency_seconds=0.5)
    pacing.take(10, SMS, NOW)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1.5
    pacing.take(1, SMS, NOW + 1.5)
    assert pacing.ready_at(1, SMS, NOW + 1.5) == NOW + 2.5  # only the first one's delay matters while it is busy
    assert pacing.queued_segments(SMS, NOW + 11.5) == 0


def test_what_was_asked_before_at_the_same_moment_changes_no_answer() -> None:
    pacing = Pacing(1, 10)
    pacing.take(9, SMS, NOW)
    pacing.take(1, SMS, NOW)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1
    pacing.correct(-2, SMS)
    assert pacing.ready_at(2, SMS, NOW) == NOW
    pacing.take(1, SMS, NOW)
    pacing.refused(SMS, NOW)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1
    pacing.take(1, MMS, NOW)
    assert pacing.ready_at(1, SMS, NOW) == NOW + 1


def test_moment_between_two_ticks_counts_as_the_earlier_one() -> None:
    pacing = Pacing(1, 10)
    pacing.take(10, SMS, 0.0)
    just_before = 1 - 2**-31
    assert pacing.ready_at(1, SMS, just_before) == 1
    pacing.take(0, SMS, just_before)
    assert pacing.ready_at(1, SMS, just_before) == 1


@pytest.mark.parametrize("before", [0, 1], ids=["first", "later"])
@pytest.mark.parametrize("segments, error", [(True, TypeError), (1.0, TypeError), ("1", TypeError), (-1, LocalError)])
def test_segments_that_are_no_count_are_refused_however_many_were_taken_at_that_moment(
    before: int, segments: Any, error: type[Exception]
) -> None:
    pacing = Pacing(1, 10)
    for _ in range(before):
        pacing.take(1, SMS, NOW)
    for refuses in (
        lambda: pacing.check(segments, SMS),
        lambda: pacing.ready_at(segments, SMS, NOW),
        lambda: pacing.take(segments, SMS, NOW),
    ):
        with pytest.raises(error, match="segments must be"):
            refuses()


def test_clock_that_runs_backwards_drains_nothing() -> None:
    pacing = Pacing(1, 10)
    pacing.take(10, SMS, NOW)
    assert pacing.queued_segments(SMS, NOW - 3600) == 10
    assert pacing.ready_at(1, SMS, NOW - 3600) == NOW + 1


@pytest.mark.parametrize("rate", [1, 3, 0.1, Fraction(1, 3), 7.3])
def test_queue_kept_full_for_ten_days_does_not_drift(rate: float | Fraction) -> None:
    # An hour at a time: were anything summed up, the millions of additions would show.
    pacing = Pacing(rate, 7200)
    exact = Fraction(rate)
    pacing.take(pacing.capacity, SMS, NOW)
    taken = pacing.capacity
    for hour in range(1, 241):
        now = NOW + 3600 * hour
        room = pacing.capacity - pacing.queued_segments(SMS, now)
        pacing.take(room, SMS, now)
        taken += room
    assert taken == pacing.capacity + math.floor(exact * 3600 * 240)


@pytest.mark.parametrize(
    "arguments",
    [
        {"rate": 0},
        {"rate": -1},
        {"rate": math.inf},
        {"rate": math.nan},
        {"rate": 1, "depth_seconds": 0},
        {"rate": 1, "depth_seconds": math.inf},
        {"rate": 0.001, "depth_seconds": 900},
        {"rate": 1, "latency_seconds": -1},
        {"rate": 1, "latency_seconds": math.nan},
    ],
)
def test_pacing_that_could_send_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(LocalError):
        Pacing(**arguments)
