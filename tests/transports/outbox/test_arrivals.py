"""Whoever was just put stands in line without being read back, and never twice, too late or out of turn."""

import asyncio
import gc
import time
import weakref
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from unittest.mock import patch

import pytest

from msgcore.delivery import Attempt, Entry, Outcome, SendState
from msgcore.errors import KeyConflictError, OutboxError
from msgcore.testing.outbox_contract.scenarios import text_message
from msgcore.wire import Message
from transports import SqliteOutbox
from transports.outbox.sqlite import arrivals
from transports.outbox.sqlite.dispatching import SECONDS_BETWEEN_LOOKS
from transports.outbox.sqlite.reading import Reader

NOW = 5.0
SECONDS = 60  # after which a test that waits has failed


def run(tmp_path: Path, scenario: Callable[[SqliteOutbox, SqliteOutbox], Awaitable[None]]) -> None:
    """Let one outbox be the dispatcher, beside another on the same file that only puts."""

    async def inside() -> None:
        outbox, other = SqliteOutbox(tmp_path / "a.outbox"), SqliteOutbox(tmp_path / "a.outbox")
        try:
            await outbox.begin(NOW)
            await scenario(outbox, other)
        finally:
            await outbox.aclose()
            await other.aclose()

    asyncio.run(inside())


def some(*keys: str, priority: str | None = None) -> list[Message]:
    return [text_message(f"text of {key}", key=key, priority=priority) for key in keys]


async def claimed(outbox: SqliteOutbox, limit: int = 100, now: float = NOW) -> str:
    return "".join(entry.key for entry in await outbox.claim(limit, now))


def lines(outbox: SqliteOutbox) -> list[str]:
    assert outbox._dispatching is not None
    return ["".join(entry.key for entry in arrivals.line) for arrivals in outbox._dispatching._arrivals]


