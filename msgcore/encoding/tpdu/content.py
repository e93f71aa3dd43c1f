"""What a TPDU carries: TP-UD with all that says how to read it (3GPP TS 23.040, 9.2.3.16, 9.2.3.23 and 9.2.3.24).

Three fields that stand apart in a TPDU mean nothing without each other, so they are one record here: TP-UDHI says
whether a header comes first, TP-DCS what the rest is, and TP-UDL counts septets or octets by what TP-DCS says.
"""

from dataclasses import dataclass
from typing import Final, Self

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.segmentation import Segment
from msgcore.encoding.tpdu.data_coding import PLAIN_GSM7, DataCoding, MessageClass
from msgcore.encoding.tpdu.fields import as_declared, check_fields
from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.encoding.user_data import MAX_USER_DATA_OCTETS, UserData, UserDataHeader, decode_user_data
from msgcore.errors import UserDataError

MAX_SEPTETS: Final = MAX_USER_DATA_OCTETS * 8 // 7


@dataclass(frozen=True, slots=True)
class Content:
    """User data of a TPDU; ``user_data_length`` is TP-UDL: septets for GSM-7, else octets, the header counted in.

    >>> Content(bytes.fromhex("e8329bfd06"), 5).text
    'hello'
    >>> Content.of_octets(b"\\x01\\x02").text is None
    True
    """

    user_data: bytes = b""
    user_data_length: int = 0
    data_coding: DataCoding = PLAIN_GSM7
    has_header: bool = False

    def __post_init__(self) -> None:
        """Refuse what no receiver could read."""
        check_fields(self)
        if self.data_coding.is_compressed:
            raise ValueError("compressed user data is not supported")
        if not 0 <= self.user_data_length <= _max_length(self.data_coding):
            raise ValueError(
                f"user_data_length must be 0 to {_max_length(self.data_coding)}, not {self.user_data_length}"
            )
        expected = _octet_count(self.user_data_length, self.data_coding)
        if len(self.user_data) != expected:
            raise ValueError(
                f"a user_data_length of {self.user_data_length} takes {expected} octets, got {len(self.user_data)}"
            )
        try:
            _take_apart(self.user_data, self.user_data_length, self.data_coding, self.has_header)
        except UserDataError as error:
            raise ValueError(str(error)) from error

    @classmethod
    def of_segment(cls, segment: Segment, message_class: MessageClass | None = None) -> Self:
        """Return the content that carries a segment."""
        as_declared("segment", segment, Segment)
        data_coding = DataCoding.of(segment.alphabet, message_class)
        return cls(segment.user_data, segment.user_data_length, data_coding, bool(segment.header))

    @classmethod
    def of_octets(
        cls, data: bytes, header: UserDataHeader | None = None, message_class: MessageClass | None = None
    ) -> Self:
        """Return the content that carries 8-bit data, perhaps behind a header with ports."""
        as_declared("header", header, UserDataHeader, type(None))
        data = as_declared("data", data, bytes)
        user_data = data if header is None else header.encode() + data
        return cls(user_data, len(user_data), DataCoding.of(None, message_class), header is not None)

    @classmethod
    def read(cls, reader: OctetReader, data_coding: DataCoding, *, has_header: bool) -> Self:
        """Take TP-UDL and TP-UD from ``reader``."""
        length_offset = reader.offset
        length = reader.octet("user_data_length")
        if length > _max_length(data_coding):
            raise UserDataError(
                "user_data_length", length_offset, f"expected at most {_max_length(data_coding)}, got {length}"
            )
        start = reader.offset
        user_data = reader.take(_octet_count(length, data_coding), "user_data")
        try:
            _take_apart(user_data, length, data_coding, has_header)
        except UserDataError as error:
            offset = length_offset if error.field == "user_data_length" else start + error.offset
            raise UserDataError(error.field, offset, error.reason) from error
        return cls(user_data, length, data_coding, has_header)

    def encode(self) -> bytes:
        """Return TP-UDL and TP-UD."""
        return bytes((self.user_data_length,)) + self.user_data

    def take_apart(self) -> UserData:
        """Return header and units, as ``Reassembler`` takes them; of 8-bit data the units are its octets."""
        return _take_apart(self.user_data, self.user_data_length, self.data_coding, self.has_header)

    @property
    def header(self) -> UserDataHeader | None:
        """The user data header, or None without one."""
        return self.take_apart().header if self.has_header else None

    @property
    def text(self) -> str | None:
        """The text of this message alone, or None for 8-bit data."""
        return self.take_apart().text

    @property
    def data(self) -> bytes | None:
        """The octets behind the header, or None where they are text."""
        return self.take_apart().units if self.data_coding.alphabet is None else None


def read_data_coding(reader: OctetReader) -> DataCoding:
    """Take TP-DCS from ``reader``; a text that is compressed (3GPP TS 23.042) is refused."""
    data_coding = DataCoding(reader.octet("data_coding"))
    if data_coding.is_compressed:
        raise UserDataError("data_coding", reader.offset - 1, "compressed user data is not supported")
    return data_coding


def _max_length(data_coding: DataCoding) -> int:
    return MAX_SEPTETS if data_coding.alphabet is Alphabet.GSM7 else MAX_USER_DATA_OCTETS


def _octet_count(length: int, data_coding: DataCoding) -> int:
    return (length * 7 + 7) // 8 if data_coding.alphabet is Alphabet.GSM7 else length


def _take_apart(user_data: bytes, length: int, data_coding: DataCoding, has_header: bool) -> UserData:
    return decode_user_data(user_data, length, data_coding.alphabet, has_header=has_header)


__all__ = ["Content"]
