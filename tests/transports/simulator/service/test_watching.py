"""What the control API tells somebody who looks on."""

import http.client
import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest

from tests.transports.simulator.service.running import SECONDS, Simulator, exchange, receiving, running, wait_until

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script>'


@pytest.fixture(scope="module")
def account(simulator: Simulator) -> str:
    return str(simulator.control_json("POST", "/accounts", {"rate": 1000})["account_id"])


def ask(simulator: Simulator, account: str, method: str, path: str, body: Any = None) -> Any:
    return simulator.control_json(method, f"/accounts/{account}{path}", body)


def send(simulator: Simulator, account: str, **fields: Any) -> str:
    body = {"from": "+19195550100", "to": "+19195550123", "text": "hello", **fields}
    return str(ask(simulator, account, "POST", "/messages", body)["id"])


def ended(simulator: Simulator, account: str, message_id: str) -> Any:
    """The message once nothing more can happen to it."""
    simulator.control_json("GET", f"/accounts/{account}/messages/wait?messageId={message_id}")
    simulator.control_json("POST", "/clock/advance", {"by": "3h"})
    return ask(simulator, account, "GET", f"/messages/{message_id}")


# ------------------------------------------------------------------------------------------------------------- the list


def test_a_list_goes_on_where_the_one_before_has_ended(simulator: Simulator) -> None:
    account = simulator.control_json("POST", "/accounts", {"rate": 1000})["account_id"]
    simulator.control_json("PATCH", "/clock", {"paused": True})  # so that times alone tell no order
    sent = [send(simulator, account, text=f"number {number}") for number in range(7)]
    simulator.control_json("PATCH", "/clock", {"paused": False})
    found, path = list[str](), "/messages/recent?limit=3"
    for expected in (3, 3, 1):
        listed = ask(simulator, account, "GET", path)
        assert (len(listed["lines"]), listed["total"]) == (expected, 7)
        found += [line["id"] for line in listed["lines"]]
        path = f"/messages/recent?limit=3&before={listed['next']}"
    assert listed["next"] is None
    assert found == list(reversed(sent))


def test_a_list_finds_what_was_asked_for(simulator: Simulator, account: str) -> None:
    message_id = send(simulator, account, text="something to find", tag="tag 9")
    for q in ("something%20find", "tag:%22tag%209%22", f"id:{message_id}"):
        [line] = ask(simulator, account, "GET", f"/messages/recent?q={q}")["lines"]
        assert (line["id"], line["tag"], line["text"], line["kind"]) == (
            message_id,
            "tag 9",
            "something to find",
            "sms",
        )
    refused = simulator.control("GET", "/messages/recent?q=status:gone")
    assert (refused.status, refused.json["type"]) == (400, "invalid")


@pytest.mark.parametrize("query", ["before=x", "before=1~2", "limit=0", "limit=9999", "limit=x", "limit=-1"])
def test_a_list_is_told_what_is_wrong_with_its_question(simulator: Simulator, query: str) -> None:
    assert simulator.control("GET", f"/messages/recent?{query}").status == 400


# ---------------------------------------------------------------------------------------------------------- one message


def test_a_message_is_told_with_its_way_its_segments_and_its_callbacks(simulator: Simulator, account: str) -> None:
    shown = ended(simulator, account, send(simulator, account, to="+19195554720", text="[" * 100 + MARKUP))
    assert shown["text"] == "[" * 100 + MARKUP
    assert [step["step"] for step in shown["course"]] == ["accepted", "queued", "sent", "failed"]
    times = [step["at"] for step in shown["course"]]
    assert times == sorted(times)
    assert shown["course"][-1]["code"] == shown["legs"][0]["code"] == shown["line"]["code"] == 4720
    assert shown["legs"][0]["meaning"]
    assert shown["drawing"]["segment_count"] == shown["line"]["segment_count"] == 2
    assert [callback["state"] for callback in shown["callbacks"]] == ["nowhere", "nowhere"]


