"""Telephone numbers and senders: E.164, the numbering plan, the kinds of sender."""

from msgcore.kernel.phone_numbers import PhoneNumber, is_valid_number
from msgcore.numbering.lenient import parse_number
from msgcore.numbering.nanp import NanpArea, NumberCaveat, nanp_area, number_caveats
from msgcore.numbering.senders import SenderKind, sender_kind
from msgcore.tables.generated.numbering import PLAN_VERSION
from msgcore.tables.number_kinds import NumberKind, NumberStatus

__all__ = [
    "PLAN_VERSION",
    "NanpArea",
    "NumberCaveat",
    "NumberKind",
    "NumberStatus",
    "PhoneNumber",
    "SenderKind",
    "is_valid_number",
    "nanp_area",
    "number_caveats",
    "parse_number",
    "sender_kind",
]
