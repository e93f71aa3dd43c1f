"""The page of a run: what `msgcore send` has sent, what became of it, and what it came to."""

from typing import TYPE_CHECKING

from msgcore.planning import Price
from transports.cli.report_page.outcome_sections import failures, outcomes
from transports.cli.report_page.page import Page
from transports.cli.report_page.parts import Tile, plural, share
from transports.cli.report_page.place_sections import Tariff, zones
from transports.cli.report_page.refusal_sections import concerns, refused_rows
from transports.cli.report_page.send_figures import SendFigures
from transports.cli.report_page.text_sections import alphabets, forced
from transports.cli.report_page.time_sections import throughput

if TYPE_CHECKING:
    from transports.cli.report import Report

_DELIVERED = "message-delivered"


def send_page(report: "Report", figures: SendFigures, tariff: Tariff, *, footer: str = "") -> Page:
    """Return the page of a run."""
    estimate = figures.estimate()
    refused = sorted(report.refused_fields.items(), key=lambda item: (-item[1], item[0]))
    return Page(
        kind="Campaign report",
        subject=report.campaign,
        verdict=_verdict(report),
        alarms=_alarms(report),
        tiles=[*_tiles(report), *cost_tiles(tariff.price(estimate))],
        sections=[
            outcomes(report.outcomes, report.recipients),
            failures(report.codes),
            alphabets(estimate, figures.causes),
            forced(estimate, figures.causes),
            throughput(figures.left, figures.taken),
            zones(estimate, tariff),
            refused_rows(report.refused, refused, report.first_refusals, report.rejects_file, by="field"),
            concerns(report.concerns.most_common(), report.recipients),
        ],
        footer=footer,
    )


def cost_tiles(price: Price | None) -> list[Tile]:
    """Return what it costs, at a glance."""
    if price is None:
        return []
    hint = f"without {plural(price.unpriced_segments, 'segment')} that have no price" if price.unpriced_segments else ""
    return [Tile("cost", f"{price.amount:,f} {price.currency or ''}".strip(), hint)]


def _verdict(report: "Report") -> str:
    if not report.accepted:
        return "No message was accepted."
    sent = f"{plural(report.accepted, 'message')} to {plural(report.recipients, 'recipient')} accepted"
    if not report.followed:
        return f"{sent}; receipts were not waited for."
    delivered = report.outcomes[_DELIVERED]
    return f"{sent}; {delivered:,} delivered ({share(delivered, report.recipients)})."


def _alarms(report: "Report") -> list[str]:
    alarms = []
    if report.stopped_by is not None:
        alarms.append(f"Stopped: {report.stopped_by}")
    if report.was_cut_short:
        alarms.append(f"{report.how_it_was_cut_short}; {report.what_is_left}.")
    if report.unknown:
        kept = f": look them up before you send {report.unknown_file} again" if report.unknown_file else ""
        alarms.append(f"{plural(report.unknown, 'message')} may have been sent, with no answer to tell{kept}.")
    return alarms


def _tiles(report: "Report") -> list[Tile]:
    rate = report.segments_per_second
    return [
        Tile("rows read", f"{report.rows:,}"),
        Tile("rows refused", f"{report.refused:,}", share(report.refused, report.rows)),
        Tile("messages accepted", f"{report.accepted:,}"),
        *([Tile("outcome unknown", f"{report.unknown:,}")] if report.unknown else []),
        Tile("recipients", f"{report.recipients:,}"),
        Tile("segments", f"{report.segments:,}"),
        *([Tile("segments per second", f"{rate:,.1f}", "by the transport's clock")] if rate is not None else []),
        Tile("wall time", f"{report.wall_seconds:,.1f} s"),
    ]


__all__ = ["cost_tiles", "send_page"]
