"""msgcore send: the report, the exit status, the rejects file, and leaving in the middle."""

import asyncio
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from msgcore.wire import Request, Response, encode_rejection
from transports import SimulatorTransport
from transports.cli import send as send_module
from transports.cli.campaign import RefusedRow
from transports.cli.command import cli
from transports.cli.report import Report
from transports.cli.run import CampaignRun

ROOT = Path(__file__).resolve().parents[2]
HEADER = "to,from,text,media,tag\n"
MIXED = HEADER + (
    "+19195550123,+19195550100,hello,,\n"
    "+19195554720,+19195550100,a bad number at the carrier,,\n"
    "+19195550124,+19195550100,it’s UCS-2,,\n"
    "+19195550124,+19195550100,a picture,https://media.example.com/a.png,\n"
    "+19195550124;+19195550125;+19195554775,+19195550100,a group,,\n"
    "+19195550126,+18885550100,no receipt comes,,sim:code=9902\n"
    f"+19195550124,+19195550100,{'long ' * 100},,\n"
    "12345,+19195550100,a bad row,,\n"
    "+19195550124,+19195550100,,,\n"
)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.csv"
    path.write_text(MIXED, encoding="utf-8")
    return path


def send(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["send", *map(str, arguments)])


def send_json(*arguments: object, status: int = 0) -> dict[str, Any]:
    result = send(*arguments, "--json", "--quiet")
    assert result.exit_code == status, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


# ------------------------------------------------------------------------------------------------------------- reports


def test_the_report_counts_everything_and_its_sums_add_up(campaign: Path) -> None:
    report = send_json(campaign)
    assert (report["rows"], report["refused"], report["accepted"]) == (9, 2, 7)
    assert report["kinds"] == {"sms": 5, "mms": 1, "group-mms": 1}
    assert report["alphabets"] == {"GSM-7": 4, "UCS-2": 1, "none": 2}
    assert report["recipients"] == 9
    assert report["segments"] == 4 * 1 + 4 + 1 + 3  # four short texts, the long one, the picture, the group
    assert report["outcomes"] == {"message-delivered": 6, "message-failed": 3}
    assert report["codes"] == {"4720": 1, "4775": 1, "9902": 1}
    assert report["segments_per_second"] > 0


def test_the_same_campaign_gives_the_same_report(campaign: Path) -> None:
    one, other = (send_json(campaign, "-o", "seed=7") for _ in range(2))
    del one["wall_seconds"], other["wall_seconds"]
    assert one == other


def test_the_printed_report_names_what_a_person_looks_for(campaign: Path) -> None:
    result = send(campaign)
    assert result.exit_code == 0
    for expected in (
        "rows read", "9", "group-mms", "UCS-2", "message-delivered", "destination-rejected-due-to-user-opt-out",
        "line 9", "expected an E.164 number", "campaign.rejects.csv",
    ):  # fmt: skip
        assert expected in result.stdout


def test_an_empty_campaign_is_a_report_of_zeros(campaign: Path) -> None:
    campaign.write_text(HEADER)
    report = send_json(campaign)
    assert (report["rows"], report["outcomes"], report["segments_per_second"]) == (0, {}, None)


def test_a_rate_slows_the_simulated_sending(campaign: Path) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n" * 200)
    assert send_json(campaign, "--rate", 5)["segments_per_second"] == pytest.approx(5, rel=0.02)


def test_messages_beyond_the_queues_depth_wait_and_none_is_lost(campaign: Path) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n" * 1000)
    report = send_json(campaign, "--rate", 1)
    assert report["outcomes"] == {"message-delivered": 1000}


# ------------------------------------------------------------------------------------------------------------- rejects


def test_rejects_can_be_corrected_and_sent_again(campaign: Path) -> None:
    report = send_json(campaign)
    rejects = Path(report["rejects_file"])
    assert rejects == campaign.with_name("campaign.rejects.csv")
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "reason,line,to,from,text,media,tag"
    assert [line.split('",')[1] for line in lines[1:]] == [
        "9,12345,+19195550100,a bad row,,",
        "10,+19195550124,+19195550100,,,",
    ]
    rejects.write_text(rejects.read_text().replace("12345", "+19195550123"))
    again = send_json(rejects)
    assert (again["rows"], again["refused"], again["accepted"]) == (2, 1, 1)
    assert Path(again["rejects_file"]).read_text().splitlines()[0] == "reason,line,to,from,text,media,tag"


