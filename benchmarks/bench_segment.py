"""How long does it take to cut a text and build the user data of each segment?

A round cuts every text of the profile (1000), so a time divided by 1000 is that of one text.
"""

from collections.abc import Callable, Sequence

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpus import PROFILES, profile
from benchmarks.rivals import frozenset_idiom, reference
from msgcore.encoding.segmentation import segment

Segment = Callable[[str], Sequence[object]]

IMPLEMENTATIONS: dict[str, Segment] = {
    "msgcore": segment,
    "frozenset-idiom": frozenset_idiom.segment,
    "reference": reference.segment,
}


def one_by_one(cut: Segment, texts: list[str]) -> int:
    return sum(len(cut(text)) for text in texts)


@pytest.mark.benchmark(group="segment")
@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
@pytest.mark.parametrize("name", PROFILES)
def test_one_call_each(benchmark: BenchmarkFixture, name: str, implementation: str) -> None:
    texts = profile(name)
    assert benchmark(one_by_one, IMPLEMENTATIONS[implementation], texts) >= len(texts)
