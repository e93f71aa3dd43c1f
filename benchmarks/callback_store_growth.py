"""Does an event cost more once ten million lie in the store? ``python -m benchmarks.callback_store_growth --events N``.

Events come in callbacks of ten, 64 waiting at a time, as from a busy provider: a thousand messages a second by their
ids, each event up to a minute late, and one in a hundred a repetition of what came before. Given are, for an event, the
CPU time of the thread that commits, that of the whole process (making the callbacks left out), and the size of the
file. ``--random`` draws ids that do not begin with a time, for which no store can keep what is young together.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.corpus import SEED
from transports import SqliteCallbackStore
from transports.outbox.commits import Work

EVENTS = 200_000
LATE = 60_000
AT_ONCE, IN_ONE = 64, 10
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
EVENT = (
    '{"type":"message-delivered","time":"2023-05-04T10:14:03.000Z","description":"ok","to":"+1555%07d","message":'
    '{"id":"%s","owner":"+15550001111","applicationId":"0f0e0d0c-0b0a-4a09-8807-060504030201",'
    '"time":"2023-05-04T10:14:02.000Z","segmentCount":1,"direction":"out","to":["+1555%07d"],"from":"+15550001111",'
    '"text":"","tag":"order-17"}}'
)


class Stage(NamedTuple):
    """What an event cost while the store grew to so many."""

    events: int
    committing: float
    """Microseconds of the committing thread."""
    whole: float
    """Microseconds of the process."""
    file_octets: int


class TimedStore(SqliteCallbackStore):
    """A store that knows how long its committing thread has worked."""

    seconds = 0.0

    def _gather(self) -> Work:
        write = super()._gather().write

        def timed(database: Any) -> None:
            started = time.thread_time()
            write(database)
            self.seconds += time.thread_time() - started

        return Work(timed)


def items(*, is_random: bool) -> Iterator[bytes]:
    """Yield events without end."""
    chance = random.Random(SEED)
    latest = b""
    number = 0
    while True:
        number += 1
        if number % 100 == 0:
            yield latest
            continue
        time_part = chance.randrange(10**13) if is_random else 1683195242000 + number - chance.randrange(LATE)
        id_ = f"{time_part:013d}{''.join(chance.choices(ALPHABET, k=16))}"
        latest = (EVENT % (number % 10**7, id_, number % 10**7)).encode()
        yield latest


async def add_each(store: SqliteCallbackStore, batch: Sequence[bytes]) -> None:
    """Keep events as callbacks of which so many come at the same time."""
    waiting = iter([batch[start : start + IN_ONE] for start in range(0, len(batch), IN_ONE)])

    async def post_in_turn() -> None:
        for some in waiting:
            await store.add(some, 0.0)

    await asyncio.gather(*(post_in_turn() for _ in range(AT_ONCE)))


async def grow(events: int, folder: Path, *, is_random: bool = False, stages: int = 10) -> Sequence[Stage]:
    """Fill a store, and return what an event cost at each stage of it."""
    source = items(is_random=is_random)
    found = []
    path = folder / "events.db"
    async with TimedStore(path) as store:
        for stage in range(1, stages + 1):
            seconds = store.seconds = 0.0
            left = events // stages
            while left:
                batch = list(islice(source, min(left, 20_000)))
                left -= len(batch)
                started = time.process_time()
                await add_each(store, batch)
                seconds += time.process_time() - started
            each = events // stages
            done = Stage(stage * each, store.seconds / each * 1e6, seconds / each * 1e6, path.stat().st_size)
            found.append(done)
            print(
                f"{done.events:12,} events {done.committing:6.1f} us committing {done.whole:6.1f} us in all"
                f" {done.file_octets / 1e6:9,.0f} MB",
                flush=True,
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.callback_store_growth")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--random", action="store_true", help="ids that do not begin with a time")
    parser.add_argument("--folder", type=Path, help="where the store is made; it is left there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(grow(options.events, options.folder or Path(temporary), is_random=options.random))


if __name__ == "__main__":
    main()
