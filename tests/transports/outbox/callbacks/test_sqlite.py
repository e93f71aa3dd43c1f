"""The store in a file: shared by processes, cut off at any moment, on a full disk, and where others' files lie."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import apsw
import pytest

from msgcore.delivery import Arrival
from msgcore.errors import OutboxError
from msgcore.testing import event_item
from transports import SqliteCallbackStore, SqliteOutbox
from transports.outbox.callbacks import schema

SECONDS = 60  # after which a test that waits has failed


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(scenario, SECONDS))


async def open_and_close(path: Path) -> None:
    await SqliteCallbackStore(path).aclose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


ADDER = """
import asyncio, sys
from msgcore.testing import event_item
from transports import SqliteCallbackStore, SqliteOutbox

async def main():
    async with SqliteCallbackStore(sys.argv[1]) as store:
        print("open", flush=True)
        for line in sys.stdin:
            arrivals = await store.add([event_item(id) for id in line.split()], 0.0)
            print(*(arrival.value for arrival in arrivals), flush=True)
            if line.strip() == "endless":
                number = 0
                while True:
                    number += 1
                    await store.add([event_item(f"e-{number}")], 0.0)
                    print(f"e-{number}", flush=True)

asyncio.run(main())
"""


class Adder:
    """Another process that adds events."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", ADDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.line() == "open"

    def __enter__(self) -> "Adder":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate(timeout=SECONDS)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def add(self, *ids: str) -> list[str]:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(ids) + "\n")
        self.process.stdin.flush()
        return self.line().split()


def test_who_waits_notices_what_another_process_adds(path: Path) -> None:
    async def scenario(adder: Adder) -> None:
        async with SqliteCallbackStore(path) as store:
            waiting = asyncio.ensure_future(store.wait(0))
            await asyncio.sleep(0)
            assert not waiting.done()
            assert await asyncio.to_thread(adder.add, "a") == ["new"]
            await waiting
            assert [event.raw for event in await store.read(0, 10)] == [event_item("a")]

    with Adder(path) as adder:
        run(scenario(adder))


def test_two_processes_that_add_recognise_each_others_events(path: Path) -> None:
    async def scenario(adder: Adder) -> None:
        async with SqliteCallbackStore(path) as store:
            assert list(await store.add([event_item("a"), event_item("b")], 0.0)) == [Arrival.NEW] * 2
            assert await asyncio.to_thread(adder.add, "b", "c") == ["repeated", "new"]
            assert list(await store.add([event_item("c"), event_item("d")], 0.0)) == [Arrival.REPEATED, Arrival.NEW]
            sequences = [event.sequence for event in await store.read(0, 10)]
            assert sequences == sorted(set(sequences))
            assert len(sequences) == 4

    with Adder(path) as adder:
        run(scenario(adder))


def test_what_was_confirmed_before_a_kill_is_there_after_it(path: Path) -> None:
    with Adder(path) as adder:
        adder.add("endless")
        confirmed = [adder.line() for _ in range(50)]
        adder.process.send_signal(signal.SIGKILL)
        adder.process.wait(SECONDS)
        assert adder.process.stdout is not None
        confirmed += adder.process.stdout.read().split("\n")[:-1]  # of the last line perhaps a part alone

    async def scenario() -> None:
        async with SqliteCallbackStore(path) as store:
            arrivals = await store.add([event_item(id) for id in confirmed], 0.0)
            assert set(arrivals) == {Arrival.REPEATED}

    run(scenario())


def test_a_full_disk_is_an_error_and_when_there_is_room_again_nothing_is_missing(path: Path) -> None:
    long = "x" * 3000

    async def scenario() -> None:
        async with SqliteCallbackStore(path) as store:
            database: apsw.Connection = store._database
            database.pragma("max_page_count", 40)
            kept: list[int] = []
            with pytest.raises(OutboxError, match="full"):
                for number in range(100):
                    await store.add([event_item(str(number), description=long)], 0.0)
                    kept.append(number)
            assert len(kept) > 5
            with pytest.raises(OutboxError, match="full"):
                await store.add([event_item("more", description=long)], 0.0)
            database.pragma("max_page_count", 100_000)
            arrivals = await store.add([event_item(str(number), description=long) for number in range(100)], 1.0)
            assert list(arrivals) == [Arrival.REPEATED] * len(kept) + [Arrival.NEW] * (100 - len(kept))
            assert len(await store.read(0, 1000)) == 100

    run(scenario())


