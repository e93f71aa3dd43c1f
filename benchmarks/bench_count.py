"""How long does it take to count the segments of a text? One call each; for columns, one call for all.

A round counts every text of the profile (1000), so a time divided by 1000 is that of one text.
"""

from collections.abc import Callable
from functools import partial

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpus import PROFILES, profile
from benchmarks.rivals import frozenset_idiom, reference
from msgcore import columns
from msgcore.encoding.segmentation import count_segments

Count = Callable[[str], int]


def one_by_one(count: Count, texts: list[str]) -> list[int]:
    return [count(text) for text in texts]


IMPLEMENTATIONS: dict[str, Count] = {
    "msgcore": count_segments,
    "empty-call": len,
    "msgcore-languages-auto": partial(count_segments, languages="auto"),
    "frozenset-idiom": frozenset_idiom.count_segments,
    "reference": reference.count_segments,
}


@pytest.mark.benchmark(group="count")
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", PROFILES)
def test_one_call_each(benchmark: BenchmarkFixture, name: str, implementation: str) -> None:
    texts = profile(name)
    found = benchmark(one_by_one, IMPLEMENTATIONS[implementation], texts)
    assert len(found) == len(texts)


@pytest.mark.benchmark(group="count")
@pytest.mark.parametrize("name", PROFILES)
def test_column(benchmark: BenchmarkFixture, name: str) -> None:
    texts = profile(name)
    found = benchmark(columns.count_segments, texts)
    assert found.tolist() == one_by_one(count_segments, texts)
