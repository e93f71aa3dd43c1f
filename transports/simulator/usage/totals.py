"""What an account has used, added up as it happens, and what that costs by a rate card.

How it works. Each record is added to a line: a day, a kind, a class of sender, a zone, how it ended. A year of traffic
is a few thousand lines, however many messages there were, so cost and charts are always at hand, and another rate card
prices all that was ever used.

Source: Messaging V2, billing: outbound segments are billed unless the provider itself has found the fault; the column
``billable`` of the delivery codes. A group MMS is billed once for each recipient. What inbound costs is ASSUMED to be
on no card.
"""

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, Inexact
from functools import reduce
from typing import Final, NamedTuple

from msgcore.errors import LocalError
from msgcore.numbering import SenderKind
from msgcore.planning import RateCard, RateKey
from msgcore.wire.codes import delivery_code
from msgcore.wire.messages import MessageKind
from transports.simulator.accounts.office import RatePrice
from transports.simulator.accounts.records import NumberClass
from transports.simulator.course.records import DELIVERED, Status
from transports.simulator.usage.records import UsageRecord

_DAY_MS: Final = 86_400_000
# Wide enough for any price that a card takes times any count; if it ever were not, that is an error and no rounding.
_EXACT: Final = Context(prec=80, traps=[Inexact])

SENDER_KINDS: Final = {
    NumberClass.P2P_LONG_CODE: SenderKind.LONG_CODE,
    NumberClass.A2P_LONG_CODE: SenderKind.LONG_CODE,
    NumberClass.TOLL_FREE: SenderKind.TOLL_FREE,
    NumberClass.SHORT_CODE: SenderKind.SHORT_CODE,
    NumberClass.ALPHANUMERIC: SenderKind.ALPHANUMERIC,
}


class UsageKey(NamedTuple):
    """What a line of the totals is about; ``day`` counts from 1970-01-01."""

    day: int
    inbound: bool
    is_mms: bool
    number_class: str
    zone: int
    status: int
    code: int

    @property
    def is_billed(self) -> bool:
        """Whether its segments are paid for."""
        return not self.inbound and (self.code == DELIVERED or delivery_code(self.code).billable is not False)

    @property
    def rate_key(self) -> RateKey:
        """What a rate card has a price for."""
        kind = MessageKind.MMS if self.is_mms else MessageKind.SMS
        return RateKey(kind, SENDER_KINDS[NumberClass(self.number_class)], self.zone or None)

    @property
    def status_name(self) -> str:
        """How it ended, in the words of search."""
        return Status(self.status).name


class UsageLine(NamedTuple):
    """A line: how many messages (a group counts once for each recipient), and segments, or MMS."""

    key: UsageKey
    messages: int
    segments: int


class CostLine(NamedTuple):
    """What the segments of one kind cost; no price and no amount, where the card has none."""

    key: RateKey
    segments: int
    price: Decimal | None
    amount: Decimal | None


class Cost(NamedTuple):
    """What was used costs ``amount``, so far as the card has prices: ``unpriced_segments`` have none."""

    lines: tuple[CostLine, ...]
    amount: Decimal
    billed_segments: int
    free_segments: int
    unpriced_segments: int
    currency: str | None


class UsageTotals:
    """The running totals of an account."""

    __slots__ = ("_lines", "_touched")

    def __init__(self, lines: Iterable[UsageLine] = ()) -> None:
        self._lines = {line.key: [line.messages, line.segments] for line in lines}
        self._touched: set[UsageKey] = set()

    def add(self, record: UsageRecord) -> None:
        """Count a record."""
        key = UsageKey(
            record.received_ms // _DAY_MS,
            record.inbound,
            record.is_mms,
            record.number_class,
            record.zone,
            record.status,
            record.code,
        )
        line = self._lines.setdefault(key, [0, 0])
        line[0] += 1
        line[1] += record.row_count
        self._touched.add(key)

    def lines(self) -> list[UsageLine]:
        """Return all lines, the oldest day first."""
        return [UsageLine(key, *self._lines[key]) for key in sorted(self._lines)]

    def touched(self) -> list[UsageLine]:
        """Return the lines that have changed since the last call."""
        touched, self._touched = self._touched, set()
        return [UsageLine(key, *self._lines[key]) for key in touched]

    def clear(self) -> None:
        """Begin anew."""
        self._lines.clear()
        self._touched.clear()

    def cost(self, card: RateCard) -> Cost:
        """Return what was used so far costs; sums are exact.

        >>> UsageTotals().cost(RateCard({})).amount
        Decimal('0')
        """
        billed: dict[RateKey, int] = {}
        free = 0
        for key, (_, segments) in self._lines.items():
            if key.is_billed:
                billed[key.rate_key] = billed.get(key.rate_key, 0) + segments
            elif not key.inbound:
                free += segments
        lines = tuple(_cost_line(key, billed[key], card.get(key)) for key in sorted(billed, key=_order))
        return Cost(
            lines,
            reduce(_EXACT.add, (line.amount for line in lines if line.amount is not None), Decimal(0)),
            sum(billed.values()),
            free,
            sum(line.segments for line in lines if line.price is None),
            card.currency,
        )


def rate_card_of(prices: Sequence[RatePrice], currency: str | None) -> RateCard:
    """Return the rate card of an account's prices; LocalError where they are none, or two are for the same."""
    card = RateCard({(each.kind, each.sender, each.zone): each.price for each in prices}, currency=currency)
    if len(card) != len(prices):
        raise LocalError("prices: two are for the same kind, sender and zone")
    return card


def _cost_line(key: RateKey, segments: int, price: Decimal | None) -> CostLine:
    return CostLine(key, segments, price, None if price is None else _EXACT.multiply(price, Decimal(segments)))


def _order(key: RateKey) -> tuple[str, str, int]:
    return key.kind, key.sender, key.zone or 99
