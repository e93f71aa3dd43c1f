import pickle
import subprocess
import sys
from importlib import metadata

import pytest

from msgcore.errors import LocalError, MissingExtraError, NumberError
from msgcore.numbering import (
    PLAN_VERSION,
    NumberKind,
    NumberStatus,
    PhoneNumber,
    is_valid_number,
    lenient,
    parse_number,
)

US = "US"


@pytest.mark.parametrize(
    "text, calling_code, national_number, region, kind",
    [
        ("+19195550100", 1, "9195550100", "US", NumberKind.FIXED_LINE_OR_MOBILE),
        ("+18005550100", 1, "8005550100", "US", NumberKind.TOLL_FREE),
        ("+442070313000", 44, "2070313000", "GB", NumberKind.FIXED_LINE),
        ("+447400123456", 44, "7400123456", "GB", NumberKind.MOBILE),
        ("+390236618300", 39, "0236618300", "IT", NumberKind.FIXED_LINE),
        ("+5491123456789", 54, "91123456789", "AR", NumberKind.MOBILE),
        ("+5511987654321", 55, "11987654321", "BR", NumberKind.MOBILE),
        ("+525512345678", 52, "5512345678", "MX", NumberKind.FIXED_LINE_OR_MOBILE),
        ("+78005553535", 7, "8005553535", "RU", NumberKind.TOLL_FREE),
        ("+80012345678", 800, "12345678", None, NumberKind.TOLL_FREE),
    ],
)
def test_number_in_the_plan_is_told_apart_into_its_parts(
    text: str, calling_code: int, national_number: str, region: str | None, kind: NumberKind
) -> None:
    number = parse_number(text)
    assert (number.e164, number.calling_code, number.national_number) == (text, calling_code, national_number)
    assert (number.region, number.kind, number.status) == (region, kind, NumberStatus.VALID)
    assert (number.is_valid, number.is_possible, number.reason) == (True, True, None)
    assert is_valid_number(text)


@pytest.mark.parametrize(
    "text, is_possible, reason",
    [
        ("+1919555", False, "too short"),
        ("+44", False, "too short"),
        ("+491", False, "too short"),
        ("+191955501001", False, "too long"),
        ("+5215512345678", False, "too long"),  # Mexico gave up its mobile 1 in 2019
        ("+35312", False, "too short"),
        ("+15550123", False, "local only"),
        ("+15550001111", True, "not in the plan"),
        ("+39236618300", True, "not in the plan"),  # Italy keeps its leading zero
        ("+551187654321", True, "not in the plan"),
        ("+4402070313000", False, "written with a trunk prefix: should be +442070313000"),
        ("+5401123456789", True, "written with a trunk prefix: should be +541123456789"),
        ("+54111523456789", False, "written with a trunk prefix: should be +5491123456789"),
        ("+55011987654321", False, "written with a trunk prefix: should be +5511987654321"),
        ("+788005553535", False, "written with a trunk prefix: should be +78005553535"),
        ("+200001234567", True, "not in the plan"),  # one zero less would not help either
        ("+44012", False, "too short"),  # the trunk prefix is not what is wrong with it
    ],
)
def test_number_outside_the_plan_says_why(text: str, is_possible: bool, reason: str) -> None:
    number = parse_number(text)
    assert (number.e164, number.is_valid, number.is_possible, number.reason) == (text, False, is_possible, reason)
    assert number.kind is NumberKind.UNKNOWN
    assert not is_valid_number(text)


def test_length_between_two_that_exist_is_named_so() -> None:
    assert parse_number("+8001234567").reason == "too short"
    assert parse_number("+35466112").reason == "too short"
    assert parse_number("+35466112345").reason == "invalid length"  # Iceland: 7 or 9 digits


@pytest.mark.parametrize(
    "text, position",
    [
        ("", 0),
        ("19195550100", 0),
        ("+", 1),
        ("++19195550100", 1),
        ("+0919555", 1),
        ("+1919555O100", 8),
        ("+1 919 555 0100", 2),
        ("+１９１９５５５０１００", 1),
        ("+19195550100\n", 12),
        ("+1234567890123456", 16),
        ("+999123456", 1),
        ("+21", 1),
    ],
)
def test_wrong_syntax_or_calling_code_is_an_error_with_its_place(text: str, position: int) -> None:
    with pytest.raises(NumberError) as caught:
        parse_number(text)
    assert (caught.value.text, caught.value.position) == (text, position)
    assert not is_valid_number(text)


