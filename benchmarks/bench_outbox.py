"""What does it cost to lose nothing?

Each round takes a batch of 1,000 messages one step on, through ``SqliteOutbox``: put, claimed, attempted and accepted
with 64 at the same time, concluded. Beside it in the same run: the bare database, which only keeps the same octets
under a key, and one synchronised write, which no commit can do without. The clock is that of the CPU, both threads
together, except where the group says *durable*: there it is time that passes, and the disk's is in it.

``python -m benchmarks.outbox_growth`` measures 10 thousand against 10 million waiting messages.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.outbox_course import Course, bare_database, course, synchronise_often, synchronised_file

ROUNDS = 12


@pytest.fixture
def messages() -> Iterator[Course]:
    with course() as made:
        yield made


def measure(
    benchmark: BenchmarkFixture, step: Callable[[Any], object], prepare: Callable[[], object] = lambda: None
) -> None:
    """Time a step, each round on what is prepared for it."""
    benchmark.pedantic(step, setup=lambda: ((prepare(),), {}), rounds=ROUNDS)  # type: ignore[no-untyped-call]


@pytest.mark.benchmark(group="put 1,000 messages, durable")
def test_put_durable_msgcore(benchmark: BenchmarkFixture, messages: Course) -> None:
    measure(benchmark, messages.put, messages.batch)


@pytest.mark.benchmark(group="put 1,000 messages, durable")
def test_put_durable_bare(benchmark: BenchmarkFixture) -> None:
    with bare_database() as database:
        measure(benchmark, lambda _: database.put())


@pytest.mark.benchmark(group="put 1,000 messages, CPU", timer=time.process_time)
def test_put_msgcore(benchmark: BenchmarkFixture, messages: Course) -> None:
    measure(benchmark, messages.put, messages.batch)


@pytest.mark.benchmark(group="put 1,000 messages, CPU", timer=time.process_time)
def test_put_bare(benchmark: BenchmarkFixture) -> None:
    with bare_database() as database:
        measure(benchmark, lambda _: database.put())


@pytest.mark.benchmark(group="1,000 attempts, 64 at a time, durable")
def test_attempts_msgcore(benchmark: BenchmarkFixture, messages: Course) -> None:
    for _ in range(ROUNDS):
        messages.put(messages.batch())
    messages.begin()
    measure(benchmark, messages.attempt, messages.claim)


@pytest.mark.benchmark(group="1,000 attempts, 64 at a time, durable")
def test_attempts_synchronised_writes_alone(benchmark: BenchmarkFixture) -> None:
    with synchronised_file() as file:
        measure(benchmark, lambda _: synchronise_often(file))


@pytest.mark.benchmark(group="1,000 messages from put to receipt, CPU", timer=time.process_time)
def test_whole_life_msgcore(benchmark: BenchmarkFixture, messages: Course) -> None:
    messages.begin()
    measure(benchmark, lambda _: messages.whole_life())


@pytest.mark.benchmark(group="1,000 messages from put to receipt, CPU", timer=time.process_time)
def test_whole_life_bare_put_alone(benchmark: BenchmarkFixture) -> None:
    with bare_database() as database:
        measure(benchmark, lambda _: database.put())
