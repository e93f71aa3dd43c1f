"""Telephone numbers and senders: E.164, the numbering plan, the kinds of sender."""

from msgcore.kernel.phone_numbers import PhoneNumber, is_valid_number
from msgcore.numbering.lenient import parse_number
from msgcore.numbering.senders import SenderKind, sender_kind
from msgcore.tables.generated.numbering import PLAN_VERSION
from msgcore.tables.number_kinds import NumberKind, NumberStatus

__all__ = [
    "PLAN_VERSION",
    "NumberKind",
    "NumberStatus",
    "PhoneNumber",
    "SenderKind",
    "is_valid_number",
    "parse_number",
    "sender_kind",
]