def test_every_receipt_of_a_message_is_on_its_way(simulator: Simulator, account: str) -> None:
    shown = ended(simulator, account, send(simulator, account, tag="sim:code=4720,then=0"))
    assert [step["step"] for step in shown["course"]] == ["accepted", "queued", "sent", "failed", "delivered"]


def test_the_way_of_a_group_tells_whom_each_step_concerns(simulator: Simulator, account: str) -> None:
    shown = ended(simulator, account, send(simulator, account, to=["+19195550123", "+19195554720"]))
    assert shown["line"]["kind"] == "group"
    assert shown["line"]["state"] == "failed"
    ends = {step["to"]: step["step"] for step in shown["course"] if step["step"] in ("delivered", "failed")}
    assert ends == {"+19195550123": "delivered", "+19195554720": "failed"}
    assert shown["drawing"] is None


def test_where_callbacks_are_forgotten_the_record_tells_the_way(simulator: Simulator) -> None:
    account = simulator.control_json("POST", "/accounts", {"rate": 1000})["account_id"]
    schedule = simulator.service.provider[account].schedule
    schedule.kept = 0
    shown = ended(simulator, account, send(simulator, account, to="+19195554720"))
    assert shown["callbacks"] == []
    assert [step["step"] for step in shown["course"]] == ["accepted", "queued", "sent", "failed"]


def test_a_text_is_told_only_while_it_is_remembered() -> None:
    with running(inspects=False) as simulator:
        message_id = send(simulator, "9900000", text="secret", tag="t")
        shown = ended(simulator, "9900000", message_id)
        assert (shown["text"], shown["drawing"], shown["texts_kept"]) == (None, None, 0)
        assert "secret" not in json.dumps(shown)
        assert simulator.control_json("GET", "/conversations") == []
        again = simulator.control("POST", f"/messages/{message_id}/again")
        assert (again.status, again.json["type"]) == (404, "not-found")


def test_a_message_that_is_not_there_is_not_found(simulator: Simulator) -> None:
    assert simulator.control("GET", "/messages/none").status == 404
    assert simulator.control("POST", "/messages/none/again").status == 404


# -------------------------------------------------------------------------------------------------------------- sending


def test_sent_again_is_the_same_message_under_another_id(simulator: Simulator, account: str) -> None:
    first = send(simulator, account, text="again?", tag="t-1", priority="high", to=["+19195550123", "+19195550124"])
    second = ask(simulator, account, "POST", f"/messages/{first}/again")["id"]
    assert second != first
    was, now = (ask(simulator, account, "GET", f"/messages/{one}") for one in (first, second))
    for name in ("from", "to", "tag", "high", "text", "kind"):
        assert was["line"][name] == now["line"][name]
    assert (was["text"], was["application_id"]) == (now["text"], now["application_id"])


def test_what_came_in_cannot_be_sent_again(simulator: Simulator) -> None:
    inbound = {"from": "+19195550123", "to": "+19195550100", "text": "hi"}
    [message_id] = simulator.control_json("POST", "/inbound", inbound)["message_ids"]
    assert simulator.control("POST", f"/messages/{message_id}/again").status == 400


@pytest.mark.parametrize(
    "fields, status, reason",
    [
        ({"to": "5550123"}, 400, "to"),
        ({"text": ""}, 400, "text"),
        ({"priority": "low"}, 400, "priority"),
        ({"tag": "sim:segments=255"}, 201, ""),
    ],
)
def test_sending_is_refused_for_the_reasons_of_the_api(
    simulator: Simulator, account: str, fields: dict[str, Any], status: int, reason: str
) -> None:
    body = {"from": "+19195550100", "to": "+19195550123", "text": "hello", **fields}
    answer = simulator.control("POST", f"/accounts/{account}/messages", body)
    assert answer.status == status
    assert reason in answer.json.get("description", "")


