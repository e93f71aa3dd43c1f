"""What a campaign comes to, before any of it is sent: the figures, and the questions that they answer.

How this works: the provider cuts the text itself and bills what it cut, and nothing says that it keeps grapheme
clusters whole or knows national languages. So segments are counted as *it* counts them: fewest possible, cut between
characters, with an 8-bit reference. A group message counts, and is billed, once per recipient; MMS has one segment.
The ``segmentCount`` of the 202 is the last word.

An estimate keeps its figures by kind of message, kind of sender and region, and nothing finer. Zones, prices, time and
queue follow from these, so a campaign is read once and asked any number of times.

Source: Messaging V2, rate limits (segments), queueing, group messaging (billing), international reach (zones).
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Any, NamedTuple

from msgcore.encoding import count_segments
from msgcore.errors import LocalError
from msgcore.numbering import SenderKind
from msgcore.planning.pacing import DEFAULT_DEPTH_SECONDS, capacity_of
from msgcore.planning.quantities import check_positive
from msgcore.planning.rate_cards import RateCard, RateKey
from msgcore.planning.zones import DEFAULT_ZONES
from msgcore.wire import Message, MessageKind

# Wide enough for any price that a card takes times any count; if it ever were not, that is an error and no rounding.
_EXACT = Context(prec=80, traps=[Inexact])


class Totals(NamedTuple):
    """What the messages of one kind come to; ``segments`` as the provider bills and paces them."""

    messages: int = 0
    recipients: int = 0
    segments: int = 0


class Destination(NamedTuple):
    """What goes to one region, by one kind of message and from one kind of sender.

    ``region`` is an ISO 3166-1 code, ``None`` where the plan names no country. ``saved_segments`` is what ``to_gsm7``
    would save of ``segments``.
    """

    kind: MessageKind
    sender: SenderKind
    region: str | None
    recipients: int
    segments: int
    saved_segments: int = 0


class PlaceTotals(NamedTuple):
    """What goes to a region, or a zone: ``place`` is its code or number, ``None`` for none."""

    place: str | int | None
    recipients: int
    segments: int


class Finding(NamedTuple):
    """How many messages were refused for a reason, or how many recipients there is a concern about."""

    reason: str
    total: int


class PriceLine(NamedTuple):
    """What the segments to a zone cost, by kind and sender; no price, no amount, where the card has none."""

    key: RateKey
    segments: int
    price: Decimal | None
    amount: Decimal | None


class Price(NamedTuple):
    """What a campaign costs by a rate card.

    ``amount`` is the sum of what has a price; ``unpriced_segments`` have none and are in no sum.
    """

    lines: tuple[PriceLine, ...]
    amount: Decimal
    unpriced_segments: int
    currency: str | None


class QueueForecast(NamedTuple):
    """What happens to one of the provider's two queues while a campaign is offered to it.

    ``overflows_after_seconds`` is the first moment at which a message is refused with 429, ``None`` if none ever is;
    ``seconds`` is when the last segment has left, if nothing was refused.
    """

    kind: MessageKind
    segments: int
    capacity: int
    seconds: float
    overflows_after_seconds: float | None


_NOTHING = Totals()


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a campaign comes to.

    ``sms``, ``mms`` and ``group_mms`` are totals by kind; ``destinations`` split them by region and sender.
    ``gsm7_messages`` and ``ucs2_messages`` are SMS by alphabet, and ``shortened_messages`` those that ``to_gsm7`` would
    make shorter. ``refused`` says which messages are in no total, and why; ``concerns``, what speaks against recipients
    that are. ``messages``, ``recipients`` and ``segments`` are those of all kinds together.
    """

    sms: Totals = _NOTHING
    mms: Totals = _NOTHING
    group_mms: Totals = _NOTHING
    gsm7_messages: int = 0
    ucs2_messages: int = 0
    shortened_messages: int = 0
    destinations: tuple[Destination, ...] = ()
    refused: tuple[Finding, ...] = ()
    concerns: tuple[Finding, ...] = ()

    @property
    def messages(self) -> int:
        """How many messages there are."""
        return self.sms.messages + self.mms.messages + self.group_mms.messages

    @property
    def recipients(self) -> int:
        """How many recipients they have; one who gets two messages counts twice."""
        return self.sms.recipients + self.mms.recipients + self.group_mms.recipients

    @property
    def segments(self) -> int:
        """How many segments will be billed."""
        return self.sms.segments + self.mms.segments + self.group_mms.segments

    @property
    def refused_messages(self) -> int:
        """How many messages are in no total."""
        return sum(finding.total for finding in self.refused)

    @property
    def saved_segments(self) -> int:
        """How many segments ``to_gsm7`` would save, applied to the messages that it makes shorter."""
        return sum(destination.saved_segments for destination in self.destinations)

    def shortened(self) -> "Estimate":
        """Return the estimate of the same campaign with ``to_gsm7`` applied where it saves a segment.

        >>> from msgcore.planning import estimate
        >>> campaign = estimate([Message(to="+19195550123", from_="+19195550100", text="It’s " + "so " * 40)])
        >>> campaign.segments, campaign.shortened().segments
        (2, 1)
        """
        saved = self.saved_segments
        return replace(
            self,
            sms=self.sms._replace(segments=self.sms.segments - saved),
            gsm7_messages=self.gsm7_messages + self.shortened_messages,
            ucs2_messages=self.ucs2_messages - self.shortened_messages,
            shortened_messages=0,
            destinations=tuple(
                each._replace(segments=each.segments - each.saved_segments, saved_segments=0)
                for each in self.destinations
            ),
        )

    # ------------------------------------------------------------------------------------------------------- places

    def by_region(self) -> tuple[PlaceTotals, ...]:
        """Return what goes to each region, most segments first."""
        return self._by_place(lambda destination: destination.region)

    def by_zone(self, zones: Mapping[str, int] = DEFAULT_ZONES) -> tuple[PlaceTotals, ...]:
        """Return what goes to each zone, most segments first; ``None`` is unassigned."""
        return self._by_place(lambda destination: _zone_of(destination, zones))

    def unassigned_regions(self, zones: Mapping[str, int] = DEFAULT_ZONES) -> tuple[str | None, ...]:
        """Return the regions of this campaign that are in no zone, most segments first."""
        return tuple(
            str(total.place) if total.place is not None else None
            for total in self.by_region()
            if total.place not in zones
        )

    def _by_place(self, place_of: Callable[[Destination], str | int | None]) -> tuple[PlaceTotals, ...]:
        totals: dict[str | int | None, PlaceTotals] = {}
        for destination in self.destinations:
            place = place_of(destination)
            _, recipients, segments = totals.get(place, PlaceTotals(place, 0, 0))
            totals[place] = PlaceTotals(place, recipients + destination.recipients, segments + destination.segments)
        return tuple(sorted(totals.values(), key=lambda total: (-total.segments, str(total.place))))

    # -------------------------------------------------------------------------------------------------------- price

    def price(self, card: RateCard, zones: Mapping[str, int] = DEFAULT_ZONES) -> Price:
        """Add up what the campaign costs.

        >>> from msgcore.planning import estimate
        >>> card = RateCard({("sms", "long code", 1): "0.0040"}, currency="USD")
        >>> cost = estimate([Message(to="+19195550123", from_="+19195550100", text="a" * 161)]).price(card)
        >>> cost.amount, cost.unpriced_segments
        (Decimal('0.0080'), 0)

        A price is looked up by kind, sender and zone, exactly; what the card does not name stays without one, and is
        counted in ``unpriced_segments``. Sums are exact.
        """
        counts: dict[RateKey, int] = {}
        for destination in self.destinations:
            kind = MessageKind.SMS if destination.kind is MessageKind.SMS else MessageKind.MMS
            key = RateKey(kind, destination.sender, _zone_of(destination, zones))
            counts[key] = counts.get(key, 0) + destination.segments
        return price_segments(counts, card)

    # --------------------------------------------------------------------------------------------------------- time

    def seconds_at(self, rate: float | Fraction) -> float:
        """Return how long the provider needs to send it all, at ``rate`` segments per second.

        >>> Estimate(sms=Totals(100, 100, 250), mms=Totals(40, 40, 40)).seconds_at(5)
        50.0

        SMS and MMS leave queues of their own side by side, each at ``rate``, as :class:`~msgcore.planning.Pacing` has
        it; the longer one counts. Numbers that have a rate of their own (P2P long codes) may take longer.
        """
        check_positive("rate", rate)
        return float(max(segments / rate for _, segments in self._queues()))

    def queues_at(
        self,
        rate: float | Fraction,
        *,
        depth_seconds: float = DEFAULT_DEPTH_SECONDS,
        offered_rate: float | Fraction = math.inf,
    ) -> tuple[QueueForecast, QueueForecast]:
        """Tell whether the provider's queues for SMS and MMS overflow, and when.

        >>> campaign = Estimate(sms=Totals(10_000, 10_000, 10_000))
        >>> sms, mms = campaign.queues_at(5, offered_rate=100)
        >>> sms.capacity, round(sms.overflows_after_seconds), mms.overflows_after_seconds
        (4500, 47, None)

        Both queues are empty at first, hold ``rate * depth_seconds`` segments, and lose ``rate`` a second. The campaign
        is offered at ``offered_rate`` segments per second, by default as fast as possible: what does not fit is then
        refused in the first moment. Who paces (:class:`~msgcore.planning.Pacing`) is never refused.
        """
        check_positive("rate", rate)
        if not 0 < offered_rate <= math.inf:
            raise LocalError(f"offered_rate must be positive, not {offered_rate!r}")
        capacity = capacity_of(rate, depth_seconds)
        sms, mms = (
            QueueForecast(
                kind,
                segments,
                capacity,
                _last_departure(segments, rate, offered_rate),
                _overflow(segments, capacity, rate, offered_rate),
            )
            for kind, segments in self._queues()
        )
        return sms, mms

    def _queues(self) -> tuple[tuple[MessageKind, int], tuple[MessageKind, int]]:
        mms_segments = self.mms.segments + self.group_mms.segments
        return (MessageKind.SMS, self.sms.segments), (MessageKind.MMS, mms_segments)


