"""Columns say of each row what the call for one text says."""

import itertools
from array import array
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import columns
from msgcore.encoding.segmentation import analyze, count_segments
from msgcore.errors import EncodingError, SegmentLimitError
from msgcore.tables.alphabets import Alphabet
from tests.columns.handmade import UTF8, Producer, utf8
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


@pytest.mark.parametrize("call", [columns.count_segments, columns.analyze, columns.segment])
def test_a_row_that_cannot_be_sent_is_empty_where_that_is_asked_for(call: Any) -> None:
    texts = ["fine", "\ud800", "–", "a" * 153 * 256]
    found = call(texts, errors="null")
    if call is columns.count_segments:
        assert found.tolist() == [1, 0, 1, 0]
    elif call is columns.analyze:
        assert found.segment_count.tolist() == [1, 0, 1, 0]
        assert found.is_ucs2.tolist() == [0, 0, 1, 0]
        assert found.unit_count.tolist() == [4, 0, 1, 0]
        assert found.units_left.tolist() == [156, 0, 69, 0]
        assert found.first_outside_gsm7.tolist() == [-1, -1, 0, -1]
    else:
        assert found.row_offsets.tolist() == [0, 1, 1, 2, 2]
    with pytest.raises(TypeError, match="text must be str, not NoneType") as caught:
        call(["fine", None], errors="null")
    assert caught.value.__notes__ == ["at index 1 of the list"]


def test_a_subclass_of_list_is_a_list() -> None:
    class Texts(list[str]):
        pass

    assert columns.count_segments(Texts(["a"])).tolist() == [1]
    assert columns.analyze(Texts(["a"])) == columns.analyze(["a"])
    assert columns.segment(Texts(["a"])) == columns.segment(["a"])
    assert columns.classify_numbers(Texts(["+1"])) == columns.classify_numbers(["+1"])


def test_languages_are_named_by_their_identifiers() -> None:
    found = columns.analyze(["a", "ş" * 100, "ığşçİ" * 30], languages="turkish")
    assert (found.single_shift.tolist(), found.locking_shift.tolist()) == ([0, 0, 0], [0, 1, 1])


def test_one_reference_serves_all_rows_or_each_has_its_own() -> None:
    long = ["a" * 161] * 2

    def written(reference: int | Sequence[int], bits: Literal[8, 16] = 8) -> list[str]:
        found = columns.segment(long, reference=reference, reference_bits=bits)
        return [found.user_data[found.user_data_offsets[j] :][: found.header_octets[j]].hex() for j in (0, 2)]

    assert written(7) == ["050003070201"] * 2
    assert written([7, 8]) == written((7, 8)) == written(array("B", [7, 8])) == ["050003070201", "050003080201"]
    assert written([0, 65535], 16) == ["06080400000201", "060804ffff0201"]


@pytest.mark.parametrize(
    ("reference", "error", "message"),
    [
        (256, ValueError, "0 to 255 in 8 bits, not 256"),
        (-1, ValueError, "0 to 255 in 8 bits"),
        (2**70, ValueError, "0 to 255 in 8 bits"),
        ([1, 256], ValueError, "0 to 255 in 8 bits, not 256"),
        ([1], ValueError, "reference has 1 numbers for 2 rows"),
        ([1, 2, 3], ValueError, "reference has 3 numbers for 2 rows"),
        ([], ValueError, "reference has 0 numbers for 2 rows"),
        ([1, -1], ValueError, "0 to 255 in 8 bits, not -1 for row 1"),
        ("12", TypeError, "reference must be int or a sequence of int, one a row, not str"),
        (b"12", TypeError, "reference must be int or a sequence of int, one a row, not bytes"),
        (1.5, TypeError, "reference must be int or a sequence of int, one a row, not float"),
        (None, TypeError, "reference must be int or a sequence of int, one a row, not NoneType"),
        (itertools.cycle([1]), TypeError, "reference must be int or a sequence of int, one a row, not cycle"),
        ([1, None], TypeError, "reference must be int or a sequence of int"),
        (True, TypeError, "reference must be int or a sequence of int, one a row, not bool"),
    ],
)
def test_references_that_fit_no_header_or_no_row_are_refused(
    reference: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        columns.segment(["one", "two"], reference=reference)
    with pytest.raises(error, match=message.replace("1 numbers for 2 rows", "1 numbers, and there are more rows")
                       .replace("0 numbers for 2 rows", "0 numbers, and there are more rows")):  # fmt: skip
        columns.segment(Producer(UTF8, [utf8([b"one"]), utf8([b"two"])]), reference=reference)


def test_results_compare_by_their_values_and_have_no_hash() -> None:
    for call in (columns.analyze, columns.segment):
        assert call(["a", "b"]) == call(["a", "b"]) != call(["a", "–"])
        assert len(call(["a", "b"])) == 2
        with pytest.raises(TypeError, match="unhashable"):
            hash(call([]))
