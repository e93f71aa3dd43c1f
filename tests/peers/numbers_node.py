"""The dashboard's client for Node.js (npm ``@bandwidth/numbers``) as somebody uses it, against the simulator's server.

It makes applications, sites and SIP peers, switches messaging on, searches, buys, moves and disconnects numbers, sets
TN options, ports numbers in with a letter, and reads everything back, with its address as the only thing that is told
it. It waits for ever where an answer lacks an element that it looks for: that is "no end" here, and a disagreement.
Its own trait, no fault of a server: an order that fails in part is told as an error.
"""

from collections import Counter
from typing import Any, NamedTuple

from tests.peers.environments import NodeEnvironment
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import Simulator, running
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID, SAMPLE_LOCATION_ID
from transports.simulator.accounts.office import HOME_SITE_ID

ENVIRONMENT = NodeEnvironment("numbers_node", ("@bandwidth/numbers@2.0.0",))


class Step(NamedTuple):
    """A question, and what the answer has to hold: parts of the value by their paths, or a status."""

    question: dict[str, Any]
    expected: dict[str, Any] = {}  # noqa: RUF012  never changed
    status: int | None = None


def do(name: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"do": name, "args": list(args), **({"as": more["keep"]} if "keep" in more else {})}


def on(target: str, name: str, *args: Any, **more: Any) -> dict[str, Any]:
    return {"on": target, **do(name, *args, **more)}


def ref(path: str) -> dict[str, str]:
    return {"$": path}


URLS = {"inboundCallbackUrl": "https://hooks.example.org/in", "outboundCallbackUrl": "https://hooks.example.org/out"}
SMS = {
    "sipPeerSmsFeatureSettings": {"tollFree": True, "protocol": "HTTP", "zone1": True, "zone2": True, "zone3": False},
    "httpSettings": {},
}
MMS = {"mmsSettings": {"protocol": "HTTP"}, "protocols": {"HTTP": {"httpSettings": {}}}}
LETTER = {"octets": "a letter of authority"}

