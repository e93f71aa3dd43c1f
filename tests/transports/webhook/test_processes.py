"""A real receiver, killed under real callbacks, and one whose disk is full."""

import asyncio
import http.client
import random
import resource
from pathlib import Path
from signal import Signals

from msgcore.testing import event_item
from tests.soak.receiver import Receiver, soak
from tests.transports.webhook.asgi import basic

JSON = {"content-type": "application/json", **dict([basic("hooks", "soaked")])}


def test_no_callback_is_lost_when_the_receiver_is_killed_under_load(tmp_path: Path) -> None:
    verdict = asyncio.run(soak(tmp_path, 300, 3, random.Random(1), rate=100))
    assert verdict.departures == []
    looked_up = verdict.counts["delivered callbacks looked up after a kill"]
    assert looked_up > 0, "nothing was delivered before a kill: this proved nothing"


def test_a_full_disk_is_answered_503_and_nothing_is_lost(tmp_path: Path) -> None:
    receiver = Receiver(tmp_path / "events.db")
    receiver.start()
    try:
        assert receiver.process is not None
        pid = receiver.process.pid
        assert post(receiver.port, "before") == 200
        unlimited = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        written = (tmp_path / "events.db-wal").stat().st_size
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (written + 20_000, unlimited[1]))
        statuses = [post(receiver.port, str(number)) for number in range(20)]
        assert statuses[-3:] == [503] * 3
        resource.prlimit(pid, resource.RLIMIT_FSIZE, unlimited)
        again = [post(receiver.port, str(number)) for number in range(20)]
        assert again == [200] * 20
        complained = receiver.end(Signals.SIGTERM)
        assert f"21 new events, {statuses.count(200)} repeated" in complained
    finally:
        receiver.close()


def post(port: int, id: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/", b"[" + event_item(id, description="x" * 2000) + b"]", JSON)
        return connection.getresponse().status
    finally:
        connection.close()
