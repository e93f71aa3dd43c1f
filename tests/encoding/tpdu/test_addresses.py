"""Addresses, by examples."""

import pytest

from msgcore.encoding.tpdu import Address, TypeOfNumber, encode_service_centre, split_service_centre
from msgcore.errors import EncodingError, NumberError, UserDataError

INTERNATIONAL, NATIONAL, NAME = TypeOfNumber.INTERNATIONAL, TypeOfNumber.NATIONAL, TypeOfNumber.ALPHANUMERIC


@pytest.mark.parametrize(
    ("address", "octets"),
    [
        (Address(""), "0081"),
        (Address("1"), "0181f1"),
        (Address("12"), "028121"),
        (Address("46708251358", INTERNATIONAL), "0b916407281553f8"),
        (Address("85291234567", INTERNATIONAL), "0b915892214365f7"),
        (Address("9195550123", NATIONAL), "0aa11959551032"),
        (Address("*100#", TypeOfNumber.UNKNOWN), "05811a00fb"),
        (Address("0*#abc"), "0681a0cbed"),
        (Address("27838890001", TypeOfNumber.SUBSCRIBER, 7), "0bc77238880900f1"),
        (Address("12345678901234567890", INTERNATIONAL), "149121436587092143658709"),
        (Address("", NAME, 0), "00d0"),
        (Address("a", NAME, 0), "02d061"),
        (Address("Vodafone", NAME, 0), "0ed0d637396c7ebbcb"),
        (Address("Vodafon", NAME, 0), "0dd0d637396c7ebb01"),
        (Address("Design@Home", NAME, 0), "14d0c4f23c7d760390ef7619"),
        (Address("a€", NAME, 0), "06d0e14d19"),
    ],
)
def test_addresses_encode_and_decode(address: Address, octets: str) -> None:
    assert address.encode().hex() == octets
    assert Address.decode(bytes.fromhex(octets)) == address


def test_what_stands_behind_an_address_is_not_looked_at() -> None:
    assert Address.decode(bytes.fromhex("0181f1ffff")) == Address("1")


def test_the_half_octet_that_fills_up_is_not_looked_at() -> None:
    assert Address.decode(bytes.fromhex("018101")) == Address("1")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("+46708251358", Address("46708251358", INTERNATIONAL)),
        ("12345", Address("12345")),
        ("*100#", Address("*100#")),
        ("Acme", Address("Acme", NAME, 0)),
        ("7-Eleven", Address("7-Eleven", NAME, 0)),
        ("bad", Address("bad", NAME, 0)),
    ],
)
def test_an_address_is_read_as_a_person_means_it(text: str, address: Address) -> None:
    assert Address.of(text) == address
    assert str(address) == text


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("+", 1, "expected digits, got nothing"),
        ("++1", 1, "a number has only 0123456789, got '+'"),
        ("+12a", 3, "a number has only 0123456789, got 'a'"),
        ("+1*", 2, "a number has only 0123456789, got '*'"),
        ("+1 919 555 0123", 2, "a number has only 0123456789, got ' '"),
        ("+Acme", 1, "a number has only 0123456789, got 'A'"),
        ("+१२", 1, "a number has only 0123456789, got '१'"),
        ("555-0100", 3, "a number has only 0123456789*#, got '-'"),
        (" 12345", 0, "a number has only 0123456789*#, got ' '"),
        ("12345\n", 5, r"a number has only 0123456789*#, got '\n'"),
        ("(919) 555.0123", 0, "a number has only 0123456789*#, got '('"),
        ("１２３", 0, "a number has only 0123456789*#, got '１'"),
        ("24/7", 2, "a number has only 0123456789*#, got '/'"),
        ("-", 0, "a number has only 0123456789*#, got '-'"),
    ],
)
def test_what_is_meant_as_a_number_is_never_read_as_a_name(text: str, position: int, reason: str) -> None:
    with pytest.raises(NumberError) as caught:
        Address.of(text)
    assert (caught.value.text, caught.value.position, caught.value.reason) == (text, position, reason)


def test_a_name_without_letters_is_made_with_its_type() -> None:
    assert str(Address.decode(Address("24/7", NAME, 0).encode())) == "24/7"


def test_a_name_is_told_from_a_number() -> None:
    assert Address.of("Acme").is_name
    assert not Address.of("123").is_name


@pytest.mark.parametrize(
    ("octets", "field", "offset"),
    [
        ("", "address.length", 0),
        ("01", "address.type", 1),
        ("1591", "address.length", 0),
        ("15d0", "address.length", 0),
        ("0111f1", "address.type", 1),
        ("0391", "address.value", 2),
        ("039121", "address.value", 2),
        ("0291f1", "address.value", 2),
        ("049121f3", "address.value", 3),
        ("0ed0d637", "address.value", 2),
    ],
)
def test_a_broken_address_is_refused_with_its_place(octets: str, field: str, offset: int) -> None:
    with pytest.raises(UserDataError) as caught:
        Address.decode(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_what_has_no_octets_is_refused_when_made() -> None:
    with pytest.raises(ValueError, match="at most 20 digits, '123456789012345678901' has 21"):
        Address("123456789012345678901")
    with pytest.raises(ValueError, match=r"position 1: a number has only 0123456789\*#abc, got 'x'"):
        Address("1x")
    with pytest.raises(ValueError, match="at most 11 septets, 'elf Zeichen€' needs 13"):
        Address("elf Zeichen€", NAME)
    with pytest.raises(EncodingError):
        Address.of("中文")
    with pytest.raises(ValueError, match="numbering_plan must be 0 to 15, not 16"):
        Address("1", numbering_plan=16)
    with pytest.raises(ValueError, match="must not be empty"):
        Address.of("")


@pytest.mark.parametrize(
    ("address", "octets"),
    [
        (None, "00"),
        (Address.of("+27381000015"), "07917283010010f5"),
        (Address("1234", NATIONAL), "03a12143"),
        (Address("12"), "028121"),
        (Address(""), "0181"),
    ],
)
def test_service_centres_encode_and_split(address: Address | None, octets: str) -> None:
    assert encode_service_centre(address).hex() == octets
    assert split_service_centre(bytes.fromhex(octets + "0123")) == (address, b"\x01\x23")


@pytest.mark.parametrize(
    ("octets", "field", "offset"),
    [
        ("", "service_centre.length", 0),
        ("0c91", "service_centre.length", 0),
        ("0291", "service_centre.length", 0),
        ("0211f1", "service_centre.type", 1),
        ("0391f121", "service_centre.value", 2),
    ],
)
def test_a_broken_service_centre_is_refused_with_its_place(octets: str, field: str, offset: int) -> None:
    with pytest.raises(UserDataError) as caught:
        split_service_centre(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_a_service_centre_has_no_name() -> None:
    with pytest.raises(ValueError, match="not the name 'Acme'"):
        encode_service_centre(Address.of("Acme"))
