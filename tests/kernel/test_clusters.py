"""Grapheme clusters, by examples of each rule."""

from itertools import pairwise

import pytest

from msgcore.kernel.clusters import cluster_ends


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in pairwise([0, *cluster_ends(text)])]


@pytest.mark.parametrize(
    ("rule", "clusters"),
    [
        ("GB1 and GB2: nothing", []),
        ("GB999: letters", ["a", "b"]),
        ("GB3: CR LF", ["\r\n", "\r", "\r\n", "\n"]),
        ("GB4 and GB5: controls", ["a", "\u200b", "\u0301"]),
        ("GB6 to GB8: Hangul", ["\u1100\u1161\u11a8", "각\u11a8", "가\u1161", "\u1100\u1100"]),
        ("GB9: extenders and joiners", ["e\u0301\u200d", "e"]),
        ("GB9a: spacing marks", ["ก\u0e33", "ก"]),
        ("GB9b: prepended marks", ["\u0600a", "b"]),
        ("GB9c: conjuncts", ["क\u094dष", "क", "त\u094d\u200dय"]),
        ("GB9c: no linker, no conjunct", ["क\u093c", "त"]),
        ("GB9c: since Unicode 18 the linker may stand after anything", ["a\u094dत"]),
        ("GB11: emoji families", ["👩\u200d👩\u200d👧", "👩🏽\u200d🚀", "👩"]),
        ("GB11: an extender behind the joiner ends it", ["👩\u200d\ufe0f", "👧"]),
        ("GB11: two joiners end it", ["👩\u200d\u200d", "👧"]),
        ("GB11: a joiner after a letter joins nothing", ["a\u200d", "👧"]),
        ("GB12 and GB13: flags", ["🇸🇪", "🇳🇴", "🇩"]),
        ("GB13: an odd start", ["a", "🇸🇪", "🇳"]),
        ("GB9b before GB12: a prepended mark does not count", ["\u0600🇸🇪", "🇳🇴"]),
    ],
)
def test_rule_holds(rule: str, clusters: list[str]) -> None:
    assert cut("".join(clusters)) == clusters, rule


def test_every_width_of_storage_gives_the_same_clusters() -> None:
    for suffix in ("é", "中", "😀"):
        assert cut("a\r\nb" + suffix) == ["a", "\r\n", "b", suffix]


def test_a_lone_surrogate_stands_alone() -> None:
    assert cut("a\ud800b") == ["a", "\ud800", "b"]


def test_only_text_is_taken() -> None:
    with pytest.raises(TypeError, match="text must be str, not bytes"):
        cluster_ends(b"abc")  # type: ignore[arg-type]
