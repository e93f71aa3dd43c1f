"""The page of a bill: message detail records by day, status, code, sender and zone."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from msgcore.wire import delivery_code
from transports.cli.mdr_cost import MdrCost
from transports.cli.mdr_totals import Line, MdrTotals
from transports.cli.report_page.charts import Bar, Tick, bar_chart, column_chart
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.page import Page
from transports.cli.report_page.parts import (
    Cell,
    Column,
    Tile,
    plural,
    says,
    section,
    share,
    shortened,
    side_by_side,
    table,
)
from transports.cli.report_page.place_sections import cost_by_zone, prices, zone_name

CHARTED = 10
SHOWN = 30
MOST_DAYS = 400
MOST_DAY_LABELS = 3
_TONES = {"DELIVERED": "good", "FAILED": "bad", "UNDELIVERED": "bad", "DLR_EXPIRED": "wait"}


def mdr_page(
    files: Sequence[str],
    totals: MdrTotals,
    *,
    cost: MdrCost | None = None,
    problem_count: int = 0,
    footer: str = "",
) -> Page:
    """Return the page of detail records; ``problem_count`` lines were no rows, and are in no total."""
    segments = totals.segments
    days = totals.by_day()
    when = "" if not days else f", on {days[0].name}" if len(days) == 1 else f", {days[0].name} to {days[-1].name}"
    alarm = f"{plural(problem_count, 'line')} {'is no row' if problem_count == 1 else 'are no rows'}, and in no total."
    return Page(
        kind="Message detail records",
        subject=", ".join(files),
        verdict=f"{plural(totals.messages, 'message')} in {plural(segments, 'row')}{when}. "
        "A row is a segment of an SMS, or an MMS.",
        alarms=[alarm] if problem_count else [],
        tiles=[
            Tile("messages", f"{totals.messages:,}"),
            Tile("recipients", f"{totals.recipients:,}"),
            Tile("segments", f"{segments:,}"),
            *(
                Tile(f"{line.name} segments", f"{line.segments:,}", share(line.segments, segments))
                for line in (*totals.by_type(), *totals.by_direction())
            ),
        ],
        sections=[
            _by_day(days, segments),
            _counted("status", "By status", _ranked(totals.by_status()), segments, name=_or_untold, tones=_TONES),
            _counted("code", "By delivery code", _ranked(totals.by_code()), segments, name=_code),
            _counted("sender", "By sender", totals.by_sender(), segments),
            _counted("zone", "By zone", _ranked(totals.by_zone()), segments, name=_zone),
            None if cost is None else _cost(cost),
        ],
        footer=footer,
    )


def _by_day(lines: list[Line], segments: int) -> Markup | None:
    if not lines:
        return None
    counts = {line.name: line.segments for line in lines}
    shown = _calendar(list(counts))
    step = -(-len(shown) // MOST_DAY_LABELS)
    top = max(counts, key=counts.__getitem__)
    chart = column_chart(
        [counts.get(day, 0) for day in shown],
        across=[Tick((index + 0.5) / len(shown), day) for index, day in enumerate(shown) if index % step == 0],
        name="days-chart",
        title="Segments by day",
        description=f"{plural(len(shown), 'day')} from {shown[0]} to {shown[-1]}; most on {top}: {counts[top]:,}.",
    )
    more = f"{len(lines) - SHOWN:,} earlier days are not shown." if len(lines) > SHOWN else ""
    rows = _rows(lines[-SHOWN:], segments, str)
    return section(
        "By day",
        side_by_side(chart),
        table("days", _columns("day"), rows, total=_total(lines), more=more),
        name="days-section",
    )


def _cost(cost: MdrCost) -> Markup:
    price = cost.price()
    currency = "" if price.currency is None else f" {price.currency}"
    bars = [
        Bar(zone_name(zone), float(amount), f"{amount:,f}{currency}") for zone, amount in cost_by_zone(price).items()
    ]
    chart = bar_chart(
        bars,
        name="cost-chart",
        title=f"Cost by zone{',' if currency else ''}{currency}",
        description="; ".join(f"{bar.label}: {bar.shown}" for bar in bars),
    )
    unpriced = price.unpriced_segments + cost.unclear_segments
    free = f"{plural(cost.free_segments, 'segment')} not billed: the provider refused what they were of."
    return section(
        "Cost",
        says(f"{price.amount:,f}{currency} in all.", class_="verdict"),
        says(f"{plural(unpriced, 'segment')} without a price on the card: in no sum.", class_="alarm")
        if unpriced
        else None,
        says(free, class_="note") if cost.free_segments else None,
        side_by_side(chart, prices(price)),
        name="cost-section",
    )


def _calendar(days: list[str]) -> list[str]:
    """Return the last days, those without rows included: a gap is to be seen as one.

    >>> _calendar(["2026-02-27", "2026-03-01"])
    ['2026-02-27', '2026-02-28', '2026-03-01']
    """
    try:
        first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    except ValueError:  # a file of somebody else's
        return days[-MOST_DAYS:]
    first = max(first, last - timedelta(MOST_DAYS - 1))
    return [(first + timedelta(index)).isoformat() for index in range((last - first).days + 1)]


def _counted(
    what: str,
    title: str,
    lines: list[Line],
    segments: int,
    *,
    name: Callable[[str], str] = str,
    tones: Mapping[str, str] = MappingProxyType({}),
) -> Markup | None:
    if not lines:
        return None
    chart = bar_chart(
        [
            Bar(shortened(name(line.name)), line.segments, f"{line.segments:,}", tones.get(line.name, "main"))
            for line in lines[:CHARTED]
        ],
        name=f"{what}-chart",
        title=title,
        description="; ".join(f"{name(line.name)}: {plural(line.segments, 'segment')}" for line in lines[:CHARTED]),
    )
    rest = lines[SHOWN:]
    more = f"{len(rest):,} more, with {sum(line.segments for line in rest):,} segments, are not shown." if rest else ""
    rows = _rows(lines[:SHOWN], segments, name)
    return section(
        title,
        side_by_side(chart, table(what, _columns(what), rows, total=_total(lines), more=more)),
        name=f"{what}-section",
    )


def _columns(what: str) -> list[Column]:
    return [Column(what), Column("recipients", "number"), Column("segments", "number"), Column("share", "share")]


def _rows(lines: list[Line], segments: int, name: Callable[[str], str]) -> list[list[Cell]]:
    return [[name(line.name), line.recipients, line.segments, share(line.segments, segments)] for line in lines]


def _total(lines: list[Line]) -> list[Cell]:
    return ["all", sum(line.recipients for line in lines), sum(line.segments for line in lines), ""]


def _ranked(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-line.segments, line.name))


def _code(code: str) -> str:
    return f"{code} {delivery_code(int(code)).name}"


def _zone(zone: str) -> str:
    return f"zone {zone}" if zone else "not told"


def _or_untold(status: str) -> str:
    return status or "not told"


__all__ = ["mdr_page"]
