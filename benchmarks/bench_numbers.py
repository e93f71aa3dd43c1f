"""How long does it take to judge a number by the numbering plan? One call each; for columns, one call for all.

A round judges every number of the profile (1000), so a time divided by 1000 is that of one number. ``valid`` asks no
more than whether the plan knows it; ``classify`` asks for calling code, region and kind as well.

``rphonenumbers`` is in the extra ``bench``; without it the others are measured.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.number_corpus import PROFILES, numbers
from benchmarks.rivals.libphonenumber import Rival, load
from msgcore import columns, is_e164, is_valid_number, parse_number
from msgcore.errors import NumberError

Judge = Callable[[str], object]
RIVALS = ("phonenumbers", "rphonenumbers")


@cache
def rival(name: str) -> Rival:
    package = pytest.importorskip(name, reason=f"pip install {name}")
    if name == "phonenumbers":
        import_module("phonenumbers.re_util").enable_pattern_cache()
    return load(package)


def classify(text: str) -> object:
    try:
        number = parse_number(text)
    except NumberError:
        return None
    return number.calling_code, number.region, number.kind, number.is_valid


def one_by_one(judge: Judge, texts: list[str]) -> list[object]:
    return [judge(text) for text in texts]


OURS: dict[str, dict[str, Judge]] = {
    "valid": {"empty-call": len, "syntax-alone": is_e164, "msgcore": is_valid_number},
    "classify": {"msgcore": classify, "msgcore-record-alone": parse_number},
}


@pytest.mark.benchmark(group="number")
@pytest.mark.parametrize("question, implementation", [(question, name) for question in OURS for name in OURS[question]])
@pytest.mark.parametrize("name", ["us", "world"])
def test_one_call_each(benchmark: BenchmarkFixture, name: str, question: str, implementation: str) -> None:
    texts = numbers(name)
    found = benchmark(one_by_one, OURS[question][implementation], texts)
    assert len(found) == len(texts)


@pytest.mark.benchmark(group="number")
@pytest.mark.parametrize("question", OURS)
@pytest.mark.parametrize("implementation", RIVALS)
@pytest.mark.parametrize("name", ["us", "world"])
def test_rivals(benchmark: BenchmarkFixture, name: str, question: str, implementation: str) -> None:
    texts = numbers(name)
    judge = rival(implementation).is_valid if question == "valid" else rival(implementation).classify
    found = benchmark(one_by_one, judge, texts)
    assert len(found) == len(texts)


@pytest.mark.benchmark(group="number")
@pytest.mark.parametrize("name", PROFILES)
def test_column(benchmark: BenchmarkFixture, name: str) -> None:
    texts = numbers(name)
    found = benchmark(columns.classify_numbers, texts)
    assert [status == 0 for status in found.status] == one_by_one(is_valid_number, texts)


@pytest.mark.benchmark(group="number")
def test_column_of_a_hundred_thousand(benchmark: BenchmarkFixture) -> None:
    texts = numbers("us", 100_000)
    assert len(benchmark(columns.classify_numbers, texts)) == len(texts)
