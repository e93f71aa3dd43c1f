"""Senders with a rate of their own: two levels of limits, and neither is passed in any window of time."""

import math
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from transports.simulator.course.queue import SegmentQueue


class Run:
    """A queue that is served as the course of messages serves it; ``gone`` holds each segment and when it was out."""

    def __init__(self, rate: float, own_rates: dict[str, float | None]) -> None:
        self.queue: SegmentQueue[list[object]] = SegmentQueue(rate)
        self.own_rates = own_rates
        self.gone: list[tuple[float, str, str]] = []

    def admit(self, sender: str, name: str, segments: int, now: float, *, high: bool = False) -> bool:
        self.until(now)
        item: list[object] = [sender, name, segments]
        return self.queue.admit(item, segments, now, high=high, sender=sender, own_rate=self.own_rates[sender])

    def until(self, now: float) -> None:
        while self.queue.next_turn <= now:
            turn = self.queue.next_turn
            item, at = self.queue.start()
            assert at == turn
            sender, name, segments = item
            assert isinstance(sender, str)
            assert isinstance(name, str)
            assert isinstance(segments, int)
            if self.own_rates[sender] is None:
                first = len(self.gone)
                out = self.queue.send(segments)
                self.gone += [
                    (out - (segments - 1 - index) / self.queue.rate, sender, name) for index in range(segments)
                ]
                assert len(self.gone) == first + segments
            else:
                assert self.queue.turn_is_limited
                self.gone.append((self.queue.send(1), sender, name))
                if segments > 1:
                    self.queue.put_back([sender, name, segments - 1], segments - 1, sender)

    def times(self, sender: str) -> list[float]:
        return [when for when, who, _ in self.gone if who == sender]


def test_a_p2p_number_sends_one_segment_a_second() -> None:
    run = Run(10, {"p": 1.0})
    run.admit("p", "long", 4, 0.0)
    run.until(60)
    assert run.times("p") == [0.1, 1.1, 2.1, 3.1]


def test_the_drain_is_the_sum_of_the_active_senders_below_the_accounts_rate() -> None:
    run = Run(10, dict.fromkeys("abc", 1.0))
    for name in "abc":
        for _ in range(20):
            run.admit(name, "m", 1, 0.0)
    run.until(9.95)
    assert len(run.gone) == 3 * 10
    assert run.queue.queued_segments(9.95) == 60 - 30


def test_the_drain_is_the_accounts_rate_below_the_sum_of_the_active_senders() -> None:
    run = Run(2, dict.fromkeys("abcdef", 1.0))
    for name in "abcdef":
        for _ in range(10):
            run.admit(name, "m", 1, 0.0)
    run.until(1000)
    assert [when for when, _, _ in run.gone] == [index / 2 for index in range(1, 61)]


def test_a_slow_sender_does_not_hold_back_the_others() -> None:
    run = Run(10, {"p": 1.0, "a": None})
    run.admit("p", "first", 30, 0.0)
    run.admit("a", "second", 5, 0.0)
    run.until(1.0)
    assert [round(when, 9) for when in run.times("a")] == [0.2, 0.3, 0.4, 0.5, 0.6]
    run.until(100)
    assert len(run.times("p")) == 30
    assert run.times("p")[-1] < 31


def test_high_priority_goes_ahead_whoever_sends_it() -> None:
    run = Run(1, {"p": 1.0, "a": None})
    run.admit("a", "busy", 1, 0.0)
    for name, high in (("d1", False), ("h1", True)):
        run.admit("p", name, 1, 0.0, high=high)
    run.admit("a", "d2", 1, 0.0)
    run.until(100)
    # h1 and d1 have one sender, which is ready again just when the line is.
    assert [name for _, _, name in run.gone] == ["busy", "h1", "d1", "d2"]


