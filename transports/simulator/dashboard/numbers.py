"""Numbers: for sale, in service, given back, and what is known of each.

Source: the provider's account guides, numbers; published clients. Filters of ``inserviceNumbers``: ``areacode``,
``npanxx``, ``state``, ``ratecenter`` (which needs ``state``), ``lata``, ``startdate``, ``enddate``.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.inventory import AREA_CODES_BY_ZIP, offer_of
from transports.simulator.accounts.office import Offer
from transports.simulator.accounts.records import Number, NumberClass
from transports.simulator.dashboard.asking import UNKNOWN, Ask, RefusedError, Reply, Route, found, page_of, time_of
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.dashboard.sites import asked_peer, asked_site
from transports.simulator.orders.numbers import (
    NumberFilter,
    e164,
    find_offers,
    given_back,
    in_service,
    site_of,
    ten_digits,
    unique,
)
from transports.simulator.orders.orders import Wanted, move, replace

_MOST_FOUND: Final = 5000
_KEYPAD: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")

# ------------------------------------------------------------------------------------------------------------- for sale


def search_of(get: Callable[[str], str]) -> NumberFilter:
    """Return what is looked for, of the names that a query and an order have in common."""
    zip_code = get("zip")
    area_code = get("areacode") or (AREA_CODES_BY_ZIP.get(zip_code, "none") if zip_code else "")
    wild_card = get("tollfreewildcardpattern")
    vanity = get("tollfreevanity")
    return NumberFilter(
        area_code=area_code,
        prefix=get("npanxxx") or get("npanxx") or wild_card.rstrip("*"),
        digits=vanity.upper().translate(_KEYPAD),
        state=get("state"),
        city=get("city"),
        rate_center=get("ratecenter"),
        lata=get("lata"),
        toll_free=True if wild_card or vanity else None,
    )


def search(ask: Ask) -> Reply:
    """Show numbers that can be bought."""
    query = ask.query
    quantity = _quantity(query.get("quantity", ""))
    offers = find_offers(ask.account, search_of(lambda name: query.get(name, "")), quantity)
    if query.get("enabletndetail", "").lower() == "true":
        shown = element("TelephoneNumberDetailList", map(_detail, offers))
    else:
        shown = element("TelephoneNumberList", [element("TelephoneNumber", offer.number[2:]) for offer in offers])
    return Reply(root=element("SearchResult", element("ResultCount", len(offers)), shown))


def search_prefixes(ask: Ask) -> Reply:
    """Show the beginnings of numbers that can be bought, and how many each has."""
    offers = find_offers(ask.account, search_of(lambda name: ask.query.get(name, "")))
    counts = Counter((offer.number[2:5], offer.number[5:8], offer.city, offer.state) for offer in offers)
    shown = [
        element(
            "AvailableNpaNxx",
            element("City", city),
            element("State", state),
            element("Npa", npa),
            element("Nxx", nxx),
            element("Quantity", count),
        )
        for (npa, nxx, city, state), count in sorted(counts.items())
    ]
    return Reply(root=element("SearchResultForAvailableNpaNxx", element("AvailableNpaNxxList", shown)))


def check_portable(ask: Ask) -> Reply:
    """Say which numbers could be ported in: all that are not in service here already."""
    sent = ask.xml("NumberPortabilityRequest")
    numbers = [number for number in unique(map(e164, sent.texts("TnList/Tn"))) if not ask.account.owns(number)]
    groups: dict[str, list[Offer]] = {}
    for offer in map(offer_of, numbers):
        groups.setdefault(offer.rate_center, []).append(offer)
    shown = [
        element(
            "RateCenterGroup",
            element("RateCenter", name),
            element("City", offers[0].city),
            element("State", offers[0].state),
            element("LATA", offers[0].lata),
            element("TnList", [element("Tn", offer.number[2:]) for offer in offers]),
        )
        for name, offers in groups.items()
    ]
    return Reply(
        root=element(
            "NumberPortabilityResponse",
            element("PortableNumbers", [element("Tn", number[2:]) for number in numbers]),
            element("SupportedRateCenters", shown),
            element("UnsupportedRateCenters"),
        )
    )


def _quantity(text: str) -> int:
    if not text:
        return _MOST_FOUND
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0):
        raise LocalError(f"quantity: expected 1 to {_MOST_FOUND}, got {text[:40]!r}")
    return min(int(text), _MOST_FOUND)


def _detail(offer: Offer) -> Element:
    return element(
        "TelephoneNumberDetail",
        element("City", offer.city),
        element("LATA", offer.lata),
        element("RateCenter", offer.rate_center),
        element("State", offer.state),
        element("TelephoneNumber", offer.number[2:]),
        element("FullNumber", offer.number[2:]),
    )


# ----------------------------------------------------------------------------------------------------------- in service


def list_in_service(ask: Ask) -> Reply:
    """Show the account's numbers."""
    return Reply(root=_tns(ask, (number.number for number in in_service(ask.account, _filter(ask)))))


