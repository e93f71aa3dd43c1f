"""The texts that are measured with are what the tables of figures say they are."""

import random
import re
import statistics
import unicodedata

import pytest

from benchmarks.corpus import COUNT, LONG, PROFILES, SEED, mixed_by_kind, profile
from benchmarks.phrases import EMOJI
from msgcore import Alphabet, analyze, detect

BY_KIND = mixed_by_kind(random.Random(SEED))
MIXED = profile("mixed")


def is_plain(text: str) -> bool:
    """GSM-7 without the extension table."""
    analysis = analyze(text)
    return analysis.alphabet is Alphabet.GSM7 and analysis.unit_count == len(text)


def has_emoji(text: str) -> bool:
    return any(unicodedata.category(character) == "So" or character == "\u20e3" for character in text)


def test_shares_are_those_of_the_targets() -> None:
    shares = {kind: len(texts) / COUNT for kind, texts in BY_KIND.items()}
    assert shares == {
        "codes": 0.45,
        "marketing": 0.25,
        "long": 0.10,
        "accented": 0.08,
        "other scripts": 0.07,
        "emoji": 0.05,
    }
    assert sorted(MIXED) == sorted(text for texts in BY_KIND.values() for text in texts)


def test_each_kind_is_what_it_is_called() -> None:
    assert all(is_plain(text) and re.search(r"\d{6}", text) and len(text) <= 100 for text in BY_KIND["codes"])
    assert all(is_plain(text) and 100 <= len(text) <= 200 for text in BY_KIND["marketing"])
    assert all(is_plain(text) and LONG[0] <= len(text) <= LONG[1] for text in BY_KIND["long"])
    assert all(detect(text) is Alphabet.GSM7 for text in BY_KIND["accented"])
    assert not any(text.isascii() and is_plain(text) for text in BY_KIND["accented"])
    assert all(detect(text) is Alphabet.UCS2 and not has_emoji(text) for text in BY_KIND["other scripts"])
    assert all(detect(text) is Alphabet.UCS2 and has_emoji(text) for text in BY_KIND["emoji"])


def test_texts_are_as_long_as_the_targets_assume_and_seldom_repeat() -> None:
    assert statistics.mean(map(len, MIXED)) == pytest.approx(140, abs=3)
    assert len(set(MIXED)) > 0.99 * COUNT
    assert all(len(text) == 52 and text.isascii() and analyze(text).segment_count == 1 for text in profile("ascii52"))


def test_every_run_has_the_same_texts() -> None:
    assert all(profile(name) == profile(name) and len(profile(name)) == COUNT for name in PROFILES)


def test_emoji_come_as_sequences_too() -> None:
    assert {"\u200d", "\ufe0f", "🏽", "🇸", "\u20e3"} <= set("".join(EMOJI))
