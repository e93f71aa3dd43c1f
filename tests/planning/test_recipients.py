from collections import Counter
from typing import Any

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import NumberCaveat, NumberKind, number_caveats, parse_number
from msgcore.errors import NumberError, RecipientError
from msgcore.planning import Concern, IndividualPlan, Refusal, check_recipient, plan_individual
from tests.numbering.generated_numbers import e164

pyarrow: Any = pytest.importorskip("pyarrow")

SENDER = "+19195550100"
A, B = "+12012345678", "+442079460000"


def test_each_recipient_is_kept_once_or_removed_with_a_reason() -> None:
    plan = plan_individual(SENDER, [A, SENDER, B, A, "x", A, "x"])
    assert plan.recipients == (A, B)
    assert plan.removed == (
        (SENDER, "is the sender"),
        (A, "named before"),
        ("x", "position 0: expected '+', got 'x'"),
        (A, "named before"),
        ("x", "position 0: expected '+', got 'x'"),
    )
    assert plan.questionable == ((B, Concern.FIXED_LINE),)


def test_empty_list_is_an_empty_plan() -> None:
    assert plan_individual("Acme", []) == IndividualPlan((), (), ())


def test_what_is_not_in_the_plan_is_removed_only_if_strict() -> None:
    assert plan_individual(SENDER, iter(["+19999195550"])).questionable == (("+19999195550", Concern.NOT_IN_THE_PLAN),)
    strict = plan_individual(SENDER, ["+19999195550"], strict_numbers=True)
    assert strict.removed == (("+19999195550", "not in the numbering plan"),)


@pytest.mark.parametrize(
    "number, words",
    [
        ("", "position 0: expected '+' and 2 to 15 digits, got nothing"),
        ("+1201234567", "calling code 1"),
        ("+13101234", "too short for calling code 1: the area code is missing"),  # in the plan, and not to be sent to
        ("+4402079460000", "written with a trunk prefix: should be +442079460000"),
        ("+2101234567", "unknown calling code"),
    ],
)
def test_refusal_says_what_is_wrong(number: str, words: str) -> None:
    with pytest.raises(RecipientError) as caught:
        check_recipient(number)
    assert words in caught.value.reason
    assert caught.value.recipient == number


@pytest.mark.parametrize(
    "number, concern",
    [
        (A, None),
        ("+19195550100", Concern.FICTION),
        ("+19195550200", None),
        ("+18005550100", Concern.TOLL_FREE),
        ("+19005550100", Concern.PREMIUM_RATE),
        ("+12129760123", Concern.PREMIUM_RATE),
        ("+19119195550", Concern.SERVICE_CODE),
        ("+19194115550", Concern.SERVICE_CODE),
        ("+12423591234", Concern.OUTSIDE_HOME_MARKET),
        ("+12423225555", Concern.OUTSIDE_HOME_MARKET),
        ("+447400123456", None),
        (B, Concern.FIXED_LINE),
    ],
)
def test_concern_is_told_and_stops_nothing(number: str, concern: Concern | None) -> None:
    assert check_recipient(number) is concern


def test_wrong_types_are_type_errors() -> None:
    with pytest.raises(TypeError, match="iterable of str, not str"):
        plan_individual(SENDER, A)
    with pytest.raises(TypeError, match="a recipient must be str, not int"):
        plan_individual(SENDER, [A, 5])  # type: ignore[list-item]
    with pytest.raises(NumberError):
        plan_individual("+1 919", [A])


numbers = st.sampled_from([A, B, SENDER, "x", "+1201", "+19999195550"]) | st.from_regex(
    r"\+[1-9][0-9]{2,14}", fullmatch=True
)


@given(st.lists(numbers, max_size=30), st.booleans())
def test_everybody_given_is_kept_or_removed(recipients: list[str], strict: bool) -> None:
    plan = plan_individual(SENDER, recipients, strict_numbers=strict)
    assert Counter(plan.recipients) + Counter(each.recipient for each in plan.removed) == Counter(recipients)
    assert list(plan.recipients) == [number for number in dict.fromkeys(recipients) if number in plan.recipients]
    for number in plan.recipients:
        judged = parse_number(number)
        assert judged.is_possible
        assert judged.is_valid or not strict


NANP_AREAS = st.sampled_from("919 800 900 500 242 787 671 416 911 999".split())
NANP_TAILS = st.sampled_from("5550100 5550199 5550200 4115550 9761234 2345678 9115550".split()) | st.from_regex(
    "[0-9]{7}", fullmatch=True
)


@given(NANP_AREAS, NANP_TAILS)
def test_north_american_concern_is_the_gravest_caveat_of_the_number(area: str, tail: str) -> None:
    number = parse_number(f"+1{area}{tail}")
    concern, caveats = check_recipient(number.e164), number_caveats(number)
    expected = {
        NumberCaveat.SERVICE_CODE: Concern.SERVICE_CODE,
        NumberCaveat.PREMIUM_RATE: Concern.PREMIUM_RATE,
        NumberCaveat.FICTION: Concern.FICTION,
        NumberCaveat.OUTSIDE_HOME_MARKET: Concern.OUTSIDE_HOME_MARKET,
    }
    gravest = next((expected[caveat] for caveat in expected if caveat in caveats), None)
    if gravest is not None:
        assert concern is gravest
    elif not number.is_valid:
        assert concern is Concern.NOT_IN_THE_PLAN
    else:
        assert concern is (Concern.TOLL_FREE if number.kind is NumberKind.TOLL_FREE else None)


@pytest.mark.parametrize("region", sorted({*phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]}))
def test_whoever_is_abroad_is_told_as_abroad_whatever_the_line(region: str) -> None:
    kinds = phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE
    for kind in kinds:
        example = phonenumbers.example_number_for_type(region, kind)
        assert example is not None
        concern = check_recipient(e164(example))
        assert (concern is Concern.OUTSIDE_HOME_MARKET) is (region not in ("US", "CA")), (example, concern)


def test_column_is_sorted_out_as_a_list_is() -> None:
    given = [A, None, SENDER, B, A, "x", None, "+１２", "+19999195550"]
    plan = plan_individual(SENDER, given)
    assert (None, Refusal.NO_RECIPIENT) in plan.removed
    assert len(plan.recipients) + len(plan.removed) == len(given)
    for strict in (False, True):
        in_a_list = plan_individual(SENDER, given, strict_numbers=strict)
        column = pyarrow.array(given)
        for producer in (column, pyarrow.chunked_array([column[:4], column[4:]]), column.dictionary_encode()):
            assert plan_individual(SENDER, producer, strict_numbers=strict) == in_a_list


def test_what_is_not_utf_8_is_removed_with_its_octets() -> None:
    broken = pyarrow.Array.from_buffers(
        pyarrow.string(), 1, [None, pyarrow.py_buffer(b"\0\0\0\0\2\0\0\0"), pyarrow.py_buffer(b"+\xff")]
    )
    ((recipient, reason),) = plan_individual(SENDER, broken).removed
    assert recipient == "+\\xff"
    assert "position 1" in reason


def test_column_of_numbers_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="got int64"):
        plan_individual(SENDER, pyarrow.array([1]))


class Name(str):
    """A string of somebody else's making."""


def test_sender_and_recipients_may_be_strings_of_any_class() -> None:
    plan = plan_individual(Name(SENDER), [Name(A), SENDER, A])
    assert plan.recipients == (A,)
    assert [each.reason for each in plan.removed] == ["is the sender", "named before"]
