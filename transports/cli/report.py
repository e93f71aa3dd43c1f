"""The report of a campaign: counters that a run fills, as JSON and as tables for a person."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from rich.table import Table
from rich.text import Text

from msgcore.encoding import Alphabet, detect
from msgcore.planning import billed_segments, check_recipient
from msgcore.wire import Accepted, Message, MessageKind, delivery_code
from transports.cli.campaign import RefusedRow
from transports.cli.durations import duration
from transports.cli.layout import grid, indented, title
from transports.cli.output import show
from transports.cli.report_page.send_figures import SendFigures

SHOWN_REFUSALS = 8
PENDING = "pending"
NO_ALPHABET = "none"


@dataclass
class Report:
    """What became of a campaign.

    ``rows == refused + accepted + unknown``, and every recipient of an accepted message is in ``outcomes`` once.
    Unknown are rows whose message may have been sent: no answer came that says so or otherwise.
    """

    campaign: str
    followed: bool = True
    """Whether receipts were waited for; without them an accepted message is as final as it gets here."""
    rows: int = 0
    refused: int = 0
    accepted: int = 0
    unknown: int = 0
    recipients: int = 0
    segments: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    alphabets: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    refused_fields: Counter[str] = field(default_factory=Counter)
    first_refusals: list[tuple[int, str]] = field(default_factory=list)
    concerns: Counter[str] = field(default_factory=Counter)
    rejects_file: str | None = None
    unknown_file: str | None = None
    last_line: int = 0
    was_interrupted: bool = False
    stopped_by: str | None = None
    first_accepted_at: float | None = None
    last_sent_at: float | None = None
    sent_segments: int = 0
    wall_seconds: float = 0.0
    known: int = 0
    """Rows that the outbox held already: they are not sent again."""
    outbox: dict[str, int] | None = None
    """Where all messages of the outbox stand, those of other campaigns too."""
    figures: SendFigures | None = None
    """Takes in what only a page shows, where one is wanted."""

    def refuse(self, row: RefusedRow) -> None:
        """Count a refused row."""
        self.refused += 1
        self.refused_fields[row.field] += 1
        if len(self.first_refusals) < SHOWN_REFUSALS:
            self.first_refusals.append((row.line, row.reason))

    def accept(self, message: Message, accepted: Accepted | None, now: float) -> None:
        """Count an accepted message; ``accepted`` is None where its answer could not be read."""
        self.accepted += 1
        self.recipients += len(message.to)
        if accepted is None or accepted.segment_count is None:
            segments = billed_segments(message)
        else:
            segments = accepted.segment_count * len(message.to)
        self.segments += segments
        if self.figures is not None:
            self.figures.accept(message, segments, now)
        self.kinds[message.kind.value] += 1
        for recipient in message.to:
            if (concern := check_recipient(recipient)) is not None:
                self.concerns[concern.value] += 1
        # An MMS is no short message: its text has no 3GPP alphabet.
        self.alphabets[detect(message.text).value if message.kind is MessageKind.SMS else NO_ALPHABET] += 1
        if self.first_accepted_at is None:
            self.first_accepted_at = now

    def leave(self, segments: int, sent_at: float) -> None:
        """Count segments that have left the provider's queue."""
        self.sent_segments += segments
        if self.figures is not None:
            self.figures.leave(segments, sent_at)
        self.last_sent_at = sent_at if self.last_sent_at is None else max(sent_at, self.last_sent_at)

    @property
    def all_final(self) -> bool:
        """Whether every accepted message reached a final state and no row was left behind."""
        if self.was_cut_short or self.unknown:
            return False
        if self.outbox is not None and (self.outbox["waiting"] or self.outbox["attempting"]):
            return False
        return not (self.followed and self.outcomes[PENDING])

    @property
    def was_cut_short(self) -> bool:
        """Whether rows of the file were left unread."""
        return self.was_interrupted or self.stopped_by is not None

    @property
    def sending_seconds(self) -> float:
        """Seconds, by the transport's clock, from the first acceptance until the last segment left the queue."""
        if self.first_accepted_at is None or self.last_sent_at is None:
            return 0.0
        return max(0.0, self.last_sent_at - self.first_accepted_at)

    @property
    def segments_per_second(self) -> float | None:
        """The rate at which segments left, by the transport's clock; None when no time passed."""
        return self.sent_segments / self.sending_seconds if self.sending_seconds > 0 else None

    def to_json(self) -> dict[str, Any]:
        """Return the report as one JSON object."""
        rate = self.segments_per_second
        return {
            "campaign": self.campaign,
            "rows": self.rows,
            "refused": self.refused,
            "accepted": self.accepted,
            "unknown": self.unknown,
            "recipients": self.recipients,
            "segments": self.segments,
            "kinds": {kind.value: self.kinds[kind.value] for kind in MessageKind},
            "alphabets": {name: self.alphabets[name] for name in (*Alphabet, NO_ALPHABET)},
            "outcomes": _counts(self.outcomes),
            "codes": _counts(self.codes),
            "refused_fields": _counts(self.refused_fields),
            "concerns": _counts(self.concerns),
            "rejects_file": self.rejects_file,
            "unknown_file": self.unknown_file,
            "sending_seconds": round(self.sending_seconds, 3),
            "segments_per_second": None if rate is None else round(rate, 3),
            "wall_seconds": round(self.wall_seconds, 3),
            "interrupted_after_line": self.last_line if self.was_interrupted else None,
            "stopped_after_line": self.last_line if self.stopped_by is not None else None,
            "stopped_by": self.stopped_by,
        } | ({} if self.outbox is None else {"known": self.known, "outbox": self.outbox})

    def show(self) -> None:
        """Print the report as tables."""
        show(*self._parts())

    def _parts(self) -> list[Any]:
        parts: list[Any] = [Text(), Text(f"Campaign {self.campaign}", style="bold"), indented(self._totals())]
        if self.accepted:
            parts += [title("Messages by kind"), indented(_counted(self.kinds, self.accepted))]
            parts += [
                title("Alphabets"),
                indented(_counted(self.alphabets, self.accepted, {NO_ALPHABET: "none (MMS)"})),
            ]
        if heard_of := self.outcomes.total():  # with an outbox also of messages that an earlier run has sent
            parts += [title("Outcomes, one for each recipient"), indented(_counted(self.outcomes, heard_of))]
        if self.codes:
            parts += [title("Delivery codes of failed recipients"), indented(self._codes())]
        if self.concerns:
            parts += [title("Recipients to look at"), indented(_counted(self.concerns, self.recipients))]
        if self.refused:
            parts += [title("Refused rows"), indented(self._refusals())]
        if self.outbox is not None:
            outbox = Counter(self.outbox)
            parts += [title("Messages of the outbox"), indented(_counted(outbox, outbox.total()))]
        if self.rejects_file is not None:
            parts += [Text(f"  All of them, to correct and send again: {self.rejects_file}", style="bold")]
        if self.unknown_file is not None:
            text = f"{self.unknown:,} may have been sent: look them up before you send {self.unknown_file} again."
            parts += [Text(), Text(text, style="bold red")]
        if self.stopped_by is not None:
            parts += [Text(), Text(f"Stopped: {self.stopped_by}", style="bold red")]
        if self.was_cut_short:
            kept = "no later row was sent" if self.outbox is None else "what waits is kept in the outbox"
            text = (
                f"{'Interrupted' if self.was_interrupted else 'Stopped'} after line {self.last_line:,}: "
                f"{self.accepted:,} messages were sent, {self.refused:,} rows refused; {kept}."
            )
            parts += [Text(), Text(text, style="bold red")]
        return parts

    def _totals(self) -> Table:
        table = grid()
        table.add_row("rows read", f"{self.rows:,}")
        table.add_row("rows refused", f"{self.refused:,}")
        table.add_row("messages accepted", f"{self.accepted:,}")
        if self.known:
            table.add_row("kept from earlier", f"{self.known:,}")
        if self.unknown:
            table.add_row("outcome unknown", f"{self.unknown:,}")
        table.add_row("recipients", f"{self.recipients:,}")
        table.add_row("segments", f"{self.segments:,}")
        rate = self.segments_per_second
        if rate is not None:
            took = f"[dim]over {duration(self.sending_seconds)} of the transport's time[/dim]"
            table.add_row("segments per second", f"{rate:,.1f}", took)
        table.add_row("wall time", f"{self.wall_seconds:.1f} s")
        return table

    def _codes(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        table.add_column("code")
        table.add_column("recipients", justify="right")
        table.add_column("meaning", overflow="fold")
        for code, count in self.codes.most_common():
            known = delivery_code(int(code))
            table.add_row(code, f"{count:,}", Text(f"{known.name}: {known.meaning}"))
        return table

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


def _counts(counter: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(counter.items()) if count}


def _counted(counter: Counter[str], total: int, labels: Mapping[str, str] = MappingProxyType({})) -> Table:
    table = grid()
    for name, count in counter.most_common():
        if count:
            table.add_row(labels.get(name, name), f"{count:,}", f"[dim]{count / total:.1%}[/dim]")
    return table


__all__ = ["PENDING", "Report"]
