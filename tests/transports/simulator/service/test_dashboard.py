"""The dashboard, asked by a plain XML library: what is made is found again, changed, and taken away."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import fromstring

import msgspec
import pytest

from tests.transports.simulator.service.dashboard_client import Dashboard
from tests.transports.simulator.service.running import Simulator, exchange
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID, SAMPLE_LOCATION_ID
from transports.simulator.accounts.office import HOME_SITE_ID
from transports.simulator.service.settings import Ready

URLS = {"InboundCallbackUrl": "https://hooks.example.org/in", "OutboundCallbackUrl": "https://hooks.example.org/out"}
DESK = {"ServiceType": "Messaging-V2", "AppName": "desk", **URLS}


@pytest.fixture
def dashboard(simulator: Simulator) -> Iterator[Dashboard]:
    """The dashboard of an account that no other test sees."""
    made = simulator.control_json("POST", "/accounts")
    yield Dashboard(simulator, msgspec.convert(made, Ready))
    simulator.control("DELETE", f"/accounts/{made['account_id']}")


# --------------------------------------------------------------------------------------------------------------- access


def test_the_two_kinds_of_credentials_open_one_door_each(dashboard: Dashboard) -> None:
    ready, path = dashboard.ready, f"accounts/{dashboard.ready.account_id}/sites"
    assert dashboard.raw("GET", path).status == 200
    assert dashboard.raw("GET", path, user=ready.user, password=ready.password).status == 401
    assert dashboard.raw("GET", path, password="wrong").status == 401
    other = msgspec.structs.replace(ready, user=ready.dashboard_user, password=ready.dashboard_password)
    assert dashboard.simulator.ask("GET", "media", ready=other).status == 401
    nobody = exchange(dashboard.simulator.address, "GET", f"/api/{path}")
    assert (nobody.status, nobody.headers["www-authenticate"]) == (401, 'Basic realm="dashboard"')


def test_a_user_of_one_account_is_forbidden_another(simulator: Simulator, dashboard: Dashboard) -> None:
    assert dashboard.raw("GET", f"accounts/{simulator.ready.account_id}/sites").status == 403
    assert dashboard.raw("GET", "accounts/nobody/sites").status == 403


@pytest.mark.parametrize(
    "method, path, status", [("GET", "nothing", 404), ("PATCH", "sites", 405), ("GET", "sites/9", 404)]
)
def test_an_error_has_its_code_where_both_clients_look(
    dashboard: Dashboard, method: str, path: str, status: int
) -> None:
    reply = dashboard.ask(method, path, status=status)
    code = reply.text("ResponseStatus/ErrorCode")
    assert code
    assert reply.text("ErrorList/Error/*") == code
    assert (reply.headers.get("allow") is not None) == (status == 405)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Site>",
        b"<Other/>",
        b"not xml",
        b'<!DOCTYPE Site [<!ENTITY x "boom">]><Site><Name>&x;</Name></Site>',
        b'<!DOCTYPE Site SYSTEM "http://127.0.0.1:1/site.dtd"><Site><Name>a</Name></Site>',
        b'<?xml version="1.0" encoding="no-such"?><Site/>',
        b"<Site>" * 100 + b"</Site>" * 100,
    ],
)
def test_what_is_no_good_xml_is_a_400(dashboard: Dashboard, body: bytes) -> None:
    path = f"accounts/{dashboard.ready.account_id}/sites"
    assert dashboard.raw("POST", path, body).status == 400
    assert len(dashboard.ask("GET", "sites").texts("Sites/Site")) == 1


def test_a_body_too_long_is_a_413(dashboard: Dashboard) -> None:
    path = f"accounts/{dashboard.ready.account_id}/sites"
    assert dashboard.raw("POST", path, b"x" * (2 * 2**20 + 1)).status == 413


def test_hostile_names_come_back_as_they_were_given(dashboard: Dashboard) -> None:
    name = "<b>&amp;]]>\"'é漢"
    site = dashboard.ask("POST", "sites", "Site", {"Name": name}).id
    assert dashboard.ask("GET", f"sites/{site}").text("Site/Name") == name


# --------------------------------------------------------------------------------------------------------- applications


def test_an_application_is_made_read_changed_and_removed(dashboard: Dashboard) -> None:
    creds = {"InboundCallbackCreds": {"UserId": "ann", "Password": "swordfish"}}
    made = dashboard.ask("POST", "applications", "Application", {**DESK, **creds}, status=201)
    assert made.headers["location"].endswith(f"/api/accounts/{dashboard.ready.account_id}/applications/{made.id}")
    shown = dashboard.ask("GET", f"applications/{made.id}")
    assert shown.text("Application/InboundCallbackUrl") == URLS["InboundCallbackUrl"]
    assert shown.text("Application/InboundCallbackCreds/UserId") == "ann"
    assert shown.text("Application/InboundCallbackCreds/Password") is None
    dashboard.ask("PATCH", f"applications/{made.id}", "Application", {"AppName": "bench"})
    shown = dashboard.ask("GET", f"applications/{made.id}")
    assert (shown.text("Application/AppName"), shown.text("Application/OutboundCallbackUrl")) == (
        "bench", URLS["OutboundCallbackUrl"])  # fmt: skip
    dashboard.ask("PUT", f"applications/{made.id}", "Application", {"MsgCallbackUrl": "https://one.example.org/"})
    shown = dashboard.ask("GET", f"applications/{made.id}")
    for name in ("CallbackUrl", "MsgCallbackUrl", "InboundCallbackUrl", "OutboundCallbackUrl"):
        assert shown.text(f"Application/{name}") == "https://one.example.org/"
    assert len(shown.texts("Application/RequestedCallbackTypes/CallbackType")) == 3
    assert dashboard.ask("DELETE", f"applications/{made.id}").status == 200
    dashboard.ask("GET", f"applications/{made.id}", status=404)


@pytest.mark.parametrize(
    "fields",
    [
        {"ServiceType": "Voice-V2"},
        {"ServiceType": ""},
        {"AppName": ""},
        {"InboundCallbackUrl": ""},
        {"InboundCallbackUrl": "ftp://x"},
        {"RequestedCallbackTypes": {"CallbackType": "message-lost"}},
    ],
)
def test_an_application_that_cannot_be_is_refused(dashboard: Dashboard, fields: dict[str, Any]) -> None:
    dashboard.ask("POST", "applications", "Application", {**DESK, **fields}, status=400)
    assert len(dashboard.ask("GET", "applications").texts("ApplicationList/Application")) == 1


def test_who_sends_back_what_he_was_shown_loses_no_event(dashboard: Dashboard) -> None:
    path = f"applications/{SAMPLE_APPLICATION_ID}"
    types = dashboard.ask("GET", path).texts("Application/RequestedCallbackTypes/CallbackType")
    account = f"/accounts/{dashboard.ready.account_id}"
    for chosen, kept in ((types, None), (types[:1], types[:1])):
        dashboard.ask("PATCH", path, "Application", {"RequestedCallbackTypes": {"CallbackType": chosen}})
        [shown] = dashboard.simulator.control_json("GET", account)["applications"]
        assert shown["callback_types"] == kept


def test_an_application_that_a_location_uses_stays(dashboard: Dashboard) -> None:
    dashboard.ask("DELETE", f"applications/{SAMPLE_APPLICATION_ID}", status=400)
    peers = dashboard.ask("GET", f"applications/{SAMPLE_APPLICATION_ID}/associatedsippeers")
    assert peers.texts("AssociatedSipPeers/AssociatedSipPeer/PeerId") == [SAMPLE_LOCATION_ID]


# -------------------------------------------------------------------------------------------------- sites and locations


def test_a_site_has_one_default_location(dashboard: Dashboard) -> None:
    site = dashboard.ask("POST", "sites", "Site", {"Name": "west", "Address": {"City": "Raleigh"}}).id
    path = f"sites/{site}/sippeers"
    first = dashboard.ask("POST", path, "SipPeer", {"PeerName": "a", "SiteId": "ignored"}).id
    second = dashboard.ask("POST", path, "SipPeer", {"PeerName": "b", "IsDefaultPeer": "true"}).id
    shown = dashboard.ask("GET", path)
    assert shown.texts("SipPeers/SipPeer/PeerId") == [first, second]
    assert shown.texts("SipPeers/SipPeer/IsDefaultPeer") == ["false", "true"]
    dashboard.ask("PUT", f"{path}/{first}", "SipPeer", {"PeerName": "c", "IsDefaultPeer": "true"})
    assert dashboard.ask("GET", path).texts("SipPeers/SipPeer/IsDefaultPeer") == ["true", "false"]
    dashboard.ask("DELETE", f"sites/{site}", status=400)
    dashboard.ask("GET", f"sites/{HOME_SITE_ID}/sippeers/{first}", status=404)
    for peer in (first, second):
        dashboard.ask("DELETE", f"{path}/{peer}")
    dashboard.ask("DELETE", f"sites/{site}")


def test_messaging_features_go_on_in_order(dashboard: Dashboard) -> None:
    site = dashboard.ask("POST", "sites", "Site", {"Name": "west"}).id
    peer = dashboard.ask("POST", f"sites/{site}/sippeers", "SipPeer", {"PeerName": "a"}).id
    below = f"sites/{site}/sippeers/{peer}/products/messaging"
    sms, mms = f"{below}/features/sms", f"{below}/features/mms"
    for method in ("GET", "DELETE"):
        dashboard.ask(method, sms, status=404)
    dashboard.ask("POST", mms, "MmsFeature", {}, status=400)
    settings = {"A2pLongCode": "DEFAULT_ON", "Zone1": "false"}
    dashboard.ask("POST", sms, "SipPeerSmsFeature", {"SipPeerSmsFeatureSettings": settings}, status=400)
    settings = {"A2pLongCode": "DefaultOff", "A2pCampaignId": "C1", "Zone1": "true", "Zone3": "true"}
    dashboard.ask("POST", sms, "SipPeerSmsFeature", {"SipPeerSmsFeatureSettings": settings}, status=201)
    shown = dashboard.ask("GET", sms)
    told = "SipPeerSmsFeature/SipPeerSmsFeatureSettings/"
    assert [shown.text(told + name) for name in ("A2pLongCode", "A2pCampaignId", "Protocol", "Zone2", "Zone3")] == [
        "DefaultOff", "C1", "HTTP", "false", "true"]  # fmt: skip
    dashboard.ask("POST", mms, "MmsFeature", {"MmsSettings": {"Protocol": "HTTP"}})
    assert dashboard.ask("GET", mms).text("MmsFeature/MmsSettings/Protocol") == "HTTP"
    app = f"{below}/applicationSettings"
    assert dashboard.ask("GET", app).root.find("ApplicationSettings") is not None
    dashboard.ask("PUT", app, "ApplicationsSettings", {"HttpMessagingV2AppId": "none"}, status=404)
    dashboard.ask("PUT", app, "ApplicationsSettings", {"HttpMessagingV2AppId": SAMPLE_APPLICATION_ID})
    assert dashboard.ask("GET", app).text("ApplicationSettings/HttpMessagingV2AppId") == SAMPLE_APPLICATION_ID
    dashboard.ask("PUT", app, "ApplicationsSettings", "REMOVE")
    assert dashboard.ask("GET", app).text("ApplicationSettings/HttpMessagingV2AppId") is None
    countries = f"{below}/settings"
    wrong = dashboard.ask("PUT", countries, "SipPeerMessagingSettings", {"BreakOutCountries": {"Country": "XXX"}},
                          status=400)  # fmt: skip
    assert wrong.text("ResponseStatus/ErrorCode") == "13654"
    dashboard.ask("PUT", countries, "SipPeerMessagingSettings", {"BreakOutCountries": {"Country": "CAN"}})
    assert dashboard.ask("GET", countries).texts(".//Country") == ["CAN"]
    dashboard.ask("DELETE", sms)
    dashboard.ask("GET", mms, status=404)


@pytest.mark.parametrize(
    "path, name",
    [
        ("features/sms", "AccountSmsFeatureResponse"),
        ("features/mms", "AccountMmsFeatureResponse"),
        ("features/http", "AccountHttpFeatureResponse"),
        ("settings", "AccountMessagingSettingsResponse"),
        ("a2pCampaigns", "A2pCampaignsResponse"),
        ("routes", "MessagingRoutesResponse"),
    ],
)
def test_the_account_has_pages_of_its_own(dashboard: Dashboard, path: str, name: str) -> None:
    assert dashboard.ask("GET", f"products/messaging/{path}").root.tag == name


# -------------------------------------------------------------------------------------------------------------- numbers


def test_two_dozen_numbers_are_for_sale(dashboard: Dashboard) -> None:
    found = dashboard.ask("GET", "availableNumbers?quantity=100")
    numbers = found.texts("TelephoneNumberList/TelephoneNumber")
    assert (found.text("ResultCount"), len(numbers)) == ("24", 24)
    assert len({number[:3] for number in numbers}) == 5
    for query, count in (
        ("areaCode=919", 5), ("state=co", 5), ("city=austin&quantity=2", 2), ("zip=98101", 5), ("zip=1", 0),
        ("npaNxx=303555", 5), ("lata=426", 5), ("tollFreeWildCardPattern=83*", 4), ("areaCode=999", 0),
    ):  # fmt: skip
        assert dashboard.ask("GET", f"availableNumbers?{query}").text("ResultCount") == str(count), query
    detail = dashboard.ask("GET", "availableNumbers?areaCode=206&quantity=1&enableTNDetail=true")
    assert detail.text("TelephoneNumberDetailList/TelephoneNumberDetail/RateCenter") == "SEATTLE"
    dashboard.ask("GET", "availableNumbers?quantity=0", status=400)


def test_in_service_numbers_are_filtered_and_paged(dashboard: Dashboard) -> None:
    assert dashboard.ask("GET", "inserviceNumbers/totals").text("Count") == "4"
    first = dashboard.ask("GET", "inserviceNumbers?page=1&size=3")
    assert (first.text("TotalCount"), first.text("TelephoneNumbers/Count")) == ("4", "3")
    link = first.text("Links/next") or ""
    path = link.partition("<")[2].partition(">")[0].partition(f"/accounts/{dashboard.ready.account_id}/")[2]
    second = dashboard.ask("GET", path)
    assert second.text("Links/next") is None
    both = first.texts("TelephoneNumbers/TelephoneNumber") + second.texts("TelephoneNumbers/TelephoneNumber")
    assert both == ["8005550100", "9195550100", "9195550101", "9195550102"]
    for query, count in (
        ("areacode=919", "3"), ("npanxx=800555", "1"), ("state=NC", "3"), ("state=NC&ratecenter=RALEIGH", "3"),
        ("lata=656", "0"), ("enddate=1969-12-31", "0"),
    ):  # fmt: skip
        assert dashboard.ask("GET", f"inserviceNumbers?{query}").text("TotalCount") == count, query
    for query in ("ratecenter=RALEIGH", "page=0", "startdate=soon"):
        dashboard.ask("GET", f"inserviceNumbers?{query}", status=400)
    dashboard.ask("GET", "inserviceNumbers/9195550100")
    dashboard.ask("GET", "inserviceNumbers/9195550199", status=404)
    assert dashboard.ask("GET", f"sites/{HOME_SITE_ID}/inserviceNumbers").text("TotalCount") == "4"


# --------------------------------------------------------------------------------------------------------------- orders


def existing(*numbers: str) -> dict[str, Any]:
    return {"ExistingTelephoneNumberOrderType": {"TelephoneNumberList": {"TelephoneNumber": list(numbers)}}}


def test_an_order_brings_what_is_there_and_says_what_is_not(dashboard: Dashboard) -> None:
    made = dashboard.ask("POST", "orders", "Order", {"Name": "two", **existing("9195550110", "3035550110")})
    assert (made.text("OrderStatus"), made.text("Order/id")) == ("RECEIVED", made.id)
    done = dashboard.ask("GET", f"orders/{made.id}")
    assert (done.text("OrderStatus"), done.text("CompletedQuantity")) == ("COMPLETE", "2")
    wanted = existing("9195550111", "9195550199")
    failed = dashboard.ask("POST", "orders", "Order", wanted)
    assert failed.text("OrderStatus") == "FAILED"
    assert failed.text("ErrorList/Error/Code") == "5005"
    part = dashboard.ask("POST", "orders", "Order", {"PartialAllowed": "true", **wanted})
    done = dashboard.ask("GET", f"orders/{part.id}")
    assert (done.text("OrderStatus"), done.text("FailedNumbers/FullNumber")) == ("PARTIAL", "9195550199")
    listed = dashboard.ask("GET", "orders?size=2")
    assert listed.text("ListOrderIdUserIdDate/TotalCount") == "3"
    assert len(listed.texts("ListOrderIdUserIdDate/OrderIdUserIdDate/OrderId")) == 2


def test_what_is_not_there_can_wait_until_the_order_is_closed(dashboard: Dashboard) -> None:
    search = {"AreaCodeSearchAndOrderType": {"AreaCode": "303", "Quantity": "7"}}
    order = dashboard.ask("POST", "orders", "Order", {"BackOrderRequested": "true", **search}).id
    shown = dashboard.ask("GET", f"orders/{order}")
    assert (shown.text("OrderStatus"), shown.text("PendingQuantity")) == ("BACKORDERED", "2")
    dashboard.ask("PUT", f"orders/{order}", "Order", {"Name": "five", "CloseOrder": "true"})
    shown = dashboard.ask("GET", f"orders/{order}")
    assert (shown.text("OrderStatus"), shown.text("Order/Name")) == ("PARTIAL", "five")


@pytest.mark.parametrize(
    "order",
    [
        {},
        existing(),
        existing("12345"),
        {"AreaCodeSearchAndOrderType": {"AreaCode": "919", "Quantity": "0"}},
        {"AreaCodeSearchAndOrderType": {"AreaCode": "919", "Quantity": "x"}},
        {"CitySearchAndOrderType": {"Quantity": "1"}},
        {"SiteId": "9", **existing("9195550110")},
        {"PeerId": "9", **existing("9195550110")},
        {"PartialAllowed": "perhaps", **existing("9195550110")},
        {"ExistingTelephoneNumberOrderType": {"ReservationIdList": {"ReservationId": "1"}}},
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_does_nothing(dashboard: Dashboard, order: dict[str, Any]) -> None:
    dashboard.ask("POST", "orders", "Order", order, status=400)
    assert dashboard.ask("GET", "availableNumbers").text("ResultCount") == "24"
    assert dashboard.ask("GET", "orders").text("ListOrderIdUserIdDate/TotalCount") == "0"


def test_options_set_class_and_campaign(dashboard: Dashboard) -> None:
    def order(settings: dict[str, str], number: str = "9195550102") -> None:
        group = {"Sms": "on", "A2pSettings": settings, "TelephoneNumbers": {"TelephoneNumber": number}}
        made = dashboard.ask("POST", "tnoptions", "TnOptionOrder", {"TnOptionGroups": {"TnOptionGroup": group}})
        shown = dashboard.ask("GET", f"tnoptions/{made.id}")
        assert (shown.root.tag, shown.text("ProcessingStatus")) == ("TnOptionOrder", "COMPLETE")

    def state() -> list[str | None]:
        details = dashboard.details("9195550102")
        below = "TelephoneNumberDetails/MessagingSettings/"
        return [details.text(below + name) for name in ("A2pState", "CampaignId", "MessageClass")]

    assert state() == ["OFF", None, None]
    order({"Action": "asSpecified", "MessageClass": "T", "CampaignId": "CJEUMDK"})
    assert state() == ["OVERRIDDEN", "CJEUMDK", "T"]
    assert dashboard.ask("GET", "products/messaging/a2pCampaigns").texts(".//CampaignId") == ["CJEUMDK"]
    [number] = [
        each
        for each in dashboard.simulator.control_json("GET", f"/accounts/{dashboard.ready.account_id}")["numbers"]
        if each["number"] == "+19195550102"
    ]
    assert number["number_class"] == "a2p-long-code"
    order({"Action": "unchanged"})
    assert state() == ["OVERRIDDEN", "CJEUMDK", "T"]
    order({"Action": "delete"})
    assert state() == ["OVERRIDDEN", None, None]
    order({"Action": "off"})
    assert state() == ["OFF", None, None]
    order({"Action": "systemDefault"})
    assert state() == ["SYSTEM_DEFAULT", None, None]
    group = {"A2pSettings": {"Action": "explode"}, "TelephoneNumbers": {"TelephoneNumber": "9195550102"}}
    dashboard.ask("POST", "tnoptions", "TnOptionOrder", {"TnOptionGroups": {"TnOptionGroup": group}}, status=400)


# ---------------------------------------------------------------------------------------------------------------- ports


def port_of(dashboard: Dashboard, *numbers: str) -> str:
    order = {"BillingTelephoneNumber": numbers[0], "ListOfPhoneNumbers": {"PhoneNumber": list(numbers)}}
    return dashboard.ask("POST", "portins", "LnpOrder", order, status=201).id


def state_of(dashboard: Dashboard, port: str) -> str | None:
    return dashboard.ask("GET", f"portins/{port}").text("ProcessingStatus")


def test_a_port_goes_through_its_states_as_time_passes(dashboard: Dashboard) -> None:
    simulator = dashboard.simulator
    port = port_of(dashboard, "2125550100", "2125550101")
    simulator.control_json("POST", "/clock/advance", {"by": "2d"})
    assert state_of(dashboard, port) == "PENDING_DOCUMENTS"
    path = f"accounts/{dashboard.ready.account_id}/portins/{port}/loas"
    letter = dashboard.raw("POST", path, b"%PDF-1.4", content_type="application/pdf")
    assert letter.status == 201
    name = fromstring(letter.body).findtext("filename")
    assert name is not None
    assert name.endswith(".pdf")
    shown = dashboard.raw("GET", f"{path}/{name}")
    assert (shown.body, shown.headers["content-type"]) == (b"%PDF-1.4", "application/pdf")
    assert state_of(dashboard, port) == "SUBMITTED"
    simulator.control_json("POST", "/clock/advance", {"by": "61m"})
    assert state_of(dashboard, port) == "FOC"
    dashboard.ask("GET", "inserviceNumbers/2125550101", status=404)
    simulator.control_json("POST", "/clock/advance", {"by": "24h"})
    assert state_of(dashboard, port) == "COMPLETE"
    dashboard.ask("GET", "inserviceNumbers/2125550101")
    steps = dashboard.ask("GET", f"portins/{port}/history").texts("OrderHistory/Status")
    assert steps == ["PENDING_DOCUMENTS", "SUBMITTED", "FOC", "COMPLETE"]
    dashboard.ask("DELETE", f"portins/{port}", status=400)


def test_a_port_that_was_refused_is_submitted_again_by_a_supplement(dashboard: Dashboard) -> None:
    simulator, account = dashboard.simulator, f"/accounts/{dashboard.ready.account_id}"
    port = port_of(dashboard, "2125550100")
    simulator.control_json("PATCH", f"{account}/ports/{port}", {"state": "EXCEPTION", "note": "wrong PIN"})
    dashboard.ask("PUT", f"portins/{port}", "LnpOrderSupp", {"CustomerOrderId": "c-9"})
    shown = dashboard.ask("GET", f"portins/{port}")
    assert (shown.text("ProcessingStatus"), shown.text("CustomerOrderId")) == ("SUBMITTED", "c-9")
    assert dashboard.ask("DELETE", f"portins/{port}").status == 200
    assert state_of(dashboard, port) == "CANCELLED"
    listed = dashboard.ask("GET", "portins?status=cancelled")
    assert listed.texts("lnpPortInfoForGivenStatus/OrderId") == [port]


def test_numbers_are_on_their_way_once(dashboard: Dashboard) -> None:
    port_of(dashboard, "2125550100")
    for numbers in (["2125550100"], ["9195550100"], []):
        order = {"ListOfPhoneNumbers": {"PhoneNumber": numbers}}
        dashboard.ask("POST", "portins", "LnpOrder", order, status=400)


def test_a_port_date_that_no_time_can_be_written_of_is_refused(dashboard: Dashboard) -> None:
    order = {"ListOfPhoneNumbers": {"PhoneNumber": ["2125550100"]}, "RequestedFocDate": "9999-12-31T23:59:59-14:00"}
    dashboard.ask("POST", "portins", "LnpOrder", order, status=400)
    account = f"/accounts/{dashboard.ready.account_id}"
    body = {"numbers": ["2125550100"], "requested_foc": 1e300}
    assert dashboard.simulator.control("POST", f"{account}/ports", body).status == 400
    port = port_of(dashboard, "2125550100")
    later = {"RequestedFocDate": "9999-12-31T00:00:00-01:00"}
    dashboard.ask("PUT", f"portins/{port}", "LnpOrderSupp", later, status=400)
    assert dashboard.ask("GET", "portins").texts("lnpPortInfoForGivenStatus/OrderId") == [port]


def test_supplements_that_add_up_to_more_than_can_be_read_are_refused(dashboard: Dashboard) -> None:
    port = port_of(dashboard, "2125550100")
    dashboard.ask("PUT", f"portins/{port}", "LnpOrderSupp", {"Remark": ["x"] * 30_000})
    dashboard.ask("PUT", f"portins/{port}", "LnpOrderSupp", {"Other": ["x"] * 30_000}, status=400)
    assert state_of(dashboard, port) == "PENDING_DOCUMENTS"


def test_a_letter_takes_the_place_of_no_other_and_is_shown_as_a_file_alone(dashboard: Dashboard) -> None:
    path = f"accounts/{dashboard.ready.account_id}/portins/{port_of(dashboard, '2125550100')}/loas"

    def hand_in(content: bytes) -> str:
        answer = dashboard.raw("POST", path, content, content_type="text/html")
        return fromstring(answer.body).findtext("filename") or ""

    first, second = hand_in(b"one"), hand_in(b"<script>two</script>")
    assert dashboard.raw("DELETE", f"{path}/{first}").status == 200
    third = hand_in(b"three")
    shown = dashboard.raw("GET", f"{path}/{second}")
    assert (shown.body, dashboard.raw("GET", f"{path}/{third}").body) == (b"<script>two</script>", b"three")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"


def test_a_letter_keeps_a_name_with_a_percent_sign(dashboard: Dashboard) -> None:
    path = f"accounts/{dashboard.ready.account_id}/portins/{port_of(dashboard, '2125550100')}/loas"
    made = dashboard.raw("PUT", f"{path}/50%2525.pdf", b"%PDF", content_type="application/pdf")
    assert fromstring(made.body).findtext("filename") == "50%25.pdf"
    assert made.headers["location"].endswith("/50%2525.pdf")
    assert dashboard.raw("GET", f"{path}/50%2525.pdf").body == b"%PDF"


# -------------------------------------------------------------------------------------------------------------- reports


def test_a_report_is_ordered_asked_for_and_fetched(dashboard: Dashboard) -> None:
    simulator = dashboard.simulator
    simulator.send(to="+19195550123", text="x" * 161, ready=dashboard.ready)
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    today = simulator.control_json("GET", "/clock")["time"][:10]
    order = {"Type": "MDR", "DateRange": {"StartDate": today, "EndDate": today}}
    made = dashboard.ask("POST", "billingreports", "BillingReport", order, status=201)
    assert (made.root.tag, made.text("ReportStatus")) == ("BillingReportCreationResponse", "RECEIVED")
    simulator.send(to="+19195550124", ready=dashboard.ready)  # after the order, and so not in it
    simulator.control_json("POST", "/clock/advance", {"by": "1m"})
    assert dashboard.ask("GET", f"billingreports/{made.id}").text("ReportStatus") == "COMPLETED"
    listed = dashboard.ask("GET", "billingreports?kind=MDR")
    assert listed.texts("BillingReportList/BillingReport/BillingReportId") == [made.id]
    files = [dashboard.raw("GET", f"accounts/{dashboard.ready.account_id}/billingreports/{made.id}/file")
             for _ in range(2)]  # fmt: skip
    assert files[0].body == files[1].body
    assert files[0].headers["content-disposition"] == f'attachment; filename="mdrs_{today}_{today}.zip"'
    with zipfile.ZipFile(io.BytesIO(files[0].body)) as archive:
        [name] = archive.namelist()
        rows = archive.read(name).decode().splitlines()
    assert len(rows) == 3
    assert all(",19195550123," in row for row in rows[1:])


@pytest.mark.parametrize(
    "order",
    [
        {"Type": "BDR", "DateRange": {"StartDate": "2026-01-01", "EndDate": "2026-01-02"}},
        {"Type": "MDR"},
        {"Type": "MDR", "DateRange": {"StartDate": "2026-01-02", "EndDate": "2026-01-01"}},
        {"Type": "MDR", "DateRange": {"StartDate": "20260101", "EndDate": "2026-01-02"}},
    ],
)
def test_a_report_of_no_type_or_no_days_is_refused(dashboard: Dashboard, order: dict[str, Any]) -> None:
    dashboard.ask("POST", "billingreports", "BillingReport", order, status=400)
