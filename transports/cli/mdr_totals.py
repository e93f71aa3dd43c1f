"""Adding up detail records: what a bill says, in as little memory as it has days, codes and senders.

How this works: rows of one message and recipient stand together, so a recipient is counted where either changes. Each
row is added to two lines, one for its day, kind, end and zone, and one for its sender; all totals follow from these.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from msgcore.wire import MdrRow

MOST_SENDERS: Final = 100_000
"""Senders that are told apart; whoever comes after that many is one of :data:`OTHERS`."""
OTHERS: Final = "others"


class Line(NamedTuple):
    """What was counted under a name: recipients (of one message each), and segments, which are rows."""

    name: str
    recipients: int
    segments: int


class _Kind(NamedTuple):
    day: str
    direction: str
    type: str
    status: str
    code: int
    zone: str


class MdrTotals:
    """Totals of detail records."""

    __slots__ = ("_kinds", "_last", "_last_id", "_senders", "messages")

    def __init__(self) -> None:
        self._kinds: dict[_Kind, list[int]] = {}
        self._senders: dict[str, list[int]] = {}
        self._last: tuple[str, str] | None = None
        self._last_id = ""
        self.messages = 0

    def add(self, row: MdrRow) -> None:
        """Count a row."""
        place = (row.message_id, row.destination)
        is_new = place != self._last
        if is_new:
            self._last = place
            if row.message_id != self._last_id:
                self._last_id = row.message_id
                self.messages += 1
        kind = _Kind(row.time[:10], row.direction, row.message_type, row.status, row.api_error_code or 0, row.zone)
        _count(self._kinds.setdefault(kind, [0, 0]), is_new)
        if row.is_outbound:
            senders = self._senders
            sender = row.source if row.source in senders or len(senders) < MOST_SENDERS else OTHERS
            _count(senders.setdefault(sender, [0, 0]), is_new)

    @property
    def segments(self) -> int:
        """How many rows there are: segments of SMS, and MMS."""
        return sum(segments for _, segments in self._kinds.values())

    @property
    def recipients(self) -> int:
        """How many recipients the messages have; one who gets two messages counts twice."""
        return sum(recipients for recipients, _ in self._kinds.values())

    def by_day(self) -> list[Line]:
        """Return the totals of each day."""
        return self._by(lambda kind: kind.day)

    def by_direction(self) -> list[Line]:
        """Return what came in and what went out."""
        return self._by(lambda kind: kind.direction)

    def by_type(self) -> list[Line]:
        """Return SMS and MMS."""
        return self._by(lambda kind: kind.type)

    def by_status(self) -> list[Line]:
        """Return how they ended."""
        return self._by(lambda kind: kind.status)

    def by_code(self) -> list[Line]:
        """Return the delivery codes of those that failed."""
        return [line for line in self._by(lambda kind: str(kind.code)) if line.name != "0"]

    def by_zone(self) -> list[Line]:
        """Return the zones that messages went to; the name is empty where none is known."""
        return _lines((kind.zone, counts) for kind, counts in self._kinds.items() if kind.direction == "OUTBOUND")

    def by_sender(self) -> list[Line]:
        """Return who has sent, most segments first."""
        return sorted(_lines(self._senders.items()), key=lambda line: (line.name == OTHERS, -line.segments, line.name))

    def _by(self, name: Callable[[_Kind], str]) -> list[Line]:
        return _lines((name(kind), counts) for kind, counts in self._kinds.items())


def _count(counts: list[int], is_new: bool) -> None:
    counts[0] += is_new
    counts[1] += 1


def _lines(items: Iterable[tuple[str, list[int]]]) -> list[Line]:
    sums: dict[str, list[int]] = {}
    for name, (recipients, segments) in items:
        line = sums.setdefault(name, [0, 0])
        line[0] += recipients
        line[1] += segments
    return [Line(name, *sums[name]) for name in sorted(sums)]
