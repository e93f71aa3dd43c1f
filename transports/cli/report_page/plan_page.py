"""The page of a plan: what a campaign comes to, before any of it is sent."""

from typing import TYPE_CHECKING

from msgcore.planning import Estimate, QueueForecast
from msgcore.wire import MessageKind
from transports.cli.durations import duration
from transports.cli.report_page.causes import Causes
from transports.cli.report_page.charts import Bar, bar_chart
from transports.cli.report_page.markup import Markup
from transports.cli.report_page.page import Page
from transports.cli.report_page.parts import Column, Tile, plural, says, section, share, side_by_side, table
from transports.cli.report_page.place_sections import Tariff, regions, zones
from transports.cli.report_page.refusal_sections import concerns, refused_rows
from transports.cli.report_page.send_page import cost_tiles
from transports.cli.report_page.text_sections import alphabets, forced

if TYPE_CHECKING:
    from transports.cli.plan_report import PlanReport

_QUEUES = {MessageKind.SMS: "SMS", MessageKind.MMS: "MMS"}


def plan_page(report: "PlanReport", causes: Causes, *, footer: str = "") -> Page:
    """Return the page of a plan; ``causes`` are those of the texts as they were given."""
    estimate = report.estimate
    tariff = Tariff(report.card, report.zones, report.zones_are_ours)
    return Page(
        kind="Campaign plan",
        subject=report.campaign,
        verdict=f"{plural(estimate.messages, 'message')} to {plural(estimate.recipients, 'recipient')} would take "
        f"{plural(estimate.segments, 'segment')}, sent in {duration(estimate.seconds_at(report.rate))}.",
        alarms=_alarms(report),
        tiles=[
            Tile("rows read", f"{report.rows:,}"),
            Tile("rows refused", f"{report.refused:,}", share(report.refused, report.rows)),
            Tile("messages", f"{estimate.messages:,}"),
            Tile("recipients", f"{estimate.recipients:,}"),
            Tile("segments", f"{estimate.segments:,}"),
            Tile("time to send", duration(estimate.seconds_at(report.rate)), f"at {report.rate:,g} segments a second"),
            *cost_tiles(tariff.price(estimate)),
        ],
        sections=[
            _kinds(estimate),
            alphabets(estimate, causes, is_fixed=report.is_fixed),
            forced(estimate, causes, is_fixed=report.is_fixed),
            zones(estimate, tariff),
            regions(estimate),
            _time(report),
            refused_rows(report.refused, report.given.refused, report.first_refusals, report.rejects_file, by="reason"),
            concerns(report.given.concerns, estimate.recipients),
        ],
        footer=footer,
    )


def _alarms(report: "PlanReport") -> list[str]:
    if report.is_whole:
        return []
    what = f"Stopped: {report.stopped_by}." if report.stopped_by is not None else "Interrupted."
    return [f"{what} This is the plan of the first {plural(report.rows, 'row')}."]


def _kinds(estimate: Estimate) -> Markup | None:
    if not estimate.messages:
        return None
    totals = [("SMS", estimate.sms), ("MMS", estimate.mms), ("group MMS", estimate.group_mms)]
    shown = [(name, total) for name, total in totals if total.messages]
    columns = [
        Column("kind"), Column("messages", "number"), Column("recipients", "number"), Column("segments", "number"),
    ]  # fmt: skip
    chart = bar_chart(
        [Bar(name, total.segments, f"{total.segments:,} segments") for name, total in shown],
        name="kinds-chart",
        title="Segments by kind of message",
        description="; ".join(f"{name}: {total.segments:,} segments" for name, total in shown),
    )
    rows = [(name, *total) for name, total in shown]
    whole = ("all", estimate.messages, estimate.recipients, estimate.segments)
    return section(
        "Messages by kind", side_by_side(chart, table("kinds", columns, rows, total=whole)), name="kinds-section"
    )


def _time(report: "PlanReport") -> Markup | None:
    queues = [queue for queue in report.queues() if queue.segments]
    if not queues:
        return None
    columns = [
        Column("queue"), Column("segments", "number"), Column("sent in", "number"), Column("holds", "number"),
        Column("overflows", "long"),
    ]  # fmt: skip
    rows = [
        (_QUEUES[queue.kind], queue.segments, duration(queue.seconds), queue.capacity, _overflow(queue))
        for queue in queues
    ]
    offered = "all at once" if report.offered_rate is None else f"at {report.offered_rate:,g} segments per second"
    return section(
        f"Time at {report.rate:,g} segments per second",
        says(
            f"Overflows: what happens when it is offered {offered}. msgcore send paces: it fills the queue and never "
            "meets 429.",
            class_="note",
        ),
        table("queues", columns, rows),
        name="time-section",
    )


def _overflow(queue: QueueForecast) -> str:
    after = queue.overflows_after_seconds
    if after is None:
        return "never"
    return f"after {duration(after)}" if after else f"at once, by {plural(queue.segments - queue.capacity, 'segment')}"


__all__ = ["plan_page"]
