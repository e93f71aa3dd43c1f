"""How much the simulated provider takes: in process in virtual time, and as a server under wrk.

A server is bound by the CPU time of its process for a post, which other work on the machine hardly disturbs, and by the
rate that wrk sees. Where the floor, which takes all it can get, does not get a core, the rate is bound by as much less.
The floor is a bare ASGI application under the same uvicorn that answers the same octets. Of several runs the one with
the least CPU time counts.
"""

import tempfile
import timeit
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from time import process_time
from typing import Any

import msgspec

from benchmarks import bench_simulator, simulator_memory, simulator_server
from benchmarks.simulator_server import Load, Target
from benchmarks.targets.figures import Figure, Floor, NotMeasured, at_least, at_most

ROUNDS = 3
IN_PROCESS_ROUNDS = 20
PROMISED = {"in memory": 3000, "durable": 2500, "callbacks taken": 1000}
FULL = 0.9  # of a core is what a process on a core of its own gets to use


def figures() -> Iterator[Figure | NotMeasured]:
    yield from in_process()
    yield from server()


# ---------------------------------------------------------------------------------------------------------- in process


def in_process() -> Iterator[Figure]:
    requests = bench_simulator.requests()
    bodies = [request.body for request in requests]
    each = cpu_of_one(lambda: bench_simulator.accept_and_finish(requests), len(requests))
    floor = cpu_of_one(lambda: rewrite(bodies), len(bodies))
    name = "simulator, accepted to last event, in process"
    yield at_least(name, 1e-3 / each, "k/s", 50, Floor("its JSON alone", 1e-3 / floor))
    (first, before), *_, (last, after) = simulator_memory.in_process()
    grown = (after - before) / 2**20
    yield at_most(f"  memory that {(last - first) / 1000:.0f}k more messages add", grown, "MiB", 4)


def rewrite(bodies: Sequence[Any]) -> None:
    """Read each body and write it as often as something is written of a message: its 202 and two events."""
    for body in bodies:
        message = msgspec.json.decode(body)
        for _ in range(3):
            msgspec.json.encode(message)


def cpu_of_one(whole: Callable[[], object], count: int) -> float:
    """Return the least CPU seconds over some rounds, divided by how many things a round works through."""
    return min(timeit.repeat(whole, timer=process_time, number=1, repeat=IN_PROCESS_ROUNDS)) / count


# ------------------------------------------------------------------------------------------------------- as a server


def server() -> Iterator[Figure | NotMeasured]:
    try:
        before = best(simulator_server.bare())
    except simulator_server.NotInstalledError as error:
        for name in PROMISED:
            yield NotMeasured(f"simulator, accepted posts, {name}", str(error))
        return
    with tempfile.TemporaryDirectory() as folder, simulator_server.sink() as url:
        servers = {
            "in memory": simulator_server.simulator(),
            "durable": simulator_server.simulator("--data", folder),
            "callbacks taken": simulator_server.simulator("--callback-url", url),
        }
        loads = {name: best(made) for name, made in servers.items()}
    after = best(simulator_server.bare())
    bare = min(before, after, key=lambda load: load.cpu_microseconds)
    share = min(1.0, before.share / FULL, after.share / FULL)
    for name, promised in PROMISED.items():
        yield from posts(name, loads[name], bare, promised, share)


def posts(name: str, ours: Load, bare: Load, promised: int, share: float) -> Iterator[Figure]:
    floor, cpu = Floor("bare ASGI", bare.per_second), Floor("bare ASGI", bare.cpu_microseconds)
    rate = at_least(f"simulator, accepted posts, {name}", ours.per_second, "/s", round(promised * share), floor)
    yield rate._replace(promised=promised)
    yield at_most("  CPU time of the server for one", ours.cpu_microseconds, "us", round(1e6 / promised), cpu)


def best(made: AbstractContextManager[Target]) -> Load:
    """Load a server some times; return the run that took the least CPU time for a post."""
    with made as target:
        simulator_server.load(target, seconds=1)  # the password is checked against its hash once
        return min((simulator_server.load(target) for _ in range(ROUNDS)), key=lambda load: load.cpu_microseconds)
