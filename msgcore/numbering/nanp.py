"""The North American Numbering Plan: what a valid ``+1`` number does not say about itself.

Twenty countries share the calling code 1, in one form: area code, central office code, line number (47 CFR 52.7). A
number in the Bahamas looks like one in Boston, is dialled like it, and is priced as one abroad; and some blocks reach
nobody by design. libphonenumber calls all of that valid, and rightly: it is in the plan.
"""

from enum import StrEnum

from msgcore.kernel.phone_numbers import PhoneNumber
from msgcore.kernel.recipients import caveats_of
from msgcore.tables.recipient_findings import HOME_MARKET, OF_NO_AREA, Concern

NANP = 1  # the calling code

# 47 U.S.C. 153, "State": the territories and possessions are included. Carriers may price them apart all the same.
_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})


class NanpArea(StrEnum):
    """The parts of the North American plan that are priced and reached differently."""

    HOME = "United States and Canada"
    TERRITORY = "territory of the United States"
    """American Samoa, Guam, the Northern Marianas, Puerto Rico, the U.S. Virgin Islands."""
    CARIBBEAN = "Caribbean and Bermuda"
    """Other countries: an SMS to them is international."""
    NON_GEOGRAPHIC = "no area"
    """Toll-free, premium rate and personal numbers, which belong to no place."""


class NumberCaveat(StrEnum):
    """Why a number that the plan holds may still reach nobody, or cost more than it looks. A warning, not a refusal."""

    FICTION = "reserved for fiction"
    """555-0100 to 555-0199 in any area."""
    SERVICE_CODE = "service code in place of a central office code"
    """211, 311 ... 911, there or in place of the area code: not given to subscribers."""
    PREMIUM_RATE = "premium rate"
    """Of any country, and 976 in North America."""
    OUTSIDE_HOME_MARKET = "North American, but outside the United States and Canada"
    """A territory or a Caribbean country."""


def nanp_area(number: PhoneNumber) -> NanpArea | None:
    """Tell which part of the North American plan a valid number is in; ``None`` for any other number.

    >>> nanp_area(parse_number("+19195550100")), nanp_area(parse_number("+12423225555"))
    (<NanpArea.HOME: 'United States and Canada'>, <NanpArea.CARIBBEAN: 'Caribbean and Bermuda'>)
    """
    if number.calling_code != NANP or not number.is_valid:
        return None
    if number.kind in OF_NO_AREA:
        return NanpArea.NON_GEOGRAPHIC
    if number.region in HOME_MARKET:
        return NanpArea.HOME
    return NanpArea.TERRITORY if number.region in _TERRITORIES else NanpArea.CARIBBEAN


def number_caveats(number: PhoneNumber) -> tuple[NumberCaveat, ...]:
    """Name what should be known about a number before a message is sent to it.

    >>> number_caveats(parse_number("+19195550100"))
    (<NumberCaveat.FICTION: 'reserved for fiction'>,)
    >>> number_caveats(parse_number("+19196000100"))
    ()
    """
    return tuple(_CAVEATS[concern] for concern in caveats_of(number.e164))


_CAVEATS = {
    Concern.FICTION: NumberCaveat.FICTION,
    Concern.SERVICE_CODE: NumberCaveat.SERVICE_CODE,
    Concern.PREMIUM_RATE: NumberCaveat.PREMIUM_RATE,
    Concern.OUTSIDE_HOME_MARKET: NumberCaveat.OUTSIDE_HOME_MARKET,
}
