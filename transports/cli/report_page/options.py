"""The option ``--report``, and what it needs: checked before anything is sent, written when all is over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from msgcore.planning import DEFAULT_ZONES, RateCard, Zones
from transports.cli.options import read_table
from transports.cli.report_page.page import Page, check_path, write_page
from transports.cli.report_page.place_sections import Tariff
from transports.cli.report_page.send_figures import SendFigures
from transports.cli.report_page.send_page import send_page

if TYPE_CHECKING:
    from transports.cli.report import Report

_Command = TypeVar("_Command", bound=Callable[..., Any])


def report_option(command: _Command) -> _Command:
    """Add ``--report``, which the command gets as ``report_path``."""
    option = click.option(
        "--report",
        "report_path",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE.html",
        callback=_check,
        help="Also write a page to look at, with charts: one file, which needs no network.",
    )
    return option(command)


@dataclass(slots=True)
class SendReportPage:
    """The page of a run that is yet to be: what it is to show is added up in ``figures``."""

    path: Path
    tariff: Tariff
    figures: SendFigures = field(default_factory=SendFigures)

    def write(self, report: "Report") -> None:
        """Write the page."""
        write(self.path, send_page(report, self.figures, self.tariff, footer=footer()))


def send_report_options(command: _Command) -> Callable[..., Any]:
    """Add ``--report``, ``--rates`` and ``--zones`` to a command that sends; it gets them as ``page``, or None."""

    @report_option
    @click.option(
        "--rates",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Your prices, for --report: CSV with the columns kind, sender, zone, price (and currency).",
    )
    @click.option(
        "--zones",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Which country is in which zone, for --report: CSV with the columns region and zone.",
    )
    @wraps(command)
    def told(*args: Any, report_path: Path | None, rates: str | None, zones: str | None, **options: Any) -> Any:
        if report_path is None and (rates or zones):
            raise click.UsageError("--rates and --zones are for the page: say where it goes with --report FILE.html")
        page = None
        if report_path is not None:
            _check_overwrites_none(report_path, options["file"], rates, zones)
            card = None if rates is None else read_table(rates, RateCard.from_csv)
            of = DEFAULT_ZONES if zones is None else read_table(zones, Zones.from_csv)
            page = SendReportPage(report_path, Tariff(card, of, zones is None))
        return command(*args, page=page, **options)

    return told


def write(path: Path, page: Page) -> None:
    """Write a page and say where it is; ClickException where it cannot be written."""
    try:
        write_page(path, page)
    except OSError as error:
        raise click.ClickException(f"the report cannot be written: {path}: {error.strerror or error}") from error
    click.echo(f"  A page to look at: {path}", err=True)


def footer() -> str:
    """Return who wrote a page, and when."""
    return f"msgcore {version('msgcore')}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"


def _check(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None:
        try:
            check_path(path)
        except OSError as error:
            raise click.BadParameter(f"cannot be written: {error.filename}: {error.strerror}") from error
    return path


def _check_overwrites_none(path: Path, *read: str | None) -> None:
    for name in read:
        if name is not None and name != "-" and Path(name).resolve() == path.resolve():
            raise click.UsageError(f"the report would overwrite what is read: {name}")


__all__ = ["SendReportPage", "footer", "report_option", "send_report_options", "write"]
