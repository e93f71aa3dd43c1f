"""Why a message is not sent, and what to look at before it is; below the kernel, so that the kernel can count them."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a row of a campaign cannot be sent. What stands further up is said first."""

    NO_RECIPIENT = "no recipient"
    NOT_E164 = "not E.164"
    """Not ``+``, a digit 1-9 and ASCII digits, 2 to 15 in all."""
    UNKNOWN_CALLING_CODE = "unknown calling code"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    INVALID_LENGTH = "invalid length"
    LOCAL_ONLY = "local only"
    """The area code is missing."""
    TRUNK_PREFIX = "written with a trunk prefix"
    """Of a length that the plan does not have, because digits of national dialling stand in it."""
    NOT_IN_THE_PLAN = "not in the plan"
    """Refused only where somebody asks to be strict about numbers."""
    NO_TEXT = "no text"
    """A message without media needs one."""
    TEXT_TOO_LONG = "text too long"
    """More than the 2048 characters of the API."""
    NOT_UNICODE = "not Unicode"
    """Half a surrogate pair in a ``str``, or octets that are not UTF-8."""


class Concern(StrEnum):
    """What speaks against a recipient that is sent to all the same."""

    NOT_IN_THE_PLAN = "not in the plan"
    """Of a possible length, but no block of the plan holds it. The plan's data lags behind new area codes."""
    TRUNK_PREFIX = "written with a trunk prefix"
    SERVICE_CODE = "service code (N11)"
    """+1 with an area code or an exchange such as 411 or 911: those are services, no lines."""
    FICTION = "fiction (555-0100 to 555-0199)"
    """+1 and a number kept for films and examples: valid, and nobody's."""
    OUTSIDE_HOME_MARKET = "+1, but outside the United States and Canada"
    """It looks like a call next door, and is reached and priced like one abroad."""
    PREMIUM_RATE = "premium rate"
    TOLL_FREE = "toll-free"
    SHARED_COST = "shared cost"
    PAGER = "pager"
    UAN = "universal access number"
    VOICEMAIL = "voicemail"
    FIXED_LINE = "fixed line"
    """Where the plan tells fixed lines from mobile ones. In the United States and Canada no digit does."""


REFUSALS: tuple[Refusal | None, ...] = (None, *Refusal)
CONCERNS: tuple[Concern | None, ...] = (None, *Concern)

__all__ = ["CONCERNS", "REFUSALS", "Concern", "Refusal"]