STEPS = [
    Step(do("Application.list"), {"0.applicationId": SAMPLE_APPLICATION_ID}),
    Step(
        do("Application.createMessagingApplication", {"appName": "desk", **URLS}, keep="app"),
        {"serviceType": "Messaging-V2", "appName": "desk", **URLS},
    ),
    Step(on("app", "update", {"appName": "bench", "msgCallbackUrl": "https://hooks.example.org/all"})),
    Step(
        do("Application.get", ref("app.applicationId"), keep="app"),
        {"appName": "bench", "inboundCallbackUrl": "https://hooks.example.org/all",
         "requestedCallbackTypes.callbackType.2": "message-sending"},
    ),
    Step(do("Application.get", "none"), status=404),
    Step(do("Site.list"), {"0.name": "sample"}),
    Step(
        do("Site.create", {"name": "west", "description": "by the sea", "address": {"city": "Raleigh"}}, keep="site"),
        {"name": "west", "description": "by the sea"},
    ),
    Step(on("site", "update", {"name": "east"})),
    Step(do("Site.get", ref("site.id"), keep="site"), {"name": "east"}),
    Step(on("site", "getSipPeers"), {"length": 0}),
    Step(
        on("site", "createSipPeer", {"peerName": "first", "isDefaultPeer": True, "siteId": ref("site.id")},
           keep="peer"),
        {"peerName": "first", "isDefaultPeer": True},
    ),
    Step(do("SipPeer.list", ref("site.id")), {"0.peerName": "first"}),
    Step(on("peer", "update", {"peerName": "second"})),
    Step(do("SipPeer.get", ref("site.id"), ref("peer.id"), keep="peer"), {"peerName": "second"}),
    Step(on("peer", "getSmsSettings"), status=404),
    Step(on("peer", "createMmsSettings", MMS), status=400),
    Step(on("peer", "createSmsSettings", SMS), {"sipPeerSmsFeatureSettings.zone2": True}),
    Step(on("peer", "editSmsSettings", SMS), {"sipPeerSmsFeatureSettings.zone3": False}),
    Step(on("peer", "getSmsSettings"), {"sipPeerSmsFeatureSettings.tollFree": True}),
    Step(on("peer", "createMmsSettings", MMS)),
    Step(on("peer", "getMmsSettings"), {"mmsSettings.protocol": "HTTP"}),
    Step(on("peer", "listApplication")),
    Step(
        on("peer", "editApplication", {"httpMessagingV2AppId": ref("app.applicationId")}),
        {"httpMessagingV2AppId": ref("app.applicationId")},
    ),
    Step(on("app", "getSipPeers"), {"0.peerName": "second"}),
    Step(do("AvailableNumbers.list", {"areaCode": "919", "quantity": 2}), {"resultCount": 2}),
    Step(
        do("AvailableNumbers.list", {"areaCode": "303", "enableTNDetail": True}),
        {"telephoneNumberDetailList.telephoneNumberDetail.0.city": "DENVER"},
    ),
    Step(do("AvailableNpaNxx.list", {"state": "WA"}), {"npa": 206, "quantity": 5}),
    Step(
        do(
            "Order.create",
            {
                "name": "two", "siteId": ref("site.id"), "peerId": ref("peer.id"), "customerOrderId": "c-1",
                "existingTelephoneNumberOrderType": {
                    "telephoneNumberList": {"telephoneNumber": ["9195550110", "9195550111"]}
                },
            },
            keep="order",
        ),
        {"order.name": "two", "orderStatus": "RECEIVED"},
    ),
    Step(do("Order.get", ref("order.order.id")), {"orderStatus": "COMPLETE", "completedQuantity": 2}),
    Step(do("Order.list", {"page": 1, "size": 10}), {"listOrderIdUserIdDate.totalCount": 1}),
    Step(on("order.order", "getTns"), {"count": 2, "telephoneNumber.1": "9195550111"}),
    Step(on("order.order", "getAreaCodes"), {"0.areaCode": 919, "0.count": 2}),
    Step(on("order.order", "getNpaNxx"), {"0.count": 2}),
    Step(on("order.order", "getHistory"), {"1.status": "COMPLETE"}),
    Step(on("order.order", "addNote", {"userId": "ann", "description": "hello"}), {"description": "hello"}),
    Step(on("order.order", "update", {"name": "two", "closeOrder": True})),
    Step(
        do(
            "Order.create",
            {"siteId": ref("site.id"),
             "existingTelephoneNumberOrderType": {"telephoneNumberList": {"telephoneNumber": ["9195550199"]}}},
        ),
        {"error": "The telephone number is unavailable for ordering"},
    ),
    Step(do("InServiceNumber.list", {"areacode": "919"}), {"totalCount": 5}),
    Step(do("InServiceNumber.totals"), {"count": 6}),
    Step(do("InServiceNumber.get", "9195550110")),
    Step(do("InServiceNumber.get", "9195550119"), status=404),
    Step(on("peer", "getTns"), {"0.fullNumber": "9195550110"}),
    Step(on("peer", "getTns", "9195550111"), {"messagingSettings.smsEnabled": True}),
    Step(do("Tn.get", "9195550110", keep="tn"), {"status": "Inservice", "siteId": ref("site.id")}),
    Step(on("tn", "getTnDetails"), {"city": "RALEIGH", "fullNumber": "9195550110"}),
    Step(on("tn", "getSites"), {"name": "east"}),
    Step(on("tn", "getSipPeers"), {"name": "second"}),
    Step(on("tn", "getRateCenter"), {"rateCenter": "RALEIGH"}),
    Step(do("Tn.list", {}), {"telephoneNumberCount": 6}),
    Step(
        do(
            "TnOption.create",
            {"customerOrderId": "c-2", "tnOptionGroups": [
                {"sms": "on", "a2pSettings": {"action": "asSpecified", "messageClass": "T", "campaignId": "CJEUMDK"},
                 "telephoneNumbers": ["9195550110"]}]},
            keep="options",
        ),
        {"tnOptionGroups.0.telephoneNumbers.0": "9195550110"},
    ),
    Step(do("TnOption.get", ref("options.orderId")), {"processingStatus": "COMPLETE", "tnOptionGroups.0.sms": "on"}),
    Step(do("TnOption.list", {}), {"0.orderType": "tn_option"}),
    Step(
        on("tn", "getTnDetails"),
        {"messagingSettings.campaignId": "CJEUMDK", "messagingSettings.a2pState": "OVERRIDDEN"},
    ),
    Step(do("SipPeer.get", HOME_SITE_ID, SAMPLE_LOCATION_ID, keep="home"), {"peerName": "sample location"}),
    Step(on("home", "moveTns", ["9195550110"])),
    Step(on("tn", "getSipPeers"), {"id": int(SAMPLE_LOCATION_ID)}),
    Step(do("Disconnect.create", "gone", ["9195550110"], keep="gone"), {"orderStatus": "RECEIVED"}),
    Step(do("Disconnect.get", ref("gone.orderRequest.id"), {}), {"orderStatus": "COMPLETE"}),
    Step(do("Disconnect.list", {}), {"listOrderIdUserIdDate.orderIdUserIdDate.orderType": "disconnect"}),
    Step(do("Tn.get", "9195550110"), status=404),
    Step(do("DiscNumber.list", {}), {"count": 1}),
    Step(do("DiscNumber.totals"), {"count": 1}),
    Step(do("LnpChecker.check", ["2125550100"]), {"portableNumbers.tn": "2125550100"}),
    Step(
        do(
            "PortIn.create",
            {"billingTelephoneNumber": "2125550100", "siteId": ref("site.id"), "peerId": ref("peer.id"),
             "listOfPhoneNumbers": {"phoneNumber": ["2125550100"]}, "loaAuthorizingPerson": "Ann",
             "subscriber": {"subscriberType": "BUSINESS", "businessName": "Acme"}},
            keep="port",
        ),
        {"processingStatus": "PENDING_DOCUMENTS", "subscriber.businessName": "Acme"},
    ),
    Step(on("port", "update", {"requestedFocDate": "2099-01-01T00:00:00.000Z"})),
    Step(do("PortIn.get", ref("port.id")), {"requestedFocDate": "2099-01-01T00:00:00.000Z"}),
    Step(do("PortIn.list", {"page": 1, "size": 5}), {"lnpPortInfoForGivenStatus.orderId": ref("port.id")}),
    Step(on("port", "createFile", LETTER, "text/plain")),
    Step(on("port", "getFiles", True), {"fileMetaData.documentType": "LOA"}),
    Step(on("port", "getHistory"), {"1.status": "SUBMITTED"}),
    Step(on("port", "getTns"), {"telephoneNumber": "2125550100"}),
    Step(on("port", "getActivationStatus")),
    Step(on("port", "addNote", {"userId": "ann", "description": "soon?"}), {"description": "soon?"}),
    Step(on("port", "delete")),
    Step(do("PortIn.get", ref("port.id")), {"processingStatus": "CANCELLED"}),
    Step(on("peer", "removeApplication")),
    Step(on("peer", "deleteMmsSettings")),
    Step(on("peer", "deleteSmsSettings")),
    Step(on("app", "delete")),
    Step(on("peer", "delete"), status=400),
    Step(on("home", "moveTns", ["9195550111"])),
    Step(on("peer", "delete")),
    Step(on("site", "delete")),
]  # fmt: skip


