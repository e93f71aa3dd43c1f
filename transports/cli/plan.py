"""``msgcore plan``: what a campaign comes to, before any of it is sent."""

import sys
import time
from pathlib import Path

import click

from msgcore.planning import DEFAULT_ZONES, RateCard, Zones
from transports.cli.campaign import Campaign, Format
from transports.cli.options import check_number, check_rate, check_sender, read_table
from transports.cli.output import show_json
from transports.cli.parquet import ParquetCampaign
from transports.cli.plan_report import PlanReport
from transports.cli.planning import CampaignPlan
from transports.cli.progress import ReadingProgress
from transports.cli.rejects import RejectsFile
from transports.cli.report_page.causes import Causes
from transports.cli.report_page.options import footer, report_option, write
from transports.cli.report_page.plan_page import plan_page


@click.command("plan", short_help="Estimate segments, zones, price and time of a campaign file.")
@click.argument("file", metavar="FILE")
@click.option(
    "--rates",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Your prices: CSV with the columns kind, sender, zone, price (and currency).",
)
@click.option(
    "--zones",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Which country is in which zone: CSV with the columns region (two letters) and zone (1 to 5).",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True, max=1_000_000),
    default=100.0,
    show_default=True,
    metavar="MPS",
    callback=check_rate,
    help="The account's rate in segments per second, for the time it takes and the queue of 900 seconds.",
)
@click.option(
    "--offered-rate",
    type=click.FloatRange(min=0, min_open=True, max=1_000_000),
    metavar="MPS",
    callback=check_number,
    help="Segments per second that you would hand over: when would the queue overflow?  [default: all at once]",
)
@click.option("--fix", is_flag=True, help="Use look-alikes of GSM-7 where they save a segment, and show the saving.")
@click.option("--strict-numbers", is_flag=True, help="Refuse recipients that are not in the numbering plan.")
@click.option("--from", "sender", metavar="NUMBER", callback=check_sender, help="The sender of rows that name none.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    help="Format of FILE.  [default: by its name, .jsonl and .ndjson being JSON Lines]",
)
@click.option(
    "--rejects", type=click.Path(dir_okay=False), metavar="PATH", help="Where refused rows go.  [default: nowhere]"
)
@report_option
@click.option("--json", "as_json", is_flag=True, help="Print the plan as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def plan_command(
    file: str,
    rates: str | None,
    zones: str | None,
    rate: float,
    offered_rate: float | None,
    fix: bool,
    strict_numbers: bool,
    sender: str | None,
    format_: str | None,
    rejects: str | None,
    report_path: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Estimate what the campaign in FILE comes to. Nothing is sent.

    FILE is a campaign as "msgcore send" takes it: CSV with a header line, or JSON Lines, in UTF-8; - reads standard
    input. Parquet is read where pyarrow is installed. Segments are counted as the provider bills them; a group message
    counts once for each recipient.

    Which country is in which of the provider's five zones is known for very few: bring the table of your contract.
    What a zone or a price is not known for is shown as such, and never guessed.

    A row that cannot be sent is refused, and counted with its reason; one whose expiration has passed is "expired". A
    number that is only doubtful (not in the numbering plan, premium rate, kept for films) is counted among the
    recipients to look at, and would be sent to.

    \b
    Exit status:
      0  the file was read to its end
      1  the run was interrupted or stopped: the plan is that of the rows before
      2  unusable arguments or input

    \b
    Examples:
      msgcore plan examples/campaign.csv
      msgcore plan --rates prices.csv --zones zones.csv --rate 20 campaign.csv
      msgcore plan --rate 20 --offered-rate 50 campaign.csv
      msgcore plan --rates prices.csv --report plan.html campaign.csv
      msgcore plan --fix --json campaign.jsonl > plan.json
    """
    read = {"campaign": file, "rates": rates, "zones": zones}
    if rejects is not None:
        _check_overwrites_none("rejects", rejects, read)
    if report_path is not None:
        _check_overwrites_none("report", str(report_path), read)
    table = read_table(zones, Zones.from_csv) if zones is not None else DEFAULT_ZONES
    card = read_table(rates, RateCard.from_csv) if rates is not None else None
    with (
        _open(file, format_, sender, strict_numbers) as campaign,
        ReadingProgress(campaign.octets, quiet=quiet) as progress,
    ):
        set_aside = _open_rejects(Path(rejects), campaign) if rejects is not None else None
        causes = Causes() if report_path is not None else None
        plan = CampaignPlan(campaign, rejects=set_aside, causes=causes)
        plan.read(progress)
    if set_aside is not None:
        plan.close_rejects()
    report = PlanReport(
        campaign=file,
        rows=plan.rows,
        refused=plan.refused,
        first_refusals=plan.first_refusals,
        given=plan.estimate(),
        is_fixed=fix,
        zones=table,
        zones_are_ours=zones is None,
        card=card,
        rate=rate,
        offered_rate=offered_rate,
        rejects_file=str(set_aside.path) if set_aside is not None and set_aside.count else None,
        stopped_by=plan.stopped_by,
        was_interrupted=plan.was_interrupted,
    )
    if as_json:
        show_json(report.to_json())
    else:
        report.show()
    if report_path is not None and causes is not None:
        write(report_path, plan_page(report, causes, footer=footer()))
    sys.exit(0 if report.is_whole else 1)


def _check_overwrites_none(what: str, written: str, read: dict[str, str | None]) -> None:
    for name, path in read.items():
        if path is not None and path != "-" and Path(written).resolve() == Path(path).resolve():
            raise click.UsageError(f"the {what} would overwrite the {name}: {path}")


def _open(path: str, format_: str | None, sender: str | None, strict_numbers: bool) -> Campaign | ParquetCampaign:
    started_at = time.time()

    def now() -> float:
        return started_at  # one moment for the whole file: a plan does not depend on how long reading takes

    if format_ == "parquet" or (format_ is None and Path(path).suffix.lower() == ".parquet"):
        return ParquetCampaign(path, sender=sender, strict_numbers=strict_numbers, now=now)
    known: Format | None = "jsonl" if format_ == "jsonl" else "csv" if format_ == "csv" else None
    return Campaign(path, format=known, sender=sender, strict_numbers=strict_numbers, now=now)


def _open_rejects(path: Path, campaign: Campaign | ParquetCampaign) -> RejectsFile:
    try:
        return RejectsFile(path, campaign.format, campaign.header)
    except OSError as error:
        raise click.UsageError(f"the rejects file cannot be written: {error.filename}: {error.strerror}") from error


__all__ = ["plan_command"]
