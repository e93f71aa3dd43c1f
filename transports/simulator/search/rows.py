"""One row of a search: a message and one of its recipients, as far as metadata go.

Source: Messaging V2 API, search, response. "One row per recipient" is ASSUMED.
"""

from typing import Final

import msgspec

from transports.simulator.accounts.account import Account
from transports.simulator.accounts.records import PRODUCTS, NumberClass
from transports.simulator.accounts.zones import HOME_ZONES, zone_of
from transports.simulator.course.carriers import carrier_of
from transports.simulator.course.records import Leg, MessageRecord, Status
from transports.simulator.ids import time_text

_NAMES: Final = {status.value: status.name for status in Status}


class Row(msgspec.Struct, rename="camel", kw_only=True, gc=False):
    """What search tells; every field is always there, ``null`` where nothing is known."""

    message_id: str
    account_id: str
    source_tn: str
    destination_tn: str
    message_status: str
    message_direction: str
    message_type: str
    segment_count: int
    error_code: int
    receive_time: str
    carrier_name: str | None
    message_size: int | None
    message_length: int
    attachment_count: int | None
    recipient_count: int | None
    campaign_class: str | None
    campaign_id: str | None
    bw_latency: int | None
    carrier_latency: int | None
    calling_number_country_a3: str | None = msgspec.field(name="callingNumberCountryA3")
    called_number_country_a3: str | None = msgspec.field(name="calledNumberCountryA3")
    product: str | None
    location: str | None


def row_of(message: MessageRecord, leg: Leg, account: Account) -> Row:
    """Return what search tells of a message and a recipient."""
    own = leg.to if message.inbound else message.sender
    number = account.number(own)
    location = account.location_of(own)
    return Row(
        message_id=message.id,
        account_id=account.id,
        source_tn=message.sender,
        destination_tn=leg.to,
        message_status=_NAMES[leg.status],
        message_direction="INBOUND" if message.inbound else "OUTBOUND",
        message_type="mms" if message.is_mms else "sms",
        segment_count=message.segment_count,
        error_code=leg.code if leg.ended else 0,
        receive_time=time_text(message.created),
        # "not filled for MMS"; and known only once a carrier has it
        carrier_name=carrier_of(leg.to) if leg.left and not message.is_mms else None,
        message_size=message.size,
        message_length=message.text_length,
        attachment_count=message.attachment_count,
        recipient_count=len(message.legs),
        campaign_class=None,
        campaign_id=None if number is None else number.campaign_id,
        bw_latency=round(leg.left - message.created) if leg.left else None,
        carrier_latency=round(leg.ended - leg.left) if leg.left and leg.ended else None,
        calling_number_country_a3=_country(message.sender),
        called_number_country_a3=_country(leg.to),
        product=PRODUCTS[NumberClass(message.number_class)],
        location=None if location is None else location.name or location.id,
    )


def _country(number: str) -> str | None:
    # Canada shares the calling code and cannot be told apart without its area codes (ASSUMED: the larger one).
    return "USA" if number.startswith("+1") and zone_of(number, HOME_ZONES) else None
