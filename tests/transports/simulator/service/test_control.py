"""The control API: what a person or a test may want of the provider."""

import json
import threading
from base64 import b64encode
from typing import Any

import pytest

from tests.transports.simulator.service.running import SECONDS, Simulator, exchange, receiving, running
from transports.simulator.service.control.app import OPERATIONS


def test_an_account_of_ones_own_is_ready_to_use(simulator: Simulator) -> None:
    made = simulator.control_json("POST", "/accounts", {"id": "9911111", "rate": 5, "user": "ann", "password": "x"})
    assert (made["account_id"], made["user"], made["password"]) == ("9911111", "ann", "x")
    assert made["base_url"] == simulator.ready.base_url
    shown = simulator.control_json("GET", "/accounts/9911111")
    assert (shown["settings"]["rate"], shown["users"], len(shown["numbers"])) == (5, ["ann"], 6)
    again = simulator.control("POST", "/accounts", {"id": "9911111"})
    assert (again.status, again.json["type"]) == (400, "invalid")
    assert simulator.control("DELETE", "/accounts/9911111").status == 204
    assert simulator.control("GET", "/accounts/9911111").status == 404


def test_an_account_that_cannot_be_opened_leaves_nothing_behind(simulator: Simulator) -> None:
    assert simulator.control("POST", "/accounts", {"id": "9922222", "callback_url": "ftp://x"}).status == 400
    assert simulator.control("GET", "/accounts/9922222").status == 404


def test_what_belongs_to_an_account_is_made_changed_and_removed(simulator: Simulator) -> None:
    account_id = simulator.control_json("POST", "/accounts")["account_id"]

    def ask(method: str, path: str, body: Any = None) -> Any:
        return simulator.control_json(method, f"/accounts/{account_id}{path}", body)

    application = ask("POST", "/applications", {"name": "desk", "callback_url": "http://localhost:9009/"})
    credential = {"user": "bob", "password": "tuna"}
    ask("PATCH", f"/applications/{application['id']}", {"callback_credential": credential, "batch_limit": 5})
    location = {"name": "west", "application_id": application["id"], "zones": [1, 2]}
    assert ask("PUT", "/locations/w", location)["zones"] == [1, 2]
    number = ask("PUT", "/numbers/%2B14155550100", {"location_id": "w", "rate": 3})
    assert (number["number"], number["number_class"]) == ("+14155550100", "a2p-long-code")
    settings = ask("PATCH", "/settings", {"rate": 7, "zone_map": {"1": 1, "44": 2}})
    assert (settings["rate"], settings["queue_seconds"]) == (7, 900)
    shown = ask("GET", "")
    [desk] = [item for item in shown["applications"] if item["name"] == "desk"]
    assert (desk["callback_user"], desk["batch_limit"], desk["callback_url"]) == ("bob", 5, "http://localhost:9009/")
    assert "tuna" not in json.dumps(shown)
    assert simulator.control("DELETE", f"/accounts/{account_id}/locations/w").status == 400
    for path in ("/numbers/%2B14155550100", "/locations/w", f"/applications/{application['id']}"):
        ask("DELETE", path)
        assert simulator.control("DELETE", f"/accounts/{account_id}{path}").status == 404


