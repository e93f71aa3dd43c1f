"""Small tables that a caller writes by hand: CSV with a header line, each fault told with its line.

RFC 4180 with any line end; blank lines and lines that begin with ``#`` are passed over.
"""

import csv
from collections.abc import Collection, Iterator
from typing import NamedTuple

from msgcore.errors import LocalError


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
    # Lines that are passed over stay in their places, empty, so that the lines of an error count as in an editor.
    lines = ["" if line.startswith("#") else line for line in text.removeprefix("\ufeff").splitlines(keepends=True)]
    reader = csv.reader(lines, strict=True)
    columns: list[str] = []
    while True:
        line = reader.line_num + 1
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
