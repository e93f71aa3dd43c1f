"""Messages through an outbox, step by step, and the bare database below it: what the benchmarks and targets measure."""

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw

from msgcore import Message
from msgcore.delivery import Attempt, Conclusion, Delivery, DeliveryState, Outcome, SendState
from transports import SqliteOutbox

BATCH = 1_000
IN_FLIGHT = 64
TEXT = "We carry out work on the line in your street; the supply is interrupted for two hours."
RECIPIENT = "+19195550123"


def campaign(first: int, count: int) -> list[Message]:
    """Messages that nobody has put yet."""
    model = Message(to=RECIPIENT, from_="+19195550100", text=TEXT, tag="order-17")
    return [model.replace(key=f"c-{number:09}") for number in range(first, first + count)]


def message_id(number: int) -> str:
    """An id as long as the provider's."""
    return f"15892280746{number:018}"


class Course:
    """An outbox with one loop, and how far it has come."""

    def __init__(self, folder: str) -> None:
        self.runner = asyncio.Runner()
        self.path = Path(folder, "benchmark.outbox")
        self.outbox = SqliteOutbox(self.path)
        self.put_count = 0

    def close(self) -> None:
        self.runner.run(self.outbox.aclose())
        self.runner.close()

    def open_again(self) -> None:
        self.runner.run(self.outbox.aclose())
        self.outbox = SqliteOutbox(self.path)

    def batch(self) -> list[Message]:
        self.put_count += BATCH
        return campaign(self.put_count - BATCH, BATCH)

    def put(self, messages: Sequence[Message]) -> None:
        assert self.runner.run(self.outbox.put(messages, now=1.0)) == len(messages)

    def begin(self) -> None:
        self.runner.run(self.outbox.begin(now=2.0))

    def claim(self) -> list[int]:
        """Claim a batch, as many at a time as fly."""

        async def claims() -> list[int]:
            numbers: list[int] = []
            while len(numbers) < BATCH and (entries := await self.outbox.claim(IN_FLIGHT, now=2.0)):
                numbers += [entry.number for entry in entries]
            return numbers

        return self.runner.run(claims())

    def attempt(self, numbers: Sequence[int]) -> None:
        """Enter one attempt each, so many at the same time."""
        turns = iter(numbers)

        async def worker() -> None:
            for number in turns:
                assert await self.outbox.attempt([Attempt(number, 1, 3.0)]) == [True]

        self._fly(worker)

    def accept(self, numbers: Sequence[int]) -> None:
        turns = iter(numbers)

        async def worker() -> None:
            for number in turns:
                outcome = Outcome(number, 1, SendState.ACCEPTED, 4.0, message_id=message_id(number), segment_count=1)
                assert await self.outbox.settle([outcome]) == [True]

        self._fly(worker)

    def conclude(self, numbers: Sequence[int]) -> None:
        """As receipts come: many at once."""

        async def conclude() -> None:
            for start in range(0, len(numbers), IN_FLIGHT):
                part = numbers[start : start + IN_FLIGHT]
                await self.outbox.settle(
                    [Conclusion(n, (Delivery(message_id(n), RECIPIENT, DeliveryState.DELIVERED),), 5.0) for n in part]
                )

        self.runner.run(conclude())

    def whole_life(self) -> None:
        """A batch of messages, from put to their last receipt."""
        self.put(self.batch())
        numbers = self.claim()
        self.attempt(numbers)
        self.accept(numbers)
        self.conclude(numbers)

    def _fly(self, worker: Callable[[], Coroutine[None, None, None]]) -> None:
        async def fly() -> None:
            await asyncio.gather(*(worker() for _ in range(IN_FLIGHT)))

        self.runner.run(fly())


@contextmanager
def course() -> Iterator[Course]:
    with TemporaryDirectory() as folder:
        made = Course(folder)
        try:
            yield made
        finally:
            made.close()


class BareDatabase:
    """The least that keeps a message durably under its key: one table, one index, the same octets."""

    def __init__(self, folder: str) -> None:
        self._database = apsw.Connection(os.path.join(folder, "bare"))
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
            self._database.execute(f"PRAGMA {pragma}").fetchall()
        self._database.execute("CREATE TABLE messages (number INTEGER PRIMARY KEY, key TEXT UNIQUE, body BLOB)")
        self._count = 0

    def put(self) -> None:
        rows = [(f"c-{self._count + number:09}", b"x" * 190) for number in range(BATCH)]
        self._count += BATCH
        with self._database:
            self._database.executemany("INSERT INTO messages (key, body) VALUES (?, ?)", rows)

    def close(self) -> None:
        self._database.close()


@contextmanager
def bare_database() -> Iterator[BareDatabase]:
    with TemporaryDirectory() as folder:
        made = BareDatabase(folder)
        try:
            yield made
        finally:
            made.close()


@contextmanager
def synchronised_file() -> Iterator[int]:
    """A file to write to and synchronise: what no commit can do without."""
    with TemporaryDirectory() as folder:
        descriptor = os.open(os.path.join(folder, "file"), os.O_RDWR | os.O_CREAT)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def synchronise(descriptor: int) -> None:
    os.pwrite(descriptor, b"x" * 8192, 0)
    os.fdatasync(descriptor)


def synchronise_often(descriptor: int) -> None:
    """As often as there are commits in a batch of which so many fly."""
    for _ in range(BATCH // IN_FLIGHT):
        synchronise(descriptor)
