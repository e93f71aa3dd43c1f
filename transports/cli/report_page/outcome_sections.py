"""Sections on outcomes: what became of the recipients, and the delivery codes of those that failed."""

from collections import Counter

from msgcore.wire import delivery_code
from transports.cli.report_page.charts import Bar, bar_chart
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.parts import Column, says, section, share, shortened, side_by_side, table

CHARTED_CODES = 8
_TONES = {"message-delivered": "good", "message-failed": "bad", "pending": "wait"}
_MAY_RETRY = {True: "may succeed later", False: "no use to retry", None: "not known"}


def outcomes(counts: Counter[str], recipients: int) -> Markup | None:
    """Show what became of each recipient."""
    if not recipients:
        return None
    ranked = [(name, count) for name, count in counts.most_common() if count]
    chart = bar_chart(
        [
            Bar(name, count, f"{count:,} ({share(count, recipients)})", _TONES.get(name, "other"))
            for name, count in ranked
        ],
        name="outcomes-chart",
        title="Outcomes of the recipients",
        description="; ".join(f"{name}: {count:,}" for name, count in ranked),
    )
    columns = [Column("outcome"), Column("recipients", "number"), Column("share", "share")]
    rows = [(name, count, share(count, recipients)) for name, count in ranked]
    return section(
        "Outcomes",
        says("One for each recipient.", class_="note"),
        side_by_side(chart, table("outcomes", columns, rows, total=("all", sum(counts.values()), ""))),
        name="outcomes-section",
    )


def failures(codes: Counter[str]) -> Markup | None:
    """Show the delivery codes of the recipients that failed, with their names and meanings."""
    total = sum(codes.values())
    if not total:
        return None
    ranked = [(delivery_code(int(code)), count) for code, count in codes.most_common() if count]
    bars = [
        Bar(shortened(f"{known.code} {known.name}"), count, f"{count:,}", "bad")
        for known, count in ranked[:CHARTED_CODES]
    ]
    chart = bar_chart(
        bars,
        name="codes-chart",
        title="Failed recipients by delivery code",
        description="; ".join(f"{known.code} {known.name}: {count:,}" for known, count in ranked),
    )
    columns = [
        Column("code"), Column("recipients", "number"), Column("share", "share"), Column("meaning", "long"),
        Column("again", "short"),
    ]  # fmt: skip
    rows = [
        (str(known.code), count, share(count, total), f"{known.name}: {known.meaning}", _MAY_RETRY[known.retryable])
        for known, count in ranked
    ]
    return section(
        "Failures by delivery code",
        chart,
        table("codes", columns, rows, total=("all", total, "", "", "")),
        name="codes-section",
    )


__all__ = ["failures", "outcomes"]