def test_a_high_message_goes_ahead_of_the_rest_of_a_long_one_of_the_same_sender() -> None:
    run = Run(10, {"p": 1.0})
    run.admit("p", "long", 5, 0.0)
    run.admit("p", "urgent", 1, 1.5, high=True)
    run.until(60)
    assert [name for _, _, name in run.gone] == ["long", "long", "urgent", "long", "long", "long"]


def test_an_idle_line_counts_from_the_moment_it_is_used_again() -> None:
    run = Run(4, {"p": 1.0, "a": None})
    run.admit("p", "x", 3, 0.0)
    run.admit("a", "y", 1, 0.6)
    run.until(60)
    assert sorted(run.gone) == [(0.25, "p", "x"), (0.85, "a", "y"), (1.25, "p", "x"), (2.25, "p", "x")]


def test_what_is_put_back_counts_as_queued() -> None:
    run = Run(1, {"p": 0.1})
    run.admit("p", "x", 900, 0.0)
    assert not run.queue.admit(["p", "y", 1], 1, 0.0, sender="p", own_rate=0.1)
    run.until(50)
    assert run.queue.queued_segments(50.0) == 900 - 5
    assert len(run.queue) == 1


def test_another_rate_holds_from_the_moment_it_is_given() -> None:
    queue: SegmentQueue[str] = SegmentQueue(1)
    for _ in range(10):
        queue.admit("m", 1, 0.0)
    while queue.next_turn <= 2.0:
        queue.start()
        queue.send(1)
    queue.change(10, 900, 2.0)
    assert (queue.capacity, queue.queued_segments(2.0)) == (9000, 8)
    while queue.next_turn < math.inf:
        queue.start()
        last = queue.send(1)
    assert last == 2.8


SENDERS: dict[str, float | None] = {"p1": 1.0, "p2": 1.0, "half": 0.5, "a": None, "b": None}


@given(
    st.sampled_from([0.4, 1.0, 3.0, 10.0]),
    st.lists(
        st.tuples(st.sampled_from(sorted(SENDERS)), st.integers(1, 12), st.floats(0, 8), st.booleans(), st.booleans()),
        max_size=40,
    ),
)
def test_no_limit_is_passed_in_any_window_and_everything_goes_out(
    rate: float, arrivals: list[tuple[str, int, float, bool, bool]]
) -> None:
    run, now, admitted = Run(rate, SENDERS), 0.0, 0
    for sender, segments, wait, high, waits in arrivals:
        now += wait if waits else 0.0
        before = run.queue.queued_segments(now) if run.queue.next_turn > now else None
        taken = run.admit(sender, "m", segments, now, high=high)
        assert run.queue.queued_segments(now) <= run.queue.capacity
        assert taken or before is None or before + segments > run.queue.capacity
        admitted += segments if taken else 0
    run.until(1e6)
    assert len(run.gone) == admitted
    assert run.queue.queued_segments(1e6) == 0
    check_windows([when for when, _, _ in run.gone], rate)
    by_sender: dict[str, list[float]] = defaultdict(list)
    for when, sender, _ in run.gone:
        by_sender[sender].append(when)
    for sender, times in by_sender.items():
        own = SENDERS[sender]
        if own is not None:
            check_windows(times, own)


def check_windows(times: list[float], rate: float) -> None:
    """In any window no more segments than the rate allows, and one that opens it."""
    times.sort()
    for first, opened in enumerate(times):
        for count, closed in enumerate(times[first:], 1):
            assert count <= (closed - opened) * rate + 1 + 1e-6


@given(st.lists(st.tuples(st.sampled_from(sorted(SENDERS)), st.integers(1, 5)), min_size=1, max_size=30))
def test_a_senders_own_messages_stay_in_order(arrivals: list[tuple[str, int]]) -> None:
    run = Run(3, SENDERS)
    for index, (sender, segments) in enumerate(arrivals):
        run.admit(sender, f"{index:03}", segments, 0.0)
    run.until(1e6)
    for sender in SENDERS:
        names = [name for _, who, name in run.gone if who == sender]
        assert names == sorted(names)
