"""How long does it take to join segments into messages?

A round takes the 1000 segments of 250 messages of four, shuffled, from 250 senders; so a time divided by 1000 is that
of one segment, its share of the whole text included. From user data, or all the way from octets.
"""

import random
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.rivals import dictionary_idiom
from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.reassembly import Reassembler
from msgcore.encoding.segmentation import segment
from msgcore.encoding.user_data import Concatenation, UserData, UserDataHeader, decode_user_data
from tests.reference import reassembly as reference

RECIPIENT: Final = "+19195550123"
PLENTY: Final = 1 << 40  # octets: here the messages are what is bounded
MESSAGES: Final = 250
TEXTS: Final = {
    "gsm7": ("appointment confirmed, see you on Monday; reply STOP to opt out. " * 9)[:560],
    "gsm7-euro": ("appointment confirmed: 10 € due on Monday; reply STOP to opt out. " * 9)[:540],
    "ucs2": ("напоминание: встреча в понедельник, ответьте СТОП для отказа. " * 5)[:250],
}


class Arrival(NamedTuple):
    """A segment as it comes in."""

    sender: str
    octets: bytes
    length: int
    alphabet: Alphabet
    data: UserData


def arrivals(text: str) -> list[Arrival]:
    found = []
    for index in range(MESSAGES):
        parts = segment(text, reference=index % 256)
        assert len(parts) == 4
        for part in parts:
            data = decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=True)
            found.append(Arrival(f"+1416555{index:04}", part.user_data, part.user_data_length, part.alphabet, data))
    random.Random(23_040).shuffle(found)
    return found


def from_user_data(given: list[Arrival]) -> int:
    add = Reassembler().add
    return sum(add(item.data, sender=item.sender, recipient=RECIPIENT, now=0.0) is not None for item in given)


def from_octets(given: list[Arrival]) -> int:
    add = Reassembler().add_octets
    return sum(
        add(item.octets, item.length, item.alphabet, has_header=True, sender=item.sender, recipient=RECIPIENT, now=0.0)
        is not None
        for item in given
    )


def from_octets_in_two_calls(given: list[Arrival]) -> int:
    add = Reassembler().add
    return sum(
        add(
            decode_user_data(item.octets, item.length, item.alphabet, has_header=True),
            sender=item.sender,
            recipient=RECIPIENT,
            now=0.0,
        )
        is not None
        for item in given
    )


def by_idiom(given: list[Arrival]) -> int:
    add = dictionary_idiom.Reassembler().add
    return sum(add(item.data, sender=item.sender, recipient=RECIPIENT, now=0.0) is not None for item in given)


def by_reference(given: list[Arrival]) -> int:
    add = reference.Reassembler(10_000, 16_000_000, 86_400.0, 86_400.0, lambda waiting: None).add
    return sum(add(as_reference(item), 0.0) is not None for item in given)


def as_reference(item: Arrival) -> reference.Segment:
    found = item.data.header.concatenation
    assert found is not None
    coding = ("GSM-7" if item.alphabet is Alphabet.GSM7 else "UCS-2", 0, 0)
    key = (item.sender, RECIPIENT, found.reference, found.reference_bits, found.total)
    return reference.Segment(*key, found.number, coding, item.data.units)


def empty_loop(given: list[Arrival]) -> int:
    return sum(len(item.data.units) < 0 for item in given) + MESSAGES


IMPLEMENTATIONS: Final[dict[str, Callable[[list[Arrival]], int]]] = {
    "msgcore-user-data": from_user_data,
    "msgcore-octets": from_octets,
    "msgcore-octets-in-two-calls": from_octets_in_two_calls,
    "empty-loop": empty_loop,
    "dictionary-idiom": by_idiom,
    "reference": by_reference,
}


@pytest.mark.benchmark(group="reassemble")
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", TEXTS)
def test_shuffled(benchmark: BenchmarkFixture, name: str, implementation: str) -> None:
    assert benchmark(IMPLEMENTATIONS[implementation], arrivals(TEXTS[name])) == MESSAGES


def segment_of_two(number: int) -> UserData:
    return UserData(Alphabet.GSM7, b"x", UserDataHeader((Concatenation(0, 8, 2, number).element(),)))


@pytest.mark.benchmark(group="reassemble: 1000 messages of two segments while others wait")
@pytest.mark.parametrize("waiting", [0, 10_000, 1_000_000])
def test_while_others_wait(benchmark: BenchmarkFixture, waiting: int) -> None:
    first, second = segment_of_two(1), segment_of_two(2)
    reassembler = Reassembler(max_messages=waiting + 1000, max_octets=PLENTY, remember_seconds=0.0)
    for index in range(waiting):
        reassembler.add(first, sender=f"{index}", recipient=RECIPIENT, now=0.0)
    senders = [f"+1416555{index:04}" for index in range(1000)]

    def open_and_close() -> int:
        joined = 0
        for sender in senders:
            reassembler.add(first, sender=sender, recipient=RECIPIENT, now=1.0)
            joined += reassembler.add(second, sender=sender, recipient=RECIPIENT, now=1.0) is not None
        assert reassembler.expire(1.0) == []
        return joined

    assert benchmark(open_and_close) == 1000


@pytest.mark.benchmark(group="reassemble: 1000 messages opened when there is room for as many as wait")
@pytest.mark.parametrize("room", [100, 10_000, 100_000])
def test_when_there_is_no_room(benchmark: BenchmarkFixture, room: int) -> None:
    first = segment_of_two(1)
    reassembler = Reassembler(max_messages=room, max_octets=PLENTY)
    for index in range(room):
        reassembler.add(first, sender=f"{index}", recipient=RECIPIENT, now=0.0)
    count = 0

    def open_more() -> None:
        nonlocal count
        for _ in range(1000):
            count += 1
            reassembler.add(first, sender=f"+{count}", recipient=RECIPIENT, now=0.0)

    benchmark(open_more)
    assert reassembler.dropped_count == count
