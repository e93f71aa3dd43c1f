"""How fast segments become messages again: of four segments each, all shuffled."""

import random
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.corpus import SEED
from benchmarks.targets.figures import Figure, Floor, at_least, nanoseconds
from msgcore import Alphabet, Reassembler, segment
from msgcore.encoding.user_data import UserData, decode_user_data

MESSAGES = 2500
TEXT = "We carry out work on the line in your street; the supply is interrupted for two hours. " * 6
RECIPIENT = "+19195550100"


class Arrival(NamedTuple):
    """A segment as its user data was taken apart, and who sent it."""

    data: UserData
    sender: str


def arrivals() -> list[Arrival]:
    """The segments of all messages, in no order."""
    found = []
    for number in range(MESSAGES):
        parts = segment(TEXT, reference=number % 256)
        assert len(parts) == 4
        for part in parts:
            data = decode_user_data(part.user_data, part.user_data_length, Alphabet.GSM7, has_header=True)
            found.append(Arrival(data, f"+1919555{number:04}"))
    random.Random(SEED).shuffle(found)
    return found


def join(segments: list[Arrival]) -> int:
    """Join what was taken apart before; returns how many messages became whole."""
    add = Reassembler().add
    return sum(add(one.data, sender=one.sender, recipient=RECIPIENT, now=0.0) is not None for one in segments)


def look_at(segments: list[Arrival]) -> int:
    """The loop alone, with a call that does nothing."""
    return sum(empty(one.data, sender=one.sender, recipient=RECIPIENT, now=0.0) for one in segments)


def empty(data: UserData, *, sender: str, recipient: str, now: float) -> bool:
    """Take what ``add`` takes."""
    return False


def figures() -> Iterator[Figure]:
    segments = arrivals()
    assert join(segments) == MESSAGES
    floor = Floor("empty call", per_second(nanoseconds(lambda: look_at(segments), len(segments))))
    each = nanoseconds(lambda: join(segments), len(segments), rounds=10)
    yield at_least("Reassembler, 4 segments, shuffled", per_second(each), "M/s", 1.0, floor)


def per_second(nanoseconds_of_one: float) -> float:
    """Return how many millions of them fit a second."""
    return 1e3 / nanoseconds_of_one
