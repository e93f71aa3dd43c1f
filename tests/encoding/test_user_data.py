"""User data headers, by examples."""

import copy
import pickle
from typing import Any

import pytest

from msgcore.encoding.alphabet import pack_septets
from msgcore.encoding.user_data import (
    Concatenation,
    InformationElement,
    UserData,
    UserDataHeader,
    decode_units,
    decode_user_data,
)
from msgcore.errors import EncodingError, UserDataError
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


def packed(*septets: int) -> tuple[bytes, int]:
    return pack_septets(bytes(septets)), len(septets)


@pytest.mark.parametrize(
    ("name", "user_data", "text"),
    [
        ("seven spare zero bits are no @", (packed(*b"1234567")[0], 7), "1234567"),
        ("the same octets with an @ that is meant", (packed(*b"1234567")[0] + b"", 8), "1234567@"),
        ("eight septets in seven octets", packed(*b"12345678"), "12345678"),
        ("extension", packed(0x1B, 0x65), "€"),
        ("a code that the extension table lacks", packed(0x1B, 0x61), "a"),
        ("two escapes", packed(0x1B, 0x1B, 0x61), " a"),
        ("three escapes", packed(0x1B, 0x1B, 0x1B, 0x65), " €"),
        ("an escape at the end", packed(0x61, 0x1B), "a "),
        ("an escape alone", packed(0x1B), " "),
        ("Greek beside ASCII", packed(*b"abcdefghijklmnop", 0x10), "abcdefghijklmnopΔ"),
        ("an accent beside ASCII", packed(*b"abcdefghijklmnop", 0x05), "abcdefghijklmnopé"),
        ("what ASCII has elsewhere", packed(0x00, 0x02, 0x11, 0x24, 0x40), "@$_¤¡"),
    ],
)
def test_septets_read_as_the_standard_says(name: str, user_data: tuple[bytes, int], text: str) -> None:
    assert decode_user_data(*user_data, Alphabet.GSM7, has_header=False).text == text, name


def test_8_bit_data_has_octets_and_no_text() -> None:
    octets = bytes.fromhex("0605040b8423f0") + bytes(range(0x80, 0x90))
    data = decode_user_data(octets, len(octets), None, has_header=True)
    assert (data.alphabet, data.text, data.units) == (None, None, octets[7:])
    assert data.header.elements == (InformationElement(0x05, bytes.fromhex("0b8423f0")),)
    assert decode_user_data(octets[7:], 16, None, has_header=False).units == octets[7:]


def test_octets_come_in_any_buffer_and_nothing_else() -> None:
    octets = bytes.fromhex("050003010201c2")
    expected = decode_user_data(octets, 8, Alphabet.GSM7, has_header=True)
    strided = memoryview(bytes(value for octet in octets for value in (octet, 0)))[::2]
    for given in (bytearray(octets), memoryview(octets), strided):
        assert decode_user_data(given, 8, Alphabet.GSM7, has_header=True) == expected
        assert UserDataHeader.decode(given) == expected.header
    for wrong in ("0500", 7, None, [5, 0]):
        with pytest.raises(TypeError):
            decode_user_data(wrong, 8, Alphabet.GSM7, has_header=True)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            UserDataHeader.decode(wrong)  # type: ignore[arg-type]


def test_user_data_does_not_follow_a_buffer_that_changes() -> None:
    octets = bytearray.fromhex("006100620063")
    data = decode_user_data(octets, 6, Alphabet.UCS2, has_header=False)
    octets[1] = 0x7A
    assert data.text == "abc"


def test_every_length_and_identifier_of_an_element_is_kept() -> None:
    for length in range(138):
        element = InformationElement(0xFF - length, bytes(range(0xFF, 0xFF - length, -1)))
        assert UserDataHeader.decode(UserDataHeader((element,)).encode()).elements == (element,)


@pytest.mark.parametrize("alphabet", ["GSM-7", "UCS-2", 0, "8-bit"])
def test_an_alphabet_is_an_alphabet(alphabet: Any) -> None:
    for call in (
        lambda: decode_user_data(b"", 0, alphabet, has_header=False),
        lambda: UserData(alphabet, b""),
        lambda: decode_units(b"", alphabet),
    ):
        with pytest.raises(TypeError, match=f"alphabet must be an Alphabet.*not {alphabet!r}"):
            call()


