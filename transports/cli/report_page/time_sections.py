"""Sections on time: when segments left."""

from datetime import UTC, datetime

from transports.cli.report_page.charts import Tick, clock_time, column_chart, time_ticks
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.parts import Column, says, section, side_by_side, table
from transports.cli.report_page.throughput import Bucket, Throughput


def throughput(left: Throughput, taken: Throughput) -> Markup | None:
    """Show how many segments left in a second, over time; without receipts, how many were taken."""
    shown, what = (left, "left the provider's queue") if left.total else (taken, "were taken by the provider")
    buckets = shown.buckets()
    if not buckets:
        return None
    seconds = shown.seconds
    rates = [bucket.total / seconds for bucket in buckets]
    top = max(range(len(rates)), key=rates.__getitem__)
    length = len(buckets) * seconds
    averaged = "" if seconds == 1 else f", averaged over {seconds} s"
    most = f"{rates[top]:,.4g} at {clock_time(top * seconds)}"
    marks = time_ticks(length, at_most=6 if length < 3600 else 4)  # hours are longer words
    chart = column_chart(
        rates,
        across=[Tick(at / length, clock_time(at)) for at in marks],
        name="throughput-chart",
        title="Segments per second over time",
        description=f"From {_moment(buckets[0])} on, for {clock_time(length)}; most: {most}.",
    )
    figures = table(
        "throughput",
        [Column("figure"), Column("value", "number")],
        [
            ("first", _moment(buckets[0])),
            ("last", _moment(buckets[-1])),
            ("segments", shown.total),
            ("most per second", most),
        ],
    )
    return section(
        "Throughput over time",
        says(f"Segments per second that {what}{averaged}, by the transport's clock.", class_="note"),
        side_by_side(chart),
        figures,
        name="throughput-section",
    )


def _moment(bucket: Bucket) -> str:
    try:
        return f"{datetime.fromtimestamp(bucket.start, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):  # a clock of somebody's own may begin anywhere
        return f"{bucket.start:,} s"


__all__ = ["throughput"]
