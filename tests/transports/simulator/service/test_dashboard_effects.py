"""What is done at the dashboard holds for messages: each effect through the two real APIs, and nothing else changed."""

from collections.abc import Iterator

import msgspec
import pytest

from tests.transports.simulator.service.dashboard_client import Dashboard
from tests.transports.simulator.service.running import SECONDS, Receiver, Simulator, receiving
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID, SAMPLE_LOCATION_ID
from transports.simulator.accounts.office import HOME_SITE_ID
from transports.simulator.service.settings import Ready

SMS = f"sites/{HOME_SITE_ID}/sippeers/{SAMPLE_LOCATION_ID}/products/messaging/features/sms"


@pytest.fixture
def dashboard(simulator: Simulator) -> Iterator[Dashboard]:
    made = simulator.control_json("POST", "/accounts", {"rate": 1000})
    yield Dashboard(simulator, msgspec.convert(made, Ready))
    simulator.control("DELETE", f"/accounts/{made['account_id']}")


def outcome(dashboard: Dashboard, **fields: str) -> int:
    """Send a message and return the delivery code it ends with, 0 for delivered."""
    simulator, account = dashboard.simulator, f"/accounts/{dashboard.ready.account_id}"
    accepted = simulator.send(ready=dashboard.ready, **fields)
    assert accepted.status == 202, accepted
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    found = f"messageId={accepted.json['id']}&timeout={SECONDS}"
    [row] = simulator.control_json("GET", f"{account}/messages/wait?{found}")
    assert row["messageStatus"] in ("DELIVERED", "FAILED")
    return int(row["errorCode"])


def test_a_number_that_was_disconnected_sends_no_more(dashboard: Dashboard) -> None:
    assert outcome(dashboard) == 0
    order = {"TelephoneNumberList": {"TelephoneNumber": "9195550100"}}
    dashboard.ask(
        "POST", "disconnects", "DisconnectTelephoneNumberOrder", {"DisconnectTelephoneNumberOrderType": order}
    )
    assert outcome(dashboard) == 4403
    assert dashboard.ask("GET", "discnumbers").texts("TelephoneNumbers/TelephoneNumber") == ["9195550100"]
    again = {"ExistingTelephoneNumberOrderType": order}
    dashboard.ask("POST", "orders", "Order", again)
    assert outcome(dashboard) == 0
    assert dashboard.ask("GET", "discnumbers/totals").text("Count") == "0"


def test_a_number_that_was_bought_sends_at_once(dashboard: Dashboard) -> None:
    assert outcome(dashboard, **{"from": "+13035550110"}) == 4403
    search = {"RateCenterSearchAndOrderType": {"RateCenter": "DENVER", "State": "CO", "Quantity": "1"}}
    dashboard.ask("POST", "orders", "Order", search)
    assert outcome(dashboard, **{"from": "+13035550110"}) == 0


def test_a_number_that_was_ported_in_sends_from_its_day_on(dashboard: Dashboard) -> None:
    port = {"ListOfPhoneNumbers": {"PhoneNumber": "2125550100"}}
    made = dashboard.ask("POST", "portins", "LnpOrder", port)
    assert outcome(dashboard, **{"from": "+12125550100"}) == 4403
    dashboard.raw("POST", f"accounts/{dashboard.ready.account_id}/portins/{made.id}/loas", b"letter")
    dashboard.simulator.control_json("POST", "/clock/advance", {"by": "26h"})
    assert outcome(dashboard, **{"from": "+12125550100"}) == 0


def test_a_token_that_was_revoked_opens_nothing(dashboard: Dashboard) -> None:
    simulator, account = dashboard.simulator, f"/accounts/{dashboard.ready.account_id}"
    made = simulator.control_json("POST", f"{account}/credentials")
    token = msgspec.structs.replace(dashboard.ready, user=made["user"], password=made["password"])
    assert simulator.send(ready=token).status == 202
    listed = simulator.control_json("GET", f"{account}/credentials")
    assert [each["user"] for each in listed] == [dashboard.ready.user, made["user"]]
    assert made["password"] not in str(listed)
    assert simulator.control("DELETE", f"{account}/credentials/{made['user']}").status == 204
    assert simulator.send(ready=token).status == 401
    assert simulator.send(ready=dashboard.ready).status == 202