def test_what_is_no_septet_is_refused_when_made() -> None:
    for call in (lambda: UserData(Alphabet.GSM7, b"ab\x80"), lambda: decode_units(b"ab\x80", Alphabet.GSM7)):
        with pytest.raises(EncodingError, match="position 2: expected a septet") as caught:
            call()
        assert caught.value.position == 2
    assert UserData(Alphabet.UCS2, b"\x80\x80").text == "\u8080"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((256, 8, 2, 1), "reference must be 0 to 255 in 8 bits, not 256"),
        ((65536, 16, 2, 1), "reference must be 0 to 65535 in 16 bits, not 65536"),
        ((-1, 8, 2, 1), "reference must be 0 to 255"),
        ((0, 7, 2, 1), "reference_bits must be 8 or 16, not 7"),
        ((0, 8, 2, 0), "got number 0 of 2"),
        ((0, 8, 2, 3), "got number 3 of 2"),
        ((0, 8, 256, 1), "got number 1 of 256"),
    ],
)
def test_a_concatenation_without_meaning_is_refused_when_made(fields: tuple[int, int, int, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Concatenation(*fields)


def test_records_take_the_types_that_they_say() -> None:
    for call in (
        lambda: InformationElement("5"),  # type: ignore[arg-type]
        lambda: InformationElement(5, "x"),  # type: ignore[arg-type]
        lambda: UserDataHeader((b"x",)),  # type: ignore[arg-type]
        lambda: UserData(Alphabet.GSM7, "x"),  # type: ignore[arg-type]
        lambda: UserData(Alphabet.GSM7, b"x", b"\x00"),  # type: ignore[arg-type]
        lambda: UserData(Alphabet.GSM7, b"x", None),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            call()


def test_records_do_not_change() -> None:
    header = UserDataHeader.decode(bytes.fromhex("050003070201"))
    assert header.concatenation is not None
    for record, field in (
        (header, "elements"),
        (header.elements[0], "data"),
        (header.concatenation, "total"),
        (UserData(Alphabet.GSM7, b"a"), "units"),
    ):
        with pytest.raises(AttributeError):
            setattr(record, field, getattr(record, field))


def test_a_length_is_not_negative() -> None:
    with pytest.raises(ValueError, match="user_data_length must not be negative"):
        decode_user_data(b"", -1, Alphabet.GSM7, has_header=False)


def test_records_have_equality_hash_and_pickle() -> None:
    header = UserDataHeader.decode(bytes.fromhex("050003070201"))
    for record in (
        header,
        header.elements[0],
        header.concatenation,
        UserData(Alphabet.GSM7, b"a", header),
        UserData(None, b"a"),
    ):
        assert pickle.loads(pickle.dumps(record)) == record
        assert hash(pickle.loads(pickle.dumps(record))) == hash(record)
        assert type(record).__name__ in repr(record)
        assert copy.deepcopy(record) == record
        other: Any = header.octet_count
        assert record != other
        assert not record == other  # noqa: SIM201  # each operator is written by hand


def test_records_differ_when_a_field_does() -> None:
    header = UserDataHeader.decode(bytes.fromhex("050003070201"))
    records = [
        header,
        UserDataHeader(),
        InformationElement(0, b"a"),
        InformationElement(1, b"a"),
        InformationElement(0, b"b"),
        *(Concatenation(*fields) for fields in [(7, 8, 2, 1), (6, 8, 2, 1), (7, 16, 2, 1), (7, 8, 3, 1), (7, 8, 2, 2)]),
        UserData(Alphabet.GSM7, b"a"),
        UserData(Alphabet.UCS2, b"a"),
        UserData(None, b"a"),
        UserData(Alphabet.GSM7, b"b"),
        UserData(Alphabet.GSM7, b"a", header),
    ]
    for index, one in enumerate(records):
        for other_index, other in enumerate(records):
            assert (one == other) == (index == other_index)
            assert (one != other) == (index != other_index)


def test_records_can_be_matched() -> None:
    match UserDataHeader.decode(bytes.fromhex("050003070201")):
        case UserDataHeader((InformationElement(identifier, data),)):
            assert (identifier, data) == (0, b"\x07\x02\x01")
        case _:
            raise AssertionError("no match")
