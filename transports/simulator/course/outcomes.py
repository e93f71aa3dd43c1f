"""What becomes of a message for one recipient: delivered, or failed with a delivery code, and where.

The first of these that has an answer decides, when the message's turn in the queue comes:

1. an expiration that has passed;
2. a directive in the tag (``directives``);
3. the checks that the provider makes after the 202: application, sender, recipient, reach, media, in this order;
4. a magic number: ``+1 NPA 555 CCCC``, where CCCC is a known delivery code, fails with that code;
5. everything else is delivered, ``+1 NPA 555 01XX`` (the numbers reserved for fiction) included.
"""

from typing import Final

from msgcore.wire.codes import CodeCategory, delivery_codes
from msgcore.wire.rules import MAX_RECIPIENTS, recipient_problem, sender_problem
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.profiles import TOLL_FREE_MESSAGE_BYTES, Profile
from transports.simulator.accounts.records import NumberClass, class_by_form
from transports.simulator.course.directives import KNOWN_CODES
from transports.simulator.course.records import DELIVERED, NO_DIRECTIVE, MessageRecord
from transports.simulator.media.store import MediaStore

EXPIRED: Final = 4360  # message-not-sent-expiration-date-passed
# Group MMS is a service of local long codes alone. No code names that case: 4433 is about accounts that may send
# nothing from toll-free numbers, 4409 about recipients without MMS, 4435 about more than ten of them. 4001 is the one
# for "a service not enabled" that "no other 4xxx code covers".
SERVICE_NOT_ALLOWED: Final = 4001
MALFORMED_SENDER: Final = 4302  # malformed-invalid-from-number
MALFORMED_RECIPIENT: Final = 4303  # malformed-invalid-to-number
ROUTING_ERROR: Final = 4401  # rejected-routing-error: "loops or source equals destination"
FORBIDDEN_SENDER: Final = 4403  # rejected-forbidden-from-number: "not owned by the account, not enabled"
MEDIA_UNAVAILABLE: Final = 4410
TOO_LARGE: Final = 4411  # rejected-message-size-limit-exceeded
MEDIA_INVALID: Final = 4412  # media-content-invalid: "content type missing, unreadable or unsupported"
FORBIDDEN_SHORT_CODE: Final = 4431
FORBIDDEN_COUNTRY: Final = 4432
FORBIDDEN_TOLL_FREE: Final = 4433
TOO_MANY_RECIPIENTS: Final = 4435
WRONG_APPLICATION: Final = 4452  # rejected-wrong-application-id
OPTED_OUT: Final = 4775  # destination-rejected-due-to-user-opt-out

FOUND_BY_PROVIDER: Final = frozenset(
    code.code
    for code in delivery_codes()
    if code.category in (CodeCategory.PROVIDER_REFUSED, CodeCategory.PROVIDER_FAILED)
)
"""Failures that the provider finds itself, so that nothing leaves: 40xx to 44xx, and 5xxx but 56xx."""


