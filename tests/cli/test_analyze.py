"""msgcore analyze: what a person needs to know about a text, and the same as JSON."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from transports.cli.command import cli


def analyze(*arguments: str, text: bytes | None = None) -> Result:
    return CliRunner().invoke(cli, ["analyze", *arguments], input=text)


def analyze_json(*arguments: str) -> dict[str, Any]:
    result = analyze(*arguments, "--json")
    assert result.exit_code == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_gsm7_text_shows_its_septets_and_packed_octets() -> None:
    report = analyze_json("hellohello")
    assert (report["alphabet"], report["segment_count"], report["unit_count"]) == ("GSM-7", 1, 10)
    assert report["units_left"] == 150
    assert report["outside_gsm7"] == []
    [segment] = report["segments"]
    assert segment["header"] == ""
    assert segment["user_data"] == "e8329bfd4697d9ec37"  # the packing example that every textbook prints
    assert segment["user_data_length"] == 10


def test_what_forces_ucs2_is_named_with_its_place_and_a_replacement() -> None:
    report = analyze_json("It’s 👍")
    assert report["alphabet"] == "UCS-2"
    assert report["outside_gsm7"] == [
        {"index": 2, "character": "’", "replacement": "'"},
        {"index": 5, "character": "👍", "replacement": None},
    ]
    printed = analyze("It’s 👍").stdout
    assert "U+2019 RIGHT SINGLE QUOTATION MARK" in printed
    assert 'could be "\'"' in printed


def test_a_saving_is_shown_when_replacing_everything_would_bring_gsm7() -> None:
    assert "it is GSM-7: 1 instead of 2 segments" in analyze("’" * 80).stdout


def test_the_reference_and_its_width_stand_in_the_header() -> None:
    assert analyze_json("x" * 161, "--reference", "7")["segments"][0]["header"] == "050003070201"
    wide = analyze_json("x" * 161, "--reference", "258", "--reference-bits", "16")
    assert wide["segments"][1]["header"] == "06080401020202"


def test_the_boundary_decides_whether_a_cluster_may_be_cut() -> None:
    text = "x" * 66 + "👍🏽" + "y" * 60
    by_cluster = analyze_json(text)["segments"][0]["text"]
    by_character = analyze_json(text, "--boundary", "character")["segments"][0]["text"]
    assert (by_cluster, by_character) == ("x" * 66, "x" * 66)  # a surrogate pair does not fit either
    text = "x" * 65 + "👍🏽" + "y" * 60
    assert analyze_json(text)["segments"][0]["text"] == "x" * 65
    assert analyze_json(text, "--boundary", "character")["segments"][0]["text"] == "x" * 65 + "👍"


def test_many_characters_outside_gsm7_are_cut_short_with_a_count() -> None:
    assert "and 30 more" in analyze("Ж" * 50).stdout


def test_text_comes_from_standard_input_too() -> None:
    result = analyze("-", text="Grüße\n".encode())
    assert result.exit_code == 0
    assert "GSM-7" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x" * 39_016], "the text needs 256 segments, at most 255 can be numbered"),
        (["x", "--reference", "256"], "256 does not fit 8 bits"),
        (["x", "--reference", "-1"], "-1 does not fit 8 bits"),
        (["x", "--boundary", "word"], "'word' is not one of"),
        ([], "Missing argument 'TEXT'"),
    ],
    ids=["segments", "reference", "negative", "boundary", "nothing"],
)
def test_what_cannot_be_analyzed_is_said_with_status_2(arguments: list[str], said: str) -> None:
    result = analyze(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_octets_that_are_no_text_are_refused_naming_the_place() -> None:
    result = analyze("-", text=b"Caf\xe9")
    assert result.exit_code == 2
    assert "octet 0xE9 at position 4" in result.stderr
