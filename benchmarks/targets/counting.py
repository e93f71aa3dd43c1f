"""How fast segments are counted: in one call for a text, and in one call for a column of them."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from benchmarks.corpus import COUNT, profile
from benchmarks.rivals import apart
from benchmarks.targets.figures import (
    Figure,
    Floor,
    NotMeasured,
    at_least,
    at_most,
    idiom_nanoseconds,
    nanoseconds,
    nanoseconds_each,
    time_of_one,
)
from msgcore import UnsupportedError, columns, count_segments

# Of the profile: a list so long that the call does not count, and a column whose octets are more than a cache holds.
LIST_COPIES, COPIES = 100, 1000


def figures() -> Iterator[Figure | NotMeasured]:
    yield from one_call()
    yield from lists()
    yield from arrow_columns()


def one_call() -> Iterator[Figure | NotMeasured]:
    """``boundary="cluster"``, the default, everywhere."""
    for name, promised, times_idiom in (("ascii52", 60, 40), ("mixed", 250, 20)):
        texts = profile(name)
        floor = Floor("empty call", nanoseconds_each(len, texts))
        ours = nanoseconds_each(count_segments, texts)
        yield time_of_one(f"count_segments, {name}, one call", ours, promised, floor)
        yield at_least("  times the frozenset idiom", idiom_nanoseconds(name) / ours, "x", times_idiom)
        if name == "ascii52":
            yield rival("smsutil", "  times smsutil", ours, texts, 400)


def rival(name: str, title: str, ours: float, texts: Sequence[str], times: float) -> Figure | NotMeasured:
    try:
        return at_least(title, apart.nanoseconds(name, texts) / ours, "x", times)
    except apart.NotMeasuredError as error:
        return NotMeasured(title, str(error))


def lists() -> Iterator[Figure]:
    for name, promised in (("ascii52", 40), ("mixed", 150)):
        texts = profile(name) * LIST_COPIES
        floor = Floor("len of each", nanoseconds(partial(measure_lengths, texts), len(texts), rounds=5))
        each = column_nanoseconds(texts, len(texts))
        yield time_of_one(f"columns.count_segments, {name}, list[str]", each, promised, floor)


def arrow_columns() -> Iterator[Figure | NotMeasured]:
    for name, promised in (("ascii52", 25), ("mixed", 150)):
        title = f"columns.count_segments, {name}, Arrow"
        texts = profile(name) * COPIES
        try:
            each = column_nanoseconds(arrow_column(texts), len(texts))
        except apart.NotMeasuredError as error:
            yield NotMeasured(title, str(error))
            continue
        floor = copying(texts)
        yield time_of_one(title, each, promised, floor)
        if name == "ascii52":
            yield at_most("  as a multiple of copying the octets", each / floor.measured, "x", 5, floor)
            yield threads()


def threads() -> Figure:
    """Two threads on two halves against one on the whole; it takes two idle cores."""
    half = arrow_column(profile("ascii52") * (COPIES // 2))
    count = COUNT * COPIES

    def count_half() -> None:
        columns.count_segments(half)

    def in_turn() -> None:
        count_half()
        count_half()

    def at_once() -> None:
        other = threading.Thread(target=count_half)
        other.start()
        count_half()
        other.join()

    gain = nanoseconds(in_turn, count, rounds=7) / nanoseconds(at_once, count, rounds=7)
    return at_least("  two threads against one", gain, "x", 1.7)


def measure_lengths(texts: list[str]) -> list[int]:
    """The least that can be done with each text of a list."""
    return list(map(len, texts))


def column_nanoseconds(column: Any, count: int) -> float:
    try:
        return nanoseconds(lambda: columns.count_segments(column), count, rounds=7)
    except UnsupportedError as error:
        raise apart.NotMeasuredError(str(error)) from error


def copying(texts: Sequence[str]) -> Floor:
    """The time to copy the UTF-8 octets of one text, of a column of them."""
    octets = "".join(texts).encode()
    target = bytearray(len(octets))

    def copy() -> None:
        memoryview(target)[:] = octets

    return Floor("memcpy", nanoseconds(copy, len(texts), rounds=10))


def arrow_column(texts: list[str]) -> Any:
    """Return the texts as an Arrow array, by whichever library is installed."""
    for package, build in BUILDERS.items():
        try:
            return build(import_module(package), texts)
        except ImportError:
            continue
    raise apart.NotMeasuredError(f"no Arrow library is installed: pip install {next(iter(BUILDERS))}")


BUILDERS: dict[str, Callable[[Any, list[str]], Any]] = {
    "pyarrow": lambda pyarrow, texts: pyarrow.array(texts, pyarrow.string()),
    "nanoarrow": lambda nanoarrow, texts: nanoarrow.c_array(texts, nanoarrow.string()),
}
