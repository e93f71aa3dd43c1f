"""User data headers and what stands behind them: TP-UD of a short message (3GPP TS 23.040, 9.2.3.24).

How this works. User data with a header begins with UDHL, the number of header octets that follow; then come
information elements, each an identifier, a length and that many octets; then the text, for GSM-7 after fill bits that
bring it to a septet border. An element that is not understood is kept as it is.

Two departures from the letter of 9.2.3.24, both towards saying more. Where the last element does not end with the
header, the standard has a receiver ignore the whole header; here that is a UserDataError, since the text behind it
would be cut at a wrong place. And elements keep their order and repetitions, so that what is decoded encodes to the
same octets.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Self

from msgcore.errors import UserDataError
from msgcore.kernel.national import decode_national
from msgcore.kernel.septets import decode_gsm7, unpack_septets
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable, language_table

# 3GPP TS 23.040, 9.2.3.24, table of information element identifiers
CONCATENATION_8_BIT: Final = 0x00
CONCATENATION_16_BIT: Final = 0x08

MAX_USER_DATA_OCTETS: Final = 140


@dataclass(frozen=True, slots=True)
class InformationElement:
    """One item of a user data header: an identifier (0 to 255) and its octets."""

    identifier: int
    data: bytes = b""

    def __post_init__(self) -> None:
        """Refuse what has no octets on the wire."""
        if not 0 <= self.identifier <= 0xFF:
            raise ValueError(f"identifier must be 0 to 255, not {self.identifier}")
        if len(self.data) > MAX_USER_DATA_OCTETS - 3:  # UDHL, identifier and length stand beside it
            raise ValueError(f"data must be at most {MAX_USER_DATA_OCTETS - 3} octets, got {len(self.data)}")


@dataclass(frozen=True, slots=True)
class Concatenation:
    """What a concatenation element says: this is segment ``number`` of ``total``, tied by ``reference``."""

    reference: int
    reference_bits: int
    total: int
    number: int

    def element(self) -> InformationElement:
        """Return the information element that says so."""
        identifier = CONCATENATION_8_BIT if self.reference_bits == 8 else CONCATENATION_16_BIT
        reference = self.reference.to_bytes(self.reference_bits // 8, "big")
        return InformationElement(identifier, reference + bytes((self.total, self.number)))


@dataclass(frozen=True, slots=True)
class UserDataHeader:
    """The information elements of a user data header, in order.

    >>> header = UserDataHeader.decode(bytes.fromhex("0500030702010a"))
    >>> header
    UserDataHeader(elements=(InformationElement(identifier=0, data=b'\\x07\\x02\\x01'),))
    >>> header.concatenation
    Concatenation(reference=7, reference_bits=8, total=2, number=1)
    >>> header.encode().hex(" ")
    '05 00 03 07 02 01'
    """

    elements: tuple[InformationElement, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a header that does not fit into one short message."""
        if self.octet_count > MAX_USER_DATA_OCTETS:
            raise ValueError(
                f"a header has at most {MAX_USER_DATA_OCTETS} octets, these elements need {self.octet_count}"
            )

    @classmethod
    def decode(cls, octets: bytes) -> Self:
        """Read the header that ``octets`` begin with, from UDHL on; what stands behind it is not looked at.

        Raises:
            UserDataError: the header, or an element in it, ends beyond what is there.
        """
        if not octets:
            raise UserDataError("header.length", 0, "expected the length of a user data header, found nothing")
        end = octets[0] + 1
        if end > len(octets):
            raise UserDataError("header.length", 0, f"expected {octets[0]} octets to follow, found {len(octets) - 1}")
        if end > MAX_USER_DATA_OCTETS:
            raise UserDataError("header.length", 0, f"expected at most {MAX_USER_DATA_OCTETS - 1}, got {octets[0]}")
        return cls(tuple(_decode_elements(octets, end)))

    def encode(self) -> bytes:
        """Return the octets of the header, UDHL first."""
        body = b"".join(bytes((item.identifier, len(item.data))) + item.data for item in self.elements)
        return bytes((len(body),)) + body

    @property
    def octet_count(self) -> int:
        """How many octets the header takes, UDHL included."""
        return 1 + sum(2 + len(item.data) for item in self.elements)

    @property
    def concatenation(self) -> Concatenation | None:
        """What the last valid concatenation element says, or None.

        3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8: an element with a total of 0, a number of 0, or a number above the
        total is ignored. 9.2.3.24: of elements that repeat or exclude each other the last one counts.
        """
        for item in reversed(self.elements):
            found = _read_concatenation(item)
            if found is not None:
                return found
        return None

    @property
    def languages(self) -> tuple[LanguageTable, ...]:
        """The national language tables that the text behind is written in: none, one, or one of each shift.

        >>> UserDataHeader.decode(bytes.fromhex("03240101")).languages
        (LanguageTable(language='turkish', shift='single'),)

        3GPP TS 23.040, 9.2.3.24.15 and 9.2.3.24.16: the data is one octet, the language. An element of another length,
        or of a language that has no such table, is ignored; of several the last counts.
        """
        found = {}
        for item in self.elements:
            table = language_table(item.identifier, item.data[0]) if len(item.data) == 1 else None
            if table is not None:
                found[table.shift] = table
        return tuple(found[shift] for shift in ("single", "locking") if shift in found)


