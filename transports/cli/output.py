"""What a command prints: fitted to a terminal, or plain lines for a pipe."""

import io
from typing import Any

import click
from rich.console import Console
from rich.text import Text

PIPE_WIDTH = 240


def show(*parts: Any) -> None:
    """Print tables and texts on standard output.

    On a terminal, tables fold in their columns. In a pipe nothing is folded or padded, so that lines can be searched.
    """
    console = Console()
    if console.is_terminal:
        _print(console, parts)
        return
    buffer = io.StringIO()
    _print(Console(file=buffer, width=PIPE_WIDTH), parts)
    for line in buffer.getvalue().splitlines():
        click.echo(line.rstrip())


def _print(console: Console, parts: tuple[Any, ...]) -> None:
    for part in parts:
        # Texts are never folded: a path in two pieces cannot be copied.
        console.print(part, highlight=False, soft_wrap=isinstance(part, Text))


__all__ = ["show"]
