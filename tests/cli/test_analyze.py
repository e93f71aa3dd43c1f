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
    assert "With --fix it is GSM-7: 1 instead of 2 segments" in analyze("’" * 80).stdout
    assert "With --fix --unaccented it is GSM-7: 1 instead of 2 segments" in analyze("č’" * 40).stdout
    assert "With --languages auto it is 1 instead of 2 segments" in analyze("ş" + "x" * 80).stdout
    for text in ("’" * 20, "Ж" * 80):
        assert "instead of" not in analyze(text).stdout


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


def test_characters_outside_gsm7_stand_in_one_row_each_and_many_are_cut_short_with_a_count() -> None:
    printed = analyze("Ж" * 50 + "“").stdout
    assert printed.count("U+0416") == 1
    assert "index 0, 1, 2, 3, 4 and 45 more" in printed
    assert "and 12 others" in analyze("".join(map(chr, range(0x430, 0x450)))).stdout


def test_a_letter_and_its_mark_are_named_together_and_what_shows_nothing_is_left_out() -> None:
    printed = analyze("Cafe\u0301\u200b").stdout
    assert "U+0065 U+0301 LATIN SMALL LETTER E + COMBINING ACUTE ACCENT" in printed
    assert "could be 'é'" in printed
    assert "U+200B ZERO WIDTH SPACE" in printed
    assert "could be left out" in printed


# --------------------------------------------------------------------------------------------------------------- fix


def test_a_text_is_fixed_only_if_asked_and_every_change_is_listed() -> None:
    assert analyze_json("It’s…")["fix"] is None
    report = analyze_json("It’s…", "--fix")
    assert report["fix"] == {
        "text": "It's...",
        "segment_count_before": 1,
        "segment_count_after": 1,
        "changes": [
            {
                "index": 2,
                "character": "’",
                "replacement": "'",
                "reason": "typographic apostrophe or single quotation mark",
            },
            {"index": 4, "character": "…", "replacement": "...", "reason": "ellipsis"},
        ],
    }
    assert (report["alphabet"], report["outside_gsm7"]) == ("GSM-7", [])
    assert report["segments"][0]["text"] == "It's..."


def test_a_fix_is_told_with_the_segments_it_saves() -> None:
    printed = analyze("--fix", "’" * 80 + "…\u200b").stdout
    assert printed.startswith("82 replacements: 1 instead of 2 segments\n")
    assert "index 0, 1, 2, 3, 4 and 75 more" in printed
    assert "left out" in printed
    assert analyze("--fix", "a–b").stdout.startswith("1 replacement: 1 segment as before\n")
    assert "and 30 others" in analyze("--fix", "".join(map(chr, range(0xFF01, 0xFF33)))).stdout


def test_a_fix_that_changes_nothing_says_so() -> None:
    assert "Nothing was replaced: a character has no look-alike" in analyze("--fix", "“Ж”").stdout
    assert "Nothing to replace: it is GSM-7 as it stands." in analyze("--fix", "hello").stdout


def test_accents_go_and_texts_are_fixed_in_part_only_if_asked() -> None:
    assert analyze_json("“ça”", "--fix")["fix"]["text"] == "“ça”"
    assert analyze_json("“ça”", "--fix", "--best-effort")["fix"]["text"] == '"ça"'
    assert analyze_json("“ça”", "--fix", "--unaccented")["fix"]["text"] == '"ca"'


def test_a_text_of_too_many_segments_may_be_fixed_to_fit() -> None:
    text = "’" * 20_000
    assert analyze(text).exit_code == 2
    assert analyze_json(text, "--fix")["segment_count"] == 131


# --------------------------------------------------------------------------------------------------------- languages


def test_languages_say_what_is_used_and_what_each_would_cost() -> None:
    text = "ş" + "x" * 80
    report = analyze_json(text, "--languages", "spanish, Turkish")
    turkish = [{"language": "turkish", "shift": "single"}]
    assert report["languages"] == turkish
    assert report["alternatives"] == [
        {"languages": [], "alphabet": "UCS-2", "segment_count": 2, "unit_count": 81},
        {"languages": turkish, "alphabet": "GSM-7", "segment_count": 1, "unit_count": 82},
    ]
    assert report["segments"][0]["header"] == "03240101"
    lines = [line.split() for line in analyze(text, "--languages", "auto").stdout.splitlines()]
    assert "no language 2 segments UCS-2 81 code units".split() in lines
    assert "turkish 1 segment GSM-7 82 septets turkish single shift used".split() in lines
    assert any(line[:3] == ["no", "difference:", "spanish,"] for line in lines)


def test_two_languages_together_are_priced_too() -> None:
    text = "ã" + "ş" * 70
    tables = [{"language": "portuguese", "shift": "single"}, {"language": "turkish", "shift": "locking"}]
    assert [item["languages"] for item in analyze_json(text, "--languages", "auto")["alternatives"]] == [[], tables]
    assert "portuguese and turkish" in analyze(text, "--languages", "auto").stdout


def test_without_languages_nothing_is_said_of_them() -> None:
    report = analyze_json("ş")
    assert (report["languages"], report["alternatives"]) == ([], [])
    assert "language" not in analyze("ş").stdout


def test_an_alternative_that_no_message_can_carry_is_none() -> None:
    report = analyze_json("ş" + "x" * 20_000, "--languages", "turkish")
    assert [item["alphabet"] for item in report["alternatives"]] == ["GSM-7"]


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
        (["x", "--languages", "klingon"], "'klingon' is not auto and none of turkish, spanish"),
        (["x", "--languages", "turkish,"], "'' is not auto"),
        (["x", "--unaccented"], "--unaccented says how to --fix"),
        (["x", "--best-effort"], "--best-effort says how to --fix"),
        (["x\ud800", "--fix"], "position 1"),
        ([], "Missing argument 'TEXT'"),
    ],
    ids=[
        "segments",
        "reference",
        "negative",
        "boundary",
        "language",
        "comma",
        "unaccented",
        "best effort",
        "surrogate",
        "nothing",
    ],
)
def test_what_cannot_be_analyzed_is_said_with_status_2(arguments: list[str], said: str) -> None:
    result = analyze(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_octets_that_are_no_text_are_refused_naming_the_place() -> None:
    result = analyze("-", text=b"Caf\xe9")
    assert result.exit_code == 2
    assert "octet 0xE9 at offset 3" in result.stderr
