"""The file of an outbox: whose it is, what is in it, what is not, and what becomes of a damaged one."""

import asyncio
import os
import random
import re
import sqlite3
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from unittest.mock import patch

import apsw
import pytest

from msgcore.delivery import Attempt, OutboxCounts, Outcome, SendState
from msgcore.errors import OutboxError
from msgcore.testing.outbox_contract.scenarios import (
    accepted,
    conclusion,
    counted,
    dispatching,
    entries_of,
    numbers_of,
    raised,
    text_message,
)
from transports import SqliteOutbox
from transports.outbox.sqlite import schema

TEXT = "the swordfish sings at midnight"
PICTURE = "https://media.example.com/swordfish.png"


def run(path: Path, scenario: Callable[[SqliteOutbox], Awaitable[None]]) -> None:
    async def inside() -> None:
        outbox = SqliteOutbox(path)
        try:
            await scenario(outbox)
        finally:
            await outbox.aclose()

    asyncio.run(inside())


def octets_beside(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*") if not file.name.endswith("-shm"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.outbox"


# ------------------------------------------------------------------------------------------------------------- the file


def test_only_its_owner_may_read_it(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, text_message())
        files = sorted(path.parent.iterdir())
        assert {file.name for file in files} == {"a.outbox", "a.outbox-wal", "a.outbox-shm", "a.outbox-dispatcher"}
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}

    before = os.umask(0)
    try:
        run(path, scenario)
    finally:
        os.umask(before)


def test_text_and_media_are_in_no_file_once_a_message_is_final(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        kept = [text_message(f"{TEXT} {n}" * (1 + 8 * (n % 7)), media=f"{PICTURE}?{n}") for n in range(300)]
        await dispatching(outbox, *kept)
        await outbox.attempt([Attempt(n, 1, 2.0) for n in range(1, 151)])
        await outbox.settle([accepted(n, 1, f"m-{n}") for n in range(1, 101)])
        await outbox.settle([Outcome(n, 1, SendState.REJECTED, 3.0) for n in range(101, 151)])
        await outbox.settle([Outcome(n, 0, SendState.EXPIRED, 3.0) for n in range(151, 300)])
        assert TEXT.encode() in octets_beside(path)
        await outbox.end()
        await outbox.begin(now=4.0)
        await outbox.settle([conclusion(n, f"m-{n}", 5.0) for n in range(1, 101)])
        await outbox.settle([Outcome(300, 0, SendState.SUPPRESSED, 5.0)])
        await outbox.end()
        assert TEXT.encode() not in octets_beside(path)  # also while it is open
        assert b"swordfish" not in octets_beside(path)

    run(path, scenario)
    assert b"swordfish" not in octets_beside(path)


def test_the_text_of_a_waiting_message_stays_whole_beside_erased_ones(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, *(text_message(f"{TEXT} {n}") for n in range(40)))
        await outbox.settle([Outcome(n, 0, SendState.EXPIRED, 3.0) for n in range(1, 41) if n % 2])
        await outbox.end()
        assert await outbox.begin(now=3.0) == 0
        assert [entry.message.text for entry in await outbox.claim(99, now=3.0)] == [
            f"{TEXT} {n}" for n in range(40) if n % 2
        ]

    run(path, scenario)
    assert octets_beside(path).count(TEXT.encode()) == 20


@pytest.mark.parametrize("seed", range(4))
def test_purging_leaves_no_copies_of_texts_that_wait(path: Path, seed: int) -> None:
    """Rows are deleted all around them, pages joined, and their texts must stand where they stood and nowhere else."""
    chance = random.Random(seed)
    count = (400, 12_000)[seed % 2]
    lengths = [chance.choice([5, 100, chance.randrange(1900)]) for _ in range(count)]
    alive = set(range(1, count + 1))

    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, *(text_message(f"<{TEXT} {n}>" + "x" * lengths[n - 1]) for n in sorted(alive)))
        for share in (0.5, 0.97, 0.9):
            gone = {number for number in alive if chance.random() < share}
            await outbox.settle([Outcome(number, 0, SendState.EXPIRED, 3.0) for number in gone])
            assert await outbox.purge(before=9.0) == len(gone)
            alive.difference_update(gone)

    run(path, scenario)
    found = re.findall(f"<{TEXT} ([0-9]+)>".encode(), octets_beside(path))
    assert sorted(map(int, found)) == sorted(alive)


