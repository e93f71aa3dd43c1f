"""What a user of the command waits for: the import, and a whole campaign."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.targets.figures import Figure, Floor, at_most

ROOT = Path(__file__).resolve().parents[2]
IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def figures() -> Iterator[Figure]:
    floor = Floor("import json", import_milliseconds("json"))
    yield at_most("import msgcore", import_milliseconds("msgcore"), "ms", 20, floor)
    yield at_most("msgcore send examples/campaign.csv, whole process", campaign_seconds(), "s", 10)


def import_milliseconds(module: str) -> float:
    """Return the least time that an import takes a new interpreter, over seven."""
    command = [sys.executable, "-c", IMPORT.format(module)]
    runs = [subprocess.run(command, capture_output=True, check=True).stdout for _ in range(7)]
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
