"""``msgcore trigger``: what comes from outside, brought about in a running simulator."""

import mimetypes
from base64 import b64encode
from pathlib import Path
from typing import Any

import click

from transports.cli.control import ask, control_options


@click.group("trigger", short_help="Let something happen in a running simulator.")
def trigger_command() -> None:
    """Let something happen in a running simulator."""


@trigger_command.command("inbound", short_help="Let a message come in.")
@click.option("--from", "sender", required=True, metavar="NUMBER", help="Who writes.")
@click.option("--to", "to", required=True, multiple=True, metavar="NUMBER", help="To whom; several are a group.")
@click.option("--text", default="", help="What they write.")
@click.option(
    "--media",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that comes along. May be repeated.",
)
@click.option("--carrier", metavar="NAME", help="AT&T and Verizon add a layout file to media.")
@control_options
def inbound_command(
    sender: str, to: tuple[str, ...], text: str, media: tuple[Path, ...], carrier: str | None, control_url: str
) -> None:
    """Let a message come in; prints its ids, one for each number of the account among the recipients.

    \b
    Example:
      msgcore trigger inbound --from +19195550123 --to +19195550100 --text "Is my table ready?"
    """
    body: dict[str, Any] = {"from": sender, "to": list(to), "text": text, "media": [_file(path) for path in media]}
    if carrier is not None:
        body["carrier"] = carrier
    for message_id in ask(control_url, "POST", "/inbound", body)["message_ids"]:
        click.echo(message_id)


def _file(path: Path) -> dict[str, str]:
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"name": path.name, "content": b64encode(path.read_bytes()).decode(), "content_type": content_type}


__all__ = ["trigger_command"]
