"""A campaign as a Parquet file, where pyarrow is there to read it: the columns of a CSV one, in row groups.

The number of a row, from 1, stands for its line. Refused rows are set aside as JSON Lines, since that is what a person
can mend.
"""

import json
import os
from collections.abc import Iterator
from typing import Any, Self

from msgcore.errors import MissingExtraError
from transports.cli.blocks import Block
from transports.cli.campaign import CampaignError, Format
from transports.cli.keys import SeenKeys
from transports.cli.rows import COLUMNS, RefusedRow, Row, RowReader, known_columns

BLOCK_ROWS = 4096


class ParquetBlock(Block):
    """Rows of a Parquet file; a list of strings has an empty text in its column, and is read row by row."""

    def __init__(self, values: dict[str, list[Any]], count: int, first_row: int, row_reader: RowReader) -> None:
        columns = {
            name: [value if isinstance(value, str) else "" for value in column] for name, column in values.items()
        }
        super().__init__(columns, count, row_reader)
        # What is no text is not plain, but the columns cannot say so: only these rows do.
        self._values = values
        self._first_row = first_row

    def line_of(self, index: int) -> int:
        """Return the number of a row in the file."""
        return self._first_row + index

    def read(self, index: int) -> Row | RefusedRow | None:
        """Read one row as if it were a line of JSON."""
        values = {name: column[index] for name, column in self._values.items() if column[index] is not None}
        if not any(value.strip() if isinstance(value, str) else value for value in values.values()):
            return None
        raw = json.dumps(values, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
        return self.row_reader.read(self.line_of(index), raw, values)


class ParquetCampaign:
    """An open Parquet file; read it once, with :meth:`blocks`.

    Raises:
        CampaignError: missing or unreadable file, unknown or missing column.
        MissingExtraError: pyarrow is not installed.
    """

    format: Format = "jsonl"
    header = b""

    def __init__(self, path: str, *, sender: str | None = None) -> None:
        try:
            from pyarrow import ArrowException
            from pyarrow.parquet import ParquetFile
        except ImportError as error:
            raise MissingExtraError("reading Parquet", "parquet") from error
        self.path = path
        self.octets_read = 0
        self._keys = SeenKeys()
        self._row_reader = RowReader(sender, check_numbers=False)
        self._problems: type[Exception] = ArrowException
        try:
            self.octets: int | None = os.stat(path).st_size
            self._file: Any = ParquetFile(path)
        except OSError as error:
            raise CampaignError(f"{path}: {error.strerror or error}") from error
        except ArrowException as error:
            raise CampaignError(f"{path}: this is no Parquet file that can be read: {error}") from error
        self._check_columns(self._file.schema_arrow.names, sender)

    def blocks(self) -> Iterator[Block | Row | RefusedRow]:
        """Yield the rows in blocks."""
        first_row = 1
        for batch in self._file.iter_batches(batch_size=BLOCK_ROWS):
            values = {name: column.to_pylist() for name, column in zip(batch.schema.names, batch.columns, strict=True)}
            yield ParquetBlock(values, batch.num_rows, first_row, self._row_reader)
            first_row += batch.num_rows
            rows = self._file.metadata.num_rows
            self.octets_read = (self.octets or 0) * (first_row - 1) // max(rows, 1)

    def key_is_new(self, key: str, line: int) -> bool:
        """Tell whether no earlier row has ``key``, and note it."""
        return self._keys.line_of(key, line) is None

    def check_key(self, row: Row | RefusedRow) -> Row | RefusedRow:
        """Return ``row``, or its refusal where an earlier row has its key."""
        return self._keys.check(row)

    def close(self) -> None:
        """Close the file."""
        self._keys.close()
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check_columns(self, names: list[str], sender: str | None) -> None:
        for name in names:
            if name not in COLUMNS:
                raise CampaignError(f"{self.path}: unknown column {name!r}; known are {known_columns()}")
        for name in ("to",) if sender else ("to", "from"):
            if name not in names:
                hint = " (or give a default sender)" if name == "from" else ""
                raise CampaignError(f"{self.path}: column {name!r} is missing{hint}; known are {known_columns()}")
        if "text" not in names and "media" not in names:
            raise CampaignError(f"{self.path}: one of the columns 'text' and 'media' is needed")


__all__ = ["ParquetCampaign"]
