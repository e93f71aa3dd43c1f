"""The dashboard's client for Python (PyPI ``bandwidth-numbers-sdk``) as somebody uses it, against our server.

It makes sites and SIP peers, searches, buys, moves and disconnects numbers, sets TN options, ports numbers in with a
letter, pages through lists and reads everything back, with its address as the only thing that is told it. It knows no
applications and no messaging features. A deletion that is not answered 200 it tells as a failure, and an error's code
and text it shows only where they stand in the one place that it looks at: both are looked at here.
"""

from collections import Counter
from typing import Any, NamedTuple

from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import Simulator, running
from transports.simulator.accounts.account import SAMPLE_LOCATION_ID
from transports.simulator.accounts.office import HOME_SITE_ID

# It imports pkg_resources, which newer setuptools do not have.
ENVIRONMENT = PythonEnvironment("numbers_python", ("bandwidth-numbers-sdk==1.2.0", "setuptools==80.9.0"))


class Step(NamedTuple):
    """A question, and what the answer has to hold: a value, or some attributes of it, or the end of an error."""

    question: dict[str, Any]
    expected: Any = None
    error: str | None = None


def do(name: str, *args: Any, keep: str = "") -> dict[str, Any]:
    return {"do": name, "args": list(args), **({"as": keep} if keep else {})}


def get(path: str) -> dict[str, Any]:
    return {"get": path}


def ref(path: str) -> dict[str, str]:
    return {"$": path}


SITE = {
    "name": "west",
    "description": "by the sea",
    "address": {"city": "Raleigh", "address_type": "Service", "house_number": "1", "state_code": "NC", "zip": "27606"},
}
ORDER = {
    "name": "two",
    "site_id": ref("site.id"),
    "customer_order_id": "c-1",
    "existing_telephone_number_order_type": {
        "telephone_number_list": {"telephone_number": ["9195550110", "9195550111"]}
    },
}
SEARCH_ORDER = {"site_id": ref("site.id"), "area_code_search_and_order_type": {"area_code": "512", "quantity": "2"}}
DISCONNECT = {
    "name": "gone",
    "disconnect_telephone_number_order_type": {"telephone_number_list": {"telephone_number": ["9195550111"]}},
}
OPTIONS = {
    "customer_order_id": "c-2",
    "tn_option_groups": {
        "tn_option_group": [
            {
                "sms": "on",
                "a2p_settings": {"action": "asSpecified", "campaign_id": "CJEUMDK", "message_class": "T"},
                "telephone_numbers": {"telephone_number": ["9195550110"]},
            }
        ]
    },
}
PORT = {
    "billing_telephone_number": "2125550100",
    "site_id": ref("site.id"),
    "list_of_phone_numbers": {"phone_number": ["2125550100"]},
    "loa_authorizing_person": "Ann",
}
LETTER = {"octets": "a letter of authority"}
TEXT = {"content-type": "text/plain"}

