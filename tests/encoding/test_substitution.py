"""Look-alikes: what is replaced, what is not, and that every change is told."""

import time
import unicodedata
from typing import Any

import pytest

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.segmentation import OutsideGsm7, analyze, count_segments
from msgcore.encoding.substitution import COMPOSED, Change, to_gsm7
from msgcore.encoding.user_data import InformationElement
from msgcore.errors import EncodingError
from msgcore.tables.generated.lookalikes import LOOKALIKES, UNACCENTED
from tests.reference.alphabet import is_gsm7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("hello", "hello"),
        ("“It’s”", '"It\'s"'),
        ("10–12 — …", "10-12 - ..."),
        ("10\u00a0€", "10 €"),
        ("a\u200bb\ufeff", "ab"),
        ("e\u0301", "é"),
        ("A\u030a", "Å"),
        ("\N{OHM SIGN}", "Ω"),
        ("\N{ANGSTROM SIGN}", "Å"),
        ("\N{GREEK QUESTION MARK}", ";"),
        ("\N{GREEK VARIA}", "'"),
        ("e\u0301\u200d", "é"),
        ("\u200b", ""),
        ("line\u2028line", "line\nline"),
        ("\uff21\uff5a\uff10\uff01\uff5e\uffe1\uffe5", "Az0!~£¥"),
        ("o\ufb03ce \ufb01sh \u0133s \u0149", "office fish ijs 'n"),
        ("• one\n• two", "* one\n* two"),
        ("3\u00d74 ©\ufe0f", "3x4 (C)"),
        ("\r\n“\r\n", '\r\n"\r\n'),
    ],
)
def test_look_alikes_are_replaced(text: str, expected: str) -> None:
    found = to_gsm7(text)
    assert found.text == expected
    assert found.alphabet is Alphabet.GSM7
    assert bool(found.changes) == (text != expected)


@pytest.mark.parametrize(
    "text",
    [
        "“ça”",
        "…中",
        "👩\u200d👩",
        "1\ufe0f\u20e3",
        "o\u0302",
        "\x00",
        "`α`",
        "2½",
        "10²",
        "col·lega",
        "20°",
        "\u202eabc",
    ],
)
def test_all_or_nothing(text: str) -> None:
    found = to_gsm7(text)
    assert (found.text, found.changes, found.alphabet) == (text, (), Alphabet.UCS2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ça et là", "ca et là"),
        ("Žluťoučký kůň", "Zlutoucky kun"),
        ("Zażółć gęślą jaźń", "Zazolc gesla jazn"),
        ("İstanbul'da ağır ışık", "Istanbul'da agir isik"),
        ("Tiếng Việt: Đường phố", "Tieng Viet: Duong pho"),
        ("Þórður sagði", "Thordur sagdi"),
        ("STRAẞE, cœur", "STRASSE, coeur"),
        ("Ǻ ǿ ȫ", "Å ø ö"),  # what GSM-7 has of an accent is kept
        ("x\u0302y\u0308\u0323", "xy"),  # no such character: the marks go
        ("c\u030c“", 'c"'),
    ],
)
def test_accents_are_taken_only_if_asked(text: str, expected: str) -> None:
    assert to_gsm7(text).changes == ()
    found = to_gsm7(text, unaccented=True)
    assert (found.text, found.alphabet) == (expected, Alphabet.GSM7)


@pytest.mark.parametrize("text", ["\u0301", "1\u0301", "=\u0338", "s\u0336", "ŋ", "ə", "Ж", "α"])
def test_an_accent_is_taken_from_letters_alone_and_an_overlay_from_nothing(text: str) -> None:
    assert to_gsm7(text, unaccented=True).changes == ()


@pytest.mark.parametrize("count", [4093, 4094, 4095, 4096, 4097])
def test_clusters_of_long_texts_are_seen_whole(count: int) -> None:
    assert to_gsm7("’" * count + "e\u0301" + "–" * 5000).text == "'" * count + "é" + "-" * 5000


def test_every_change_is_told() -> None:
    assert to_gsm7("a…e\u0301’").changes == (
        Change(1, "…", "...", "ellipsis"),
        Change(2, "e\u0301", "é", "composed: the same character in fewer code points (Unicode NFC)"),
        Change(4, "’", "'", "typographic apostrophe or single quotation mark"),
    )
    assert to_gsm7("c\u030c", unaccented=True).changes == (
        Change(0, "c\u030c", "c", f"{COMPOSED}; accent left out: another spelling"),
    )


# ------------------------------------------------------------------------------------------------------- best effort


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“中”–", '"中"-'),
        ("ça’s", "ça's"),
        ("中e\u0301", "中é"),
    ],
)
def test_best_effort_replaces_what_can_be(text: str, expected: str) -> None:
    assert to_gsm7(text).changes == ()
    found = to_gsm7(text, best_effort=True)
    assert (found.text, found.alphabet) == (expected, Alphabet.UCS2)
    assert found.segment_count_after <= found.segment_count_before


