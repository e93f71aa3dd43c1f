"""Measures the promised figures in one run beside their floors and rivals; ends with status 1 when one is missed.

``python -m benchmarks.targets`` measures all, with names only those groups; ``--markdown`` prints the table of README.
"""

import argparse
import importlib
import sys
from collections.abc import Sequence

from benchmarks.targets.figures import Figure, NotMeasured, slowness

GROUPS = (
    "counting",
    "cutting",
    "joining",
    "numbering",
    "planning",
    "sending",
    "delivery",
    "receiving",
    "simulator",
    "outbox",
    "command",
)

HEADER = f"{'figure':53} {'measured':>12} {'target':>14}  floor"
MARKDOWN_HEADER = "| figure | measured | target | floor | times the floor |\n| --- | ---: | ---: | ---: | ---: |"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table as it is measured; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.targets", description="measure what is promised")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; without any, all")
    parser.add_argument("--markdown", action="store_true", help="print the table as README.md has it")
    options = parser.parse_args(arguments)
    chosen = options.groups or GROUPS
    if unknown := set(chosen) - set(GROUPS):
        parser.error(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    print(f"times in ns are bound with a quarter on top, and this machine counted as {slowness():.2f} times slower\n")
    write, header = (markdown_row, MARKDOWN_HEADER) if options.markdown else (row, HEADER)
    print(header)
    missed = 0
    for group in chosen:
        for figure in importlib.import_module(f"benchmarks.targets.{group}").figures():
            print(write(figure), flush=True)
            missed += isinstance(figure, Figure) and not figure.is_met
    return int(missed > 0)


def row(figure: Figure | NotMeasured) -> str:
    """Write a figure as a line of the table."""
    if isinstance(figure, NotMeasured):
        return f"{figure.name:53} NOT MEASURED: {figure.reason}"
    bound = f"{'<=' if figure.at_most else '>='} {figure.target:,g} {figure.unit}"
    floor = f"{figure.floor.name} {figure.floor.measured:.1f}" if figure.floor else ""
    verdict = "" if figure.is_met else "  MISSED"
    return f"{figure.name:53} {figure.measured:8,.1f} {figure.unit:3} {bound:>14}  {floor:18}{verdict}"


def markdown_row(figure: Figure | NotMeasured) -> str:
    """Write a figure as a row of README.md, with what is promised and not what this machine is held to."""
    name = figure.name if not figure.name.startswith(" ") else f"… {figure.name.strip()}"
    if isinstance(figure, NotMeasured):
        return f"| {name} | not measured: {figure.reason} | | | |"
    bound = f"{'≤' if figure.at_most else '≥'} {figure.promised or figure.target:,g} {figure.unit}"
    if figure.floor is None:
        return f"| {name} | {figure.measured:,.1f} {figure.unit} | {bound} | | |"
    beside = f"{figure.floor.name} {figure.floor.measured:,.1f} {figure.unit}"
    times = figure.measured / figure.floor.measured
    return f"| {name} | {figure.measured:,.1f} {figure.unit} | {bound} | {beside} | {max(times, 1 / times):.1f} |"


if __name__ == "__main__":
    sys.exit(main())
