from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore import NumberCaveat, NumberKind, number_caveats, parse_number
from msgcore.errors import NumberError, RecipientError
from msgcore.planning import Concern, IndividualPlan, check_recipient, plan_individual

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


NANP_TAILS = st.sampled_from(["5550100", "5550199", "5550200", "4115550", "9761234", "2345678", "9115550"])


@given(st.sampled_from(["919", "800", "900", "500", "242", "787", "671", "416", "911", "999"]), NANP_TAILS)
def test_north_american_concern_is_the_first_caveat_of_the_number(area: str, tail: str) -> None:
    number = parse_number(f"+1{area}{tail}")
    concern, caveats = check_recipient(number.e164), number_caveats(number)
    if not number.is_valid or number.kind in (NumberKind.TOLL_FREE, NumberKind.PERSONAL):
        return  # told as what they are
    expected = {
        NumberCaveat.PREMIUM_RATE: Concern.PREMIUM_RATE,
        NumberCaveat.SERVICE_CODE: Concern.SERVICE_CODE,
        NumberCaveat.FICTION: Concern.FICTION,
        NumberCaveat.OUTSIDE_HOME_MARKET: Concern.OUTSIDE_HOME_MARKET,
    }
    assert concern == next((expected[caveat] for caveat in expected if caveat in caveats), None)