def billed_segments(message: Message) -> int:
    """Return how many segments the provider will bill, and count against the rate, for ``message``.

    >>> billed_segments(Message(to="+19195550123", from_="+19195550100", text="€" * 81))
    2
    >>> billed_segments(Message(to=["+19195550123", "+19195550124"], from_="+19195550100", text="€" * 81))
    2

    SMS: those of its text. MMS: 1. Group MMS: 1 for each recipient.
    """
    if message.media or len(message.to) > 1:
        return len(message.to)
    return count_segments(message.text, boundary="character")


def findings(counts: Mapping[Any, int]) -> tuple[Finding, ...]:
    """Return reasons and their counts, the most frequent first."""
    return tuple(Finding(str(reason), count) for reason, count in sorted(counts.items(), key=_by_count) if count)


def ordered(destinations: Iterable[Destination]) -> tuple[Destination, ...]:
    """Return destinations in the order of an estimate, which makes estimates of the same messages equal."""
    return tuple(sorted(destinations, key=lambda each: (each.kind, each.sender, each.region or "")))


def _by_count(item: tuple[Any, int]) -> tuple[int, str]:
    return -item[1], str(item[0])


def _zone_of(destination: Destination, zones: Mapping[str, int]) -> int | None:
    return None if destination.region is None else zones.get(destination.region)


