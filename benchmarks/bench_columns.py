"""How long does a text of a column take? One call for all of them, beside a copy of the same octets.

A round works through 500 times the texts of a profile, more than caches hold, so a time divided by 500,000 is that of
one text. The copy is the floor: whoever reads the octets from memory and writes a result can hardly be quicker.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.corpus import PROFILES, profile
from msgcore import columns

REPEATS = 500

MAKERS: dict[str, Callable[[list[str]], Any]] = {
    "list": list,
    "arrow-utf8": pyarrow.array,
    "arrow-string-view": lambda texts: pyarrow.array(texts, pyarrow.string_view()),
    "arrow-dictionary": lambda texts: pyarrow.array(texts).dictionary_encode(),
}


def copy_into(target: bytearray, octets: memoryview) -> int:
    target[:] = octets
    return len(target)


def halves_at_once(pool: ThreadPoolExecutor, halves: list[Any]) -> list[Any]:
    return list(pool.map(columns.count_segments, halves))


@pytest.mark.benchmark(group="columns")
@pytest.mark.parametrize("name", PROFILES)
def test_copy(benchmark: BenchmarkFixture, name: str) -> None:
    octets = memoryview("".join(profile(name) * REPEATS).encode())
    assert benchmark(copy_into, bytearray(len(octets)), octets) == len(octets)


@pytest.mark.benchmark(group="columns")
@pytest.mark.parametrize(
    "call", [columns.count_segments, columns.analyze, columns.segment], ids=lambda call: call.__name__
)
@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("name", PROFILES)
def test_one_call_for_all(benchmark: BenchmarkFixture, name: str, maker: str, call: Callable[[Any], Any]) -> None:
    texts = MAKERS[maker](profile(name) * REPEATS)
    assert len(benchmark(call, texts)) == len(texts)


@pytest.mark.benchmark(group="columns")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("name", PROFILES)
def test_halves_in_threads(benchmark: BenchmarkFixture, name: str, threads: int) -> None:
    half = pyarrow.array(profile(name) * (REPEATS // 2))
    with ThreadPoolExecutor(threads) as pool:
        found = benchmark(halves_at_once, pool, [half, half])
    assert [len(one) for one in found] == [len(half)] * 2
