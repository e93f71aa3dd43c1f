"""How long does it take to make a checked message, and to write the request that sends it?"""

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from msgcore.wire import Message, encode_message

PROFILES: dict[str, Callable[[], Message]] = {
    "plain": lambda: Message(to="+19195550123", from_="+19195550100", text="hello there, your table is ready"),
    "tagged": lambda: Message(
        to="+19195550123", from_="+19195550100", text="hello there, your table is ready", tag="order-17"
    ),
    "group-with-media": lambda: Message(
        to=[f"+1919555{number:04}" for number in range(10)],
        from_="+19195550100",
        text="who comes? ☕",
        media="https://cdn.example.org/menu.png",
    ),
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.benchmark(group="make a checked message")
def test_make(benchmark: BenchmarkFixture, profile: str) -> None:
    assert benchmark(PROFILES[profile]).to


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.benchmark(group="write the request of a message")
def test_encode(benchmark: BenchmarkFixture, profile: str) -> None:
    message = PROFILES[profile]()
    assert benchmark(encode_message, message, application_id="0f0e0d0c-0b0a-4a09-8807-060504030201").body
