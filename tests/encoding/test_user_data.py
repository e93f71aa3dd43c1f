"""User data headers, by examples."""

import pickle

import pytest

from msgcore.encoding.user_data import (
    Concatenation,
    InformationElement,
    UserData,
    UserDataHeader,
    decode_units,
    decode_user_data,
)
from msgcore.errors import UserDataError
from msgcore.tables.alphabets import Alphabet


@pytest.mark.parametrize(
    ("octets", "elements"),
    [
        ("00", []),
        ("050003ab0201", [(0x00, "ab0201")]),
        ("060804abcd0201", [(0x08, "abcd0201")]),
        ("0605041f4000007f", [(0x05, "1f400000")]),  # application ports, and text behind
        ("0700030102017000", [(0x00, "010201"), (0x70, "")]),
        ("0b" + "0003010201" + "050400112233", [(0x00, "010201"), (0x05, "00112233")]),
    ],
)
def test_headers_decode_and_encode(octets: str, elements: list[tuple[int, str]]) -> None:
    data = bytes.fromhex(octets)
    header = UserDataHeader.decode(data)
    assert [(item.identifier, item.data.hex()) for item in header.elements] == elements
    assert header.encode() == data[: header.octet_count]


@pytest.mark.parametrize(
    ("octets", "field", "offset"),
    [
        ("", "header.length", 0),
        ("01", "header.length", 0),
        ("05000301", "header.length", 0),
        ("8c" + "00" * 140, "header.length", 0),
        ("0100", "header.element.length", 2),
        ("0400030102", "header.element.data", 3),
        ("06" + "000301020170", "header.element.length", 7),
        ("07" + "0003010201" + "7001", "header.element.data", 8),
    ],
)
def test_a_broken_header_is_refused_with_its_place(octets: str, field: str, offset: int) -> None:
    with pytest.raises(UserDataError) as caught:
        UserDataHeader.decode(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.offset) == (field, offset)


@pytest.mark.parametrize(
    ("name", "elements", "expected"),
    [
        ("none", [], None),
        ("8 bits", ["00:070201"], (7, 8, 2, 1)),
        ("16 bits", ["08:01070201"], (263, 16, 2, 1)),
        ("reference 0 is legal", ["00:000201"], (0, 8, 2, 1)),
        ("total 1 is legal", ["00:000101"], (0, 8, 1, 1)),
        ("total 0", ["00:070001"], None),
        ("total 0, number 0", ["00:070000"], None),
        ("number 0", ["00:070200"], None),
        ("number above total", ["00:070203"], None),
        ("too short", ["00:0702"], None),
        ("too long", ["00:07020100"], None),
        ("8-bit content under the 16-bit identifier", ["08:070201"], None),
        ("repeated: the last counts", ["00:070201", "00:080302"], (8, 8, 3, 2)),
        ("exclusive: the last counts", ["00:070201", "08:00080302"], (8, 16, 3, 2)),
        ("exclusive, other order", ["08:00080302", "00:070201"], (7, 8, 2, 1)),
        ("the last valid one counts", ["00:070201", "00:080003"], (7, 8, 2, 1)),
        ("between others", ["05:1f400000", "00:070201", "70:"], (7, 8, 2, 1)),
    ],
)
def test_concatenation(name: str, elements: list[str], expected: tuple[int, int, int, int] | None) -> None:
    items = [item.split(":") for item in elements]
    header = UserDataHeader(tuple(InformationElement(int(key, 16), bytes.fromhex(data)) for key, data in items))
    found = UserDataHeader.decode(header.encode()).concatenation
    assert found == (None if expected is None else Concatenation(*expected)), name
    if found is not None:
        assert UserDataHeader((found.element(),)).concatenation == found


def test_what_does_not_fit_is_refused_when_made() -> None:
    with pytest.raises(ValueError, match="identifier must be 0 to 255, not 256"):
        InformationElement(256)
    with pytest.raises(ValueError, match="data must be at most 137 octets, got 138"):
        InformationElement(0, bytes(138))
    with pytest.raises(ValueError, match="at most 140 octets, these elements need 143"):
        UserDataHeader((InformationElement(0x70, bytes(137)), InformationElement(0x71, b"x")))


@pytest.mark.parametrize(
    ("octets", "length", "alphabet", "has_header", "text"),
    [
        ("", 0, Alphabet.GSM7, False, ""),
        ("e8329bfd06", 5, Alphabet.GSM7, False, "hello"),
        ("e8329bfd06", 4, Alphabet.GSM7, False, "hell"),
        ("4e2d", 2, Alphabet.UCS2, False, "中"),
        ("0500030102014e2d", 8, Alphabet.UCS2, True, "中"),
        ("050003010201c2", 8, Alphabet.GSM7, True, "a"),
        ("06080400010201e1", 9, Alphabet.GSM7, True, "a"),
        ("0061d83dde00", 6, Alphabet.UCS2, False, "a😀"),
        ("0061d83d", 4, Alphabet.UCS2, False, "a\ufffd"),
        ("006100", 3, Alphabet.UCS2, False, "a\ufffd"),
        ("050003010201", 7, Alphabet.GSM7, True, ""),
        ("050003010201", 6, Alphabet.UCS2, True, ""),
    ],
)
def test_user_data_is_taken_apart(octets: str, length: int, alphabet: Alphabet, has_header: bool, text: str) -> None:
    data = decode_user_data(bytes.fromhex(octets), length, alphabet, has_header=has_header)
    assert data.text == text
    assert decode_units(data.units, alphabet) == text


@pytest.mark.parametrize(
    ("octets", "length", "alphabet", "has_header", "field", "offset"),
    [
        ("e8329b", 5, Alphabet.GSM7, False, "user_data", 3),
        ("4e2d", 4, Alphabet.UCS2, False, "user_data", 2),
        ("050003010201", 5, Alphabet.UCS2, True, "user_data_length", 0),
        ("050003010201", 6, Alphabet.GSM7, True, "user_data_length", 0),
        ("050003010201c2", 10, Alphabet.GSM7, True, "user_data", 7),
        ("0500", 10, Alphabet.GSM7, True, "header.length", 0),
    ],
)
def test_broken_user_data_is_refused_with_its_place(
    octets: str, length: int, alphabet: Alphabet, has_header: bool, field: str, offset: int
) -> None:
    with pytest.raises(UserDataError) as caught:
        decode_user_data(bytes.fromhex(octets), length, alphabet, has_header=has_header)
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_a_length_is_not_negative() -> None:
    with pytest.raises(ValueError, match="user_data_length must not be negative"):
        decode_user_data(b"", -1, Alphabet.GSM7, has_header=False)


def test_records_have_equality_hash_and_pickle() -> None:
    header = UserDataHeader.decode(bytes.fromhex("050003070201"))
    for record in (header, header.elements[0], header.concatenation, UserData(Alphabet.GSM7, b"a", header)):
        assert pickle.loads(pickle.dumps(record)) == record
        assert hash(pickle.loads(pickle.dumps(record))) == hash(record)
        assert type(record).__name__ in repr(record)
