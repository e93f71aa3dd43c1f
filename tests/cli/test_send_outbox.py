"""``msgcore send --outbox``: the same command again sends what is left, and nothing twice."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner, Result

from msgcore.delivery import Delivery, DeliveryState, SendState
from msgcore.errors import ConnectError, OutboxError, ResponseError
from msgcore.wire import Message, decode_callbacks
from tests.transports.outbox.faults import failing_disk
from transports import SqliteOutbox
from transports.cli.command import cli
from transports.cli.durable_run import RunHooks
from transports.cli.report import Report
from transports.cli.row_keys import RowKeys

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
        (["--unknown-after", "5", "campaign.csv"], "--unknown-after needs --outbox"),
        (["--outbox", "a.outbox", "--expire-after", "nan", "campaign.csv"], "nan is not a number"),
        (["--outbox", "a.outbox", "--unknown-after", "nan", "campaign.csv"], "nan is not a number"),
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


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs pipes that have names")
def test_a_pipe_is_not_half_read_for_the_keys_and_half_sent(campaign: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    try:
        os.write(writing, campaign.read_bytes())
        os.close(writing)
        pipe = f"/dev/fd/{reading}"  # as the shell calls what <(zcat campaign.csv.gz) writes
        result = send("--outbox", tmp_path / "a.outbox", "--rejects", tmp_path / "rejects.csv", pipe)
    finally:
        os.close(reading)
    assert result.exit_code == 2
    assert "read twice" in result.output
    assert not (tmp_path / "a.outbox").exists()


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


def test_a_run_that_gets_nowhere_says_why_while_it_tries_and_at_its_end(campaign: Path, tmp_path: Path) -> None:
    account = {"MSGCORE_ACCOUNT_ID": "1", "MSGCORE_USER": "me", "MSGCORE_PASSWORD": "secret"}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "transports.cli", "send", "--transport", "http", "--application", "a"]
        with subprocess.Popen(
            [*command, "--outbox", str(tmp_path / "a.outbox"), str(campaign)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | account | {"MSGCORE_BASE_URL": url},
        ) as process:
            assert process.stderr is not None
            told = next(line for line in process.stderr if "refused for now" in line)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"{ROWS} waiting" in told
    assert f"refused for now: {url}: " in told
    assert f"Why some still wait: refused for now: {url}: " in " ".join(stdout.split())
    assert "ClosedError" not in stderr  # Ctrl-C is what was asked for, not an error


def test_a_report_says_how_to_see_what_was_refused_and_what_is_unknown(capsys: pytest.CaptureFixture[str]) -> None:
    found = Report("a.csv", rows=9, refused=2, rejects_file="a.rejects.csv", unknown=3, outbox_file="a.outbox")
    found.outbox = dict.fromkeys((state.value for state in SendState), 0) | {"final": 1, "rejected": 2, "unknown": 3}
    found.show()
    printed = capsys.readouterr().out
    assert "2 not sent; which, and why: msgcore outbox refused a.outbox" in printed
    assert "3 perhaps sent; which, and why: msgcore outbox unknown a.outbox" in printed
    # Whoever reads "all of them, to send again" under the messages of the outbox would send those again.
    assert printed.index("to correct and send again") < printed.index("Messages of the outbox")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"last_line": 7}, "Stopped after line 7: 0 messages were sent, 0 rows refused; no later row was sent."),
        (
            {"last_line": 7, "outbox_file": "a.outbox"},
            "Stopped after line 7: 0 messages were sent, 0 rows refused; what waits in the outbox the next run can "
            "tell.",
        ),
        (
            {"outbox_file": "a.outbox", "outbox": dict.fromkeys(SendState, 0)},
            "Stopped: 0 messages were sent, 0 rows refused; what waits is kept in the outbox.",
        ),
    ],
)
def test_what_is_left_of_a_run_that_was_stopped_is_said_also_where_the_disk_tells_nothing(
    capsys: pytest.CaptureFixture[str], changes: dict[str, Any], said: str
) -> None:
    Report("a.csv", stopped_by="the disk is full", **changes).show()
    assert said in " ".join(capsys.readouterr().out.split())


def test_what_others_have_sent_and_what_earlier_runs_have_is_no_throughput_of_this_run() -> None:
    body = b"""[{"type": "message-sent", "time": "2026-01-01T00:00:10Z", "description": "", "to": "+19195550123",
        "message": {"id": "m-1", "time": "2026-01-01T00:00:00Z", "segmentCount": 7, "direction": "out",
        "to": ["+19195550123"],
        "from": "+19195550100", "owner": "+19195550100", "text": "", "applicationId": "a", "tag": ""}}]"""
    [event] = decode_callbacks(body)
    hooks, left = RunHooks(), list[object]()
    hooks.left = left.append
    hooks.on_event(event, None)
    assert not left
    hooks.on_event(event, Delivery("m-1", "+19195550123", DeliveryState.SENT))
    assert left == [event]
    found = Report("a.csv", first_accepted_at=100.0)
    for sent_at in (50.0, 102.0, 104.0):
        found.leave(7, sent_at)
    assert (found.sent_segments, found.segments_per_second) == (14, 3.5)


def test_an_obstacle_is_what_the_last_message_met_and_is_forgotten_once_one_is_accepted() -> None:
    hooks = RunHooks()
    message = Message(to="+19195551000", from_="+19195550100", text="hello")
    hooks.on_outcome(message, 1, SendState.WAITING, ConnectError("no way out"))
    assert hooks.obstacle == "refused for now: no way out"
    hooks.on_outcome(message, 1, SendState.UNKNOWN, ResponseError("$", "not JSON", status=502))
    assert hooks.obstacle is not None
    assert hooks.obstacle.startswith("perhaps sent: status 502")
    hooks.on_outcome(message, 1, SendState.ACCEPTED, ResponseError("$", "not JSON", status=202))
    assert hooks.obstacle is None


def test_a_file_that_is_written_to_meanwhile_stops_the_run_before_its_rows_get_keys_of_another_one(
    campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_of = RowKeys.key_of

    def grow(keys: RowKeys, ordinal: int) -> str:
        if ordinal == ROWS // 2:
            with campaign.open("a") as file:
                file.write("+19195559999,+19195550100,one more,\n")
        return key_of(keys, ordinal)

    monkeypatch.setattr(RowKeys, "key_of", grow)
    found = report(campaign, "--outbox", tmp_path / "a.outbox", status=1)
    assert "was changed while it was being read" in found["stopped_by"]
    assert sum(found["outbox"].values()) == 0
    monkeypatch.undo()
    assert report(campaign, "--outbox", tmp_path / "a.outbox")["accepted"] == ROWS + 1
