"""How long does it take to join segments, and what does reading their octets add?

A round joins 2500 messages of four segments, all shuffled, so a time divided by 10,000 is that of one segment.
"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.targets.joining import MESSAGES, arrivals, join, join_octets


@pytest.mark.benchmark(group="join")
def test_user_data(benchmark: BenchmarkFixture) -> None:
    assert benchmark(join, arrivals()) == MESSAGES


@pytest.mark.benchmark(group="join")
def test_octets(benchmark: BenchmarkFixture) -> None:
    assert benchmark(join_octets, arrivals()) == MESSAGES
