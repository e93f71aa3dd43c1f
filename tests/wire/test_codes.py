"""Delivery codes: the published table, and what digits say about the others."""

import csv
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.wire import CodeCategory, DeliveryCode, delivery_code, delivery_codes
from tests.source_tree import TABLE_SOURCES, needs_table_sources

SOURCE = TABLE_SOURCES / "delivery_codes.csv"


def source_rows() -> list[dict[str, str]]:
    if not SOURCE.exists():
        return []  # the test is skipped, with the reason
    lines = [line for line in SOURCE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines))


def test_there_are_82_codes_in_order() -> None:
    codes = [code.code for code in delivery_codes()]
    assert len(codes) == 82
    assert codes == sorted(set(codes))


@needs_table_sources
@pytest.mark.parametrize("row", source_rows(), ids=lambda row: row["code"])
def test_every_published_code_is_known_as_published(row: dict[str, str]) -> None:
    answers = {"yes": True, "no": False, "unknown": None}
    code = delivery_code(int(row["code"]))
    assert code.known
    assert code in delivery_codes()
    assert code.name == row["name"].replace("(none published)", "")
    assert (code.category.value, code.meaning) == (row["category"], row["meaning"])
    assert (code.retryable, code.billable) == (answers[row["retryable"]], answers[row["billable"]])


@pytest.mark.parametrize(
    ("code", "retryable", "retry_limit", "billable"),
    [
        (4432, False, 0, False),
        (4470, False, 0, True),  # spam is billed although the provider found it
        (4701, None, None, True),  # transient by nature, though the rule says no
        (4720, False, 0, True),
        (4775, False, 0, True),
        (4785, True, None, True),  # "back off and retry later" is documented for this 4xxx
        (5100, True, None, False),
        (5600, True, 1, True),
        (5650, True, 1, True),
        (9902, None, None, True),
        (9999, None, None, True),
    ],
)
def test_known_codes_say_what_to_do(
    code: int, retryable: bool | None, retry_limit: int | None, billable: bool | None
) -> None:
    found = delivery_code(code)
    assert (found.retryable, found.retry_limit, found.billable) == (retryable, retry_limit, billable)


@pytest.mark.parametrize(
    ("code", "category", "retryable", "billable"),
    [
        (4199, CodeCategory.PROVIDER_REFUSED, False, False),
        (4399, CodeCategory.PROVIDER_REFUSED, False, False),
        (4450, CodeCategory.PROVIDER_REFUSED, False, False),
        (4799, CodeCategory.CARRIER_REFUSED, False, True),
        (5199, CodeCategory.PROVIDER_FAILED, True, False),
        (5299, CodeCategory.PROVIDER_FAILED, True, False),
        (5599, CodeCategory.PROVIDER_FAILED, True, False),
        (5699, CodeCategory.CARRIER_FAILED, True, True),
        (9901, CodeCategory.AMBIGUOUS, None, True),
        (4299, CodeCategory.UNCLASSIFIED, False, None),  # the first digit still says that a retry is in vain
        (5399, CodeCategory.UNCLASSIFIED, None, None),
        (9100, CodeCategory.UNCLASSIFIED, None, None),
    ],
)
def test_an_unlisted_code_is_classified_by_its_digits(
    code: int, category: CodeCategory, retryable: bool | None, billable: bool | None
) -> None:
    found = delivery_code(code)
    assert (found.known, found.name) == (False, "")
    assert (found.category, found.retryable, found.billable) == (category, retryable, billable)


@pytest.mark.parametrize("code", [-4720, -1, 0, 187, 200, 470, 3999, 6000, 47200, 10**30])
def test_what_is_no_delivery_code_is_unclassified(code: int) -> None:
    found = delivery_code(code)
    assert (found.code, found.known, found.category) == (code, False, CodeCategory.UNCLASSIFIED)
    assert (found.retryable, found.retry_limit, found.billable) == (None, None, None)
    assert found.meaning.startswith("Not a delivery code")


@pytest.mark.parametrize("code", ["4720", 4720.0, True, None])
def test_what_is_no_number_is_a_type_error(code: Any) -> None:
    with pytest.raises(TypeError, match="code must be int"):
        delivery_code(code)


def test_the_digit_rule_agrees_with_the_table() -> None:
    """Every published code that departs from its digits is one of the documented exceptions."""
    departures = {code.code for code in delivery_codes() if _by_neighbour(code.code) != (code.retryable, code.billable)}
    assert departures == {4001, 4121, 4470, 4701, 4702, 4780, 4781, 4785, 5999}


def _by_neighbour(code: int) -> tuple[bool | None, bool | None]:
    listed = {known.code for known in delivery_codes()}
    first = code // 100 * 100
    neighbour = delivery_code(next(number for number in range(first, first + 100) if number not in listed))
    return neighbour.retryable, neighbour.billable


@given(st.integers())
def test_every_integer_has_an_answer(code: int) -> None:
    found = delivery_code(code)
    assert isinstance(found, DeliveryCode)
    assert found.code == code
    assert pickle.loads(pickle.dumps(found)) == found
