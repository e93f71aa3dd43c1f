"""Small tables that a caller writes by hand: CSV with a header line, each fault told with its line.

RFC 4180 with any line end: CR LF, LF or CR. Blank lines are passed over, and so are those that begin with ``#`` where a
row would.
"""

import csv
import re
from collections.abc import Collection, Iterator
from typing import NamedTuple, Self

from msgcore.errors import LocalError

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class TableRow(NamedTuple):
    """A row of a table: the number of its line, and the values by the names of the columns, without blanks around."""

    line: int
    values: dict[str, str]


def read_table(text: str, what: str, *, needed: Collection[str], optional: Collection[str] = ()) -> Iterator[TableRow]:
    """Yield the rows of ``text``; ``what`` names the table in errors.

    >>> list(read_table("zone, price\\n1, 0.01\\n", "the card", needed=("zone", "price")))
    [TableRow(line=2, values={'zone': '1', 'price': '0.01'})]

    Raises:
        LocalError: a column is unknown, missing or stands twice; a row has not as many fields; or it is no CSV.
    """
    lines = _Lines(text.removeprefix("\ufeff"))
    reader = csv.reader(lines, strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
        lines.row_begins = True
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise LocalError(f"{what}, line {line}: broken CSV: {error}") from error
        if fields is None:
            break
        fields = [field.strip() for field in fields]
        if not any(fields):
            continue
        if not columns:
            columns = [field.lower() for field in fields]
            _check_columns(columns, f"{what}, line {reader.line_num}", needed, optional)
        elif len(fields) != len(columns):
            raise LocalError(f"{what}, line {reader.line_num}: {len(fields)} fields, the header has {len(columns)}")
        else:
            yield TableRow(reader.line_num, dict(zip(columns, fields, strict=True)))
    if not columns:
        raise LocalError(f"{what}: expected a header line with the columns {', '.join(needed)}, got nothing")


class _Lines:
    """The lines of a table as the CSV reader asks for them.

    A comment stays in its place, empty, so that the lines of an error count as in an editor. A line in the middle of a
    quoted field is never one. Only CR and LF end a line, not what ``splitlines`` takes for an end.
    """

    def __init__(self, text: str) -> None:
        self._lines = _LINE.finditer(text)
        self.row_begins = True

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._lines).group()
        if self.row_begins and line.startswith("#"):
            return ""
        self.row_begins = False
        return line


def _check_columns(columns: list[str], where: str, needed: Collection[str], optional: Collection[str]) -> None:
    for name in columns:
        if name not in needed and name not in optional:
            raise LocalError(f"{where}: unknown column {name!r}; known are {', '.join((*needed, *optional))}")
        if columns.count(name) > 1:
            raise LocalError(f"{where}: column {name!r} stands there twice")
    for name in needed:
        if name not in columns:
            raise LocalError(f"{where}: column {name!r} is missing; got {', '.join(columns)}")


__all__ = ["TableRow", "read_table"]
