from fractions import Fraction
from typing import Any

import pytest

from msgcore.errors import LocalError, MessageError
from msgcore.planning import PacedQueue, RateLimits, Waiting
from msgcore.wire.messages import MessageKind

SMS, MMS, GROUP = MessageKind.SMS, MessageKind.MMS, MessageKind.GROUP_MMS
A, B = "+19195550100", "+19195550101"


def test_burst_goes_at_once_and_the_rest_evenly() -> None:
    limits = RateLimits(2, burst=3)
    times: list[float] = []
    for _ in range(6):
        now = limits.ready_at(1, SMS, A, times[-1] if times else 10.0)
        limits.take(1, SMS, A, now)
        times.append(now)
    assert times == [10.0, 10.0, 10.0, 10.5, 11.0, 11.5]


def test_rest_is_worth_no_more_than_the_burst() -> None:
    limits = RateLimits(1, burst=2)
    limits.take(2, SMS, A, now=0.0)
    limits.take(2, SMS, A, now=1000.0)
    assert limits.ready_at(1, SMS, A, now=1000.0) == 1001.0


def test_each_sender_has_a_rate_of_its_own() -> None:
    limits = RateLimits(10, burst=1, sender_rate=1)
    limits.take(1, SMS, A, now=0.0)
    assert limits.ready_at(1, SMS, A, now=0.0) == 1.0
    assert limits.ready_at(1, SMS, B, now=0.0) == pytest.approx(0.1)
    assert limits.sender_ready_at(1, SMS, B, now=0.0) == 0.0


def test_sms_and_mms_are_apart() -> None:
    limits = RateLimits(1, burst=1, sender_rate=1)
    limits.take(1, SMS, A, now=0.0)
    assert limits.ready_at(1, MMS, A, now=0.0) == 0.0
    limits.take(1, GROUP, A, now=0.0)
    assert limits.ready_at(1, MMS, A, now=0.0) == 1.0


@pytest.mark.parametrize(
    "options", [{"rate": 0}, {"rate": float("inf")}, {"rate": 1, "sender_rate": -1}, {"rate": 1, "burst": 0}]
)
def test_limits_must_be_positive(options: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="must be"):
        RateLimits(**options)


def test_message_beyond_the_burst_never_goes_and_is_told_so() -> None:
    with pytest.raises(MessageError, match="text: 3 segments, at most 2 may go at once"):
        RateLimits(1, burst=2).ready_at(3, SMS, A, now=0.0)
    with pytest.raises(MessageError, match="to: 3 segments"):
        PacedQueue[str](RateLimits(1, burst=2)).put("group", 3, GROUP, A)


def test_rested_senders_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("msgcore.planning.rate_limits.MOST_SENDERS", 3)
    limits = RateLimits(1000, burst=1, sender_rate=1)
    for number in range(100):
        limits.take(1, SMS, f"+1919555{number:04d}", now=number / 2)
    assert len(limits._senders) <= 3
    assert limits.ready_at(1, SMS, "+19195550099", now=49.5) == 50.5


def drained(queue: PacedQueue[str], now: float = 0.0) -> list[tuple[float, str]]:
    """Take everything out, each thing at the first moment it may go."""
    found = []
    while len(queue):
        waiting = queue.next(now)
        if waiting.item is not None:
            found.append((now, waiting.item))
        else:
            assert waiting.until is not None
            assert waiting.until > now
            now = waiting.until
    return found


def test_high_priority_goes_first_and_equals_in_turn() -> None:
    queue = PacedQueue[str](RateLimits(1, burst=1))
    for name, priority in (("a", "default"), ("b", "default"), ("c", "high"), ("d", "high")):
        queue.put(name, 1, SMS, A, priority=priority)  # type: ignore[arg-type]
    assert drained(queue) == [(0, "c"), (1, "d"), (2, "a"), (3, "b")]


def test_sender_that_rests_is_passed_and_keeps_its_place() -> None:
    queue = PacedQueue[str](RateLimits(2, burst=1, sender_rate=1))
    for name, sender in (("a1", A), ("a2", A), ("a3", A), ("b1", B), ("b2", B)):
        queue.put(name, 1, SMS, sender)
    assert drained(queue) == [(0, "a1"), (0.5, "b1"), (1, "a2"), (1.5, "b2"), (2, "a3")]


def test_long_message_is_not_passed_by_short_ones() -> None:
    queue = PacedQueue[str](RateLimits(1, burst=4))
    queue.put("first", 4, SMS, A)
    queue.put("long", 4, SMS, A)
    for number in range(3):
        queue.put(f"short {number}", 1, SMS, B)
    assert [name for _, name in drained(queue)] == ["first", "long", "short 0", "short 1", "short 2"]


def test_default_priority_does_not_take_the_turn_of_a_high_one() -> None:
    queue = PacedQueue[str](RateLimits(1, burst=4))
    queue.put("first", 4, SMS, A)
    assert queue.next(0.0).item == "first"
    queue.put("urgent", 3, SMS, A, priority="high")
    queue.put("short", 1, SMS, B)
    assert drained(queue) == [(3, "urgent"), (4, "short")]


def test_kinds_do_not_wait_for_one_another() -> None:
    queue = PacedQueue[str](RateLimits(1, burst=1))
    for name, kind in (("s1", SMS), ("s2", SMS), ("m1", MMS), ("m2", GROUP)):
        queue.put(name, 1, kind, A)
    assert drained(queue) == [(0, "s1"), (0, "m1"), (1, "s2"), (1, "m2")]


def test_empty_queue_has_nothing_to_wait_for() -> None:
    queue = PacedQueue[str](RateLimits(1))
    assert queue.next(0.0) == Waiting(None, None)
    with pytest.raises(LocalError, match="priority must be"):
        queue.put("a", 1, SMS, A, priority="urgent")  # type: ignore[arg-type]


@pytest.mark.parametrize("rate", [0.03, Fraction(1, 70), 0.11])
def test_nothing_drifts_over_days(rate: float | Fraction) -> None:
    limits = RateLimits(rate, burst=5, sender_rate=rate)
    now, count = 1_800_000_000.0, 0
    start = Fraction(now)
    while now < start + 7 * 86_400:
        now = limits.ready_at(1, SMS, A, now)
        limits.take(1, SMS, A, now)
        count += 1
    evenly = start + (count - 5) / (rate if isinstance(rate, Fraction) else Fraction(str(rate)))
    assert 0 <= Fraction(now) - evenly < Fraction(1, 2**20)  # one step of such a clock
