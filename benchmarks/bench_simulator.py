"""How many messages does the simulated provider bring from the request to their last event, in virtual time?"""

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from msgcore.wire import Message, encode_message
from msgcore.wire.exchange import Request
from transports.simulator import Engine

COUNT = 1000
RATE = 10_000
START = 1767225600.0


def requests() -> list[Request]:
    return [
        encode_message(
            Message(
                to=f"+1919555{number % 100 + 100:04}", from_="+19195550200", text=f"hello, table {number} is ready"
            ),
            application_id="0f0e0d0c-0b0a-4a09-8807-060504030201",
        )
        for number in range(COUNT)
    ]


def accept_and_finish(messages: list[Request]) -> int:
    engine = Engine.open(rate=RATE)
    for number, request in enumerate(messages):
        engine.handle(request, START + number / RATE)
    return len(engine.advance(START + 3600))


@pytest.mark.benchmark(group=f"{COUNT:,} messages from request to last event")
def test_course(benchmark: BenchmarkFixture) -> None:
    assert benchmark(accept_and_finish, requests()) == 2 * COUNT
