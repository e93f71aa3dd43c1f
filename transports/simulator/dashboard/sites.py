"""Sites (sub-accounts) and SIP peers (locations), as far as they are no messaging settings.

Source: the provider's account guides, sites and locations; published clients. Each site has one default location.
"""

from typing import Final

from msgcore.errors import LocalError
from transports.simulator.accounts.account import SAMPLE_LOCATION_ID
from transports.simulator.accounts.office import HOME_SITE_ID, Site
from transports.simulator.accounts.records import Location
from transports.simulator.dashboard.asking import IN_USE, Ask, RefusedError, Reply, Route, found
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.orders.numbers import site_of
from transports.simulator.orders.orders import replace

# ---------------------------------------------------------------------------------------------------------------- sites


def list_sites(ask: Ask) -> Reply:
    """Show all sites."""
    return Reply(root=element("SitesResponse", element("Sites", map(_site, ask.account.office.sites.values()))))


def create_site(ask: Ask) -> Reply:
    """Make a site."""
    sent, sites = ask.xml("Site"), ask.account.office.sites
    if not sent.get("Name"):
        raise LocalError("Name: expected a name, got nothing")
    site = _with(Site(id=_free_id(HOME_SITE_ID, sites)), sent)
    sites[site.id] = site
    return Reply(201, element("SiteResponse", _site(site)), ask.url("sites", site.id))


def show_site(ask: Ask) -> Reply:
    """Show one."""
    return Reply(root=element("SiteResponse", _site(asked_site(ask))))


def change_site(ask: Ask) -> Reply:
    """Change what is given."""
    site = _with(asked_site(ask), ask.xml("Site"))
    ask.account.office.sites[site.id] = site
    return Reply(root=element("SiteResponse", _site(site)))


def remove_site(ask: Ask) -> Reply:
    """Forget one that has no locations."""
    site = asked_site(ask)
    if peers_of(ask, site):
        raise RefusedError(400, IN_USE, f"site {site.id} still has locations")
    del ask.account.office.sites[site.id]
    return Reply(root=element("SiteResponse"))


def asked_site(ask: Ask) -> Site:
    """Return the site that the path names."""
    return found(ask.account.office.sites.get(ask.parts["site"]), "site", ask.parts["site"])


def peers_of(ask: Ask, site: Site) -> list[Location]:
    """Return the locations of a site."""
    return [location for location in ask.account.locations if site_of(ask.account, location.id) == site.id]


def _with(site: Site, sent: Element) -> Site:
    address = sent.find("Address")
    return replace(
        site,
        name=sent.get("Name") or site.name,
        description=sent.get("Description", site.description),
        customer_name=sent.get("CustomerName", site.customer_name),
        address=site.address if address is None else {child.name: child.text for child in address.children},
    )


def _site(site: Site) -> Element:
    return element(
        "Site",
        element("Id", site.id),
        element("Name", site.name),
        element("Description", site.description),
        optional("CustomerName", site.customer_name),
        element("Address", [element(name, text) for name, text in site.address.items()]) if site.address else None,
    )


# ------------------------------------------------------------------------------------------------------------ SIP peers


def list_peers(ask: Ask) -> Reply:
    """Show the locations of a site."""
    shown = [_peer(ask, location) for location in peers_of(ask, asked_site(ask))]
    return Reply(root=element("TNSipPeersResponse", element("SipPeers", shown)))


def create_peer(ask: Ask) -> Reply:
    """Make a location; it sends nothing before its messaging features are on. The first of a site is its default."""
    site, sent, account = asked_site(ask), ask.xml("SipPeer"), ask.account
    if not sent.get("PeerName"):
        raise LocalError("PeerName: expected a name, got nothing")
    ids = {location.id: None for location in account.locations}
    location = Location(
        id=_free_id(SAMPLE_LOCATION_ID, ids),
        name=sent.get("PeerName"),
        site_id=site.id,
        description=sent.get("Description"),
        is_default=bool(sent.flag("IsDefaultPeer")) or not peers_of(ask, site),
        sms=False,
        mms=False,
        toll_free=False,
        short_code=False,
        a2p=False,
    )
    _put(ask, site, location)
    return Reply(
        201, element("SipPeerResponse", _peer(ask, location)), ask.url("sites", site.id, "sippeers", location.id)
    )


def show_peer(ask: Ask) -> Reply:
    """Show one."""
    return Reply(root=element("SipPeerResponse", _peer(ask, asked_peer(ask))))


def change_peer(ask: Ask) -> Reply:
    """Change what is given."""
    location, sent = asked_peer(ask), ask.xml("SipPeer")
    default = sent.flag("IsDefaultPeer")
    location = replace(
        location,
        name=sent.get("PeerName") or location.name,
        description=sent.get("Description", location.description),
        is_default=location.is_default if default is None else default,
    )
    _put(ask, asked_site(ask), location)
    return Reply(root=element("SipPeerResponse", _peer(ask, location)))


def remove_peer(ask: Ask) -> Reply:
    """Forget one that has no numbers."""
    location = asked_peer(ask)
    try:
        ask.account.remove_location(location.id)
    except LocalError as error:
        raise RefusedError(400, IN_USE, str(error)) from error
    return Reply(root=element("SipPeerResponse"))


def asked_peer(ask: Ask) -> Location:
    """Return the location that the path names, if it is one of the site there."""
    location = ask.account.location(ask.parts["peer"])
    if location is not None and site_of(ask.account, location.id) != asked_site(ask).id:
        location = None
    return found(location, "SIP peer", ask.parts["peer"])


def _put(ask: Ask, site: Site, location: Location) -> None:
    if location.is_default:
        for other in peers_of(ask, site):
            if other.is_default and other.id != location.id:
                ask.account.put_location(replace(other, is_default=False))
    ask.account.put_location(location)


def _peer(ask: Ask, location: Location) -> Element:
    return element(
        "SipPeer",
        element("PeerId", location.id),
        element("PeerName", location.name),
        element("Description", location.description),
        element("IsDefaultPeer", location.is_default),
        element("SiteId", site_of(ask.account, location.id)),
    )


def _free_id(first: str, taken: "dict[str, Site] | dict[str, None]") -> str:
    id = int(first)
    while str(id) in taken:
        id += 1
    return str(id)


ROUTES: Final = (
    Route("GET", "sites", list_sites),
    Route("POST", "sites", create_site),
    Route("GET", "sites/{site}", show_site),
    Route("PUT", "sites/{site}", change_site),
    Route("DELETE", "sites/{site}", remove_site),
    Route("GET", "sites/{site}/sippeers", list_peers),
    Route("POST", "sites/{site}/sippeers", create_peer),
    Route("GET", "sites/{site}/sippeers/{peer}", show_peer),
    Route("PUT", "sites/{site}/sippeers/{peer}", change_peer),
    Route("DELETE", "sites/{site}/sippeers/{peer}", remove_peer),
)
