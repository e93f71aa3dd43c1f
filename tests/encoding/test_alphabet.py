"""Which alphabet, and text to septets and back, by examples."""

from array import array
from collections.abc import Callable

import numpy
import pytest

from msgcore.encoding.alphabet import Alphabet, decode_gsm7, detect, encode_gsm7, pack_septets, unpack_septets
from msgcore.errors import EncodingError, UserDataError
from msgcore.tables.languages import LanguageTable


class Text(str):
    """A subclass of str, as frameworks hand them in."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("text", "alphabet"),
    [
        ("", "GSM-7"),
        ("a", "GSM-7"),
        ("Ç", "GSM-7"),
        ("ç", "UCS-2"),
        ("`", "UCS-2"),
        ("\x00", "UCS-2"),
        ("\x1b", "UCS-2"),
        ("\t", "UCS-2"),
        ("\f", "GSM-7"),
        ("\r\n", "GSM-7"),
        ("^{}\\[~]|€", "GSM-7"),
        ("ΔΦΓΛΩΠΨΣΘΞ", "GSM-7"),
        ("α", "UCS-2"),
        ("\N{OHM SIGN}", "UCS-2"),
        ("a" * 64 + "ç", "UCS-2"),
        ("a" * 63 + "ç" + "a" * 64, "UCS-2"),
        ("€" + "a" * 200 + "中", "UCS-2"),
        ("😀", "UCS-2"),
        ("\U00010041", "UCS-2"),
    ],
)
def test_alphabet_of_a_text(text: str, alphabet: str) -> None:
    assert detect(text) is Alphabet(alphabet)
    assert detect(Text(text)) is Alphabet(alphabet)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "abc\ud83d", "😀\udc00", "\ud83d\ude00"])
def test_a_lone_surrogate_has_no_alphabet(text: str) -> None:
    with pytest.raises(EncodingError, match="half of a surrogate pair") as caught:
        detect(text)
    assert caught.value.character == text[caught.value.position]
    assert "\ud800" <= caught.value.character <= "\udfff"


def test_the_first_of_several_surrogates_is_named() -> None:
    with pytest.raises(EncodingError) as caught:
        detect("ab\ud800c\udc00")
    assert (caught.value.position, caught.value.character) == (2, "\ud800")


@pytest.mark.parametrize("wrong", [None, 5, b"abc", ["a"]])
def test_only_text_has_an_alphabet(wrong: object) -> None:
    with pytest.raises(TypeError, match="text must be str, not"):
        detect(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="text must be str, not"):
        encode_gsm7(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", ""),
        ("@", "00"),
        ("$", "02"),
        ("hello", "68656c6c6f"),
        ("€", "1b65"),
        ("a^b", "611b1462"),
        ("\f", "1b0a"),
        ("à", "7f"),
        ("Δ", "10"),
    ],
)
def test_text_becomes_septets_and_comes_back(text: str, septets: str) -> None:
    assert encode_gsm7(text).hex() == septets
    assert encode_gsm7(Text(text)).hex() == septets
    assert decode_gsm7(bytes.fromhex(septets)) == text


def test_a_character_outside_is_named_with_its_place() -> None:
    with pytest.raises(EncodingError, match="position 2: expected a character of the GSM-7 alphabet, got 'ç'"):
        encode_gsm7("gaçon")
    with pytest.raises(EncodingError, match="position 300"):
        encode_gsm7("€" * 300 + "中")


@pytest.mark.parametrize(
    ("septets", "text"),
    [
        ("1b", " "),
        ("611b", "a "),
        ("1b1b", " "),
        ("1b1b61", " a"),
        ("1b61", "a"),
        ("1b00", "@"),
        ("1b0d", "\r"),
    ],
)
def test_unknown_and_broken_escapes_read_as_the_standard_says(septets: str, text: str) -> None:
    assert decode_gsm7(bytes.fromhex(septets)) == text


@pytest.mark.parametrize("call", [decode_gsm7, pack_septets])
def test_a_byte_that_is_no_septet_is_named_with_its_place(call: object) -> None:
    assert callable(call)
    with pytest.raises(EncodingError, match="position 2: expected a septet, 0 to 127") as caught:
        call(b"ab\x80\xff")
    assert caught.value.position == 2


def test_long_input_leaves_the_stack() -> None:
    text = "abc€" * 5000
    assert decode_gsm7(encode_gsm7(text)) == text


@pytest.mark.parametrize(
    ("septets", "fill_bits", "octets"),
    [
        (b"", 0, ""),
        (b"", 3, ""),
        (b"\x01", 0, "01"),
        (b"\x7f" * 8, 0, "ffffffffffffff"),
        (b"hello", 0, "e8329bfd06"),
        (b"hellohello", 0, "e8329bfd4697d9ec37"),
        (b"\x7f", 1, "fe"),
        (b"\x7f", 2, "fc01"),
        (b"\x7f", 6, "c01f"),
    ],
)
def test_septets_pack_and_unpack(septets: bytes, fill_bits: int, octets: str) -> None:
    assert pack_septets(septets, fill_bits).hex() == octets
    assert unpack_septets(bytes.fromhex(octets), len(septets), fill_bits) == septets


def test_seven_spare_bits_are_an_at_sign_only_if_the_count_says_so() -> None:
    packed = pack_septets(encode_gsm7("1234567"))
    assert packed == pack_septets(encode_gsm7("1234567@"))
    assert decode_gsm7(unpack_septets(packed, 7)) == "1234567"
    assert decode_gsm7(unpack_septets(packed, 8)) == "1234567@"


def test_any_buffer_is_taken() -> None:
    assert decode_gsm7(bytearray(b"abc")) == decode_gsm7(memoryview(b"abc")) == "abc"
    assert pack_septets(bytearray(b"abc")) == pack_septets(memoryview(b"abc")) == pack_septets(b"abc")


@pytest.mark.parametrize("wrong", ["abc", None, 3])
def test_septets_are_octets_and_no_text(wrong: object) -> None:
    with pytest.raises(TypeError):
        decode_gsm7(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        pack_septets(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        unpack_septets(wrong, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("octets", "septet_count", "fill_bits"),
    [(b"", 1, 0), (b"", 1, 6), (b"\x00", 2, 0), (b"\x00", 1, 2), (b"", 2**60, 0)],
)
def test_octets_that_end_too_early_are_refused(octets: bytes, septet_count: int, fill_bits: int) -> None:
    with pytest.raises(UserDataError, match="the octets end before") as caught:
        unpack_septets(octets, septet_count, fill_bits)
    assert caught.value.offset == len(octets)


@pytest.mark.parametrize("fill_bits", [-1, 7])
def test_fill_bits_are_zero_to_six(fill_bits: int) -> None:
    with pytest.raises(ValueError, match="fill_bits must be 0 to 6"):
        pack_septets(b"a", fill_bits)
    with pytest.raises(ValueError, match="fill_bits must be 0 to 6"):
        unpack_septets(b"abc", 1, fill_bits)


def test_a_septet_count_is_not_negative() -> None:
    with pytest.raises(ValueError, match="septet_count must not be negative"):
        unpack_septets(b"abc", -1)


@pytest.mark.parametrize("count", [1023, 1024, 1025, 4096, 100_000])
def test_long_runs_of_septets_decode_whole(count: int) -> None:
    assert decode_gsm7(b"\x41" * count) == "A" * count
    assert decode_gsm7(b"\x1b\x65" * count) == "€" * count


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: pack_septets(b"a", 1.9), "fill_bits"),  # type: ignore[arg-type]
        (lambda: unpack_septets(b"ab", 2, 1.9), "fill_bits"),  # type: ignore[arg-type]
        (lambda: unpack_septets(b"ab", 2.0), "septet_count"),  # type: ignore[arg-type]
    ],
)
def test_a_float_is_no_count_of_bits_or_septets(call: Callable[[], object], field: str) -> None:
    with pytest.raises(TypeError, match=f"{field} must be an int, not float"):
        call()
    assert unpack_septets(b"ab", numpy.int32(2)) == unpack_septets(b"ab", 2)  # type: ignore[arg-type]


@pytest.mark.parametrize("huge", [2**70, -(2**70), 10**5000], ids=["large", "small", "too long to print"])
def test_a_count_beyond_all_bounds_is_said_to_be(huge: int) -> None:
    with pytest.raises(ValueError, match="septet_count must be within 63 bits"):
        unpack_septets(b"", huge)
    with pytest.raises(ValueError, match="fill_bits must be 0 to 6"):
        pack_septets(b"", huge)


def test_wider_items_are_no_septets() -> None:
    turkish = [LanguageTable("turkish", "single")]
    for given in (array("H", [104, 105]), numpy.array([104, 105], "i4").data):
        for call in (
            lambda given=given: decode_gsm7(given),
            lambda given=given: decode_gsm7(given, languages=turkish),
            lambda given=given: pack_septets(given),
            lambda given=given: unpack_septets(given, 2),
        ):
            with pytest.raises(TypeError, match=r"expected a buffer of octets, got .* with items of [24] octets"):
                call()
    assert decode_gsm7(numpy.array([104, 105], "u1").data) == "hi"
