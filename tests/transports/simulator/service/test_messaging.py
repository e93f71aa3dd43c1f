"""The V2 API as a client sees it over HTTP."""

import http.client
import json
from collections.abc import Iterator

import pytest

from tests.transports.simulator.service.running import JSON, SECONDS, Answer, Simulator, basic, exchange, running
from transports.simulator.service.settings import Ready


def test_a_message_is_accepted_and_found(simulator: Simulator) -> None:
    answer = simulator.send("+19195554720", tag="order-7")
    assert (answer.status, answer.headers["content-type"]) == (202, "application/json")
    accepted = answer.json
    assert (accepted["to"], accepted["text"], accepted["tag"]) == (["+19195554720"], "hello", "order-7")
    query = f"messageId={accepted['id']}&messageStatus=FAILED&timeout={SECONDS}"
    [row] = simulator.control_json("GET", f"/messages/wait?{query}")
    assert (row["errorCode"], row["text"]) == (4720, "hello")
    found = simulator.ask("GET", f"messages?messageId={accepted['id']}").json
    assert (found["totalCount"], found["messages"][0]["errorCode"]) == (1, 4720)
    assert "text" not in found["messages"][0]


@pytest.mark.parametrize(
    "method, path, headers, body, status, type_",
    [
        ("POST", "messages", JSON, b"{", 400, "request-validation"),
        ("POST", "messages", JSON, b"[]", 400, "request-validation"),
        ("POST", "messages", JSON, b"\xff", 400, "request-validation"),
        ("POST", "messages", JSON, b'{"a":' * 100_000, 400, "request-validation"),
        ("POST", "messages", JSON, b" " * 1_100_000, 413, "content-too-large"),
        ("POST", "messages", JSON | {"accept": "text/html"}, b"{}", 406, "not-acceptable"),
        ("POST", "messages", {"content-type": "text/plain"}, b"{}", 415, "unsupported-content-type"),
        ("POST", "messages", {"authorization": ""}, b"{}", 401, "unauthorized"),
        ("POST", "messages", {"authorization": "Basic !"}, b"{}", 401, "unauthorized"),
        ("POST", "messages", {"authorization": basic("nobody", "x")}, b"{}", 401, "unauthorized"),
        ("DELETE", "messages", {}, b"", 405, "method-not-allowed"),
        ("GET", "messages", {}, b"", 400, "request-validation"),
        ("PUT", "media/big", {}, b"x" * 3_670_017, 413, "content-too-large"),
        ("GET", "media?x=1", {"continuation-token": "?"}, b"", 400, "request-validation"),
    ],
)
def test_each_refusal_has_its_documented_body(
    simulator: Simulator, method: str, path: str, headers: dict[str, str], body: bytes, status: int, type_: str
) -> None:
    answer = simulator.ask(method, path, body, headers)
    assert (answer.status, answer.json["type"]) == (status, type_), answer
    assert answer.json["description"]


@pytest.mark.parametrize("path", ["/api/v2", "/api/v2/users", "/nothing", "/api/v2/users/9900000/messages/1"])
def test_an_unknown_path_is_a_404_in_the_frameworks_form(simulator: Simulator, path: str) -> None:
    headers = {"authorization": basic(simulator.ready.user, simulator.ready.password)}
    answer = exchange(simulator.address, "GET", path, headers=headers)
    assert (answer.status, answer.json["path"], answer.json["error"]) == (404, path, "Not Found")


def test_credentials_open_their_own_account_only(simulator: Simulator) -> None:
    other = simulator.control_json("POST", "/accounts")
    assert other["account_id"] != simulator.ready.account_id
    theirs = {"authorization": basic(other["user"], other["password"])}
    assert simulator.ask("GET", "media", headers=theirs).status == 401
    path = f"/api/v2/users/{other['account_id']}/media"
    assert exchange(simulator.address, "GET", path, headers=theirs).status == 200
    assert exchange(simulator.address, "GET", "/api/v2/users/nobody/media", headers=theirs).status == 401


def test_a_changed_password_is_minded_at_once(simulator: Simulator) -> None:
    pair = simulator.control_json("POST", "/credentials", {"user": "ann", "password": "old"})
    assert pair == {"user": "ann", "password": "old"}
    assert simulator.ask("GET", "media", headers={"authorization": basic("ann", "old")}).status == 200
    assert simulator.ask("GET", "media", headers={"authorization": basic("ann", "new")}).status == 401
    simulator.control_json("POST", "/credentials", {"user": "ann", "password": "new"})
    assert simulator.ask("GET", "media", headers={"authorization": basic("ann", "old")}).status == 401
    assert simulator.ask("GET", "media", headers={"authorization": basic("ann", "new")}).status == 200
    simulator.control_json("DELETE", "/credentials/ann")
    assert simulator.ask("GET", "media", headers={"authorization": basic("ann", "new")}).status == 401


