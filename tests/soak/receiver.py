"""A receiver that is killed again and again under load: the scenario ``killed_receiver``.

The simulator's server posts real callbacks, challenged for their credentials, and posts again what was not answered.
The receiver is a process of its own, ended by ``kill -9`` at random moments. After every kill, whatever the provider
takes for delivered has to be in the store; at the end, every event of every message, each once.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgcore.wire import Message, decode_send_response, encode_message, route_callbacks
from tests.ports import Port
from tests.soak.verdicts import Verdict
from transports import HttpTransport, SqliteCallbackStore

SECONDS = 120  # after which whatever is waited for does not come
USER, PASSWORD = "hooks", "soaked"
EVENTS = ("message-sent", "message-delivered")
RETRY_SECONDS = 0.5
IN_FLIGHT = 32
RATE = 400  # messages a second


class Receiver:
    """``msgcore receive`` on one port and one store, however often it is started."""

    def __init__(self, store: Path, environment: Mapping[str, str] | None = None) -> None:
        self.store = store
        self._environment = {"MSGCORE_CALLBACK_PASSWORD": PASSWORD, **(environment or {})}
        self._port = Port()  # for as long as this lives, however often it is killed
        self.port = self._port.number
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        options = ["--store", str(self.store), "--port", str(self.port), "--user", USER]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "transports.cli", "receive", *options],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | self._environment,
        )
        assert self.process.stderr is not None
        said = iter(self.process.stderr)
        assert any(line.startswith("ready ") for line in said), "the receiver did not start"

    def end(self, number: signal.Signals) -> str:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.communicate(timeout=SECONDS)[1]

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate(timeout=SECONDS)
        self._port.close()


@contextlib.contextmanager
def simulator(folder: Path, callback_port: int, rate: int) -> Iterator[dict[str, Any]]:
    """Run the provider, and yield what its clients need."""
    ready = folder / "ready.json"
    command = [
        sys.executable, "-m", "transports.cli", "simulator", "--port", "0", "--rate", str(rate), "--seed", "1",
        "--ready-file", str(ready), "--retry-interval", str(RETRY_SECONDS),
        "--callback-url", f"http://127.0.0.1:{callback_port}/", "--callback-user", USER,
        "--callback-password", PASSWORD,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert any(line.startswith("ready ") for line in iter(process.stdout.readline, ""))
            yield json.loads(ready.read_text())
        finally:
            process.kill()


def callbacks(ready: dict[str, Any], state: str) -> list[dict[str, Any]]:
    """Return what the provider knows of its callbacks: all that wait, or the last that were delivered."""
    with urllib.request.urlopen(f"{ready['control_url']}/callbacks?state={state}", timeout=SECONDS) as answer:
        found: list[dict[str, Any]] = json.loads(answer.read())
        return found


async def send(ready: dict[str, Any], count: int) -> list[str]:
    """Send messages and return their ids."""
    transport = HttpTransport(
        ready["base_url"], account_id=ready["account_id"], user=ready["user"], password=ready["password"]
    )
    ids: list[str] = []
    turns = iter(range(count))

    async def work() -> None:
        for number in turns:
            message = Message(to=f"+1919{number:07d}", from_=ready["numbers"][0], text="soaked", tag=str(number))
            request = encode_message(message, application_id=ready["application_id"])
            ids.append(decode_send_response(await transport.exchange(request)).id)

    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
    await transport.aclose()
    return ids


async def heard(store: Path, ids: Sequence[str]) -> Counter[tuple[str, str]]:
    """Return how often which event of which message is in a store."""
    async with SqliteCallbackStore(store) as opened:
        raws = [event.raw for event in await opened.heard(ids)]
    routes = route_callbacks(b"[" + b",".join(raws) + b"]")
    return Counter((route.message.id, route.type) for route in routes if route.message and route.type)


def killed_receiver(folder: Path, messages: int, times: int, chance: random.Random) -> Verdict:
    """The receiver is killed while callbacks come: what it answered is there, and the rest comes again."""
    return asyncio.run(soak(folder, messages, times, chance))


async def soak(folder: Path, messages: int, kills: int, chance: random.Random, *, rate: int = RATE) -> Verdict:
    """Kill a receiver while so many messages are delivered."""
    departures: list[str] = []
    counts: Counter[str] = Counter(messages=messages, broken=kills)
    receiver = Receiver(folder / "events.db")
    receiver.start()
    try:
        with simulator(folder, receiver.port, rate) as ready:
            sending = asyncio.ensure_future(send(ready, messages))
            for _ in range(kills):
                await asyncio.sleep(chance.uniform(0.3, 1.0) * messages / rate / kills)
                await some_delivered(ready)  # or the kill would prove nothing
                receiver.end(signal.SIGKILL)
                delivered = [id for callback in callbacks(ready, "delivered") for id in callback["message_ids"]]
                there = {id for id, _ in await heard(receiver.store, delivered)}
                departures += [f"{id}: answered 2xx, and not in the store" for id in set(delivered) - there]
                counts["delivered callbacks looked up after a kill"] += len(delivered)
                receiver.start()
            ids = await sending
            await all_delivered(ready, receiver.store, ids)
            said = receiver.end(signal.SIGTERM)
        counts["repetitions recognised since the last start"] = int(said.split(" new events, ")[1].split()[0])
        found = await heard(receiver.store, ids)
        times = ((id, type_, found[id, type_]) for id in ids for type_ in EVENTS)
        departures += [f"{id}: {type_} is there {count} times" for id, type_, count in times if count != 1]
    finally:
        receiver.close()
    return Verdict(counts, departures)


async def some_delivered(ready: dict[str, Any]) -> None:
    """Return when the first callback was taken, or too long has been waited."""
    deadline = time.monotonic() + SECONDS
    while not callbacks(ready, "delivered") and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def all_delivered(ready: dict[str, Any], store: Path, ids: Sequence[str]) -> None:
    """Return when nothing waits any more, or too long has been waited."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if not callbacks(ready, "waiting") and len(await heard(store, ids)) >= len(ids) * len(EVENTS):
            return
        await asyncio.sleep(0.2)
