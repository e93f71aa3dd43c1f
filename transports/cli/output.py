"""What a command prints: fitted to a terminal, or plain lines for a pipe."""

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from errno import EPIPE
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
    with _writing():
        if console.is_terminal:
            _print(console, parts)
            return
        buffer = io.StringIO()
        _print(Console(file=buffer, width=PIPE_WIDTH), parts)
        for line in buffer.getvalue().splitlines():
            click.echo(line.rstrip())


def show_json(value: Any) -> None:
    """Print a value on standard output as JSON."""
    with _writing():
        click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Turn a standard output that cannot be written into one line on standard error, and status 1."""
    try:
        yield
    except OSError as error:
        if error.errno == EPIPE:  # somebody has seen enough: click ends quietly
            raise
        _discard_output()
        raise click.ClickException(f"standard output cannot be written: {error.strerror or error}") from error


def _discard_output() -> None:
    """Let what is still in the buffer go nowhere, or the interpreter fails over it once more when it ends."""
    with contextlib.suppress(OSError):  # no real file, as under a test runner
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _print(console: Console, parts: tuple[Any, ...]) -> None:
    for part in parts:
        # Texts are never folded: a path in two pieces cannot be copied.
        console.print(part, highlight=False, soft_wrap=isinstance(part, Text))


__all__ = ["show", "show_json"]
