"""Addresses of short messages: who sends and who receives, digits or a name (3GPP TS 23.040, 9.1.2.5).

How this works. An address is a length, a type-of-address octet and up to ten octets of value. Digits stand two to an
octet, the first in the low half; an odd one is followed by a half octet of ones. A name is packed GSM-7. The length
counts *half octets that are used*, of digits and of a name alike: 7 letters take 49 bits, so 13 halves in 7 octets.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from msgcore.encoding.alphabet import decode_gsm7, encode_gsm7, pack_septets, unpack_septets
from msgcore.encoding.tpdu.fields import as_declared, check_fields
from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.errors import NumberError, UserDataError

# 9.1.2.3: "1010 *, 1011 #, 1100 a, 1101 b, 1110 c"; 1111 fills up.
DIGITS: Final = "0123456789*#abc"
_DIALLED: Final = "0123456789*#"
_INTERNATIONAL: Final = "0123456789"
_FILL: Final = 0xF

MAX_DIGITS: Final = 20  # 9.1.2.5: the whole field has at most 12 octets, two of them length and type
MAX_NAME_SEPTETS: Final = 11

TELEPHONE_PLAN: Final = 1  # ISDN/telephone numbering plan, ITU-T E.164
UNKNOWN_PLAN: Final = 0

_ALWAYS_SET: Final = 0x80


class TypeOfNumber(IntEnum):
    """How a number is to be read (3GPP TS 23.040, 9.1.2.5: bits 6 to 4 of the type of address)."""

    UNKNOWN = 0
    """As dialled: no information, or none that the network needs."""

    INTERNATIONAL = 1
    """Country code first; the ``+`` is not part of the digits."""

    NATIONAL = 2
    """Within a country, without trunk prefix."""

    NETWORK_SPECIFIC = 3
    """A number of administration or service within a network."""

    SUBSCRIBER = 4
    """A short number kept by the service centre."""

    ALPHANUMERIC = 5
    """No number but a name, in GSM-7."""

    ABBREVIATED = 6
    """A short code."""

    RESERVED = 7
    """For extension."""


@dataclass(frozen=True, slots=True)
class Address:
    """A number or a name; ``value`` is its digits (``0-9 * # a b c``), or for ALPHANUMERIC its text.

    >>> Address.of("+19195550123")
    Address(value='19195550123', type_of_number=<TypeOfNumber.INTERNATIONAL: 1>, numbering_plan=1)
    >>> Address.of("+19195550123").encode().hex(" ")
    '0b 91 91 91 55 05 21 f3'
    >>> str(Address.decode(bytes.fromhex("0ed0d637396c7ebbcb")))
    'Vodafone'
    """

    value: str
    type_of_number: TypeOfNumber = TypeOfNumber.UNKNOWN
    numbering_plan: int = TELEPHONE_PLAN

    def __post_init__(self) -> None:
        """Refuse what has no octets."""
        check_fields(self)
        if not 0 <= self.numbering_plan <= 0xF:
            raise ValueError(f"numbering_plan must be 0 to 15, not {self.numbering_plan}")
        if self.is_name:
            septet_count = len(encode_gsm7(self.value))
            if septet_count > MAX_NAME_SEPTETS:
                raise ValueError(f"a name has at most {MAX_NAME_SEPTETS} septets, {self.value!r} needs {septet_count}")
            return
        if len(self.value) > MAX_DIGITS:
            raise ValueError(f"a number has at most {MAX_DIGITS} digits, {self.value!r} has {len(self.value)}")
        _check_digits(self.value, DIGITS)

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the address that a person means: ``+`` and digits, digits as dialled, or a name.

        >>> Address.of("Acme").type_of_number
        <TypeOfNumber.ALPHANUMERIC: 5>

        A name has a letter and does not begin with ``+``; all else is meant as a number, written without separators.
        A name such as ``24/7`` is made with its type: ``Address("24/7", TypeOfNumber.ALPHANUMERIC, 0)``.

        Raises:
            NumberError: ``text`` is meant as a number, but is none.
            ValueError: the number or the name is too long, or ``text`` is empty.
            EncodingError: the name has a character that is not in GSM-7.
        """
        as_declared("text", text, str)
        if not text:
            raise ValueError("an address must not be empty")
        if text == "+":
            raise NumberError(text, 1, "expected digits, got nothing")
        if text.startswith("+"):
            _check_digits(text, _INTERNATIONAL, start=1)
            return cls(text[1:], TypeOfNumber.INTERNATIONAL)
        if any(map(str.isalpha, text)):
            return cls(text, TypeOfNumber.ALPHANUMERIC, UNKNOWN_PLAN)
        _check_digits(text, _DIALLED)
        return cls(text)

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read the address field that ``octets`` begin with; what stands behind it is not looked at.

        A name whose length was rounded up to whole octets, as some senders do, ends with an ``@`` that may be meant or
        not: the zero bits are there and the length counts them.

        Raises:
            UserDataError: the field ends too early, is too long, or has a half octet that is no digit.
        """
        return cls.read(OctetReader(octets), "address")

    @classmethod
    def read(cls, reader: OctetReader, field: str) -> Self:
        """Take an address field from ``reader``; errors begin with the name ``field``."""
        start = reader.offset
        half_octets = reader.octet(f"{field}.length")
        if half_octets > MAX_DIGITS:
            raise UserDataError(f"{field}.length", start, f"expected at most {MAX_DIGITS}, got {half_octets}")
        return cls._read_value(reader, field, half_octets)

    @classmethod
    def _read_value(cls, reader: OctetReader, field: str, half_octets: int) -> Self:
        type_of_address = reader.octet(f"{field}.type")
        if not type_of_address & _ALWAYS_SET:
            raise UserDataError(
                f"{field}.type", reader.offset - 1, f"expected the highest bit set, got {type_of_address:#04x}"
            )
        type_of_number, plan = TypeOfNumber(type_of_address >> 4 & 0b111), type_of_address & 0xF
        start = reader.offset
        octets = reader.take((half_octets + 1) // 2, f"{field}.value")
        if type_of_number is TypeOfNumber.ALPHANUMERIC:
            value = decode_gsm7(unpack_septets(octets, half_octets * 4 // 7))
        else:
            value = _read_digits(octets, half_octets, f"{field}.value", start)
        return cls(value, type_of_number, plan)

    def encode(self) -> bytes:
        """Return the octets of the address field, its length first."""
        if self.is_name:
            septets = encode_gsm7(self.value)
            half_octets, value = (len(septets) * 7 + 3) // 4, pack_septets(septets)
        else:
            half_octets, value = len(self.value), _write_digits(self.value)
        return bytes((half_octets, self.type_of_address)) + value

    @property
    def type_of_address(self) -> int:
        """The octet that says what kind of address it is."""
        return _ALWAYS_SET | self.type_of_number << 4 | self.numbering_plan

    @property
    def is_name(self) -> bool:
        """Whether it is a name, to which nobody can answer."""
        return self.type_of_number is TypeOfNumber.ALPHANUMERIC

    def __str__(self) -> str:
        return f"+{self.value}" if self.type_of_number is TypeOfNumber.INTERNATIONAL else self.value


def _check_digits(text: str, digits: str, start: int = 0) -> None:
    """Refuse a number with anything but ``digits`` from ``start`` on."""
    for position, digit in enumerate(text[start:], start):
        if digit not in digits:
            raise NumberError(text, position, f"a number has only {digits}, got {digit!r}")


def _write_digits(digits: str) -> bytes:
    halves = [DIGITS.index(digit) for digit in digits]
    if len(halves) % 2:
        halves.append(_FILL)
    return bytes(low | high << 4 for low, high in zip(halves[::2], halves[1::2], strict=True))


def _read_digits(octets: bytes, count: int, field: str, start: int) -> str:
    """Read digits; the half octet that fills up an odd number of them is not looked at."""
    halves = [half for octet in octets for half in (octet & 0xF, octet >> 4)][:count]
    for index, half in enumerate(halves):
        if half == _FILL:
            raise UserDataError(field, start + index // 2, f"expected {count} digits, the filler stands for one")
    return "".join(DIGITS[half] for half in halves)


def encode_service_centre(address: Address | None = None) -> bytes:
    """Return what a modem wants before a TPDU: the service centre's address, or None for the one on the SIM.

    >>> encode_service_centre(Address.of("+27381000015")).hex(" ")
    '07 91 72 83 01 00 10 f5'
    >>> encode_service_centre().hex()
    '00'

    Here the length counts octets, the type of address among them (3GPP TS 24.011, 8.2.5.1).
    """
    as_declared("address", address, Address, type(None))
    if address is None:
        return b"\x00"
    if address.is_name:
        raise ValueError(f"a service centre has a number, not the name {address.value!r}")
    _, *field = address.encode()
    return bytes((len(field), *field))


def split_service_centre(octets: bytes) -> tuple[Address | None, bytes]:
    """Take apart what a modem gives: the service centre's address, None where it left that out, and the TPDU.

    Raises:
        UserDataError: the address ends too early, is too long, or has a half octet that is no digit.
    """
    reader = OctetReader(octets)
    length = reader.octet("service_centre.length")
    if length == 0:
        return None, reader.octets[1:]
    if length > 1 + MAX_DIGITS // 2:
        raise UserDataError("service_centre.length", 0, f"expected at most {1 + MAX_DIGITS // 2}, got {length}")
    if length + 1 > len(reader.octets):
        raise UserDataError(
            "service_centre.length", 0, f"expected {length} octets to follow, found {len(reader.octets) - 1}"
        )
    odd = length > 1 and reader.octets[length] >> 4 == _FILL
    address = Address._read_value(reader, "service_centre", 2 * (length - 1) - odd)
    return address, reader.octets[reader.offset :]


__all__ = ["Address", "TypeOfNumber", "encode_service_centre", "split_service_centre"]