def test_broken_rows_keep_every_octet_in_the_rejects_and_mend_there(campaign: Path) -> None:
    broken = b'+19195550123,+19195550100,"never closed,,\n+19195550123,+19195550100,Caf\xe9,,\n+19195550123,x\n'
    campaign.write_bytes(HEADER.encode() + broken + b"+19195550123,+19195550100,good,,\n")
    report = send_json(campaign)
    assert (report["refused"], report["accepted"]) == (3, 1)
    rejects = Path(report["rejects_file"])
    kept = [line.split(b'",')[1].partition(b",")[2] for line in rejects.read_bytes().splitlines(keepends=True)[1:]]
    assert b"".join(kept) == broken
    mended = rejects.read_bytes().replace(b'"never closed', b"closed").replace(b"\xe9", "é".encode())
    rejects.write_bytes(mended.replace(b",x\n", b",+19195550100,x,,\n"))
    assert send_json(rejects)["accepted"] == 3


def test_rejects_of_json_lines_are_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "campaign.jsonl"
    path.write_text('{"to": "12345", "from": "+19195550100", "text": "x"}\n{broken\n[]\n{}\n')
    report = send_json(path)
    rejects = tmp_path / "campaign.rejects.jsonl"
    assert report["rejects_file"] == str(rejects)
    first, *_ = rejects.read_text().splitlines()
    assert json.loads(first)["line"] == 1
    rejects.write_text(first.replace("12345", "+19195550123"))
    assert send_json(rejects)["accepted"] == 1


def test_rejects_that_are_refused_again_do_not_pile_up_reasons(tmp_path: Path) -> None:
    path = tmp_path / "campaign.jsonl"
    path.write_text('{"to": "12345", "from": "+19195550100", "text": "x"}\n')
    send_json(path)
    send_json(tmp_path / "campaign.rejects.jsonl")
    again = (tmp_path / "campaign.rejects.rejects.jsonl").read_text()
    assert again.count('"reason"') == 1


def test_no_rejects_file_is_made_when_nothing_is_refused(campaign: Path) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n")
    assert send_json(campaign)["rejects_file"] is None
    assert list(campaign.parent.iterdir()) == [campaign]


def test_a_rejects_file_of_an_earlier_run_is_kept_under_another_name(campaign: Path) -> None:
    rejects = campaign.with_name("campaign.rejects.csv")
    rejects.write_text("corrections")
    send_json(campaign)
    assert rejects.with_name("campaign.rejects.csv.old").read_text() == "corrections"
    campaign.write_text(HEADER)
    send_json(campaign)
    assert not rejects.exists()


def test_rejects_resaved_with_every_field_quoted_stay_in_shape(campaign: Path) -> None:
    rejects = Path(send_json(campaign)["rejects_file"])
    with rejects.open(newline="") as file:
        rows = list(csv.reader(file))
    with rejects.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    again = Path(send_json(rejects)["rejects_file"])
    with again.open(newline="") as file:
        assert [row[2:] for row in csv.reader(file)] == [row[2:] for row in rows]