def judge() -> Verdict:
    with running() as simulator:
        answers = ask(simulator, [step.question for step in STEPS])
        [refused] = ask(simulator, [do("Site.list")], password="wrong")
    kept = {step.question["as"]: answer.get("value") for step, answer in zip(STEPS, answers, strict=True)
            if "as" in step.question}  # fmt: skip
    unexplained = [
        problem for step, answer in zip(STEPS, answers, strict=True) if (problem := disagreement(step, answer, kept))
    ]
    if refused.get("status") != 401:
        unexplained.append(f"a wrong password is answered {refused}")
    return Verdict(f"{len(STEPS) + 1} calls", Counter(), unexplained)


def ask(simulator: Simulator, questions: list[dict[str, Any]], password: str | None = None) -> list[dict[str, Any]]:
    ready = simulator.ready
    told = {
        "url": ready.dashboard_url,
        "account_id": ready.account_id,
        "user": ready.dashboard_user,
        "password": password or ready.dashboard_password,
    }
    return ENVIRONMENT.ask("numbers_node.js", [{"ready": told}, *questions])[1:]


def disagreement(step: Step, answer: dict[str, Any], kept: dict[str, Any]) -> str | None:
    if step.status is not None:
        is_right = answer.get("status") == step.status
    elif "error" in step.expected:
        is_right = answer.get("error") == step.expected["error"]
    else:
        is_right = "error" not in answer and all(
            part(answer["value"], path) == (part(kept, wanted["$"]) if isinstance(wanted, dict) else wanted)
            for path, wanted in step.expected.items()
        )
    return None if is_right else f"{step.question} is answered {answer}"


def part(value: Any, path: str) -> Any:
    """Return a part of a value: names and places, joined by dots; ``length`` of a list."""
    for name in path.split("."):
        try:
            if isinstance(value, list):
                value = len(value) if name == "length" else value[int(name)]
            else:
                value = value[name]
        except (KeyError, IndexError, TypeError):
            return None
    return value
