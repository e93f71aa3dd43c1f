"""What a callback costs who receives it: decoded, routed, and taken over HTTP into a store."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import receiver_load
from benchmarks.bench_callbacks import BODIES, EVENTS
from benchmarks.rivals.apart import TIMED
from benchmarks.targets.figures import Figure, Floor, NotMeasured, at_least, at_most, nanoseconds
from msgcore.wire import decode_callbacks, route_callbacks
from tests.peers.official_sdk import ENVIRONMENT
from tests.peers.verdicts import InstallError, MissingToolError, RegistryError

ROUNDS = 5  # in which we and the SDK take turns

DECODED = "decode_callbacks, arrays of 100, times the official SDK"
ROUTED = "route_callbacks, the same"


def figures() -> Iterator[Figure | NotMeasured]:
    yield from decoding()
    yield from taking()


def decoding() -> Iterator[Figure | NotMeasured]:
    try:
        ENVIRONMENT.install()
    except (MissingToolError, RegistryError, InstallError) as error:
        yield NotMeasured(DECODED, f"bandwidth-sdk cannot be installed: {error}")
        return
    body = BODIES["today"]
    sdk = single = decoded = routed = float("inf")
    for _ in range(ROUNDS):
        decoded = min(decoded, each(decode_callbacks, body))
        routed = min(routed, each(route_callbacks, body))
        sdk = min(sdk, official_sdk("Callback", body))
        single = min(single, official_sdk("StatusCallback", body))
    yield at_least(DECODED, sdk / decoded, "x", 15, Floor("the SDK told the type", single / decoded))
    yield at_least(ROUTED, sdk / routed, "x", 30, Floor("the SDK told the type", single / routed))


def each(decode: Callable[[bytes], Sequence[object]], body: bytes) -> float:
    """Return the least time of an event."""
    assert len(decode(body)) == EVENTS
    return nanoseconds(lambda: decode(body), EVENTS, rounds=20)


def official_sdk(model: str, body: bytes) -> float:
    """Return the least time of an event with a model of the SDK."""
    question = {"model": model, "body": body.decode(), "rounds": 5}
    [answer] = ENVIRONMENT.ask(str(TIMED / "official_sdk_decode.py"), [question])
    assert answer["events"] == EVENTS
    return float(answer["nanoseconds"])


def taking() -> Iterator[Figure | NotMeasured]:
    title = "CallbackReceiver under uvicorn, CPU a request"
    try:
        bare = receiver_load.run("none")
        with tempfile.TemporaryDirectory() as folder:
            ours = receiver_load.run(str(Path(folder) / "events.db"))
    except receiver_load.WrkMissingError as error:
        yield NotMeasured(title, str(error))
        return
    floor = Floor("no store", bare.microseconds)
    yield at_most(title, ours.microseconds, "us", 120, floor)
    yield at_most("  by the same application without a store", ours.microseconds / bare.microseconds, "x", 2)
    yield at_least("  requests a second, group commit", ours.requests_per_second, "/s", 5000)
