"""The queue of an account and its senders, against one where every sender's rest is written down as a fraction."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import LocalError, MessageError
from msgcore.planning import SharedQueue

EPOCH = 1_800_000_000.0


class EvenQueue:
    """Drains all active senders evenly, from one end of a sender to the next, in exact fractions."""

    def __init__(self, rate: Fraction, sender_rate: Fraction) -> None:
        self.rate, self.sender_rate = rate, sender_rate
        self.rest: dict[str, Fraction] = {}
        self.now = Fraction(0)

    def drain(self, now: Fraction) -> None:
        while self.rest and self.now < now:
            each = min(self.sender_rate, self.rate / len(self.rest))
            seconds = min(now - self.now, min(self.rest.values()) / each)
            self.rest = {sender: rest - each * seconds for sender, rest in self.rest.items() if rest > each * seconds}
            self.now += seconds
        self.now = max(now, self.now)

    def queued(self, now: Fraction) -> Fraction:
        self.drain(now)
        return sum(self.rest.values(), Fraction(0))


rates = st.one_of(st.integers(1, 20), st.fractions(Fraction(1, 4), 20, max_denominator=9))
takings = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0, 0.4), st.floats(0, 9)), st.integers(1, 6), st.sampled_from("abcd")),
    max_size=25,
)


@given(rates, rates, takings)
def test_queue_is_never_believed_shorter_than_it_is_nor_much_longer(
    rate: Fraction, sender_rate: Fraction, takings: list[tuple[float, int, str]]
) -> None:
    queue = SharedQueue(rate, sender_rate=sender_rate, depth_seconds=1000)
    even = EvenQueue(Fraction(rate), Fraction(sender_rate))
    even.now = Fraction(EPOCH)
    now = EPOCH
    for pause, segments, sender in takings:
        now += pause
        queue.take(segments, sender, now)
        even.drain(Fraction(now))
        even.rest[sender] = even.rest.get(sender, Fraction(0)) + segments
        for later in (0.0, pause, 3.0):
            peek, copy = queue._copy(), EvenQueue(even.rate, even.sender_rate)
            copy.rest, copy.now = dict(even.rest), even.now
            believed, real = peek.queued_segments(now + later), copy.queued(Fraction(now + later))
            assert real <= believed
            sending = min(Fraction(4), Fraction(rate) / Fraction(sender_rate) + 1)
            assert believed < real + 1 + sending + Fraction(1, 1000)


@given(rates, rates, takings, st.integers(1, 10))
def test_who_waits_until_ready_fits_and_no_sooner(
    rate: Fraction, sender_rate: Fraction, takings: list[tuple[float, int, str]], segments: int
) -> None:
    queue = SharedQueue(rate, sender_rate=sender_rate, depth_seconds=float(40 / Fraction(rate)))
    now = EPOCH
    for pause, taken, sender in takings:
        now += pause
        ready = queue.ready_at(taken, now)
        assert ready >= now
        if ready > now + 0.001:
            assert queue._copy().queued_segments(ready - 0.001) + taken > queue.capacity
        assert queue._copy().queued_segments(ready) + taken <= queue.capacity
        queue.take(taken, sender, ready)
        now = ready


def test_one_sender_drains_at_its_own_rate_and_many_at_that_of_the_account() -> None:
    queue = SharedQueue(3, sender_rate=1, depth_seconds=100)
    queue.take(10, "a", now=0.0)
    assert queue.queued_segments(now=5.0) == 5
    for sender in "bcdef":
        queue.take(10, sender, now=5.0)
    assert queue.queued_segments(now=15.0) == 25 + 2  # three are being sent
    assert queue.queued_segments(now=1000.0) == 0


def test_nothing_drifts_while_a_queue_is_busy_for_days() -> None:
    queue = SharedQueue(10, sender_rate=1, depth_seconds=1e6)
    for sender in "abc":
        queue.take(300_000, sender, now=EPOCH)
    assert queue.queued_segments(now=EPOCH + 259_200) == 3 * (300_000 - 259_200) + 2


def test_clock_that_runs_backwards_drains_nothing() -> None:
    queue = SharedQueue(1, sender_rate=1, depth_seconds=10)
    queue.take(5, "a", now=100.0)
    assert queue.queued_segments(now=50.0) == 5
    assert queue.queued_segments(now=102.0) == 3


def test_impossible_queues_and_messages_are_refused() -> None:
    with pytest.raises(LocalError, match="sender_rate must be"):
        SharedQueue(1, sender_rate=0)
    with pytest.raises(LocalError, match="rate must be"):
        SharedQueue(0, sender_rate=1)
    with pytest.raises(MessageError, match="the provider's queue holds 10 at most"):
        SharedQueue(1, sender_rate=1, depth_seconds=10).ready_at(11, now=0.0)
