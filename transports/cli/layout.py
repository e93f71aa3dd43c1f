"""How the reports for a person are laid out: titles, and below them tables that are indented and have no lines."""

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def grid() -> Table:
    """Return a table of names, numbers and remarks."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=20)
    table.add_column(justify="right")
    table.add_column()
    return table


def title(text: str) -> Padding:
    """Return a title, with room above it."""
    return Padding(Text(text, style="bold"), (1, 0, 0, 0))


def indented(part: RenderableType) -> Padding:
    """Return what stands below a title."""
    return Padding(part, (0, 0, 0, 2))


__all__ = ["grid", "indented", "title"]
