"""The reassembler beside one that reads everything every time: whatever comes in whatever order, they say the same."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.reassembly import IncompleteMessage, ReassembledMessage, Reassembler
from msgcore.encoding.user_data import Concatenation, InformationElement, UserData, UserDataHeader
from tests.reference import reassembly as reference

CODINGS: list[reference.Coding] = [
    *[("GSM-7", 0, 0)] * 6,
    ("GSM-7", 1, 0),
    ("GSM-7", 0, 3),
    ("UCS-2", 0, 0),
    ("data", 0, 0),
]
ALPHABETS = {"GSM-7": Alphabet.GSM7, "UCS-2": Alphabet.UCS2, "data": None}


class Add(NamedTuple):
    segment: reference.Segment
    passed: float


class Expire(NamedTuple):
    passed: float


# Few keys, and mostly one: segments shall belong together, repeat each other and contradict each other.
KEYS = [
    *[("a", "x", 0, 8, 2)] * 5,
    ("a", "x", 0, 8, 1),
    ("a", "x", 0, 8, 3),
    ("a", "x", 0, 16, 2),
    ("a", "x", 7, 8, 2),
    ("b", "x", 0, 8, 2),
    ("a", "y", 0, 8, 2),
    ("a", "x", 0, 0, 0),
]
UNITS = [b"\x65", b"\x1b", b"ab", b"ab", b"", b"\x00\x65\x1b"]
TEMPLATE = [b"a", b"b"]  # segments that repeat and differ about as often as not


@st.composite
def segments(draw: st.DrawFn) -> reference.Segment:
    key = draw(st.sampled_from(KEYS))
    number = draw(st.integers(1, key[4])) if key[4] else 0
    return reference.Segment(*key, number, draw(st.sampled_from(CODINGS)), draw(st.sampled_from(UNITS)))


@st.composite
def templated_segments(draw: st.DrawFn) -> reference.Segment:
    key = ("a", "x", 0, 8, draw(st.sampled_from([2, 3, 3])))
    return reference.Segment(*key, draw(st.integers(1, key[4])), CODINGS[0], draw(st.sampled_from(TEMPLATE)))


times = st.sampled_from([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 3.0, 9.0, -2.0])
adds = st.builds(Add, segments() | templated_segments(), times)
steps = adds | adds | adds | st.builds(Expire, times)
bounds = st.tuples(
    st.sampled_from([1, 2, 3, 4, 5, 50]), st.sampled_from([1, 700, 900, 1500, 2000, 3000, 10_000, 100_000, 100_000])
)
lifetimes = st.tuples(st.sampled_from([2.0, 9.0, 100.0]), st.sampled_from([0.0, 3.0, 100.0, 100.0]))


def user_data(segment: reference.Segment) -> UserData:
    alphabet, single, locking = segment.coding
    elements = [InformationElement(0x24, bytes([single]))] if single else []
    elements += [InformationElement(0x25, bytes([locking]))] if locking else []
    if segment.total:
        concatenation = Concatenation(segment.reference, segment.reference_bits, segment.total, segment.number)
        elements.append(concatenation.element())
    return UserData(ALPHABETS[alphabet], segment.units, UserDataHeader(elements))


def as_incomplete(waiting: reference.Waiting) -> IncompleteMessage:
    return IncompleteMessage(*waiting.key, waiting.first_seen, [user_data(segment) for segment in waiting.segments])


class Pair:
    """Ours and the reference, given the same."""

    def __init__(self, bounds: tuple[int, int], lifetimes: tuple[float, float]) -> None:
        self.dropped: list[IncompleteMessage] = []
        self.expected_dropped: list[IncompleteMessage] = []
        self.now = 1000.0
        self.reference = reference.Reassembler(*bounds, *lifetimes, self.expect_dropped)
        self.ours = Reassembler(
            max_messages=bounds[0],
            max_octets=bounds[1],
            expire_after_seconds=lifetimes[0],
            remember_seconds=lifetimes[1],
            on_drop=self.dropped.append,
        )

    def expect_dropped(self, waiting: reference.Waiting) -> None:
        self.expected_dropped.append(as_incomplete(waiting))

    def add(self, segment: reference.Segment) -> None:
        found = self.ours.add(user_data(segment), sender=segment.sender, recipient=segment.recipient, now=self.now)
        expected = self.reference.add(segment, self.now)
        assert (found is None) == (expected is None)
        if found is None or expected is None:
            return
        assert found == ReassembledMessage(segment.sender, segment.recipient, *expected, found.header)
        assert (found.concatenation is None) == (segment.total == 0)
        assert found.concatenation is None or found.concatenation.number == 1

    def expire(self) -> None:
        assert self.ours.expire(self.now) == [as_incomplete(item) for item in self.reference.expire(self.now)]

    def compare(self) -> None:
        waiting = self.reference.incomplete()
        found = self.ours.incomplete()
        assert found == [as_incomplete(item) for item in waiting]
        assert [item.missing for item in found] == [item.missing for item in waiting]
        assert len(self.ours) == len(waiting)
        assert self.dropped == self.expected_dropped
        assert self.ours.dropped_count == len(self.dropped)
        assert self.ours.duplicate_count == self.reference.duplicate_count


@given(st.lists(steps, min_size=20, max_size=60), bounds, lifetimes)
def test_the_reassembler_says_what_the_reference_says(
    steps: list[Add | Expire], bounds: tuple[int, int], lifetimes: tuple[float, float]
) -> None:
    pair = Pair(bounds, lifetimes)
    for step in steps:
        pair.now += step.passed
        if isinstance(step, Add):
            pair.add(step.segment)
        else:
            pair.expire()
        pair.compare()


@given(st.lists(templated_segments(), min_size=10, max_size=40))
def test_messages_from_one_template_are_told_apart_as_the_reference_does(
    given_segments: list[reference.Segment],
) -> None:
    """One key, room enough: each segment repeats another, differs from it, or stands in."""
    pair = Pair((50, 100_000), (100.0, 100.0))
    for segment in given_segments:
        pair.add(segment)
        pair.compare()


@given(st.lists(segments() | templated_segments(), min_size=10, max_size=50), bounds)
def test_no_segment_is_ever_lost(given_segments: list[reference.Segment], bounds: tuple[int, int]) -> None:
    """Each is in a whole message, or was given up, or waits, or is counted as a repetition."""
    dropped: list[IncompleteMessage] = []
    reassembler = Reassembler(max_messages=bounds[0], max_octets=bounds[1], on_drop=dropped.append)
    joined = 0
    for segment in given_segments:
        found = reassembler.add(user_data(segment), sender=segment.sender, recipient=segment.recipient, now=0.0)
        if found is not None:
            joined += max(segment.total, 1)
    left = dropped + reassembler.expire(float("inf"))
    assert len(given_segments) == joined + sum(len(item.segments) for item in left) + reassembler.duplicate_count
    assert (len(reassembler), reassembler.incomplete()) == (0, [])