def test_media_come_back_as_they_went_whole_and_in_ranges(simulator: Simulator) -> None:
    content = bytes(range(256)) * 1000

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(content), 50_000):
            yield content[start : start + 50_000]

    chunked = simulator.ask("PUT", "media/menu/today%20%C3%A4.png", pieces(), {"content-type": "image/png"})
    assert (chunked.status, chunked.body) == (204, b"")
    whole = simulator.ask("GET", "media/menu/today%20%C3%A4.png")
    assert (whole.status, whole.headers["content-type"], whole.body) == (200, "image/png", content)
    assert simulator.ask("GET", "media/menu%2Ftoday%20%C3%A4.png").body == content
    part = simulator.ask("GET", "media/menu/today%20%C3%A4.png", headers={"range": "bytes=100-199"})
    assert (part.status, part.body) == (206, content[100:200])
    listed = [item for item in simulator.ask("GET", "media").json if item["mediaName"] == "menu/today ä.png"]
    assert [item["contentLength"] for item in listed] == [len(content)]
    assert listed[0]["content"].startswith(simulator.ready.base_url)
    assert simulator.ask("DELETE", "media/menu/today%20%C3%A4.png").status == 204
    assert simulator.ask("GET", "media/menu/today%20%C3%A4.png").status == 404


def test_a_type_of_media_cannot_write_headers_of_its_own(simulator: Simulator) -> None:
    raw = b"image/png\tx-evil: 1"
    assert simulator.ask("PUT", "media/evil", b"x", {"content-type": raw.decode()}).status == 204
    assert "x-evil" not in simulator.ask("GET", "media/evil").headers


def test_many_requests_go_over_one_connection(simulator: Simulator) -> None:
    connection = http.client.HTTPConnection(simulator.address, timeout=SECONDS)
    headers = {"authorization": basic(simulator.ready.user, simulator.ready.password)}
    statuses = []
    for path in ("media", "messages", "media/none", "nothing"):
        connection.request("GET", f"/api/v2/users/{simulator.ready.account_id}/{path}", headers=headers)
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)
    connection.close()
    assert statuses == [200, 400, 404, 404]


def test_a_full_queue_is_a_429() -> None:
    with running(rate=0.01) as simulator:
        statuses = [simulator.send().status for _ in range(10)]
        assert statuses == [202] * 9 + [429]
        assert simulator.send(priority="high").json["type"] == "max-message-queue-size-exceeded"


def test_the_api_of_2019_has_tokens_and_its_own_words() -> None:
    with running(profile="v2-2019") as simulator:
        assert len(simulator.ready.user) == 48
        assert simulator.ask("POST", "messages", headers={"authorization": ""}).json["type"] == "authentication-error"
        assert simulator.send(["+1919555012"]).status == 202


class TestFaults:
    def test_the_next_three_posts_are_503(self, simulator: Simulator) -> None:
        other = account(simulator)
        fault = {"what": "answer", "status": 503, "count": 3, "method": "POST"}
        path = f"/accounts/{other.account_id}/faults"
        assert simulator.control("POST", path, fault).status == 201
        assert [send(simulator, other).status for _ in range(2)] == [503, 503]
        assert simulator.control_json("GET", path)[0]["count"] == 1
        assert [send(simulator, other).status for _ in range(2)] == [503, 202]
        assert simulator.control_json("GET", path) == []
        assert simulator.send().status == 202

    @pytest.mark.parametrize("what, is_done", [("drop-before", False), ("drop-after", False), ("lose-answer", True)])
    def test_a_connection_breaks_on_order(self, simulator: Simulator, what: str, is_done: bool) -> None:
        other = account(simulator)
        path = f"/accounts/{other.account_id}"
        simulator.control_json("POST", f"{path}/faults", {"what": what})
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            send(simulator, other)
        assert len(simulator.control_json("GET", f"{path}/messages")) == is_done
        assert send(simulator, other).status == 202

    def test_good_credentials_are_refused_on_order(self, simulator: Simulator) -> None:
        other = account(simulator)
        simulator.control_json("PUT", f"/accounts/{other.account_id}/faults", [{"what": "refuse-access"}])
        assert [send(simulator, other).status for _ in range(2)] == [401, 202]


def account(simulator: Simulator) -> Ready:
    return Ready(**{**(made := simulator.control_json("POST", "/accounts")), "numbers": tuple(made["numbers"])})


def send(simulator: Simulator, ready: Ready) -> Answer:
    return simulator.send(ready=ready)


def test_no_password_is_in_what_is_shown_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    with running(user="ann", password="swordfish", callback_password="tunafish", callback_user="bob") as simulator:
        simulator.send()
        simulator.ask("GET", "media", headers={"authorization": basic("ann", "swordfisch")})
        shown = json.dumps(simulator.control_json("GET", "/accounts")) + repr(simulator.ready) + caplog.text
        assert "fish" not in shown
        assert "scrypt" not in shown
        assert "bob" in shown


def test_the_api_describes_itself(simulator: Simulator) -> None:
    description = exchange(simulator.address, "GET", "/api/v2/openapi.json").json
    [server] = description["servers"]
    url = server["url"].replace("{accountId}", server["variables"]["accountId"]["default"])
    assert url == f"{simulator.ready.base_url}/users/{simulator.ready.account_id}"
    assert set(description["paths"]) == {"/messages", "/media", "/media/{mediaId}"}