def test_who_counted_before_a_purge_counts_right_after_it(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, text_message())
        await outbox.settle([Outcome(1, 0, SendState.EXPIRED, 3.0)])
        await outbox.end()  # which folds; the purge will find nothing to fold
        onlooker = SqliteOutbox(path)
        assert onlooker.counts() == outbox.counts()
        await outbox.begin(now=4.0)
        assert await outbox.purge(before=9.0) == 1
        assert onlooker.counts() == outbox.counts() == OutboxCounts()
        await onlooker.aclose()

    run(path, scenario)


def test_purging_gives_back_the_room_of_what_is_gone(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, *(text_message(f"{TEXT} {n}", f"key-{n}") for n in range(12_000)))
        await outbox.settle([Outcome(n, 0, SendState.EXPIRED, 3.0) for n in range(1, 12_000)])
        assert await outbox.purge(before=9.0) == 11_999
        assert numbers_of(await entries_of(outbox)) == [12_000]

    run(path, scenario)
    database = apsw.Connection(str(path))
    [(pages, free)] = database.execute(
        "SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count"
    )
    assert free > 0.8 * pages
    database.close()
    assert octets_beside(path).count(b"swordfish") == 1


# ---------------------------------------------------------------------------------------------------------- whose it is


def test_a_database_of_something_else_is_refused_and_left_as_it_is(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE accounts (id)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(OutboxError, match="is no outbox"):
        SqliteOutbox(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"to,text\n+19195550123,hello\n" * 400)
    before = path.read_bytes()
    with pytest.raises(OutboxError, match="damaged or no database"):
        SqliteOutbox(path)
    assert path.read_bytes() == before


def test_a_file_of_a_newer_release_is_refused_and_left_as_it_is(path: Path) -> None:
    SqliteOutbox(path).counts()
    with patch.object(schema, "VERSION", schema.VERSION - 1), pytest.raises(OutboxError, match="a newer one wrote it"):
        SqliteOutbox(path)
    run(path, lambda outbox: dispatching(outbox, text_message()))  # type: ignore[arg-type, return-value]


def test_a_folder_that_is_not_there_is_an_error_of_the_outbox(tmp_path: Path) -> None:
    with pytest.raises(OutboxError, match="No such file"):
        SqliteOutbox(tmp_path / "nowhere" / "a.outbox")
    with pytest.raises(OutboxError):
        SqliteOutbox(tmp_path)


def test_a_file_of_an_older_release_is_brought_up_to_date_with_what_is_in_it(path: Path) -> None:
    async def before(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, text_message("one", "k-1"), text_message("two", "k-2"))
        await outbox.attempt([Attempt(1, 1, 2.0)])
        await outbox.settle([accepted(1, 1, "m-1")])

    async def after(outbox: SqliteOutbox) -> None:
        assert outbox.counts() == await counted(outbox)
        found = await outbox.find(["k-1", "k-2"])
        assert [entry and entry.state for entry in found] == [SendState.ACCEPTED, SendState.WAITING]

    run(path, before)
    # The next release's, which knows one step more.
    steps = (*schema.MIGRATIONS, "CREATE TABLE later (id); ALTER TABLE outbox ADD COLUMN later INTEGER DEFAULT 7")
    with patch.object(schema, "MIGRATIONS", steps), patch.object(schema, "VERSION", len(steps)):
        run(path, after)
        run(path, after)
    database = apsw.Connection(str(path))
    assert database.execute("SELECT later FROM outbox").fetchall() == [(7,)]
    assert database.execute("PRAGMA user_version").fetchall() == [(len(steps),)]
    database.close()
    with pytest.raises(OutboxError, match="a newer one wrote it"):
        SqliteOutbox(path)


def test_a_step_that_fails_leaves_the_file_as_it_was(path: Path) -> None:
    SqliteOutbox(path)
    steps = (*schema.MIGRATIONS, "CREATE TABLE later (id); CREATE TABLE messages (id)")
    with (
        patch.object(schema, "MIGRATIONS", steps),
        patch.object(schema, "VERSION", len(steps)),
        pytest.raises(OutboxError, match="already exists"),
    ):
        SqliteOutbox(path)
    database = apsw.Connection(str(path))
    assert not database.execute("SELECT * FROM sqlite_schema WHERE name = 'later'").fetchall()
    database.close()


# --------------------------------------------------------------------------------------------------------------- damage


async def fill(path: Path) -> None:
    outbox = SqliteOutbox(path)
    await outbox.put([text_message(f"{TEXT} {n}" * 8, f"k-{n}") for n in range(200)], now=1.0)
    await outbox.aclose()


def damage(path: Path, around: bytes) -> None:
    octets = bytearray(path.read_bytes())
    position = octets.rindex(around)
    start = position - position % 4096
    octets[start : start + 4096] = bytes(range(256)) * 16
    path.write_bytes(octets)


def replace(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new, 1))


