"""Segments joined by reading everything there is, every time: a list, and no index."""

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

from tests.reference import languages

Coding = tuple[str, int, int]  # "GSM-7" with its languages, or "UCS-2" or "data" with zeros


class Segment(NamedTuple):
    """One segment; a total of 0 is a message without concatenation."""

    sender: str
    recipient: str
    reference: int
    reference_bits: int
    total: int
    number: int
    coding: Coding
    units: bytes

    @property
    def key(self) -> tuple[str, str, int, int, int]:
        return self[:5]


class Whole(NamedTuple):
    text: str | None
    data: bytes | None


class Waiting(NamedTuple):
    key: tuple[str, str, int, int, int]
    first_seen: float
    segments: tuple[Segment, ...]

    @property
    def missing(self) -> tuple[int, ...]:
        there = [segment.number for segment in self.segments]
        return tuple(number for number in range(1, self.key[4] + 1) if number not in there)


class Message:
    def __init__(self, first: Segment, now: float) -> None:
        self.key = first.key
        self.segments: dict[int, Segment] = {}
        self.since = now
        self.takes_more = True
        self.completed: int | None = None  # as which of all that were completed

    @property
    def in_order(self) -> tuple[Segment, ...]:
        return tuple(self.segments[number] for number in sorted(self.segments))

    @property
    def size(self) -> int:
        return sum(len(segment.units) for segment in self.segments.values())

    def waiting(self) -> Waiting:
        return Waiting(self.key, self.since, self.in_order)


def decode(units: bytes, coding: Coding) -> str:
    alphabet, single, locking = coding
    return units.decode("utf-16-be", "replace") if alphabet == "UCS-2" else languages.decode(units, single, locking)


def join(segments: tuple[Segment, ...]) -> Whole:
    """Neighbours that are written alike are decoded as one; data is not decoded."""
    if any(segment.coding[0] == "data" for segment in segments):
        return Whole(None, b"".join(segment.units for segment in segments))
    return Whole(
        "".join(
            decode(b"".join(segment.units for segment in run), coding)
            for coding, run in groupby(segments, key=lambda segment: segment.coding)
        ),
        None,
    )


class Reassembler:
    def __init__(
        self,
        max_messages: int,
        max_octets: int,
        expire_after: float,
        remember: float,
        on_drop: Callable[[Waiting], object],
    ) -> None:
        self.max_messages = max_messages
        self.max_octets = max_octets
        self.expire_after = expire_after
        self.remember = remember
        self.on_drop = on_drop
        self.messages: list[Message] = []  # in the order in which they were opened
        self.clock = float("-inf")
        self.completed_count = 0
        self.duplicate_count = 0

    def is_over(self, message: Message, now: float) -> bool:
        return now - message.since >= (self.expire_after if message.completed is None else self.remember)

    def incomplete(self) -> list[Waiting]:
        return [message.waiting() for message in self.messages if message.completed is None]

    def expire(self, now: float) -> list[Waiting]:
        over = [message for message in self.messages if self.is_over(message, max(now, self.clock))]
        self.messages = [message for message in self.messages if message not in over]
        return [message.waiting() for message in over if message.completed is None]

    def add(self, segment: Segment, now: float) -> Whole | None:
        if segment.total == 0:
            return join((segment,))
        self.clock = max(self.clock, now)
        alike = [item for item in self.messages if item.key == segment.key and not self.is_over(item, self.clock)]
        message = self.waiting_for(alike, segment)
        if message is None and any(item.segments.get(segment.number) == segment for item in alike):
            self.duplicate_count += 1
            return None
        if message is None:
            message = self.open(alike, segment)
        message.segments[segment.number] = segment
        whole = None
        if len(message.segments) == segment.total:
            self.completed_count += 1
            message.completed = self.completed_count
            message.since = self.clock
            whole = join(message.in_order)
        self.make_room()
        return whole

    def waiting_for(self, alike: list[Message], segment: Segment) -> Message | None:
        for message in alike:
            if message.takes_more and segment.number not in message.segments:
                return message
        return None

    def open(self, alike: list[Message], segment: Segment) -> Message:
        for message in alike:
            message.takes_more = False
        self.messages.append(Message(segment, self.clock))
        return self.messages[-1]

    def make_room(self) -> None:
        while len(self.messages) > self.max_messages or sum(item.size for item in self.messages) > self.max_octets:
            complete = [message for message in self.messages if message.completed is not None]
            victim = min(complete, key=lambda item: item.completed or 0) if complete else self.messages[0]
            self.messages.remove(victim)
            if victim.completed is None:
                self.on_drop(victim.waiting())