@pytest.mark.parametrize(
    "text, region, e164",
    [
        ("(919) 555-0100", US, "+19195550100"),
        ("1-800-FLOWERS", US, "+18003569377"),
        ("011 44 20 7031 3000", US, "+442070313000"),
        ("+44 (0)20 7031 3000", US, "+442070313000"),
        ("０２０ ７０３１ ３０００", "GB", "+442070313000"),
        ("020 7031 3000 ext. 12", "GB", "+442070313000"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("02 3661 8300", "IT", "+390236618300"),
    ],
)
def test_region_allows_what_people_write_there(text: str, region: str, e164: str) -> None:
    number = parse_number(text, region=region)
    assert number.e164 == e164
    assert number == parse_number(e164)


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "as written in region US"),
        ("call me", "as written in region US"),
        ("+999 123 456", "calling code"),
        ("1" * 300, "more than the 15 digits of E.164"),
        ("+44 1", "at least 2 digits"),
    ],
)
def test_region_does_not_find_numbers_where_there_are_none(text: str, words: str) -> None:
    with pytest.raises(NumberError, match=words):
        parse_number(text, region=US)


@pytest.mark.parametrize("text", ["123456789012345", "1" * 18])
def test_number_that_a_plan_allows_but_e164_does_not_is_an_error(text: str) -> None:
    # libphonenumber lets German numbers have 15 digits after the calling code; E.164 has 15 with it.
    with pytest.raises(NumberError, match="more than the 15 digits of E"):
        parse_number(text, region="DE")


@pytest.mark.parametrize("region", ["", "us", "USA", "XX", "001"])
def test_region_must_be_one_of_the_plan(region: str) -> None:
    with pytest.raises(LocalError, match="ISO 3166-1"):
        parse_number("9195550100", region=region)


@pytest.mark.parametrize("wrong", [None, 19195550100, b"+19195550100"])
def test_only_strings_are_numbers(wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str"):
        parse_number(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text must be str"):
        parse_number(wrong, region=US)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text must be str"):
        is_valid_number(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="region must be str"):
        parse_number("9195550100", region=1)  # type: ignore[arg-type]


def test_record_is_a_value() -> None:
    number = parse_number("+19195550100")
    assert number == parse_number("+19195550100") == PhoneNumber("+19195550100")
    assert number != parse_number("+19195550101")
    assert number.__eq__("+19195550100") is NotImplemented
    assert len({number, parse_number("+19195550100"), parse_number("+19195550101")}) == 2
    assert pickle.loads(pickle.dumps(number)) == number
    with pytest.raises(AttributeError):
        number.e164 = "+1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        sorted([number, number])  # type: ignore[type-var]


@pytest.mark.parametrize(
    "text, words",
    [
        ("+19195550100", "<PhoneNumber +19195550100 US: fixed line or mobile>"),
        ("+80012345678", "<PhoneNumber +80012345678 +800: toll-free>"),
        ("+336123456789", "<PhoneNumber +336123456789 FR: too long>"),
    ],
)
def test_record_shows_what_the_plan_says(text: str, words: str) -> None:
    assert repr(parse_number(text)) == words


def test_a_subclass_of_str_is_read_and_not_kept() -> None:
    class Text(str):
        def __getitem__(self, _: object) -> str:
            raise AssertionError

    number = parse_number(Text("+19195550100"))
    assert type(number.e164) is str
    assert number.national_number == "9195550100"


def test_the_plan_says_which_release_it_is_from() -> None:
    assert metadata.version("phonenumbers") == PLAN_VERSION


PROBE = """
import sys
sys.modules["phonenumbers"] = None
import msgcore
number = msgcore.parse_number("+4402070313000")
assert number.reason == "written with a trunk prefix: should be +442070313000"
assert msgcore.is_valid_number("+442070313000")
try:
    msgcore.parse_number("020 7031 3000", region="GB")
except msgcore.MissingExtraError as error:
    print(error)
"""


def test_only_reading_what_people_write_needs_the_extra() -> None:
    run = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True)
    assert "pip install 'msgcore[numbers]'" in run.stdout


def test_a_reader_that_cannot_be_loaded_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    lenient._reader.cache_clear()
    monkeypatch.delitem(sys.modules, "msgcore.numbering.phonenumbers_reader", raising=False)
    monkeypatch.delattr("msgcore.numbering.phonenumbers_reader", raising=False)
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'msgcore\[numbers\]'"):
        parse_number("919 555 0100", region=US)
