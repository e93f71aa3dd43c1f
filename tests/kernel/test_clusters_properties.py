"""Clusters against three opinions: the annex's regular expression, regex's own, and the package grapheme."""

from itertools import accumulate

import grapheme
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from msgcore.kernel.clusters import cluster_ends
from tests.reference.clusters import clusters
from tests.reference.strategies import CLUSTERS, LONG_CLUSTERS, LOOSE, texts

dense_texts = st.lists(st.one_of(st.sampled_from(CLUSTERS + LONG_CLUSTERS), st.sampled_from(LOOSE)), max_size=12).map(
    "".join
)


def ends(pieces: list[str]) -> list[int]:
    return list(accumulate(map(len, pieces)))


@given(st.one_of(texts, dense_texts))
def test_clusters_are_those_of_the_annex(text: str) -> None:
    assert cluster_ends(text) == ends(clusters(text))


@given(st.one_of(texts, dense_texts, st.text(st.characters())))
def test_clusters_are_those_of_regex(text: str) -> None:
    assert cluster_ends(text) == [match.end() for match in regex.finditer(r"\X", text)]


def test_every_character_next_to_a_letter_and_a_mark_is_as_regex_has_it() -> None:
    """Each code point once in either place: the property tables, whole."""
    text = "".join(f"a{chr(point)}a\u0301" for point in range(0x110000))
    assert cluster_ends(text) == [match.end() for match in regex.finditer(r"\X", text)]


# grapheme 0.6.0 stands at Unicode 13. It differs where a later edition changed what a character is, and in GB9c, which
# came with 15.1. So it is asked about texts of characters whose properties did not change since.
UNCHANGED = "ab \r\n\u0301\u200d\ufe0f👩👧🏽🇸🇪🇳가각\u1100\u1161\u11a8\u0600\u0e33ก©"
GRAPHEME_DIFFERS = [
    ("GB9c: an Indic conjunct", "क\u094dष", ["क\u094d", "ष"]),
    ("Unicode 18: a linker behind anything", "a\u094dत", ["a\u094d", "त"]),
    ("U+1ACF, a mark since Unicode 17", "a\u1acf", ["a", "\u1acf"]),
]


# It also forgets that nothing joins a line end (GB4) when a prepended mark stands before it.
AFTER_PREPEND = regex.compile(r"\p{GCB=Prepend}[\r\n]")


@given(st.text(st.sampled_from(UNCHANGED), max_size=12).filter(lambda text: not AFTER_PREPEND.search(text)))
def test_clusters_are_those_of_grapheme_where_unicode_did_not_change(text: str) -> None:
    assert cluster_ends(text) == ends(list(grapheme.graphemes(text)))


@pytest.mark.parametrize(("why", "text", "theirs"), GRAPHEME_DIFFERS)
def test_known_differences_from_grapheme_are_still_there(why: str, text: str, theirs: list[str]) -> None:
    assert list(grapheme.graphemes(text)) == theirs, why
    assert cluster_ends(text) == [len(text)], why


def test_a_line_end_after_a_prepended_mark_stays_alone() -> None:
    assert cluster_ends("\u0600\n\u0301") == [1, 2, 3]
    assert list(grapheme.graphemes("\u0600\n\u0301")) == ["\u0600", "\n\u0301"]
