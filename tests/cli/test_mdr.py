"""msgcore mdr: what detail records add up to, told in tables and in JSON."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from msgcore.wire import MdrColumns, MdrRow, encode_mdr_header, encode_mdr_rows
from transports.cli import mdr_totals
from transports.cli.command import cli
from transports.cli.mdr_totals import OTHERS, MdrTotals


def mdr(*arguments: object, text: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["mdr", *map(str, arguments)], input=text)


def row(id: str, **fields: Any) -> MdrRow:
    return MdrRow(
        **{
            "account_id": "9900000", "message_type": "sms", "message_id": id, "direction": "OUTBOUND",
            "source": "19195550100", "destination": "12125550123", "time": "2026-01-01T10:00:00.000Z", "zone": "1",
            "status": "DELIVERED", "segment_number": 1, **fields,
        }
    )  # fmt: skip


ROWS = [
    row("1"),
    row("1", segment_number=2),
    row("2", status="FAILED", api_error_code=4720, time="2026-01-02T00:00:00.000Z"),
    row("3", message_type="mms", destination="12125550124"),
    row("3", message_type="mms", destination="12125550125"),
    row("4", source="18005550100", zone="3"),
    row("5", direction="INBOUND", source="12125550123", destination="19195550100", status="RECEIVED", zone=""),
]
CONTENT = encode_mdr_header() + encode_mdr_rows(ROWS)


def named(lines: list[dict[str, Any]], name: str) -> dict[str, tuple[int, int]]:
    return {str(line[name]): (line["recipients"], line["segments"]) for line in lines}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "january.csv"
    path.write_bytes(CONTENT)
    return path


def test_totals_are_by_day_status_code_sender_and_zone(file: Path) -> None:
    result = mdr(file, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert (found["messages"], found["recipients"], found["segments"], found["bad_lines"]) == (5, 6, 7, 0)
    assert named(found["by_day"], "day") == {"2026-01-01": (5, 6), "2026-01-02": (1, 1)}
    assert named(found["by_status"], "status") == {"DELIVERED": (4, 5), "FAILED": (1, 1), "RECEIVED": (1, 1)}
    assert named(found["by_direction"], "direction") == {"INBOUND": (1, 1), "OUTBOUND": (5, 6)}
    assert named(found["by_type"], "type") == {"mms": (2, 2), "sms": (4, 5)}
    assert named(found["by_sender"], "sender") == {"19195550100": (4, 5), "18005550100": (1, 1)}
    assert named(found["by_zone"], "zone") == {"1": (4, 5), "3": (1, 1)}
    [code] = found["by_code"]
    assert code == {"code": 4720, "name": "invalid-destination-address", "recipients": 1, "segments": 1}


def test_what_records_cost_is_told_by_the_rates_given(file: Path, tmp_path: Path) -> None:
    more = [
        row("6", status="FAILED", api_error_code=4403, source="19195550100"),  # the provider's own finding: free
        row("7", source="Acme Shop"),
        row("8", source="72345", zone=""),
        row("9", zone="Mars"),
    ]
    file.write_bytes(CONTENT + encode_mdr_rows(more))
    rates = tmp_path / "rates.csv"
    rates.write_text(
        "kind,sender,zone,price,currency\n"
        "sms,long code,1,0.0040,USD\nmms,long code,1,0.0150,USD\n"
        "sms,toll-free,3,0.0555,USD\nsms,short code,unassigned,0.1,USD\n"
    )
    assert json.loads(mdr(file, "--json").stdout)["cost"] is None
    cost = json.loads(mdr(file, "--json", "--rates", rates).stdout)["cost"]
    # Three SMS segments (a failure at the carrier is billed), two recipients of a group, one each of the others.
    assert (cost["amount"], cost["currency"]) == ("0.1975", "USD")
    assert (cost["unpriced_segments"], cost["free_segments"], cost["unclear_segments"]) == (1, 1, 1)
    lines = {(line["kind"], line["sender"], line["zone"]): (line["segments"], line["amount"]) for line in cost["lines"]}
    assert lines == {
        ("sms", "long code", 1): (3, "0.0120"), ("mms", "long code", 1): (2, "0.0300"),
        ("sms", "toll-free", 3): (1, "0.0555"), ("sms", "short code", "unassigned"): (1, "0.1"),
        ("sms", "alphanumeric", 1): (1, None),
    }  # fmt: skip
    page = tmp_path / "page.html"
    printed = mdr(file, "--rates", rates, "--report", page).stdout
    assert "0.1975" in printed
    assert "0.1975 USD in all." in page.read_text(encoding="utf-8")
    assert mdr(file, "--rates", rates, "--report", rates).exit_code == 2
    assert mdr(file, "--rates", file).exit_code == 2


def test_a_person_sees_the_same_figures(file: Path) -> None:
    printed = mdr(file).stdout
    assert "5 messages, 6 recipients, 7 segments" in printed
    for text in ("2026-01-02", "4720 invalid-destination-address", "18005550100", "FAILED"):
        assert text in printed


def test_a_zip_standard_input_and_several_files_are_read_alike(file: Path, tmp_path: Path) -> None:
    archive = tmp_path / "january.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.csv", CONTENT)
        made.writestr("README.txt", "no records")
        made.writestr("b.CSV", CONTENT)
    one = json.loads(mdr(file, "--json").stdout)
    assert json.loads(mdr("-", "--json", text=CONTENT).stdout) == {**one, "files": ["-"]}
    twice = json.loads(mdr(archive, "--json").stdout)
    assert twice["segments"] == 2 * one["segments"]
    assert json.loads(mdr(file, file, "--json").stdout)["segments"] == twice["segments"]


def test_confirmed_columns_are_enough(tmp_path: Path) -> None:
    path = tmp_path / "confirmed.csv"
    columns = MdrColumns.CONFIRMED_ONLY
    path.write_bytes(encode_mdr_header(columns) + encode_mdr_rows(ROWS, columns))
    found = json.loads(mdr(path, "--json").stdout)
    assert (found["messages"], found["recipients"], found["segments"]) == (5, 6, 7)
    assert found["by_code"] == []


def test_bad_lines_are_counted_shown_and_kept_and_fail_the_command(file: Path, tmp_path: Path) -> None:
    bad = [b"what is this?\r\n", b'9900000,"sms\r\n', b"\xff\xfe\r\n"]
    file.write_bytes(CONTENT + b"".join(bad) + encode_mdr_rows(ROWS[:1]))
    kept = tmp_path / "bad.csv"
    result = mdr(file, "--json", "--rejects", kept)
    found = json.loads(result.stdout)
    assert (result.exit_code, found["segments"], found["bad_lines"]) == (1, 8, 3)
    assert found["first_bad_lines"][0] == {
        "file": str(file), "line": 9, "reason": "expected 24 values, got 1"}  # fmt: skip
    content = kept.read_bytes()
    assert content.startswith(b"reason,line,AccountId,MessageType")
    assert all(line in content for line in bad)
    printed = mdr(file).stdout
    assert "3 lines are no rows" in printed
    assert "line 9: expected 24 values" in printed


def test_a_corrected_reject_is_a_record_again(file: Path, tmp_path: Path) -> None:
    file.write_bytes(CONTENT + encode_mdr_rows(ROWS[:1]).replace(b"OUTBOUND", b"OUT"))
    kept = tmp_path / "bad.csv"
    mdr(file, "--rejects", kept)
    kept.write_bytes(kept.read_bytes().replace(b",OUT,", b",OUTBOUND,"))
    assert json.loads(mdr(kept, "--json").stdout)["segments"] == 1


def broken_zip(content: bytes, tmp_path: Path, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    path = tmp_path / "whole.zip"
    with zipfile.ZipFile(path, "w", method) as made:
        made.writestr("a.csv", content * 100)
    octets = bytearray(path.read_bytes())
    octets[60:90] = bytes(30)
    return bytes(octets)


def zip_with_a_name_that_is_no_text(tmp_path: Path) -> bytes:
    path = tmp_path / "named.zip"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("\u00e9.csv", CONTENT)
    return path.read_bytes().replace("\u00e9".encode(), b"\xff\xff")


def test_what_cannot_be_read_is_said_in_one_line(tmp_path: Path) -> None:
    for name, content in (
        ("empty.csv", b""),
        ("campaign.csv", b"to,from,text\n"),
        ("cut.zip", b"PK\3\4 and no more"),
        ("damaged.zip", broken_zip(CONTENT, tmp_path)),
        ("lzma.zip", broken_zip(CONTENT, tmp_path, zipfile.ZIP_LZMA)),
        ("bzip2.zip", broken_zip(CONTENT, tmp_path, zipfile.ZIP_BZIP2)),
        ("name.zip", zip_with_a_name_that_is_no_text(tmp_path)),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        result = mdr(path)
        assert result.exit_code == 1, name
        assert result.stderr.startswith("Error: ")
        assert str(path) in result.stderr
    with zipfile.ZipFile(tmp_path / "none.zip", "w") as made:
        made.writestr("a.txt", "")
    assert "there is no CSV in this ZIP" in mdr(tmp_path / "none.zip").stderr
    assert "No such file" in mdr(tmp_path / "missing.csv").stderr
    assert mdr().exit_code == 2


def test_rejects_never_overwrite_what_is_read(file: Path) -> None:
    assert mdr(file, "--rejects", file).exit_code == 2
    assert file.read_bytes() == CONTENT


def test_more_senders_than_can_be_told_apart_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mdr_totals, "MOST_SENDERS", 2)
    totals = MdrTotals()
    for number in range(4):
        totals.add(row(str(number), source=f"1919555010{number}"))
    assert [(line.name, line.segments) for line in totals.by_sender()] == [
        ("19195550100", 1), ("19195550101", 1), (OTHERS, 2)]  # fmt: skip
    assert totals.segments == 4