def count_in_service(ask: Ask) -> Reply:
    """Count them."""
    return _count(len(in_service(ask.account, _filter(ask))))


def list_of_site(ask: Ask) -> Reply:
    """Show the numbers of a site."""
    wanted = _filter(ask)._replace(site_id=asked_site(ask).id)
    return Reply(root=_tns(ask, (number.number for number in in_service(ask.account, wanted))))


def count_of_site(ask: Ask) -> Reply:
    """Count them."""
    count = len(in_service(ask.account, NumberFilter(site_id=asked_site(ask).id)))
    return Reply(root=element("SiteTNsResponse", element("SiteTNs", element("TotalCount", count))))


def show_in_service(ask: Ask) -> Reply:
    """Say that a number is in service, or 404."""
    number = asked_number(ask)
    return Reply(
        root=element(
            "TNs",
            element("TotalCount", 1),
            element("TelephoneNumbers", element("Count", 1), element("TelephoneNumber", number.number[2:])),
        )
    )


def list_given_back(ask: Ask) -> Reply:
    """Show the numbers that were disconnected."""
    return Reply(root=_tns(ask, given_back(ask.account, _filter(ask))))


def count_given_back(ask: Ask) -> Reply:
    """Count them."""
    return _count(len(given_back(ask.account, _filter(ask))))


def _tns(ask: Ask, numbers: Iterable[str]) -> Element:
    page = page_of(ask, [element("TelephoneNumber", number[2:]) for number in numbers])
    return element(
        "TNs",
        element("TotalCount", page.total),
        page.links,
        element("TelephoneNumbers", element("Count", len(page.items)), page.items),
    )


def _count(count: int) -> Reply:
    return Reply(root=element("Quantity", element("Count", count)))


def _filter(ask: Ask) -> NumberFilter:
    query = ask.query
    if query.get("ratecenter") and not query.get("state"):
        raise LocalError("ratecenter: expected a state beside it")
    end = _day(query.get("enddate", ""))
    return NumberFilter(
        area_code=query.get("areacode", ""),
        prefix=query.get("npanxx", ""),
        state=query.get("state", ""),
        rate_center=query.get("ratecenter", ""),
        lata=query.get("lata", ""),
        since=_day(query.get("startdate", "")),
        until=None if end is None else end + 86400,
    )


def _day(text: str) -> float | None:
    if not text:
        return None
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise LocalError(f"expected a day such as 2026-01-31, got {text[:40]!r}") from error


# ------------------------------------------------------------------------------------------------------- of a location


def list_of_peer(ask: Ask) -> Reply:
    """Show the numbers of a location."""
    numbers = in_service(ask.account, NumberFilter(location_id=asked_peer(ask).id))
    page = page_of(ask, [_peer_number(number) for number in numbers])
    return Reply(
        root=element("SipPeerTelephoneNumbersResponse", page.links, element("SipPeerTelephoneNumbers", page.items))
    )


def show_of_peer(ask: Ask) -> Reply:
    """Show one of them."""
    number = asked_number(ask)
    if number.location_id != asked_peer(ask).id:
        raise RefusedError(404, UNKNOWN, f"{number.number[2:]} is in another SIP peer")
    return Reply(root=element("SipPeerTelephoneNumberResponse", _peer_number(number)))


