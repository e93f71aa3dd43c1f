"""The runner of the targets: it measures every promise, says what it missed, and what it could not measure."""

import shutil
import timeit
from collections.abc import Callable

import pytest

from benchmarks import durable_rivals, http_rivals, paced_rate, simulator_memory, simulator_server
from benchmarks.queue_provider import Queue, Seen
from benchmarks.rivals import apart
from benchmarks.simulator_server import Load
from benchmarks.targets import __main__ as runner
from benchmarks.targets import command, counting, figures, outbox, simulator
from benchmarks.targets.figures import Figure, Floor, NotMeasured
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import RegistryError

# The rows of the table of promises, as they are printed.
PROMISED = """
    count_segments, ascii52, one call
      times the frozenset idiom
      times smsutil
    count_segments, mixed, one call
      times the frozenset idiom
    columns.count_segments, ascii52, list[str]
    columns.count_segments, mixed, list[str]
    columns.count_segments, ascii52, Arrow
    columns.count_segments, mixed, Arrow
    segment, mixed, to packed octets with UDH
      times python-messaging
    Reassembler, 4 segments, shuffled
    a message over HTTP, asyncio, by a bare client's CPU
    a message over HTTP, uvloop, by a bare client's CPU
    durable send, CPU, uvloop, 64 in flight
      times the official SDK
    durable send, CPU, asyncio, 256 in flight
    paced at 200/s over HTTP, off in ten seconds
      refused (429), ten queues sent at once
    durable puts, batches of 1,000
    durable attempts, 64 in flight
    simulator, accepted to last event, in process
      memory that 2k more messages add
    simulator, accepted posts, in memory
      CPU time of the server for one
    simulator, accepted posts, durable
    simulator, accepted posts, callbacks taken
    import msgcore
    msgcore send examples/campaign.csv, whole process
"""


