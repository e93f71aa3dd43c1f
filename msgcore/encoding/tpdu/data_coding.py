"""The data coding scheme, TP-DCS: which alphabet, which class, which waiting messages (3GPP TS 23.038, clause 4).

How this works. The upper half of the octet names a coding group, the lower half is read by the rules of that group.
Reserved groups and the reserved alphabet read as GSM-7: "any reserved codings shall be assumed to be the GSM 7 bit
default alphabet".
"""

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, Self

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.tpdu.fields import as_declared, check_fields, check_octet

_COMPRESSED: Final = 0x20
_HAS_CLASS: Final = 0x10
_EIGHT_BIT: Final = 0x04  # bits 3 and 2 are 01
_UCS2: Final = 0x08  # bits 3 and 2 are 10
_ALPHABET: Final = 0x0C
_INDICATION_ACTIVE: Final = 0x08


class CodingGroup(Enum):
    """What the upper half of the octet says."""

    GENERAL = "general"
    """00xx: alphabet, perhaps a class."""

    DELETE = "marked for automatic deletion"
    """01xx: as the general group; the message may be deleted once read."""

    RESERVED = "reserved"
    """1000 to 1011: GSM-7."""

    WAITING_DISCARD = "message waiting, discard message"
    """1100: only the indication counts; GSM-7."""

    WAITING_STORE = "message waiting, store message"
    """1101 in GSM-7 and 1110 in UCS-2: the indication, and a text to keep."""

    CLASS = "data coding and message class"
    """1111: GSM-7 or 8-bit data, with a class."""


class MessageClass(IntEnum):
    """What the receiver does with a message at once (3GPP TS 23.038, clause 4, bits 1 and 0)."""

    FLASH = 0
    """Class 0: shown at once, not stored."""

    EQUIPMENT = 1
    """Class 1: stored in the mobile equipment."""

    SIM = 2
    """Class 2: stored on the SIM."""

    TERMINAL = 3
    """Class 3: passed on to the terminal equipment."""


class WaitingKind(IntEnum):
    """What is waiting for the receiver."""

    VOICEMAIL = 0
    """A spoken message."""

    FAX = 1
    """A facsimile."""

    EMAIL = 2
    """Electronic mail."""

    OTHER = 3
    """Something else, "detailed meaning may be defined in future"."""


@dataclass(frozen=True, slots=True)
class DataCoding:
    """A data coding scheme by its octet.

    >>> DataCoding.of(Alphabet.UCS2, MessageClass.FLASH)
    DataCoding(octet=24)
    >>> DataCoding(0xF6).message_class, DataCoding(0xF6).alphabet
    (<MessageClass.SIM: 2>, None)
    """

    octet: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no octet."""
        check_fields(self)
        check_octet("data coding scheme", self.octet)

    @classmethod
    def of(cls, alphabet: Alphabet | None, message_class: MessageClass | None = None) -> Self:
        """Return the octet of the general group; without an alphabet it is 8-bit data."""
        as_declared("alphabet", alphabet, Alphabet, type(None))
        message_class = as_declared("message_class", message_class, MessageClass, type(None))
        octet = {Alphabet.GSM7: 0, Alphabet.UCS2: _UCS2, None: _EIGHT_BIT}[alphabet]
        return cls(octet if message_class is None else octet | _HAS_CLASS | message_class)

    @property
    def group(self) -> CodingGroup:
        """Which rules the lower half follows."""
        upper = self.octet >> 4
        if upper < 0b0100:
            return CodingGroup.GENERAL
        if upper < 0b1000:
            return CodingGroup.DELETE
        if upper < 0b1100:
            return CodingGroup.RESERVED
        if upper == 0b1100:
            return CodingGroup.WAITING_DISCARD
        return CodingGroup.CLASS if upper == 0b1111 else CodingGroup.WAITING_STORE

    @property
    def alphabet(self) -> Alphabet | None:
        """The alphabet of the text, or None for 8-bit data."""
        if self._is_general:
            chosen = self.octet & _ALPHABET
        elif self.group is CodingGroup.CLASS:
            chosen = self.octet & _EIGHT_BIT  # bit 3 is reserved there
        else:
            chosen = _UCS2 if self.octet >> 4 == 0b1110 else 0
        if chosen == _EIGHT_BIT:
            return None
        return Alphabet.UCS2 if chosen == _UCS2 else Alphabet.GSM7

    @property
    def is_compressed(self) -> bool:
        """Whether the text is compressed by 3GPP TS 23.042, which is read nowhere here."""
        return self._is_general and bool(self.octet & _COMPRESSED)

    @property
    def message_class(self) -> MessageClass | None:
        """The class, or None where the octet has no meaning for one."""
        if self.group is CodingGroup.CLASS or (self._is_general and self.octet & _HAS_CLASS):
            return MessageClass(self.octet & 0b11)
        return None

    @property
    def waiting(self) -> WaitingKind | None:
        """What the message waiting indication is about, or None where it is no such message."""
        if self.group in (CodingGroup.WAITING_DISCARD, CodingGroup.WAITING_STORE):
            return WaitingKind(self.octet & 0b11)
        return None

    @property
    def is_indication_active(self) -> bool:
        """Whether messages are waiting; False also where the octet says nothing of that."""
        return self.waiting is not None and bool(self.octet & _INDICATION_ACTIVE)

    @property
    def _is_general(self) -> bool:
        return self.octet < 0x80


PLAIN_GSM7: Final = DataCoding()

__all__ = ["PLAIN_GSM7", "CodingGroup", "DataCoding", "MessageClass", "WaitingKind"]
