"""Bad input, function by function: a clear error, no crash, no half result, and no minutes of work for a refusal."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from msgcore import columns
from msgcore.encoding import alphabet, references, segmentation, substitution, user_data
from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.tpdu import Address, Content, SmsDeliver, SmsStatusReport, SmsSubmit, submit_tpdus
from msgcore.encoding.user_data import InformationElement, UserDataHeader, decode_user_data
from msgcore.errors import EncodingError, SegmentLimitError, UserDataError
from msgcore.kernel.clusters import cluster_ends

Call = Callable[[Any], object]

OF_TEXT: dict[str, Call] = {
    "detect": alphabet.detect,
    "encode_gsm7": alphabet.encode_gsm7,
    "count_segments": segmentation.count_segments,
    "count_segments, auto": partial(segmentation.count_segments, languages="auto"),
    "analyze": segmentation.analyze,
    "segment": segmentation.segment,
    "segment, character": partial(segmentation.segment, boundary="character"),
    "to_gsm7": substitution.to_gsm7,
    "columns.count_segments": lambda text: columns.count_segments([text]),
    "columns.analyze": lambda text: columns.analyze([text]),
}
OF_OCTETS: dict[str, Call] = {
    "decode_gsm7": alphabet.decode_gsm7,
    "pack_septets": alphabet.pack_septets,
    "unpack_septets": lambda octets: alphabet.unpack_septets(octets, 1),
    "UserDataHeader.decode": UserDataHeader.decode,
    "decode_user_data": lambda octets: decode_user_data(octets, 1, Alphabet.GSM7, has_header=True),
    "SmsSubmit.decode": SmsSubmit.decode,
    "SmsDeliver.decode": SmsDeliver.decode,
    "SmsStatusReport.decode": SmsStatusReport.decode,
    "Address.decode": Address.decode,
}

TEN_MILLION = 10_000_000
SECONDS = (
    20.0  # of a call for 10 million characters: a hundred times what it takes, and more than sanitizers make of it
)


# ---------------------------------------------------------------------------------------------------------- wrong types


@pytest.mark.parametrize("name", OF_TEXT)
@pytest.mark.parametrize("wrong", [None, 7, 1.5, b"bytes", bytearray(b"a"), ["a"], object], ids=repr)
def test_what_is_no_text_is_a_type_error_that_names_its_type(name: str, wrong: object) -> None:
    with pytest.raises(TypeError, match=type(wrong).__name__):
        OF_TEXT[name](wrong)


@pytest.mark.parametrize("name", OF_OCTETS)
@pytest.mark.parametrize("wrong", [None, 7, "text", [1, 2], object], ids=repr)
def test_what_is_no_octets_is_a_type_error(name: str, wrong: object) -> None:
    with pytest.raises(TypeError):
        OF_OCTETS[name](wrong)


class Liar(str):
    """A str that says other things of itself; what counts is what it holds."""

    def __len__(self) -> int:
        return 1 << 60

    def __str__(self) -> str:
        return "other"

    def encode(self, *arguments: object) -> bytes:
        raise AssertionError

    __getitem__ = __iter__ = __eq__ = __contains__ = encode  # type: ignore[assignment]
    __hash__ = str.__hash__


@pytest.mark.parametrize("name", OF_TEXT)
def test_a_subclass_of_str_counts_for_what_it_holds(name: str) -> None:
    if name == "to_gsm7":
        pytest.skip("may call what str has")
    honest = repr(OF_TEXT[name]("hello"))
    assert repr(OF_TEXT[name](Liar("hello"))) == honest


# ----------------------------------------------------------------------------------------------------- lone surrogates


@pytest.mark.parametrize("name", OF_TEXT)
@pytest.mark.parametrize(
    ("text", "position"),
    [("\ud800", 0), ("a\udc00\ud800", 1), ("a" * 400 + "\ud800" + "中" * 400, 400), ("\ud83d\ud83d\ude00", 0)],
)
def test_a_lone_surrogate_is_an_encoding_error_with_its_place(name: str, text: str, position: int) -> None:
    with pytest.raises(EncodingError) as caught:
        OF_TEXT[name](text)
    assert (caught.value.position, caught.value.character) == (position, text[position])


# ------------------------------------------------------------------------------------------------------------ very long

LONG = {
    "GSM-7": "a" * TEN_MILLION,
    "extension": "€" * (TEN_MILLION // 2),
    "UCS-2": "ж" * TEN_MILLION,
    "pairs": "😀" * (TEN_MILLION // 2),
    "one cluster": "e" + "\u0301" * TEN_MILLION,
    "flags": "🇸🇪" * (TEN_MILLION // 4),
    "joined": "👩\u200d" * (TEN_MILLION // 4),
    "conjuncts": "क\u094d" * (TEN_MILLION // 2),
    "line ends": "\r\n" * (TEN_MILLION // 2),
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.parametrize("name", ["count_segments", "analyze", "segment", "columns.count_segments"])
def test_ten_million_characters_are_too_many_segments_and_soon_said(name: str, kind: str) -> None:
    started_at = time.perf_counter()
    with pytest.raises(SegmentLimitError) as caught:
        OF_TEXT[name](LONG[kind])
    assert time.perf_counter() - started_at < SECONDS
    assert caught.value.needed > TEN_MILLION // 160
    assert caught.value.limit == 255


def test_ten_million_septets_go_through_the_codecs() -> None:
    septets = alphabet.encode_gsm7(LONG["GSM-7"])
    octets = alphabet.pack_septets(septets)
    assert len(octets) == (TEN_MILLION * 7 + 7) // 8
    assert alphabet.unpack_septets(octets, TEN_MILLION) == septets
    assert alphabet.decode_gsm7(septets) == LONG["GSM-7"]


def test_the_last_of_ten_million_characters_counts() -> None:
    with pytest.raises(EncodingError) as caught:
        alphabet.detect(LONG["GSM-7"] + "\ud800")
    assert caught.value.position == TEN_MILLION
    assert alphabet.detect(LONG["GSM-7"] + "ç") is Alphabet.UCS2
    assert alphabet.detect(LONG["GSM-7"]) is Alphabet.GSM7


def test_a_cluster_of_ten_million_characters_is_one() -> None:
    assert cluster_ends(LONG["one cluster"]) == [TEN_MILLION + 1]


def test_ten_million_octets_are_no_tpdu() -> None:
    octets = bytes(TEN_MILLION)
    for decode in (SmsSubmit.decode, SmsDeliver.decode, SmsStatusReport.decode, Address.decode):
        with pytest.raises(UserDataError):
            decode(octets)


# -------------------------------------------------------------------------------------------------- references, numbers


@pytest.mark.parametrize("reference", [-1, 256, 1 << 16, 1 << 70, -(1 << 70)])
def test_a_reference_of_8_bits_is_0_to_255(reference: int) -> None:
    with pytest.raises((ValueError, OverflowError), match="reference"):
        segmentation.segment("a" * 200, reference=reference)


@pytest.mark.parametrize("reference", [-1, 1 << 16, 1 << 70])
def test_a_reference_of_16_bits_is_0_to_65535(reference: int) -> None:
    with pytest.raises((ValueError, OverflowError), match="reference"):
        segmentation.segment("a" * 200, reference=reference, reference_bits=16)


@pytest.mark.parametrize("wrong", [None, "7", 7.0, b"7"])
def test_a_reference_is_an_int(wrong: Any) -> None:
    with pytest.raises(TypeError, match=f"reference must be int, not {type(wrong).__name__}"):
        segmentation.segment("a" * 200, reference=wrong)


@pytest.mark.parametrize("count", [-1, 1 << 31, (1 << 63) - 1])
def test_a_septet_count_is_believed_only_as_far_as_octets_go(count: int) -> None:
    with pytest.raises((ValueError, UserDataError)):
        alphabet.unpack_septets(b"abc", count)


@pytest.mark.parametrize("count", [1 << 63, -(1 << 63) - 1, 1 << 70])
def test_a_septet_count_no_machine_has_is_refused(count: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        alphabet.unpack_septets(b"abc", count)


@pytest.mark.parametrize("fill_bits", [-1, 7, 8, 1 << 20])
def test_fill_bits_are_0_to_6(fill_bits: int) -> None:
    with pytest.raises(ValueError, match="fill_bits"):
        alphabet.pack_septets(b"a", fill_bits)
    with pytest.raises(ValueError, match="fill_bits"):
        alphabet.unpack_septets(b"abc", 1, fill_bits)


@pytest.mark.parametrize("length", [-1, 1 << 31, 1 << 70])
@pytest.mark.parametrize("of", Alphabet)
def test_a_user_data_length_is_believed_only_as_far_as_octets_go(of: Alphabet, length: int) -> None:
    with pytest.raises((ValueError, UserDataError, OverflowError)):
        decode_user_data(b"abc", length, of, has_header=False)


@pytest.mark.parametrize("bits", [0, 7, 9, 32, -8, 1 << 70])
def test_a_reference_has_8_or_16_bits(bits: Any) -> None:
    with pytest.raises(ValueError, match="reference_bits"):
        segmentation.count_segments("a", reference_bits=bits)
    with pytest.raises(ValueError, match="reference_bits"):
        references.ReferenceCounter(reference_bits=bits)


# -------------------------------------------------------------------------------------------------------------- headers


def test_a_header_is_no_longer_than_a_message() -> None:
    for octets in (bytes([140]) + bytes(140), bytes([255]) + bytes(255), bytes([139])):
        with pytest.raises(UserDataError, match=r"header\.length"):
            UserDataHeader.decode(octets)
    with pytest.raises(ValueError, match="at most 137 octets"):
        InformationElement(0x70, bytes(138))
    with pytest.raises(ValueError, match="at most 140 octets"):
        UserDataHeader(tuple(InformationElement(0x70, bytes(10)) for _ in range(12)))


@pytest.mark.parametrize("identifier", [-1, 256, 1 << 70])
def test_an_identifier_is_an_octet(identifier: int) -> None:
    with pytest.raises(ValueError, match="identifier must be 0 to 255"):
        InformationElement(identifier)


@pytest.mark.parametrize(
    "octets", [b"", b"\x01", b"\x01\x00", b"\x02\x00\x01", b"\x03\x00\x02\x00", b"\x05\0\x03\x07\x02"]
)
def test_a_header_that_ends_too_early_says_where(octets: bytes) -> None:
    with pytest.raises(UserDataError) as caught:
        UserDataHeader.decode(octets)
    assert 0 <= caught.value.offset <= len(octets)
    with pytest.raises(UserDataError):
        decode_user_data(octets, len(octets), Alphabet.UCS2, has_header=True)


def test_elements_that_leave_no_room_are_refused() -> None:
    widest = InformationElement(0x70, bytes(137))
    with pytest.raises(ValueError, match=r"room|octets"):
        segmentation.segment("a", elements=(widest,))
    with pytest.raises(ValueError, match=r"room|octets"):
        segmentation.count_segments("a" * 300, elements=(InformationElement(0x70, bytes(132)),))
    for wrong in (7, ("a",), (7,), "ab"):
        with pytest.raises(TypeError):
            segmentation.segment("a", elements=wrong)  # type: ignore[arg-type]


def test_content_holds_what_its_length_says() -> None:
    for octets, length in ((b"", 1), (bytes(141), 161), (b"a", 9), (b"a", -1)):
        with pytest.raises(ValueError, match="user_data"):
            Content(octets, length)


@pytest.mark.parametrize("reference", [-1, 256])
def test_a_message_reference_is_an_octet(reference: int) -> None:
    with pytest.raises(ValueError, match="message_reference must be 0 to 255"):
        submit_tpdus(segmentation.segment("a"), to="+19195550123", message_reference=reference)


def test_a_decoded_text_is_whole_or_replaced() -> None:
    """Half a code unit, and half a pair, are the network's fault and not an error."""
    assert user_data.decode_units(b"\xd8\x3d", Alphabet.UCS2) == "\ufffd"
    assert user_data.decode_units(b"\0a\0", Alphabet.UCS2) == "a\ufffd"
