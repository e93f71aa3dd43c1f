"""The figures that are promised, measured in one run beside their floors; ends with status 1 when one is missed.

python -m benchmarks.targets
"""

import json
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import http_rivals
from benchmarks.corpus import profile
from benchmarks.rivals import frozenset_idiom
from msgcore import count_segments

ROOT = Path(__file__).resolve().parents[1]
TEXT = profile("ascii52")[0]
IMPORT = "import time; t = time.perf_counter(); import msgcore; print(time.perf_counter() - t)"


class Figure(NamedTuple):
    """One promise: what is measured, in what, the bound, and whether the bound is an upper one."""

    name: str
    measured: float
    unit: str
    target: float
    at_most: bool = True

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        return self.measured <= self.target if self.at_most else self.measured >= self.target


def nanoseconds(function: Callable[[], object], number: int) -> float:
    """Return the least time of one call over seven runs."""
    return min(timeit.repeat(function, number=number, repeat=7)) / number * 1e9


def import_milliseconds() -> float:
    """Return the least time that importing msgcore takes a new interpreter, over seven."""
    runs = [subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, check=True).stdout for _ in range(7)]
    return min(map(float, runs)) * 1000


def campaign_seconds() -> float:
    """Return how long the example campaign takes as a whole process, from nothing to its report."""
    with tempfile.TemporaryDirectory() as folder:
        rejects = Path(folder) / "rejects.csv"
        command = [sys.executable, "-m", "transports.cli", "send", str(ROOT / "examples" / "campaign.csv")]
        started_at = time.perf_counter()
        run = subprocess.run(
            [*command, "--json", "--quiet", "--rejects", str(rejects)], capture_output=True, check=True
        )
        seconds = time.perf_counter() - started_at
    assert json.loads(run.stdout)["rows"] == 12_000
    return seconds


def figures() -> list[Figure]:
    """Measure everything."""
    one_call = nanoseconds(lambda: count_segments(TEXT), 200_000)
    idiom = nanoseconds(lambda: frozenset_idiom.count_segments(TEXT), 5_000)
    over_http = http_rivals.measure(3, rivals=False)
    over_floor = over_http["msgcore, uvloop, 64 in flight"] / over_http["bare, uvloop, 64 in flight"]
    return [
        Figure("count_segments, 52 characters, one call", one_call, "ns", 300),
        Figure("  the same, as a multiple of the frozenset idiom's speed", idiom / one_call, "x", 40, at_most=False),
        Figure("a message over HTTP, as a multiple of a bare client's CPU", over_floor, "x", 1.5),
        Figure("import msgcore", import_milliseconds(), "ms", 20),
        Figure("msgcore send examples/campaign.csv, whole process", campaign_seconds(), "s", 10),
    ]


def main() -> int:
    """Print the table; 1 when a target is missed."""
    measured = figures()
    print(f"\n{'figure':58} {'measured':>12} {'target':>12}")
    for figure in measured:
        bound = f"{'<=' if figure.at_most else '>='} {figure.target:g} {figure.unit}"
        verdict = "" if figure.is_met else "  MISSED"
        print(f"{figure.name:58} {figure.measured:9,.1f} {figure.unit:2} {bound:>12}{verdict}")
    return 0 if all(figure.is_met for figure in measured) else 1


if __name__ == "__main__":
    sys.exit(main())
