"""A file that was deleted or replaced while it was open takes nothing more: nobody would find it again."""

import asyncio
import os
from pathlib import Path

import pytest

from msgcore.delivery import Attempt
from msgcore.errors import OutboxError
from msgcore.testing import event_item
from msgcore.testing.outbox_contract.scenarios import text_message
from transports import SqliteCallbackStore, SqliteOutbox


@pytest.mark.parametrize("what", ["deleted", "replaced"])
def test_an_outbox_that_is_not_in_its_place_any_more_confirms_nothing(tmp_path: Path, what: str) -> None:
    async def scenario() -> None:
        path = tmp_path / "a.outbox"
        outbox = SqliteOutbox(path)
        await outbox.put([text_message(key="first")], now=0.0)
        kept = path.rename(tmp_path / "moved")
        if what == "replaced":
            path.write_bytes(kept.read_bytes())
        with pytest.raises(OutboxError, match=f"a.outbox: the file was {what} meanwhile"):
            await outbox.put([text_message(key="second")], now=0.0)
        with pytest.raises(OutboxError, match=what):
            outbox.counts()
        await outbox.aclose()

    asyncio.run(scenario())


def test_a_store_of_callbacks_takes_no_event_until_it_is_in_its_place_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "events.db"
        async with SqliteCallbackStore(path) as store:
            await store.add([event_item("m-1")], 0.0)
            path.rename(tmp_path / "moved")
            with pytest.raises(OutboxError, match="deleted meanwhile"):
                await store.add([event_item("m-2")], 0.0)
            (tmp_path / "moved").rename(path)
            await store.add([event_item("m-3")], 0.0)
            assert len(await store.read(0, 10)) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(("part", "name"), [("-wal", "its log"), ("-shm", "its index")])
def test_an_outbox_without_its_log_confirms_nothing(tmp_path: Path, part: str, name: str) -> None:
    async def scenario() -> None:
        outbox = SqliteOutbox(tmp_path / "a.outbox")
        await outbox.put([text_message(key="first")], now=0.0)
        await outbox.put([text_message(key="second")], now=0.0)  # by now SQLite has made all of them
        (tmp_path / f"a.outbox{part}").unlink()
        with pytest.raises(OutboxError, match=f"{name} .* was deleted meanwhile"):
            await outbox.put([text_message(key="third")], now=0.0)
        await outbox.aclose()

    asyncio.run(scenario())


@pytest.mark.parametrize("octets", [0, 4096])
def test_an_outbox_that_was_cut_short_confirms_nothing(tmp_path: Path, octets: int) -> None:
    async def scenario() -> None:
        outbox = SqliteOutbox(tmp_path / "a.outbox")
        await outbox.put([text_message(key="first")], now=0.0)
        os.truncate(tmp_path / "a.outbox", octets)
        with pytest.raises(OutboxError, match="the file was cut short meanwhile"):
            await outbox.put([text_message(key="second")], now=0.0)
        await outbox.aclose()

    asyncio.run(scenario())


def test_an_outbox_that_grows_stays_in_its_place(tmp_path: Path) -> None:
    async def scenario() -> None:
        outbox = SqliteOutbox(tmp_path / "a.outbox")
        for turn in range(3):
            size = (tmp_path / "a.outbox").stat().st_size
            await outbox.begin(now=0.0)
            await outbox.put([text_message("x" * 900, key=f"{turn}-{n}") for n in range(500)], now=0.0)
            await outbox.end()  # brings the log into the file
            assert (tmp_path / "a.outbox").stat().st_size > size
        await outbox.aclose()

    asyncio.run(scenario())


def stop_in_the_middle(path: Path, aside: Path) -> None:
    """Leave an outbox as it is when its file is moved away during a run: the log stays."""
    outbox = SqliteOutbox(path)
    with asyncio.Runner() as runner:
        runner.run(outbox.put([text_message(key="first")], now=0.0))
        path.rename(aside)
        runner.run(outbox.aclose())


@pytest.mark.parametrize("is_empty", [False, True])
def test_an_outbox_whose_log_alone_is_there_is_not_begun_anew(tmp_path: Path, is_empty: bool) -> None:
    path, aside = tmp_path / "a.outbox", tmp_path / "aside"
    stop_in_the_middle(path, aside)
    if is_empty:
        path.touch()
    state = "empty" if is_empty else "gone"
    with pytest.raises(OutboxError, match=f"the file is {state}, but not a.outbox-wal, so it was in use"):
        SqliteOutbox(path)
    aside.replace(path)

    async def look() -> int:
        outbox = SqliteOutbox(path)
        total = outbox.counts().total
        await outbox.aclose()
        return total

    assert asyncio.run(look()) == 1


def test_an_outbox_that_was_sent_from_is_not_begun_anew_until_all_of_it_is_deleted(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "a.outbox"
        outbox = SqliteOutbox(path)
        await outbox.begin(now=0.0)
        await outbox.aclose()
        path.unlink()
        with pytest.raises(
            OutboxError, match=r"gone, but not a\.outbox-dispatcher, .* delete a\.outbox-dispatcher, too"
        ):
            SqliteOutbox(path)
        assert not path.exists()
        (tmp_path / "a.outbox-dispatcher").unlink()
        await SqliteOutbox(path).aclose()

    asyncio.run(scenario())


def test_a_store_of_callbacks_whose_log_alone_is_there_is_not_begun_anew(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "events.db"
        async with SqliteCallbackStore(path) as store:
            await store.add([event_item("m-1")], 0.0)
            path.rename(tmp_path / "moved")
        with pytest.raises(OutboxError, match=r"the file is gone, but not events\.db-wal, so it was in use"):
            SqliteCallbackStore(path)
        (tmp_path / "moved").rename(path)
        async with SqliteCallbackStore(path) as store:
            assert len(await store.read(0, 10)) == 1

    asyncio.run(scenario())


def test_of_two_dispatchers_whose_lock_was_deleted_one_enters_nothing_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = SqliteOutbox(tmp_path / "a.outbox")
        await first.put([text_message(key="one"), text_message(key="two")], now=0.0)
        await first.begin(now=0.0)
        (tmp_path / "a.outbox-dispatcher").unlink()
        second = SqliteOutbox(tmp_path / "a.outbox")
        await second.begin(now=0.0)
        assert await first.attempt([Attempt(1, 1, 0.0)]) == [True]
        with pytest.raises(OutboxError, match="another dispatcher has written here, although the lock was held"):
            await second.attempt([Attempt(1, 1, 0.0)])
        await second.aclose()
        await first.aclose()

    asyncio.run(scenario())
