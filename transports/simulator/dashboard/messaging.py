"""What a location may send: the SMS and MMS features with their zones, its application, and the account's own pages.

Source: the provider's account guides, messaging features: zone 1 must be on wherever SMS is, MMS is refused before SMS
is on, the plain text ``REMOVE`` unassigns an application. That GET, PUT and DELETE of a feature that is off are 404 is
inferred.
"""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.records import Location
from transports.simulator.accounts.zones import ZONES
from transports.simulator.dashboard.asking import UNKNOWN, Ask, RefusedError, Reply, Route
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.dashboard.sites import asked_peer
from transports.simulator.orders.orders import follow_location, replace

COUNTRY_NOT_APPROVED: Final = 13654
APPROVED_COUNTRIES: Final = ("CAN",)
"""Break-out countries of an account (ASSUMED)."""

_ECHOED: Final = ("A2pLongCode", "A2pMessageClass", "A2pCampaignId", "Protocol")
_PEER: Final = "sites/{site}/sippeers/{peer}/products/messaging"

# ------------------------------------------------------------------------------------------------------------------ SMS


def show_sms(ask: Ask) -> Reply:
    """Show the SMS feature."""
    return Reply(root=element("SipPeerSmsFeatureResponse", _sms(_with_sms(ask))))


def put_sms(ask: Ask) -> Reply:
    """Switch SMS on (POST), or change it (PUT)."""
    location = asked_peer(ask) if ask.method == "POST" else _with_sms(ask)
    sent = ask.xml("SipPeerSmsFeature")
    settings = sent.find("SipPeerSmsFeatureSettings") or Element("SipPeerSmsFeatureSettings")
    details = dict(location.details)
    for name in _ECHOED:
        if settings.find(name) is not None:
            details[name] = settings.get(name)
    if sent.find("HttpSettings/ProxyPeerId") is not None:
        details["ProxyPeerId"] = sent.get("HttpSettings/ProxyPeerId")
    changed = replace(
        location,
        sms=True,
        toll_free=_switch(settings, "TollFree", location.toll_free),
        short_code=_switch(settings, "ShortCode", location.short_code),
        a2p=_a2p(settings.get("A2pLongCode"), location.a2p),
        zones=_zones(settings, location),
        details=details,
    )
    ask.account.put_location(changed)
    follow_location(ask.account, changed)
    status = 201 if ask.method == "POST" else 200
    return Reply(status, element("SipPeerSmsFeatureResponse", _sms(changed)))


def remove_sms(ask: Ask) -> Reply:
    """Switch SMS off, and MMS with it."""
    ask.account.put_location(replace(_with_sms(ask), sms=False, mms=False))
    return Reply(root=element("SipPeerSmsFeatureResponse"))


def _with_sms(ask: Ask) -> Location:
    location = asked_peer(ask)
    if not location.sms:
        raise RefusedError(404, UNKNOWN, f"SMS is not on in SIP peer {location.id}")
    return location


def _switch(settings: Element, name: str, before: bool) -> bool:
    value = settings.flag(name)
    return before if value is None else value


def _a2p(text: str, before: bool) -> bool:
    """``DEFAULT_ON`` in the documents, ``DefaultOn`` in a sample."""
    value = text.replace("_", "").lower()
    if value not in ("", "defaulton", "defaultoff"):
        raise LocalError(f"A2pLongCode: expected DEFAULT_ON or DEFAULT_OFF, got {text[:40]!r}")
    return before if not value else value == "defaulton"


def _zones(settings: Element, location: Location) -> frozenset[int]:
    zones = set(location.zones)
    for zone in ZONES:
        value = settings.flag(f"Zone{zone}")
        if value is not None:
            zones = zones | {zone} if value else zones - {zone}
    if 1 not in zones:
        raise LocalError("Zone1: expected true, since zone 1 is on wherever SMS is")
    return frozenset(zones)