@pytest.mark.parametrize(
    "method, path, body, status, reason",
    [
        ("PUT", "/applications/a", {"callbackUrl": "http://x"}, 400, "unknown field 'callbackUrl'"),
        ("PUT", "/applications/a", {"id": "b"}, 400, "the path says 'a'"),
        ("PUT", "/applications/a", {"callback_url": "ftp://x"}, 400, "http"),
        ("PUT", "/applications/a", [], 400, "object"),
        ("PATCH", "/applications/none", {}, 404, "no application"),
        ("PATCH", "/settings", {"rat": 1}, 400, "unknown field 'rat'"),
        ("PATCH", "/settings", {"rate": "fast"}, 400, "rate"),
        ("PATCH", "/settings", {"rate": -1}, 400, "rate"),
        ("PUT", "/numbers/123", {}, 400, "number"),
        ("PUT", "/locations/w", {"zones": [2]}, 400, "zone 1"),
        ("POST", "/credentials", {"user": "a:b"}, 400, "colon"),
        ("POST", "/accounts", {"id": "a/b"}, 400, "id"),
        ("POST", "/faults", {"what": "explode"}, 400, "what"),
        ("POST", "/faults", {"what": "slow", "count": 0}, 400, "count"),
        ("POST", "/clock/advance", {"by": "soon"}, 400, "duration"),
        ("POST", "/clock/advance", {"by": "0"}, 400, "seconds"),
        ("PATCH", "/clock", {"speed": 0}, 400, "speed"),
        ("POST", "/inbound", {"from": "", "to": ["+19195550100"]}, 400, "from"),
        ("POST", "/inbound", {"from": "+19195550123", "to": ["+19195550199"]}, 400, "none of"),
        ("POST", "/inbound", {"from": "+19195550123", "to": "+19195550100", "media": ["data:x"]}, 400, "comma"),
        ("GET", "/callbacks/999999", None, 404, "no callback"),
        ("GET", "/callbacks/x", None, 404, "no callback"),
        ("GET", "/messages?errorCode=x", None, 400, "errorCode"),
        ("GET", "/messages/wait?timeout=nan", None, 400, "timeout"),
        ("GET", "/messages/wait?messageId=none&timeout=0.01", None, 408, "did not find"),
        ("GET", "/messages?messageid=1", None, 400, "unknown parameter 'messageid'"),
        ("GET", "/messages/wait?timout=1", None, 400, "unknown parameter 'timout'"),
        ("GET", "/messages/wait?count=3&limit=2", None, 400, "never found with limit 2"),
        ("DELETE", "/messages?mesageId=1", None, 400, "unknown parameter 'mesageId'"),
        ("DELETE", "/messages?limit=1", None, 400, "has no pages"),
        ("GET", "/callbacks?state=lost", None, 400, "expected one of waiting"),
        ("GET", "/callbacks?messageId=1", None, 400, "unknown parameter 'messageId'"),
        ("GET", "/frobnicate", None, 404, "openapi.json"),
        ("PUT", "/reset", None, 405, "openapi.json"),
    ],
)
def test_each_mistake_is_answered_with_its_reason(
    simulator: Simulator, method: str, path: str, body: Any, status: int, reason: str
) -> None:
    answer = simulator.control(method, path, body)
    assert (answer.status, set(answer.json)) == (status, {"type", "description"}), answer
    assert reason in answer.json["description"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"x"', b"[" * 100_000])
def test_what_is_no_json_is_a_400(simulator: Simulator, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    assert exchange(simulator.address, "POST", "/control/faults", body, headers).status == 400


def test_a_web_page_of_somebody_else_gets_nothing_done(simulator: Simulator) -> None:
    for headers in (
        {"origin": "http://evil.example"},
        {"host": "evil.example:8080"},
        {"content-type": "text/plain"},
    ):
        answer = simulator.control("POST", "/credentials", {"user": "evil"}, headers)
        assert answer.status in (403, 415), headers
    assert "evil" not in simulator.control_json("GET", "/accounts")[0]["users"]
    assert simulator.control("GET", "/clock", headers={"origin": f"http://{simulator.address}"}).status == 200
    assert simulator.control("GET", "/clock", headers={"host": "localhost:1"}).status == 200


def test_time_is_held_goes_faster_and_is_pushed() -> None:
    with running() as simulator:
        held = simulator.control_json("PATCH", "/clock", {"paused": True, "speed": 60})
        assert (held["paused"], held["speed"]) == (True, 60)
        simulator.send("+19195559902")
        later = simulator.control_json("POST", "/clock/advance", {"by": "90m"})
        assert later["now"] == held["now"] + 5400
        assert simulator.control_json("GET", "/messages")[0]["messageStatus"] == "SENT"
        simulator.control_json("POST", "/clock/advance", {"by": "31m"})
        [row] = simulator.control_json("GET", "/messages")
        assert (row["messageStatus"], row["errorCode"]) == ("FAILED", 9902)


def test_a_wait_ends_when_the_message_comes(simulator: Simulator) -> None:
    found: list[Any] = []
    query = f"sourceTn=%2B12125550199&count=2&timeout={SECONDS}"
    waiter = threading.Thread(target=lambda: found.extend(simulator.control_json("GET", f"/messages/wait?{query}")))
    waiter.start()
    for text in ("one", "two"):
        simulator.control_json("POST", "/inbound", {"from": "+12125550199", "to": "+19195550101", "text": text})
    waiter.join(SECONDS)
    assert sorted(row["text"] for row in found) == ["one", "two"]


def test_a_wait_for_more_than_a_page_ends_too() -> None:
    with running() as simulator:
        for _ in range(15):
            assert simulator.send([f"+1919555{number:04}" for number in range(130, 140)]).status == 202
        found = simulator.control_json("GET", f"/messages/wait?count=150&timeout={SECONDS}")
        assert len(found) == 150


def test_an_inbound_group_brings_an_event_for_each_number_of_ours_and_media_of_every_kind() -> None:
    with receiving() as receiver, running(callback_url=receiver.url) as simulator:
        media = [
            "https://example.org/cake.jpg",
            "data:image/png;base64," + b64encode(b"\x89PNG").decode(),
            {"name": "menu.pdf", "content": b64encode(b"%PDF").decode()},
        ]
        body = {"from": "+19195550123", "to": ["+19195550100", "+19195550101", "+19195550124"], "media": media}
        sent = simulator.control_json("POST", "/inbound", body)
        events = [receiver.next().events[0] for _ in range(2)]
        assert {event["message"]["id"] for event in events} == set(sent["message_ids"])
        assert {event["to"] for event in events} == {"+19195550100", "+19195550101"}
        urls = events[0]["message"]["media"]
        paths = [url.removeprefix(f"{simulator.ready.base_url}/users/{simulator.ready.account_id}/") for url in urls]
        files = [simulator.ask("GET", path) for path in paths]
        assert [file.headers["content-type"] for file in files] == ["image/jpeg", "image/png", "application/pdf"]
        assert [file.body for file in files][1:] == [b"\x89PNG", b"%PDF"]
        assert simulator.ask("GET", paths[0], headers={"authorization": ""}).status == 401
        assert simulator.ask("GET", f"media/{paths[0].removeprefix('media/').replace('/', '%2F')}").status == 404


def test_messages_are_deleted_and_everything_is_reset(simulator: Simulator) -> None:
    account_id = simulator.control_json("POST", "/accounts")["account_id"]
    prefix = f"/accounts/{account_id}"
    for number in ("+19195550123", "+19195550124"):
        simulator.control_json("POST", f"{prefix}/inbound", {"from": number, "to": "+19195550100"})
    deleted = simulator.control_json("DELETE", f"{prefix}/messages?sourceTn=%2B19195550124")
    assert deleted == {"deleted": 1}
    assert [row["sourceTn"] for row in simulator.control_json("GET", f"{prefix}/messages")] == ["+19195550123"]
    simulator.control_json("POST", f"{prefix}/reset")
    assert simulator.control_json("GET", f"{prefix}/messages") == []
    assert len(simulator.control_json("GET", prefix)["numbers"]) == 6


def test_without_an_inspector_no_text_is_shown() -> None:
    with running(inspects=False) as simulator:
        simulator.send()
        assert [row["text"] for row in simulator.control_json("GET", "/messages")] == [None]


def test_the_description_names_every_operation_and_every_schema_it_refers_to(simulator: Simulator) -> None:
    description = simulator.control_json("GET", "/openapi.json")
    named = {(method.upper(), path) for path, item in description["paths"].items() for method in item}
    assert named == {(operation.method, operation.path) for operation in OPERATIONS}
    ids = [item["operationId"] for methods in description["paths"].values() for item in methods.values()]
    assert len(ids) == len(set(ids))
    text = json.dumps(description)
    schemas = description["components"]["schemas"]
    assert all(f'"#/components/schemas/{name}"' in text for name in schemas)
    assert description["servers"] == [{"url": simulator.ready.control_url}]
