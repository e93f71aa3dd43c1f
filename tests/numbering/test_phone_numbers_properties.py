"""Against libphonenumber, whose answer counts only when it changed nothing about what was written."""

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.errors import NumberError
from msgcore.numbering import NumberKind, NumberStatus, is_valid_number, parse_number
from tests.numbering import differential
from tests.numbering.generated_numbers import TRUNK_PREFIXES, examples, generate
from tests.reference.numbers import is_e164

EXAMPLES = examples()


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number of some plan, left alone, with a trunk prefix, or with a digit changed, added or lost."""
    text: str = draw(st.sampled_from(EXAMPLES))
    position = draw(st.integers(1, len(text)))
    inserted = draw(st.sampled_from(["", "", *"0123456789", *TRUNK_PREFIXES]))
    return f"{text[:position]}{inserted}{text[position + draw(st.integers(0, 1)) :]}"


def is_valid_and_untouched(text: str) -> bool:
    try:
        number = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return is_e164(text) and bool(written == text) and bool(phonenumbers.is_valid_number(number))


def test_every_example_of_every_plan_is_valid() -> None:
    assert len(EXAMPLES) > 1000
    assert [text for text in EXAMPLES if not is_valid_number(text)] == []


@given(numbers())
def test_valid_means_valid_exactly_as_written(text: str) -> None:
    assert is_valid_number(text) is is_valid_and_untouched(text)


@given(numbers())
def test_number_is_judged_as_it_is_written(text: str) -> None:
    try:
        number = parse_number(text)
    except NumberError:
        return
    assert number.e164 == text == f"+{number.calling_code}{number.national_number}"
    assert number.is_valid is (number.reason is None) is (number.status is NumberStatus.VALID) is is_valid_number(text)
    assert (number.reason or "valid").startswith(number.status)
    assert number.is_possible or not number.is_valid
    assert number.is_valid or number.kind is NumberKind.UNKNOWN


@given(st.text(max_size=20).filter(lambda text: not is_e164(text)))
def test_wrong_syntax_is_always_an_error_inside_the_text(text: str) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text)
    assert caught.value.text == text
    assert 0 <= caught.value.position <= len(text)


@given(st.sampled_from(EXAMPLES), st.sampled_from(TRUNK_PREFIXES))
def test_number_named_instead_of_one_with_a_trunk_prefix_is_valid(text: str, prefix: str) -> None:
    number = parse_number(text)
    written = f"+{number.calling_code}{prefix}{number.national_number}"
    if is_e164(written) and (reason := parse_number(written).reason) and "trunk" in reason:
        assert is_valid_number(reason.rpartition(" ")[2])


@given(st.text(max_size=30), st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
def test_lenient_reading_yields_a_number_or_raises_number_error(text: str, region: str) -> None:
    try:
        number = parse_number(text, region=region)
    except NumberError:
        return
    assert number.e164 == f"+{number.calling_code}{number.national_number}"
    assert is_e164(number.e164) or not number.is_possible


@given(st.sampled_from(EXAMPLES))
def test_national_format_read_in_its_region_is_the_same_number(text: str) -> None:
    number = parse_number(text)
    if number.region is not None:
        national = phonenumbers.format_number(phonenumbers.parse(text), phonenumbers.PhoneNumberFormat.NATIONAL)
        assert parse_number(national, region=number.region) == number


def test_a_hundred_thousand_numbers_are_judged_as_libphonenumber_judges_them() -> None:
    different: list[differential.Difference] = []
    classes = differential.run(generate(100_000, differential.SEED), different.append)
    assert different == []
    # A generator that stops reaching a class would prove nothing about it.
    assert all(classes[name] > 1000 for name in [*differential.LENGTHS.values(), "valid", "rewritten"])
    assert classes["without area code"]


@given(st.from_regex(r"\+[1-9][0-9]{1,14}", fullmatch=True))
def test_any_digits_are_judged_as_libphonenumber_judges_them(text: str) -> None:
    assert isinstance(differential.judge(text), str)