def test_an_application_of_another_location_is_the_wrong_one(dashboard: Dashboard) -> None:
    desk = {"ServiceType": "Messaging-V2", "AppName": "desk", "InboundCallbackUrl": "https://hooks.example.org/"}
    other = dashboard.ask("POST", "applications", "Application", desk).id
    settings = f"sites/{HOME_SITE_ID}/sippeers/{SAMPLE_LOCATION_ID}/products/messaging/applicationSettings"
    dashboard.ask("PUT", settings, "ApplicationsSettings", {"HttpMessagingV2AppId": other})
    assert outcome(dashboard) == 4452
    assert outcome(dashboard, applicationId=other) == 0
    dashboard.ask("PUT", settings, "ApplicationsSettings", "REMOVE")
    assert outcome(dashboard, applicationId=other) == 4452


def test_a_zone_that_is_off_is_not_reached(dashboard: Dashboard) -> None:
    account = f"/accounts/{dashboard.ready.account_id}"
    dashboard.simulator.control_json("PATCH", f"{account}/settings", {"zone_map": {"1": 1, "44": 3}})
    for state, code in (("false", 4432), ("true", 0), ("false", 4432)):
        settings = {"SipPeerSmsFeatureSettings": {"Zone3": state}}
        dashboard.ask("PUT", SMS, "SipPeerSmsFeature", settings)
        assert outcome(dashboard, to="+447700900123") == code
        assert outcome(dashboard) == 0


def test_a_switch_of_a_feature_holds_for_its_senders(dashboard: Dashboard) -> None:
    dashboard.ask("PUT", SMS, "SipPeerSmsFeature", {"SipPeerSmsFeatureSettings": {"TollFree": "false"}})
    assert outcome(dashboard, **{"from": "+18005550100"}) == 4433
    assert outcome(dashboard) == 0
    dashboard.ask("DELETE", SMS)
    assert outcome(dashboard) == 4403


def test_sms_of_a_single_number_can_be_off(dashboard: Dashboard) -> None:
    group = {"Sms": "off", "TelephoneNumbers": {"TelephoneNumber": "9195550100"}}
    dashboard.ask("POST", "tnoptions", "TnOptionOrder", {"TnOptionGroups": {"TnOptionGroup": group}})
    assert outcome(dashboard) == 4403
    assert outcome(dashboard, **{"from": "+19195550101"}) == 0


def inbound(dashboard: Dashboard, receiver: Receiver, to: str) -> str:
    """Let a message come in and return the path that its event is posted to."""
    account = f"/accounts/{dashboard.ready.account_id}"
    dashboard.simulator.control_json("POST", f"{account}/inbound", {"from": "+19195550123", "to": to, "text": "hi"})
    return receiver.next().path


def test_a_number_in_another_location_goes_by_its_application(dashboard: Dashboard) -> None:
    with receiving() as receiver:

        def application(name: str) -> dict[str, str]:
            url = f"{receiver.url}/{name}"
            return {"ServiceType": "Messaging-V2", "AppName": name, "InboundCallbackUrl": url}

        other = dashboard.ask("POST", "applications", "Application", application("west")).id
        dashboard.ask(
            "PATCH", f"applications/{SAMPLE_APPLICATION_ID}", "Application",
            {"InboundCallbackUrl": f"{receiver.url}/home"},
        )  # fmt: skip
        assert inbound(dashboard, receiver, "+19195550100") == "/callbacks/home"
        site, peer = dashboard.new_location(other)
        dashboard.move(site, peer, "9195550100")
        assert inbound(dashboard, receiver, "+19195550100") == "/callbacks/west"
        assert inbound(dashboard, receiver, "+19195550101") == "/callbacks/home"
        assert outcome(dashboard) == 4452
        assert outcome(dashboard, applicationId=other) == 0


def test_credentials_of_an_application_answer_its_server(dashboard: Dashboard) -> None:
    with receiving(401, WWW_Authenticate='Basic realm="x"') as receiver:
        creds = {"UserId": "ann", "Password": "swordfish"}
        dashboard.ask(
            "PATCH", f"applications/{SAMPLE_APPLICATION_ID}", "Application",
            {"InboundCallbackUrl": receiver.url, "InboundCallbackCreds": creds},
        )  # fmt: skip
        inbound(dashboard, receiver, "+19195550100")
        assert receiver.next().headers["authorization"] == "Basic YW5uOnN3b3JkZmlzaA=="