@pytest.mark.parametrize(
    "text",
    [
        "👩\u200d👩\u200d👧",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "\u05e9\u05dc\u05d5\u05dd (\u200e12\u200f)",  # direction marks around a number in Hebrew
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # a zero-width non-joiner keeps two letters apart
        "\u0915\u094d\u200d\u0937",
        "中e\u0301\u200d",
        "中\u200b",
        "\u0600e\u0301",
        "中…",
        "中\ufb01",
    ],
)
def test_best_effort_leaves_out_and_lengthens_nothing_in_a_text_that_stays_ucs2(text: str) -> None:
    found = to_gsm7(text, best_effort=True, unaccented=True)
    assert (found.text, found.changes, found.alphabet) == (text, (), Alphabet.UCS2)


def test_best_effort_is_all_of_it_where_that_brings_gsm7() -> None:
    assert to_gsm7("“a\u200b…”", best_effort=True) == to_gsm7("“a\u200b…”")


# ---------------------------------------------------------------------------------------------------------- segments


def test_segments_are_told_before_and_after() -> None:
    found = to_gsm7("It’s " + "x" * 100)
    assert (found.segment_count_before, found.segment_count_after) == (2, 1)
    unchanged = to_gsm7("ça" * 50)
    assert (unchanged.segment_count_before, unchanged.segment_count_after) == (2, 2)


@pytest.mark.parametrize(("count", "replaced"), [(53, True), (54, False), (70, False)])
def test_nothing_is_changed_where_the_text_would_need_more_segments(count: int, replaced: bool) -> None:
    """53 ellipses are 159 septets; 54 would be two segments, and are one in UCS-2."""
    text = "…" * count
    for best_effort in (False, True):
        found = to_gsm7(text, best_effort=best_effort)
        assert (found.text != text) is replaced
        assert found.segment_count_after == found.segment_count_before == 1


def test_best_effort_still_replaces_what_costs_nothing_when_all_of_it_costs_a_segment() -> None:
    found = to_gsm7("…" * 60 + "’", best_effort=True)
    assert found.text == "…" * 60 + "'"


def test_nothing_is_changed_where_a_replacement_would_make_a_longer_cluster_and_so_a_segment_more() -> None:
    """A tabulator ends a cluster, a space does not: the mark behind it would take it along into the next segment."""
    text = "中" * 66 + "\t\u0301" + "中" * 66
    found = to_gsm7(text, best_effort=True)
    assert (found.text, found.segment_count_before, found.segment_count_after) == (text, 2, 2)
    assert to_gsm7(text + "中", best_effort=True).text == text.replace("\t", " ") + "中"


@pytest.mark.parametrize(
    "options",
    [{"boundary": "character"}, {"reference_bits": 16}, {"languages": "turkish"}],
    ids=["boundary", "reference", "languages"],
)
def test_segments_are_counted_as_asked(options: dict[str, Any]) -> None:
    text = "x" * 66 + "👍🏽" + "…ş" * 300
    found = to_gsm7(text, best_effort=True, **options)
    assert found.segment_count_before == count_segments(text, **options)
    assert found.segment_count_after == count_segments(found.text, **options)


@pytest.mark.parametrize("character", ["’", "中", "👍", "x", "ş"])
def test_a_text_of_more_than_255_segments_is_counted_and_shortened_all_the_same(character: str) -> None:
    text = character * 50_000 + "’"
    found = to_gsm7(text, languages="turkish")
    assert found.segment_count_before > 255
    assert (found.alphabet is Alphabet.GSM7) == (character in "’xş")
    assert found.segment_count_after <= found.segment_count_before


def test_a_text_of_many_characters_is_counted_whatever_the_elements_leave_of_a_segment() -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 3000))) + "’"
    elements = (InformationElement(0x70, bytes(125)),)
    for end in (1000, 2000, 3001):
        found = to_gsm7(text[-end:], elements=elements, best_effort=True)
        assert found.segment_count_before == found.segment_count_after > 255
        assert found.text == text[-end:-1] + "'"


# --------------------------------------------------------------------------------------------------------- languages


def test_a_text_that_a_language_carries_is_left_alone() -> None:
    text = "Yarın görüşürüz"
    found = to_gsm7(text, languages="turkish", unaccented=True)
    assert (found.text, found.changes, found.alphabet) == (text, (), Alphabet.GSM7)


