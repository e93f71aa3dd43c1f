"""Measures the promised figures in one run beside their floors and rivals; ends with status 1 when one is missed.

``python -m benchmarks.targets`` measures all, with names only those groups.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from benchmarks.targets.figures import Figure, NotMeasured, slowness

GROUPS = ("counting", "cutting", "joining", "command")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table as it is measured; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets", description="measure what is promised")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; without any, all")
    chosen = parser.parse_args(arguments).groups or GROUPS
    if unknown := set(chosen) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    print(f"times in ns are bound with a quarter on top, and this machine counted as {slowness():.2f} times slower")
    print(f"\n{'figure':53} {'measured':>12} {'target':>14}  floor")
    missed = 0
    for group in chosen:
        for figure in importlib.import_module(f"benchmarks.targets.{group}").figures():
            print(row(figure), flush=True)
            missed += isinstance(figure, Figure) and not figure.is_met
    return int(missed > 0)


def row(figure: Figure | NotMeasured) -> str:
    """Write a figure as a line of the table."""
    if isinstance(figure, NotMeasured):
        return f"{figure.name:53} NOT MEASURED: {figure.reason}"
    bound = f"{'<=' if figure.at_most else '>='} {figure.target:g} {figure.unit}"
    floor = f"{figure.floor.name} {figure.floor.measured:.1f}" if figure.floor else ""
    verdict = "" if figure.is_met else "  MISSED"
    return f"{figure.name:53} {figure.measured:8,.1f} {figure.unit:3} {bound:>14}  {floor:18}{verdict}"


if __name__ == "__main__":
    sys.exit(main())