STEPS = [
    Step(do("account.sites.list"), [{"name": "sample"}]),
    Step(do("account.sites.create", SITE, keep="site"), {"name": "west"}),
    Step({"set": "site.name", "to": "east"}),
    Step(do("site.save")),
    Step(do("account.sites.get", ref("site.id"), keep="site"), {"name": "east", "description": "by the sea"}),
    Step(get("site.address.city"), "Raleigh"),
    Step(do("account.sites.get", "none"), error="12002 Iris error: there is no site 'none'"),
    Step(do("site.sip_peers.create", {"peer_name": "first", "is_default_peer": "true"}, keep="peer")),
    Step(do("site.sip_peers.list"), [{"peer_name": "first", "is_default_peer": "true"}]),
    Step(do("site.sip_peers.get", ref("peer.id"), keep="peer"), {"peer_name": "first"}),
    Step(do("account.available_numbers.list", {"areaCode": "919", "quantity": "2"}), ["9195550110", "9195550111"]),
    Step(do("account.available_npa_nxx.list", {"state": "WA"}), [{"npa": "206", "quantity": "5"}]),
    Step(do("account.orders.create", ORDER, keep="order"), {"order_status": "RECEIVED", "name": "two"}),
    Step(do("account.orders.get", ref("order.id"), keep="response"), {"order_status": "COMPLETE"}),
    Step(get("response.completed_quantity"), "2"),
    Step(do("order.tns.list"), ["9195550110", "9195550111"]),
    Step(do("order.notes.create", {"description": "hello"}), {"description": "hello"}),
    Step(do("order.notes.list"), [{"description": "hello"}]),
    Step(do("account.orders.create", SEARCH_ORDER, keep="second"), {"order_status": "RECEIVED"}),
    Step(do("second.tns.list"), ["5125550110", "5125550111"]),
    Step(do("account.orders.list", {"page": "1", "size": "10"}), [{"order_type": "new_number"}] * 2),
    Step(do("account.in_service_numbers.list", {"page": "1", "size": "5"}, keep="first_page")),
    Step(get("account.in_service_numbers.total_count"), "8"),
    Step(get("account.in_service_numbers.links.next"), ["2"]),
    Step(do("account.in_service_numbers.list", {"page": "2", "size": "5"}),
         ["9195550102", "9195550110", "9195550111"]),
    Step(do("peer.tns.list"), [{"full_number": number} for number in
                               ("5125550110", "5125550111", "9195550110", "9195550111")]),
    Step(do("peer.totaltns.get"), {"sip_peer_telephone_numbers_count": "4"}),
    Step(do("peer.movetns.add", "9195550100")),
    Step(do("peer.movetns")),
    Step(do("site.totaltns.get"), {"total_count": "5"}),
    Step(do("account.disconnects.create", DISCONNECT, keep="gone"), {"order_status": "RECEIVED", "name": "gone"}),
    Step(do("account.disconnected_numbers.list", {"areaCode": "919"}), ["9195550111"]),
    Step(do("account.disconnects.list", {}), [{"order_type": "disconnect"}]),
    Step(do("account.tn_option_orders.create", OPTIONS, keep="options"), {"customer_order_id": "c-2"}),
    Step(do("account.portins.create", PORT, keep="port"), {"processing_status": "PENDING_DOCUMENTS"}),
    Step(do("account.portins.list", {}), [{"billing_telephone_number": "2125550100"}]),
    Step(do("port.loas.create", LETTER, TEXT, keep="name")),
    Step(do("port.loas.list", {"metadata": "true"}), [{"file_name": ref("name")}]),
    Step(do("port.history.list"), [{"status": "PENDING_DOCUMENTS"}, {"status": "SUBMITTED"}]),
    Step(do("port.notes.create", {"description": "soon?"}), {"description": "soon?"}),
    Step(do("port.delete"), expected=True),
    Step(do("account.lnpchecker", ["2125550100"], keep="checked")),
    Step(get("checked.portable_numbers.tn"), ["2125550100"]),
    Step(do("peer.delete"), error="12003 Iris error: location '500002' still has numbers, such as '+19195550100'"),
    Step(do("account.sites.get", HOME_SITE_ID, keep="home")),
    Step(do("home.sip_peers.get", SAMPLE_LOCATION_ID, keep="home_peer")),
    *(Step(do("home_peer.movetns.add", number)) for number in
      ("9195550100", "9195550110", "5125550110", "5125550111")),
    Step(do("home_peer.movetns")),
    Step(do("peer.delete"), expected=True),
    Step(do("site.delete"), expected=True),
]  # fmt: skip


def judge() -> Verdict:
    with running() as simulator:
        answers = ask(simulator, [step.question for step in STEPS])
        [refused] = ask(simulator, [do("account.sites.list")], password="wrong")
    kept = {step.question["as"]: answer.get("value") for step, answer in zip(STEPS, answers, strict=True)
            if "as" in step.question}  # fmt: skip
    unexplained = [
        f"{step.question} is answered {answer}"
        for step, answer in zip(STEPS, answers, strict=True)
        if not agrees(step, answer, kept)
    ]
    if "12005" not in refused.get("error", ""):
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
    return ENVIRONMENT.ask("numbers_python.py", [{"ready": told}, *questions])[1:]


def agrees(step: Step, answer: dict[str, Any], kept: dict[str, Any]) -> bool:
    if step.error is not None:
        return str(answer.get("error", "")).endswith(step.error)
    return "error" not in answer and (step.expected is None or holds(answer.get("value"), step.expected, kept))


def holds(value: Any, expected: Any, kept: dict[str, Any]) -> bool:
    """Say whether a value has all that is expected of it; a list has as many items."""
    if isinstance(expected, dict) and "$" in expected:
        return bool(value == kept[expected["$"]])
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(holds(value.get(name), item, kept) for name, item in expected.items())
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(holds(item, wanted, kept) for item, wanted in zip(value, expected, strict=True))
        )
    return bool(value == expected)
