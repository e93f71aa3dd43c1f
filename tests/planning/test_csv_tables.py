import pytest

from msgcore.errors import LocalError
from msgcore.planning.csv_tables import TableRow, read_table


def read(text: str) -> list[TableRow]:
    return list(read_table(text, "zones", needed=("region", "zone"), optional=("note",)))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_ends_a_row(end: str) -> None:
    rows = read(end.join(["# head", "region,zone", "", "US,1", "#CA,1", "GB,3"]))
    assert rows == [(4, {"region": "US", "zone": "1"}), (6, {"region": "GB", "zone": "3"})]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_nothing_else_ends_a_row(character: str) -> None:
    ((line, values),) = read(f"region,zone,note\nUS,1,one{character}two\n")
    assert (line, values["note"]) == (2, f"one{character}two")


def test_quoted_field_may_have_a_line_that_looks_like_a_comment() -> None:
    rows = read('region,zone,note\nUS,1,"one\n#two\n\n# three"\n# a comment\nCA,1,\n')
    assert [row.values["note"] for row in rows] == ["one\n#two\n\n# three", ""]
    assert [row.line for row in rows] == [5, 7]


def test_lines_are_counted_through_quoted_fields() -> None:
    with pytest.raises(LocalError, match="zones, line 4: 1 fields"):
        read('region,zone,note\nUS,1,"one\n#two"\nCA\n')
