"""The record of a number: its parts, and what the numbering plan says about it."""

from dataclasses import dataclass
from enum import StrEnum


class NumberKind(StrEnum):
    """What a number is used for, as far as its digits tell."""

    MOBILE = "mobile"
    FIXED_LINE = "fixed line"
    FIXED_LINE_OR_MOBILE = "fixed line or mobile"
    """The plan does not tell them apart: so everywhere in the United States and Canada."""
    TOLL_FREE = "toll-free"
    PREMIUM_RATE = "premium rate"
    SHARED_COST = "shared cost"
    """Caller and called share the price."""
    VOIP = "VoIP"
    PERSONAL = "personal"
    """Follows its owner to whichever line is set."""
    PAGER = "pager"
    UAN = "universal access number"
    """One number for a company, whichever of its offices answers."""
    VOICEMAIL = "voicemail"
    UNKNOWN = "unknown"
    """Not in the plan as written, or of no kind that the plan names."""


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number and what the numbering plan says about it.

    ``national_number`` is text, for its leading zeros count (Italy). ``region`` is an ISO 3166-1 code, ``None`` where
    the calling code belongs to no country, or to several and the number is not in the plan of any.

    ``is_possible`` tells that the plan has numbers of this length that can be reached from abroad. ``reason`` is
    ``None`` for a valid number, else one of ``too short``, ``too long``, ``invalid length`` (between two lengths that
    exist), ``local only`` (the area code is missing), ``not in the plan``, or ``written with a trunk prefix: should be
    +...``.
    """

    e164: str
    calling_code: int
    national_number: str
    region: str | None
    kind: NumberKind
    is_possible: bool
    reason: str | None

    @property
    def is_valid(self) -> bool:
        """Whether the numbering plan knows the number."""
        return self.reason is None