def change_of_peer(ask: Ask) -> Reply:
    """Change the options of one of them; ``SmsEnabled`` switches it, the others are told back."""
    number = asked_number(ask)
    if number.location_id != asked_peer(ask).id:
        raise RefusedError(404, UNKNOWN, f"{number.number[2:]} is in another SIP peer")
    sent = ask.xml("SipPeerTelephoneNumber")
    enabled = sent.flag("MessagingSettings/SmsEnabled")
    told = {child.name: child.text for child in sent.children if not child.children and child.name != "FullNumber"}
    changed = replace(
        number,
        enabled=number.enabled if enabled is None else enabled,
        options={**number.options, **told},
    )
    ask.account.put_number(changed)
    return Reply(root=element("SipPeerTelephoneNumberResponse", _peer_number(changed)))


def count_of_peer(ask: Ask) -> Reply:
    """Count them."""
    count = len(in_service(ask.account, NumberFilter(location_id=asked_peer(ask).id)))
    counts = element("SipPeerTelephoneNumbersCounts", element("SipPeerTelephoneNumbersCount", count))
    return Reply(root=element("SipPeerTelephoneNumbersCountsResponse", counts))


def move_to_peer(ask: Ask) -> Reply:
    """Move numbers into the location of the path."""
    location = asked_peer(ask)
    numbers = [e164(text) for text in ask.xml("SipPeerTelephoneNumbers").texts("FullNumber")]
    order = move(ask.account, Wanted(user=ask.user, location_id=location.id), ask.now, numbers)
    if order.failed:
        failed = order.failed[0]
        raise RefusedError(400, failed.code, f"{failed.number[2:]}: {failed.description}")
    return Reply(root=element("SipPeerTelephoneNumbersResponse"))


def _peer_number(number: Number) -> Element:
    return element(
        "SipPeerTelephoneNumber",
        element("FullNumber", number.number[2:]),
        [element(name, text) for name, text in number.options.items()],
        element("MessagingSettings", element("SmsEnabled", number.enabled)),
    )


# ----------------------------------------------------------------------------------------------------------- one number


def asked_number(ask: Ask) -> Number:
    """Return the number that the path names."""
    number = ask.account.number(e164(ask.parts["tn"]))
    return found(number if number is not None and ten_digits(number.number) else None, "number", ask.parts["tn"])


def list_tns(ask: Ask) -> Reply:
    """Show all numbers, each with where it is."""
    page = page_of(ask, [_tn(ask, number) for number in in_service(ask.account)])
    return Reply(
        root=element(
            "TelephoneNumbersResponse",
            element("TelephoneNumberCount", page.total),
            page.links,
            element("TelephoneNumbers", page.items),
        )
    )


def show_tn(ask: Ask) -> Reply:
    """Show where a number is and where it came from."""
    number = asked_number(ask)
    when = time_of(number.since or 0.0)
    return Reply(
        root=element(
            "TelephoneNumberResponse",
            element("TelephoneNumber", number.number[2:]),
            element("Status", "Inservice"),
            element("LastModifiedDate", when),
            element("OrderCreateDate", when),
            element("OrderId", number.order_id or ""),
            element("OrderType", "NEW_NUMBER_ORDER"),
            element("SiteId", site_of(ask.account, number.location_id)),
            element("AccountId", ask.account.id),
        )
    )


def show_details(ask: Ask) -> Reply:
    """Show all that is known of a number."""
    number = asked_number(ask)
    offer, location = offer_of(number.number), ask.account.location(number.location_id)
    site = ask.account.office.sites.get(site_of(ask.account, number.location_id))
    return Reply(
        root=element(
            "TelephoneNumberResponse",
            element(
                "TelephoneNumberDetails",
                element("City", offer.city),
                element("Lata", offer.lata),
                element("State", offer.state),
                element("FullNumber", number.number[2:]),
                element("Tier", 0),
                element("VendorId", 1),
                element("VendorName", "msgcore simulator"),
                element("RateCenter", offer.rate_center),
                element("Status", "Inservice"),
                element("AccountId", ask.account.id),
                element("LastModified", time_of(number.since or 0.0)),
                element("Site", _id_and_name(site.id, site.name)) if site is not None else None,
                element("SipPeer", _id_and_name(location.id, location.name)) if location is not None else None,
                element("ServiceTypes", element("ServiceType", "Messaging")),
                element("MessagingSettings", _messaging(number)),
                element("Features", [element(name, text) for name, text in number.options.items()]),
                element("TnAttributes"),
            ),
        )
    )


