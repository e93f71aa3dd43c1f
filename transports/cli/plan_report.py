"""What a plan says: the estimate of a campaign as tables for a person, or as one JSON object."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from msgcore.encoding import Alphabet
from msgcore.planning import Estimate, PlaceTotals, QueueForecast, RateCard, Zones
from msgcore.wire import MessageKind
from transports.cli.durations import duration
from transports.cli.layout import grid, indented, title
from transports.cli.output import show
from transports.cli.prices import KIND_NAMES, UNASSIGNED, column_table, price_json, price_table

SHOWN_REGIONS = 10
NO_REGION = "unclear"


@dataclass
class PlanReport:
    """A plan and what it was asked: ``estimate`` is the campaign as it would be sent, fixed if that was asked."""

    campaign: str
    rows: int
    refused: int
    first_refusals: list[tuple[int, str]]
    given: Estimate
    is_fixed: bool
    zones: Zones
    zones_are_ours: bool
    card: RateCard | None
    rate: float
    offered_rate: float | None = None
    """Segments per second that are handed over; ``None`` for all at once."""
    rejects_file: str | None = None
    stopped_by: str | None = None
    was_interrupted: bool = False

    @property
    def estimate(self) -> Estimate:
        """What would be sent."""
        return self.given.shortened() if self.is_fixed else self.given

    @property
    def is_whole(self) -> bool:
        """Whether the file was read to its end."""
        return not self.was_interrupted and self.stopped_by is None

    def to_json(self) -> dict[str, Any]:
        """Return the plan as one JSON object; prices are strings, so that no reader makes floats of them."""
        estimate = self.estimate
        price = estimate.price(self.card, self.zones) if self.card is not None else None
        return {
            "campaign": self.campaign,
            "rows": self.rows,
            "refused": self.refused,
            "messages": estimate.messages,
            "recipients": estimate.recipients,
            "segments": estimate.segments,
            "kinds": {
                MessageKind.SMS: estimate.sms._asdict(),
                MessageKind.MMS: estimate.mms._asdict(),
                MessageKind.GROUP_MMS: estimate.group_mms._asdict(),
            },
            "alphabets": {Alphabet.GSM7: estimate.gsm7_messages, Alphabet.UCS2: estimate.ucs2_messages},
            "to_gsm7": {
                "applied": self.is_fixed,
                "messages": self.given.shortened_messages,
                "saved_segments": self.given.saved_segments,
            },
            "zones": [_place(UNASSIGNED, total) for total in estimate.by_zone(self.zones)],
            "unassigned_regions": list(estimate.unassigned_regions(self.zones)),
            "regions": [_place(None, total) for total in estimate.by_region()],
            "price": None if price is None else price_json(price),
            "rate": self.rate,
            "offered_rate": self.offered_rate,
            "seconds": round(estimate.seconds_at(self.rate), 3),
            "queues": [_queue_json(queue) for queue in self.queues()],
            "refused_reasons": dict(self.given.refused),
            "concerns": dict(self.given.concerns),
            "rejects_file": self.rejects_file,
            "interrupted": self.was_interrupted,
            "stopped_by": self.stopped_by,
        }

    def show(self) -> None:
        """Print the plan as tables."""
        show(*self._parts())

    def _parts(self) -> Iterator[Any]:
        estimate = self.estimate
        yield from (Text(), Text(f"Plan of {self.campaign}", style="bold"), indented(self._totals()))
        if estimate.messages:
            yield from (title("Messages by kind"), indented(_kinds(estimate)))
            if estimate.sms.messages:
                yield from (title("Alphabets of the SMS"), indented(self._alphabets()))
            yield from self._saving()
            yield from (title("Zones"), indented(self._places("zone", estimate.by_zone(self.zones), UNASSIGNED)))
            yield from self._zones_note()
            yield from (title("Regions"), indented(self._places("region", estimate.by_region(), NO_REGION)))
            if self.card is not None:
                price = estimate.price(self.card, self.zones)
                yield from (title("Price"), indented(price_table(price)))
                if price.unpriced_segments:
                    yield _warning(
                        f"{price.unpriced_segments:,} segments have no price on the card, and are in no sum."
                    )
            yield from (title(f"Time at {self.rate:,g} segments per second"), indented(self._times()))
            yield from self._queue_notes()
        if self.given.concerns:
            yield from (title("Recipients to look at"), indented(_findings(self.given.concerns)))
        if self.refused:
            yield from (title("Refused rows"), indented(_findings(self.given.refused)), indented(self._refusals()))
        if self.rejects_file is not None:
            yield Text(f"  All of them, to correct and send again: {self.rejects_file}", style="bold")
        if not self.is_whole:
            what = f"Stopped: {self.stopped_by}." if self.stopped_by is not None else "Interrupted."
            yield from (Text(), Text(f"{what} This is the plan of the first {self.rows:,} rows.", style="bold red"))

    def _totals(self) -> Table:
        estimate = self.estimate
        table = grid()
        for name, value in (
            ("rows read", self.rows),
            ("rows refused", self.refused),
            ("messages", estimate.messages),
            ("recipients", estimate.recipients),
            ("segments", estimate.segments),
        ):
            table.add_row(name, f"{value:,}")
        return table

    def _alphabets(self) -> Table:
        table = grid()
        for name, count in (
            (Alphabet.GSM7.value, self.estimate.gsm7_messages),
            (Alphabet.UCS2.value, self.estimate.ucs2_messages),
        ):
            table.add_row(name, f"{count:,}", f"[dim]{count / self.estimate.sms.messages:.1%}[/dim]")
        return table

    def _saving(self) -> Iterator[Text]:
        saved, messages = self.given.saved_segments, self.given.shortened_messages
        if not saved:
            if self.is_fixed:
                yield Text(
                    "  No text takes fewer segments with look-alikes of GSM-7: nothing was replaced.", style="dim"
                )
            return
        texts = f"{messages:,} text{'s' if messages > 1 else ''}"
        share = f"{saved:,} of {self.given.sms.segments:,} SMS segments ({saved / self.given.sms.segments:.1%})"
        if self.is_fixed:
            yield Text(f"  Look-alikes of GSM-7 are used in {texts}: that saves {share}.", style="green")
        else:
            yield Text(f"  Look-alikes of GSM-7 in {texts} would save {share}: --fix", style="green")

    def _zones_note(self) -> Iterator[Text]:
        unassigned = self.estimate.unassigned_regions(self.zones)
        if not unassigned:
            return
        names = [region or NO_REGION for region in unassigned]
        shown = ", ".join(names[:SHOWN_REGIONS]) + (
            f" and {len(names) - SHOWN_REGIONS} more" if len(names) > SHOWN_REGIONS else ""
        )
        yield _warning(f"Unassigned: {shown}.")
        if self.zones_are_ours:
            yield Text("  The provider's table of zones is not public; --zones FILE brings yours.", style="dim")

    def _places(self, name: str, totals: Sequence[PlaceTotals], none: str) -> Table:
        table = column_table(name, "recipients", "segments", "")
        for place, recipients, segments in totals[:SHOWN_REGIONS]:
            share = f"[dim]{segments / self.estimate.segments:.1%}[/dim]"
            table.add_row(none if place is None else str(place), f"{recipients:,}", f"{segments:,}", share)
        rest = totals[SHOWN_REGIONS:]
        if rest:
            recipients, segments = sum(total.recipients for total in rest), sum(total.segments for total in rest)
            table.add_row(f"[dim]{len(rest)} more[/dim]", f"{recipients:,}", f"{segments:,}")
        return table

    def queues(self) -> tuple[QueueForecast, QueueForecast]:
        """Return what happens to the provider's queues."""
        offered_rate = math.inf if self.offered_rate is None else self.offered_rate
        return self.estimate.queues_at(self.rate, offered_rate=offered_rate)

    def _times(self) -> Table:
        table = column_table("queue", "segments", "sent in", "holds")
        for queue in self.queues():
            if queue.segments:
                table.add_row(
                    KIND_NAMES[queue.kind], f"{queue.segments:,}", duration(queue.seconds), f"{queue.capacity:,}"
                )
        return table

    def _queue_notes(self) -> Iterator[Text]:
        overflows = [queue for queue in self.queues() if queue.overflows_after_seconds is not None]
        for queue in overflows:
            name, after = KIND_NAMES[queue.kind], queue.overflows_after_seconds or 0.0
            if self.offered_rate is None:
                more = queue.segments - queue.capacity
                yield _warning(f"Sent as fast as possible, {name} overflows the queue at once: {more:,} segments.")
            else:
                offered = f"Offered at {self.offered_rate:,g} segments per second"
                yield _warning(f"{offered}, {name} overflows the queue after {duration(after)}, and meets 429.")
        if overflows:
            yield Text("  msgcore send paces: it fills the queue and never meets 429.", style="dim")
        elif self.offered_rate is not None:
            yield Text(f"  Offered at {self.offered_rate:,g} segments per second, no queue overflows.", style="green")

    def _refusals(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
        table.add_column(justify="right", style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for line, reason in self.first_refusals:
            table.add_row(f"line {line:,}", Text(reason))
        more = self.refused - len(self.first_refusals)
        if more > 0:
            table.add_row("", f"[dim]and {more:,} more[/dim]")
        return table


def _kinds(estimate: Estimate) -> Table:
    table = column_table("kind", "messages", "recipients", "segments")
    for name, totals in (("SMS", estimate.sms), ("MMS", estimate.mms), ("group MMS", estimate.group_mms)):
        if totals.messages:
            table.add_row(name, *(f"{count:,}" for count in totals))
    return table


def _findings(findings: Sequence[tuple[str, int]]) -> Table:
    table = grid()
    for reason, total in findings:
        table.add_row(reason, f"{total:,}")
    return table


def _warning(text: str) -> Text:
    return Text(f"  {text}", style="yellow")


def _place(none: str | None, total: PlaceTotals) -> dict[str, Any]:
    return {**total._asdict(), "place": none if total.place is None else total.place}


def _queue_json(queue: QueueForecast) -> dict[str, Any]:
    return {**queue._asdict(), "seconds": round(queue.seconds, 3)}


__all__ = ["PlanReport"]