def _sms(location: Location) -> Element:
    details = location.details
    return element(
        "SipPeerSmsFeature",
        element(
            "SipPeerSmsFeatureSettings",
            element("TollFree", location.toll_free),
            element("ShortCode", location.short_code),
            element("A2pLongCode", details.get("A2pLongCode", "DEFAULT_ON" if location.a2p else "DEFAULT_OFF")),
            optional("A2pMessageClass", details.get("A2pMessageClass")),
            optional("A2pCampaignId", details.get("A2pCampaignId")),
            element("Protocol", details.get("Protocol", "HTTP")),
            [element(f"Zone{zone}", zone in location.zones) for zone in ZONES],
        ),
        element("HttpSettings", optional("ProxyPeerId", details.get("ProxyPeerId"))),
    )


# ------------------------------------------------------------------------------------------------------------------ MMS


def show_mms(ask: Ask) -> Reply:
    """Show the MMS feature."""
    return Reply(root=element("MmsFeatureResponse", _mms(_with_mms(ask))))


def put_mms(ask: Ask) -> Reply:
    """Switch MMS on (POST), or change it (PUT)."""
    location = asked_peer(ask) if ask.method == "POST" else _with_mms(ask)
    sent = ask.xml("MmsFeature")
    if not location.sms:
        raise LocalError("MmsFeature: SMS has to be on before MMS can be")
    details = dict(location.details)
    if sent.get("MmsSettings/Protocol"):
        details["MmsProtocol"] = sent.get("MmsSettings/Protocol")
    if sent.find("Protocols/HTTP/HttpSettings/ProxyPeerId") is not None:
        details["MmsProxyPeerId"] = sent.get("Protocols/HTTP/HttpSettings/ProxyPeerId")
    changed = replace(location, mms=True, details=details)
    ask.account.put_location(changed)
    return Reply(201 if ask.method == "POST" else 200, element("MmsFeatureResponse", _mms(changed)))


def remove_mms(ask: Ask) -> Reply:
    """Switch MMS off."""
    ask.account.put_location(replace(_with_mms(ask), mms=False))
    return Reply(root=element("MmsFeatureResponse"))


def _with_mms(ask: Ask) -> Location:
    location = asked_peer(ask)
    if not location.mms:
        raise RefusedError(404, UNKNOWN, f"MMS is not on in SIP peer {location.id}")
    return location


def _mms(location: Location) -> Element:
    proxy = location.details.get("MmsProxyPeerId")
    return element(
        "MmsFeature",
        element("MmsSettings", element("Protocol", location.details.get("MmsProtocol", "HTTP"))),
        element("Protocols", element("HTTP", element("HttpSettings", optional("ProxyPeerId", proxy)))),
    )


# ---------------------------------------------------------------------------------------------------------- application


def show_application(ask: Ask) -> Reply:
    """Show which application gets what comes in."""
    return Reply(root=_application(asked_peer(ask)))


def put_application(ask: Ask) -> Reply:
    """Assign an application, or none."""
    location = asked_peer(ask)
    sent = ask.xml("ApplicationsSettings", "ApplicationSettings")
    id = sent.get("HttpMessagingV2AppId")
    if not id and sent.text != "REMOVE":
        raise LocalError("ApplicationsSettings: expected HttpMessagingV2AppId, or the text REMOVE")
    if id and ask.account.application(id) is None:
        raise RefusedError(404, UNKNOWN, f"there is no application {id[:60]!r}")
    changed = replace(location, application_id=id or None)
    ask.account.put_location(changed)
    return Reply(root=_application(changed))


def _application(location: Location) -> Element:
    return element(
        "ApplicationSettingsResponse",
        element("ApplicationSettings", optional("HttpMessagingV2AppId", location.application_id)),
    )


# ------------------------------------------------------------------------------------------------------------- settings


def show_settings(ask: Ask) -> Reply:
    """Show the break-out countries of a location."""
    return Reply(root=_settings(asked_peer(ask)))


def put_settings(ask: Ask) -> Reply:
    """Choose the break-out countries of a location among those of the account. They change nothing else here."""
    location, sent = asked_peer(ask), ask.xml("SipPeerMessagingSettings")
    countries = sent.texts("BreakOutCountries/Country")
    for country in countries:
        if country not in APPROVED_COUNTRIES:
            raise RefusedError(400, COUNTRY_NOT_APPROVED, f"the country {country[:40]!r} is not approved")
    changed = replace(location, details={**location.details, "BreakOutCountries": ",".join(countries)})
    ask.account.put_location(changed)
    return Reply(root=_settings(changed))