def show_rate_center_of(ask: Ask) -> Reply:
    """Show where a number lies."""
    offer = offer_of(asked_number(ask).number)
    details = element("TelephoneNumberDetails", element("State", offer.state), element("RateCenter", offer.rate_center))
    return Reply(root=element("TelephoneNumberResponse", details))


def show_site_of(ask: Ask) -> Reply:
    """Show which site a number belongs to."""
    id = site_of(ask.account, asked_number(ask).location_id)
    site = found(ask.account.office.sites.get(id), "site", id)
    return Reply(root=element("Site", _id_and_name(site.id, site.name)))


def show_peer_of(ask: Ask) -> Reply:
    """Show which location a number belongs to."""
    number = asked_number(ask)
    location = found(ask.account.location(number.location_id), "SIP peer", number.location_id)
    return Reply(root=element("SipPeer", _id_and_name(location.id, location.name)))


def _messaging(number: Number) -> list[Element | None]:
    a2p = number.number_class is NumberClass.A2P_LONG_CODE
    return [
        element("SmsEnabled", number.enabled),
        optional("CampaignId", number.campaign_id),
        optional("MessageClass", number.campaign_class),
        element("CampaignFullyProvisioned", number.campaign_id is not None),
        element("A2pState", number.a2p_state if a2p or number.a2p_state != "SYSTEM_DEFAULT" else "OFF"),
    ]


def _tn(ask: Ask, number: Number) -> Element:
    return element(
        "TelephoneNumber",
        element("FullNumber", number.number[2:]),
        element("City", offer_of(number.number).city),
        element("State", offer_of(number.number).state),
        element("Status", "Inservice"),
        element("AccountId", ask.account.id),
        element("SiteId", site_of(ask.account, number.location_id)),
        element("SipPeerId", number.location_id),
    )


def _id_and_name(id: str, name: str) -> list[Element]:
    return [element("Id", id), element("Name", name)]


ROUTES: Final = (
    Route("GET", "availableNumbers", search),
    Route("GET", "availableNpaNxx", search_prefixes),
    Route("POST", "lnpchecker", check_portable),
    Route("GET", "inserviceNumbers", list_in_service),
    Route("GET", "inserviceNumbers/totals", count_in_service),
    Route("GET", "inserviceNumbers/{tn}", show_in_service),
    Route("GET", "discnumbers", list_given_back),
    Route("GET", "discnumbers/totals", count_given_back),
    Route("GET", "sites/{site}/inserviceNumbers", list_of_site),
    Route("GET", "sites/{site}/totaltns", count_of_site),
    Route("GET", "sites/{site}/sippeers/{peer}/tns", list_of_peer),
    Route("GET", "sites/{site}/sippeers/{peer}/tns/{tn}", show_of_peer),
    Route("PUT", "sites/{site}/sippeers/{peer}/tns/{tn}", change_of_peer),
    Route("GET", "sites/{site}/sippeers/{peer}/totaltns", count_of_peer),
    Route("POST", "sites/{site}/sippeers/{peer}/movetns", move_to_peer),
)
TN_ROUTES: Final = (
    Route("GET", "tns", list_tns),
    Route("GET", "tns/{tn}", show_tn),
    Route("GET", "tns/{tn}/tndetails", show_details),
    Route("GET", "tns/{tn}/ratecenter", show_rate_center_of),
    Route("GET", "tns/{tn}/sites", show_site_of),
    Route("GET", "tns/{tn}/sippeers", show_peer_of),
)
"""Not below the account."""
