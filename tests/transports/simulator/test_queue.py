import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError
from transports.simulator.course.queue import SegmentQueue


def drain(queue: SegmentQueue[str], segments: dict[str, int]) -> list[tuple[str, float, float]]:
    """Let every message start and go out; returns (name, turn, when its last segment is out)."""
    out = []
    while queue.next_turn < float("inf"):
        name, turn = queue.start()
        out.append((name, turn, queue.send(segments[name])))
    return out


@pytest.mark.parametrize(
    "rate, depth_seconds, capacity",
    [(1, 900, 900), (5, 900, 4500), (0.5, 900, 450), (1, 14400, 14400), (1000, 900, 900_000), (0.0016, 900, 1)],
)
def test_capacity_is_the_rate_times_the_depth(rate: float, depth_seconds: float, capacity: int) -> None:
    assert SegmentQueue[str](rate, depth_seconds).capacity == capacity


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 0.001])
def test_a_rate_that_cannot_hold_a_segment_is_refused(rate: float) -> None:
    with pytest.raises(LocalError, match="rate"):
        SegmentQueue[str](rate)


@pytest.mark.parametrize("depth_seconds", [0, -1, 14401, float("nan"), float("inf")])
def test_a_depth_beyond_four_hours_is_refused(depth_seconds: float) -> None:
    with pytest.raises(LocalError, match="depth_seconds"):
        SegmentQueue[str](1, depth_seconds)


def test_exactly_full_is_taken_and_one_more_is_not() -> None:
    queue = SegmentQueue[str](1)
    assert queue.admit("big", 899, 0.0)
    assert not queue.admit("two", 2, 0.0)
    assert queue.admit("one", 1, 0.0)
    assert not queue.admit("none", 1, 0.0)
    assert not queue.admit("high", 1, 0.0, high=True)
    assert queue.queued_segments(0.0) == 900


def test_a_refused_message_leaves_no_trace() -> None:
    queue = SegmentQueue[str](1)
    assert not queue.admit("too big", 901, 0.0)
    assert (len(queue), queue.queued_segments(0.0), queue.next_turn) == (0, 0, float("inf"))


def test_segments_of_a_started_message_count_until_they_are_out() -> None:
    queue = SegmentQueue[str](2)
    queue.admit("hello", 4, 10.0)
    queue.start()
    queue.send(4)
    assert [queue.queued_segments(now) for now in (10.0, 10.4, 10.5, 11.0, 11.9, 12.0, 99.0)] == [4, 4, 3, 2, 1, 0, 0]


def test_a_segment_that_goes_out_now_is_no_longer_queued() -> None:
    """The times are floats, and at a rate of 3 nearly all of them are rounded."""
    queue, start = SegmentQueue[str](3), 1767225600.123
    queue.admit("x", 2700, start)
    queue.start()
    queue.send(2700)
    assert [queue.queued_segments(start + gone / 3) for gone in range(2701)] == list(range(2700, -1, -1))


def test_high_goes_ahead_of_default_and_each_is_first_in_first_out() -> None:
    queue = SegmentQueue[str](1)
    for name in ("d1", "h1", "d2", "h2"):
        assert queue.admit(name, 1, 0.0, high=name.startswith("h"))
    assert [name for name, _, _ in drain(queue, dict.fromkeys(("d1", "h1", "d2", "h2"), 1))] == ["h1", "h2", "d1", "d2"]


def test_a_message_that_is_not_sent_takes_no_time() -> None:
    queue = SegmentQueue[str](1)
    queue.admit("expired", 5, 0.0)
    queue.admit("next", 1, 0.0)
    assert queue.start() == ("expired", 0.0)
    assert queue.queued_segments(0.0) == 1
    assert queue.start() == ("next", 0.0)


def test_a_late_arrival_starts_at_once_and_not_in_the_past() -> None:
    queue = SegmentQueue[str](1)
    queue.admit("a", 1, 0.0)
    queue.start()
    queue.send(1)
    queue.admit("b", 1, 100.0)
    assert queue.start() == ("b", 100.0)
    assert queue.send(1) == 101.0


def test_three_busy_days_do_not_drift() -> None:
    rate, start, count = 3, 1767225600.0, 3 * 86400 * 3
    queue = SegmentQueue[None](rate)
    assert queue.admit(None, 1, start)
    out = start
    for number in range(1, count + 1):
        assert queue.admit(None, 1, out)  # there is always one behind, so that the line is never free
        queue.start()
        out = queue.send(1)
        assert out == start + number / rate
    assert out == start + 3 * 86400


def test_memory_is_that_of_what_waits() -> None:
    queue = SegmentQueue[str](1)
    for now in range(1000):
        queue.admit("x", 1, float(now))
        queue.start()
        queue.send(1)
    assert len(queue) == 0


arrivals = st.lists(
    st.tuples(st.floats(0, 30), st.integers(1, 12), st.booleans()),  # seconds since the last one, segments, high
    max_size=60,
)


@given(arrivals, st.sampled_from([0.3, 1, 7, 33.3]))
def test_no_window_sees_more_than_the_rate_and_one_message(
    arrivals: list[tuple[float, int, bool]], rate: float
) -> None:
    queue = SegmentQueue[int](rate, 100)
    now, out = 1767225600.0, []

    def run(until: float) -> None:
        while (turn := queue.next_turn) < until:
            segments, started = queue.start()
            assert started == turn
            out.append((queue.send(segments), segments))

    for wait, segments, high in arrivals:
        now += wait
        run(now)
        fits = queue.queued_segments(now) + segments <= queue.capacity
        assert queue.admit(segments, segments, now, high=high) is fits
        assert queue.queued_segments(now) <= queue.capacity
    run(float("inf"))

    for first, last in itertools.combinations(range(len(out)), 2):
        window = out[last][0] - out[first][0]
        gone = sum(segments for _, segments in out[first : last + 1])
        assert gone <= window * rate + out[first][1] + 1e-5 * rate