def test_a_full_queue_refuses_here_too(simulator: Simulator) -> None:
    account = simulator.control_json("POST", "/accounts", {"rate": 0.01})["account_id"]
    statuses = [
        simulator.control(
            "POST", f"/accounts/{account}/messages", {"from": "+19195550100", "to": "+19195550123", "text": "x"}
        ).status
        for _ in range(10)
    ]
    assert statuses == [201] * 9 + [429]


# ------------------------------------------------------------------------------------------------- conversations, files


def test_conversations_tell_who_has_said_what_with_pictures(simulator: Simulator) -> None:
    account = simulator.control_json("POST", "/accounts", {"rate": 1000})["account_id"]
    send(simulator, account, text="lunch?")
    media = [
        {"name": "<b>.png", "content": b64encode(PNG).decode(), "content_type": "image/png"},
        {"name": "page.html", "content": b64encode(MARKUP.encode()).decode(), "content_type": "text/html"},
        {"name": "drawing.svg", "content": b64encode(b"<svg/>").decode(), "content_type": "image/svg+xml"},
    ]
    group = {"from": "+19195550124", "to": ["+19195550100", "+19195550123"], "text": "me too", "media": media}
    ask(simulator, account, "POST", "/inbound", group)
    both, alone = ask(simulator, account, "GET", "/conversations")
    assert (alone["own"], alone["others"]) == ("+19195550100", ["+19195550123"])
    assert [said["own"] for said in alone["messages"]] == [True]
    assert both["others"] == ["+19195550123", "+19195550124"]
    [said] = both["messages"]
    assert (said["from"], said["own"], said["text"]) == ("+19195550124", False, "me too")
    assert [file["is_picture"] for file in said["files"]] == [True, False, False]
    answers = [
        simulator.control("GET", f"/accounts/{account}/files?name={quote(file['name'])}") for file in said["files"]
    ]
    assert [(answer.status, answer.headers["content-type"]) for answer in answers] == [
        (200, "image/png"), (200, "application/octet-stream"), (200, "application/octet-stream"),
    ]  # fmt: skip
    assert answers[0].body == PNG
    for answer in answers:
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
    dispositions = [answer.headers["content-disposition"].partition(";")[0] for answer in answers]
    assert dispositions == ["inline", "attachment", "attachment"]
    assert simulator.control("GET", "/files?name=none").status == 404


def test_files_of_a_message_are_told_apart_from_those_that_lie_elsewhere(simulator: Simulator) -> None:
    url = f"{simulator.ready.base_url}/users/{simulator.ready.account_id}/media/cat.png"
    assert simulator.ask("PUT", "media/cat.png", PNG, {"content-type": "image/png"}).status == 204
    sent = simulator.send(media=[url, "https://example.org/dog.png", url.replace("cat", "gone")]).json["id"]
    here, elsewhere, gone = simulator.control_json("GET", f"/messages/{sent}")["files"]
    assert (here["name"], here["is_picture"], here["octet_count"]) == ("cat.png", True, len(PNG))
    assert (elsewhere["label"], elsewhere["name"]) == ("https://example.org/dog.png", None)
    assert gone["name"] is None


# ------------------------------------------------------------------------------------------------------- queues, texts


def test_the_queue_is_told_with_the_callbacks_in_the_order_of_their_turns() -> None:
    with receiving(503) as receiver, running(callback_url=receiver.url, retry_seconds=600) as simulator:
        first = simulator.send(text="one").json["id"]
        receiver.next()
        receiver.next()
        wait_until(lambda: simulator.control_json("GET", "/queue")["state"]["callbacks"]["attempts"] >= 2)
        simulator.send(text="two " * 200)
        shown = simulator.control_json("GET", "/queue")
        assert shown["state"]["sms"]["capacity"] == 900_000
        assert shown["samples"][-1][0] == shown["state"]["clock"]["now"]
        waiting = shown["callbacks"]
        tried = [bool(callback["attempts"]) for callback in waiting]
        assert tried == sorted(tried)
        assert first in {message_id for callback in waiting for message_id in callback["message_ids"]}
        counts = shown["state"]["callbacks"]
        assert counts["waiting"] >= 2


