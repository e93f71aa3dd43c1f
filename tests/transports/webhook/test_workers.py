"""Several worker processes over one store: whoever takes a callback, each event is kept once and handled once."""

import asyncio
import http.client
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgcore.testing import event_item
from msgcore.wire import route_callbacks
from tests.transports.webhook.asgi import JSON
from tests.transports.webhook.served import SECONDS, Served, served
from transports import SqliteCallbackStore

EVENTS = 4_000
CLIENTS = 8

WORKER = """
import os
from transports import CallbackReceiver, SqliteCallbackStore

receiver = CallbackReceiver(SqliteCallbackStore("events.db"))

@receiver.on(name="count", concurrency=32)
async def count(event):
    with open(f"heard-{os.getpid()}", "a") as file:
        print(event.message.id, file=file)
"""


def callbacks_of(ids: Sequence[str], chance: random.Random) -> list[bytes]:
    """Return callbacks of a few events each, many of which come again: as they were, or in other company."""
    arrays = []
    begins_at = 0
    while begins_at < len(ids):
        ends_at = begins_at + chance.randint(1, 5)
        arrays.append(ids[begins_at:ends_at])
        begins_at = ends_at
    arrays += chance.sample(arrays, len(arrays) // 3)
    arrays += [chance.sample(ids, 5) for _ in range(len(arrays) // 10)]
    chance.shuffle(arrays)
    return [b"[" + b",".join(map(event_item, array)) + b"]" for array in arrays]


def post_all(ports: Sequence[int], callbacks: Sequence[bytes], chance: random.Random) -> Counter[int]:
    """Post callbacks from several clients at once, each to any of the ports."""
    shares = [(callbacks[number::CLIENTS], random.Random(chance.random())) for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(lambda share: post_some(ports, *share), shares), Counter())


def post_some(ports: Sequence[int], callbacks: Sequence[bytes], chance: random.Random) -> Counter[int]:
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS) for port in ports]
    statuses: Counter[int] = Counter()
    for body in callbacks:
        connection = chance.choice(connections)
        connection.request("POST", "/", body, dict([JSON]))
        response = connection.getresponse()
        response.read()
        statuses[response.status] += 1
    for connection in connections:
        connection.close()
    return statuses


def heard(folder: Path, *workers: Served) -> Counter[str]:
    """Return how often the handlers of these workers have heard of which message."""
    found: Counter[str] = Counter()
    for worker in workers:
        file = folder / f"heard-{worker.pid}"
        found.update(file.read_text().split() if file.exists() else ())
    return found


def wait_for(folder: Path, count: int, *workers: Served) -> None:
    deadline = time.monotonic() + SECONDS
    while heard(folder, *workers).total() < count and time.monotonic() < deadline:
        time.sleep(0.01)


def kept(file: Path) -> Counter[str]:
    async def read() -> Counter[str]:
        found: Counter[str] = Counter()
        after = 0
        async with SqliteCallbackStore(file) as store:
            while events := await store.read(after, 500):
                routes = route_callbacks(b"[" + b",".join(event.raw for event in events) + b"]")
                found.update(route.message.id for route in routes if route.message and route.message.id)
                after = events[-1].sequence
        return found

    return asyncio.run(read())


def test_two_workers_lose_nothing_and_handle_nothing_twice_even_when_one_of_them_ends(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(WORKER)
    chance = random.Random(11)
    ids = [f"m-{number}" for number in range(EVENTS)]
    half = EVENTS // 2
    with served("shop:receiver", tmp_path) as one, served("shop:receiver", tmp_path) as other:
        early, late = callbacks_of(ids[:half], chance), callbacks_of(ids[half:], chance)
        last = late[len(late) // 2 :]
        assert post_all([one.port, other.port], early, chance) == {200: len(early)}
        wait_for(tmp_path, half, one, other)
        leader, follower = (one, other) if heard(tmp_path, one) else (other, one)
        assert heard(tmp_path, leader) == Counter(ids[:half])
        assert heard(tmp_path, follower) == Counter()  # one runs the handlers
        with ThreadPoolExecutor(1) as ending:
            ended = ending.submit(leader.end)  # it goes while callbacks come, and the other one takes over
            meanwhile = late[: -len(last)]
            assert post_all([follower.port], meanwhile, chance) == {200: len(meanwhile)}
            assert ended.result() == ("", "")
        assert post_all([follower.port], last, chance) == {200: len(last)}
        wait_for(tmp_path, EVENTS, one, other)
        assert heard(tmp_path, one, other) == Counter(ids)
        assert heard(tmp_path, follower)
        assert follower.end() == ("", "")
    assert kept(tmp_path / "events.db") == Counter(ids)
