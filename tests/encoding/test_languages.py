"""National languages, by examples: what is chosen, what room is left, what stands in the header, how it reads back."""

import pickle
from collections.abc import Sequence
from typing import Any

import pytest

from msgcore.encoding.alphabet import decode_gsm7, encode_gsm7
from msgcore.encoding.reassembly import Reassembler
from msgcore.encoding.segmentation import LanguageTable, Segmentation, analyze, count_segments, segment
from msgcore.encoding.user_data import InformationElement, UserDataHeader, decode_units, decode_user_data
from msgcore.errors import EncodingError, SegmentLimitError
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LANGUAGES

HINDI = "नमस्ते"
TURKISH_SINGLE = LanguageTable("turkish", "single")
TURKISH_LOCKING = LanguageTable("turkish", "locking")


def used(parts: Segmentation) -> str:
    return ", ".join(f"{table.language} {table.shift}" for table in parts.languages) or str(parts.alphabet)


@pytest.mark.parametrize(
    ("name", "text", "languages", "expected", "count"),
    [
        ("empty", "", "auto", "GSM-7", 1),
        ("plain text stays plain", "hello", "auto", "GSM-7", 1),
        ("plain text in several segments", "a" * 161, "auto", "GSM-7", 2),
        ("one message: single shift before UCS-2", "ç", "turkish", "turkish single", 1),
        ("one message: single shift before locking shift", "ş" * 77, "turkish", "turkish single", 1),
        ("one over: locking shift alone", "ş" * 78, "turkish", "turkish locking", 1),
        ("locking shift before both", "ş€" * 60, "turkish", "turkish locking", 1),
        ("both where one is not enough", "ा" * 100 + "०", "hindi", "hindi single, hindi locking", 1),
        ("two languages at once", "ा" * 100 + "ş", ("turkish", "hindi"), "turkish single, hindi locking", 1),
        ("of one language rather than two", "ാ" * 100 + "।", "auto", "malayalam single, malayalam locking", 1),
        (
            "the other language where its own does not do",
            "ാ" * 100 + "ş",
            "auto",
            "turkish single, malayalam locking",
            1,
        ),
        ("UCS-2 where no table has it", "ş中", "auto", "UCS-2", 1),
        ("UCS-2 where the language is not allowed", "ş", "hindi", "UCS-2", 1),
        ("Spanish locks nothing", "ú" * 77, "spanish", "spanish single", 1),
        ("Spanish pairs take two segments, as few as UCS-2 does", "ú" * 78, "spanish", "spanish single", 2),
        ("the one named first", "ç", ("portuguese", "turkish"), "portuguese single", 1),
        ("the lowest identifier", "ç", "auto", "turkish single", 1),
        ("a locking shift for the sake of room", "€" * 155, "turkish", "turkish locking", 1),
        ("a name twice", "ç", ["turkish", "turkish"], "turkish single", 1),
    ],
)
def test_the_cheapest_encoding_is_chosen(
    name: str, text: str, languages: str | Sequence[str], expected: str, count: int
) -> None:
    parts = segment(text, languages=languages)
    assert (used(parts), len(parts)) == (expected, count), name
    analysis = analyze(text, languages=languages)
    assert (analysis.languages, analysis.segment_count) == (parts.languages, count)
    assert count_segments(text, languages=languages) == count
    assert "".join(part.text for part in parts) == text


@pytest.mark.parametrize(
    ("character", "rest", "reference_bits", "alone", "of_several"),
    [
        ("ş", "ì", 8, 155, 149),
        ("ş", "ì", 16, 155, 148),
        ("०", "ा", 8, 152, 146),
        ("०", "ा", 16, 152, 145),
    ],
)
def test_room_depends_on_the_elements(
    character: str, rest: str, reference_bits: Any, alone: int, of_several: int
) -> None:
    """``character`` takes two septets, each ``rest`` one: it is in no locking shift table of the two languages."""
    exactly_full = character + rest * (alone - 2)
    options: Any = {"reference_bits": reference_bits, "languages": ("turkish", "hindi")}
    (only,) = segment(exactly_full, **options)
    assert (only.unit_count, only.user_data_length, len(only.user_data)) == (alone, 160, 140)
    assert analyze(exactly_full, **options).units_left == 0
    first, second = segment(exactly_full + rest, **options)
    assert (first.unit_count, second.unit_count) == (of_several, alone + 1 - of_several)
    assert first.user_data_length == 160


