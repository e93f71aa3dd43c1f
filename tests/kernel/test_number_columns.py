"""A column of numbers says of each row what one call says; the fuzz tests compare the two on any text."""

import pytest

from msgcore import columns
from msgcore.errors import NumberError
from msgcore.numbering import NumberStatus, parse_number
from tests.numbering.generated_numbers import generate


def test_each_row_is_what_one_call_says() -> None:
    texts = list(generate(30_000, seed=7))
    found = columns.classify_numbers(texts)
    for row, text in enumerate(texts):
        try:
            number = parse_number(text)
        except NumberError:
            assert found.statuses[found.status[row]] is NumberStatus.UNKNOWN_CALLING_CODE
            continue
        assert found.statuses[found.status[row]] is number.status
        assert found.kinds[found.kind[row]] is number.kind
        assert found.regions[found.region[row]] == number.region
        assert found.calling_code[row] == number.calling_code


def test_buffers_have_stated_widths() -> None:
    found = columns.classify_numbers(["+442070313000"])
    assert [found.calling_code.typecode, found.region.typecode, found.kind.typecode, found.status.typecode] == [*"HBBB"]
    assert found.status.tolist() == [0]
    assert len(found) == 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(found)


def test_an_empty_column_has_empty_buffers() -> None:
    assert len(columns.classify_numbers([])) == 0


@pytest.mark.parametrize("text", ["", "+", "+4", "+0", "4420", "+44 20", "+" + "1" * 16, "+١٢٣", "+1919555O100", "😀"])
def test_what_is_no_number_is_marked_and_no_error(text: str) -> None:
    found = columns.classify_numbers([text])
    assert found.statuses[found.status[0]] is NumberStatus.NOT_E164
    assert (found.calling_code[0], found.regions[found.region[0]], found.kind[0]) == (0, None, 0)


@pytest.mark.parametrize("wrong", [None, 1, b"+442070313000"])
def test_a_row_of_another_type_is_named(wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str") as caught:
        columns.classify_numbers(["+442070313000", wrong])  # type: ignore[list-item]
    assert caught.value.__notes__ == ["at index 1 of the list"]


def test_a_column_is_a_list() -> None:
    with pytest.raises(TypeError, match="expected a list of str"):
        columns.classify_numbers(("+442070313000",))  # type: ignore[call-overload]
