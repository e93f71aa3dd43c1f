"""What a message costs to be sent so that nothing is lost, beside the official SDK and a client that only sends."""

from collections.abc import Iterator

from benchmarks import durable_rivals, http_rivals, paced_rate
from benchmarks.queue_provider import WINDOW_SECONDS
from benchmarks.targets.figures import Figure, Floor, NotMeasured, at_least, at_most
from tests.peers.verdicts import InstallError, MissingToolError, RegistryError

ROUNDS = 5

BY_BARE = 3.5
BY_SDK = {"uvloop": 12.0, "asyncio": 8.0}


def figures() -> Iterator[Figure | NotMeasured]:
    yield from costs()
    yield from pace()


def costs() -> Iterator[Figure | NotMeasured]:
    try:
        http_rivals.OFFICIAL_SDK.install()
    except (MissingToolError, RegistryError, InstallError) as error:
        why = f"bandwidth-sdk cannot be installed: {error}"
    else:
        why = ""
    cost = durable_rivals.measure(ROUNDS, rivals=not why)
    for loop, times in BY_SDK.items():
        for in_flight in durable_rivals.IN_FLIGHT:
            case = f"{loop}, {in_flight} in flight"
            ours, bare = cost[f"durable, {case}"], cost[f"bare, {case}"]
            floor = Floor("bare client", bare)
            yield at_most(f"durable send, CPU, {case}", ours, "us", round(BY_BARE * bare, 1), floor)
            name = "  times the official SDK"
            yield NotMeasured(name, why) if why else at_least(name, cost["official SDK"] / ours, "x", times)


def pace() -> Iterator[Figure]:
    """Ten queues at once and half a minute more: what the provider saw."""
    seen = paced_rate.measure()
    expected = paced_rate.RATE * WINDOW_SECONDS
    worst = max(abs(window / expected - 1) for window in seen.windows)
    yield at_most(f"paced at {paced_rate.RATE}/s over HTTP, off in ten seconds", worst * 100, "%", 1)
    yield at_most("  refused (429), ten queues sent at once", seen.refused, "", 0)
