"""Numbers in Arrow columns: judged row by row as one call judges them, nulls stay null."""

from typing import Any

import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import columns
from msgcore.errors import ColumnError, NumberError
from msgcore.numbering import NumberStatus, parse_number
from tests.columns.handmade import Array, Producer, Schema
from tests.numbering.generated_numbers import examples

EXAMPLES = sorted(set(examples()))

numbers = st.one_of(
    st.none(),
    st.sampled_from(EXAMPLES),
    st.sampled_from(EXAMPLES).map(lambda number: number[:-1]),
    st.sampled_from(["", "+", "+999123456", "+4402070313000", "020 7031 3000", "+44２０7031", "+1" * 40, "x\0y", "😀"]),
    st.text(max_size=12),
)


def expected(number: str | None) -> dict[str, Any]:
    if number is None:
        return {"calling_code": None, "region": None, "kind": None, "status": None}
    try:
        found = parse_number(number)
    except NumberError as error:
        unknown = error.reason.startswith("no country")
        status = NumberStatus.UNKNOWN_CALLING_CODE if unknown else NumberStatus.NOT_E164
        return {"calling_code": None, "region": None, "kind": "unknown", "status": status.value}
    return {
        "calling_code": found.calling_code,
        "region": found.region,
        "kind": found.kind.value,
        "status": found.status.value,
    }


@given(st.lists(numbers, max_size=20), st.integers(0, 5), st.sampled_from(["string", "large_string", "string_view"]))
def test_a_row_is_judged_as_one_call_judges(rows: list[str | None], before: int, layout: str) -> None:
    array = pyarrow.array([None, "+1", "x", "+442070313000", "y"][:before] + rows, getattr(pyarrow, layout)())
    found = columns.classify_numbers(array.slice(before))
    assert pyarrow.array(found).to_pylist() == [expected(row) for row in rows]
    listed = [row for row in rows if row is not None]
    typed = columns.classify_numbers(listed)
    assert [typed.statuses[status].value for status in typed.status] == [expected(row)["status"] for row in listed]


def test_chunks_and_frames_of_one_column_are_read() -> None:
    frame = polars.DataFrame({"to": ["+442070313000", None, "+19195550123"]})
    table = polars.DataFrame(columns.classify_numbers(frame))
    assert table["region"].to_list() == ["GB", None, "US"]
    assert table["calling_code"].to_list() == [44, None, 1]
    chunks = pyarrow.chunked_array([["+442070313000"], [], [None, "+1"]], pyarrow.string())
    assert pyarrow.array(columns.classify_numbers(chunks)).field("status").null_count == 1


def test_no_rows_have_no_verdicts() -> None:
    assert len(columns.classify_numbers(pyarrow.array([], pyarrow.string()))) == 0


def test_a_column_that_lies_is_an_error_that_names_the_row() -> None:
    offsets = b"".join(value.to_bytes(4, "little") for value in (0, 3, 1))
    with pytest.raises(ColumnError):
        columns.classify_numbers(Producer(Schema(b"u"), [Array(2, [None, offsets, b"+1234"])]))


@pytest.mark.parametrize("wrong", [pyarrow.array([19195550123]), pyarrow.array([b"+1"]), ("+1",), None])
def test_what_holds_no_texts_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError):
        columns.classify_numbers(wrong)