def again_and_again() -> Iterator[None]:
    """Go on until somebody has found what he waits for; in vain only for so long, however slow the disk is."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        yield
    raise AssertionError("it never happened")


@contextmanager
def unread() -> Iterator[None]:
    """Let the file hold nothing that could be fetched."""
    with patch.object(Reader, "untouched", lambda self, rank, after, limit: ()):
        yield


def test_what_was_just_put_is_claimed_as_it_would_be_read(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        put = [
            text_message("no key", tag="t-1"),
            text_message("all of it", key="k", tag="t-2", application_id="a-1", expiration="2030-01-01T00:00:00Z"),
            text_message("", media=["https://media.example.com/1.png"], priority="default"),
        ]
        with unread():
            await outbox.put(put, NOW)
            joined = await outbox.claim(3, NOW)
        assert [entry.message.text for entry in joined] == ["no key", "all of it", ""]
        assert joined == await found(other, joined)
        assert [entry.message.key for entry in joined] == [entry.key for entry in joined]

    run(tmp_path, scenario)


async def found(outbox: SqliteOutbox, entries: Sequence[Entry]) -> Sequence[Entry | None]:
    return await outbox.find([entry.key for entry in entries])


def test_an_urgent_message_that_was_just_put_goes_first(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await claimed(outbox)  # by now nothing else is in the file
        with unread():
            await outbox.put([*some("a"), *some("b", priority="high"), *some("c")], NOW)
            await outbox.put(some("d", priority="high"), NOW)
            assert await claimed(outbox, 3) == "bda"
            await outbox.put(some("e", priority="high"), NOW)
            assert await claimed(outbox) == "ec"
        await other.put(some("f"), NOW)
        await outbox.put(some("g", priority="high"), NOW)  # it did not join, and yet is not looked for too late
        assert await claimed(outbox) == "gf"

    run(tmp_path, scenario)


def test_an_urgent_message_of_another_process_is_looked_for_now_and_then_and_goes_first_from_then_on(
    tmp_path: Path,
) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a", "b"), NOW)
        assert await claimed(outbox, 0) == ""
        await other.put(some("c", priority="high"), NOW)
        assert await claimed(outbox, 1, NOW + SECONDS_BETWEEN_LOOKS / 2) == "a"
        assert await claimed(outbox, 9, NOW + SECONDS_BETWEEN_LOOKS * 2) == "cb"

    run(tmp_path, scenario)


def test_those_who_are_put_together_stand_in_line_one_after_another(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        with unread():
            await asyncio.gather(outbox.put(some("a", "b"), NOW), outbox.put(some("c"), NOW), outbox.put([], NOW))
            await outbox.put(some("d"), NOW)
            assert await claimed(outbox) == "abcd"

    run(tmp_path, scenario)


def test_beside_what_was_there_before_only_what_is_put_is_known_of(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.end()
        await other.put(some("a", "b"), NOW)
        await outbox.begin(NOW)
        assert await claimed(outbox) == "ab"
        with unread():
            await outbox.put([*some("c"), *some("d", priority="high")], NOW)
            assert await claimed(outbox) == "dc"

    run(tmp_path, scenario)


def test_what_another_process_put_in_between_keeps_its_place(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a"), NOW)
        await other.put(some("b"), NOW)
        await outbox.put(some("c"), NOW)
        await outbox.put(some("d", "e"), NOW)
        await other.put(some("f"), NOW)
        assert await claimed(outbox, 2) == "ab"
        await outbox.put(some("g"), NOW)
        assert await claimed(outbox) == "cdefg"
        with unread():  # from here on nobody has come between
            await outbox.put(some("h"), NOW)
            assert await claimed(outbox) == "h"

    run(tmp_path, scenario)


def test_keys_that_are_kept_already_bring_nobody_into_line(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a", "b"), NOW)
        assert await outbox.put(some("a", "c", "b"), NOW) == 1
        with pytest.raises(KeyConflictError):
            await outbox.put([text_message("another", key="c"), *some(*"uvwxyz")], NOW)
        await asyncio.gather(outbox.put(some("c"), NOW), outbox.put(some("d"), NOW), outbox.put(some("e", "a"), NOW))
        await outbox.put(some("f"), NOW)
        assert await claimed(outbox) == "abcdef"
        await outbox.put(some("a"), NOW)
        assert await claimed(outbox) == ""

    run(tmp_path, scenario)


def test_what_was_not_kept_hides_nothing_that_comes_after_it(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a"), NOW)
        with pytest.raises(KeyConflictError):
            await outbox.put([text_message("another", key="a"), *some(*"uvwxyz")], NOW)
        assert await claimed(outbox) == "a"
        await other.put(some("b", "c"), NOW)
        assert await claimed(outbox) == "bc"

    run(tmp_path, scenario)


def test_a_line_is_short_however_many_are_put(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await claimed(outbox)
        await outbox.put(some(*"abcde", priority="high") + some(*"fghij"), NOW)
        await outbox.put(some(*"kl"), NOW)
        assert lines(outbox) == ["abc", "fgh"]
        assert await claimed(outbox) == "abcdefghijkl"
        await outbox.put(some(*"mn"), NOW)
        assert lines(outbox) == ["", "mn"]

    with patch.object(arrivals, "MOST_IN_LINE", 3):
        run(tmp_path, scenario)


class CountedJobs(SimpleQueue[Any]):
    """The jobs of a writer's thread, which can be waited for until it has forgotten them all."""

    def __init__(self) -> None:
        self.handed_over = 0
        self.asked_for: SimpleQueue[None] = SimpleQueue()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self.handed_over += 1
        super().put(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        self.asked_for.put(None)
        return super().get()

    def wait_until_done(self) -> None:
        for _ in range(self.handed_over + 1):
            self.asked_for.get(timeout=SECONDS)


def test_of_what_was_put_only_the_line_stays_in_memory(tmp_path: Path) -> None:
    class Traced(Message):
        __slots__ = ("__weakref__",)

    async def scenario() -> None:
        outbox = SqliteOutbox(tmp_path / "a.outbox")
        outbox._committer._jobs = jobs = CountedJobs()
        await outbox.begin(NOW)
        put = [Traced(to="+19195550123", from_="+19195550100", text="hello", key=key) for key in "ab"]
        references = [weakref.ref(message) for message in put]
        await outbox.put(put, NOW)
        jobs.wait_until_done()
        put.clear()
        gc.collect()
        assert [reference() for reference in references] == [None, None]  # who is in line is a message without extras
        assert lines(outbox) == ["", "a"]
        await outbox.aclose()

    with patch.object(arrivals, "MOST_IN_LINE", 1):
        asyncio.run(scenario())


def test_who_is_attempted_without_a_claim_leaves_the_line(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a", "b", "c"), NOW)
        assert await outbox.attempt([Attempt(2, 1, NOW)]) == [True]
        assert await outbox.settle([Outcome(1, 0, SendState.EXPIRED, NOW)]) == [True]
        await outbox.settle([Outcome(2, 1, SendState.REJECTED, NOW)])
        await outbox.purge(NOW + 1)
        assert await claimed(outbox) == "c"

    run(tmp_path, scenario)


def test_claims_that_are_given_back_stand_in_line_in_their_place(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some(*"abcdef"), NOW)
        assert await claimed(outbox, 4) == "abcd"
        outbox.release([1, 3, 3, 6])
        assert outbox.next_due() == 0.0
        assert await claimed(outbox, 3) == "ace"
        outbox.release([1])
        await outbox.attempt([Attempt(3, 1, NOW)])
        await outbox.end()  # what is claimed or given back waits for the next dispatcher
        await outbox.begin(NOW)
        assert await claimed(outbox) == "abdef"

    run(tmp_path, scenario)


def test_who_waits_for_another_attempt_goes_before_those_who_came_later(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a", "b"), NOW)
        await outbox.put(some("c", priority="high"), NOW)
        await claimed(outbox)
        await outbox.attempt([Attempt(number, 1, NOW) for number in (1, 2, 3)])
        await outbox.put([*some("d"), *some("e", priority="high")], NOW)
        await outbox.settle([Outcome(number, 1, SendState.WAITING, NOW, due_at=NOW) for number in (1, 2, 3)])
        assert await claimed(outbox, 4) == "ceab"
        await outbox.put(some("f"), NOW)
        outbox.release([1])
        assert await claimed(outbox) == "adf"
        outbox.release([2, 4, 6])
        assert await claimed(outbox) == "bdf"
        await outbox.attempt([Attempt(4, 1, NOW)])
        await outbox.settle([Outcome(4, 1, SendState.WAITING, NOW, due_at=NOW)])
        await outbox.put(some("g", "h"), NOW)
        await outbox.attempt([Attempt(8, 1, NOW)])
        await outbox.settle([Outcome(8, 1, SendState.WAITING, NOW, due_at=NOW)])
        await outbox.put(some("i"), NOW)
        assert await claimed(outbox) == "dghi"

    run(tmp_path, scenario)


@pytest.mark.parametrize("fetched_at_once", [1, 2, 256])
def test_who_was_fetched_before_the_put_was_confirmed_stands_in_line_once(tmp_path: Path, fetched_at_once: int) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        put = asyncio.ensure_future(outbox.put(some(*"abcde"), NOW))
        await outbox._committer.run(lambda database: None)  # by now the thread has it
        for _ in again_and_again():  # the file has them before the loop is told, which has no turn meanwhile
            if keys := await claimed(outbox, 2):
                break
        assert keys == "ab"
        assert not put.done()
        await put
        assert await claimed(outbox) == "cde"

    with patch.object(arrivals, "FETCHED_AT_ONCE", fetched_at_once):
        run(tmp_path, scenario)


def test_who_was_attempted_before_the_put_was_confirmed_stands_in_no_line(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        put = asyncio.ensure_future(outbox.put(some("a", "b"), NOW))
        await outbox._committer.run(lambda database: None)  # by now the thread has it
        for _ in again_and_again():  # the file has them before the loop is told, which has no turn meanwhile
            if await outbox.find(["a"]) != [None]:
                break
        assert outbox._dispatching is not None
        assert outbox._dispatching.enter([Attempt(1, 1, NOW)]) == [True]
        await put
        assert await claimed(outbox) == "b"

    run(tmp_path, scenario)


def test_after_a_put_that_failed_nobody_stands_in_line(tmp_path: Path) -> None:
    async def scenario(outbox: SqliteOutbox, other: SqliteOutbox) -> None:
        await outbox.put(some("a"), NOW)
        (tmp_path / "a.outbox").rename(tmp_path / "moved")
        with pytest.raises(OutboxError):
            await outbox.put(some("b"), NOW)
        assert lines(outbox) == ["", "a"]

    run(tmp_path, scenario)