def test_every_header_names_the_tables() -> None:
    (only,) = segment("ş", languages="turkish")
    assert only.header.hex(" ") == "03 24 01 01"
    (only,) = segment("ा" * 100 + "०", languages="hindi")
    assert only.header.hex(" ") == "06 24 01 06 25 01 06"
    first, second = segment("ş" * 160, reference=7, languages="turkish")
    assert first.header.hex(" ") == "08 00 03 07 02 01 25 01 01"
    assert second.header.hex(" ") == "08 00 03 07 02 02 25 01 01"
    wide = segment("ा" * 200 + "०", reference=0x0708, reference_bits=16, languages="hindi")
    assert wide[1].header.hex(" ") == "0c 08 04 07 08 02 02 24 01 06 25 01 06"


def test_an_escape_pair_is_never_cut() -> None:
    text = "a" * 148 + "ş" + "a" * 148
    parts = segment(text, languages="turkish", boundary="character")
    assert used(parts) == "turkish locking"  # one septet each
    parts = segment(
        text.replace("a", "ì"), languages="turkish", boundary="character"
    )  # no locking table has this letter
    assert used(parts) == "turkish single"
    assert [part.unit_count for part in parts] == [148, 149, 1]


def test_clusters_stay_whole() -> None:
    text = "क" * 148 + "कि" * 10  # the vowel sign would open the second segment
    first, second = segment(text, languages="hindi")
    assert (used(segment(text, languages="hindi")), first.unit_count) == ("hindi locking", 148)
    assert second.text.startswith("कि")
    assert segment(text, languages="hindi", boundary="character")[0].unit_count == 149


def test_the_limit_counts_the_best_encoding() -> None:
    assert count_segments("ş" * 255 * 149, languages="turkish") == 255
    with pytest.raises(SegmentLimitError) as caught:
        segment("ş" * (255 * 149 + 1), languages="turkish")
    assert caught.value.needed == 256


def test_a_lone_surrogate_is_refused_first() -> None:
    with pytest.raises(EncodingError, match="position 1"):
        count_segments("ş\ud800", languages="auto")


# ---------------------------------------------------------------------------------------------------------- decoding


@pytest.mark.parametrize(
    ("name", "elements", "septets", "text"),
    [
        ("single shift", ["24:01"], "1b73", "ş"),
        ("the default alphabet beside it", ["24:01"], "07", "ì"),
        ("the extension table is part of it", ["24:01"], "1b65", "€"),
        ("unknown code after an escape", ["24:01"], "1b61", "a"),
        ("two escapes", ["24:01"], "1b1b73", " s"),
        ("final escape", ["24:01"], "731b", "s "),
        ("control after an escape", ["24:01"], "1b0d", "\r"),
        ("locking shift", ["25:01"], "1d", "ş"),
        ("the default extension table beside it", ["25:01"], "1b65", "€"),
        ("unknown code after an escape is the locking table's", ["25:01"], "1b1d", "ş"),
        ("both", ["24:06", "25:06"], "1b1c00", "०ँ"),
        ("both, unknown code after an escape", ["24:06", "25:06"], "1b60", "ॐ"),
        ("two languages", ["24:01", "25:06"], "1b7300", "şँ"),
        ("either order", ["25:06", "24:01"], "1b7300", "şँ"),
        ("empty code", ["25:0b"], "0100", "ஂ\ufffd"),
        ("empty code after an escape", ["25:0b"], "1b00", "\ufffd"),
        ("language 0 is reserved", ["24:00", "25:00"], "1b6507", "€ì"),
        ("unknown language", ["24:0e", "25:ff"], "1b6507", "€ì"),
        ("Spanish has no locking shift", ["25:02"], "1b6507", "€ì"),
        ("wrong length", ["24:0101", "25:"], "1b6507", "€ì"),
        ("repeated: the last counts", ["25:06", "25:01"], "1d", "ş"),
        ("repeated: the last known one counts", ["25:01", "25:63"], "1d", "ş"),
    ],
)
def test_septets_read_by_the_tables_of_the_header(name: str, elements: list[str], septets: str, text: str) -> None:
    items = [item.split(":") for item in elements]
    header = UserDataHeader(tuple(InformationElement(int(key, 16), bytes.fromhex(data)) for key, data in items))
    assert decode_units(bytes.fromhex(septets), Alphabet.GSM7, header.languages) == text, name


def test_ucs2_has_no_languages() -> None:
    octets = bytes.fromhex("03250101" + "015f")
    assert decode_user_data(octets, len(octets), Alphabet.UCS2, has_header=True).text == "ş"


