"""Sections on places: what goes to which zone and what it costs, and to which region."""

from dataclasses import dataclass
from decimal import Decimal

from msgcore.planning import DEFAULT_ZONES, Estimate, PlaceTotals, Price, RateCard, Zones
from msgcore.wire import MessageKind
from transports.cli.report_page.charts import Bar, bar_chart
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.parts import Cell, Column, plural, says, section, share, side_by_side, table

SHOWN_REGIONS = 15
UNASSIGNED = "unassigned"
_KINDS = {MessageKind.SMS: "SMS", MessageKind.MMS: "MMS", MessageKind.GROUP_MMS: "group MMS"}


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a contract says: its prices, and which country is in which zone."""

    card: RateCard | None = None
    zones: Zones = DEFAULT_ZONES
    zones_are_ours: bool = True

    def price(self, estimate: Estimate) -> Price | None:
        """Return what messages cost, ``None`` without prices."""
        return None if self.card is None else estimate.price(self.card, self.zones)


def zones(estimate: Estimate, tariff: Tariff) -> Markup | None:
    """Show what goes to each zone, and what it costs where prices are known."""
    if not estimate.destinations:
        return None
    totals = estimate.by_zone(tariff.zones)
    price = tariff.price(estimate)
    costs = {} if price is None else cost_by_zone(price)
    currency = "" if price is None or price.currency is None else f" {price.currency}"
    if price is None:
        bars = [Bar(zone_name(each.place), each.segments, f"{each.segments:,} segments") for each in totals]
        title = "Segments by zone"
    else:
        bars = [
            Bar(zone_name(each.place), float(costs[each.place]), f"{costs[each.place]:,f}{currency}")
            for each in totals
            if each.place in costs
        ]
        title = f"Cost by zone{',' if currency else ''}{currency}"
    chart = bar_chart(
        bars, name="zones-chart", title=title, description="; ".join(f"{bar.label}: {bar.shown}" for bar in bars)
    )
    columns = [
        Column("zone"), Column("recipients", "number"), Column("segments", "number"), Column("share", "share"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [zone_name(each.place), each.recipients, each.segments, share(each.segments, estimate.segments)]
        for each in totals
    ]
    total: list[Cell] = ["all", estimate.recipients, estimate.segments, ""]
    if price is not None:
        columns.append(Column(f"cost{currency}", "number"))
        for row, each in zip(rows, totals, strict=True):
            row.append(_amount(costs.get(each.place)))
        total.append(f"{price.amount:,f}")
    return section(
        "Cost by zone" if price is not None else "Zones",
        *_notes(estimate, tariff, price),
        side_by_side(chart, table("zones", columns, rows, total=total)),
        None if price is None else prices(price),
        name="zones-section",
    )


def regions(estimate: Estimate) -> Markup | None:
    """Show what goes to each region."""
    totals = estimate.by_region()
    if not totals:
        return None
    shown, rest = totals[:SHOWN_REGIONS], totals[SHOWN_REGIONS:]
    columns = [
        Column("region"), Column("recipients", "number"), Column("segments", "number"), Column("share", "share"),
    ]  # fmt: skip
    rows = [(_region(each), each.recipients, each.segments, share(each.segments, estimate.segments)) for each in shown]
    bars = [Bar(_region(each), each.segments, f"{each.segments:,}") for each in shown[:6]]
    chart = bar_chart(
        bars,
        name="regions-chart",
        title="Segments by region",
        description="; ".join(f"{bar.label}: {bar.shown} segments" for bar in bars),
    )
    segments = sum(each.segments for each in rest)
    more = f"{len(rest)} further regions with {segments:,} segments are not shown." if rest else ""
    return section("Regions", side_by_side(chart, table("regions", columns, rows, more=more)), name="regions-section")


def cost_by_zone(price: Price) -> dict[int | str | None, Decimal]:
    """Return what the segments to each zone cost, as far as they have a price."""
    costs: dict[int | str | None, Decimal] = {}
    for line in price.lines:
        if line.amount is not None:
            costs[line.key.zone] = costs.get(line.key.zone, Decimal(0)) + line.amount
    return costs


def zone_name(zone: int | str | None) -> str:
    """Return a zone for people."""
    return UNASSIGNED if zone is None else f"zone {zone}"


def _notes(estimate: Estimate, tariff: Tariff, price: Price | None) -> list[Markup]:
    said = []
    if price is None:
        said.append(says("No prices were given: --rates FILE brings those of your contract.", class_="note"))
    elif price.unpriced_segments:
        have = "has" if price.unpriced_segments == 1 else "have"
        text = f"{plural(price.unpriced_segments, 'segment')} {have} no price on the card: in no sum."
        said.append(says(text, class_="alarm"))
    unassigned = [region or "no single country" for region in estimate.unassigned_regions(tariff.zones)]
    if unassigned:
        shown = ", ".join(unassigned[:SHOWN_REGIONS])
        more = f" and {len(unassigned) - SHOWN_REGIONS} more" if len(unassigned) > SHOWN_REGIONS else ""
        hint = " The provider's table is not public; --zones FILE brings yours." if tariff.zones_are_ours else ""
        said.append(says(f"In no zone that is known: {shown}{more}.{hint}", class_="note"))
    return said


def prices(price: Price) -> Markup:
    """Show what the segments of each kind, sender and zone cost."""
    currency = "" if price.currency is None else f" {price.currency}"
    columns = [
        Column("kind"), Column("sender"), Column("zone"), Column("segments", "number"), Column("each", "number"),
        Column(f"amount{currency}", "number"),
    ]  # fmt: skip
    rows = [
        (
            _KINDS[line.key.kind], line.key.sender.value, zone_name(line.key.zone), line.segments,
            "no price" if line.price is None else f"{line.price:,f}", _amount(line.amount),
        )
        for line in price.lines
    ]  # fmt: skip
    return table("prices", columns, rows)


def _amount(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,f}"


def _region(total: PlaceTotals) -> str:
    return "unclear" if total.place is None else str(total.place)


__all__ = ["Tariff", "cost_by_zone", "prices", "regions", "zone_name", "zones"]
