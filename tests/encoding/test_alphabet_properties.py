"""The alphabet against the reference: every character, every septet, any length."""

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet, decode_gsm7, detect, encode_gsm7, pack_septets, unpack_septets
from msgcore.kernel.scanning import positions_outside_gsm7
from tests.reference import alphabet
from tests.reference.strategies import long_gsm7_texts, texts

septets = st.binary(max_size=200).map(lambda octets: bytes(octet & 0x7F for octet in octets))
fill_bits = st.integers(0, 6)


def test_every_code_point_is_in_the_alphabet_or_not_as_the_reference_has_it() -> None:
    for point in range(0x110000):
        if 0xD800 <= point <= 0xDFFF:
            continue
        character = chr(point)
        assert (detect(character) is Alphabet.GSM7) == (alphabet.septets_of(character) is not None), hex(point)


def test_every_pair_of_septets_reads_as_the_reference_has_it() -> None:
    for first in range(128):
        for second in range(128):
            pair = bytes((first, second))
            assert decode_gsm7(pair) == alphabet.decode(pair)


@given(texts)
def test_detection_and_positions_are_those_of_the_reference(text: str) -> None:
    outside = [index for index, character in enumerate(text) if alphabet.septets_of(character) is None]
    assert positions_outside_gsm7(text) == outside
    assert (detect(text) is Alphabet.GSM7) == (not outside)


@given(long_gsm7_texts)
def test_decoding_undoes_encoding(text: str) -> None:
    assert encode_gsm7(text) == alphabet.encode(text)
    assert decode_gsm7(encode_gsm7(text)) == text


@given(septets)
def test_any_septets_decode(octets: bytes) -> None:
    assert decode_gsm7(octets) == alphabet.decode(octets)


@given(septets, fill_bits)
def test_packing_is_that_of_the_reference_and_unpacking_undoes_it(octets: bytes, fill: int) -> None:
    packed = pack_septets(octets, fill)
    assert packed == alphabet.pack(octets, fill)
    assert unpack_septets(packed, len(octets), fill) == octets


@given(st.binary(max_size=150), fill_bits, st.data())
def test_unpacking_is_that_of_the_reference(octets: bytes, fill: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, max(0, (len(octets) * 8 - fill) // 7)))
    assert unpack_septets(octets, count, fill) == alphabet.unpack(octets, count, fill)
