"""Strings from anywhere, as numbers: accepted, or a documented error with a place inside the string."""

import pickle

from hypothesis import given
from hypothesis import strategies as st

from msgcore import columns
from msgcore.errors import NumberError
from msgcore.numbering import NumberStatus, PhoneNumber, is_valid_number, parse_number
from tests.reference.numbers import is_e164

# Digits of other scripts, surrogates and NUL among what nearly is a number.
strings = st.one_of(
    st.text(max_size=24),
    st.text(st.sampled_from("+0123456789"), max_size=20),
    st.text(st.sampled_from("+0123456789 ()-.x٣９\x00\ud800😀é"), max_size=20),
)
anything = st.one_of(strings, st.none(), st.integers(), st.binary(max_size=12), st.lists(st.text(), max_size=2))


@given(anything)
def test_a_number_is_read_or_refused_with_its_place(value: object) -> None:
    try:
        number = parse_number(value)  # type: ignore[arg-type]
    except TypeError:
        assert not isinstance(value, str)
        return
    except NumberError as error:
        assert isinstance(value, str)
        assert 0 <= error.position <= len(value)
        assert not is_valid_number(value)
        return
    assert number.e164 == value
    assert is_e164(number.e164)
    assert f"+{number.calling_code}{number.national_number}" == number.e164
    assert repr(number)
    assert pickle.loads(pickle.dumps(number)) == number


@given(strings, st.sampled_from(["US", "GB", "DE", "AR", "JP"]))
def test_what_people_write_is_read_or_refused(text: str, region: str) -> None:
    try:
        number = parse_number(text, region=region)
    except NumberError as error:
        assert error.position == 0
        return
    assert is_e164(number.e164)


@given(st.lists(strings, max_size=20))
def test_a_column_says_the_same_as_one_call_each(texts: list[str]) -> None:
    found = columns.classify_numbers(texts)
    assert len(found) == len(texts)
    for row, text in enumerate(texts):
        status = found.statuses[found.status[row]]
        try:
            number = PhoneNumber(text)
        except NumberError:
            assert status is (NumberStatus.UNKNOWN_CALLING_CODE if is_e164(text) else NumberStatus.NOT_E164)
            assert (found.calling_code[row], found.region[row], found.kind[row]) == (0, 0, 0)
            continue
        assert status is number.status
        assert found.calling_code[row] == number.calling_code
        assert found.regions[found.region[row]] == number.region
        assert found.kinds[found.kind[row]] is number.kind
