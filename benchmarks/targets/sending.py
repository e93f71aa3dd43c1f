"""What a message costs over HTTP, beside a client that does nothing else."""

from collections.abc import Iterator

from benchmarks import http_rivals
from benchmarks.targets.figures import Figure, at_most

ROUNDS = 3


def figures() -> Iterator[Figure]:
    cost = microseconds()
    for loop in ("asyncio", "uvloop"):
        ratio = cost[f"msgcore, {loop}, 64 in flight"] / cost[f"bare, {loop}, 64 in flight"]
        yield at_most(f"a message over HTTP, {loop}, by a bare client's CPU", ratio, "x", 1.5)


def microseconds() -> dict[str, float]:
    """Return the CPU time of a message with each client, all in one run."""
    return http_rivals.measure(ROUNDS, rivals=False)
