"""User data taken apart: against the reference, on octets of every kind."""

import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from msgcore.encoding.alphabet import Alphabet, pack_septets, unpack_septets
from msgcore.encoding.user_data import InformationElement, UserData, UserDataHeader, decode_user_data
from msgcore.errors import UserDataError
from tests.reference import alphabet as reference_alphabet
from tests.reference import languages, user_data

alphabets = st.sampled_from([Alphabet.GSM7, Alphabet.UCS2, None])
identifiers = st.sampled_from([0x00, 0x08, 0x24, 0x25, 0x05, 0x70, 0xFF]) | st.integers(0, 255)
small_octets = st.integers(0, 4).map(lambda value: bytes([value]))
element_data = st.lists(small_octets, max_size=5).map(b"".join) | st.binary(max_size=12)
element_lists = st.lists(st.tuples(identifiers, element_data), max_size=6)
header_octets = element_lists.map(user_data.write_header)
anything = st.binary(max_size=180)


@st.composite
def broken_headers(draw: st.DrawFn) -> bytes:
    """A header whose own length, or that of an element, is not quite right."""
    header = bytearray(draw(header_octets.filter(lambda header: len(header) > 3)))
    place = draw(st.sampled_from([0, 2]))
    header[place] = (header[place] + draw(st.sampled_from([-1, 1, 2, 130]))) % 256
    return bytes(header)


@st.composite
def nearly_user_data(draw: st.DrawFn) -> tuple[bytes, int, Alphabet | None, bool]:
    """TP-UD with a length that fits it, or nearly."""
    has_header = draw(st.booleans())
    header = draw(header_octets | header_octets | broken_headers()) if has_header else b""
    data = header + draw(st.binary(max_size=60))
    alphabet = draw(alphabets)
    fits = len(data) * 8 // 7 if alphabet is Alphabet.GSM7 else len(data)
    length = draw(st.sampled_from([fits, fits - 1, fits + 1]) | st.integers(0, fits))
    return data, max(length, 0), alphabet, has_header


def read_by_reference(
    data: bytes, length: int, alphabet: Alphabet | None, has_header: bool
) -> user_data.TakenApart | user_data.BrokenError:
    try:
        return user_data.take_apart(data, length, is_gsm7=alphabet is Alphabet.GSM7, has_header=has_header)
    except user_data.BrokenError as broken:
        return broken


@given(nearly_user_data() | st.tuples(anything, st.integers(0, 210), alphabets, st.booleans()))
@example((bytes(7), 8, Alphabet.GSM7, False))
@example((bytes(8), 9, Alphabet.GSM7, False))
def test_user_data_is_taken_apart_as_the_reference_does(given_data: tuple[bytes, int, Alphabet | None, bool]) -> None:
    data, length, alphabet, has_header = given_data
    expected = read_by_reference(data, length, alphabet, has_header)
    if isinstance(expected, user_data.BrokenError):
        with pytest.raises(UserDataError) as caught:
            decode_user_data(data, length, alphabet, has_header=has_header)
        assert (caught.value.field, caught.value.offset) == (expected.field, expected.offset)
        return
    found = decode_user_data(data, length, alphabet, has_header=has_header)
    assert [(item.identifier, item.data) for item in found.header.elements] == expected.elements
    assert found.units == expected.units
    assert found.alphabet is alphabet
    assert found == UserData(alphabet, expected.units, found.header)


@given(element_lists)
@example([(0x24, b"\x01"), (0x24, b"\x00")])
@example([(0x25, b"\x01"), (0x25, b"\x00")])
def test_headers_mean_what_the_reference_reads(elements: list[tuple[int, bytes]]) -> None:
    header = UserDataHeader(tuple(InformationElement(identifier, data) for identifier, data in elements))
    assert header.encode() == user_data.write_header(elements)
    read = UserDataHeader.decode(header.encode() + b"and text")
    assert read == header
    assert hash(read) == hash(header)
    assert pickle.loads(pickle.dumps(read)) == header
    for one in (header, read):
        found = one.concatenation
        expected = user_data.concatenation(elements)
        assert expected == (
            None if found is None else (found.reference, found.reference_bits, found.total, found.number)
        )
        tables = {table.shift: table.language_identifier for table in one.languages}
        single, locking = user_data.shifts(elements, set(languages.SINGLE), set(languages.LOCKING))
        assert (tables.get("single", 0), tables.get("locking", 0)) == (single, locking)


@given(header_octets, st.lists(st.integers(0, 127), max_size=160).map(bytes))
def test_text_is_read_as_the_reference_does(header: bytes, septets: bytes) -> None:
    read = UserDataHeader.decode(header)
    tables = {table.shift: table.language_identifier for table in read.languages}
    expected = languages.decode(septets, tables.get("single", 0), tables.get("locking", 0))
    assert UserData(Alphabet.GSM7, septets, read).text == expected


@given(st.binary(max_size=200), st.integers(0, 6), st.integers(0, 30))
def test_septets_unpack_as_the_reference_does(data: bytes, fill_bits: int, fewer: int) -> None:
    """Every length and every fill, so that the eight that are read at once meet every end."""
    count = max(0, (len(data) * 8 - fill_bits) // 7 - fewer) if data else 0
    assert unpack_septets(data, count, fill_bits) == reference_alphabet.unpack(data, count, fill_bits)


@given(st.lists(st.integers(0, 127), max_size=300).map(bytes), st.integers(0, 6))
def test_septets_that_were_packed_unpack(septets: bytes, fill_bits: int) -> None:
    assert unpack_septets(pack_septets(septets, fill_bits), len(septets), fill_bits) == septets
