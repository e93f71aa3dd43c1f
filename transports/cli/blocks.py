"""Many rows of a campaign at once, column by column: for whoever needs no message of each."""

from abc import ABC, abstractmethod

from transports.cli.rows import RefusedRow, Row, RowReader


class Block(ABC):
    """Rows that have been read into values and no further; an absent value is an empty text."""

    def __init__(self, columns: dict[str, list[str]], count: int, row_reader: RowReader) -> None:
        self.columns = columns
        self.row_reader = row_reader
        self._count = count

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    @abstractmethod
    def line_of(self, index: int) -> int:
        """Return the number of the line where a row begins."""

    @abstractmethod
    def read(self, index: int) -> Row | RefusedRow | None:
        """Read one row as if there were no block; ``None`` for what a spreadsheet leaves of an emptied row."""


__all__ = ["Block"]
