"""A client of the dashboard made of a plain XML library: nothing of ours reads or writes what it says."""

from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from tests.transports.simulator.service.running import Answer, Simulator, basic, exchange
from transports.simulator.service.settings import Ready


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    root: Element

    def text(self, path: str) -> str | None:
        return self.root.findtext(path)

    def texts(self, path: str) -> list[str]:
        return [found.text or "" for found in self.root.findall(path)]

    @property
    def id(self) -> str:
        """What the Location header ends in."""
        return self.headers["location"].rpartition("/")[2]


def xml(name: str, content: Any) -> Element:
    """Make an element of what stands in dictionaries, lists and texts."""
    root = Element(name)
    fill(root, content)
    return root


def fill(parent: Element, content: Any) -> None:
    if not isinstance(content, dict):
        parent.text = str(content)
        return
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            fill(SubElement(parent, name), each)


class Dashboard:
    """Asks an account's dashboard."""

    def __init__(self, simulator: Simulator, ready: Ready | None = None) -> None:
        self.simulator = simulator
        self.ready = ready or simulator.ready

    def raw(
        self, method: str, path: str, body: bytes = b"", *, user: str | None = None, password: str | None = None,
        content_type: str = "application/xml",
    ) -> Answer:  # fmt: skip
        credentials = basic(user or self.ready.dashboard_user, password or self.ready.dashboard_password)
        headers = {"authorization": credentials, "content-type": content_type}
        return exchange(self.simulator.address, method, f"/api/{path}", body, headers)

    def ask(self, method: str, path: str, name: str = "", content: Any = None, *, status: int | None = None) -> Reply:
        """Ask for something below the account; fail unless the status is what is expected, or a good one."""
        body = tostring(xml(name, content), encoding="UTF-8", xml_declaration=True) if name else b""
        answer = self.raw(method, f"accounts/{self.ready.account_id}/{path}", body)
        assert answer.status == status if status is not None else answer.status < 300, answer
        return Reply(answer.status, answer.headers, fromstring(answer.body) if answer.body else Element("none"))

    def details(self, number: str) -> Reply:
        answer = self.raw("GET", f"tns/{number}/tndetails")
        return Reply(answer.status, answer.headers, fromstring(answer.body))

    def new_location(self, application_id: str | None = None, *zones: int) -> tuple[str, str]:
        """Make a site and a location that sends; returns their ids."""
        site = self.ask("POST", "sites", "Site", {"Name": "west"}).id
        peer = self.ask("POST", f"sites/{site}/sippeers", "SipPeer", {"PeerName": "first"}).id
        below = f"sites/{site}/sippeers/{peer}/products/messaging"
        settings = {"TollFree": "true", **{f"Zone{zone}": "true" for zone in (1, *zones)}}
        self.ask("POST", f"{below}/features/sms", "SipPeerSmsFeature", {"SipPeerSmsFeatureSettings": settings})
        if application_id is not None:
            self.ask(
                "PUT", f"{below}/applicationSettings", "ApplicationsSettings", {"HttpMessagingV2AppId": application_id}
            )
        return site, peer

    def move(self, site: str, peer: str, *numbers: str) -> None:
        order = {"SiteId": site, "SipPeerId": peer, "TelephoneNumbers": {"TelephoneNumber": list(numbers)}}
        self.ask("POST", "moveTns", "MoveTnsOrder", order)
