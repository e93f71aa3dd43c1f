"""``msgcore mdr``: what detail records add up to."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from msgcore.planning import RateCard
from msgcore.wire import MdrProblem, MdrRow, delivery_code
from transports.cli.mdr_cost import MdrCost
from transports.cli.mdr_files import opened, read
from transports.cli.mdr_totals import Line, MdrTotals
from transports.cli.options import read_table
from transports.cli.output import show, show_json
from transports.cli.prices import price_json, price_table
from transports.cli.progress import ReadingProgress
from transports.cli.rejects import RejectsFile
from transports.cli.report_page.mdr_page import mdr_page
from transports.cli.report_page.options import footer, report_option, write

_FIRST_PROBLEMS: Final = 10
_SHOWN_SENDERS: Final = 10
_SHOWN_REASON: Final = 160


@click.command("mdr", short_help="Add up message detail records.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="PATH",
    help="Where lines go that are no rows.  [default: nowhere]",
)
@click.option(
    "--rates",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Your prices: CSV with the columns kind, sender, zone, price (and currency).",
)
@report_option
@click.option("--json", "as_json", is_flag=True, help="Print the totals as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def mdr_command(
    files: tuple[str, ...],
    rejects: Path | None,
    rates: str | None,
    report_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Add up the message detail records in FILE: by day, status, delivery code, sender and zone.

    FILE is the CSV that the provider or the simulator writes, or a ZIP of such; - reads standard input. Columns are
    found by their names, and only the first seven have to be there. A segment of an SMS is a row, and so is an MMS.

    A line that is no row is counted and shown with its reason, and never taken for less than it is; --rejects keeps
    all of them.

    \b
    Exit status:
      0  all lines were rows
      1  some were not, or a file could not be read
      2  unusable arguments

    \b
    Examples:
      msgcore mdr mdrs_2026-01-01_2026-01-31.zip
      msgcore mdr --json january.csv february.csv
      msgcore mdr --rejects bad.csv january.csv
      msgcore mdr --rates prices.csv --report january.html january.csv
    """
    bill = Bill(files, None if rates is None else MdrCost(read_table(rates, RateCard.from_csv)))
    for path in (*files, *([] if rates is None else [rates])):
        for what, written in (("rejects", rejects), ("report", report_path)):
            if written is not None and path != "-" and written.resolve() == Path(path).resolve():
                raise click.UsageError(f"the {what} would overwrite {path}")
    set_aside = _open_rejects(rejects)
    try:
        for path in files:
            _read(path, bill, set_aside, quiet)
    finally:
        if set_aside is not None:
            set_aside.close()
    if as_json:
        show_json(bill.to_json())
    else:
        show(*bill.parts(set_aside))
    if report_path is not None:
        page = mdr_page(files, bill.totals, cost=bill.cost, problem_count=bill.problem_count, footer=footer())
        write(report_path, page)
    sys.exit(1 if bill.problem_count else 0)


def _open_rejects(path: Path | None) -> RejectsFile | None:
    if path is None:
        return None
    try:
        return RejectsFile(path, "csv", b"")
    except OSError as error:
        raise click.UsageError(f"the rejects file cannot be written: {error.filename}: {error.strerror}") from error


def _read(path: str, bill: "Bill", rejects: RejectsFile | None, quiet: bool) -> None:
    with opened(path) as csv_files:
        octets = [each.octets for each in csv_files]
        total = None if None in octets else sum(each or 0 for each in octets)
        with ReadingProgress(total, quiet=quiet) as progress:
            done = 0

            def show_progress(octet_count: int) -> None:
                nonlocal done
                done += octet_count
                progress.update(done, bill.totals.segments)

            for each in csv_files:
                read(each, bill.add, partial(bill.refuse, each.name), rejects, show_progress)


