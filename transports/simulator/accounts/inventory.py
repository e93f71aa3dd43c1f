"""The numbers that a fresh account can buy: two dozen, in a few area codes.

Those of area codes end in 555-0110 to 555-0114: numbers that are reserved for fiction, so nobody's telephone rings.
Every account has its own, as accounts know nothing of each other (ASSUMED; the provider sells each number once).
"""

from typing import Final, NamedTuple

from transports.simulator.accounts.office import Offer


class Place(NamedTuple):
    """Where an area code lies."""

    area_code: str
    city: str
    state: str
    rate_center: str
    lata: str
    zip: str


PLACES: Final = (
    Place("919", "RALEIGH", "NC", "RALEIGH", "426", "27601"),
    Place("303", "DENVER", "CO", "DENVER", "656", "80202"),
    Place("512", "AUSTIN", "TX", "AUSTIN", "558", "78701"),
    Place("206", "SEATTLE", "WA", "SEATTLE", "674", "98101"),
    Place("833", "", "", "", "", ""),
)
_NUMBERS_EACH: Final = 5
_TOLL_FREE_NUMBERS: Final = 4


def sample_offers() -> dict[str, Offer]:
    """Return what is for sale at first.

    >>> offers = sample_offers()
    >>> len(offers), offers["+13035550110"].city
    (24, 'DENVER')
    """
    offers = {}
    for place in PLACES:
        for index in range(_NUMBERS_EACH if place.city else _TOLL_FREE_NUMBERS):
            number = f"+1{place.area_code}55501{10 + index}"
            offers[number] = offer_of(number)
    return offers


def offer_of(number: str) -> Offer:
    """Return an offer for a number; of an area code that no one here knows, the place stays empty.

    >>> offer_of("+12065550199").state, offer_of("+12125550199").state
    ('WA', '')
    """
    place = _PLACES.get(number[2:5])
    if place is None:
        return Offer(number=number)
    return Offer(number=number, city=place.city, state=place.state, rate_center=place.rate_center, lata=place.lata)


_PLACES: Final = {place.area_code: place for place in PLACES}

AREA_CODES_BY_ZIP: Final = {place.zip: place.area_code for place in PLACES if place.zip}