def _decode_elements(octets: bytes, end: int) -> Iterator[InformationElement]:
    offset = 1
    while offset < end:
        if offset + 2 > end:
            raise UserDataError(
                "header.element.length", offset + 1, "expected the element's length, the header ends before"
            )
        stop = offset + 2 + octets[offset + 1]
        if stop > end:
            raise UserDataError(
                "header.element.data",
                offset + 2,
                f"expected {octets[offset + 1]} octets, the header ends after {end - offset - 2}",
            )
        yield InformationElement(octets[offset], bytes(octets[offset + 2 : stop]))
        offset = stop


def _read_concatenation(item: InformationElement) -> Concatenation | None:
    reference_octets = {CONCATENATION_8_BIT: 1, CONCATENATION_16_BIT: 2}.get(item.identifier)
    if reference_octets is None or len(item.data) != reference_octets + 2:
        return None
    *_, total, number = item.data
    if number == 0 or number > total:  # a total of 0 leaves no number either
        return None
    return Concatenation(int.from_bytes(item.data[:reference_octets], "big"), reference_octets * 8, total, number)


@dataclass(frozen=True, slots=True)
class UserData:
    """User data taken apart: its header, and its text still in units.

    ``units`` holds septets, one to a byte, for GSM-7, and octets for UCS-2. They are kept because a text is only whole
    when its segments are joined: senders that are not careful cut between an escape and its code, or between the
    halves of a surrogate pair.
    """

    alphabet: Alphabet
    units: bytes
    header: UserDataHeader = UserDataHeader()

    @property
    def text(self) -> str:
        """The text of these units alone; see ``decode_units``."""
        return decode_units(self.units, self.alphabet, self.header.languages)


def decode_user_data(octets: bytes, user_data_length: int, alphabet: Alphabet, *, has_header: bool) -> UserData:
    """Take TP-UD apart.

    >>> decode_user_data(bytes.fromhex("e8329bfd06"), 5, Alphabet.GSM7, has_header=False).text
    'hello'

    Args:
        octets: TP-UD.
        user_data_length: TP-UDL: septets for GSM-7, octets for UCS-2, the header counted in.
        alphabet: what the data coding scheme selects.
        has_header: TP-UDHI.

    Raises:
        UserDataError: the header is broken, or the octets end before the text does.
    """
    if user_data_length < 0:
        raise ValueError(f"user_data_length must not be negative, got {user_data_length}")
    header = UserDataHeader.decode(octets) if has_header else UserDataHeader()
    header_octets = header.octet_count if has_header else 0
    if alphabet is Alphabet.UCS2:
        units = _octets_of_text(octets, user_data_length, header_octets)
    else:
        units = _septets_of_text(octets, user_data_length, header_octets)
    return UserData(alphabet, units, header)


def _octets_of_text(octets: bytes, length: int, header_octets: int) -> bytes:
    if length < header_octets:
        raise UserDataError("user_data_length", 0, f"expected at least the header's {header_octets}, got {length}")
    if length > len(octets):
        raise UserDataError("user_data", len(octets), f"expected {length} octets, they end before")
    return bytes(octets[header_octets:length])


def _septets_of_text(octets: bytes, length: int, header_octets: int) -> bytes:
    fill_bits = -header_octets * 8 % 7
    header_septets = (header_octets * 8 + fill_bits) // 7
    if length < header_septets:
        raise UserDataError("user_data_length", 0, f"expected at least the header's {header_septets}, got {length}")
    try:
        return unpack_septets(octets[header_octets:], length - header_septets, fill_bits)
    except UserDataError as error:
        raise UserDataError("user_data", len(octets), f"expected {length} septets, they end before") from error


def decode_units(units: bytes, alphabet: Alphabet, languages: Sequence[LanguageTable] = ()) -> str:
    r"""Return the text of septets (one to a byte) or of UCS-2 octets.

    >>> decode_units(b"\x20\xac", Alphabet.UCS2)
    '€'

    ``languages`` are the header's; UCS-2 has none. A code that a locking shift table leaves empty reads as U+FFFD, else
    GSM-7 never fails. In UCS-2, half of a surrogate pair, or half of a code unit at the end, reads as U+FFFD.
    """
    if alphabet is Alphabet.UCS2:
        return units.decode("utf-16-be", "replace")
    if not languages:
        return decode_gsm7(units)
    identifiers = {table.shift: table.language_identifier for table in languages}
    return decode_national(units, identifiers.get("single", 0), identifiers.get("locking", 0))


__all__ = ["Concatenation", "InformationElement", "UserData", "UserDataHeader", "decode_units", "decode_user_data"]
