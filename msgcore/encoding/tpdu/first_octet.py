"""The first octet of a TPDU: its type, and the flags that are the same in more than one type (3GPP TS 23.040, 9.2.3).

Bit 5 is not among them: it asks for a report in an SMS-SUBMIT, announces one in an SMS-DELIVER, and in an
SMS-STATUS-REPORT says what it is about.
"""

from typing import Final

from msgcore.encoding.tpdu.octets import OctetReader
from msgcore.errors import UserDataError

_TYPE: Final = 0b11  # 9.2.3.1: TP-MTI

NO_MORE_MESSAGES: Final = 0x04  # 9.2.3.2: TP-MMS, from the service centre; it is 0 where more messages are waiting
LOOP_PREVENTION: Final = 0x08  # 9.2.3.28: TP-LP, from the service centre
HEADER: Final = 0x40  # 9.2.3.23: TP-UDHI
REPLY_PATH: Final = 0x80  # 9.2.3.17: TP-RP, of a message in either direction


def read_first_octet(reader: OctetReader, name: str, *types: int) -> int:
    """Take the first octet of the TPDU that is called ``name``; another TP-MTI than ``types`` is refused."""
    first = reader.octet("message_type")
    if first & _TYPE not in types:
        raise UserDataError("message_type", 0, f"expected {name} ({types[0]}), got {first & _TYPE}")
    return first


__all__ = ["HEADER", "LOOP_PREVENTION", "NO_MORE_MESSAGES", "REPLY_PATH", "read_first_octet"]
