"""Columns say of each row what the call for one text says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import columns
from msgcore.encoding.segmentation import analyze, count_segments
from msgcore.errors import EncodingError, SegmentLimitError, UnsupportedError
from msgcore.tables.alphabets import Alphabet
from tests.reference.strategies import boundaries, cuttable_texts, reference_widths


@given(st.lists(cuttable_texts, max_size=5), boundaries, reference_widths)
def test_each_row_is_what_one_call_says(texts: list[str], boundary: Any, bits: Any) -> None:
    options = {"boundary": boundary, "reference_bits": bits}
    one_by_one = [analyze(text, **options) for text in texts]
    assert columns.count_segments(texts, **options).tolist() == [count_segments(text, **options) for text in texts]
    found = columns.analyze(texts, **options)
    assert len(found) == len(texts)
    assert found.is_ucs2.tolist() == [one.alphabet is Alphabet.UCS2 for one in one_by_one]
    assert found.segment_count.tolist() == [one.segment_count for one in one_by_one]
    assert found.unit_count.tolist() == [one.unit_count for one in one_by_one]
    assert found.units_left.tolist() == [one.units_left for one in one_by_one]


def test_buffers_have_stated_widths() -> None:
    found = columns.analyze(["a"])
    widths = [memoryview(column).itemsize for column in (found.is_ucs2, found.segment_count, found.unit_count)]
    assert widths == [1, 2, 4]
    assert columns.count_segments([]).tolist() == []


@pytest.mark.parametrize("call", [columns.count_segments, columns.analyze])
@pytest.mark.parametrize(
    ("row", "error"), [("\ud800", EncodingError), ("a" * 153 * 256, SegmentLimitError), (None, TypeError)]
)
def test_an_error_names_the_row(call: Any, row: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        call(["fine", row, "fine"])
    assert caught.value.__notes__ == ["at index 1 of the list"]


@pytest.mark.parametrize("call", [columns.count_segments, columns.analyze])
@pytest.mark.parametrize("wrong", ["abc", ("a", "b"), None])
def test_only_lists_are_taken(call: Any, wrong: object) -> None:
    with pytest.raises(TypeError, match="texts must be a list of str, not"):
        call(wrong)


def test_what_is_not_built_says_so() -> None:
    class Arrow:
        def __arrow_c_array__(self) -> None: ...

    with pytest.raises(UnsupportedError, match="Arrow columns are not read yet"):
        columns.count_segments(Arrow())  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="Arrow columns are not read yet"):
        columns.classify_numbers(Arrow())  # type: ignore[arg-type]