class Absent(PythonEnvironment):
    """An environment that cannot be had."""

    def install(self) -> None:
        raise RegistryError("nobody answers")


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything runs once, and takes a millisecond."""

    def once(call: Callable[[], object], number: int, repeat: int, timer: object = None) -> list[float]:
        call()
        return [1e-3]

    def absent(name: str, texts: object, rounds: int = 5) -> float:
        raise apart.NotMeasuredError(f"{name} is not here")

    monkeypatch.setattr(timeit, "repeat", once)
    monkeypatch.setattr(apart, "nanoseconds", absent)
    monkeypatch.setattr(counting, "COPIES", 2)
    monkeypatch.setattr(counting, "LIST_COPIES", 1)
    monkeypatch.setattr(http_rivals, "in_process", lambda make, loop, in_flight: 1.0)
    monkeypatch.setattr(http_rivals, "with_client", lambda port, loop: 1.0)
    monkeypatch.setattr(outbox, "ROUNDS", 1)
    monkeypatch.setattr(http_rivals, "OFFICIAL_SDK", Absent("official_sdk", ()))
    monkeypatch.setattr(durable_rivals, "floor", lambda port, loop, in_flight: 1.0)
    monkeypatch.setattr(durable_rivals, "durable", lambda port, folder, loop, in_flight: 3.0)
    monkeypatch.setattr(paced_rate, "measure", lambda: Seen(0, [2000, 1990]))
    monkeypatch.setattr(simulator_memory, "MARKS", (1000, 2000, 3000))
    monkeypatch.setattr(simulator, "best", lambda server: Load(1000, 0.1, 0.05, 1.0, 2.0))
    monkeypatch.setattr(command, "import_milliseconds", lambda module: 1.0)
    monkeypatch.setattr(command, "campaign_seconds", lambda: 1.0)
    figures.slowness.cache_clear()
    figures.idiom_nanoseconds.cache_clear()


@pytest.mark.usefixtures("instant")
def test_every_promise_has_its_row(capsys: pytest.CaptureFixture[str]) -> None:
    runner.main([])
    printed = capsys.readouterr().out
    for row in filter(None, map(str.strip, PROMISED.splitlines())):
        assert row in printed
    assert "NOT MEASURED: smsutil is not here" in printed
    assert "NOT MEASURED: bandwidth-sdk cannot be installed: nobody answers" in printed


@pytest.mark.parametrize(
    ("figure", "met"),
    [
        (Figure("at most", 10, "ns", 10), True),
        (Figure("at most", 10.1, "ns", 10), False),
        (Figure("at least", 10, "x", 10, at_most=False), True),
        (Figure("at least", 9.9, "x", 10, at_most=False), False),
    ],
)
def test_a_bound_is_kept_up_to_its_figure(figure: Figure, met: bool) -> None:
    assert figure.is_met == met
    assert ("MISSED" in runner.row(figure)) == (not met)


def test_a_row_shows_the_floor_and_what_could_not_be_measured() -> None:
    assert "memcpy 5.0" in runner.row(Figure("column", 20, "ns", 25, floor=Floor("memcpy", 5)))
    assert runner.row(NotMeasured("column", "no library")).endswith("NOT MEASURED: no library")


@pytest.mark.parametrize(
    ("figure", "row"),
    [
        (
            Figure("column", 20, "ns", 1900, floor=Floor("memcpy", 5), promised=1025),
            "| column | 20.0 ns | ≤ 1,025 ns | memcpy 5.0 ns | 4.0 |",
        ),
        (
            Figure("join", 2, "M/s", 1, at_most=False, floor=Floor("empty call", 8)),
            "| join | 2.0 M/s | ≥ 1 M/s | empty call 8.0 M/s | 4.0 |",
        ),
        (Figure("  times smsutil", 500, "x", 400, at_most=False), "| … times smsutil | 500.0 x | ≥ 400 x | | |"),
        (NotMeasured("column", "no library"), "| column | not measured: no library | | | |"),
    ],
)
def test_the_table_of_the_readme_is_written_by_the_runner(figure: Figure | NotMeasured, row: str) -> None:
    assert runner.markdown_row(figure) == row


@pytest.mark.usefixtures("instant")
def test_a_missed_promise_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    assert runner.main(["command"]) == 0
    monkeypatch.setattr(command, "campaign_seconds", lambda: 11.0)
    assert runner.main(["command"]) == 1


def test_there_are_no_other_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        runner.main(["nonsense"])
    assert "counting" in capsys.readouterr().err


def test_without_wrk_the_server_is_skipped_by_name_with_the_line_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    rows = [runner.row(figure) for figure in simulator.server()]
    assert all(row.endswith("NOT MEASURED: wrk is not installed: apt-get install wrk") for row in rows)
    assert [row.split("  ")[0] for row in rows] == [f"simulator, accepted posts, {name}" for name in simulator.PROMISED]


@pytest.mark.skipif(shutil.which("wrk") is None, reason="apt-get install wrk")
def test_a_load_tells_what_came_of_it() -> None:
    with simulator_server.sink() as url, simulator_server.simulator("--callback-url", url) as target:
        load = simulator_server.load(target, seconds=1, connections=4)
    assert load.accepted > 10
    assert 0 < load.cpu_microseconds < 1e6
    assert 0 < load.median_milliseconds <= load.p99_milliseconds


@pytest.mark.skipif(shutil.which("wrk") is None, reason="apt-get install wrk")
def test_a_load_that_is_refused_is_no_figure() -> None:
    with simulator_server.simulator() as target, pytest.raises(RuntimeError, match="refused"):
        simulator_server.load(target._replace(authorization="Basic bm9ib2R5Og=="), seconds=1, connections=1)


def test_a_rate_is_bound_by_as_much_as_a_busy_machine_leaves_of_a_core() -> None:
    ours, bare = Load(1600, 1.0, 0.2, 1.0, 2.0), Load(9000, 1.0, 0.45, 1.0, 2.0)
    rate, cpu = simulator.posts("in memory", ours, bare, 3000, bare.share / simulator.FULL)
    assert (rate.measured, rate.target, rate.promised, rate.is_met) == (1600, 1500, 3000, True)
    assert (cpu.measured, cpu.target, cpu.is_met) == (125, 333, True)


def test_a_queue_refuses_what_does_not_fit_and_counts_what_comes_once_it_was_full() -> None:
    queue = Queue(rate=1, depth=2)
    assert [queue.take(0.0) for _ in range(3)] == [True, True, False]
    assert queue.take(1.0)
    assert not queue.take(1.5)
    assert all(queue.take(float(second)) for second in range(2, 23))
    assert queue.seen() == Seen(2, [10, 10])
