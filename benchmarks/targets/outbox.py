"""How fast messages become durable, and attempts; beside the bare database and the disk in the same run."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.outbox_course import BATCH, bare_database, course, synchronise_often, synchronised_file
from benchmarks.targets.figures import Figure, Floor, at_least

ROUNDS = 20


def figures() -> Iterator[Figure]:
    with course() as messages, bare_database() as bare, synchronised_file() as file:
        puts = least(messages.put, messages.batch)
        bare_puts = least(lambda _: bare.put())
        yield at_least("durable puts, batches of 1,000", rate(puts), "k/s", 100.0, Floor("bare", rate(bare_puts)))
        messages.begin()
        attempts = least(messages.attempt, messages.claim)
        disk = least(lambda _: synchronise_often(file))
        yield at_least("durable attempts, 64 in flight", rate(attempts), "k/s", 60.0, Floor("disk", rate(disk)))


def least(step: Callable[[Any], object], prepare: Callable[[], object] = lambda: None) -> float:
    """Return the least time of some rounds of a step, each on what was prepared for it."""
    times = []
    for _ in range(ROUNDS):
        given = prepare()
        start = time.perf_counter()
        step(given)
        times.append(time.perf_counter() - start)
    return min(times)


def rate(seconds: float) -> float:
    """Return how many thousands of messages fit a second."""
    return BATCH / seconds / 1e3
