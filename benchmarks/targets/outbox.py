"""How fast messages become durable, and attempts; beside the bare database and the disk in the same run."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.outbox_course import BATCH, bare_database, course, synchronise_often, synchronised_file
from benchmarks.targets.figures import Figure, Floor, at_least, at_most

ROUNDS = 20
BARE_PUTS = 20.0
"""What a message may cost the CPU from its put to its receipt, by what it costs to put it into the bare database."""


def figures() -> Iterator[Figure]:
    with course() as messages, bare_database() as bare, synchronised_file() as file:
        puts = least(messages.put, messages.batch)
        bare_puts = least(lambda _: bare.put())
        yield at_least("durable puts, batches of 1,000", rate(puts), "k/s", 100.0, Floor("bare", rate(bare_puts)))
        messages.begin()
        attempts = least(messages.attempt, messages.claim)
        disk = least(lambda _: synchronise_often(file))
        yield at_least("durable attempts, 64 in flight", rate(attempts), "k/s", 60.0, Floor("disk", rate(disk)))
    with course() as messages, bare_database() as bare:
        messages.begin()
        life = least(lambda _: messages.whole_life(), timer=time.process_time)
        put = least(lambda _: bare.put(), timer=time.process_time)
        yield at_most("from put to receipt, by a bare put's CPU", life / put, "×", BARE_PUTS)


def least(
    step: Callable[[Any], object],
    prepare: Callable[[], object] = lambda: None,
    timer: Callable[[], float] = time.perf_counter,
) -> float:
    """Return the least time of some rounds of a step, each on what was prepared for it."""
    times = []
    for _ in range(ROUNDS):
        given = prepare()
        start = timer()
        step(given)
        times.append(timer() - start)
    return min(times)


def rate(seconds: float) -> float:
    """Return how many thousands of messages fit a second."""
    return BATCH / seconds / 1e3