@pytest.mark.parametrize("suffix", ["csv", "jsonl"])
def test_a_row_refused_for_its_key_stays_refused_until_its_key_is_changed(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"campaign.{suffix}"
    if suffix == "csv":
        path.write_text("to,from,text,key\n" + "+19195550123,+19195550100,hello,a\n" * 2)
    else:
        path.write_text('{"to": "+19195550123", "from": "+19195550100", "text": "hello", "key": "a"}\n' * 2)
    rejects = Path(send_json(path)["rejects_file"])
    again = Path(send_json(rejects)["rejects_file"])
    assert "stands in line 2 already" in again.read_text() or "stands in line 1 already" in again.read_text()
    again.write_bytes(again.read_bytes().replace(b",a\n", b",b\n").replace(b'"key": "a"', b'"key": "b"'))
    assert send_json(again)["accepted"] == 1


def test_the_rejects_file_goes_where_it_is_told(campaign: Path, tmp_path: Path) -> None:
    assert send_json(campaign, "--rejects", tmp_path / "r.csv")["rejects_file"] == str(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").exists()


# ------------------------------------------------------------------------------------------------- unusable: status 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.csv"], "missing.csv: No such file or directory"),
        (["{}"], "Is a directory"),
        (["{}/bad.csv"], "unknown column 'message'"),
        (["{}/utf16.csv"], "looks like UTF-16"),
        (["{}/good.csv", "--transport", "pigeon"], "no transport is named 'pigeon'; installed: file, http, simulator"),
        (["{}/good.csv", "--rate", "0"], "--rate"),
        (["{}/good.csv", "--rate", "1e308"], "--rate"),
        (["{}/good.csv", "-t", "file", "-o", "path={}/s.jsonl", "-o", "mode=record", "-o", "inner=x"], "inner must be"),
        (["{}/good.csv", "-o", "rate"], "is not NAME=VALUE"),
        (["{}/good.csv", "-o", "rat=1"], "transport 'simulator' has no option 'rat': they are the arguments of Simul"),
        (["{}/good.csv", "-o", "colour=red"], "colour"),
        (["{}/good.csv", "--transport", "file"], "path"),
        (["{}/good.csv", "--rejects", "{}/good.csv"], "would overwrite the campaign itself"),
        (["{}/good.csv", "--rejects", "{}/no/where.csv"], "/no: No such file or directory"),
        (["{}/good.csv", "--transport", "file", "-o", "path={}/s.jsonl", "--wait", "final"], "--wait final needs"),
        (["{}/good.csv", "--format", "xml"], "--format"),
        ([], "FILE"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_cannot_be_used_is_said_in_one_line_with_status_2(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "good.csv").write_text(MIXED, encoding="utf-8")
    (tmp_path / "bad.csv").write_text("to,from,message\n")
    (tmp_path / "utf16.csv").write_text(MIXED, encoding="utf-16")
    before = set(tmp_path.iterdir())
    result = send(*(argument.replace("{}", str(tmp_path)) for argument in arguments))
    assert result.exit_code == 2, result.output
    assert said in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert set(tmp_path.iterdir()) - before <= {tmp_path / "s.jsonl"}


# ------------------------------------------------------------------------------------------- not everything final: 1


class Interrupting(SimulatorTransport):
    """Sends this process a Ctrl-C while it answers its fifth message."""

    exchanges = 0

    async def exchange(self, request: Request) -> Response:
        self.exchanges += 1
        if self.exchanges == 5:
            os.kill(os.getpid(), signal.SIGINT)
        return await super().exchange(request)


def test_ctrl_c_ends_cleanly_and_says_what_was_sent_and_what_not(
    campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n" * 10_000)
    monkeypatch.setattr(send_module, "open_transport", lambda name, **options: Interrupting(**options))
    result = send(campaign, "--json", "--quiet")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert 5 <= report["accepted"] < 500
    assert report["rows"] == report["refused"] + report["accepted"]
    assert report["interrupted_after_line"] == report["rows"] + 1
    assert sum(report["outcomes"].values()) == report["recipients"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_run_tells_a_person_where_it_stopped(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n" * 10_000)
    monkeypatch.setattr(send_module, "open_transport", lambda name, **options: Interrupting(**options))
    result = send(campaign)
    assert result.exit_code == 1
    assert "Interrupted after line" in result.stdout


class Forbidding(SimulatorTransport):
    """Refuses the account from the third message on."""

    exchanges = 0

    async def exchange(self, request: Request) -> Response:
        self.exchanges += 1
        if self.exchanges > 2:
            return encode_rejection(403, "forbidden", "no messaging for you")
        return await super().exchange(request)


def test_an_account_that_is_refused_stops_the_run_and_unsent_rows_are_kept(
    campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign.write_text(HEADER + "".join(f"+19195550123,+19195550100,row {n},,\n" for n in range(1000)))
    monkeypatch.setattr(send_module, "open_transport", lambda name, **options: Forbidding(**options))
    report = send_json(campaign, status=1)
    assert report["accepted"] == 2
    assert "403 forbidden: no messaging for you" in report["stopped_by"]
    assert report["rows"] == report["refused"] + report["accepted"] < 100
    rejects = Path(report["rejects_file"]).read_text().splitlines()
    assert len(rejects) == 1 + report["refused"]
    assert all("not sent: 403 forbidden" in line for line in rejects[1:])


class Unsure(SimulatorTransport):
    """Answers the third message with a page of some gateway."""

    exchanges = 0

    async def exchange(self, request: Request) -> Response:
        self.exchanges += 1
        return Response(502, {}, b"<html>") if self.exchanges == 3 else await super().exchange(request)


def test_a_message_that_may_have_been_sent_is_kept_apart_from_what_can_be_sent_again(
    campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_module, "open_transport", lambda name, **options: Unsure(**options))
    report = send_json(campaign, status=1)
    assert (report["rows"], report["refused"], report["unknown"], report["accepted"]) == (9, 2, 1, 6)
    unknown = Path(report["unknown_file"])
    assert unknown == campaign.with_name("campaign.unknown.csv")
    assert "may have been sent" in unknown.read_text()
    assert "may have been sent" not in Path(report["rejects_file"]).read_text()


class Moved(SimulatorTransport):
    """Has moved elsewhere after two messages."""

    exchanges = 0

    async def exchange(self, request: Request) -> Response:
        self.exchanges += 1
        return Response(301) if self.exchanges > 2 else await super().exchange(request)


def test_an_answer_that_stops_the_run_still_brings_the_report(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send_module, "open_transport", lambda name, **options: Moved(**options))
    report = send_json(campaign, status=1)
    assert report["accepted"] == 2
    assert "301" in report["stopped_by"]
    assert report["stopped_after_line"] == report["rows"] + 1


def test_ctrl_c_is_heard_while_rows_are_read_that_are_all_bad(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign.write_text(HEADER + "1,1,1,,\n" * 100_000)
    refuse = Report.refuse

    def interrupt(report: Report, row: RefusedRow) -> None:
        refuse(report, row)
        if report.refused == 100:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Report, "refuse", interrupt)
    report = send_json(campaign, status=1)
    assert report["rows"] == 100
    assert report["interrupted_after_line"] == 101


class Untimely(asyncio.Event):
    """Is set by a Ctrl-C that comes when the answer that it is not is already on its way."""

    def is_set(self) -> bool:
        found = super().is_set()
        if not found:
            signal.raise_signal(signal.SIGINT)
        return found


def test_ctrl_c_just_before_a_row_is_read_does_not_wait_for_that_row(
    campaign: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = CampaignRun.__init__

    def make_with_untimely_interrupt(run: CampaignRun, *arguments: Any, **options: Any) -> None:
        make(run, *arguments, **options)
        run._interrupted = Untimely()

    monkeypatch.setattr(CampaignRun, "__init__", make_with_untimely_interrupt)
    report = send_json(campaign, status=1)
    assert (report["rows"], report["interrupted_after_line"]) == (0, 0)


def test_ctrl_c_is_heard_while_the_queue_is_full_and_sending_waits(campaign: Path) -> None:
    campaign.write_text(HEADER + "+19195550123,+19195550100,hello,,\n" * 100)
    command = [sys.executable, "-m", "transports.cli", "send", str(campaign), "--json", "--rate", "0.02"]
    run = subprocess.Popen([*command, "-o", "clock=real"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stderr is not None
    run.stderr.readline()  # it has begun; 18 messages fill the queue, the next could go in 50 s
    run.send_signal(signal.SIGINT)
    output, errors = run.communicate(timeout=60)
    assert run.returncode == 1, errors
    report = json.loads(output)
    assert report["accepted"] <= 18
    assert report["rows"] == report["refused"] + report["accepted"]


def test_a_message_that_no_queue_holds_is_refused_and_the_others_are_sent(campaign: Path) -> None:
    campaign.write_text(HEADER + f"+19195550123,+19195550100,{'x' * 1000},,\n+19195550123,+19195550100,short,,\n")
    report = send_json(campaign, "--rate", 1, "-o", "queue_seconds=3")
    assert (report["refused"], report["accepted"]) == (1, 1)


def test_ctrl_c_is_heard_while_nobody_types() -> None:
    command = [sys.executable, "-m", "transports.cli", "send", "-", "--json", "--quiet"]
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder
        )
        assert run.stdin is not None
        run.stdin.write(b"to,from,text\n+19195550123,+19195550100,hello\n12345,1,x\n")
        run.stdin.flush()
        while not (Path(folder) / "stdin.rejects.csv").exists():  # it has read that row, and waits for the next
            assert run.poll() is None
        run.send_signal(signal.SIGINT)
        output, errors = run.communicate(timeout=60)
    assert run.returncode == 1, errors
    assert json.loads(output)["interrupted_after_line"] == 3


def test_a_rejects_file_that_cannot_be_written_stops_the_run_with_its_report(campaign: Path) -> None:
    report = send_json(campaign, "--rejects", "/dev/full", status=1)
    assert "/dev/full cannot be written" in report["stopped_by"]


# -------------------------------------------------------------------------------------------------------- transports


def test_a_campaign_can_be_spooled_to_a_file(campaign: Path, tmp_path: Path) -> None:
    spool = tmp_path / "spool.jsonl"
    report = send_json(campaign, "--transport", "file", "-o", f"path={spool}")
    assert report["accepted"] == 7
    assert len(spool.read_text().splitlines()) == 7
    assert report["outcomes"] == {"pending": 9}


def test_waiting_for_acceptance_alone_follows_no_receipts(campaign: Path) -> None:
    assert send_json(campaign, "--wait", "accepted")["outcomes"] == {"pending": 9}


def test_a_campaign_is_read_from_standard_input(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "transports.cli", "send", "-", "--json", "--quiet"],
        input=MIXED.encode(),
        capture_output=True,
        check=False,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["accepted"] == 7
    assert (tmp_path / "stdin.rejects.csv").exists()


def test_progress_goes_to_standard_error_as_plain_lines_when_it_is_no_terminal(campaign: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "transports.cli", "send", str(campaign), "--json"], capture_output=True, check=False
    )
    json.loads(run.stdout)
    assert b"receipts: 100%, 9 rows, 2 refused, 7 accepted, 9 final" in run.stderr
    assert b"\x1b" not in run.stderr


def test_the_example_campaign_is_what_its_script_makes() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "make_campaign.py")], capture_output=True, check=True
    )
    assert made.stdout == (ROOT / "examples" / "campaign.csv").read_bytes()


def test_the_example_campaign_runs_to_the_end(tmp_path: Path) -> None:
    report = send_json(ROOT / "examples" / "campaign.csv", "--rejects", tmp_path / "rejects.csv")
    assert report["rows"] == 12_000
    assert 0.015 < report["refused"] / report["rows"] < 0.025
    assert report["rows"] == report["refused"] + report["accepted"]
    assert sum(report["outcomes"].values()) == report["recipients"]
    assert sum(report["codes"].values()) == report["outcomes"]["message-failed"]
    assert sum(report["kinds"].values()) == sum(report["alphabets"].values()) == report["accepted"]


def test_number_of_an_impossible_length_is_refused_and_a_doubtful_one_told(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text(
        HEADER
        + "+19999195550,+19195550100,a new area code perhaps,,\n"
        + "+44207946,+19195550100,too short,,\n"
        + "+19195550123,+19195550100,fiction,,\n"
    )
    report = send_json(path)
    assert (report["accepted"], report["refused_fields"]) == (2, {"to": 1})
    assert report["concerns"] == {"fiction (555-0100 to 555-0199)": 1, "not in the plan": 1}
    report = send_json(path, "--strict-numbers")
    assert (report["accepted"], report["refused"]) == (1, 2)
    rejects = (tmp_path / "numbers.rejects.csv").read_text()
    assert "to: '+19999195550': not in the numbering plan" in rejects
