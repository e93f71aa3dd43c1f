"""The page of a bill: message detail records by day, status, code, sender and zone."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from msgcore.wire import delivery_code
from transports.cli.report_page.charts import Bar, Tick, bar_chart, column_chart
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.page import Page
from transports.cli.report_page.parts import (
    Column,
    Tile,
    plural,
    section,
    share,
    shortened,
    side_by_side,
    table,
)

CHARTED = 10
SHOWN = 30
MOST_DAYS = 400
MOST_DAY_LABELS = 6
NO_CODE = "none"
_TONES = {"DELIVERED": "good", "FAILED": "bad", "UNDELIVERED": "bad", "DLR_EXPIRED": "wait"}


@dataclass(slots=True, kw_only=True)
class MdrFigures:
    """What is shown of message detail records; each counts its records: segments of SMS, and MMS.

    ``days`` are written as 2026-01-31, ``codes`` as in the records, with ``""`` for none.
    """

    file: str
    days: Counter[str] = field(default_factory=Counter)
    types: Counter[str] = field(default_factory=Counter)
    directions: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    senders: Counter[str] = field(default_factory=Counter)
    zones: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.types.total()


def mdr_page(figures: MdrFigures, *, footer: str = "") -> Page:
    """Return the page of message detail records."""
    days = sorted(day for day, count in figures.days.items() if count)
    when = "" if not days else f", received on {days[0]}" if len(days) == 1 else f", received {days[0]} to {days[-1]}"
    return Page(
        kind="Message detail records",
        subject=figures.file,
        verdict=f"{plural(figures.records, 'record')}{when}. A record is a segment of an SMS, or an MMS.",
        tiles=[
            Tile("records", f"{figures.records:,}"),
            *(Tile(name, f"{count:,}", share(count, figures.records)) for name, count in _ranked(figures.types)),
            *_direction_tiles(figures),
        ],
        sections=[
            _by_day(figures.days, days),
            _counted("status", "By status", figures.statuses, tones=_TONES),
            _counted("code", "By delivery code", _renamed(figures.codes, _code)),
            _counted("sender", "By sender", figures.senders),
            _counted("zone", "By zone", _renamed(figures.zones, _zone)),
        ],
        footer=footer,
    )  # fmt: skip


def _direction_tiles(figures: MdrFigures) -> list[Tile]:
    ranked = _ranked(figures.directions)
    return [Tile(name.lower(), f"{count:,}", share(count, figures.records)) for name, count in ranked]


def _by_day(counts: Counter[str], days: list[str]) -> Markup | None:
    if not days:
        return None
    shown = _calendar(days)
    step = -(-len(shown) // MOST_DAY_LABELS)
    top = max(shown, key=counts.__getitem__)
    chart = column_chart(
        [counts[day] for day in shown],
        across=[
            Tick((index + 0.5) / len(shown), day) for index, day in enumerate(shown) if index % step == 0
        ],
        name="days-chart",
        title="Records by day",
        description=f"{plural(len(shown), 'day')} from {shown[0]} to {shown[-1]}; most on {top}: {counts[top]:,}.",
    )  # fmt: skip
    columns = [Column("day"), Column("records", "number"), Column("share", "share")]
    total = counts.total()
    rows = [(day, counts[day], share(counts[day], total)) for day in days[-SHOWN:]]
    more = f"{len(days) - SHOWN:,} earlier days are not shown." if len(days) > SHOWN else ""
    return section(
        "By day",
        side_by_side(chart),
        table("days", columns, rows, total=("all", total, ""), more=more),
        name="days-section",
    )


def _calendar(days: list[str]) -> list[str]:
    """Return the last days, those without records included: a gap is to be seen as one.

    >>> _calendar(["2026-02-27", "2026-03-01"])
    ['2026-02-27', '2026-02-28', '2026-03-01']
    """
    try:
        first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    except ValueError:  # a file of somebody else's
        return days[-MOST_DAYS:]
    first = max(first, last - timedelta(MOST_DAYS - 1))
    return [(first + timedelta(index)).isoformat() for index in range((last - first).days + 1)]


def _counted(what: str, title: str, counts: Counter[str], *, tones: Mapping[str, str] | None = None) -> Markup | None:
    ranked = _ranked(counts)
    if not ranked:
        return None
    total = counts.total()
    chart = bar_chart(
        [
            Bar(shortened(name), count, f"{count:,}", (tones or {}).get(name, "main"))
            for name, count in ranked[:CHARTED]
        ],
        name=f"{what}-chart",
        title=title,
        description="; ".join(f"{name}: {plural(count, 'record')}" for name, count in ranked[:CHARTED]),
    )
    columns = [Column(what), Column("records", "number"), Column("share", "share")]
    rest = ranked[SHOWN:]
    more = f"{len(rest):,} more, with {sum(count for _, count in rest):,} records, are not shown." if rest else ""
    rows = [(name, count, share(count, total)) for name, count in ranked[:SHOWN]]
    return section(
        title,
        side_by_side(chart, table(what, columns, rows, total=("all", total, ""), more=more)),
        name=f"{what}-section",
    )


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return [(name, count) for name, count in counts.most_common() if count]


def _renamed(counts: Counter[str], rename: Callable[[str], str]) -> Counter[str]:
    renamed: Counter[str] = Counter()
    for name, count in counts.items():
        renamed[rename(name)] += count
    return renamed


def _code(code: str) -> str:
    if not code.isascii() or not code.isdigit():
        return code or NO_CODE
    return f"{code} {delivery_code(int(code)).name}"


def _zone(zone: str) -> str:
    return f"zone {zone}" if zone else "no zone"


__all__ = ["MdrFigures", "mdr_page"]
