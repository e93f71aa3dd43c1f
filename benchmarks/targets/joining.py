"""How fast segments become messages again: of four segments each, all shuffled."""

import random
from collections.abc import Callable, Iterator

from benchmarks.corpus import SEED
from benchmarks.targets.figures import Figure, Floor, at_least, nanoseconds
from msgcore import Alphabet, Reassembler, segment
from msgcore.encoding.user_data import UserData, decode_user_data

MESSAGES = 2500
TEXT = "We carry out work on the line in your street; the supply is interrupted for two hours. " * 6

Arrival = tuple[UserData, str]


def arrivals() -> list[Arrival]:
    """The segments of all messages with their senders, in no order."""
    found: list[Arrival] = []
    for number in range(MESSAGES):
        parts = segment(TEXT, reference=number % 256)
        assert len(parts) == 4
        found += [
            (
                decode_user_data(part.user_data, part.user_data_length, Alphabet.GSM7, has_header=True),
                f"+1919555{number}",
            )
            for part in parts
        ]
    random.Random(SEED).shuffle(found)
    return found


def figures() -> Iterator[Figure]:
    segments = arrivals()

    def join() -> int:
        add = Reassembler().add
        return sum(add(data, sender=sender, recipient="+19195550100", now=0.0) is not None for data, sender in segments)

    assert join() == MESSAGES
    floor = Floor("empty call", per_second(nanoseconds(lambda: touch(empty, segments), len(segments))))
    each = nanoseconds(join, len(segments), rounds=10)
    yield at_least("Reassembler, 4 segments, shuffled", per_second(each), "M/s", 1.0, floor)


def per_second(nanoseconds_of_one: float) -> float:
    """Return how many millions of them fit a second."""
    return 1e3 / nanoseconds_of_one


def empty(data: UserData, *, sender: str, recipient: str, now: float) -> None:
    """Take what ``add`` takes."""


def touch(call: Callable[..., object], segments: list[Arrival]) -> None:
    for data, sender in segments:
        call(data, sender=sender, recipient="+19195550100", now=0.0)
