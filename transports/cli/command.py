"""The command group ``msgcore``: analyze, callbacks, codes, mdr, outbox, plan, receive, send, simulator, trigger."""

import sys
from importlib import metadata
from typing import Any

import click

from msgcore.encoding import UNICODE_VERSION
from msgcore.errors import MsgcoreError
from transports.cli.analyze import analyze_command
from transports.cli.callbacks import callbacks_command
from transports.cli.campaign import CampaignError
from transports.cli.codes import codes_command
from transports.cli.mdr import mdr_command
from transports.cli.outbox import outbox_command
from transports.cli.plan import plan_command
from transports.cli.receive import receive_command
from transports.cli.send import send_command
from transports.cli.simulator import simulator_command
from transports.cli.trigger import trigger_command

UNUSABLE = 2


class _Group(click.Group):
    """Turns what a person can mend into one line on standard error and status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (CampaignError, MsgcoreError) as error:
            click.echo(f"msgcore: {error}", err=True)
            sys.exit(UNUSABLE)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""
    \b
    Examples:
      msgcore analyze "Grüße aus Köln"
      msgcore codes 4720
      msgcore mdr mdrs_2026-01-01_2026-01-31.zip
      msgcore plan examples/campaign.csv
      msgcore send examples/campaign.csv --transport simulator
      msgcore receive --store campaign.db
      msgcore callbacks status campaign.db
      msgcore simulator --port 8080

    Run msgcore COMMAND --help for the whole of each.
    """,
)
@click.version_option(
    metadata.version("msgcore"),
    "-V",
    "--version",
    prog_name="msgcore",
    message=f"%(prog)s, version %(version)s (Unicode {UNICODE_VERSION})",
)
def cli() -> None:
    """A carrier-messaging engine: exact segments, delivery codes, and campaigns over any transport.

    Nothing here reaches a network unless a transport is chosen that does, or a simulator is given a callback URL; and
    nothing listens for one but receive and simulator, on this machine alone unless they are told otherwise.
    """


cli.add_command(analyze_command)
cli.add_command(callbacks_command)
cli.add_command(codes_command)
cli.add_command(mdr_command)
cli.add_command(outbox_command)
cli.add_command(plan_command)
cli.add_command(receive_command)
cli.add_command(send_command)
cli.add_command(simulator_command)
cli.add_command(trigger_command)

__all__ = ["cli"]
