"""Against a provider modelled the obvious way: exact fractions, one departure time for every segment."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from msgcore.planning import Pacing
from msgcore.wire.messages import MessageKind
from tests.reference.pacing import Queue

SMS = MessageKind.SMS
EPOCH = 1_800_000_000.0


class Provider:
    """A queue that sends one segment every ``1 / rate`` seconds and refuses what does not fit."""

    def __init__(self, rate: Fraction, capacity: int) -> None:
        self.interval = 1 / rate
        self.capacity = capacity
        self.departures: list[Fraction] = []

    def queued(self, now: Fraction) -> int:
        self.departures = [departure for departure in self.departures if departure > now]
        return len(self.departures)

    def accept(self, segments: int, now: Fraction) -> bool:
        if self.queued(now) + segments > self.capacity:
            return False
        for _ in range(segments):
            self.departures.append(max([now, *self.departures[-1:]]) + self.interval)
        return True


rates = st.one_of(st.integers(1, 50), st.floats(0.05, 50), st.fractions(Fraction(1, 20), 50, max_denominator=60))
starts = st.sampled_from([0.0, 0.1, EPOCH]) | st.floats(0, 2 * EPOCH)
# Mostly nothing, so that the queue fills; then pauses short and long, so that it empties.
pauses = st.one_of(st.just(0.0), st.floats(0, 0.2), st.floats(0, 30))
sendings = st.lists(st.tuples(pauses, st.integers(1, 8)), max_size=40)


def pacing_of(rate: float | Fraction, latency_seconds: float = 0.0) -> Pacing:
    """A queue of some ten segments, whatever the rate, so that a short test fills it."""
    return Pacing(rate, 11 / float(rate), latency_seconds=latency_seconds)


@given(rates, starts, sendings)
def test_provider_never_refuses_who_waits_until_ready(
    rate: float | Fraction, start: float, sendings: list[tuple[float, int]]
) -> None:
    pacing = pacing_of(rate)
    provider = Provider(Fraction(rate), pacing.capacity)
    now = start
    for pause, segments in sendings:
        now = pacing.ready_at(segments, SMS, now + pause)
        pacing.take(segments, SMS, now)
        assert provider.accept(segments, Fraction(now))


@given(rates, sendings)
def test_who_waits_until_ready_waits_no_longer_than_needed(
    rate: float | Fraction, sendings: list[tuple[float, int]]
) -> None:
    pacing = pacing_of(rate)
    provider = Provider(Fraction(rate), pacing.capacity)
    now = EPOCH
    for pause, segments in sendings:
        earliest = now + pause
        now = pacing.ready_at(segments, SMS, earliest)
        if now > earliest:
            sooner = Fraction(now) - Fraction(1, 2**20)
            assert provider.queued(max(sooner, Fraction(earliest))) + segments > pacing.capacity
        pacing.take(segments, SMS, now)
        provider.accept(segments, Fraction(now))


@given(rates, st.floats(0, 3), sendings, st.data())
def test_provider_never_refuses_what_arrives_late_within_the_latency(
    rate: float | Fraction, latency: float, sendings: list[tuple[float, int]], data: st.DataObject
) -> None:
    pacing = pacing_of(rate, latency)
    provider = Provider(Fraction(rate), pacing.capacity)
    now, arrival = EPOCH, Fraction(0)
    for pause, segments in sendings:
        now = pacing.ready_at(segments, SMS, now + pause)
        pacing.take(segments, SMS, now)
        # On one connection nothing overtakes.
        arrival = max(arrival, Fraction(now) + Fraction(data.draw(st.floats(0, latency))))
        assert provider.accept(segments, arrival)


@given(rates, sendings, st.floats(0, 60))
def test_ready_time_is_a_promise(rate: float | Fraction, sendings: list[tuple[float, int]], pause: float) -> None:
    pacing = pacing_of(rate)
    now = EPOCH
    for more, segments in sendings:
        now += more
        pacing.take(segments, SMS, now)
    ready = pacing.ready_at(3, SMS, now)
    assert ready >= now
    assert pacing.ready_at(3, SMS, ready) == ready
    assert pacing.ready_at(3, SMS, ready + pause) == ready + pause


@given(rates, st.integers(1, 10), st.integers(0, 10), st.floats(0, 10))
def test_correction_equals_having_known_before(rate: float | Fraction, taken: int, counted: int, pause: float) -> None:
    corrected, knowing = pacing_of(rate), pacing_of(rate)
    for pacing, first in ((corrected, taken), (knowing, counted)):
        pacing.take(5, SMS, EPOCH)
        pacing.take(first, SMS, EPOCH)
    corrected.correct(counted - taken, SMS)
    assert corrected.queued_segments(SMS, EPOCH + pause) == knowing.queued_segments(SMS, EPOCH + pause)


@given(rates, sendings, st.floats(0, 10))
def test_after_a_refusal_provider_that_was_full_never_refuses(
    rate: float | Fraction, sendings: list[tuple[float, int]], before: float
) -> None:
    pacing = pacing_of(rate)
    provider = Provider(Fraction(rate), pacing.capacity)
    provider.accept(provider.capacity, Fraction(EPOCH) - Fraction(before) / 10)  # somebody else filled it
    pacing.refused(SMS, EPOCH)
    now = EPOCH
    for pause, segments in sendings:
        now = pacing.ready_at(segments, SMS, now + pause)
        pacing.take(segments, SMS, now)
        assert provider.accept(segments, Fraction(now))


STEPS = [2**-31, 2**-30, 2**-22, 0.125, 1.0]
# Mostly several at one moment, as messages are sent; and steps smaller than a tick, whole ones, and back in time.
moments = st.one_of(st.just(0.0), st.just(0.0), st.sampled_from(STEPS), st.floats(-1, 5))
doings = st.sampled_from(["send", "send", "send", "take", "correct", "refuse"])


@given(
    rates,
    st.sampled_from([0.0, 0.0, 0.3]),
    starts,
    st.lists(st.tuples(moments, doings, st.integers(0, 8)), max_size=40),
)
def test_what_is_counted_down_within_a_moment_is_what_a_queue_asked_anew_would_say(
    rate: float | Fraction, latency: float, start: float, course: list[tuple[float, str, int]]
) -> None:
    pacing = pacing_of(rate, latency)
    asked_anew = Queue(Fraction(rate), pacing.capacity, latency)
    now = start
    for step, doing, segments in course:
        now += step
        fits = pacing.ready_at(segments, SMS, now) == now
        assert fits == asked_anew.fits(segments, now)
        if doing == "take" or (doing == "send" and fits):
            pacing.take(segments, SMS, now)
            asked_anew.take(segments, now)
        elif doing == "correct":
            pacing.correct(segments - 4, SMS)
            asked_anew.correct(segments - 4)
        elif doing == "refuse":
            pacing.refused(SMS, now)
            asked_anew.refuse(now)
        for later in (now, now + 0.1, now + 3, now - 1):
            assert pacing.queued_segments(SMS, later) == asked_anew.queued(later)
