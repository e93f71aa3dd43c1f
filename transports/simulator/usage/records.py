"""What is kept of a message for its bill: one narrow record for each recipient, and the rows of MDRs made of it.

A record is written once, when nothing more can happen to a message. An SMS of three segments is one record and becomes
three rows only while a file is written. Nothing of what was said is in it; the tag is, since whoever pays wants to know
what for.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from msgcore.wire.mdr import INBOUND, OUTBOUND, MdrRow
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.records import PRODUCTS
from transports.simulator.course.carriers import carrier_of
from transports.simulator.course.records import DELIVERED, MessageRecord, Status
from transports.simulator.ids import time_text
from transports.simulator.orders.numbers import site_of

ID_DIGITS: Final = 13
"""A message id begins with the milliseconds at which the provider received the message: ids are in order of time."""


class UsageRecord(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A message and one of its recipients; ``leg`` counts these from 0, ``zone`` is 0 where none is assigned."""

    id: str
    leg: int
    ended: float
    inbound: bool
    is_mms: bool
    sender: str
    to: str
    zone: int
    status: int
    code: int
    segment_count: int
    number_class: str
    size: int
    text_length: int
    attachment_count: int
    recipient_count: int
    campaign_id: str
    campaign_class: str
    site_id: str
    location: str
    application_id: str
    tag: str
    carried: bool  # a carrier has had it

    @property
    def received_ms(self) -> int:
        """When the provider received the message, in milliseconds since the Unix epoch."""
        return int(self.id[:ID_DIGITS])

    @property
    def row_count(self) -> int:
        """How many rows of an MDR it has: one for each segment of an SMS, one for an MMS."""
        return 1 if self.is_mms else self.segment_count


class _Tag(msgspec.Struct, gc=False):
    tag: str = ""


_tag_of: Final = msgspec.json.Decoder(_Tag).decode
_STATUS_NAMES: Final = {status.value: status.name for status in Status}
_PRODUCTS: Final = {number_class.value: product for number_class, product in PRODUCTS.items()}
_MMS, _SMS = "mms", "sms"


def records_of(message: MessageRecord, account: Account, now: float) -> Iterator[UsageRecord]:
    """Return what is kept of a message for its bill; its details must still be there."""
    tag = _tag_of(message.details).tag if b'"tag":' in message.details else ""
    for index, leg in enumerate(message.legs):
        own = leg.to if message.inbound else message.sender
        number = account.number(own)
        location = None if number is None else account.location(number.location_id)
        yield UsageRecord(
            message.id,
            index,
            leg.ended or now,
            message.inbound,
            message.is_mms,
            message.sender,
            leg.to,
            0 if message.inbound else account.zone_of(leg.to),
            int(leg.status),
            leg.code,
            message.segment_count,
            message.number_class,
            message.size,
            message.text_length,
            message.attachment_count,
            len(message.legs),
            (number.campaign_id or "") if number is not None else "",
            (number.campaign_class or "") if number is not None else "",
            site_of(account, location.id) if location is not None else "",
            (location.name or location.id) if location is not None else "",
            message.application_id,
            tag,
            bool(leg.left),
        )


def rows_of(record: UsageRecord, account_id: str) -> Iterator[MdrRow]:
    """Return the rows of a record: one for each segment of an SMS, one for an MMS."""
    source, destination = _digits(record.sender), _digits(record.to)
    time = time_text(record.received_ms / 1000)
    delivered = record.code == DELIVERED
    is_mms = record.is_mms
    for number in range(1, record.row_count + 1):
        yield MdrRow(
            account_id=account_id,
            message_type=_MMS if is_mms else _SMS,
            message_id=record.id,
            direction=INBOUND if record.inbound else OUTBOUND,
            source=source,
            destination=destination,
            time=time,
            # "historical success code; empty or 200": which of them today's rows have is not known (ASSUMED: 200)
            error_code="200" if delivered else "",
            zone=str(record.zone) if record.zone else "",
            status=_STATUS_NAMES[record.status],
            api_error_code=None if delivered else record.code,
            segment_count=record.segment_count,
            segment_number=number,
            carrier=carrier_of(record.to) if record.carried and not is_mms else "",
            message_size=record.size,
            message_length=record.text_length,
            attachment_count=record.attachment_count,
            recipient_count=record.recipient_count,
            campaign_id=record.campaign_id,
            campaign_class=record.campaign_class,
            product=_PRODUCTS[record.number_class],
            location=record.location,
            application_id=record.application_id,
            tag=record.tag,
        )


def _digits(address: str) -> str:
    return address.removeprefix("+")
