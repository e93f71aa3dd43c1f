"""CSV in blocks: many records in one go, wherever nothing about them is unusual.

How this works: a block of lines is parsed as a whole. If everything in it is as RFC 4180 has it, every record with the
header's number of fields and none of an extraordinary size, then reading it record by record would have given the same,
and the columns are handed over as they are. Otherwise the lines are given back, and read one record at a time by
``csv_records.py``, which knows how to lose no more than the line that is broken.
"""

import csv
from collections.abc import Iterator

from transports.cli.blocks import Block
from transports.cli.csv_records import MAX_RECORD_OCTETS, BrokenRecord, Record, read_records
from transports.cli.lines import Line, LineReader
from transports.cli.rows import RefusedRow, Row, RowReader

BLOCK_OCTETS = 1 << 18
MAX_OCTETS_OF_A_CHARACTER = 4  # a quote counts two, and each field may be in quotes


class CsvBlock(Block):
    """Records of a CSV file; ``ends`` says how many of ``lines`` are over at the end of each."""

    def __init__(
        self, columns: dict[str, list[str]], ends: list[int], lines: list[Line], row_reader: RowReader
    ) -> None:
        super().__init__(columns, len(ends), row_reader)
        self._ends = ends
        self._lines = lines

    def line_of(self, index: int) -> int:
        """Return the number of the first line of a record."""
        return self._lines_of(index)[0].number

    def read(self, index: int) -> Row | RefusedRow | None:
        """Read one record as ``csv_records.py`` has it."""
        values = {name: column[index] for name, column in self.columns.items()}
        if not any(map(str.strip, values.values())):
            return None
        lines = self._lines_of(index)
        return self.row_reader.read(lines[0].number, b"".join(line.raw for line in lines), values)

    def _lines_of(self, index: int) -> list[Line]:
        lines = self._lines[self._ends[index - 1] if index else 0 : self._ends[index]]
        while not lines[0].raw.strip():  # empty lines before a record are not part of it
            del lines[0]
        return lines


def read_blocks(
    lines: LineReader, columns: list[str], row_reader: RowReader
) -> Iterator[CsvBlock | Record | BrokenRecord]:
    """Yield the records of a file in blocks, and one by one where something is unusual."""
    records = read_records(lines, len(columns))
    while True:
        while lines.has_pushed_back:
            record = next(records, None)
            if record is None:
                return
            yield record
        taken = lines.next_block(BLOCK_OCTETS)
        if not taken:
            return
        block = _parse(taken, columns, row_reader)
        if block is not None:
            yield block
        else:
            lines.push_back(taken)


def _parse(lines: list[Line], columns: list[str], row_reader: RowReader) -> CsvBlock | None:
    # The parser takes \r\r\n for a line end, and csv_records.py does not.
    if lines[-1].cut or any(b"\r\r" in line.raw for line in lines):
        return None
    ends: list[int] = []
    records: list[list[str]] = []
    try:
        reader = csv.reader([line.raw.decode("utf-8") for line in lines], strict=True)
        for fields in reader:
            if fields:
                records.append(fields)
                ends.append(reader.line_num)
        by_column = list(zip(*records, strict=True))
    except (csv.Error, UnicodeDecodeError, ValueError):
        return None
    if records and (len(by_column) != len(columns) or _may_be_oversized(by_column)):
        return None
    values = dict(zip(columns, map(list, by_column), strict=True)) if records else {name: [] for name in columns}
    return CsvBlock(values, ends, lines, row_reader)


def _may_be_oversized(columns: list[tuple[str, ...]]) -> bool:
    """Tell whether a record might be longer than one may be; most are so far from it that this is enough to know."""
    longest = sum(max(map(len, column)) for column in columns)
    return (longest + 4 * len(columns)) * MAX_OCTETS_OF_A_CHARACTER > MAX_RECORD_OCTETS


__all__ = ["CsvBlock", "read_blocks"]
