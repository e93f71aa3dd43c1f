"""A file that was deleted or replaced while it was open takes nothing more: nobody would find it again."""

import asyncio
from pathlib import Path

import pytest

from msgcore.errors import OutboxError
from msgcore.testing import event_item
from msgcore.testing.outbox_contract import text_message
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
