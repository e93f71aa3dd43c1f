"""What planning costs at full size: ten million rows, a million recipients, a file of a million rows."""

import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.bench_plans import SENDER, arrow_columns, numbers
from benchmarks.corpus import profile
from benchmarks.targets.figures import Figure, Floor, at_most
from msgcore.planning import estimate_columns, plan_individual


def figures() -> Iterator[Figure]:
    yield at_most("estimate of 10 million rows of Arrow columns", estimate_seconds(), "s", 5)
    many = numbers(1_000_000)
    floor = Floor("dict of keys", least_seconds(lambda: dict.fromkeys(many)))
    sorted_out = least_seconds(lambda: plan_individual(SENDER, many))
    yield at_most("plan_individual, 1 million recipients", sorted_out, "s", 1, floor)
    yield at_most("msgcore plan, 1 million CSV rows, whole process", plan_seconds(), "s", 15)


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
