"""The campaign file: every row is a message or a refused row with its line, its octets and a reason."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.wire import Message
from transports.cli.campaign import Campaign, CampaignError, RefusedRow, Row

HEADER = b"to,from,text\n"
GOOD = b"+19195550123,+19195550100,hello\n"


def read(path: Path, content: bytes, **options: object) -> list[Row | RefusedRow]:
    path.write_bytes(content)
    with Campaign(str(path), **options) as campaign:  # type: ignore[arg-type]
        return list(campaign)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "campaign.csv"


@pytest.fixture
def jsonl(tmp_path: Path) -> Path:
    return tmp_path / "campaign.jsonl"


def messages(rows: list[Row | RefusedRow]) -> list[Message]:
    assert all(isinstance(row, Row) for row in rows), rows
    return [row.message for row in rows if isinstance(row, Row)]


def lines_and_kinds(rows: list[Row | RefusedRow]) -> list[tuple[int, str]]:
    return [(row.line, type(row).__name__) for row in rows]


# ----------------------------------------------------------------------------------------------------------- good rows


def test_a_header_alone_is_a_campaign_of_no_rows(csv: Path) -> None:
    assert read(csv, HEADER) == []
    assert read(csv, b"to,from,text") == []


def test_every_column_reaches_its_field(csv: Path) -> None:
    header = b"key,expiration,priority,application_id,tag,media,text,from,to\n"
    row = b"k-1,2030-01-01T00:00:00Z,high,app,t 1,https://a.example/1.png https://a.example/2.png,hi,+19195550100,"
    [message] = messages(read(csv, header + row + b"+19195550123;+19195550124\n"))
    assert message == Message(
        to=("+19195550123", "+19195550124"),
        from_="+19195550100",
        text="hi",
        media=("https://a.example/1.png", "https://a.example/2.png"),
        tag="t 1",
        application_id="app",
        priority="high",
        expiration="2030-01-01T00:00:00Z",
        key="k-1",
    )


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("https://a.example/1", ("https://a.example/1",)),
        (" https://a.example/1  https://a.example/2 ", ("https://a.example/1", "https://a.example/2")),
        ("https://a.example/1;https://a.example/2", ("https://a.example/1", "https://a.example/2")),
        ("https://a.example/1; https://a.example/2", ("https://a.example/1", "https://a.example/2")),
        ("https://a.example/1;v=2", ("https://a.example/1;v=2",)),
    ],
)
def test_attachments_are_separated_by_blanks_or_semicolons(csv: Path, media: str, expected: tuple[str, ...]) -> None:
    [message] = messages(read(csv, f"to,from,media\n+19195550123,+19195550100,{media}\n".encode()))
    assert message.media == expected


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["", "byte order mark"])
def test_line_ends_and_byte_order_marks_of_any_platform_are_read(csv: Path, end: bytes, mark: bytes) -> None:
    content = mark + b'to,from,text\n+19195550123,+19195550100,"one\ntwo"\n+19195550123,+19195550100,three'
    rows = read(csv, content.replace(b"\n", end))
    assert [message.text for message in messages(rows)] == [f"one{end.decode()}two", "three"]
    assert [row.line for row in rows] == [2, 4]


def test_quoted_fields_hold_commas_quotes_and_line_breaks(csv: Path) -> None:
    rows = read(csv, HEADER + b'+19195550123,+19195550100,"a, ""b""\n\nc"\n' + GOOD)
    assert [message.text for message in messages(rows)] == ['a, "b"\n\nc', "hello"]
    assert [row.line for row in rows] == [2, 5]


def test_a_quote_inside_an_unquoted_field_is_text(csv: Path) -> None:
    assert messages(read(csv, HEADER + b'+19195550123,+19195550100,12" pizza\n' + GOOD))[0].text == '12" pizza'


def test_empty_lines_are_no_rows(csv: Path) -> None:
    rows = read(csv, HEADER + b"\n" + GOOD + b"  \n\r\n" + GOOD + b"\n")
    assert lines_and_kinds(rows) == [(3, "Row"), (6, "Row")]


def test_a_default_sender_fills_rows_and_files_that_have_none(csv: Path) -> None:
    content = HEADER + b"+19195550123,,a\n+19195550123,+19195550111,b\n"
    assert [m.from_ for m in messages(read(csv, content, sender="+19195550100"))] == ["+19195550100", "+19195550111"]
    assert messages(read(csv, b"to,text\n+19195550123,a\n", sender="+19195550100"))[0].from_ == "+19195550100"


def test_column_names_are_read_whatever_their_case_and_blanks(csv: Path) -> None:
    assert len(messages(read(csv, b"To, FROM ,Text\n" + GOOD))) == 1


# ------------------------------------------------------------------------------------------------------------ bad rows


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (b"919-555-0123,+19195550100,hello", "to", "to[0]: '919-555-0123': expected an E.164 number"),
        (b",+19195550100,hello", "to", "to: "),
        (b"+19195550123,,hello", "from", "from: "),
        (b"+19195550123,+19195550100,", "text", "text: "),
        (b"+19195550123,+19195550100," + b"x" * 2049, "text", "text: 2049 characters, at most 2048"),
        (b";".join(b"+191955501%02d" % n for n in range(11)) + b",+19195550100,x", "to", "to: 11 "),
        (b"+19195550123;+19195550123,+19195550100,x", "to", "to[1]: "),
        (b"+19195550123,+19195550100", "row", "broken CSV line: 2 fields, the header has 3"),
        (b"+19195550123,+19195550100,a,b", "row", "broken CSV line: 4 fields, the header has 3"),
        (b'+19195550123,+19195550100,"a"b', "row", "broken CSV line: ',' expected after '\"'"),
        (b"+19195550123,+19195550100,Caf\xe9", "row", "not UTF-8: octet 0xE9 at position 30 of the row"),
        (b'+19195550123,+19195550100,"Caf\xe9"', "row", "not UTF-8: octet 0xE9 at position 31 of the row"),
        (b"+19195550123,+19195550100,a\rb", "row", "broken CSV line: a carriage return"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_bad_row_is_refused_with_a_reason_and_costs_no_other(csv: Path, row: bytes, field: str, reason: str) -> None:
    before, refused, after = read(csv, HEADER + GOOD + row + b"\n" + GOOD)
    assert isinstance(before, Row)
    assert isinstance(after, Row)
    assert after.line == 4
    assert isinstance(refused, RefusedRow)
    assert (refused.line, refused.field, refused.raw) == (3, field, row + b"\n")
    assert refused.reason.startswith(reason)


def test_an_unknown_media_scheme_is_refused(csv: Path) -> None:
    [row] = read(csv, b"to,from,media\n+19195550123,+19195550100,ftp://a.example/1\n")
    assert isinstance(row, RefusedRow)
    assert row.field == "media"


def test_a_quote_that_is_never_closed_costs_its_own_row_only(csv: Path) -> None:
    broken = b'+19195550123,+19195550100,"never closed\n'
    rows = read(csv, HEADER + GOOD + broken + GOOD * 5)
    assert lines_and_kinds(rows) == [(2, "Row"), (3, "RefusedRow"), *((line, "Row") for line in range(4, 9))]
    refused = rows[1]
    assert isinstance(refused, RefusedRow)
    assert refused.raw == broken
    assert "a quote is opened and not closed before the next row" in refused.reason


def test_an_open_quote_before_a_row_of_several_lines_costs_its_own_row_only(csv: Path) -> None:
    several = b'+19195550123,+19195550100,"one\ntwo\nthree"\n'
    rows = read(csv, HEADER + b'+19195550123,+19195550100,"open\n' + several + GOOD)
    assert lines_and_kinds(rows) == [(2, "RefusedRow"), (3, "Row"), (6, "Row")]


def test_an_open_quote_in_the_last_row_is_refused(csv: Path) -> None:
    assert lines_and_kinds(read(csv, HEADER + GOOD + b'+1,+1,"x')) == [(2, "Row"), (3, "RefusedRow")]


def test_open_quotes_row_after_row_are_each_refused(csv: Path) -> None:
    rows = read(csv, HEADER + b'+19195550123,+19195550100,"x\n' * 300 + GOOD)
    assert isinstance(rows[-1], Row)
    assert all(isinstance(row, RefusedRow) for row in rows[:-1])
    assert b"".join(row.raw for row in rows[:-1]) == b'+19195550123,+19195550100,"x\n' * 300


def test_an_overlong_line_is_refused_and_the_next_one_read(csv: Path) -> None:
    rows = read(csv, HEADER + b"+19195550123,+19195550100," + b"x" * (3 << 20) + b"\n" + GOOD)
    assert lines_and_kinds(rows) == [(2, "RefusedRow"), (3, "Row")]
    assert isinstance(rows[0], RefusedRow)
    assert "longer than 1048576 octets" in rows[0].reason


def test_a_second_row_with_the_same_key_is_refused_naming_the_first(csv: Path) -> None:
    content = b"to,from,text,key\n" + b"".join(GOOD.strip() + b",%s\n" % key for key in (b"a", b"", b"b", b"", b"a"))
    rows = read(csv, content)
    assert [type(row) for row in rows] == [Row, Row, Row, Row, RefusedRow]
    assert isinstance(rows[4], RefusedRow)
    assert rows[4].reason == "key: 'a' stands in line 2 already"


@given(st.binary(max_size=400))
def test_whatever_stands_in_a_file_every_octet_of_it_is_in_some_row(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "campaign.csv"
    content += b"\n" + b"+19195550123,+19195550100,\xc3\xa9\n" * 500  # else the file as a whole may not be UTF-8
    rows = read(path, HEADER + content)
    whole = b"".join(line for line in content.splitlines(keepends=True) if line.strip())
    read_back = b"".join(line for row in rows for line in row.raw.splitlines(keepends=True) if line.strip())
    assert read_back == whole


@given(
    st.lists(st.sampled_from([GOOD, b'+19195550123,+19195550100,"open\n', b'a,b,"c\nd"\n', b'"x"y,\n', b"\n", b'"\n']))
)
def test_a_good_row_on_its_own_line_is_never_lost_to_broken_ones(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    content = b"".join(lines)
    rows = read(tmp_path_factory.mktemp("fuzz") / "campaign.csv", HEADER + content + GOOD)
    assert isinstance(rows[-1], Row)
    assert rows[-1].raw.endswith(GOOD)


# ---------------------------------------------------------------------------------------------------------- JSON Lines


def test_json_lines_take_lists_or_strings(jsonl: Path) -> None:
    rows = [
        {"to": "+19195550123;+19195550124", "from": "+19195550100", "text": "a"},
        {"to": ["+19195550123"], "from": "+19195550100", "media": ["https://a.example/1"], "text": None},
    ]
    one, other = messages(read(jsonl, "\n".join(map(json.dumps, rows)).encode()))
    assert (one.to, other.to) == (("+19195550123", "+19195550124"), ("+19195550123",))
    assert other.media == ("https://a.example/1",)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"nonsense", "broken JSON: "),
        (b"[1]", "expected a JSON object, got list"),
        (b'{"to": "+19195550123", "from": "+19195550100", "text": 5}', "text: expected a string, got 5"),
        (b'{"to": [5], "from": "+19195550100", "text": "x"}', "to: expected strings, got [5]"),
        (b'{"to": "+19195550123", "from": "+19195550100", "": "x"}', '"": unknown field; known are to, from'),
        (b'{"to": "+19195550123", "from": "+19195550100", "txt": "x"}', "txt: unknown field; known are to, from"),
        (b'{"to": "+19195550123", "from": "+19195550100", "[o": "x"}', "[o: unknown field; known are to, from"),
        (b'{"to": "+19195550123", "from": "+19195550100", "text": "\xe9"}', "not UTF-8: octet 0xE9"),
        (b'{"to": "+19195550123", "from": "+19195550100", "text": "\\ud800"}', "text: "),
        (b"[" * 100_000, "broken JSON: "),
    ],
    ids=lambda value: value[:30].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_bad_line_of_json_is_refused_and_costs_no_other(jsonl: Path, row: bytes, reason: str) -> None:
    good = b'{"to": "+19195550123", "from": "+19195550100", "text": "x"}\n'
    before, refused, after = read(jsonl, good + row + b"\n" + good)
    assert (type(before), type(refused), type(after)) == (Row, RefusedRow, Row)
    assert isinstance(refused, RefusedRow)
    assert refused.reason.startswith(reason)
    assert refused.field
    assert reason.startswith(refused.field) or refused.field == "row"
    assert (refused.line, refused.raw) == (2, row + b"\n")


# ------------------------------------------------------------------------------------------------------ the whole file


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"to,from,message\n", "line 1: unknown column 'message'; known are to, from, text"),
        (b"to,from,text,to\n", "line 1: column 'to' stands there twice"),
        (b"from,text\n", "line 1: column 'to' is missing"),
        (b"to,text\n", "line 1: column 'from' is missing (or give a default sender)"),
        (b"to,from\n", "line 1: one of the columns 'text' and 'media' is needed"),
        ("to,from,text\n".encode("utf-16"), "this looks like UTF-16; save it as UTF-8"),
        ("to,from,text\n".encode("utf-16-le"), "this looks like UTF-16; save it as UTF-8"),
        (b"to,from,t\xe9xt\n", "line 1: the header cannot be read: not UTF-8: octet 0xE9"),
        (b"\x89PNG\r\n\x1a\n", "line 1: the header cannot be read"),
        (b"\x7fELF\x02\x01\x01\0\n", "this is no text file"),
        (b'"to,from\n', "line 1: the header cannot be read"),
    ],
    ids=lambda value: value[:16].decode("latin-1") if isinstance(value, bytes) else None,
)
def test_a_file_that_cannot_be_a_campaign_says_so_before_anything_is_read(
    csv: Path, content: bytes, problem: str
) -> None:
    with pytest.raises(CampaignError) as caught:
        read(csv, content)
    assert str(caught.value).startswith(str(csv))
    assert problem in str(caught.value)


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_a_file_in_another_encoding_is_refused_as_a_whole(csv: Path, jsonl: Path, rows: int) -> None:
    with pytest.raises(CampaignError, match="this is not UTF-8 "):
        read(csv, HEADER + "+19195550123,+19195550100,Café\n".encode("cp1252") * rows)
    with pytest.raises(CampaignError, match="this is not UTF-8 "):
        read(jsonl, b"\n" + '{"to": "+19195550123", "from": "+19195550100", "text": "é"}\n'.encode("cp1252") * rows)


def test_a_file_of_mostly_ascii_in_another_encoding_is_refused_as_a_whole(csv: Path) -> None:
    with pytest.raises(CampaignError, match="this is not UTF-8 "):
        read(csv, HEADER + (GOOD * 9 + b"+19195550123,+19195550100,Caf\xe9\n") * 10)


def test_a_text_of_many_lines_is_one_row(csv: Path) -> None:
    text = "y\n" * 1000
    [message] = messages(read(csv, HEADER + f'+19195550123,+19195550100,"{text}"\n'.encode()))
    assert message.text == text


def test_rows_that_a_spreadsheet_left_empty_are_no_rows(csv: Path) -> None:
    assert lines_and_kinds(read(csv, HEADER + GOOD + b",,\n , ,\n" + GOOD)) == [(2, "Row"), (5, "Row")]


def test_semicolons_between_columns_are_noticed(csv: Path) -> None:
    with pytest.raises(CampaignError, match="save the file with commas"):
        read(csv, b"to;from;text\n")


def test_a_misspelt_field_in_the_first_line_of_json_is_an_error_of_the_file(jsonl: Path) -> None:
    with pytest.raises(CampaignError, match="line 1: unknown field 'txt'"):
        read(jsonl, b'{"to": "+19195550123", "from": "+19195550100", "txt": "x"}\n')


def test_a_missing_file_or_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="No such file or directory"):
        Campaign(str(tmp_path / "missing.csv"))
    with pytest.raises(CampaignError, match="Is a directory"):
        Campaign(str(tmp_path))


def test_memory_does_not_grow_with_the_file(csv: Path) -> None:
    def peak(rows: int) -> int:
        csv.write_bytes(
            b"to,from,text,key\n" + b"".join(GOOD.strip() + b",key-%d\n" % number for number in range(rows))
        )
        with Campaign(str(csv)) as campaign:
            tracemalloc.start()
            try:
                assert sum(isinstance(row, Row) for row in campaign) == rows
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    peak(10)  # whatever is allocated once
    assert peak(20_000) < peak(2_000) + 500_000  # the rows alone would take many times that
