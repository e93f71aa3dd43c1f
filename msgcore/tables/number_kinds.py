"""What a numbering plan says about a number, in names; below the kernel, so that the kernel can return them."""

from enum import StrEnum


class NumberKind(StrEnum):
    """What a number is used for, as far as its digits tell."""

    UNKNOWN = "unknown"
    """Not in the plan as written."""
    PREMIUM_RATE = "premium rate"
    TOLL_FREE = "toll-free"
    SHARED_COST = "shared cost"
    """Caller and called share the price."""
    VOIP = "VoIP"
    PERSONAL = "personal"
    """Follows its owner to whichever line is set."""
    PAGER = "pager"
    UAN = "universal access number"
    """One number for a company, whichever of its offices answers."""
    VOICEMAIL = "voicemail"
    FIXED_LINE_OR_MOBILE = "fixed line or mobile"
    """The plan does not tell them apart: so everywhere in the United States and Canada."""
    FIXED_LINE = "fixed line"
    MOBILE = "mobile"


class NumberStatus(StrEnum):
    """Whether the plan knows a number exactly as written, and if not, why not."""

    VALID = "valid"
    NOT_IN_THE_PLAN = "not in the plan"
    """Of a possible length, but no block of the plan holds it. The plan's data lags behind new area codes."""
    TRUNK_PREFIX = "written with a trunk prefix"
    """Digits that belong to national dialling stand in it; without them, or in their proper form, it is valid."""
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    INVALID_LENGTH = "invalid length"
    """Between two lengths that exist."""
    LOCAL_ONLY = "local only"
    """The area code is missing."""
    UNKNOWN_CALLING_CODE = "unknown calling code"
    """No country, network or service has the calling code."""
    NOT_E164 = "not E.164"
    """Not ``+``, a digit 1-9 and ASCII digits, 2 to 15 in all."""


KINDS = tuple(NumberKind)
STATUSES = tuple(NumberStatus)

__all__ = ["KINDS", "STATUSES", "NumberKind", "NumberStatus"]
