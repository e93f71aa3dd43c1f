"""How long does one client wait for its 202, on one connection, and how much of that is uvicorn?

The server is a process of its own. With one post at a time the loop mostly waits; how many posts fit into a second is
what ``python -m benchmarks.simulator_server`` finds out with wrk.
"""

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.http_provider import BODY
from benchmarks.simulator_server import Target, bare, resident_bytes, simulator

Server = Callable[[Path], AbstractContextManager[Target]]

SERVERS: dict[str, Server] = {
    "bare ASGI": lambda folder: bare(),
    "simulator": lambda folder: simulator(),
    "simulator-durable": lambda folder: simulator("--data", str(folder)),
}


@pytest.fixture(params=SERVERS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with SERVERS[request.param](tmp_path) as made:
        yield made


@pytest.mark.benchmark(group="a post and its 202, one connection")
def test_answer(benchmark: BenchmarkFixture, target: Target) -> None:
    connection = http.client.HTTPConnection(urlsplit(target.origin).netloc, timeout=20)
    headers = {"content-type": "application/json", "authorization": target.authorization}
    message = {"from": target.sender, "to": ["+19195550123"], "text": "hello", "applicationId": target.application_id}
    body = json.dumps(message)

    def post() -> int:
        connection.request("POST", target.path, body, headers)
        response = connection.getresponse()
        assert b'"id":"' in response.read()
        return response.status

    try:
        assert benchmark(post) == 202
    finally:
        connection.close()
    assert resident_bytes(target.pid) > len(BODY)
