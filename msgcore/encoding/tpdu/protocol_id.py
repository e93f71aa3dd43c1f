"""Protocol identifiers, TP-PID, that have a name (3GPP TS 23.040, 9.2.3.9)."""

from enum import IntEnum


class ProtocolIdentifier(IntEnum):
    """What a message is for; records take any octet, these are the ones in use between people and machines."""

    DEFAULT = 0x00
    """A message from a person or machine to another, no interworking."""

    TYPE_0 = 0x40
    """Acknowledged, and then thrown away: nobody sees it."""

    REPLACE_TYPE_1 = 0x41
    """Takes the place of the stored message of this type from the same originator; so do the next six."""

    REPLACE_TYPE_2 = 0x42
    REPLACE_TYPE_3 = 0x43
    REPLACE_TYPE_4 = 0x44
    REPLACE_TYPE_5 = 0x45
    REPLACE_TYPE_6 = 0x46
    REPLACE_TYPE_7 = 0x47

    RETURN_CALL = 0x5F
    """Asks to call back; it replaces another of its kind."""

    EQUIPMENT_DOWNLOAD = 0x7D
    """Data for the mobile equipment."""

    EQUIPMENT_DEPERSONALIZATION = 0x7E
    """Frees the mobile equipment from its network or service provider."""

    SIM_DOWNLOAD = 0x7F
    """Data for the SIM."""


__all__ = ["ProtocolIdentifier"]
