"""The alphabets a data coding scheme selects between."""

from enum import StrEnum


class Alphabet(StrEnum):
    """How the text of a short message is coded (3GPP TS 23.038, clause 4: bits 3 and 2 of the coding scheme)."""

    GSM7 = "GSM-7"
    """GSM 7 bit default alphabet with its extension table: septets, 160 in one message."""

    UCS2 = "UCS-2"
    """16-bit code units, big-endian, 70 in one message; read as UTF-16 by everything in use."""


__all__ = ["Alphabet"]
