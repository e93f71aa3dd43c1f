"""How long does a callback of 100 events take to become objects, and what would the JSON alone take?

Floors of the same run: ``json.loads`` and msgspec without types, which build dicts and check nothing. Profiles: arrays
of today, arrays in which one event is unknown, and arrays that write every absent field as ``null``.
"""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from msgcore.wire import UnknownEvent, decode_callbacks, encode_callbacks, route_callbacks

EVENTS = 100


def event(number: int) -> dict[str, Any]:
    recipient = f"+1555000{number:04}"
    failed = number % 10 == 9
    return {
        "type": "message-failed" if failed else "message-delivered",
        "time": f"2023-05-04T10:14:03.{number:03}Z",
        "description": "invalid destination" if failed else "ok",
        "to": recipient,
        **({"errorCode": 4720} if failed else {}),
        "message": {
            "id": f"1683195242{number:03}oa7lqsaj2xuid5zz",
            "owner": "+15550001111",
            "applicationId": "0f0e0d0c-0b0a-4a09-8807-060504030201",
            "time": "2023-05-04T10:14:02.000Z",
            "segmentCount": 1,
            "direction": "out",
            "to": [recipient],
            "from": "+15550001111",
            "text": "",
            "tag": f"order-{number}",
        },
    }


def with_nulls(item: dict[str, Any]) -> dict[str, Any]:
    return item | {"carrierName": None, "message": item["message"] | {"media": None, "priority": None}}


TODAY = [event(number) for number in range(EVENTS)]
PROFILES = {
    "today": TODAY,
    "one-unknown": [*TODAY[1:], event(0) | {"type": "message-read"}],
    "nulls": [with_nulls(item) for item in TODAY],
}
BODIES = {name: msgspec.json.encode(items) for name, items in PROFILES.items()}

DECODERS: dict[str, Callable[[bytes], Any]] = {
    "msgcore": decode_callbacks,
    "msgcore-route": route_callbacks,
    "json-loads": json.loads,
    "msgspec-untyped": msgspec.json.Decoder().decode,
}


@pytest.mark.parametrize("implementation", DECODERS)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.benchmark(group="decode a callback of 100 events")
def test_decode(benchmark: BenchmarkFixture, profile: str, implementation: str) -> None:
    events = benchmark(DECODERS[implementation], BODIES[profile])
    assert len(events) == EVENTS


@pytest.mark.benchmark(group="decode a callback of 100 events")
def test_decode_and_read_what_a_ledger_reads(benchmark: BenchmarkFixture) -> None:
    def keys() -> set[Any]:
        return {event.deduplication_key for event in decode_callbacks(BODIES["today"])}

    assert len(benchmark(keys)) == EVENTS


@pytest.mark.benchmark(group="encode a callback of 100 events")
def test_encode(benchmark: BenchmarkFixture) -> None:
    events = decode_callbacks(BODIES["today"])
    assert not any(isinstance(event, UnknownEvent) for event in events)
    assert json.loads(benchmark(encode_callbacks, events)) == TODAY
