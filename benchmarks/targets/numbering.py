"""How fast numbers are judged by the numbering plan, beside libphonenumber in Rust, on the same numbers."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from benchmarks.number_corpus import numbers
from benchmarks.rivals import apart
from benchmarks.rivals.libphonenumber import load
from benchmarks.targets.counting import arrow_column
from benchmarks.targets.figures import Figure, Floor, NotMeasured, at_least, nanoseconds, nanoseconds_each, time_of_one
from msgcore import columns, is_valid_number, parse_number

COPIES = 200  # of the profile, in a column


def figures() -> Iterator[Figure | NotMeasured]:
    texts = numbers("world")
    empty = Floor("empty call", nanoseconds_each(len, texts))
    valid, record = nanoseconds_each(is_valid_number, texts), nanoseconds_each(parse_number, texts)
    yield time_of_one("is_valid_number, one call", valid, 90, empty)
    yield time_of_one("parse_number, one call", record, 90, empty)
    yield rival("  times rphonenumbers", record, texts, 40)
    listed = nanoseconds(lambda: columns.classify_numbers(texts), len(texts))
    yield time_of_one("columns.classify_numbers, list[str]", listed, 40)
    try:
        column = arrow_column(texts * COPIES)
    except apart.NotMeasuredError as error:
        yield NotMeasured("columns.classify_numbers, Arrow", str(error))
        return
    each = nanoseconds(lambda: columns.classify_numbers(column), len(texts) * COPIES, rounds=7)
    yield time_of_one("columns.classify_numbers, Arrow", each, 25)
    yield rival("  times rphonenumbers", each, texts, 120)


def rival(title: str, ours: float, texts: list[str], times: float) -> Figure | NotMeasured:
    """Compare with the rival's whole answer: calling code, region, kind and validity."""
    if find_spec("rphonenumbers") is None:
        return NotMeasured(title, "pip install rphonenumbers, or the extra bench")
    theirs = nanoseconds_each(load(import_module("rphonenumbers")).classify, texts, rounds=3)
    return at_least(title, theirs / ours, "x", times)