def test_a_damaged_page_is_an_error_and_no_message(path: Path) -> None:
    async def scenario() -> None:
        await fill(path)
        damage(path, f"{TEXT} 150".encode())
        outbox = SqliteOutbox(path)
        await outbox.begin(now=1.0)
        assert "damaged" in str(await raised(OutboxError, outbox.claim(999, now=1.0)))
        await outbox.aclose()

    asyncio.run(scenario())


def test_a_single_changed_octet_of_a_text_is_an_error_and_no_message(path: Path) -> None:
    async def scenario() -> None:
        await fill(path)
        replace(path, b"midnight 7", b"midnight 8")
        outbox = SqliteOutbox(path)
        await outbox.begin(now=1.0)
        assert "is damaged" in str(await raised(OutboxError, outbox.claim(999, now=1.0)))
        await outbox.aclose()

    asyncio.run(scenario())


def test_a_file_that_is_cut_off_is_an_error(path: Path) -> None:
    async def scenario() -> None:
        await fill(path)
        with path.open("r+b") as file:
            file.truncate(8192)
        with pytest.raises(OutboxError, match="damaged"):
            outbox = SqliteOutbox(path)
            try:
                await outbox.begin(now=1.0)
                await outbox.claim(999, now=1.0)
            finally:
                await outbox.aclose()

    asyncio.run(scenario())


def test_a_log_that_is_cut_off_under_its_reader_is_an_error(path: Path) -> None:
    async def scenario() -> None:
        outbox = SqliteOutbox(path)
        await outbox.put([text_message(f"{TEXT} {n}" * 8, f"k-{n}") for n in range(200)], now=1.0)
        other = SqliteOutbox(path)
        os.truncate(f"{path}-wal", 4096)
        with pytest.raises(OutboxError):
            await entries_of(other)
        await other.aclose()
        await outbox.aclose()

    asyncio.run(scenario())


def test_a_damaged_journal_is_an_error(path: Path) -> None:
    async def scenario() -> None:
        outbox = await dispatching(SqliteOutbox(path), text_message())
        await outbox.attempt([Attempt(1, 1, 2.0)])
        database = apsw.Connection(str(path))
        database.execute("UPDATE journal SET standings = x'81A16101'")
        database.close()
        other = SqliteOutbox(path)
        assert "damaged" in str(await raised(OutboxError, other.find(["k"])))
        await other.aclose()
        await outbox.aclose()

    asyncio.run(scenario())


# ----------------------------------------------------------------------------------------------------------- cancelling


def test_whoever_is_cancelled_while_waiting_leaves_the_others_and_the_record_alone(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, text_message("one"), text_message("two"))
        first = asyncio.create_task(outbox.attempt([Attempt(1, 1, 2.0)]))
        second = asyncio.create_task(outbox.attempt([Attempt(2, 1, 2.0)]))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert await second == [True]
        assert numbers_of(await entries_of(outbox, SendState.ATTEMPTING)) == [1, 2]

    run(path, scenario)


def test_an_end_that_is_cancelled_still_ends(path: Path) -> None:
    async def scenario(outbox: SqliteOutbox) -> None:
        await dispatching(outbox, text_message())
        await outbox.attempt([Attempt(1, 1, 2.0)])
        ending = asyncio.create_task(outbox.end())
        await asyncio.sleep(0)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
        await outbox.end()
        assert numbers_of(await entries_of(outbox, SendState.UNKNOWN)) == [1]
        assert await outbox.begin(now=3.0) == 0

    run(path, scenario)
