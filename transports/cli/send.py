"""``msgcore send``: a campaign file over any transport."""

import asyncio
import contextlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from msgcore.client import AsyncClient
from msgcore.transport import CallbackSource, Transport, open_transport
from transports.cli.account import account_keywords
from transports.cli.campaign import Campaign, Format
from transports.cli.durable import Durable, durable_options, run_durably, waits_for_final
from transports.cli.durable_run import NoCampaign
from transports.cli.options import check_number, check_sender
from transports.cli.output import show_json
from transports.cli.progress import ProgressDisplay
from transports.cli.rejects import RejectsFile, rejects_path_for, unknown_path_for
from transports.cli.report import Report
from transports.cli.report_page.options import SendReportPage, send_report_options
from transports.cli.report_page.send_figures import SendFigures
from transports.cli.row_keys import RowKeys
from transports.cli.run import CampaignRun, Readable

QUEUE_SECONDS = 900.0
DEMO_APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"


@click.command("send", short_help="Send a campaign file and follow it to its delivery receipts.")
@click.argument("file", metavar="FILE", required=False)
@click.option(
    "-t",
    "--transport",
    "transport_name",
    default="simulator",
    show_default=True,
    metavar="NAME",
    help="An installed transport: simulator, file, http, ...",
)
@click.option(
    "-o",
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="An option of the transport, such as seed=7, or path=spool.jsonl for file. May be repeated.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True, max=1_000_000),
    callback=check_number,
    default=100.0,
    show_default=True,
    metavar="MPS",
    help="The account's rate in segments per second: sending keeps within it and the queue's 900 seconds.",
)
@click.option(
    "--application",
    metavar="ID",
    help="The application of rows that name none.  [default: a made-up one, except over http]",
)
@click.option("--from", "sender", metavar="NUMBER", callback=check_sender, help="The sender of rows that name none.")
@click.option("--strict-numbers", is_flag=True, help="Refuse recipients that are not in the numbering plan.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv", "jsonl"]),
    help="Format of FILE.  [default: by its name, .jsonl and .ndjson being JSON Lines]",
)
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Where refused rows go.  [default: NAME.rejects.EXT beside FILE]",
)
@click.option(
    "--wait",
    type=click.Choice(["accepted", "final"]),
    help="Until when to follow the messages.  [default: final where the transport brings callbacks]",
)
@durable_options
@send_report_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def send_command(
    file: str | None,
    transport_name: str,
    options: tuple[str, ...],
    rate: float,
    application: str | None,
    sender: str | None,
    strict_numbers: bool,
    format_: Format | None,
    rejects: str | None,
    wait: str | None,
    durable: Durable | None,
    page: SendReportPage | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Send the campaign in FILE and follow it to its delivery receipts.

    FILE is CSV with a header line, or JSON Lines, in UTF-8; - reads standard input. It is read as a stream, so its
    size does not matter. A row that cannot be sent is never dropped: it goes, with its reason and line, to a rejects
    file that can be corrected and sent again. A recipient that is not in the numbering plan is a warning, since plans
    lag behind new area codes, or with --strict-numbers a refusal; one of an impossible length is always refused.

    \b
    Columns:
      to              recipients, +E.164; several separated by ; make one group message
      from            the sender
      text            the text, at most 2048 characters
      media           URLs of attachments, separated by blanks or ;
      tag             comes back with every event
      application_id  the application, where it is not the default
      priority        default or high
      expiration      RFC 3339 time after which the message is not sent
      key             your own identity of the message: a second row with it is refused

    The default transport is an embedded simulator of the provider, in virtual time: it validates, queues, paces and
    delivers as the provider does, and sends nothing to anybody. Some of its options: seed=NUMBER, clock=real.
    Numbers of the form +1 NPA 555 CCCC fail with delivery code CCCC. The transport "file" writes the requests to
    path=FILE instead.

    The transport "http" sends to the provider, for real and for money. Its account stands in the environment, where no
    list of processes shows it: MSGCORE_ACCOUNT_ID, MSGCORE_USER, MSGCORE_PASSWORD, and MSGCORE_BASE_URL if it is
    another than the provider's. Say --rate as your account has it.

    A row whose message may have been sent, with no answer to tell, goes to NAME.unknown.EXT and is never sent again by
    itself. A file of these names from an earlier run is kept as NAME.old.

    With --outbox every message is durable before it is sent, and every attempt is before it leaves. The same command
    again, after whatever ended the first, sends what is left and nothing twice; --resume does so without FILE.
    Messages whose answer was lost stay unknown until their callback tells: --receive HOST:PORT listens for it.

    \b
    Exit status:
      0  every accepted message reached a final state (without receipts: was accepted)
      1  some did not, some may have been sent, or the run was interrupted or stopped
      2  unusable arguments or input; nothing was sent

    \b
    Examples:
      msgcore send examples/campaign.csv
      msgcore send --rate 20 --json campaign.jsonl > report.json
      msgcore send --report report.html --rates prices.csv campaign.csv
      msgcore send --transport file -o path=spool.jsonl campaign.csv
      msgcore send --transport http --application ID --rate 1 campaign.csv
      msgcore send campaign.rejects.csv
      msgcore send --transport http --outbox summer.outbox --receive 0.0.0.0:9000 --wait final campaign.csv
      msgcore send --transport http --outbox summer.outbox --resume
    """
    if durable is not None and durable.resumes:
        if file is not None:
            raise click.UsageError("--resume sends what waits in the outbox: name no FILE beside it")
        with contextlib.nullcontext(NoCampaign(str(durable.path))) as waiting:
            files = _no_rejects(durable.path), _no_rejects(durable.path)
            _send(waiting, files, None, transport_name, options, rate, application, wait, durable, page, as_json, quiet)
    if file is None:
        raise click.UsageError("Missing argument 'FILE'.")
    if durable is not None and _can_be_read_once(file):
        raise click.UsageError(
            f"--outbox needs a file that can be read twice, and {file} is none: its digest is in the keys of the rows. "
            "Save it first"
        )
    with Campaign(file, format=format_, sender=sender, strict_numbers=strict_numbers) as campaign:
        rejects_path = Path(rejects) if rejects is not None else rejects_path_for(file, campaign.format)
        if file != "-" and rejects_path.resolve() == Path(file).resolve():
            raise click.UsageError(f"the rejects would overwrite the campaign itself: {file}")
        files = _open_rejects(rejects_path, campaign), _open_rejects(unknown_path_for(rejects_path), campaign)
        keys = None if durable is None else RowKeys(file)
        _send(
            campaign, files, keys, transport_name, options, rate, application, wait, durable, page, as_json, quiet,
            octets=campaign.octets,
        )  # fmt: skip


def _send(
    campaign: Readable,
    files: tuple[RejectsFile, RejectsFile],
    keys: RowKeys | None,
    transport_name: str,
    options: tuple[str, ...],
    rate: float,
    application: str | None,
    wait: str | None,
    durable: Durable | None,
    page: SendReportPage | None,
    as_json: bool,
    quiet: bool,
    *,
    octets: int | None = None,
) -> NoReturn:
    keywords = dict(_option(option) for option in options)
    if transport_name == "simulator":  # its queue is the one that is paced for
        keywords = {"rate": rate, "queue_seconds": QUEUE_SECONDS} | keywords
    if transport_name == "http":
        keywords = account_keywords(keywords)
    elif application is None:
        application = DEMO_APPLICATION_ID
    transport = _open(transport_name, keywords)
    progress = ProgressDisplay(octets, quiet=quiet)
    pace = keywords.get("rate", rate), keywords.get("queue_seconds", QUEUE_SECONDS)
    figures = None if page is None else page.figures
    with asyncio.Runner(loop_factory=_loop_factory(transport)) as runner:
        if durable is None:
            report = runner.run(_run(campaign, transport, files, progress, pace, application, wait, figures))
        else:
            report = runner.run(
                run_durably(
                    durable, campaign, keys, transport, files, progress, pace,
                    application=application, wait=wait, figures=figures,
                )
            )  # fmt: skip
    _close(files, report)
    if as_json:
        show_json(report.to_json())
    else:
        report.show()
    if page is not None:
        page.write(report)
    sys.exit(0 if report.all_final else 1)


async def _run(
    campaign: Readable,
    transport: Transport,
    files: tuple[RejectsFile, RejectsFile],
    progress: ProgressDisplay,
    pace: tuple[float, float],
    application: str | None,
    wait: str | None,
    figures: SendFigures | None,
) -> Report:
    rate, queue_seconds = pace
    async with AsyncClient(transport, application_id=application, rate=rate, queue_seconds=queue_seconds) as client:
        wait_final = waits_for_final(wait, isinstance(transport, CallbackSource))
        run = CampaignRun(campaign, client, *files, progress, wait_final=wait_final)
        run.report.figures = figures
        return await run.run()


def _can_be_read_once(file: str) -> bool:
    """Tell whether what is read of a file is gone: a pipe, also one that the shell has given a name, or a device."""
    path = Path(file)
    return file == "-" or (path.exists() and not path.is_file() and not path.is_dir())


def _no_rejects(outbox: Path) -> RejectsFile:
    return RejectsFile(rejects_path_for(str(outbox), "csv"), "csv", b"")


def _loop_factory(transport: Transport) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop where that is installed; a virtual clock has to see into its loop, and cannot there."""
    if not hasattr(transport, "clock"):
        with contextlib.suppress(ImportError):
            import uvloop

            factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
            return factory
    return None


def _open_rejects(path: Path, campaign: Campaign) -> RejectsFile:
    try:
        return RejectsFile(path, campaign.format, campaign.header)
    except OSError as error:
        raise click.UsageError(f"the rejects file cannot be written: {error.filename}: {error.strerror}") from error


def _close(files: tuple[RejectsFile, RejectsFile], report: Report) -> None:
    for file in files:
        try:
            file.close()
        except OSError as error:  # what the operating system had taken on trust did not fit after all
            report.stopped_by = f"{file.path} cannot be written: {error.strerror or error}"


# As the interpreter says it.
_UNKNOWN_ARGUMENT: Final = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'.*")


def _open(name: str, keywords: dict[str, Any]) -> Transport:
    try:
        return open_transport(name, **keywords)
    except (TypeError, ValueError, OverflowError, OSError) as error:
        if unknown := _UNKNOWN_ARGUMENT.fullmatch(str(error)):
            reason = f"has no option {unknown[2]!r}: they are the arguments of {unknown[1]}"
            raise click.UsageError(f"transport {name!r} {reason}") from error
        hint = " (options are given as -o NAME=VALUE)" if isinstance(error, TypeError) else ""
        raise click.UsageError(f"transport {name!r}: {error}{hint}") from error


def _option(option: str) -> tuple[str, Any]:
    name, equals, value = option.partition("=")
    if not equals:
        raise click.BadParameter(f"{option!r} is not NAME=VALUE", param_hint="--option")
    try:
        return name, json.loads(value)  # numbers and booleans; what is no JSON is a string
    except ValueError:
        return name, value


__all__ = ["send_command"]
