"""What does a callback of one event cost the receiver, without a server around it, and what does each part of it cost?

The floor is the same application over a store that keeps nothing; ``add`` is the store alone, 64 callbacks waiting at a
time. With a real server and a real load: ``receiver_load.py``. The two studies of the store are run once, small.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import callback_store_growth, one_file_or_two, receiver_load
from benchmarks.receiver_server import NoStore
from transports import CallbackReceiver, MemoryCallbackStore, SqliteCallbackStore

AT_ONCE = 64
ROUNDS = 20
HEADERS = [(b"content-type", b"application/json; charset=utf-8"), (b"authorization", b"Basic aG9va3M6c2VjcmV0")]

STORES: dict[str, Callable[[Path], Any]] = {
    "no-store": lambda folder: NoStore(),
    "memory": lambda folder: MemoryCallbackStore(),
    "sqlite": lambda folder: SqliteCallbackStore(folder / "events.db"),
}


async def post(receiver: CallbackReceiver, body: bytes) -> None:
    """Say to a receiver what a server says."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    await receiver({"type": "http", "method": "POST", "path": "/", "headers": HEADERS}, receive, send)


def run_rounds(benchmark: BenchmarkFixture, store: Any, step: Callable[[bytes], Awaitable[object]]) -> None:
    """Time rounds in which so many callbacks come at once, each with a new event."""
    source: Iterator[bytes] = iter(list(islice(callback_store_growth.items(is_random=False), AT_ONCE * (ROUNDS + 2))))

    async def one_round() -> None:
        await asyncio.gather(*(step(item) for item in islice(source, AT_ONCE)))

    with asyncio.Runner() as runner:
        benchmark.pedantic(  # type: ignore[no-untyped-call]
            lambda: runner.run(one_round()), rounds=ROUNDS, warmup_rounds=1
        )
        runner.run(store.aclose())


@pytest.mark.parametrize("name", STORES)
@pytest.mark.benchmark(group="receive 64 callbacks of one event")
def test_receive(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    store = STORES[name](tmp_path)
    receiver = CallbackReceiver(store, credentials=[("hooks", "secret")])
    run_rounds(benchmark, store, lambda item: post(receiver, b"[" + item + b"]"))


@pytest.mark.parametrize("name", STORES)
@pytest.mark.benchmark(group="keep 64 callbacks of one event")
def test_add(benchmark: BenchmarkFixture, tmp_path: Path, name: str) -> None:
    store = STORES[name](tmp_path)
    run_rounds(benchmark, store, lambda item: store.add([item], 0.0))


def test_the_growth_of_a_store_can_be_measured(tmp_path: Path) -> None:
    stages = asyncio.run(callback_store_growth.grow(2000, tmp_path, stages=2))
    assert [stage.events for stage in stages] == [1000, 2000]


def test_one_file_and_two_can_be_measured(tmp_path: Path) -> None:
    for events in ("a", "b"):
        found = one_file_or_two.measure(tmp_path / "a", tmp_path / events, seconds=0.1)
        assert found["events"]["a second"] > 0
        assert found["messages"]["a second"] > 0


def test_a_real_receiver_can_be_loaded(tmp_path: Path) -> None:
    try:
        load = receiver_load.run(str(tmp_path / "events.db"), seconds=1, rounds=1)
    except receiver_load.WrkMissingError as error:
        pytest.skip(str(error))
    assert load.new_events == load.requests > 0
