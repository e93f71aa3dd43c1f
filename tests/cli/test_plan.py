"""msgcore plan: what a campaign comes to, told in tables and in JSON."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from transports.cli.command import cli
from transports.cli.plan_report import duration
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
    assert found["refused_reasons"] == {"field to": 1, "local only": 1, "field text": 1}
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


def test_parquet_with_other_columns_is_unusable(tmp_path: Path) -> None:
    result = run(parquet(tmp_path / "other.parquet", [{"phone": "+12012345678"}]))
    assert (result.exit_code, "unknown column 'phone'" in result.stderr) == (2, True)
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet at all")
    pytest.importorskip("pyarrow")
    result = run(broken)
    assert (result.exit_code, "no Parquet file" in result.stderr) == (2, True)
