"""The parts that pages are made of: figures at a glance, sections, tables."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from transports.cli.report_page.markup import Markup, element, foreign, joined

Cell = str | int | Markup | None


class Tile(NamedTuple):
    """One figure at a glance."""

    label: str
    value: str
    hint: str = ""


class Column(NamedTuple):
    """One column of a table: its heading, and what stands in it."""

    heading: str
    holds: Literal["text", "number", "share", "long", "short", "glyph"] = "text"


def tiles(figures: Sequence[Tile]) -> Markup | None:
    """Return figures side by side."""
    if not figures:
        return None
    return element("dl", *(_tile(figure) for figure in figures), class_="tiles")


def section(title: str, *parts: Markup | None, name: str) -> Markup:
    """Return a part of the page with a heading; ``name`` is what a link may point to."""
    return element("section", element("h2", title, id=f"{name}-heading"), *parts, aria_labelledby=f"{name}-heading")


def side_by_side(*parts: Markup | None, unequal: bool = False) -> Markup:
    """Return parts beside each other where there is room, else below each other; ``unequal`` gives the last more."""
    class_ = "sides unequal" if unequal else "sides"
    return element("div", *(element("div", part) for part in parts if part is not None), class_=class_)


def says(sentence: str, *, class_: str | None = None) -> Markup:
    """Return a sentence."""
    return element("p", sentence, class_=class_)


def table(
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    total: Sequence[Cell] | None = None,
    more: str = "",
) -> Markup:
    """Return a table whose first column heads its rows; ``more`` tells of rows that are not shown."""
    head = element("thead", element("tr", *(_heading(column) for column in columns)))
    body = element("tbody", *(_row(columns, row) for row in rows))
    foot = None if total is None else element("tfoot", _row(columns, total))
    # Where it is wider than the page it scrolls, which has to be possible without a mouse, too.
    drawn = element(
        "div", element("table", head, body, foot, id=name), class_="table", role="region", tabindex=0,
        aria_label=f"table: {name.replace('-', ' ')}",
    )  # fmt: skip
    return joined(drawn, element("p", more, class_="note") if more else None)


def share(part: float, whole: float) -> str:
    """Return a part of a whole in per cent; nothing of nothing is a dash.

    >>> share(1, 8), share(1, 100_000), share(0, 0)
    ('12.5%', '<0.1%', '–')
    """
    if not whole:
        return "–"
    return "<0.1%" if 0 < part / whole < 0.0005 else f"{part / whole:.1%}"


def shortened(text: str, most: int = 38) -> str:
    """Return a text that is short enough for a label."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def plural(count: int, one: str, many: str = "") -> str:
    """Return a count with its word.

    >>> plural(1, "message"), plural(1200, "message")
    ('1 message', '1,200 messages')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def names_of(character: str) -> str:
    """Return the code points of a character with their Unicode names.

    >>> names_of("’")
    'U+2019 RIGHT SINGLE QUOTATION MARK'
    """
    return " + ".join(f"U+{ord(each):04X} {unicodedata.name(each, '(no name)')}" for each in character)


def _tile(figure: Tile) -> Markup:
    return element(
        "div",
        element("dt", figure.label),
        element("dd", figure.value),
        element("dd", figure.hint, class_="hint") if figure.hint else None,
        class_="tile",
    )


def _heading(column: Column) -> Markup:
    return element("th", column.heading, scope="col", class_=_class_of(column, only_numbers=True))


def _row(columns: Sequence[Column], row: Sequence[Cell]) -> Markup:
    cells = zip(columns, row, strict=True)
    return element("tr", *(_cell(column, cell, heads=index == 0) for index, (column, cell) in enumerate(cells)))


def _class_of(column: Column, *, only_numbers: bool = False) -> str | None:
    named = ("number", "share") if only_numbers else ("number", "share", "long", "short", "glyph")
    return column.holds if column.holds in named else None


def _cell(column: Column, cell: Cell, *, heads: bool) -> Markup:
    class_ = _class_of(column)
    if isinstance(cell, int):
        content: str | None = f"{cell:,}"
    else:
        content = (
            cell if cell is None or isinstance(cell, Markup) or column.holds in ("number", "share") else foreign(cell)
        )
    if heads and column.holds != "number":
        return element("th", content, scope="row", class_=class_)
    return element("td", content, class_=class_)


__all__ = [
    "Cell", "Column", "Tile", "names_of", "plural", "says", "section", "share", "shortened", "side_by_side", "table",
    "tiles",
]  # fmt: skip
