"""What commands that look into a file of ours take: the file, JSON instead of a table, and how long ago is long ago."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

DAY_SECONDS: Final = 86_400

_Command = TypeVar("_Command", bound=Callable[..., Any])

kept_file: Final = click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
json_output: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def older_than(what: str) -> Callable[[_Command], _Command]:
    """Let a command take ``days``; ``what`` says in its help how they are counted."""
    return click.option(
        "--older-than",
        "days",
        type=click.FloatRange(min=0),
        default=30.0,
        show_default=True,
        metavar="DAYS",
        help=what,
    )


__all__ = ["DAY_SECONDS", "json_output", "kept_file", "older_than"]
