"""A process that works with an outbox until it is killed, or its disk is full; what it is sure of it writes down."""

import asyncio
import os
import sys

from msgcore.errors import OutboxError
from tests.transports.outbox.course import run_course
from transports import SqliteOutbox
from transports.outbox.sqlite import dispatching


def confirm(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def work(path: str, rounds: int) -> None:
    outbox = SqliteOutbox(path)
    await outbox.begin(now=0.0)
    confirm("begun")
    try:
        await run_course(outbox, outbox.counts().total, rounds, confirm)
    except OutboxError as error:
        confirm(f"failed {error}")
        for _ in range(2):  # nothing goes on after it
            try:
                await run_course(outbox, 1_000_000, 1, confirm)
            except OutboxError:
                continue
        raise
    await asyncio.Event().wait()


if __name__ == "__main__":
    dispatching.FOLDED_AT_ONCE = 20  # type: ignore[misc]
    asyncio.run(work(sys.argv[1], int(sys.argv[2])))
