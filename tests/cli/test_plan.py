"""msgcore plan: what a campaign comes to, told in tables and in JSON."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from transports.cli.command import cli
from transports.cli.durations import duration
from transports.cli.progress import ReadingProgress

HEADER = "to,from,text,media,tag\n"
MIXED = HEADER + (
    "+12012345678,+19195550100,hello,,\n"
    f"+442079460000,+19195550100,It’s {'so ' * 40},,\n"
    f"+12012345678,+18885550100,{'long ' * 100},,\n"
    "+12012345678,+19195550100,a picture,https://media.example.com/a.png,\n"
    "+12012345678;+12012345679;+16042345678,+19195550100,a group,,\n"
    "+19999195550,+19195550100,a new area code perhaps,,\n"
    "12345,+19195550100,a bad row,,\n"
    "+44207946,+19195550100,too short,,\n"
    "+12012345678,+19195550100,,,\n"
)
RATES = (
    "kind,sender,zone,price,currency\n"
    "sms,long code,1,0.0040,USD\nsms,toll-free,1,0.0075,USD\nmms,long code,1,0.015,USD\n"
    "sms,long code,3,0.04,USD\n"
)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.csv"
    path.write_text(MIXED, encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["plan", *map(str, arguments)], catch_exceptions=False)


def plan(*arguments: object, status: int = 0) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_campaign_is_added_up_by_kind_zone_and_region(campaign: Path) -> None:
    found = plan(campaign)
    assert {name: found[name] for name in ("rows", "refused", "messages", "recipients", "segments")} == {
        "rows": 9, "refused": 3, "messages": 6, "recipients": 8, "segments": 12,
    }  # fmt: skip
    assert found["kinds"]["group-mms"] == {"messages": 1, "recipients": 3, "segments": 3}
    assert found["alphabets"] == {"GSM-7": 3, "UCS-2": 1}
    assert found["zones"] == [
        {"place": 1, "recipients": 6, "segments": 9},
        {"place": "unassigned", "recipients": 2, "segments": 3},
    ]
    assert found["unassigned_regions"] == ["GB", None]
    assert found["regions"][1] == {"place": "GB", "recipients": 1, "segments": 2}
    assert found["price"] is None
    assert found["concerns"] == {"fixed line": 1, "not in the plan": 1}


def test_refused_rows_are_told_and_kept_where_asked(campaign: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "kept.csv"
    found = plan("--rejects", rejects, campaign)
    assert found["refused_reasons"] == {"not E.164": 1, "local only": 1, "no text": 1}
    assert found["rejects_file"] == str(rejects)
    lines = rejects.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "reason,line,to,from,text,media,tag"
    assert lines[2] == (
        "\"to: '+44207946': too short for calling code 44: the area code is missing\""
        ",9,+44207946,+19195550100,too short,,"
    )
    # What was set aside is planned like any file, and still cannot be sent.
    again = plan(rejects)
    assert (again["rows"], again["refused"]) == (3, 3)


@pytest.mark.parametrize(
    "to, text, reason",
    [
        ("+1201555", "hello", "too short"),
        ("+120123456789", "hello", "too long"),
        ("+4420", "hello", "too short"),
        ("12012345678", "hello", "not E.164"),
        ("+12012345678;+999123", "hello", "unknown calling code"),
        ("+12012345678;2012345679", "hello", "not E.164"),
        (["+12012345678", ""], "hello", "not E.164"),
        ("", "hello", "no recipient"),
        ([], "hello", "no recipient"),
        (7, "hello", "field to"),
        ("+12012345678;+12012345678", "hello", "field to"),
        ("+19999195550;+19999195550", "hello", "field to"),
        (";".join(f"+120123456{number}" for number in range(10, 21)), "hello", "field to"),
        ("+12012345678", "", "no text"),
        ("+12012345678", "a" * 2049, "text too long"),
        ("+12012345678", "\ud83d", "not Unicode"),
        ("+12012345678", 7, "field text"),
    ],
)
def test_row_is_counted_under_one_wording(tmp_path: Path, to: object, text: object, reason: str) -> None:
    path = tmp_path / "campaign.jsonl"
    path.write_text(json.dumps({"to": to, "from": "+19195550100", "text": text}) + "\n")
    assert plan("--strict-numbers", path)["refused_reasons"] == {reason: 1}


def test_refused_row_does_not_take_its_key(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    row = "+19195550100,hello,k1\n"
    path.write_text(f"to,from,text,key\n+999123,{row}+12012345678,{row}+12012345679,{row}")
    found = plan(path)
    assert (found["messages"], found["refused_reasons"]) == (1, {"field key": 1, "unknown calling code": 1})
    sent = CliRunner().invoke(cli, ["send", "--json", "--quiet", str(path)], catch_exceptions=False)
    assert json.loads(sent.stdout)["refused"] == found["refused"]


def test_expired_row_is_refused_and_not_priced(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    row = "+12012345678,+19195550100,hello"
    expirations = ("2001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "", "2001-01-01T00:00:00-05:00")
    path.write_text("to,from,text,expiration,key\n" + "".join(f"{row},{each},k\n" for each in expirations[:2]))
    rejects = tmp_path / "rejects.csv"
    found = plan("--rejects", rejects, path)
    assert (found["messages"], found["segments"], found["refused_reasons"]) == (1, 1, {"expired": 1})
    assert "expiration: 2001-01-01T00:00:00Z has passed" in rejects.read_text()
    sent = CliRunner().invoke(cli, ["send", "--json", "--quiet", str(path)], catch_exceptions=False)
    assert (json.loads(sent.stdout)["refused"], json.loads(sent.stdout)["accepted"]) == (1, 1)
    rows = [{"to": "+12012345678", "from": "+19195550100", "text": "hello", "expiration": each} for each in expirations]
    jsonl = tmp_path / "campaign.jsonl"
    jsonl.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for same in (jsonl, parquet(tmp_path / "campaign.parquet", rows)):
        assert (plan(same)["messages"], plan(same)["refused_reasons"]) == (2, {"expired": 2})


def test_nothing_is_written_unless_asked(campaign: Path) -> None:
    plan(campaign)
    assert [path.name for path in campaign.parent.iterdir()] == ["campaign.csv"]


def test_strict_numbers_refuses_what_is_not_in_the_plan(campaign: Path) -> None:
    found = plan("--strict-numbers", campaign)
    assert (found["refused"], found["refused_reasons"]["not in the plan"]) == (4, 1)
    assert "not in the plan" not in found["concerns"]


def test_fix_shows_the_campaign_with_look_alikes(campaign: Path) -> None:
    given, fixed = plan(campaign), plan("--fix", campaign)
    assert given["to_gsm7"] == {"applied": False, "messages": 1, "saved_segments": 1}
    assert fixed["to_gsm7"] == {"applied": True, "messages": 1, "saved_segments": 1}
    assert fixed["segments"] == given["segments"] - 1
    assert fixed["alphabets"] == {"GSM-7": 4, "UCS-2": 0}
    assert "in 1 text would save 1 of 8 SMS segments (12.5%): --fix" in run(campaign).stdout
    assert "that saves 1 of 8 SMS segments (12.5%)." in run("--fix", campaign).stdout


def test_price_is_exact_and_what_has_none_is_said(campaign: Path, tmp_path: Path) -> None:
    rates, zones = tmp_path / "rates.csv", tmp_path / "zones.csv"
    rates.write_text(RATES)
    zones.write_text("region,zone\nUS,1\nCA,1\nGB,3\n")
    price = plan("--rates", rates, campaign)["price"]
    # hello; four segments from a toll-free number; one MMS and a group of three
    assert Decimal(price["amount"]) == Decimal("0.0040") + 4 * Decimal("0.0075") + 4 * Decimal("0.015")
    assert (price["currency"], price["unpriced_segments"]) == ("USD", 3)
    priced = plan("--rates", rates, "--zones", zones, campaign)
    assert Decimal(priced["price"]["amount"]) == Decimal(price["amount"]) + 2 * Decimal("0.04")
    assert priced["price"]["unpriced_segments"] == 1
    output = run("--rates", rates, campaign).stdout
    assert "no price" in output
    assert "3 segments have no price on the card, and are in no sum." in output


def test_queue_that_would_overflow_is_told(campaign: Path) -> None:
    found = plan("--rate", "0.005", campaign)
    assert [(queue["capacity"], queue["overflows_after_seconds"]) for queue in found["queues"]] == [(4, 0.0), (4, None)]
    assert found["seconds"] == 1600
    output = run("--rate", "0.005", campaign).stdout
    assert "Sent as fast as possible, SMS overflows the queue at once: 4 segments." in output
    assert "26 min 40 s" in output


@pytest.mark.parametrize(
    "option, value, words",
    [
        ("--rate", "0.001", "less than one segment"),
        ("--rate", "nan", "must be positive and finite"),
        ("--offered-rate", "nan", "nan is not a number"),
        ("--offered-rate", "0", "not in the range"),
    ],
)
def test_unusable_rate_is_told_before_the_file_is_opened(tmp_path: Path, option: str, value: str, words: str) -> None:
    result = run(option, value, tmp_path / "missing.csv")
    assert result.exit_code == 2
    assert words in result.stderr
    assert f"'{option}'" in result.stderr
    assert "No such file" not in result.stderr


def test_offered_rate_tells_when_the_queue_overflows(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_text("to,from,text\n" + "+12012345678,+19195550100,hello\n" * 2000)
    sms, mms = plan("--rate", 1, "--offered-rate", 10, path)["queues"]
    assert (sms["overflows_after_seconds"], mms["overflows_after_seconds"]) == (100.0, None)
    output = run("--rate", 1, "--offered-rate", 10, path).stdout
    assert "Offered at 10 segments per second, SMS overflows the queue after 1 min 40 s, and meets 429." in output
    assert "Offered at 1 segments per second, no queue overflows." in run("--rate", 1, "--offered-rate", 1, path).stdout


def test_fix_with_nothing_to_save_says_so(tmp_path: Path) -> None:
    path = tmp_path / "campaign.csv"
    path.write_text("to,from,text\n+12012345678,+19195550100,hello\n")
    assert "nothing was replaced" in run("--fix", path).stdout
    assert "nothing was replaced" not in run(path).stdout


def test_tables_fit_eighty_columns(campaign: Path, tmp_path: Path) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text(RATES)
    lines = run("--rates", rates, campaign).stdout.splitlines()
    assert "Plan of" in lines[1]
    # Reasons quote what stood in the file; a terminal folds them in their column.
    assert max(len(line) for line in lines[2:] if not line.lstrip().startswith("line ")) <= 80


def test_json_lines_come_to_the_same(campaign: Path) -> None:
    rows = [dict(zip(HEADER.strip().split(","), line.split(","), strict=True)) for line in MIXED.splitlines()[1:]]
    jsonl = campaign.with_suffix(".jsonl")
    jsonl.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert plan(jsonl) | {"campaign": str(campaign)} == plan(campaign)


def test_empty_campaign_comes_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(HEADER)
    found = plan(path)
    assert (found["rows"], found["messages"], found["seconds"]) == (0, 0, 0)
    assert "rows read" in run(path).stdout


@pytest.mark.parametrize(
    "option, content, words",
    [
        ("--rates", "kind,sender,zone,price\nsms,long code,1,free\n", "rate card, line 2: price must be a number"),
        ("--zones", "region,zone\nUS,9\n", "zones, line 2: zone must be 1 to 5"),
        ("--rates", None, "No such file"),
        ("--zones", b"region,zone\n\xff,1\n", "not UTF-8"),
    ],
)
def test_unusable_table_is_told_with_its_line(
    campaign: Path, tmp_path: Path, option: str, content: str | bytes | None, words: str
) -> None:
    table = tmp_path / "table.csv"
    if content is not None:
        table.write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run(option, table, campaign)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet"])
def test_missing_file_is_unusable(tmp_path: Path, name: str) -> None:
    result = run(tmp_path / name)
    assert (result.exit_code, "No such file" in result.stderr) == (2, True)


def test_rejects_never_overwrite_the_campaign(campaign: Path) -> None:
    assert run("--rejects", campaign, campaign).exit_code == 2
    assert campaign.read_text(encoding="utf-8") == MIXED


@pytest.mark.parametrize("option", ["--rates", "--zones"])
def test_rejects_never_overwrite_a_table(campaign: Path, tmp_path: Path, option: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text("region,zone\nUS,1\n" if option == "--zones" else RATES)
    kept = table.read_text()
    result = run("--rejects", tmp_path / "." / "table.csv", option, table, campaign)
    assert (result.exit_code, table.read_text()) == (2, kept)
    assert f"the rejects would overwrite the {option[2:]}" in result.stderr


@pytest.mark.parametrize("command", ["plan", "send"])
def test_unusable_sender_is_told_at_once(campaign: Path, command: str) -> None:
    result = CliRunner().invoke(cli, [command, "--from", "??", str(campaign)])
    assert result.exit_code == 2
    assert "'--from'" in result.stderr
    assert "expected an E.164 number (+ and digits), a short code" in result.stderr


def test_interrupted_plan_is_that_of_the_rows_before(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ReadingProgress, "update", interrupt)
    found = plan(campaign, status=1)
    assert (found["interrupted"], found["rows"]) == (True, 9)
    assert "Interrupted. This is the plan of the first 9 rows." in run(campaign).stdout


def test_full_disk_stops_the_plan(campaign: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    result = run("--rejects", "/dev/full", campaign)
    assert result.exit_code == 1
    assert "Stopped: " in result.stdout


@pytest.mark.parametrize("arguments", [["plan"], ["plan", "--json"], ["send", "-q"]])
def test_full_standard_output_is_one_line(campaign: Path, arguments: list[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    command = [sys.executable, "-m", "transports.cli", *arguments, str(campaign)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == "Error: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    "seconds, words",
    [
        (0.0, "0.0 s"),
        (59.9, "59.9 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_duration_has_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# ------------------------------------------------------------------------------------------------------------ Parquet


def parquet(path: Path, rows: list[dict[str, Any]], **options: Any) -> Path:
    arrow = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(arrow.Table.from_pylist(rows), path, **options)
    return path


def test_parquet_comes_to_the_same(campaign: Path) -> None:
    rows = [
        {name: value or None for name, value in zip(HEADER.strip().split(","), line.split(","), strict=True)}
        for line in MIXED.splitlines()[1:]
    ]
    found = plan(parquet(campaign.with_suffix(".parquet"), rows, row_group_size=2))
    assert found | {"campaign": str(campaign)} == plan(campaign)


def test_parquet_may_hold_lists_of_recipients(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"to": ["+12012345678", "+12012345679"], "text": "a group", "media": None},
        {"to": ["+12012345678"], "text": "one", "media": ["https://example.com/a.png"]},
        {"to": [], "text": "nobody", "media": []},
        {"to": None, "text": None, "media": None},
    ]
    path = parquet(tmp_path / "lists.parquet", rows)
    rejects = tmp_path / "rejects.jsonl"
    found = plan("--from", "+19195550100", "--rejects", rejects, path)
    assert (found["rows"], found["kinds"]["group-mms"]["recipients"], found["kinds"]["mms"]["messages"]) == (3, 2, 1)
    assert json.loads(rejects.read_text()) == {
        "reason": "to: at least one recipient is required", "line": 3, "to": [], "text": "nobody", "media": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    "name, value, shown",
    [
        ("tag", b"t1", "b't1'"),
        ("expiration", datetime(2030, 1, 1, tzinfo=UTC), "2030-01-01 00:00:00+00:00"),
        ("priority", Decimal("1.5"), "1.5"),
        ("tag", timedelta(seconds=1), "0:00:01"),
        ("key", {"a": b"k"}, "b'k'"),
        ("media", [b"https://example.com/a.png"], "b'https://"),
    ],
)
def test_parquet_value_that_no_json_has_is_a_refused_row(tmp_path: Path, name: str, value: object, shown: str) -> None:
    row = {"to": "+12012345678", "from": "+19195550100", "text": "hello"}
    rejects = tmp_path / "rejects.jsonl"
    found = plan("--rejects", rejects, parquet(tmp_path / "campaign.parquet", [{**row, name: value}]))
    assert (found["rows"], found["refused"], found["refused_reasons"]) == (1, 1, {f"field {name}": 1})
    kept = json.loads(rejects.read_text())
    assert kept["reason"].startswith(f"{name}: expected ")
    assert shown in kept["reason"]


def test_parquet_text_that_is_not_utf8_costs_its_row(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    octets = arrow.array([b"hello", b"caf\xe9", b"hello"])
    text = arrow.StringArray.from_buffers(3, *octets.buffers()[1:])
    table = arrow.table({"to": ["+12012345678"] * 3, "from": ["+19195550100"] * 3, "text": text})
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "campaign.parquet")
    rejects = tmp_path / "rejects.jsonl"
    found = plan("--rejects", rejects, tmp_path / "campaign.parquet")
    assert (found["messages"], found["refused"]) == (2, 1)
    assert "'utf-8' codec can't decode" in json.loads(rejects.read_text())["reason"]


def test_damaged_parquet_stops_the_plan(tmp_path: Path) -> None:
    rows = [{"to": "+12012345678", "from": "+19195550100", "text": f"hello {number}"} for number in range(20_000)]
    path = parquet(tmp_path / "campaign.parquet", rows, row_group_size=10_000, compression="gzip")
    octets = bytearray(path.read_bytes())
    middle = len(octets) * 3 // 4
    octets[middle : middle + 2000] = bytes(2000)
    path.write_bytes(octets)
    found = plan(path, status=1)
    assert 0 < found["rows"] < 20_000
    assert "cannot be read any further" in found["stopped_by"]


def test_parquet_with_other_columns_is_unusable(tmp_path: Path) -> None:
    result = run(parquet(tmp_path / "other.parquet", [{"phone": "+12012345678"}]))
    assert (result.exit_code, "unknown column 'phone'" in result.stderr) == (2, True)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet at all")
    pytest.importorskip("pyarrow")
    result = run(broken)
    assert (result.exit_code, "no Parquet file" in result.stderr) == (2, True)


def test_parquet_with_a_column_twice_is_unusable(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    table = arrow.table([["+12012345678"], ["hello"], ["bye"]], names=["to", "text", "text"])
    pytest.importorskip("pyarrow.parquet").write_table(table, tmp_path / "twice.parquet")
    result = run("--from", "+19195550100", tmp_path / "twice.parquet")
    assert (result.exit_code, "column 'text' stands there twice" in result.stderr) == (2, True)
