"""Segments in any order, duplicated and interleaved, joined into whole messages.

How this works. Segments belong together when sender, recipient, reference, its width and the total agree. The first
opens a message, each adds its units; when the last gap closes, the units are joined, decoded as one, and handed out.

Networks repeat segments, so one that is there already with the same units changes nothing; that holds for a message
that is complete too, which is remembered for as long as an incomplete one would be. A segment whose number is taken
by *other* units is no repetition but the same reference used again: it opens a new message, which from then on takes
the segments that fit. The older one takes no more; it is reported when it expires.

What cannot be told apart: a second message with the same text and the same reference, between the same two, before
the first is forgotten, is a repetition here.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from msgcore.encoding.user_data import Concatenation, UserData, decode_units
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable


@dataclass(frozen=True, slots=True)
class ReassembledMessage:
    """A whole message; ``concatenation`` is that of its first segment, or None when it came as one."""

    sender: str
    recipient: str
    text: str
    concatenation: Concatenation | None = None


@dataclass(frozen=True, slots=True)
class IncompleteMessage:
    """A message of which segments are missing: which numbers, and the texts of those that came."""

    sender: str
    recipient: str
    reference: int
    reference_bits: int
    total: int
    missing: tuple[int, ...]
    texts: dict[int, str]
    first_seen: float

    __hash__ = None  # type: ignore[assignment]  # it holds a dict


class _Key(NamedTuple):
    sender: str
    recipient: str
    reference: int
    reference_bits: int
    total: int


def _coding(part: UserData) -> tuple[Alphabet, tuple[LanguageTable, ...]]:
    """Return what its units are read by."""
    return part.alphabet, part.header.languages


class _Open:
    """The segments of one message so far, complete or not."""

    __slots__ = ("first_seen", "key", "octet_count", "parts")

    def __init__(self, key: _Key, now: float) -> None:
        self.key = key
        self.first_seen = now
        self.parts: dict[int, UserData] = {}
        self.octet_count = 0

    @property
    def complete(self) -> bool:
        return len(self.parts) == self.key.total

    def holds(self, number: int, data: UserData) -> bool:
        part = self.parts.get(number)
        return part is not None and (part.units, _coding(part)) == (data.units, _coding(data))

    def text(self) -> str:
        """Join the units first and decode then, as far as neighbours share an alphabet and its languages."""
        in_order = [self.parts[number] for number in sorted(self.parts)]
        return "".join(
            decode_units(b"".join(part.units for part in run), alphabet, languages)
            for (alphabet, languages), run in groupby(in_order, key=_coding)
        )

    def as_incomplete(self) -> IncompleteMessage:
        missing = tuple(number for number in range(1, self.key.total + 1) if number not in self.parts)
        texts = {number: self.parts[number].text for number in sorted(self.parts)}
        return IncompleteMessage(*self.key, missing, texts, self.first_seen)


class Reassembler:
    """Joins segments into messages, with bounded memory and an expiry by the time it is given.

    >>> from msgcore.encoding.segmentation import segment
    >>> from msgcore.encoding.user_data import decode_user_data
    >>> parts = [
    ...     decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=True)
    ...     for part in segment("a" * 200)
    ... ]
    >>> reassembler = Reassembler()
    >>> reassembler.add(parts[1], sender="+19195550100", recipient="+19195550123", now=0.0)
    >>> reassembler.add(parts[0], sender="+19195550100", recipient="+19195550123", now=1.0).text == "a" * 200
    True

    ``now`` is seconds on any clock that the caller keeps to. Beyond ``max_messages`` or ``max_octets`` the oldest
    messages go, complete ones first; ``dropped_count`` says how many incomplete ones did.
    """

    def __init__(
        self, *, max_messages: int = 10_000, max_octets: int = 16_000_000, expire_after_seconds: float = 86_400.0
    ) -> None:
        if max_messages < 1 or max_octets < 1:
            raise ValueError(f"max_messages and max_octets must be at least 1, not {max_messages} and {max_octets}")
        self._max_messages = max_messages
        self._max_octets = max_octets
        self._expire_after_seconds = expire_after_seconds
        # Messages in order of their first segment, so the oldest stand first. Those with one key form a list, the
        # newest last.
        self._opened: OrderedDict[int, _Open] = OrderedDict()
        self._by_key: dict[_Key, list[_Open]] = {}
        self._octet_count = 0
        self.dropped_count = 0

    def __len__(self) -> int:
        """Return how many messages wait for segments."""
        return sum(1 for _ in self._incomplete())

    def add(self, data: UserData, *, sender: str, recipient: str, now: float) -> ReassembledMessage | None:
        """Take a segment; return the message that it completes, or None.

        User data without a valid concatenation element is a whole message. Messages that have expired by ``now`` take
        no more segments, but stay until ``expire`` hands them out.
        """
        concatenation = data.header.concatenation
        if concatenation is None:
            return ReassembledMessage(sender, recipient, data.text)
        key = _Key(sender, recipient, concatenation.reference, concatenation.reference_bits, concatenation.total)
        alive = [message for message in self._by_key.get(key, ()) if not self._expired(message, now)]
        number = concatenation.number
        if any(message.holds(number, data) for message in alive):
            return None
        if not alive or alive[-1].complete or number in alive[-1].parts:
            alive.append(self._open(key, now))
        message = alive[-1]
        message.parts[number] = data
        message.octet_count += len(data.units)
        self._octet_count += len(data.units)
        whole = ReassembledMessage(sender, recipient, message.text(), concatenation) if message.complete else None
        self._make_room()
        return whole

    def incomplete(self) -> list[IncompleteMessage]:
        """Return the messages that wait for segments, oldest first, with what each misses."""
        return [message.as_incomplete() for message in self._incomplete()]

    def expire(self, now: float) -> list[IncompleteMessage]:
        """Forget what is older than ``expire_after_seconds``, and return the incomplete messages among it."""
        old = [message for message in self._opened.values() if self._expired(message, now)]
        for message in old:
            self._forget(message)
        return [message.as_incomplete() for message in old if not message.complete]

    def _incomplete(self) -> Iterator[_Open]:
        return (message for message in self._opened.values() if not message.complete)

    def _expired(self, message: _Open, now: float) -> bool:
        return now - message.first_seen >= self._expire_after_seconds

    def _open(self, key: _Key, now: float) -> _Open:
        message = _Open(key, now)
        self._opened[id(message)] = message
        self._by_key.setdefault(key, []).append(message)
        return message

    def _forget(self, message: _Open) -> None:
        del self._opened[id(message)]
        same_key = self._by_key[message.key]
        same_key.remove(message)
        if not same_key:
            del self._by_key[message.key]
        self._octet_count -= message.octet_count

    def _make_room(self) -> None:
        while len(self._opened) > self._max_messages or self._octet_count > self._max_octets:
            oldest = next(iter(self._opened.values()))
            victim = next((message for message in self._opened.values() if message.complete), oldest)
            if not victim.complete:
                self.dropped_count += 1
            self._forget(victim)


__all__ = ["IncompleteMessage", "ReassembledMessage", "Reassembler"]
