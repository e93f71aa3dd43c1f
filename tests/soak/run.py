"""Breaks campaigns at random moments and looks what became of every message: ``python -m tests.soak.run``.

``make soak`` runs it for long; ``make test-peers`` runs it for minutes, as the judge ``kills``.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.soak.scenarios import SCENARIOS

MOST_SHOWN = 20


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.run", description="break campaigns at random moments")
    parser.add_argument("scenarios", nargs="*", help=f"of {', '.join(SCENARIOS)}; without any, all")
    parser.add_argument("--messages", type=int, default=20_000, help="of each campaign (20000)")
    parser.add_argument("--times", type=int, default=20, help="how often something is broken in each (20)")
    parser.add_argument("--seed", type=int, help="of chance; without one, another each time")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep files there, a folder for each scenario")
    options = parser.parse_args(arguments)
    if unknown := set(options.scenarios) - set(SCENARIOS):
        parser.error(f"there is no scenario {', '.join(sorted(unknown))}; there are {', '.join(SCENARIOS)}")
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    print(f"seed {seed}", flush=True)
    failed = False
    for name in options.scenarios or SCENARIOS:
        failed |= run(name, options.messages, options.times, random.Random(f"{seed} {name}"), options.keep)
    return int(failed)


def run(name: str, messages: int, times: int, chance: random.Random, keep: Path | None) -> bool:
    """Run a scenario and print what was found; returns whether it departed from what is promised."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if keep is None else keep / name
        folder.mkdir(parents=True, exist_ok=True)
        verdict = SCENARIOS[name](folder, messages, times, chance)
    counts = ", ".join(f"{count} {what}" for what, count in sorted(verdict.counts.items()))
    print(f"{name}: {counts} ({time.monotonic() - started:.0f} s)", flush=True)
    for departure in verdict.departures[:MOST_SHOWN]:
        print(f"  {departure}", flush=True)
    if len(verdict.departures) > MOST_SHOWN:
        print(f"  and {len(verdict.departures) - MOST_SHOWN} more", flush=True)
    return bool(verdict.departures)


if __name__ == "__main__":
    sys.exit(main())
