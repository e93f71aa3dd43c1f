"""A disk that is full or broken and a process that is killed lose nothing that was confirmed."""

import asyncio
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import apsw
import pytest

from msgcore.delivery import Attempt
from msgcore.errors import OutboxBusyError, OutboxError
from msgcore.testing.outbox_contract.scenarios import raised, text_message
from tests.transports.outbox.course import check_kept, message, run_course
from tests.transports.outbox.faults import failing_disk
from transports import SqliteOutbox
from transports.outbox.sqlite import dispatching

SECONDS = 60
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where a file costs no disk: it is ours that fails."""


async def course_on_a_failing_disk(path: Path, error: type[apsw.Error], writes: int | None) -> tuple[list[str], int]:
    """Return what was confirmed before the disk failed, and how often it was written to."""
    confirmed: list[str] = []
    with failing_disk(error) as disk:
        outbox = SqliteOutbox(path)
        disk.write_count, disk.writes_left = 0, writes
        try:
            await outbox.begin(now=0.0)
            await run_course(outbox, 0, 3, confirmed.append)
            await outbox.end()
        except OutboxError:
            assert writes is not None
            disk.writes_left = None  # the disk has room again: but who was told so must not go on
            await raised(OutboxError, outbox.put([text_message()], now=9.0))
        await outbox.aclose()
        return confirmed, disk.write_count


@pytest.mark.parametrize("error", [apsw.FullError, apsw.IOError])
def test_whichever_write_fails_nothing_that_was_confirmed_is_lost(error: type[apsw.Error]) -> None:
    with patch.object(dispatching, "FOLDED_AT_ONCE", 8), tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        whole, writes = asyncio.run(course_on_a_failing_disk(Path(folder, "whole"), error, None))
        assert len(whole) == 12
        assert writes > 50
        told = set()
        for fails_after in range(writes):
            path = Path(folder, f"{fails_after}.outbox")
            confirmed, _ = asyncio.run(course_on_a_failing_disk(path, error, fails_after))
            asyncio.run(check_kept(path, confirmed))
            told.add(len(confirmed))
    assert told >= {*range(12)}  # it failed at every step of the course


def test_after_a_failed_write_everybody_is_told_and_nothing_more_is_written(tmp_path: Path) -> None:
    async def scenario() -> None:
        with failing_disk(apsw.FullError) as disk:
            outbox = SqliteOutbox(tmp_path / "a.outbox")
            await outbox.put([message(1)], now=1.0)
            await outbox.begin(now=1.0)
            disk.writes_left = 0
            calls = outbox.attempt([Attempt(1, 1, 2.0)]), outbox.put([message(2)], now=2.0)
            errors = await asyncio.gather(*calls, return_exceptions=True)
            assert [type(error) for error in errors] == [OutboxError, OutboxError]
            assert "the disk is full" in str(errors[0])
            disk.writes_left = None
            written = disk.write_count
            for call in (outbox.claim(1, now=3.0), outbox.put([message(2)], now=3.0), outbox.find(["k-1"])):
                assert "the disk is full" in str(await raised(OutboxError, call))
            assert disk.write_count == written
            await outbox.aclose()
            again = SqliteOutbox(tmp_path / "a.outbox")
            assert await again.begin(now=4.0) == 0
            assert [entry.key for entry in await again.claim(9, now=4.0)] == ["k-1"]
            await again.aclose()

    asyncio.run(scenario())


# ------------------------------------------------------------------------------------------------------------ processes


@contextmanager
def sender(path: Path, rounds: int, *before: str) -> Iterator["subprocess.Popen[str]"]:
    command = [*before, sys.executable, "-m", "tests.transports.outbox.sender_process", str(path), str(rounds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def test_what_was_confirmed_is_there_after_a_kill_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(20231)
    path = tmp_path / "a.outbox"
    confirmed: list[str] = []
    for _ in range(8):
        with sender(path, 10_000) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            for _ in range(chance.randrange(2, 120)):
                confirmed.append(process.stdout.readline().strip())
            process.send_signal(signal.SIGKILL)
            confirmed += process.stdout.read().split("\n")[:-1]  # what it had written before it died
            process.wait(SECONDS)
        asyncio.run(check_kept(path, [line for line in confirmed if line]))
    assert len(confirmed) > 100


def test_a_kill_frees_the_lock(tmp_path: Path) -> None:
    async def scenario() -> None:
        path = tmp_path / "a.outbox"
        with sender(path, 0) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            outbox = SqliteOutbox(path)
            await raised(OutboxBusyError, outbox.begin(now=1.0))
            assert await outbox.put([message(1)], now=1.0) == 1  # which takes no lock
            process.send_signal(signal.SIGKILL)
            process.wait(SECONDS)
            await outbox.begin(now=1.0)
            await outbox.aclose()

    asyncio.run(scenario())


def test_a_full_file_system_stops_it_and_loses_nothing(tmp_path: Path) -> None:
    """On a file system of a megabyte, in a name space of its own, where that may be made."""
    disk = tmp_path / "disk"
    disk.mkdir()
    inside = f'mount -t tmpfs -o size=1m tmpfs "{disk}" && "$@"; cp "{disk}"/a.outbox* "{tmp_path}"'
    probe = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", str(disk)], capture_output=True)
    if probe.returncode:
        pytest.skip("file systems may not be mounted here: unshare -m mount -t tmpfs")
    with sender(disk / "a.outbox", 10_000, "unshare", "-m", "sh", "-c", inside, "sh") as process:
        output, errors = process.communicate(timeout=SECONDS)
    lines = output.splitlines()
    assert "OutboxError" in errors
    failures = [line for line in lines if line.startswith("failed")]
    assert len(failures) == 1
    assert "the disk is full" in failures[0]
    assert lines[-1] == failures[0]  # nothing was confirmed after it
    confirmed = [line for line in lines if line.split()[0] in ("put", "attempted", "accepted", "concluded")]
    assert len(confirmed) > 100
    asyncio.run(check_kept(tmp_path / "a.outbox", confirmed))
