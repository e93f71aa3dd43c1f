"""What goes out of a paced queue, checked against the promise itself: every window, every sender, every item."""

from fractions import Fraction
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from msgcore.planning import PacedQueue, RateLimits
from msgcore.planning.rate_limits import Priority
from msgcore.wire.messages import MessageKind

BURST = 8
EPOCH = 1_800_000_000.0


class Offer(NamedTuple):
    after: float
    segments: int
    kind: MessageKind
    sender: str
    priority: Priority


class Gone(NamedTuple):
    when: Fraction
    number: int
    offer: Offer


rates = st.one_of(st.integers(1, 40), st.floats(0.05, 40), st.fractions(Fraction(1, 20), 40, max_denominator=30))
priorities: st.SearchStrategy[Priority] = st.sampled_from(["default", "default", "high"])
offers = st.lists(
    st.builds(
        Offer,
        st.one_of(st.just(0.0), st.floats(0, 0.5), st.floats(0, 20)),
        st.integers(1, BURST),
        st.sampled_from([MessageKind.SMS, MessageKind.SMS, MessageKind.MMS, MessageKind.GROUP_MMS]),
        st.sampled_from(["a", "b", "c"]),
        priorities,
    ),
    max_size=30,
)


def played(rate: float | Fraction, sender_rate: float | Fraction | None, offers: list[Offer]) -> list[Gone]:
    """Put everything in at its time, and take each item out at the first moment the queue names."""
    queue = PacedQueue[int](RateLimits(rate, burst=BURST, sender_rate=sender_rate))
    gone: list[Gone] = []
    now = EPOCH

    def run(until: float) -> None:
        nonlocal now
        while True:
            waiting = queue.next(now)
            if waiting.item is not None:
                gone.append(Gone(Fraction(now), waiting.item - 1, offers[waiting.item - 1]))
            elif waiting.until is None or waiting.until > until:
                break
            else:
                assert waiting.until > now
                now = waiting.until
        now = max(now, until)

    for number, offer in enumerate(offers):
        run(now + offer.after)
        queue.put(number + 1, offer.segments, offer.kind, offer.sender, priority=offer.priority)
    run(1e10)
    assert len(queue) == 0
    return gone


def check_windows(gone: list[Gone], rate: float | Fraction) -> None:
    exact = rate if isinstance(rate, Fraction) else Fraction(str(rate))
    for first in range(len(gone)):
        segments = 0
        for last in range(first, len(gone)):
            segments += gone[last].offer.segments
            assert segments <= BURST + exact * (gone[last].when - gone[first].when)


@given(rates, st.one_of(st.none(), rates), offers)
def test_no_window_has_more_than_the_burst_and_the_rate(
    rate: float | Fraction, sender_rate: float | Fraction | None, offers: list[Offer]
) -> None:
    gone = played(rate, sender_rate, offers)
    for is_sms in (True, False):
        of_kind = [each for each in gone if (each.offer.kind is MessageKind.SMS) is is_sms]
        check_windows(of_kind, rate)
        if sender_rate is not None:
            for sender in ("a", "b", "c"):
                check_windows([each for each in of_kind if each.offer.sender == sender], sender_rate)


@given(rates, st.one_of(st.none(), rates), offers)
def test_everything_goes_once_and_equals_go_in_turn(
    rate: float | Fraction, sender_rate: float | Fraction | None, offers: list[Offer]
) -> None:
    gone = played(rate, sender_rate, offers)
    assert sorted(each.number for each in gone) == list(range(len(offers)))
    lanes: dict[tuple[bool, str, str], list[int]] = {}
    for each in gone:
        lanes.setdefault((each.offer.kind is MessageKind.SMS, each.offer.priority, each.offer.sender), []).append(
            each.number
        )
    assert all(numbers == sorted(numbers) for numbers in lanes.values())


@given(rates, offers)
def test_nobody_waits_longer_than_what_was_before_him(rate: float | Fraction, offers: list[Offer]) -> None:
    offers = [offer._replace(priority="default", kind=MessageKind.SMS) for offer in offers]
    exact = rate if isinstance(rate, Fraction) else Fraction(str(rate))
    came, earlier = Fraction(EPOCH), 0
    gone = {each.number: each.when for each in played(rate, None, offers)}
    for number, offer in enumerate(offers):
        came = max(came, came + Fraction(offer.after))
        earlier += offer.segments
        # All that was ever offered, and this, at the rate; the clock has steps of 2**-22 seconds.
        assert gone[number] <= came + earlier / exact + Fraction(len(offers) + 1, 2**21)
