"""What does it cost to plan: a list of recipients, the estimate of a campaign, and a campaign file at the shell?

A round of the estimate adds up 1000 rows of the mixed profile, so a time divided by 1000 is that of one row. Beside it
stands the obvious way: a message, a parsed number and a count of segments for each row.

``figures`` measures what is promised at full size, for ``targets.py``.
"""

import csv
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
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


# ------------------------------------------------------------------------------------------------------- full size


def least_seconds(function: Callable[[], object], times: int = 3) -> float:
    """Return the least wall time of some runs."""
    found = []
    for _ in range(times):
        started_at = time.perf_counter()
        function()
        found.append(time.perf_counter() - started_at)
    return min(found)


def estimate_seconds() -> float:
    """Return how long ten million rows of two Arrow columns take."""
    rows = list(zip(numbers(100_000), profile("mixed") * 100, strict=True))
    columns = arrow_columns(rows, times=100)
    return least_seconds(lambda: estimate_columns(*columns, sender=SENDER), times=2)


def recipients_seconds() -> float:
    """Return how long it takes to sort out a million recipients."""
    many = numbers(1_000_000)
    return least_seconds(lambda: plan_individual(SENDER, many))


def plan_seconds() -> float:
    """Return how long ``msgcore plan`` takes for a million CSV rows, as a whole process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "campaign.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(_records(1_000_000))
        command = [sys.executable, "-m", "transports.cli", "plan", "--json", str(path)]
        return least_seconds(lambda: subprocess.run(command, capture_output=True, check=True), times=1)


def _records(count: int) -> Iterator[tuple[str, ...]]:
    yield "to", "from", "text", "tag"
    texts = profile("mixed")
    for index, number in enumerate(numbers(count)):
        yield number, SENDER, texts[index % len(texts)], f"campaign-{index}"


def figures() -> list[tuple[str, float, str, float]]:
    """Measure what is promised: a name, the measure, its unit, and what it is at most."""
    return [
        ("estimate of 10 million rows of Arrow columns", estimate_seconds(), "s", 5.0),
        ("plan_individual, 1 million recipients", recipients_seconds(), "s", 1.0),
        ("msgcore plan, 1 million CSV rows, whole process", plan_seconds(), "s", 15.0),
    ]
