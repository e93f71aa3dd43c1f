"""Clusters against the Unicode Consortium's own data: its test, its properties, and every emoji there is."""

import re
from itertools import pairwise
from typing import Literal

import pytest

from msgcore.encoding.segmentation import count_segments, segment
from msgcore.kernel.clusters import cluster_ends
from tests.conformance.unicode_data import (
    FILES,
    NO_PROPERTIES,
    break_tests,
    characters_by_properties,
    emoji_sequences,
    head,
)
from tests.source_tree import TABLE_SOURCES, needs_table_sources

SEGMENT_UNITS = 67  # of UCS-2, with an 8-bit reference


def cut(text: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in pairwise([0, *cluster_ends(text)]))


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_where_its_facts_come_from(name: str) -> None:
    found = head(name)
    assert set(found) == {"document", "edition", "source", "licence", "note"}
    assert all(found.values())


@needs_table_sources
def test_the_data_is_of_the_edition_that_the_tables_are_built_from() -> None:
    built = re.search(r"edition: Unicode ([\d.]+)", (TABLE_SOURCES / "clusters.txt").read_text(encoding="utf-8"))
    assert built is not None
    assert {head(name)["edition"].removeprefix("Emoji ").split(" ")[0] for name in FILES} == {built[1], built[1][:-2]}


# ------------------------------------------------------------------------------------------------ the official test


def test_every_row_of_the_official_test_holds() -> None:
    rows = break_tests()
    assert len(rows) == 853  # what the last line of the file says
    wrong = [(ascii(row.text), row.rules, cut(row.text)) for row in rows if cut(row.text) != row.clusters]
    assert wrong == []


def test_the_official_test_asks_for_every_rule() -> None:
    rules = {rule for row in break_tests() for rule in row.rules}
    assert rules >= {"3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "9.0", "9.1", "9.2", "9.3", "11.0", "12.0", "13.0"}


def test_no_row_of_the_official_test_is_cut_where_it_has_no_boundary() -> None:
    """Each row is shifted across the end of the first segment, one code unit at a time."""
    for row in break_tests():
        boundaries = {0, *(len("".join(row.clusters[:count])) for count in range(1, len(row.clusters) + 1))}
        for before in range(SEGMENT_UNITS - units(row.text), SEGMENT_UNITS):
            text = "ж" * before + row.text + "ж" * SEGMENT_UNITS
            place = len(segment(text)[0].text) - before
            assert not 0 < place < len(row.text) or place in boundaries, (ascii(row.text), place)


# ------------------------------------------------------------------------------------------------------- properties

# What the rules ask of a character: each property is told from every other by where these texts come apart.
PROBES = (
    "\r{}", "{}\n", "a{}", "\u0600{}", "\u1100{}", "\u1161{}", "\u11a8{}", "{}\u1100", "{}\u1161", "{}\u11a8",
    "{}\u0301", "🇸{}", "{}🇸", "{}🇸🇪", "{}\u200d👩", "👩\u200d{}", "👩{}\u200d👩", "\u094d{}", "{}क",
    "\u094d{}क", "👩{}👩", "{}a",
)  # fmt: skip


def behaviour(character: str) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(cluster_ends(probe.format(character))) for probe in PROBES)


def test_characters_of_the_same_properties_behave_alike_and_no_others() -> None:
    """The tables are built through the package regex; these properties come from the files themselves."""
    groups = characters_by_properties()
    behaviours = {properties: behaviour(characters[0]) for properties, characters in groups.items()}
    behaviours[NO_PROPERTIES] = behaviour("a")
    assert len(set(behaviours.values())) == len(behaviours)
    for properties, characters in groups.items():
        # A Hangul syllable in twenty will do: there are 11,172.
        for character in characters[:: 20 if properties.cluster_break == "LVT" else 1]:
            assert behaviour(character) == behaviours[properties], f"U+{ord(character):04X} should be {properties}"


def test_what_has_no_property_behaves_like_a_letter() -> None:
    """The neighbours of all that has one, where a range may be too long, and a sample of the rest."""
    listed = {character for characters in characters_by_properties().values() for character in characters}
    beside = {chr(min(max(ord(character) + step, 0), 0x10FFFF)) for character in listed for step in (-1, 1)}
    plain = behaviour("a")
    for character in sorted((beside | set(map(chr, range(0, 0x110000, 101)))) - listed):
        assert behaviour(character) == plain, f"U+{ord(character):04X} should have no property"


# ------------------------------------------------------------------------------------------------------------- emoji


def test_every_emoji_is_one_cluster_alone_and_between_letters() -> None:
    emojis = emoji_sequences()
    assert len(emojis) > 5000
    assert [ascii(emoji) for emoji in emojis if cut(emoji) != (emoji,)] == []
    joining = [emoji for emoji in emojis if cut(f"a{emoji}a") != ("a", emoji, "a")]
    assert joining == list("🏻🏼🏽🏾🏿")  # a skin tone alone belongs to what stands before it


def test_all_emoji_in_one_text_stay_apart() -> None:
    emojis = [emoji for emoji in emoji_sequences() if emoji not in "🏻🏼🏽🏾🏿"]
    assert list(cut("".join(emojis))) == emojis


@pytest.mark.parametrize(("bits", "room"), [(8, SEGMENT_UNITS), (16, SEGMENT_UNITS - 1)])
def test_no_emoji_is_cut_wherever_the_border_falls(bits: Literal[8, 16], room: int) -> None:
    for emoji in emoji_sequences():
        for inside in range(1, units(emoji)):
            # A letter less than would let it begin a segment, so the border would fall inside of it.
            text = "ж" * (room - inside) + emoji + "ж" * room
            segments = segment(text, reference_bits=bits)
            if emoji in "🏻🏼🏽🏾🏿":
                assert segments[1].text.startswith("ж" + emoji), ascii(emoji)
            else:
                assert segments[0].text == "ж" * (room - inside), ascii(emoji)
                assert segments[1].text.startswith(emoji), ascii(emoji)
            assert count_segments(text, reference_bits=bits) == len(segments)
