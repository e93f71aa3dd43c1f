"""How many segments, where they are cut, and their octets: by examples."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from msgcore.encoding.segmentation import (
    Analysis,
    OutsideGsm7,
    Segment,
    Segmentation,
    analyze,
    count_segments,
    segment,
)
from msgcore.encoding.user_data import InformationElement, UserDataHeader, decode_user_data
from msgcore.errors import EncodingError, SegmentLimitError
from msgcore.tables.alphabets import Alphabet

FAMILY = "👩‍👩‍👧‍👦"  # 4 astral characters and 3 joiners: 11 code units
FLAG = "🇸🇪"  # 4 code units


@pytest.mark.parametrize(
    ("name", "text", "options", "counts"),
    [
        ("empty", "", {}, [0]),
        ("one", "a", {}, [1]),
        ("GSM-7 exactly full", "a" * 160, {}, [160]),
        ("GSM-7 one over", "a" * 161, {}, [153, 8]),
        ("GSM-7 two exactly full", "a" * 306, {}, [153, 153]),
        ("GSM-7 two, one over", "a" * 307, {}, [153, 153, 1]),
        ("GSM-7, 16 bits, exactly full alone", "a" * 160, {"reference_bits": 16}, [160]),
        ("GSM-7, 16 bits, one over", "a" * 161, {"reference_bits": 16}, [152, 9]),
        ("GSM-7, 16 bits, two exactly full", "a" * 304, {"reference_bits": 16}, [152, 152]),
        ("GSM-7, 16 bits, two, one over", "a" * 305, {"reference_bits": 16}, [152, 152, 1]),
        ("UCS-2 exactly full", "中" * 70, {}, [70]),
        ("UCS-2 one over", "中" * 71, {}, [67, 4]),
        ("UCS-2 two exactly full", "中" * 134, {}, [67, 67]),
        ("UCS-2 two, one over", "中" * 135, {}, [67, 67, 1]),
        ("UCS-2, 16 bits, exactly full alone", "中" * 70, {"reference_bits": 16}, [70]),
        ("UCS-2, 16 bits, one over", "中" * 71, {"reference_bits": 16}, [66, 5]),
        ("UCS-2, 16 bits, two exactly full", "中" * 132, {"reference_bits": 16}, [66, 66]),
        ("UCS-2, 16 bits, two, one over", "中" * 133, {"reference_bits": 16}, [66, 66, 1]),
        ("UCS-2 in narrow storage", "ç" * 71, {}, [67, 4]),
        ("an extension character costs two", "€" * 80, {}, [160]),
        ("the escape pair is not cut", "a" * 152 + "€" + "b" * 152, {}, [152, 153, 1]),
        ("the escape pair fits exactly", "a" * 151 + "€" + "b" * 153, {}, [153, 153]),
        ("all extension characters", "€" * 81, {}, [152, 10]),
        ("all extension characters, 16 bits", "€" * 81, {"reference_bits": 16}, [152, 10]),
        ("one letter turns it all into UCS-2", "a" * 70 + "ç", {}, [67, 4]),
        ("astral exactly full", "😀" * 35, {}, [70]),
        ("a surrogate pair is not cut", "😀" * 36, {}, [66, 6]),
        ("a surrogate pair is not cut at 66 either", "a" + "😀" * 36, {"reference_bits": 16}, [65, 8]),
        ("a surrogate pair is not cut by characters", "😀" * 36, {"boundary": "character"}, [66, 6]),
        ("CR LF is not cut", "a" * 152 + "\r\n" + "b" * 20, {}, [152, 22]),
        ("CR LF is cut by characters", "a" * 152 + "\r\n" + "b" * 20, {"boundary": "character"}, [153, 21]),
        ("a family is not cut", "中" * 60 + FAMILY + "中" * 10, {}, [60, 21]),
        ("a family is cut by characters", "中" * 60 + FAMILY + "中" * 10, {"boundary": "character"}, [66, 15]),
        ("a family that fits exactly", "中" * 56 + FAMILY + "中" * 10, {}, [67, 10]),
        ("a flag is not cut", "中" * 65 + FLAG + "中" * 10, {}, [65, 14]),
        ("flags pair up from their first", "中" * 61 + FLAG * 3, {}, [65, 8]),
        ("a mark stays with its letter", "中" * 66 + "e\u0301" + "中" * 5, {}, [66, 7]),
        ("a conjunct is not cut", "中" * 66 + "क\u094dष" + "中" * 5, {}, [66, 8]),
        ("clusters do not matter in one segment", FAMILY * 6, {}, [66]),
        ("a cluster that fills a segment", "a" + "o" + "\u0301" * 66 + "b" * 5, {}, [1, 67, 5]),
        ("a cluster longer than a segment is cut like text", "a" + "o" + "\u0301" * 67 + "b" * 5, {}, [67, 7]),
        (
            "behind a long cluster clusters count again",
            "o" + "\u0301" * 130 + "e\u0301\u0301\u0301\u0301b",
            {},
            [67, 64, 6],
        ),
    ],
)
def test_cuts(name: str, text: str, options: dict[str, Any], counts: list[int]) -> None:
    parts = segment(text, **options)
    assert [part.unit_count for part in parts] == counts, name
    assert "".join(part.text for part in parts) == text
    assert count_segments(text, **options) == len(counts)


def test_the_longest_text_has_255_segments() -> None:
    assert count_segments("a" * 153 * 255) == len(segment("a" * 153 * 255)) == 255
    assert segment("a" * 153 * 255)[-1].header.hex() == "05000300ffff"


@pytest.mark.parametrize("call", [count_segments, segment, analyze])
@pytest.mark.parametrize(
    ("text", "needed"), [("a" * (153 * 255 + 1), 256), ("中" * 67 * 1000, 1000), ("😀" * 33_000, 1000)]
)
def test_more_segments_are_an_error_that_says_how_many(call: Callable[[str], object], text: str, needed: int) -> None:
    with pytest.raises(SegmentLimitError, match=f"needs {needed} segments, at most 255") as caught:
        call(text)
    assert (caught.value.needed, caught.value.limit) == (needed, 255)


def test_hostile_clusters_take_linear_time() -> None:
    """A million characters in one cluster, and in clusters that look back: done at once, or never."""
    for text in ("a" + "\u0301" * 1_000_000, "🇸" * 1_000_001, "\u0600" * 1_000_000, "क\u094d" * 500_000):
        with pytest.raises(SegmentLimitError):
            count_segments(text)


# ------------------------------------------------------------------------------------------------------------ octets


def test_one_segment_has_no_header() -> None:
    (part,) = segment("hello", reference=9)
    assert part.header == b""
    assert part.user_data.hex() == "e8329bfd06"
    assert part.user_data_length == 5


def test_the_empty_text_is_one_segment_of_nothing() -> None:
    (part,) = segment("")
    assert (part.text, part.number, part.total, part.unit_count) == ("", 1, 1, 0)
    assert (part.header, part.user_data, part.user_data_length) == (b"", b"", 0)


def test_a_full_gsm7_segment_of_several_has_140_octets_and_length_160() -> None:
    first, second = segment("a" * 306, reference=0xAB)
    assert first.header.hex(" ") == "05 00 03 ab 02 01"
    assert second.header.hex(" ") == "05 00 03 ab 02 02"
    for part in (first, second):
        assert len(part.user_data) == 140
        assert part.user_data_length == 160
        assert part.user_data[6] == (ord("a") << 1) & 0xFF  # one fill bit


def test_a_16_bit_reference_needs_no_fill_bits() -> None:
    first, _ = segment("a" * 304, reference=0xABCD, reference_bits=16)
    assert first.header.hex(" ") == "06 08 04 ab cd 02 01"
    assert (len(first.user_data), first.user_data_length) == (140, 160)
    assert first.user_data[7] & 0x7F == ord("a")


def test_ucs2_segments_follow_their_header_big_endian() -> None:
    first, second = segment("中" * 66 + "😀😀😀", reference=1)
    assert (first.user_data_length, len(first.user_data)) == (138, 138)
    assert first.user_data == first.header + ("中" * 66).encode("utf-16-be")
    assert second.user_data == bytes.fromhex("050003010202" + "d83dde00" * 3)
    full, _ = segment("中" * 132, reference_bits=16)
    assert (full.user_data_length, len(full.user_data)) == (139, 139)


# ----------------------------------------------------------------------------------------------------------- options


@pytest.mark.parametrize("call", [count_segments, segment, analyze])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"boundary": "word"}, ValueError, "boundary must be 'cluster' or 'character', not 'word'"),
        ({"boundary": None}, ValueError, "boundary must be"),
        ({"reference_bits": 7}, ValueError, "reference_bits must be 8 or 16, not 7"),
        ({"reference_bits": 10**30}, ValueError, "reference_bits must be 8 or 16"),
        ({"reference_bits": "8"}, TypeError, "reference_bits must be int, not str"),
        ({"reference_bits": 8.0}, TypeError, "reference_bits must be int, not float"),
        ({"languages": "tr"}, ValueError, "languages must be 'auto', or name any of turkish, .*, urdu; not 'tr'"),
        ({"languages": ("turkish", "auto")}, ValueError, "not 'auto'"),
        ({"languages": ("turkish", 2)}, TypeError, "a name in languages must be str, not int"),
        ({"languages": 3}, TypeError, "languages must be a name, a sequence of names or 'auto', not int"),
    ],
)
def test_wrong_options_are_refused(
    call: Callable[..., object], options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        call("a", **options)


@pytest.mark.parametrize("languages", [(), None, [], ""])
def test_no_languages_can_be_said_in_several_ways(languages: Any) -> None:
    assert count_segments("a" * 161, languages=languages) == len(segment("a" * 161, languages=languages)) == 2


def test_an_equal_word_is_enough_for_boundary() -> None:
    assert count_segments("a" * 161, boundary="".join(["clus", "ter"])) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("reference", "bits"), [(-1, 8), (256, 8), (65536, 16), (10**30, 16)])
def test_a_reference_must_fit(reference: int, bits: Any) -> None:
    with pytest.raises(ValueError, match="reference must be 0 to"):
        segment("a", reference=reference, reference_bits=bits)


def test_a_reference_is_an_int() -> None:
    with pytest.raises(TypeError, match="reference must be int, not str"):
        segment("a", reference="1")  # type: ignore[arg-type]


@pytest.mark.parametrize("call", [count_segments, segment, analyze])
def test_a_lone_surrogate_is_refused_with_its_place(call: Callable[[str], object]) -> None:
    with pytest.raises(EncodingError) as caught:
        call("中" * 100 + "\ud800")
    assert caught.value.position == 100


@pytest.mark.parametrize("call", [count_segments, segment, analyze])
@pytest.mark.parametrize("wrong", [None, b"abc", 5])
def test_only_text_is_cut(call: Callable[[Any], object], wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str, not"):
        call(wrong)


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError):
        count_segments("a", "cluster")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        count_segments("a", width=8)  # type: ignore[call-arg]


# ----------------------------------------------------------------------------------------------------------- records


def test_a_subclass_of_str_is_cut_into_plain_text() -> None:
    class Text(str):
        __slots__ = ()

    for text in (Text("hello"), Text("中" * 80)):
        assert [type(part.text) for part in segment(text)] == [str] * count_segments(text)


def test_a_segmentation_is_a_sequence() -> None:
    parts = segment("a" * 400, reference=3)
    assert len(parts) == 3
    assert [part.number for part in parts] == [1, 2, 3]
    assert [part.number for part in reversed(parts)] == [3, 2, 1]
    assert parts[-1] is parts[2]
    assert parts[1:] == (parts[1], parts[2])
    assert parts[1] in parts
    assert parts.index(parts[1]) == 1
    assert parts.count(parts[0]) == 1
    with pytest.raises(IndexError):
        parts[3]
    match parts:
        case [first, *_]:
            assert first.number == 1
        case _:
            pytest.fail("not matched as a sequence")


def test_records_have_equality_hash_repr_and_pickle() -> None:
    parts = segment("a" * 161, reference=3)
    again = segment("a" * 161, reference=3)
    assert parts == again
    assert hash(parts) == hash(again)
    assert parts[0] == again[0]
    assert hash(parts[0]) == hash(again[0])
    assert parts != segment("a" * 161, reference=4)
    assert parts[0] != parts[1]
    unlike: list[object] = ["a", None, list(parts)]
    assert parts[0] not in unlike
    assert parts not in unlike
    names = {"Segment": Segment, "Segmentation": Segmentation, "Alphabet": Alphabet}
    source = repr(parts).replace("<Alphabet.GSM7: 'GSM-7'>", "Alphabet.GSM7")
    assert eval(source, names) == parts
    assert pickle.loads(pickle.dumps(parts)) == parts
    assert pickle.loads(pickle.dumps(parts[1])) == parts[1]


@pytest.mark.parametrize("name", ["text", "number", "user_data", "alphabet"])
def test_a_segment_does_not_change(name: str) -> None:
    (part,) = segment("hello")
    with pytest.raises(AttributeError):
        setattr(part, name, getattr(part, name))
    with pytest.raises(AttributeError):
        part.note = "x"  # type: ignore[attr-defined]


# ---------------------------------------------------------------------------------------------------------- analysis


@pytest.mark.parametrize(
    ("text", "alphabet", "segment_count", "unit_count", "units_left"),
    [
        ("", "GSM-7", 1, 0, 160),
        ("a" * 160, "GSM-7", 1, 160, 0),
        ("a" * 161, "GSM-7", 2, 161, 145),
        ("a" * 152 + "€" + "b" * 152, "GSM-7", 3, 306, 152),
        ("中" * 70, "UCS-2", 1, 70, 0),
        ("中" * 71, "UCS-2", 2, 71, 63),
        ("😀" * 36, "UCS-2", 2, 72, 61),
    ],
)
def test_analysis(text: str, alphabet: str, segment_count: int, unit_count: int, units_left: int) -> None:
    analysis = analyze(text)
    assert analysis == Analysis(text, Alphabet(alphabet), segment_count, unit_count, units_left)
    assert analysis.languages == ()
    assert pickle.loads(pickle.dumps(analysis)) == analysis


def test_analysis_names_what_is_outside_gsm7() -> None:
    assert analyze("a…ç\u200b").outside_gsm7 == (
        OutsideGsm7(1, "…", "..."),
        OutsideGsm7(2, "ç", None),
        OutsideGsm7(3, "\u200b", ""),
    )
    assert analyze("abc").outside_gsm7 == ()


PORTS = InformationElement(0x05, bytes.fromhex("0b8423f0"))  # to the push port, from 9200


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("", {}, 1),
        ("a" * 152, {}, 1),  # 140 - 7 octets are 1064 bits
        ("a" * 153, {}, 2),
        ("a" * 292, {}, 2),  # 146 a segment: 140 - 12 octets
        ("a" * 293, {}, 3),
        ("é中" * 33, {}, 1),  # 66 code units
        ("é中" * 34, {}, 2),
        ("a" * 290, {"reference_bits": 16}, 2),  # 145: 140 - 13 octets
        ("a" * 291, {"reference_bits": 16}, 3),
    ],
)
def test_capacity_is_computed_from_the_whole_header(text: str, options: Any, expected: int) -> None:
    assert (
        count_segments(text, elements=(PORTS,), **options)
        == len(segment(text, elements=(PORTS,), **options))
        == expected
    )


def test_elements_stand_behind_concatenation_and_languages() -> None:
    part = segment("ğ" * 160, languages="turkish", elements=(PORTS,), reference=9)[1]
    header = UserDataHeader.decode(part.header)
    assert [item.identifier for item in header.elements] == [0x00, 0x25, 0x05]
    assert header.elements[0].data == bytes([9, part.total, 2])


def test_a_short_message_carries_elements_too() -> None:
    part = segment("hello", elements=(PORTS,))[0]
    assert part.header == bytes.fromhex("0605040b8423f0")
    assert decode_user_data(part.user_data, part.user_data_length, part.alphabet, has_header=True).text == "hello"


@pytest.mark.parametrize("identifier", [0x00, 0x08, 0x24, 0x25])
def test_elements_that_the_text_decides_are_refused(identifier: int) -> None:
    with pytest.raises(ValueError, match=f"0x{identifier:02X}"):
        segment("hello", elements=(InformationElement(identifier, b"\x01"),))


@pytest.mark.parametrize("languages, room, expected", [((), 130, 20), ("auto", 124, 10)])
def test_elements_leave_room_for_a_surrogate_pair(languages: Any, room: int, expected: int) -> None:
    full = InformationElement(0x70, bytes(room - 2))
    assert len(segment("😀" * 20, elements=(full,), languages=languages)) == expected
    with pytest.raises(ValueError, match=f"at most {room} octets"):
        segment("😀", elements=(full, InformationElement(0x70)), languages=languages)


@pytest.mark.parametrize("wrong", [3, [3], [b"\x05\x00"], [None]])
def test_what_is_no_element_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError):
        count_segments("hello", elements=wrong)


def test_the_empty_text_beside_elements_has_the_octets_that_its_length_counts() -> None:
    part = segment("", elements=[InformationElement(0x70, b"abc")])[0]
    assert (part.header.hex(), part.user_data_length) == ("057003616263", 7)
    assert len(part.user_data) == 7  # 49 bits: the fill bit needs an octet


@pytest.mark.parametrize("none", [None, (), [], iter(())])
def test_no_elements_may_be_given_in_any_way(none: Any) -> None:
    assert segment("hello", elements=none)[0].header == b""


@pytest.mark.parametrize("wrong", [[None], ["segment"], [1]])
def test_a_segmentation_holds_segments_and_nothing_else(wrong: Any) -> None:
    with pytest.raises(TypeError, match="segments must hold Segment"):
        Segmentation(wrong, Alphabet.GSM7, 0, 8)


def test_records_do_not_change_once_made() -> None:
    segmentation = segment("hello")
    with pytest.raises(TypeError, match="made once"):
        segmentation.__init__([], Alphabet.UCS2, 1, 8)
    with pytest.raises(TypeError, match="made once"):
        segmentation[0].__init__("x", Alphabet.GSM7, 1, 1, 1, b"", b"", 1)
    assert segmentation == segment("hello")