@pytest.mark.parametrize("languages", ["turkish", ["turkish"], "auto"])
def test_what_an_allowed_language_has_is_kept_beside_what_is_replaced(languages: Any) -> None:
    assert to_gsm7("“Yarın…”", languages=languages).text == '"Yarın..."'
    assert to_gsm7("“Yarın…”").changes == ()
    assert to_gsm7("“s\u0327c\u030c”", languages=languages, unaccented=True).text == '"şc"'


def test_characters_that_no_two_tables_have_together_stay_ucs2() -> None:
    text = "“ğãन…"
    assert to_gsm7(text, languages="auto").changes == ()
    assert to_gsm7(text, languages="auto", best_effort=True).text == '"ğãन…'


def test_joiners_and_direction_marks_stay_beside_letters_that_they_steer() -> None:
    assert to_gsm7("“ş\u200d”", languages="turkish").text == '"ş"'
    for text in ("“क्\u200dष”", "“\u06a9\u200c”", "“\u06a9”\u200f"):
        found = to_gsm7(text, languages="auto")
        assert (found.text, found.alphabet) == (text, Alphabet.UCS2)


def test_an_option_that_counts_segments_is_checked_like_theirs() -> None:
    with pytest.raises(ValueError, match="boundary must be"):
        to_gsm7("…", boundary="word")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not 'klingon'"):
        to_gsm7("…", languages="klingon")


# ------------------------------------------------------------------------------------------------------------- input


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(EncodingError, match="position 1"):
        to_gsm7("…\ud800")
    with pytest.raises(TypeError, match="text must be str"):
        to_gsm7(b"x")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000_000,
        "中" * 100_000,
        "x’" * 30_000,
        "a" + "\u0301\u0323" * 100_000,  # one cluster, in the order that is slowest to sort
        "👩" + "\u200d👩" * 100_000,
    ],
    ids=["ascii", "chinese", "quotes", "marks", "family"],
)
@pytest.mark.parametrize("best_effort", [False, True])
def test_time_grows_with_the_text_alone(text: str, best_effort: bool) -> None:
    start = time.perf_counter()
    to_gsm7(text, best_effort=best_effort, unaccented=True)
    assert time.perf_counter() - start < 20  # a quadratic step would take hours


# ------------------------------------------------------------------------------------------------------------ tables


def test_the_tables_lead_from_outside_into_the_alphabet() -> None:
    for character, (replacement, reason) in [*LOOKALIKES.items(), *UNACCENTED.items()]:
        assert len(character) == 1
        assert character <= "\uffff"
        assert not is_gsm7(character)
        assert is_gsm7(replacement)
        assert reason
    assert not LOOKALIKES.keys() & UNACCENTED.keys()


def test_all_full_width_forms_are_there() -> None:
    for point in range(0xFF01, 0xFF5F):
        ascii_character = unicodedata.normalize("NFKC", chr(point))
        assert LOOKALIKES[chr(point)][0] == ("'" if ascii_character == "`" else ascii_character)


def test_every_letter_that_unicode_makes_of_one_in_gsm7_has_a_row() -> None:
    """The longest beginning of its decomposition that is in GSM-7: A with ring and acute becomes A with ring."""
    for point in range(0x80, 0x10000):
        letter = chr(point)
        if unicodedata.normalize("NFC", letter) != letter or not letter.isalpha() or is_gsm7(letter):
            continue
        first = letter
        while not is_gsm7(first) and unicodedata.decomposition(first)[:1] not in ("", "<"):
            first = chr(int(unicodedata.decomposition(first).split()[0], 16))
        if is_gsm7(first):
            assert UNACCENTED[letter][0] == first, f"U+{point:04X}"


# ---------------------------------------------------------------------------------------------------------- analysis


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", []),
        ("a…ç\u200b", [(1, "…", "..."), (2, "ç", None), (3, "\u200b", "")]),
        ("Cafe\u0301!", [(3, "e\u0301", "é")]),
        ("o\u0302", [(1, "\u0302", None)]),
        ("👩\u200d👩", [(0, "👩", None), (1, "\u200d", None), (2, "👩", None)]),
        ("1\ufe0f\u20e3", [(1, "\ufe0f", None), (2, "\u20e3", None)]),
    ],
)
def test_what_is_suggested_is_what_would_be_done(text: str, expected: list[tuple[int, str, str | None]]) -> None:
    assert analyze(text).outside_gsm7 == tuple(OutsideGsm7(*item) for item in expected)


def test_options_that_can_be_read_once_count_for_every_measure() -> None:
    element = InformationElement(0x70, bytes(20))
    text = "…" * 40
    assert to_gsm7(text, elements=iter([element])) == to_gsm7(text, elements=[element])  # type: ignore[arg-type]
    assert to_gsm7("“ş”" * 30, languages=iter(["turkish"])) == to_gsm7("“ş”" * 30, languages=["turkish"])  # type: ignore[arg-type]
