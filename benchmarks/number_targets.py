"""What is promised about numbers, measured in one run: rows for ``benchmarks/targets.py``.

A row is (name, measured, unit, target, whether the target is an upper bound). The rows that compare with
``rphonenumbers`` are there when it is installed.
"""

import timeit
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from benchmarks.number_corpus import numbers
from benchmarks.rivals.libphonenumber import load
from msgcore import columns, is_valid_number, parse_number

Row = tuple[str, float, str, float, bool]


def rows() -> list[Row]:
    """Measure everything on the same thousand numbers of the world."""
    texts = numbers("world")
    empty = each(len, texts)
    valid, record = each(is_valid_number, texts), each(parse_number, texts)
    column = least(lambda: columns.classify_numbers(texts), 50) / len(texts)
    found: list[Row] = [
        ("is_valid_number, one call", valid, "ns", 150, True),
        ("parse_number, one call", record, "ns", 150, True),
        ("  the same, above the empty call in the same loop", record - empty, "ns", 110, True),
        ("columns.classify_numbers, a list, each number", column, "ns", 60, True),
    ]
    if find_spec("rphonenumbers"):
        rival = each(load(import_module("rphonenumbers")).classify, texts, rounds=3)
        found += [
            ("parse_number, as a multiple of rphonenumbers' speed", rival / record, "x", 40, False),
            ("classify_numbers, as a multiple of rphonenumbers' speed", rival / column, "x", 120, False),
        ]
    return found


def each(judge: Callable[[str], object], texts: list[str], rounds: int = 50) -> float:
    """Return the least time of one call in a plain loop, in nanoseconds."""

    def loop() -> None:
        for text in texts:
            judge(text)

    return least(loop, rounds) / len(texts)


def least(work: Callable[[], object], rounds: int) -> float:
    """Return the least time of a round, in nanoseconds."""
    work()
    return min(timeit.repeat(work, number=1, repeat=7 * rounds)) * 1e9


if __name__ == "__main__":
    for name, measured, unit, target, at_most in rows():
        print(f"{name:58} {measured:9,.1f} {unit:2} {'<=' if at_most else '>='} {target:g} {unit}")
