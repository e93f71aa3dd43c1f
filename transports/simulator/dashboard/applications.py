"""Applications: where events go.

Source: the provider's account guides, application resource. Passwords are left out of answers. "Posting only
``MsgCallbackUrl`` is answered with all URL elements filled with it and all three callback types."
"""

import uuid
from typing import Any, Final

from msgcore.errors import LocalError
from transports.simulator.accounts.records import Application, CallbackCredential
from transports.simulator.dashboard.asking import IN_USE, Ask, RefusedError, Reply, Route, found
from transports.simulator.dashboard.elements import Element, element, optional
from transports.simulator.orders.numbers import site_of
from transports.simulator.orders.orders import new_id, replace

_SERVICE: Final = "Messaging-V2"
_TYPES: Final = ("message-delivered", "message-failed", "message-sending")
"""What can be asked for; ``message-sent`` came later and goes with all three."""


def list_all(ask: Ask) -> Reply:
    """Show all applications."""
    shown = [_shown(application) for application in ask.account.applications]
    return Reply(root=element("ApplicationProvisioningResponse", element("ApplicationList", shown)))


def create(ask: Ask) -> Reply:
    """Make an application."""
    sent = ask.xml("Application")
    if not sent.get("AppName"):
        raise LocalError("AppName: expected a name, got nothing")
    _check_service(sent, needed=True)
    fields = _fields(sent)
    if not (fields["inbound_url"] or fields["callback_url"]):
        raise LocalError("InboundCallbackUrl: expected where inbound events go, got nothing")
    application = Application(id=str(uuid.UUID(new_id(ask.account))), **fields)
    ask.account.put_application(application)
    return Reply(201, _one(application), ask.url("applications", application.id))


def show(ask: Ask) -> Reply:
    """Show one."""
    return Reply(root=_one(_asked(ask)))


def change(ask: Ask) -> Reply:
    """Replace it whole (PUT), or change what is given (PATCH)."""
    application = _asked(ask)
    sent = ask.xml("Application")
    _check_service(sent, needed=False)
    fields = _fields(sent)
    if ask.method == "PATCH":
        fields = {name: value for name, value in fields.items() if _is_given(sent, name)}
    elif not fields["name"]:
        fields["name"] = application.name
    application = replace(application, **fields)
    ask.account.put_application(application)
    return Reply(root=_one(application))


def remove(ask: Ask) -> Reply:
    """Forget one that no location uses."""
    application = _asked(ask)
    try:
        ask.account.remove_application(application.id)
    except LocalError as error:
        raise RefusedError(400, IN_USE, str(error)) from error
    return Reply(root=element("ApplicationProvisioningResponse"))


def associated_peers(ask: Ask) -> Reply:
    """Show the locations that use it."""
    application, account = _asked(ask), ask.account
    peers = []
    for location in account.locations:
        if location.application_id == application.id:
            site = account.office.sites.get(site_of(account, location.id))
            peers.append(
                element(
                    "AssociatedSipPeer",
                    element("SiteId", "" if site is None else site.id),
                    element("SiteName", "" if site is None else site.name),
                    element("PeerId", location.id),
                    element("PeerName", location.name),
                )
            )
    return Reply(root=element("AssociatedSipPeersResponse", element("AssociatedSipPeers", peers)))


def _asked(ask: Ask) -> Application:
    return found(ask.account.application(ask.parts["id"]), "application", ask.parts["id"])


def _check_service(sent: Element, *, needed: bool) -> None:
    service = sent.get("ServiceType")
    if (service or needed) and service != _SERVICE:
        raise LocalError(f"ServiceType: expected {_SERVICE}, got {service[:40] or 'nothing'}")


_URLS: Final = {
    "callback_url": ("MsgCallbackUrl", "CallbackUrl"),
    "inbound_url": ("InboundCallbackUrl",),
    "outbound_url": ("OutboundCallbackUrl",),
}
_CREDENTIALS: Final = {
    "callback_credential": "CallbackCreds",
    "inbound_credential": "InboundCallbackCreds",
    "outbound_credential": "OutboundCallbackCreds",
}
_ELEMENTS: Final = {
    "name": ("AppName",),
    **_URLS,
    **{field: (name,) for field, name in _CREDENTIALS.items()},
    "callback_types": ("RequestedCallbackTypes",),
}


def _is_given(sent: Element, field: str) -> bool:
    return any(sent.find(name) is not None for name in _ELEMENTS[field])


def _fields(sent: Element) -> dict[str, Any]:
    fields: dict[str, Any] = {"name": sent.get("AppName"), "callback_types": _types(sent)}
    for field, names in _URLS.items():
        fields[field] = next((sent.get(name) for name in names if sent.get(name)), None)
    for field, name in _CREDENTIALS.items():
        user = sent.get(f"{name}/UserId")
        fields[field] = CallbackCredential(user, sent.get(f"{name}/Password")) if user else None
    return fields


def _types(sent: Element) -> frozenset[str] | None:
    types = frozenset(sent.texts("RequestedCallbackTypes/CallbackType"))
    if unknown := sorted(types - {*_TYPES, "message-sent"}):
        raise LocalError(f"CallbackType: expected some of {', '.join(_TYPES)}, got {unknown[0][:40]!r}")
    # All three are all there are: who sends back what he was shown must not lose an event by it.
    return None if not types or types >= set(_TYPES) else types


def _one(application: Application) -> Element:
    return element("ApplicationProvisioningResponse", _shown(application))


def _shown(application: Application) -> Element:
    inbound, outbound = application.url(inbound=True), application.url(inbound=False)
    types = sorted(application.callback_types) if application.callback_types is not None else _TYPES
    return element(
        "Application",
        element("ApplicationId", application.id),
        element("ServiceType", _SERVICE),
        element("AppName", application.name),
        optional("CallbackUrl", application.callback_url or inbound),
        optional("MsgCallbackUrl", application.callback_url or inbound),
        optional("InboundCallbackUrl", inbound),
        optional("OutboundCallbackUrl", outbound),
        _creds("CallbackCreds", application.callback_credential),
        _creds("InboundCallbackCreds", application.credential(inbound=True)),
        _creds("OutboundCallbackCreds", application.credential(inbound=False)),
        element("RequestedCallbackTypes", [element("CallbackType", type_) for type_ in types]),
    )


def _creds(name: str, credential: CallbackCredential | None) -> Element | None:
    return None if credential is None else element(name, element("UserId", credential.user))


ROUTES: Final = (
    Route("GET", "applications", list_all),
    Route("POST", "applications", create),
    Route("GET", "applications/{id}", show),
    Route("PUT", "applications/{id}", change),
    Route("PATCH", "applications/{id}", change),
    Route("DELETE", "applications/{id}", remove),
    Route("GET", "applications/{id}/associatedsippeers", associated_peers),
)
