"""Telephone numbers and senders: E.164, the numbering plan, the kinds of sender."""

from msgcore.numbering.parsing import is_valid_number, parse_number
from msgcore.numbering.phone_number import NumberKind, PhoneNumber
from msgcore.numbering.senders import SenderKind, sender_kind

__all__ = [
    "NumberKind",
    "PhoneNumber",
    "SenderKind",
    "is_valid_number",
    "parse_number",
    "sender_kind",
]
