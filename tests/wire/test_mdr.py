"""Message detail records: what is written is read again, and what is no row is told, never lost."""

import csv
import io
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msgcore.errors import MdrError
from msgcore.wire import (
    MdrColumns,
    MdrHeader,
    MdrProblem,
    MdrReader,
    MdrRow,
    encode_mdr_header,
    encode_mdr_rows,
    mdr_column_names,
)
from msgcore.wire.mdr_reader import LINE_LIMIT

FIELDS: dict[str, Any] = {
    "account_id": "9900000",
    "message_type": "sms",
    "message_id": "1767225600000abcdefghijklmnop",
    "direction": "OUTBOUND",
    "source": "19195550100",
    "destination": "525556667777",
    "time": "2026-01-01T00:00:00.000Z",
}
ROW = MdrRow(**FIELDS)
HEADER = encode_mdr_header()
SHORT = b"AccountId,MessageType,MessageID,CallDirection,SourceTn,DestinationTn,TimeStamp\n"
LINE = b"9900000,sms,17,OUTBOUND,19195550100,525556667777,2018-11-01T00:07:45.622Z\n"


def read(content: bytes, size: int = 1 << 20) -> list[MdrRow | MdrProblem]:
    reader = MdrReader()
    found = [item for start in range(0, len(content), size) for item in reader.feed(content[start : start + size])]
    return found + reader.finish()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
COUNTS = st.none() | st.integers(0, 10**18 - 1)
ROWS = st.builds(
    MdrRow,
    **{name: st.just(value) for name, value in FIELDS.items() if name != "direction"},
    direction=st.sampled_from(["INBOUND", "OUTBOUND"]),
    zone=st.sampled_from(["", "1", "5"]),
    status=TEXTS,
    api_error_code=COUNTS,
    segment_count=COUNTS,
    location=TEXTS,
    tag=TEXTS,
)


@given(st.lists(ROWS, max_size=5), st.integers(1, 100))
@example([MdrRow(**FIELDS, tag='"')], 1)
@example([MdrRow(**FIELDS, tag=" \t"), MdrRow(**FIELDS, tag="a\r\n\r\nb")], 3)
def test_what_is_written_is_read_again_in_pieces_of_any_size(rows: list[MdrRow], size: int) -> None:
    assert read(HEADER + encode_mdr_rows(rows), size) == rows


@given(st.lists(ROWS, max_size=3))
def test_another_reader_of_csv_finds_the_same_values(rows: list[MdrRow]) -> None:
    found = list(csv.reader(io.StringIO((HEADER + encode_mdr_rows(rows)).decode(), newline="")))
    assert found[0] == list(mdr_column_names())
    assert [line[-1] for line in found[1:]] == [row.tag for row in rows]


@given(st.lists(st.sampled_from([LINE, b'"', b",", b"\n", b"a", b'x"y\n', b"\xff\n", b"\r\n", b"bad\n"]), max_size=30))
def test_no_octet_is_ever_lost(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    found = read(SHORT + content, 7)
    told = sum(len(item.raw) if isinstance(item, MdrProblem) else 0 for item in found)
    # A row may have been written with quotes, so its octets are counted by what is left over.
    assert told <= len(content)
    if not any(isinstance(item, MdrRow) for item in found):
        blank = sum(len(line) for line in content.splitlines(keepends=True) if not line.strip())
        assert told >= len(content) - blank
    lines = [item.line for item in found if isinstance(item, MdrProblem)]
    assert lines == sorted(lines)


def test_confirmed_columns_alone_can_be_written_and_read() -> None:
    row = MdrRow(**FIELDS, zone="1", status="DELIVERED", tag="lost")
    content = encode_mdr_header(MdrColumns.CONFIRMED_ONLY) + encode_mdr_rows([row], MdrColumns.CONFIRMED_ONLY)
    [found] = read(content)
    assert found == MdrRow(**FIELDS, zone="1", status="DELIVERED")


def test_the_published_columns_are_enough_in_any_order_and_with_others_between() -> None:
    content = (
        b"\xef\xbb\xbfTimeStamp,Unheard,accountid,MESSAGETYPE,MessageID,CallDirection,SourceTn,DestinationTn\r\n"
        b"2018-11-01T00:07:45.622Z,?,200001,sms,17,INBOUND,15555551234,525556667777\r\n\r\n"
    )
    [row] = read(content)
    assert isinstance(row, MdrRow)
    assert (row.account_id, row.time, row.status, row.is_outbound) == (
        "200001", "2018-11-01T00:07:45.622Z", "", False)  # fmt: skip
    assert row.timestamp.isoformat() == "2018-11-01T00:07:45.622000+00:00"


@pytest.mark.parametrize(
    "line, reason",
    [
        (b"what is this?\n", "expected 7 values, got 1"),
        (LINE.replace(b"OUTBOUND", b"out"), "CallDirection: expected INBOUND or OUTBOUND, got 'out'"),
        (LINE.replace(b",17,", b",,"), "MessageID: expected an id, got ''"),
        (LINE.replace(b"sms", b""), "MessageType: expected sms or mms, got ''"),
        (LINE.replace(b"525556667777", b"5.25557E+11"), "DestinationTn: expected digits of E.164"),
        (LINE.replace(b"19195550100", b""), "SourceTn: expected digits of E.164"),
        (LINE.replace(b"2018-11-01T", b"01.11.2018 "), "TimeStamp: expected a time"),
        (LINE.replace(b"sms", b"\xff"), "expected UTF-8"),
        (LINE.replace(b"sms", b'"sms'), "a quote is never closed"),
        (LINE.replace(b"sms", b'"s"ms'), "no row of CSV"),
    ],
)
def test_a_line_that_is_no_row_is_told_whole_and_the_next_one_is_read(line: bytes, reason: str) -> None:
    first, problem, last = read(SHORT + LINE + line + LINE)
    assert isinstance(problem, MdrProblem)
    assert (problem.line, problem.raw) == (3, line)
    assert problem.reason.startswith(reason)
    assert first == last
    assert isinstance(first, MdrRow)


def test_a_number_that_is_none_is_told_with_its_column() -> None:
    line = encode_mdr_rows([MdrRow(**FIELDS, segment_count=3)]).replace(b",3,", b",three,")
    [problem] = read(HEADER + line)
    assert isinstance(problem, MdrProblem)
    assert problem.reason == "SegmentCount: expected a whole number, got 'three'"


def test_a_line_without_end_costs_no_memory_and_is_told_in_pieces() -> None:
    content = b"x" * (3 * LINE_LIMIT) + b"\n"
    found = read(SHORT + content + LINE, 1000)
    assert isinstance(found[-1], MdrRow)
    assert b"".join(item.raw for item in found[:-1] if isinstance(item, MdrProblem)) == content
    assert {item.line for item in found[:-1] if isinstance(item, MdrProblem)} == {2}


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"to,from,text\n", SHORT.replace(b"\n", b",MessageID\n"), b"\xff\n", b'"', b"x" * 200_000]
)
def test_what_begins_with_no_header_is_no_file_of_records(content: bytes) -> None:
    with pytest.raises(MdrError):
        read(content)


def test_a_header_says_which_column_is_missing() -> None:
    with pytest.raises(MdrError, match="line 1: expected a header with the column DestinationTn"):
        MdrHeader([name for name in mdr_column_names() if name != "DestinationTn"])


def test_a_time_that_somebody_made_by_hand_may_be_none() -> None:
    with pytest.raises(MdrError, match="TimeStamp"):
        _ = MdrRow(**{**FIELDS, "time": "soon"}).timestamp