def test_a_septet_has_seven_bits() -> None:
    with pytest.raises(EncodingError, match="position 1: expected a septet, 0 to 127"):
        decode_units(b"a\x80", Alphabet.GSM7, (TURKISH_LOCKING,))


@pytest.mark.parametrize("text", ["ş" * 200, "ा" * 300 + "०१", HINDI * 60])
def test_segments_join_again(text: str) -> None:
    reassembler = Reassembler()
    whole = None
    for part in reversed(segment(text, reference=3, languages="auto")):
        data = decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=True)
        whole = reassembler.add(data, sender="a", recipient="b", now=0.0)
    assert whole is not None
    assert whole.text == text


def test_the_same_septets_in_other_tables_are_another_message() -> None:
    reassembler = Reassembler()
    plain = decode_user_data(bytes.fromhex("05000301020100"), 8, Alphabet.GSM7, has_header=True)
    turkish = decode_user_data(bytes.fromhex("0825010100030102010000"), 12, Alphabet.GSM7, has_header=True)
    assert plain.units == turkish.units == b"\x00"
    for data, count in ((plain, 1), (turkish, 2), (plain, 2)):
        reassembler.add(data, sender="a", recipient="b", now=0.0)
        assert len(reassembler) == count


# ----------------------------------------------------------------------------------------------------------- records


def test_a_table_knows_its_element() -> None:
    assert (TURKISH_SINGLE.element_identifier, TURKISH_SINGLE.language_identifier) == (0x24, 1)
    urdu = LanguageTable("urdu", "locking")
    assert (urdu.element_identifier, urdu.language_identifier) == (0x25, 13)


def test_records_with_languages_pickle() -> None:
    parts = segment("ş", languages="turkish")
    assert pickle.loads(pickle.dumps(parts)) == parts
    assert parts.languages == (TURKISH_SINGLE,)
    analysis = analyze("ş", languages="turkish")
    assert pickle.loads(pickle.dumps(analysis)) == analysis


# ------------------------------------------------------------------------------------------------ unpacked, as in SMPP


@pytest.mark.parametrize(
    ("text", "tables", "septets"),
    [
        ("", [TURKISH_SINGLE], ""),
        ("abc", [TURKISH_SINGLE], "61 62 63"),
        ("şı", [TURKISH_SINGLE], "1b 73 1b 69"),
        ("şı", (TURKISH_LOCKING,), "1d 07"),
        ("€ş[", [TURKISH_SINGLE, TURKISH_LOCKING], "04 1d 1b 3c"),
        ("ã", [LanguageTable("portuguese", "single")], "1b 7b"),
        ("€", [], "1b 65"),
    ],
)
def test_unpacked_septets_of_national_tables(text: str, tables: Sequence[LanguageTable], septets: str) -> None:
    assert encode_gsm7(text, languages=tables).hex(" ") == septets
    assert decode_gsm7(bytes.fromhex(septets), languages=tables) == text


def test_a_character_that_the_tables_lack_is_refused_with_its_place() -> None:
    with pytest.raises(EncodingError, match="national language tables") as caught:
        encode_gsm7("şaन", languages=[TURKISH_SINGLE])
    assert (caught.value.position, caught.value.character) == (2, "न")
    with pytest.raises(EncodingError, match="half of a surrogate pair"):
        encode_gsm7("\ud800", languages=[TURKISH_SINGLE])
    with pytest.raises(EncodingError, match="expected a septet"):
        decode_gsm7(b"\x80", languages=[TURKISH_SINGLE])


@pytest.mark.parametrize(
    ("tables", "error", "message"),
    [
        ("turkish", TypeError, "languages must hold LanguageTable, not str"),
        (TURKISH_SINGLE, TypeError, "languages must hold LanguageTable, not str"),
        ([("turkish", "single")], TypeError, "languages must hold LanguageTable, not tuple"),
        ([LanguageTable("spanish", "locking")], ValueError, "there is no locking shift table for 'spanish'"),
        ([LanguageTable("klingon", "single")], ValueError, "there is no single shift table for 'klingon'"),
        ([TURKISH_SINGLE, LanguageTable("hindi", "single")], ValueError, "languages may hold one single shift table"),
    ],
)
def test_tables_that_no_header_can_name_are_refused(tables: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        encode_gsm7("x", languages=tables)
    with pytest.raises(error, match=message):
        decode_gsm7(b"x", languages=tables)


def test_all_languages_are_named() -> None:
    assert LANGUAGES[0] == "turkish"
    assert len(LANGUAGES) == 13
    for name in LANGUAGES:
        assert segment("ú€", languages=name).alphabet
