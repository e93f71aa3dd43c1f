import doctest
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import msgcore.kernel.numbers as kernel
from tests.reference import numbers as reference

FUNCTIONS: list[Callable[[str], object]] = [
    kernel.is_e164,
    kernel.e164_fault,
    kernel.alphanumeric_fault,
    kernel.sender_shape,
]

# Mostly near misses: signs, digits of other scripts, letters that look like ASCII, the line end that "$" forgives.
near_numbers = st.text(st.sampled_from("+0123456789 \n-٣９Ａ€é😀Kab"), max_size=18)
numbers = st.from_regex(r"\+[0-9]{0,17}", fullmatch=True)
toll_free_like = st.from_regex(r"\+18[0-9]{0,9}", fullmatch=True)
short_codes = st.from_regex(r"[0-9]{3,8}", fullmatch=True)
names = st.text(st.sampled_from("AZaz09 -+_&@[`{."), max_size=13)
senders = st.one_of(near_numbers, numbers, toll_free_like, short_codes, names, st.text(max_size=14))


@given(senders)
def test_e164_syntax_is_that_of_the_reference(text: str) -> None:
    assert kernel.is_e164(text) is reference.is_e164(text)


@given(senders)
def test_first_fault_of_a_number_is_where_no_continuation_helps(text: str) -> None:
    assert kernel.e164_fault(text) == reference.e164_fault(text)


@given(senders)
def test_first_fault_of_an_alphanumeric_sender_is_where_no_continuation_helps(text: str) -> None:
    assert kernel.alphanumeric_fault(text) == reference.alphanumeric_fault(text)


@given(senders)
def test_sender_shape_is_that_of_the_reference(text: str) -> None:
    assert kernel.sender_shape(text) == reference.sender_shape(text)


@pytest.mark.parametrize("code", range(1000))
def test_every_area_code_is_toll_free_or_not_as_listed(code: int) -> None:
    toll_free = code in {800, 833, 844, 855, 866, 877, 888}
    assert kernel.sender_shape(f"+1{code:03d}5550100") == (2 if toll_free else 1)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("wrong", [None, b"+19195550100", 19195550100, ["+19195550100"]])
def test_only_strings_are_read(function: Callable[[object], object], wrong: object) -> None:
    with pytest.raises(TypeError, match=f"text must be str, not {type(wrong).__name__}"):
        function(wrong)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_subclass_of_str_is_read_like_a_str(function: Callable[[str], object]) -> None:
    class Tagged(str):
        pass

    for text in ("+19195550100", "12345", "Acme", "", "+1 919"):
        assert function(Tagged(text)) == function(text)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_examples_in_the_docstring_hold(function: Callable[[str], object]) -> None:
    (examples,) = doctest.DocTestFinder().find(function, globs=vars(kernel), module=False)
    results = doctest.DocTestRunner().run(examples)
    assert results.attempted > 0
    assert results.failed == 0
