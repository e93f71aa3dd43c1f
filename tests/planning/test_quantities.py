"""Numbers that are none, or not of the kind that is meant, are told apart before anything is counted."""

from collections.abc import Callable

import pytest

from msgcore.errors import LocalError
from msgcore.planning import Estimate, PacedQueue, Pacing, RateLimits, RetryPolicy, SharedQueue
from msgcore.wire.messages import MessageKind

SMS, SENDER = MessageKind.SMS, "+19195550100"
NAN, INFINITY = float("nan"), float("inf")


def pacing() -> Pacing:
    return Pacing(1)


def limits() -> RateLimits:
    return RateLimits(1, sender_rate=1)


def shared() -> SharedQueue:
    return SharedQueue(10, sender_rate=1)


WRONG_TYPES: dict[str, Callable[[], object]] = {
    "burst must be int, not float": lambda: RateLimits(1, burst=1.5),  # type: ignore[arg-type]
    "max_attempts must be int, not float": lambda: RetryPolicy(max_attempts=1.5),  # type: ignore[arg-type]
    "attempt must be int, not float": lambda: RetryPolicy().ceiling(1.5),  # type: ignore[arg-type]
    "rate must be int, float or Fraction, not bool": lambda: Pacing(True),
    "sender_rate must be int, float or Fraction, not str": lambda: RateLimits(1, sender_rate="1"),  # type: ignore[arg-type]
    "depth_seconds must be int, float or Fraction, not bool": lambda: SharedQueue(
        10, sender_rate=1, depth_seconds=True
    ),
    "segments must be int, not float": lambda: pacing().take(1.5, SMS, 0.0),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("words", WRONG_TYPES)
def test_wrong_kind_of_number_is_a_type_error(words: str) -> None:
    with pytest.raises(TypeError, match=words):
        WRONG_TYPES[words]()


def test_fewer_than_no_segments_are_refused_and_change_nothing() -> None:
    one, two, three = pacing(), limits(), shared()
    attempts: list[Callable[[], object]] = [
        lambda: one.take(-5, SMS, 0.0),
        lambda: two.take(-5, SMS, SENDER, 0.0),
        lambda: three.take(-5, SENDER, 0.0),
        lambda: PacedQueue[str](two).put("a", -5, SMS, SENDER),
    ]
    for take in attempts:
        with pytest.raises(LocalError, match="segments must be at least 0, not -5"):
            take()
    assert one.queued_segments(SMS, 0.0) == three.queued_segments(0.0) == 0
    assert two.ready_at(64, SMS, SENDER, 0.0) == 0.0


@pytest.mark.parametrize("now", [NAN, INFINITY, -INFINITY])
def test_time_that_is_none_is_refused(now: float) -> None:
    asked: list[Callable[[], object]] = [
        lambda: pacing().take(1, SMS, now),
        lambda: pacing().ready_at(1, SMS, now),
        lambda: pacing().queued_segments(SMS, now),
        lambda: pacing().refused(SMS, now),
        lambda: limits().take(1, SMS, SENDER, now),
        lambda: limits().ready_at(1, SMS, SENDER, now),
        lambda: PacedQueue[str](limits()).next(now),
        lambda: shared().take(1, SENDER, now),
        lambda: shared().ready_at(1, now),
        lambda: shared().queued_segments(now),
    ]
    for ask in asked:
        with pytest.raises(LocalError, match="now must be a finite number of seconds"):
            ask()


def test_rates_must_be_above_zero() -> None:
    for rate in (0, -1, NAN, INFINITY):
        with pytest.raises(LocalError, match="rate must be positive and finite"):
            Estimate().seconds_at(rate)


def test_rate_too_slow_to_be_told_from_none_is_refused() -> None:
    for rates in ({"rate": 10, "sender_rate": 1e-12}, {"rate": 1e-12, "sender_rate": 1, "depth_seconds": 1e13}):
        with pytest.raises(LocalError, match="rate must be at least 1e-09, a segment in 31 years"):
            SharedQueue(**rates)


def test_slowest_sender_drains_all_the_same() -> None:
    queue = SharedQueue(10, sender_rate=1e-9, depth_seconds=1)
    queue.take(10, SENDER, 0.0)
    assert queue.ready_at(1, 0.0) == pytest.approx(1e9)