class Judge:
    """The provider's checks after the 202, for one account."""

    __slots__ = ("_account", "_media", "_profile")

    def __init__(self, account: Account, profile: Profile, media: MediaStore) -> None:
        self._account = account
        self._profile = profile
        self._media = media

    def code_of_message(self, message: MessageRecord, now: float) -> int | None:
        """Return what becomes of a message whose turn has come at ``now``, 0 for delivered.

        ``None``: it is another thing for each recipient, which :meth:`code_of_recipient` tells.
        """
        if message.expires_at <= now:
            return EXPIRED
        if message.directive is not NO_DIRECTIVE and message.directive.code is not None:
            return message.directive.code
        return self._fault_of_message(message, now) or None

    def code_of_recipient(self, message: MessageRecord, recipient: str) -> int:
        """Return what becomes of a message for a recipient, where nothing concerns all of them alike."""
        return self._fault_of_recipient(message, recipient) or magic_code(recipient)

    def _fault_of_message(self, message: MessageRecord, now: float) -> int:
        """Return the code of the first fault that concerns all recipients alike, 0 for none."""
        account = self._account
        if self._profile.validates_late and (fault := self._fault_of_form(message)):
            return fault
        if not account.settings.open_applications and account.application(message.application_id) is None:
            return WRONG_APPLICATION
        if fault := self._fault_of_sender(message):
            return fault
        if len(message.legs) > 1 and not NumberClass(message.number_class).is_long_code:
            return SERVICE_NOT_ALLOWED
        return self._fault_of_media(message, now) if message.is_mms else DELIVERED

    def _fault_of_form(self, message: MessageRecord) -> int:
        if sender_problem(message.sender) or (
            not self._profile.has_alphanumeric_senders and class_by_form(message.sender) is NumberClass.ALPHANUMERIC
        ):
            return MALFORMED_SENDER
        return TOO_MANY_RECIPIENTS if len(message.legs) > MAX_RECIPIENTS else DELIVERED

    def _fault_of_sender(self, message: MessageRecord) -> int:
        account, sender = self._account, message.sender
        number = account.number(sender)
        if number is None:
            return DELIVERED if account.settings.open_senders else FORBIDDEN_SENDER
        location = account.location(number.location_id)
        if not number.enabled or location is None or not location.sms:
            return FORBIDDEN_SENDER
        # "must belong to the account and be the one of the sender's location (4452 otherwise)"
        if not account.settings.open_applications and location.application_id != message.application_id:
            return WRONG_APPLICATION
        if number.number_class is NumberClass.TOLL_FREE and not location.toll_free:
            return FORBIDDEN_TOLL_FREE
        if number.number_class is NumberClass.SHORT_CODE and not location.short_code:
            return FORBIDDEN_SHORT_CODE
        return SERVICE_NOT_ALLOWED if message.is_mms and not location.mms else DELIVERED

    def _fault_of_media(self, message: MessageRecord, now: float) -> int:
        """Look at what is attached: what lies with the provider is known, the rest is as large as the tag says."""
        total = message.directive.size or 0
        for url in message.media:
            found = self._media.attached(url, now)
            if found is None:
                continue  # it lies elsewhere, and nothing here fetches it
            if found.size is None:
                return MEDIA_UNAVAILABLE
            if not found.is_allowed:
                return MEDIA_INVALID
            total += found.size
        is_toll_free = message.number_class == NumberClass.TOLL_FREE
        return (
            TOO_LARGE
            if total > (TOLL_FREE_MESSAGE_BYTES if is_toll_free else self._profile.message_bytes)
            else DELIVERED
        )

    def _fault_of_recipient(self, message: MessageRecord, recipient: str) -> int:
        account, sender = self._account, message.sender
        if self._profile.validates_late and recipient_problem(recipient):
            return MALFORMED_RECIPIENT
        if sender == recipient:
            return ROUTING_ERROR
        if not self._reaches(sender, recipient, is_mms=message.is_mms):
            return FORBIDDEN_COUNTRY
        return OPTED_OUT if account.opted_out(sender, recipient) else DELIVERED

    def _reaches(self, sender: str, recipient: str, *, is_mms: bool) -> bool:
        account = self._account
        if account.settings.zone_map is None:
            return True
        zone = account.zone_of(recipient)
        if zone == 1:  # never off
            return True
        # "MMS reach is narrower than SMS reach", and as far as can be told the home market alone.
        location = account.location_of(sender)
        return not is_mms and location is not None and zone in location.zones


def magic_code(recipient: str) -> int:
    """Return the delivery code that a recipient's number asks for, 0 for delivered.

    >>> magic_code("+19195554720"), magic_code("+19195550123"), magic_code("+4915555504720")
    (4720, 0, 0)
    """
    if len(recipient) == 12 and recipient[5:8] == "555" and recipient.startswith("+1"):
        code = int(recipient[8:])
        return code if code in KNOWN_CODES else DELIVERED
    return DELIVERED
