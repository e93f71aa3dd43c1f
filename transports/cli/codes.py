"""``msgcore codes``: what delivery codes mean."""

from dataclasses import asdict
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from msgcore.wire import DeliveryCode, delivery_code, delivery_codes
from transports.cli.output import show, show_json

_RETRY = {True: "yes", False: "no", None: "unknown"}


@click.command("codes", short_help="Explain delivery codes.")
@click.argument("code", type=int, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: one object, or a list of all.")
def codes_command(code: int | None, as_json: bool) -> None:
    """Explain CODE, or list every delivery code that is published.

    A code that is not published is classified by its digits, and marked so. The column "retry" says whether sending
    the same message again can help.

    \b
    Examples:
      msgcore codes
      msgcore codes 4775
      msgcore codes --json | jq '.[] | select(.retryable)'
    """
    if code is None:
        _print_all(as_json)
    else:
        _print_one(delivery_code(code), as_json)


def _print_all(as_json: bool) -> None:
    if as_json:
        show_json([_to_json(code) for code in delivery_codes()])
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("code")
    table.add_column("name", overflow="fold")
    table.add_column("meaning", overflow="fold")
    table.add_column("retry")
    for code in delivery_codes():
        table.add_row(str(code.code), _name(code), Text(code.meaning), _RETRY[code.retryable])
    show(table)


def _print_one(code: DeliveryCode, as_json: bool) -> None:
    if as_json:
        show_json(_to_json(code))
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=10)
    table.add_column(overflow="fold")
    table.add_row("code", f"{code.code}{'' if code.known else ' (not published: classified by its digits)'}")
    table.add_row("name", _name(code))
    table.add_row("category", code.category)
    table.add_row("meaning", Text(code.meaning))
    table.add_row("retry", _RETRY[code.retryable])
    show(table)


def _name(code: DeliveryCode) -> Text:
    return Text(code.name or "(none published)")


def _to_json(code: DeliveryCode) -> dict[str, Any]:
    return asdict(code)


__all__ = ["codes_command"]