def _settings(location: Location) -> Element:
    countries = location.details.get("BreakOutCountries", "")
    return element(
        "SipPeerMessagingSettingsResponse",
        element(
            "SipPeerMessagingSettings",
            element("BreakOutCountries", [element("Country", each) for each in countries.split(",") if each]),
        ),
    )


# -------------------------------------------------------------------------------------------------------------- account


def show_account_sms(ask: Ask) -> Reply:
    """Show the zones of the account: those that a number of its map can lie in."""
    zone_map = ask.account.settings.zone_map
    reached = set(ZONES) if zone_map is None else {1, *zone_map.values()}
    zones = [element(f"Zone{zone}", zone in reached) for zone in ZONES]
    settings = element("AccountSmsFeatureSettings", zones, element("Protocol", "HTTP"))
    return Reply(root=element("AccountSmsFeatureResponse", element("AccountSmsFeature", settings)))


def show_account_mms(ask: Ask) -> Reply:
    """Show that MMS goes over HTTP."""
    settings = element("MmsSettings", element("Protocol", "HTTP"))
    return Reply(root=element("AccountMmsFeatureResponse", element("AccountMmsFeature", settings)))


def show_account_http(ask: Ask) -> Reply:
    """Show that the HTTP API is on."""
    return Reply(root=element("AccountHttpFeatureResponse", element("AccountHttpFeature", element("Enabled", True))))


def show_account_settings(ask: Ask) -> Reply:
    """Show what holds for all messages."""
    return Reply(
        root=element(
            "AccountMessagingSettingsResponse",
            element(
                "AccountMessagingSettings",
                element("Enabled", ask.account.settings.enabled),
                element("EnabledOnNewTN", True),
                element("SupportedOnImportedTns", False),
                element("BreakOutCountries", [element("Country", each) for each in APPROVED_COUNTRIES]),
            ),
        )
    )


def list_campaigns(ask: Ask) -> Reply:
    """Show the campaigns that numbers belong to."""
    campaigns = {
        number.campaign_id: number.campaign_class or "" for number in ask.account.numbers if number.campaign_id
    }
    shown = [
        element("A2pCampaign", element("CampaignId", id), optional("MessageClass", each), element("Status", "ACTIVE"))
        for id, each in sorted(campaigns.items())
    ]
    return Reply(root=element("A2pCampaignsResponse", element("A2pCampaigns", shown)))


def list_routes(ask: Ask) -> Reply:
    """Show no routes: there are none to choose."""
    return Reply(root=element("MessagingRoutesResponse", element("MessagingRoutes")))


ROUTES: Final = (
    Route("GET", f"{_PEER}/features/sms", show_sms),
    Route("POST", f"{_PEER}/features/sms", put_sms),
    Route("PUT", f"{_PEER}/features/sms", put_sms),
    Route("DELETE", f"{_PEER}/features/sms", remove_sms),
    Route("GET", f"{_PEER}/features/mms", show_mms),
    Route("POST", f"{_PEER}/features/mms", put_mms),
    Route("PUT", f"{_PEER}/features/mms", put_mms),
    Route("DELETE", f"{_PEER}/features/mms", remove_mms),
    Route("GET", f"{_PEER}/applicationSettings", show_application),
    Route("PUT", f"{_PEER}/applicationSettings", put_application),
    Route("GET", f"{_PEER}/settings", show_settings),
    Route("PUT", f"{_PEER}/settings", put_settings),
    Route("GET", "products/messaging/features/sms", show_account_sms),
    Route("GET", "products/messaging/features/mms", show_account_mms),
    Route("GET", "products/messaging/features/http", show_account_http),
    Route("GET", "products/messaging/settings", show_account_settings),
    Route("GET", "products/messaging/a2pCampaigns", list_campaigns),
    Route("GET", "products/messaging/routes", list_routes),
)
