"""``msgcore send --outbox``: the same command again sends what is left, and nothing twice."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner, Result

from msgcore.errors import OutboxError
from tests.transports.outbox.faults import failing_disk
from transports import SqliteOutbox
from transports.cli.command import cli
from transports.cli.report import Report

ROWS = 40
SECONDS = 60  # after which a test that waits has failed


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.csv"
    rows = [f"+1919555{1000 + number},+19195550100,hello {number},t{number}" for number in range(ROWS)]
    path.write_text("\n".join(["to,from,text,tag", *rows]) + "\n")
    return path


def send(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["send", "--json", "-q", *map(str, arguments)])


def report(*arguments: object, status: int = 0) -> dict[str, Any]:
    result = send(*arguments)
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_campaign_is_followed_to_its_end(campaign: Path, tmp_path: Path) -> None:
    found = report(campaign, "--outbox", tmp_path / "a.outbox")
    assert (found["rows"], found["accepted"], found["known"]) == (ROWS, ROWS, 0)
    assert found["outbox"]["final"] == ROWS
    assert sum(found["outcomes"].values()) == ROWS


def test_the_same_file_twice_is_sent_once(campaign: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "a.outbox"
    report(campaign, "--outbox", outbox)
    again = report(campaign, "--outbox", outbox)
    assert (again["rows"], again["accepted"], again["known"]) == (ROWS, 0, ROWS)
    assert again["outbox"]["final"] == ROWS


def test_another_file_is_another_campaign_in_the_same_outbox(campaign: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "a.outbox"
    report(campaign, "--outbox", outbox)
    other = tmp_path / "other.csv"
    other.write_text(campaign.read_text() + "+19195559999,+19195550100,one more,\n")
    assert report(other, "--outbox", outbox)["outbox"]["final"] == 2 * ROWS + 1


def test_a_row_whose_key_is_kept_with_other_content_is_a_reject(tmp_path: Path) -> None:
    path, outbox = tmp_path / "keyed.csv", tmp_path / "a.outbox"
    path.write_text("to,from,text,key\n+19195551000,+19195550100,one,k1\n+19195551001,+19195550100,two,k2\n")
    report(path, "--outbox", outbox)
    path.write_text("to,from,text,key\n+19195551000,+19195550100,changed,k1\n+19195551001,+19195550100,two,k2\n")
    found = report(path, "--outbox", outbox)
    assert (found["refused"], found["refused_fields"], found["known"]) == (1, {"key": 1}, 1)
    assert "kept in the outbox already" in (tmp_path / "keyed.rejects.csv").read_text()


def test_resume_sends_what_waits_and_reads_no_file(campaign: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "a.outbox"
    report(campaign, "--outbox", outbox)
    found = report("--outbox", outbox, "--resume")
    assert (found["rows"], found["accepted"], found["outbox"]["final"]) == (0, 0, ROWS)


def test_outcomes_of_messages_that_earlier_runs_have_sent_are_told_and_are_shares_of_one_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = Report("a.csv", rows=2, accepted=2, recipients=2)
    found.outcomes.update({"message-delivered": 30, "message-failed": 10})
    found.show()
    assert re.search(r"message-delivered +30 +75\.0%", capsys.readouterr().out)
    found.accepted = found.recipients = 0
    found.show()
    assert re.search(r"message-delivered +30 +75\.0%", capsys.readouterr().out)


def test_what_has_waited_too_long_is_expired(campaign: Path, tmp_path: Path) -> None:
    options = ["-o", "rate=0.1", "-o", "queue_seconds=100"]  # ten segments at once, then one in ten seconds
    found = report(campaign, "--outbox", tmp_path / "a.outbox", "--expire-after", 45, *options)
    assert found["outbox"]["expired"] == ROWS - 10 - 4
    assert found["outbox"]["final"] == 14


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--resume"], "--resume needs --outbox"),
        (["--receive", "127.0.0.1:0", "campaign.csv"], "--receive needs --outbox"),
        (["--retry-failed", "campaign.csv"], "--retry-failed needs --outbox"),
        (["--outbox", "a.outbox", "--resume", "campaign.csv"], "name no FILE"),
        (["--outbox", "a.outbox", "-"], "read twice"),
        (["--outbox", "a.outbox"], "Missing argument"),
        (["--outbox", "a.outbox", "--receive", "nowhere", "campaign.csv"], "HOST:PORT"),
        (["--outbox", "a.outbox", "--receive", "127.0.0.1:0", "campaign.csv"], "brings its callbacks itself"),
    ],
)
def test_options_that_mean_nothing_are_refused(
    campaign: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(campaign.parent)
    result = send(*arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.skipif(not hasattr(signal, "SIGTERM") or os.name == "nt", reason="needs POSIX signals")
def test_sigterm_finishes_what_is_in_flight_and_keeps_the_rest(campaign: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "a.outbox"
    # Ten segments at once, then one in ten seconds.
    options = ["-o", "clock=real", "-o", "rate=0.1", "-o", "queue_seconds=100"]
    command = [sys.executable, "-m", "transports.cli", "send", "--json", "-q", "--outbox", str(outbox), *options]
    with subprocess.Popen([*command, str(campaign)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for_an_accepted_one(outbox, process)
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 1, stderr
    stopped = json.loads(stdout)
    assert stopped["interrupted_after_line"] is not None
    assert stopped["outbox"]["attempting"] == stopped["outbox"]["unknown"] == 0
    assert 0 < stopped["outbox"]["waiting"] < ROWS
    again = send(campaign, "--outbox", outbox)
    found = json.loads(again.stdout)
    # Another simulator knows nothing of what the first accepted: it is given up, or still to be waited for.
    assert again.exit_code == int(found["outbox"]["accepted"] > 0)
    assert found["outbox"]["waiting"] == 0
    assert found["accepted"] + stopped["accepted"] == ROWS


def wait_for_an_accepted_one(file: Path, process: "subprocess.Popen[bytes]") -> None:
    """Look on at the outbox of a run until one of its messages has been accepted."""

    async def look_on() -> None:
        outbox = SqliteOutbox(file)
        while not (outbox.counts().accepted or outbox.counts().final):
            assert process.poll() is None, "it has ended"
            await asyncio.sleep(0)
        await outbox.aclose()

    while not file.exists():
        assert process.poll() is None, "it has ended"
    asyncio.run(asyncio.wait_for(look_on(), SECONDS))


def test_what_has_failed_for_a_reason_that_passes_is_sent_once_more_in_the_same_run(tmp_path: Path) -> None:
    path = tmp_path / "failing.csv"
    tags = ["sim:code=4780", "sim:code=4780,delay=30s", "sim:code=4720", "sim:code=9902,delay=1s", ""]
    rows = [f'+1919555{1000 + number},+19195550100,hello,"{tag}"' for number, tag in enumerate(tags)]
    path.write_text("\n".join(["to,from,text,tag", *rows]) + "\n")
    found = report(path, "--outbox", tmp_path / "a.outbox", "--retry-failed")
    assert (found["accepted"], found["outbox"]["final"], found["outbox"]["waiting"]) == (7, 7, 0)
    assert found["codes"]["4780"] == 4


def test_a_disk_that_fails_ends_the_run_with_a_report(campaign: Path, tmp_path: Path) -> None:
    outbox = tmp_path / "a.outbox"
    report(campaign, "--outbox", outbox)
    other = tmp_path / "other.csv"
    other.write_text(campaign.read_text().replace("hello", "again"))
    with failing_disk(apsw.FullError) as disk:
        disk.writes_left = 12
        found = report(other, "--outbox", outbox, status=1)
    assert "the disk is full" in found["stopped_by"]
    assert "outbox" not in found  # what is on the disk can only be told by opening it anew
    found = report(other, "--outbox", outbox, "--wait", "accepted", status=int(found["accepted"] > 0))
    assert found["outbox"]["waiting"] == found["outbox"]["attempting"] == 0


def test_opt_outs_that_cannot_be_read_stop_a_run_before_anything_is_sent(campaign: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "a.outbox-opt-outs"
    damaged.write_text('["+19195551003","",tru\n')
    refused = send(campaign, "--outbox", tmp_path / "a.outbox")
    assert refused.exit_code == 2
    assert f"{damaged}, line 1: expected" in refused.stderr
    damaged.write_text('["+19195551003","",true,1.0]\n')
    found = report(campaign, "--outbox", tmp_path / "a.outbox")
    assert (found["outbox"]["final"], found["outbox"]["suppressed"]) == (ROWS - 1, 1)


def test_a_run_whose_last_entries_fail_tells_what_was_sent(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = SqliteOutbox.end

    async def end_badly(outbox: SqliteOutbox) -> None:
        was_dispatching = outbox._dispatching is not None
        await end(outbox)
        if was_dispatching:
            raise OutboxError("a.outbox: the file is damaged")

    monkeypatch.setattr(SqliteOutbox, "end", end_badly)
    found = report(campaign, "--outbox", tmp_path / "a.outbox", status=1)
    assert (found["accepted"], found["stopped_by"]) == (ROWS, "a.outbox: the file is damaged")
