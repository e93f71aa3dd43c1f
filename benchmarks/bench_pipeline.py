"""Where do the microseconds of a durable send go: plan, encode, outbox, HTTP, decode, ledger?

Every stage does to the same 2,000 messages what the client does to them, and nothing else, 64 at a time: *make* makes
and checks them; *plan* decides when each may go; *encode* writes the requests; *outbox* puts them on the disk, claims
them, enters attempts and outcomes; *HTTP* moves the octets to a provider in a process of its own; *decode* reads its
answers; *ledger* follows each from its answer to its receipt, which it decodes. *Whole* is what the client takes for
all of them but the ledger: what is left over is its turns, and waking up.

CPU time of the sending process, all its threads, on uvloop. ``python -m benchmarks.bench_pipeline`` prints the table.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bench_http import ACCOUNT
from benchmarks.durable_rivals import messages
from benchmarks.http_provider import BODY, provider
from benchmarks.http_rivals import APPLICATION_ID
from msgcore.client import AsyncClient
from msgcore.delivery import Attempt, Books, Dispatcher, Entry, Outcome, Send, SendState, wire_key, wire_tag
from msgcore.planning import Pacing
from msgcore.wire import Request, Response, decode_callbacks, decode_send_response, encode_message
from transports import HttpTransport
from transports.outbox.sqlite import SqliteOutbox

MESSAGES = 2000
AT_ONCE = 64
RATE = 100_000
NOW = 1_700_000_000.0
ANSWER = Response(202, {}, BODY)
ROUNDS = 15

RECEIPT = (
    '[{"type":"message-delivered","time":"2023-11-14T22:13:21.123Z","description":"ok","to":"+19195550123",'
    '"message":{"id":"%s","owner":"+19195550100","applicationId":"' + APPLICATION_ID + '",'
    '"time":"2023-11-14T22:13:20.123Z","segmentCount":1,"direction":"out","to":["+19195550123"],'
    '"from":"+19195550100","text":"","tag":"%s"}}]'
)


class Pipeline:
    """The stages, and what each of them needs; everything that is not measured is made here."""

    def __init__(self, loop: asyncio.Runner, port: int, folder: Path) -> None:
        self._loop = loop
        self._folder = folder
        self._count = 0
        self._messages = list(messages(MESSAGES))
        self._accepted = decode_send_response(ANSWER)
        self._keys = [f"key-{number}" for number in range(MESSAGES)]
        self._requests = self._encoded()
        self._receipts = [
            (RECEIPT % (f"id-{number}", wire_tag("order-17", key, 1))).encode() for number, key in enumerate(self._keys)
        ]
        self._transport = HttpTransport(
            f"http://127.0.0.1:{port}/api/v2", account_id=ACCOUNT, user="user", password="password"
        )
        self.stages: dict[str, Callable[[], object]] = {
            "make": lambda: list(messages(MESSAGES)),
            "plan": self._plan,
            "encode": self._encoded,
            "outbox": lambda: loop.run(self._keep()),
            "HTTP": lambda: loop.run(self._exchange()),
            "decode": lambda: [decode_send_response(ANSWER) for _ in range(MESSAGES)],
            "ledger": self._follow,
            "whole": lambda: loop.run(self._send(port)),
        }

    def close(self) -> None:
        self._loop.run(self._transport.aclose())

    def _plan(self) -> None:
        dispatcher = Dispatcher(pacing=Pacing(RATE), max_in_flight=AT_ONCE, keeps_refused=False)
        for number, message in enumerate(self._messages):
            dispatcher.offer(message, ticket=number, expires_at=NOW + 1)
            assert isinstance(dispatcher.next(NOW), Send)
            dispatcher.outcome(number, self._accepted, NOW)

    def _encoded(self) -> list[Request]:
        return [
            encode_message(message, application_id=APPLICATION_ID, tag=f"{message.tag}~m1.{wire_key(key)}.1")
            for message, key in zip(self._messages, self._keys, strict=True)
        ]

    async def _keep(self) -> None:
        outbox = SqliteOutbox(self._path())
        await outbox.begin(NOW)
        for start in range(0, MESSAGES, 1000):
            await outbox.put(self._messages[start : start + 1000], NOW)
        before: Sequence[Entry] = ()
        while entries := await outbox.claim(AT_ONCE, NOW):
            await self._turn(outbox, before, entries)
            before = entries
        await self._turn(outbox, before, ())
        assert outbox.counts().accepted == MESSAGES
        await outbox.aclose()

    async def _turn(self, outbox: SqliteOutbox, ended: Sequence[Entry], begun: Sequence[Entry]) -> None:
        """As the client does it: what came of the last ones and the attempts that are next share a commit."""
        outcomes = [
            Outcome(entry.number, 1, SendState.ACCEPTED, NOW, message_id=f"id-{entry.number}", segment_count=1)
            for entry in ended
        ]
        attempts = [Attempt(entry.number, 1, NOW) for entry in begun]
        await asyncio.gather(outbox.settle(outcomes), outbox.attempt(attempts))

    async def _exchange(self) -> None:
        turns = iter(self._requests)

        async def worker() -> None:
            for request in turns:
                await self._transport.exchange(request)

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))

    def _follow(self) -> None:
        books = Books()
        for number, (key, message) in enumerate(zip(self._keys, self._messages, strict=True)):
            books.attempted(number, 1, key, message, NOW)
            books.answered(number, 1)
            books.follow(number, f"id-{number}", message.to, NOW)
        for receipt in self._receipts:
            for event in decode_callbacks(receipt):
                books.take(event, NOW)
        assert len(books.take_records(NOW)) == MESSAGES

    async def _send(self, port: int) -> None:
        outbox = SqliteOutbox(self._path())
        transport = HttpTransport(
            f"http://127.0.0.1:{port}/api/v2", account_id=ACCOUNT, user="user", password="password"
        )
        async with AsyncClient(transport, application_id=APPLICATION_ID, outbox=outbox, rate=RATE) as client:
            async for _ in client.send_many(messages(MESSAGES)):
                pass
        await outbox.aclose()

    def _path(self) -> Path:
        self._count += 1
        return self._folder / f"{self._count}.db"


STAGES = ("make", "plan", "encode", "outbox", "HTTP", "decode", "ledger", "whole")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    with provider() as port, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        made = Pipeline(runner, port, tmp_path_factory.mktemp("outbox"))
        yield made
        made.close()


@pytest.mark.benchmark(group="2000 durable messages, stage by stage", timer=time.process_time)
@pytest.mark.parametrize("stage", STAGES)
def test_stage(benchmark: BenchmarkFixture, pipeline: Pipeline, stage: str) -> None:
    benchmark.extra_info["messages"] = MESSAGES
    benchmark(pipeline.stages[stage])


def measure(rounds: int = ROUNDS, folder: str = "/var/tmp") -> dict[str, float]:
    """Return the CPU microseconds of a message in each stage, the least of so many rounds in which they take turns."""
    best: dict[str, float] = dict.fromkeys(STAGES, float("inf"))
    with (
        tempfile.TemporaryDirectory(dir=folder) as own,
        provider() as port,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        pipeline = Pipeline(runner, port, Path(own))
        for _ in range(rounds):
            for stage in STAGES:
                started = time.process_time()
                pipeline.stages[stage]()
                best[stage] = min(best[stage], (time.process_time() - started) / MESSAGES * 1e6)
        pipeline.close()
    return best


def table(cost: dict[str, float]) -> str:
    """Write where the microseconds go."""
    parts = {name: value for name, value in cost.items() if name not in ("whole", "ledger")}
    rows: dict[str, Any] = parts | {
        "the rest: turns, waking up": cost["whole"] - sum(parts.values()),
        "whole": cost["whole"],
        "ledger, to the receipt": cost["ledger"],
    }
    return "\n".join(f"{name:34} {value:6.1f} us {value / cost['whole']:6.0%}" for name, value in rows.items())


if __name__ == "__main__":
    print(table(measure()))