def test_callbacks_that_wait_at_the_same_time_share_a_transaction(path: Path) -> None:
    async def scenario() -> None:
        async with SqliteCallbackStore(path) as store:
            commits: list[str] = []
            store._database.set_profile(lambda text, _: commits.append(text) if text == "COMMIT" else None)
            await asyncio.gather(*(store.add([event_item(str(number))], 0.0) for number in range(1000)))
            assert 1 <= len(commits) <= 4
            await store.add([event_item("alone")], 0.0)
            assert len(commits) <= 5

    run(scenario())


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    async def scenario() -> None:
        async with SqliteCallbackStore(path) as store:
            await store.add([event_item()], 0.0)
            assert store.lead()
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file

    run(scenario())


def test_the_lead_is_one_process_own_and_free_when_that_dies(path: Path) -> None:
    leading = "import sys, asyncio; from transports import SqliteCallbackStore\n"
    leading += "async def main():\n  print(SqliteCallbackStore(sys.argv[1]).lead(), flush=True); sys.stdin.read()\n"
    command = [sys.executable, "-c", leading + "asyncio.run(main())", str(path)]

    async def scenario(*, is_free: bool) -> None:
        async with SqliteCallbackStore(path) as store:
            assert store.lead() is is_free

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        run(scenario(is_free=False))
        process.kill()
    run(scenario(is_free=True))


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + b"\0" * 600, b"no database at all " * 100])
def test_a_file_of_something_else_is_an_error_unless_it_is_empty(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    if not content:
        run(open_and_close(path))
        return
    with pytest.raises(OutboxError, match=str(path)):
        SqliteCallbackStore(path)
    assert path.read_bytes() == content


def test_a_database_of_another_kind_and_one_of_a_later_version_are_left_alone(path: Path) -> None:
    with apsw.Connection(str(path)) as database:
        database.execute("CREATE TABLE theirs (x)")
    with pytest.raises(OutboxError, match="another kind"):
        SqliteCallbackStore(path)
    path.unlink()

    run(open_and_close(path))
    with apsw.Connection(str(path)) as database:
        database.pragma("user_version", schema.FORMAT + 1)
    with pytest.raises(OutboxError, match="has format 2"):
        SqliteCallbackStore(path)


def test_events_of_an_outbox_lie_beside_it_and_who_takes_one_for_the_other_is_told(path: Path) -> None:
    async def scenario() -> None:
        outbox = SqliteOutbox(path)
        async with SqliteCallbackStore.beside(path) as store:
            await store.add([event_item()], 0.0)
        await outbox.aclose()

    run(scenario())
    assert (path.parent / "events.db-events").exists()
    with pytest.raises(OutboxError, match=r"beside it, in events\.db-events"):
        SqliteCallbackStore(path)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutboxError, match="nowhere"):
        SqliteCallbackStore(tmp_path / "nowhere" / "events.db")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_store_that_was_opened_before_a_fork_says_so(path: Path) -> None:
    command = (
        "import asyncio, os, sys, warnings; from msgcore.testing import event_item\n"
        "from transports import SqliteCallbackStore; warnings.simplefilter('ignore')\n"
        "store = SqliteCallbackStore(sys.argv[1])\n"
        "if os.fork() == 0:\n"
        "    try: asyncio.run(asyncio.wait_for(store.add([event_item()], 0.0), 10))\n"
        "    except BaseException as error: print(type(error).__name__, error, flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    done = subprocess.run([sys.executable, "-c", command, str(path)], capture_output=True, text=True, timeout=SECONDS)
    assert done.stdout.startswith("OutboxError"), done
    assert "opened before the process was forked" in done.stdout


def test_purging_leaves_no_key_behind(path: Path) -> None:
    async def scenario() -> None:
        async with SqliteCallbackStore(path) as store:
            await store.add([event_item(str(number)) for number in range(1500)], 0.0)
            await store.add([event_item("a", "message-new", errorCode=2**70)], 0.0)
            assert await store.purge(1.0) == 1501
            assert store._reader.execute("SELECT count(*) FROM event_keys").get == 0

    run(scenario())
