"""What becomes of a message for one recipient: delivered, or failed with a delivery code, and where.

The first of these that has an answer decides, when the message's turn in the queue comes:

1. an expiration that has passed;
2. a directive in the tag (``directives``);
3. the checks that the provider makes after the 202, such as a sender that is also the recipient;
4. a magic number: ``+1 NPA 555 CCCC``, where CCCC is a known delivery code, fails with that code;
5. everything else is delivered, ``+1 NPA 555 01XX`` (the numbers reserved for fiction) included.
"""

from collections.abc import Iterable

from msgcore.wire.codes import CodeCategory, delivery_codes
from transports.simulator.carriers import is_long_code
from transports.simulator.creation import OpenMessage
from transports.simulator.directives import KNOWN_CODES

DELIVERED = 0

EXPIRED = 4360  # message-not-sent-expiration-date-passed
ROUTING_ERROR = 4401  # rejected-routing-error: "loops or source equals destination"
WRONG_APPLICATION = 4452  # rejected-wrong-application-id
FORBIDDEN_COUNTRY = 4432  # rejected-forbidden-country
# Group MMS is a service of local long codes alone. No code names that case: 4433 is about accounts that may send
# nothing from toll-free numbers, 4409 about recipients without MMS, 4435 about more than ten of them. 4001 is the one
# for "a service not enabled" that "no other 4xxx code covers".
SERVICE_NOT_ALLOWED = 4001

FOUND_BY_PROVIDER = frozenset(
    code.code
    for code in delivery_codes()
    if code.category in (CodeCategory.PROVIDER_REFUSED, CodeCategory.PROVIDER_FAILED)
)
"""Failures that the provider finds itself, so that nothing leaves: 40xx to 44xx, and 5xxx but 56xx."""


class Account:
    """What the provider knows of the account and checks after the 202.

    ``applications``: the application ids that exist. ``calling_codes``: those that may be messaged. ``None`` is not
    checked: which countries an account reaches is not published, so by default all are (ASSUMED).
    """

    __slots__ = ("_applications", "_calling_codes")

    def __init__(self, applications: Iterable[str] | None, calling_codes: Iterable[int] | None) -> None:
        self._applications = None if applications is None else frozenset(applications)
        self._calling_codes = None if calling_codes is None else frozenset(map(str, calling_codes))

    def refusal(self, message: OpenMessage, recipient: str) -> int | None:
        """Return the delivery code of the first check that fails, or ``None`` when all pass."""
        if self._applications is not None and message.application_id not in self._applications:
            return WRONG_APPLICATION
        sender = message.details.from_
        if sender == recipient:
            return ROUTING_ERROR
        if len(message.details.to) > 1 and not is_long_code(sender):
            return SERVICE_NOT_ALLOWED
        if self._calling_codes is not None and not self._reaches(recipient, self._calling_codes):
            return FORBIDDEN_COUNTRY
        return None

    @staticmethod
    def _reaches(recipient: str, calling_codes: frozenset[str]) -> bool:
        # Calling codes have 1 to 3 digits and none begins another (ITU-T E.164), so at most one of these can match.
        return any(recipient[1:end] in calling_codes for end in (2, 3, 4))


def outcome(message: OpenMessage, recipient: str, account: Account, now: float) -> int:
    """Return what becomes of a message whose turn has come at ``now``: a delivery code, 0 for delivered."""
    if message.expires_at <= now:
        return EXPIRED
    if message.directive.code is not None:
        return message.directive.code
    refusal = account.refusal(message, recipient)
    return magic_code(recipient) if refusal is None else refusal


def magic_code(recipient: str) -> int:
    """Return the delivery code that a recipient's number asks for, 0 for delivered.

    >>> magic_code("+19195554720"), magic_code("+19195550123"), magic_code("+4915555504720")
    (4720, 0, 0)
    """
    if len(recipient) == 12 and recipient[5:8] == "555" and recipient.startswith("+1"):
        code = int(recipient[8:])
        return code if code in KNOWN_CODES else DELIVERED
    return DELIVERED
