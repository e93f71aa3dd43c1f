"""What changed over the years: the provider as the seeds' time knew it, and as it is now.

Source: Messaging V2 API, "Seeds' V2 against today's V2, in one table", and the tables of error types and MMS sizes.
"MB" is 2**20 octets and "KB" 2**10 (ASSUMED: not stated).
"""

from dataclasses import dataclass
from typing import Final

from msgcore.errors import LocalError

KB: Final = 2**10
MB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Profile:
    """One era of the API."""

    name: str
    unauthorized_type: str
    """The ``type`` of a 401."""
    forbidden_type: str
    """The ``type`` of a 403; in the seeds' time this was, of all words, ``unauthorized``."""
    event_types: frozenset[str]
    """The outbound events that exist."""
    echoes_text: bool
    """Whether status callbacks carry the text of the message."""
    validates_late: bool
    """Whether numbers and their count are judged after the 202 only; a body that is no message is a 400 in any era."""
    has_mms_receipts: bool
    """Without them, a delivered MMS has reached the provider's own MMS centre, and no more."""
    has_search: bool
    has_priority: bool
    """Whether ``priority`` and ``expiration`` are known."""
    has_alphanumeric_senders: bool
    has_tokens: bool
    """Whether credentials can be exchanged for a bearer token."""
    file_bytes: int
    """The largest file that can be uploaded or attached."""
    message_bytes: int
    """All files of a message from a long code or a short code."""
    delivered_description: str | None
    """What ``message-delivered`` says to people, where all kinds said the same."""


TOLL_FREE_MESSAGE_BYTES: Final = 525 * KB
"""All files of a message from a toll-free number, in every era."""

V2_2019: Final = Profile(
    name="v2-2019",
    unauthorized_type="authentication-error",
    forbidden_type="unauthorized",
    event_types=frozenset({"message-delivered", "message-failed"}),
    echoes_text=True,
    validates_late=True,
    has_mms_receipts=False,
    has_search=False,
    has_priority=False,
    has_alphanumeric_senders=False,
    has_tokens=False,
    file_bytes=15 * MB // 4,
    message_bytes=15 * MB // 4,
    delivered_description="ok",
)

V2_NOW: Final = Profile(
    name="v2-now",
    unauthorized_type="unauthorized",
    forbidden_type="forbidden",
    event_types=frozenset({"message-sending", "message-sent", "message-delivered", "message-failed"}),
    echoes_text=False,
    validates_late=False,
    has_mms_receipts=True,
    has_search=True,
    has_priority=True,
    has_alphanumeric_senders=True,
    has_tokens=True,
    file_bytes=7 * MB // 2,
    message_bytes=7 * MB // 2,
    delivered_description=None,
)

_PROFILES: Final = {profile.name: profile for profile in (V2_2019, V2_NOW)}


def profile_named(name: str) -> Profile:
    """Return the profile of that name.

    >>> profile_named("v2-now").file_bytes
    3670016

    Raises:
        LocalError: there is none of that name.
    """
    profile = _PROFILES.get(name)
    if profile is None:
        raise LocalError(f"profile: expected one of {', '.join(_PROFILES)}, got {name!r}")
    return profile
