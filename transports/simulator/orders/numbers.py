"""Numbers as the dashboard writes them, and what an account has of them: for sale, in service, given back.

The dashboard knows no ``+1``: "this API writes numbers as 10 digits". Short codes, names and numbers of other countries
are none of its.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgcore.errors import LocalError
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.inventory import offer_of
from transports.simulator.accounts.office import Offer
from transports.simulator.accounts.records import Number, NumberClass, class_by_form

_TEN_DIGITS: Final = re.compile(r"[2-9][0-9]{9}")


def ten_digits(number: str) -> str | None:
    """Return a number as the dashboard writes it, ``None`` where it cannot.

    >>> ten_digits("+19195550100"), ten_digits("72345"), ten_digits("+4930123456")
    ('9195550100', None, None)
    """
    digits = number.removeprefix("+1")
    return digits if len(number) == 12 and _TEN_DIGITS.fullmatch(digits) else None


def e164(text: str) -> str:
    """Return a number as messages have it, of ten digits or of E.164.

    >>> e164("9195550100"), e164("+1 (919) 555-0100")
    ('+19195550100', '+19195550100')
    """
    digits = re.sub(r"[ ().-]", "", text).removeprefix("+")
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    if not _TEN_DIGITS.fullmatch(digits):
        raise LocalError(f"telephone number: expected ten digits, got {text[:40]!r}")
    return f"+1{digits}"


class NumberFilter(NamedTuple):
    """What numbers are looked for; empty is everything.

    ``prefix`` is what the ten digits begin with, ``digits`` stand anywhere in them; ``since`` and ``until`` are seconds
    since the Unix epoch.
    """

    area_code: str = ""
    prefix: str = ""
    digits: str = ""
    state: str = ""
    city: str = ""
    rate_center: str = ""
    lata: str = ""
    toll_free: bool | None = None
    since: float | None = None
    until: float | None = None
    site_id: str = ""
    location_id: str = ""

    def fits(self, offer: Offer) -> bool:
        """Whether a place is one that is looked for; letters match in either case."""
        is_toll_free = class_by_form(offer.number) is NumberClass.TOLL_FREE
        return (
            self.area_code in ("", offer.area_code)
            and offer.number[2:].startswith(self.prefix)
            and self.digits in offer.number[2:]
            and all(
                not wanted or wanted.casefold() == there.casefold()
                for wanted, there in (
                    (self.state, offer.state),
                    (self.city, offer.city),
                    (self.rate_center, offer.rate_center),
                    (self.lata, offer.lata),
                )
            )
            and self.toll_free in (None, is_toll_free)
        )


EVERYTHING: Final = NumberFilter()


def find_offers(account: Account, wanted: NumberFilter = EVERYTHING, quantity: int | None = None) -> list[Offer]:
    """Return what is for sale, in the order of numbers, at most ``quantity``."""
    found = sorted((offer for offer in account.office.for_sale.values() if wanted.fits(offer)), key=_number)
    return found[:quantity]


def in_service(account: Account, wanted: NumberFilter = EVERYTHING) -> list[Number]:
    """Return the account's numbers that the dashboard knows, in their order."""
    return sorted(
        (number for number in account.numbers if ten_digits(number.number) and _is_wanted(account, number, wanted)),
        key=_number,
    )


def given_back(account: Account, wanted: NumberFilter = EVERYTHING) -> list[str]:
    """Return the numbers that were disconnected and are not in service again."""
    return sorted(
        number
        for number, when in account.office.disconnected.items()
        if wanted.fits(offer_of(number)) and _is_between(when, wanted)
    )


def site_of(account: Account, location_id: str) -> str:
    """Return the site of a location: its own, or else the account's first."""
    location = account.location(location_id)
    if location is not None and location.site_id in account.office.sites:
        return location.site_id
    return next(iter(account.office.sites), "")


def unique(numbers: Iterable[str]) -> Iterator[str]:
    """Return each number once, in the order of its first mention."""
    return iter(dict.fromkeys(numbers))


def _is_wanted(account: Account, number: Number, wanted: NumberFilter) -> bool:
    return (
        wanted.fits(offer_of(number.number))
        and _is_between(number.since or 0.0, wanted)
        and wanted.location_id in ("", number.location_id)
        and (not wanted.site_id or wanted.site_id == site_of(account, number.location_id))
    )


def _is_between(when: float, wanted: NumberFilter) -> bool:
    return (wanted.since is None or when >= wanted.since) and (wanted.until is None or when < wanted.until)


def _number(item: Offer | Number) -> str:
    return item.number
