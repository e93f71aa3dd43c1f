"""The North American Numbering Plan: what a valid ``+1`` number does not say about itself.

Twenty countries share the calling code 1, in one form: area code, central office code, line number (47 CFR 52.7). A
number in the Bahamas looks like one in Boston, is dialled like it, and is priced as one abroad; and some blocks reach
nobody by design. libphonenumber calls all of that valid, and rightly: it is in the plan.
"""

import re
from enum import StrEnum

from msgcore.kernel.phone_numbers import PhoneNumber
from msgcore.tables.number_kinds import NumberKind

NANP = 1  # the calling code

# 47 U.S.C. 153, "State": the territories and possessions are included. Carriers may price them apart all the same.
_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})
_HOME = frozenset({"US", "CA"})
_NON_GEOGRAPHIC = frozenset({NumberKind.TOLL_FREE, NumberKind.PREMIUM_RATE, NumberKind.PERSONAL})

# ATIS-0300048 (555 NXX Assignment Guidelines): the lines 0100 to 0199 are kept for entertainment and advertising. The
# rules speak of area codes; the toll-free codes have their own (47 CFR 52.101 and after), so nothing is said of them.
_FICTION = re.compile(r"[0-9]{3}55501[0-9]{2}")
# ATIS-0300051 (Central Office Code Assignment Guidelines): N11 is a service code (211, 411, 911) in every area, so it
# is no central office code.
_SERVICE_CODE = re.compile(r"[0-9]{3}[2-9]11[0-9]{4}")
# 47 CFR 64.1501 (pay-per-call) speaks of 900, which the plan knows; 976 is the same within an area.
_LOCAL_PREMIUM = re.compile(r"[0-9]{3}976[0-9]{4}")


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
    """211, 311 ... 911: not given to subscribers."""
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
    if number.kind in _NON_GEOGRAPHIC:
        return NanpArea.NON_GEOGRAPHIC
    if number.region in _HOME:
        return NanpArea.HOME
    return NanpArea.TERRITORY if number.region in _TERRITORIES else NanpArea.CARIBBEAN


def number_caveats(number: PhoneNumber) -> tuple[NumberCaveat, ...]:
    """Name what should be known about a number before a message is sent to it.

    >>> number_caveats(parse_number("+19195550100"))
    (<NumberCaveat.FICTION: 'reserved for fiction'>,)
    >>> number_caveats(parse_number("+19196000100"))
    ()
    """
    found = []
    if _matches(_FICTION, number):
        found.append(NumberCaveat.FICTION)
    if _matches(_SERVICE_CODE, number):
        found.append(NumberCaveat.SERVICE_CODE)
    if number.kind is NumberKind.PREMIUM_RATE or _matches(_LOCAL_PREMIUM, number):
        found.append(NumberCaveat.PREMIUM_RATE)
    if nanp_area(number) in (NanpArea.TERRITORY, NanpArea.CARIBBEAN):
        found.append(NumberCaveat.OUTSIDE_HOME_MARKET)
    return tuple(found)


def _matches(pattern: re.Pattern[str], number: PhoneNumber) -> bool:
    if number.calling_code != NANP or number.kind in _NON_GEOGRAPHIC:
        return False
    return pattern.fullmatch(number.national_number) is not None
