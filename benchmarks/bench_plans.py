"""What does it cost to plan: a list of recipients, the estimate of a campaign, and a campaign file at the shell?

A round of the estimate adds up 1000 rows of the mixed profile, so a time divided by 1000 is that of one row. Beside it
stands the obvious way: a message, a parsed number and a count of segments for each row.

What is promised at full size is measured by ``benchmarks.targets planning``.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpus import SEED, profile
from msgcore import parse_number
from msgcore.encoding import count_segments
from msgcore.planning import Estimate, estimate, estimate_columns, plan_group, plan_individual
from msgcore.wire import Message

SENDER = "+19195550100"
AREA_CODES = (201, 212, 305, 415, 604, 919)

Rows = list[tuple[str, str]]


def numbers(count: int) -> list[str]:
    """Return numbers of the home market, a few of them twice."""
    chance = random.Random(SEED)
    return [
        f"+1{chance.choice(AREA_CODES)}{chance.randrange(200, 1000)}{chance.randrange(10_000):04d}"
        for _ in range(count)
    ]


def arrow_columns(rows: Rows, times: int = 1) -> tuple[Any, Any]:
    """Return two chunked columns; the chunks of one share their octets, so that many rows take little memory."""
    pyarrow = pytest.importorskip("pyarrow")
    return tuple(pyarrow.chunked_array([pyarrow.array(column)] * times) for column in zip(*rows, strict=True))


def by_messages(rows: Rows) -> Estimate:
    return estimate(Message(to=number, from_=SENDER, text=text) for number, text in rows)


def by_lists(rows: Rows) -> Estimate:
    recipients, texts = (list(column) for column in zip(*rows, strict=True))
    return estimate_columns(recipients, texts, sender=SENDER)


def by_arrow(rows: Rows) -> Estimate:
    return estimate_columns(*arrow_columns(rows), sender=SENDER)


def the_obvious_way(rows: Rows) -> Counter[str | None]:
    segments: Counter[str | None] = Counter()
    for number, text in rows:
        message = Message(to=number, from_=SENDER, text=text)
        segments[parse_number(message.to[0]).region] += count_segments(message.text, boundary="character")
    return segments


IMPLEMENTATIONS: dict[str, Callable[[Rows], object]] = {
    "msgcore-arrow": by_arrow,
    "msgcore-lists": by_lists,
    "msgcore-messages": by_messages,
    "obvious": the_obvious_way,
}


@pytest.mark.benchmark(group="estimate")
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_estimate(benchmark: BenchmarkFixture, implementation: str) -> None:
    rows = list(zip(numbers(1000), profile("mixed"), strict=True))
    assert benchmark(IMPLEMENTATIONS[implementation], rows)


@pytest.mark.benchmark(group="recipients")
@pytest.mark.parametrize("implementation", ["msgcore", "dict-of-keys"])
def test_recipients(benchmark: BenchmarkFixture, implementation: str) -> None:
    many = numbers(10_000)
    sort_out: Callable[[], Any] = {
        "msgcore": lambda: plan_individual(SENDER, many).recipients,
        "dict-of-keys": lambda: dict.fromkeys(many),  # a floor: no number is looked at
    }[implementation]
    assert len(benchmark(sort_out)) == len(set(many))


@pytest.mark.benchmark(group="recipients")
def test_groups(benchmark: BenchmarkFixture) -> None:
    many = numbers(10_000)
    assert benchmark(lambda: plan_group(SENDER, many, over_limit="split").groups)
