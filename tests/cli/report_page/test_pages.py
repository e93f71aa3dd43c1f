"""Pages as somebody gets them: through the command line, read by parsers, held against the report in JSON."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from click.testing import CliRunner, Result

from msgcore.wire import MdrRow, delivery_code
from tests.cli.report_page.documents import classes, has_table, numbers, parse, rows, text_of, tiles
from transports.cli.command import cli
from transports.cli.mdr_totals import MdrTotals
from transports.cli.report import Report
from transports.cli.report_page.mdr_page import mdr_page
from transports.cli.report_page.place_sections import Tariff
from transports.cli.report_page.send_figures import SendFigures
from transports.cli.report_page.send_page import send_page
from transports.cli.report_page.style import TONES

CAMPAIGN = """\
to,from,text,media,tag
+12015550122,+19195550100,plain text,,a
+12015550123,+19195550100,{long},,b
+12015550124,+19195550100,It’s {long},,c
+12015550125,+18885550100,Привет,,d
+19195554720,+18885550100,for nobody,,e
+19195559902,+19195550100,no receipt,,f
+12015550126,+19195550100,look,https://media.example.com/a.png,g
+12015550127;+12015550128,+19195550100,a group,,h
+442079460000,+19195550100,abroad,,i
not a number,+19195550100,refused,,j
""".format(long="so " * 50)
RATES = (
    "kind,sender,zone,price,currency\nsms,long code,1,0.0040,EUR\nsms,toll-free,1,0.01,EUR\nmms,long code,1,0.02,EUR\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "campaign.csv").write_text(CAMPAIGN, encoding="utf-8")
    (tmp_path / "rates.csv").write_text(RATES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--quiet"])


def page_and_report(*arguments: str) -> tuple[Element, dict[str, Any]]:
    result = run(*arguments, "--json", "--report", "page.html")
    assert result.exit_code in (0, 1), result.output
    page = Path("page.html").read_text(encoding="utf-8")
    check_is_self_contained(page)
    return parse(page), json.loads(result.stdout)


def check_is_self_contained(page: str) -> None:
    tree = parse(page)
    for element in tree.iter():
        assert element.tag not in ("script", "link", "iframe", "img", "image", "object", "use", "base", "form")
        for name, value in element.attrib.items():
            assert name not in ("src", "href", "srcset", "style", "action")
            assert not name.startswith("on")
            assert "url(" not in value
    policies = [meta.get("content", "") for meta in tree.iter("meta") if meta.get("http-equiv")]
    assert [policy.partition(";")[0] for policy in policies] == ["default-src 'none'"]
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in tree.iter():
        assert set(element.get("aria-labelledby", "").split()) <= set(ids)
    tones = {name.removeprefix("tone-") for name in classes(tree) if name.startswith("tone-")}
    assert tones <= set(TONES)


def count(value: str) -> int:
    return int(value.replace(",", ""))


def test_the_figures_of_a_run_are_those_of_its_report(folder: Path) -> None:
    page, report = page_and_report("send", "campaign.csv", "--rates", "rates.csv")
    shown = tiles(page)
    assert {name: count(shown[name]) for name in ("rows read", "rows refused", "messages accepted", "recipients")} == {
        "rows read": report["rows"],
        "rows refused": report["refused"],
        "messages accepted": report["accepted"],
        "recipients": report["recipients"],
    }
    assert count(shown["segments"]) == report["segments"]
    assert shown["segments per second"] == f"{report['segments_per_second']:,.1f}"
    assert numbers(page, "outcomes") == report["outcomes"]
    assert numbers(page, "codes") == report["codes"]
    names = {code: meaning for code, _, _, meaning, _ in rows(page, "codes")}
    assert names.keys() == {"4720", "9902"}
    assert all(meaning.startswith(delivery_code(int(code)).name) for code, meaning in names.items())
    messages, segments = numbers(page, "alphabets"), numbers(page, "alphabets", 2)
    assert messages == {{"none": "none (MMS)"}.get(name, name): n for name, n in report["alphabets"].items()}
    assert sum(segments.values()) == report["segments"]
    assert numbers(page, "refused") == report["refused_fields"]
    assert numbers(page, "concerns") == report["concerns"]
    assert sum(numbers(page, "zones", 2).values()) == report["segments"]


def test_costs_add_up_by_zone_and_line(folder: Path) -> None:
    page, report = page_and_report("send", "campaign.csv", "--rates", "rates.csv")
    priced = [Decimal(line[5]) for line in rows(page, "prices") if line[5] != "–"]
    assert tiles(page)["cost"] == f"{sum(priced)} EUR"
    assert sum(Decimal(row[4]) for row in rows(page, "zones") if row[4] != "–") == sum(priced)
    (unpriced,) = (count(line[3]) for line in rows(page, "prices") if line[4] == "no price")
    assert unpriced == 1
    assert "1 segment has no price on the card" in text_of(page)
    assert sum(count(line[3]) for line in rows(page, "prices")) == report["segments"]


def test_what_forces_ucs2_and_what_it_costs_is_told(folder: Path) -> None:
    page, _ = page_and_report("send", "campaign.csv")
    causes = {row[0]: row[1:] for row in rows(page, "causes")}
    assert causes["’ U+2019 RIGHT SINGLE QUOTATION MARK"] == ["'", "1", "1", "1", "2"]
    assert causes["CyrillicП р и в е т"] == ["none", "1", "6", "1", "–"]
    assert "2 of 7 SMS are UCS-2 as written (28.6%)" in text_of(page)
    assert "would make 1 of them shorter, and save 2 segments" in text_of(page)


def test_throughput_is_shown_by_the_transports_clock(folder: Path) -> None:
    page, _ = page_and_report("send", "campaign.csv", "--rate", "1")
    figures = dict(rows(page, "throughput"))
    assert figures["first"].startswith("2026-01-01 00:00:0")
    # the failure that the provider finds itself, none here, would not leave; 4720 and 9902 do
    assert figures["segments"] == tiles(page)["segments"]


def test_without_receipts_it_shows_what_was_taken(folder: Path) -> None:
    page, report = page_and_report("send", "campaign.csv", "--transport", "file", "-o", "path=spool.jsonl")
    assert "were taken by the provider" in text_of(page)
    assert dict(rows(page, "throughput"))["segments"] == f"{report['segments']}"
    assert "receipts were not waited for" in text_of(page)


@pytest.mark.parametrize("fix", [(), ("--fix",)], ids=["as written", "fixed"])
def test_the_figures_of_a_plan_are_those_of_its_report(folder: Path, fix: tuple[str, ...]) -> None:
    page, plan = page_and_report("plan", "campaign.csv", "--rates", "rates.csv", *fix)
    shown = tiles(page)
    for name, field in (("rows read", "rows"), ("rows refused", "refused"), ("messages", "messages"),
                        ("recipients", "recipients"), ("segments", "segments")):  # fmt: skip
        assert count(shown[name]) == plan[field]
    assert shown["cost"] == f"{plan['price']['amount']} EUR"
    kinds = {"sms": "SMS", "mms": "MMS", "group-mms": "group MMS"}
    assert numbers(page, "kinds", 3) == {kinds[kind]: totals["segments"] for kind, totals in plan["kinds"].items()}
    alphabets = numbers(page, "alphabets")
    assert {name: alphabets[name] for name in plan["alphabets"]} == plan["alphabets"]
    assert sum(numbers(page, "alphabets", 2).values()) == plan["segments"]
    named = {1: "zone 1", "unassigned": "unassigned"}
    assert numbers(page, "zones", 2) == {named[zone["place"]]: zone["segments"] for zone in plan["zones"]}
    assert numbers(page, "regions") == {str(region["place"]): region["recipients"] for region in plan["regions"]}
    assert numbers(page, "refused") == plan["refused_reasons"]
    saved = f"save{'s' if fix else ''} {plan['to_gsm7']['saved_segments']} segments"
    assert saved in text_of(page)
    assert [count(row[1]) for row in rows(page, "queues")] == [q["segments"] for q in plan["queues"]]


@pytest.mark.parametrize(
    "offered, words", [((), "at once, by 100 segments"), (("--offered-rate", "21"), "after 45.0 s")]
)
def test_a_queue_that_would_overflow_is_told(folder: Path, offered: tuple[str, ...], words: str) -> None:
    row = "+12015550122,+19195550100,hello\n"
    Path("many.csv").write_text("to,from,text\n" + row * 1000, encoding="utf-8")
    page, _ = page_and_report("plan", "many.csv", "--rate", "1", *offered)
    assert [line[4] for line in rows(page, "queues")] == [words]


def test_a_plan_read_in_blocks_counts_the_same_causes_as_a_run(folder: Path) -> None:
    planned, _ = page_and_report("plan", "campaign.csv")
    sent, _ = page_and_report("send", "campaign.csv")
    assert rows(planned, "causes") == rows(sent, "causes")


HOSTILE = "</td><script>alert('x')</script><img src=https://evil.example/x onerror=alert(1)> \u202e\u0007 ]]> &amp; –"


def test_hostile_texts_tags_and_names_are_text_on_the_page(folder: Path) -> None:
    name = "<b onclick=alert(1)>&\"'.jsonl"
    lines = [
        {"to": "+12015550122", "from": "+19195550100", "text": HOSTILE, "tag": HOSTILE},
        {"to": HOSTILE, "from": "+19195550100", "text": "x"},
        {"to": "+12015550122", "from": HOSTILE, "text": "x"},
        {"to": "+12015550122", "from": "+19195550100", "text": "x", "media": [HOSTILE]},
        {"to": "+12015550122", "from": "+19195550100", "text": "x", HOSTILE: 5, "expiration": HOSTILE},
    ]
    Path(name).write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    for command in ("send", "plan"):
        page, report = page_and_report(command, name)
        assert report["refused"] >= 3
        assert text_of(page[1][0][1]) == name
        assert "<script>alert" in text_of(page)
        assert not list(page.iter("b"))


def test_an_empty_campaign_has_a_page_too(folder: Path) -> None:
    Path("empty.csv").write_text("to,from,text\n", encoding="utf-8")
    page, _ = page_and_report("send", "empty.csv")
    assert "No message was accepted." in text_of(page)
    assert not list(page.iter("section"))


@pytest.mark.parametrize(
    "changes, sentences",
    [
        ({"stopped_by": "no <account>"}, ["Stopped: no <account>", "Stopped after line 7; no later row was sent."]),
        ({"was_interrupted": True}, ["Interrupted after line 7; no later row was sent."]),
        (
            {"unknown": 2, "unknown_file": "c.unknown.csv"},
            [
                "2 messages may have been sent, with no answer to tell: "
                "look them up before you send c.unknown.csv again."
            ],
        ),
    ],
)
def test_what_went_wrong_is_said_first(changes: dict[str, Any], sentences: list[str]) -> None:
    report = Report("campaign.csv", rows=7, last_line=7, **changes)
    page = parse(send_page(report, SendFigures(), Tariff()).to_html())
    assert [text_of(each) for each in page.iter("p") if each.get("class") == "alarm"] == sentences


def test_a_plan_of_a_broken_file_counts_its_broken_rows(folder: Path) -> None:
    broken = b"\n".join([CAMPAIGN.encode(), b"\xff" * 3, b'"', b""])
    Path("broken.csv").write_bytes(broken)
    page, plan = page_and_report("plan", "broken.csv")
    assert count(tiles(page)["rows refused"]) == plan["refused"] > 1


@pytest.mark.parametrize("command", ["send", "plan"])
@pytest.mark.parametrize(
    "path, problem",
    [("nowhere/page.html", "No such file or directory"), (".", "is a directory"), ("campaign.csv", "would overwrite")],
)
def test_a_page_that_could_not_be_written_stops_the_command_before_it_begins(
    folder: Path, command: str, path: str, problem: str
) -> None:
    before = (folder / "campaign.csv").read_bytes()
    result = run(command, "campaign.csv", "--report", path)
    assert result.exit_code == 2
    assert problem in result.output
    assert (folder / "campaign.csv").read_bytes() == before
    assert not list(folder.glob("*.rejects*"))


def test_prices_without_a_page_are_a_mistake(folder: Path) -> None:
    result = run("send", "campaign.csv", "--rates", "rates.csv")
    assert result.exit_code == 2
    assert "--report FILE.html" in result.output


def test_the_page_comes_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("page.html").write_text("the old one", encoding="utf-8")

    def fail(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    result = run("plan", "campaign.csv", "--report", "page.html")
    assert result.exit_code == 1
    assert "the report cannot be written: page.html: No space left on device" in result.output
    assert Path("page.html").read_text(encoding="utf-8") == "the old one"
    assert not list(folder.glob(".page*"))


MDRS = """\
AccountId,MessageType,MessageID,CallDirection,SourceTn,DestinationTn,TimeStamp,ErrorCode,IntlZone,MessageStatus,ApiErrorCode
1,sms,m-1,OUTBOUND,19195550100,12015550122,2026-01-01T10:00:00.000Z,,1,DELIVERED,
1,sms,m-1,OUTBOUND,19195550100,12015550122,2026-01-01T10:00:00.000Z,,1,DELIVERED,
1,sms,m-2,OUTBOUND,19195550100,12015550123,2026-01-04T10:00:00.000Z,,1,FAILED,4720
1,mms,m-3,OUTBOUND,18885550100,12015550124,2026-01-04T11:00:00.000Z,,,DELIVERED,
1,sms,m-4,INBOUND,12015550124,19195550100,2026-01-04T12:00:00.000Z,,,ACCEPTED,
this is no row
"""


def test_the_figures_of_a_bill_are_those_of_its_totals(folder: Path) -> None:
    Path("<mdrs>.csv").write_text(MDRS, encoding="utf-8")
    page, bill = page_and_report("mdr", "<mdrs>.csv")
    assert text_of(page[1][0][1]) == "<mdrs>.csv"
    shown = tiles(page)
    assert [count(shown[name]) for name in ("messages", "recipients", "segments")] == [
        bill["messages"], bill["recipients"], bill["segments"],
    ]  # fmt: skip
    for table, field, names in (
        ("days", "day", {}), ("status", "status", {}), ("sender", "sender", {}),
        ("zone", "zone", {"1": "zone 1", "": "not told"}), ("code", "code", {4720: "4720 invalid-destination-address"}),
    ):  # fmt: skip
        lines = {names.get(line[field], line[field]): line for line in bill[f"by_{field}"]}
        assert numbers(page, table) == {name: line["recipients"] for name, line in lines.items()}
        assert numbers(page, table, 2) == {name: line["segments"] for name, line in lines.items()}
    assert "2026-01-01 to 2026-01-04" in text_of(page)
    assert "1 line is no row, and in no total." in text_of(page)
    (chart,) = (svg for svg in page.iter("svg") if "columns" in svg.get("class", ""))
    assert [text_of(mark) for mark in chart.iter("text")][-2:] == ["2026-01-01", "2026-01-03"]
    assert len(list(chart.iter("rect"))) == 2  # the days between have no column, and keep their place


def row(number: int, **fields: Any) -> MdrRow:
    known: dict[str, Any] = {
        "account_id": "1", "message_type": "sms", "message_id": f"m-{number}", "direction": "OUTBOUND",
        "source": f"1919{number:07}", "destination": "12015550122", "time": "2026-01-01T00:00:00.000Z",
    }  # fmt: skip
    return MdrRow(**known | fields)


def test_a_few_thousand_senders_stay_a_short_page_and_hostile_ones_are_text() -> None:
    totals = MdrTotals()
    for number in range(5000):
        totals.add(row(number, time=f"day {number % 900:05}"))
    totals.add(row(5000, source=HOSTILE, status=HOSTILE, zone=HOSTILE))
    totals.add(row(5001, source=HOSTILE, status=HOSTILE, zone=HOSTILE))
    html = mdr_page(["a.csv", HOSTILE], totals).to_html()
    check_is_self_contained(html)
    assert len(html) < 200_000
    assert "4,971 more, with 4,971 segments, are not shown." in text_of(parse(html))
    assert "<script>alert" in rows(parse(html), "sender")[0][0]


def test_a_page_without_records_has_no_section() -> None:
    page = parse(mdr_page(["a"], MdrTotals()).to_html())
    assert not has_table(page, "days")
    assert not list(page.iter("section"))