def _rate_order(item: tuple[RateKey, int]) -> tuple[int, list[SenderKind], int]:
    kind, sender, zone = item[0]
    return list(MessageKind).index(kind), [sender], zone or 99


def price_segments(counts: Mapping[RateKey, int], card: RateCard) -> Price:
    """Return what so many segments of each kind cost; sums are exact.

    >>> from msgcore.planning import RateCard
    >>> card = RateCard({("sms", "long code", 1): "0.0040"})
    >>> price_segments(dict.fromkeys(card, 3), card).amount
    Decimal('0.0120')
    """
    lines = tuple(_price_line(key, count, card.get(key)) for key, count in sorted(counts.items(), key=_rate_order))
    amount = Decimal(0)
    for line in lines:
        if line.amount is not None:
            amount = _EXACT.add(amount, line.amount)
    unpriced = sum(line.segments for line in lines if line.price is None)
    return Price(lines, amount, unpriced, card.currency)


def _price_line(key: RateKey, segments: int, price: Decimal | None) -> PriceLine:
    return PriceLine(key, segments, price, None if price is None else _EXACT.multiply(price, Decimal(segments)))


def _last_departure(segments: int, rate: float | Fraction, offered_rate: float | Fraction) -> float:
    return float(segments / min(rate, offered_rate))


def _overflow(segments: int, capacity: int, rate: float | Fraction, offered_rate: float | Fraction) -> float | None:
    """Return when a queue that fills at ``offered_rate`` and drains at ``rate`` is full, if it ever is."""
    if segments <= capacity or offered_rate <= rate:
        return None
    if offered_rate == math.inf:
        return 0.0
    full_after = Fraction(capacity) / (Fraction(offered_rate) - Fraction(rate))
    return float(full_after) if full_after < segments / Fraction(offered_rate) else None


__all__ = [
    "Destination",
    "Estimate",
    "Finding",
    "PlaceTotals",
    "Price",
    "PriceLine",
    "QueueForecast",
    "Totals",
    "billed_segments",
]