def test_a_text_is_drawn_as_one_types(simulator: Simulator) -> None:
    drawn = simulator.control_json("POST", "/texts", {"text": "“Hi”"})["drawing"]
    assert (drawn["alphabet"], drawn["segment_count"], drawn["unit_count"]) == ("UCS-2", 1, 4)
    assert drawn["segments"][0]["cells"][0] == ["“", ["201C"], True]
    assert drawn["savings"][0]["text"] == '"Hi"'
    for text in ("x" * 2049, "\ud800"):
        assert simulator.control("POST", "/texts", {"text": text}).status == 400


def test_a_text_is_priced_by_the_rate_card(simulator: Simulator) -> None:
    account = simulator.control_json("POST", "/accounts")["account_id"]
    free = ask(simulator, account, "POST", "/texts", {"text": "x"})
    assert (free["price"], free["amount"], free["currency"]) == (None, None, None)
    price = {"kind": "sms", "sender": "toll-free", "zone": 2, "price": "0.0075"}
    ask(simulator, account, "PUT", "/rate-card", {"currency": "USD", "prices": [price]})
    priced = ask(simulator, account, "POST", "/texts", {"text": "“" + "x" * 99, "sender": "toll-free", "zone": 2})
    assert (priced["amount"], priced["currency"], priced["saving_amounts"]) == ("0.0150", "USD", ["0.0075"])


# --------------------------------------------------------------------------------------------------------------- events


@contextmanager
def listening(simulator: Simulator, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    connection = http.client.HTTPConnection(simulator.address, timeout=SECONDS)
    try:
        connection.request("GET", f"/control{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})
        yield connection.getresponse()
    finally:
        connection.close()


def next_event(response: http.client.HTTPResponse, wanted: str) -> tuple[str, Any]:
    fields: dict[str, str] = {}
    while line := response.readline().decode():
        name, _, value = line.rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif fields.get("event") == wanted:
            return fields.get("id", ""), json.loads(fields["data"])
        else:
            fields = {}
    raise AssertionError(f"the stream has ended without {wanted}")


def test_events_come_over_http_and_go_on_after_the_last_one(simulator: Simulator, account: str) -> None:
    path = f"/accounts/{account}/events"
    with listening(simulator, path) as response:
        assert response.getheader("content-type") == "text/event-stream; charset=utf-8"
        assert response.getheader("cache-control") == "no-store"
        position, _ = next_event(response, "reset")
        _, state = next_event(response, "state")
        assert state["sms"]["rate"] == 1000
    missed = send(simulator, account, text="while nobody listened")
    for headers, query in (({"last_event_id": position}, ""), ({}, f"?after={position}")):
        with listening(simulator, path + query, **headers) as response:
            _, data = next_event(response, "messages")
            assert missed in [line["id"] for line in data["lines"]]


def test_events_are_refused_to_pages_of_others(simulator: Simulator) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}, {"host": "evil.example"}):
        answer = exchange(simulator.address, "GET", "/control/events", headers=headers)
        assert (answer.status, answer.json["type"]) == (403, "forbidden")


def test_a_filter_that_cannot_be_read_is_refused_at_once(simulator: Simulator) -> None:
    assert simulator.control("GET", "/events?q=status:gone").status == 400


def test_a_server_that_stops_does_not_wait_for_those_who_listen() -> None:
    with running() as simulator:
        with listening(simulator, "/events") as response:
            next_event(response, "reset")
            ended = threading.Event()

            def read_on() -> None:
                while response.readline():
                    pass
                ended.set()

            reading = threading.Thread(target=read_on)
            reading.start()
            simulator.loop.call_soon_threadsafe(simulator.service.feed.close)
            reading.join(SECONDS)
            assert ended.is_set()
        assert simulator.control("GET", "/events").status == 503