@dataclass
class Bill:
    """What was read, and what of it was no row."""

    files: Sequence[str]
    cost: MdrCost | None = None
    totals: MdrTotals = field(default_factory=MdrTotals)
    problem_count: int = 0
    first_problems: list[tuple[str, MdrProblem]] = field(default_factory=list)

    def add(self, row: MdrRow) -> None:
        """Count a row."""
        self.totals.add(row)
        if self.cost is not None:
            self.cost.add(row)

    def refuse(self, file: str, problem: MdrProblem) -> None:
        """Count a line that is no row."""
        self.problem_count += 1
        if len(self.first_problems) < _FIRST_PROBLEMS:
            self.first_problems.append((file, problem))

    def to_json(self) -> dict[str, Any]:
        """Return the totals for a program."""
        totals = self.totals
        return {
            "files": list(self.files),
            "messages": totals.messages,
            "recipients": totals.recipients,
            "segments": totals.segments,
            "by_day": _plain("day", totals.by_day()),
            "by_direction": _plain("direction", totals.by_direction()),
            "by_type": _plain("type", totals.by_type()),
            "by_status": _plain("status", totals.by_status()),
            "by_code": [
                {
                    "code": int(name),
                    "name": delivery_code(int(name)).name,
                    "recipients": recipients,
                    "segments": segments,
                }
                for name, recipients, segments in totals.by_code()
            ],
            "by_zone": _plain("zone", totals.by_zone()),
            "by_sender": _plain("sender", totals.by_sender()),
            "cost": None if self.cost is None else _cost_json(self.cost),
            "bad_lines": self.problem_count,
            "first_bad_lines": [
                {"file": file, "line": problem.line, "reason": problem.reason} for file, problem in self.first_problems
            ],
        }

    def parts(self, rejects: RejectsFile | None) -> Iterator[Any]:
        """Return the totals for a person."""
        totals = self.totals
        yield Text(
            f"{totals.messages:,} messages, {totals.recipients:,} recipients, {totals.segments:,} segments", "bold"
        )
        for title, lines, none in (
            ("By day", totals.by_day(), ""),
            ("By direction", totals.by_direction(), ""),
            ("By status", totals.by_status(), "not told"),
            ("By zone", totals.by_zone(), "not told"),
        ):
            if lines:
                yield from (Text(), Text(title, style="bold"), _table(lines, totals.segments, none))
        if codes := totals.by_code():
            named = [line._replace(name=f"{line.name} {delivery_code(int(line.name)).name}") for line in codes]
            yield from (Text(), Text("By delivery code", style="bold"), _table(named, totals.segments, ""))
        if senders := totals.by_sender():
            yield from (Text(), Text("By sender", style="bold"), _table(_few(senders), totals.segments, ""))
        if self.cost is not None:
            yield from _cost_parts(self.cost)
        if self.problem_count:
            yield from self._problems(rejects)

    def _problems(self, rejects: RejectsFile | None) -> Iterator[Any]:
        yield from (Text(), Text(f"{self.problem_count:,} lines are no rows, and in no total", style="bold red"))
        for file, problem in self.first_problems:
            yield Text(f"  {file}, line {problem.line:,}: {problem.reason}"[:_SHOWN_REASON])
        more = self.problem_count - len(self.first_problems)
        if more:
            yield Text(f"  and {more:,} more", style="dim")
        if rejects is not None:
            yield Text(f"  All of them, as they stand: {rejects.path}", style="bold")


def _cost_json(cost: MdrCost) -> dict[str, Any]:
    return {
        **price_json(cost.price()),
        "free_segments": cost.free_segments,
        "unclear_segments": cost.unclear_segments,
    }


def _cost_parts(cost: MdrCost) -> Iterator[Any]:
    price = cost.price()
    yield from (Text(), Text("Cost", style="bold"), Padding(price_table(price), (0, 0, 0, 2)))
    for count, words in (
        (price.unpriced_segments, "have no price on the card, and are in no sum"),
        (cost.unclear_segments, "are of a kind, sender or zone that no card has, and are in no sum"),
    ):
        if count:
            yield Text(f"  segments that {words}: {count:,}", style="yellow")
    if cost.free_segments:
        yield Text(f"  segments that are not billed, since the provider refused them: {cost.free_segments:,}", "dim")


def _few(lines: list[Line]) -> list[Line]:
    rest = lines[_SHOWN_SENDERS:]
    if not rest:
        return lines
    more = Line(f"{len(rest):,} more", sum(each.recipients for each in rest), sum(each.segments for each in rest))
    return [*lines[:_SHOWN_SENDERS], more]


def _plain(name: str, lines: list[Line]) -> list[dict[str, Any]]:
    return [{name: line.name, "recipients": line.recipients, "segments": line.segments} for line in lines]


def _table(lines: list[Line], segments: int, none: str) -> Padding:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", overflow="fold")
    for name in ("recipients", "segments", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        share = f"{line.segments / segments:.1%}"
        table.add_row(Text(line.name or none), f"{line.recipients:,}", f"{line.segments:,}", Text(share, "dim"))
    return Padding(table, (0, 0, 0, 2))


__all__ = ["mdr_command"]
