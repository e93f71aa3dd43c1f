"""Callbacks that really go out: what the receiver sees, and what its answers bring about."""

import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.ports import Port
from tests.transports.simulator.service.running import (
    SECONDS,
    Post,
    Receiver,
    Simulator,
    basic,
    receiving,
    running,
    wait_until,
)
from transports.simulator.service.callbacks import ForbiddenAddressError, _public_socket
from transports.simulator.service.life import POSTS_AT_ONCE, POSTS_AT_ONCE_OF_AN_ACCOUNT

DAY = "24h"


def callbacks(simulator: Simulator, **wanted: str) -> list[dict[str, object]]:
    query = "&".join(f"{name}={value}" for name, value in wanted.items())
    found: list[dict[str, object]] = simulator.control_json("GET", f"/callbacks?{query}")
    return found


def test_events_are_posted_as_an_array_with_the_tag_and_without_the_text() -> None:
    with receiving(204) as receiver, running(callback_url=receiver.url, speed=100) as simulator:
        accepted = simulator.send(tag="order-7").json
        posts = [receiver.next(), receiver.next()]
        assert sorted(post.events[0]["type"] for post in posts) == ["message-delivered", "message-sent"]
        for post in posts:
            [event] = post.events
            assert event["message"]["id"] == accepted["id"]
            assert (event["message"]["tag"], event["message"]["text"]) == ("order-7", "")
            assert post.headers["content-type"] == "application/json; charset=utf-8"
            assert post.headers["user-agent"] == "BandwidthAPI/v2"
            assert "authorization" not in post.headers
        wait_until(lambda: len(callbacks(simulator, state="delivered")) == 2)


def test_the_events_of_each_message_arrive_in_their_order_however_fast_time_goes() -> None:
    with receiving() as receiver, running(callback_url=receiver.url) as simulator:
        simulator.control_json("PATCH", "/clock", {"paused": True})
        ids = {simulator.send(tag="sim:delay=0").json["id"] for _ in range(40)}
        simulator.control_json("POST", "/clock/advance", {"by": "1m"})
        kinds: dict[str, list[str]] = {id: [] for id in ids}
        for _ in range(80):
            [event] = receiver.next().events
            kinds[event["message"]["id"]].append(event["type"])
        assert all(found == ["message-sent", "message-delivered"] for found in kinds.values())


def test_credentials_are_sent_to_who_asks_for_them() -> None:
    def challenge(post: Post) -> tuple[int, dict[str, str]]:
        known = post.headers.get("authorization") == basic("bob", "tuna")
        return (200, {}) if known else (401, {"www-authenticate": 'Basic realm="us"'})

    settings: dict[str, Any] = {"callback_user": "bob", "callback_password": "tuna", "speed": 100}
    with Receiver(challenge) as receiver, running(callback_url=receiver.url, **settings) as simulator:
        simulator.send("+19195554720")
        posts = [receiver.next() for _ in range(4)]
        assert Counter("authorization" in post.headers for post in posts) == {False: 2, True: 2}
        wait_until(lambda: len(callbacks(simulator, state="delivered")) == 2)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_no_success_is_tried_for_a_day_and_then_dropped(status: int) -> None:
    with receiving(status, location="/elsewhere") as receiver:
        settings: dict[str, Any] = {"callback_url": receiver.url, "retry_seconds": 7200.0}
        with running(**settings) as simulator:
            sent = simulator.control_json("POST", "/inbound", inbound())
            [message_id] = sent["message_ids"]
            simulator.control_json("POST", "/clock/advance", {"by": "25h"})
            [callback] = callbacks(simulator, message_id=message_id)
            assert callback["state"] == "dropped"
            attempts = callback["attempts"]
            assert isinstance(attempts, list)
            assert len(attempts) in (12, 13)  # at once, and every two hours since the answer before came
            assert {attempt["status"] for attempt in attempts} == {status}
            assert {urlsplit(receiver.url).path} == {receiver.next().path for _ in attempts}
            [row] = simulator.control_json("GET", f"/messages?messageId={message_id}")
            assert row["messageStatus"] == "UNDELIVERED"


def test_a_callback_is_listed_as_soon_as_its_message_is_in() -> None:
    with receiving(500) as receiver, running(callback_url=receiver.url) as simulator:
        for count in range(1, 30):
            simulator.control_json("POST", "/inbound", inbound())
            assert len(callbacks(simulator)) == count


def test_a_callback_can_be_posted_again_by_hand() -> None:
    with receiving() as receiver, running(callback_url=receiver.url) as simulator:
        simulator.control_json("POST", "/inbound", inbound())
        first = receiver.next()
        wait_until(lambda: len(callbacks(simulator, state="delivered")) == 1)
        [callback] = callbacks(simulator)
        simulator.control_json("POST", f"/callbacks/{callback['id']}/redo")
        again = receiver.next()
        assert again.events[0]["message"]["id"] == first.events[0]["message"]["id"]
        assert (first.events[0]["message"]["text"], again.events[0]["message"]["text"]) == ("Is it ready?", "")

        def attempts() -> list[bool]:
            shown = simulator.control_json("GET", f"/callbacks/{callback['id']}")
            return [attempt["by_hand"] for attempt in shown["attempts"]]

        wait_until(lambda: attempts() == [False, True])


def test_an_application_can_be_told_of_another_place_while_it_runs() -> None:
    with receiving() as receiver, running() as simulator:
        path = f"/applications/{simulator.ready.application_id}"
        shown = simulator.control_json("PATCH", path, {"inbound_url": receiver.url})
        assert (shown["inbound_url"], shown["callback_url"]) == (receiver.url, None)
        simulator.control_json("POST", "/inbound", inbound())
        assert receiver.next().events[0]["type"] == "message-received"


def test_nobody_listens_where_a_callback_goes() -> None:
    with Port() as port, running(callback_url=f"http://127.0.0.1:{port.number}/callbacks") as simulator:
        simulator.control_json("POST", "/inbound", inbound())
        wait_until(lambda: bool(callbacks(simulator)[0]["attempts"]))
        [callback] = callbacks(simulator)
        assert callback["attempts"][0]["status"] is None  # type: ignore[index]
        assert callback["state"] == "waiting"


def test_a_receiver_that_hangs_keeps_no_other_account_waiting() -> None:
    with held() as (slow, _), receiving() as quick, running(callback_url=slow.url) as simulator:
        other = simulator.control_json("POST", "/accounts", {"callback_url": quick.url})
        count = 4 * POSTS_AT_ONCE_OF_AN_ACCOUNT  # each of which is waited for for ten seconds
        for _ in range(count):
            simulator.control_json("POST", f"/accounts/{simulator.ready.account_id}/inbound", inbound())
        simulator.control_json("POST", f"/accounts/{other['account_id']}/inbound", inbound())
        assert quick.next().events[0]["type"] == "message-received"
        assert slow.posts.qsize() < count


def test_however_many_receivers_hang_another_account_gets_its_events() -> None:
    with held() as (slow, _), receiving() as quick, running() as simulator:
        for _ in range(POSTS_AT_ONCE // POSTS_AT_ONCE_OF_AN_ACCOUNT):
            account = simulator.control_json("POST", "/accounts", {"callback_url": slow.url})
            for _ in range(POSTS_AT_ONCE_OF_AN_ACCOUNT):
                simulator.control_json("POST", f"/accounts/{account['account_id']}/inbound", inbound())
        wait_until(lambda: slow.posts.qsize() == POSTS_AT_ONCE)
        other = simulator.control_json("POST", "/accounts", {"callback_url": quick.url})
        simulator.control_json("POST", f"/accounts/{other['account_id']}/inbound", inbound())
        assert quick.next().events[0]["type"] == "message-received"


def test_what_a_closed_account_was_answered_is_nothing_to_one_that_is_opened_by_its_name() -> None:
    with held(500) as (old, old_goes_on), held(200) as (new, new_goes_on), running() as simulator:
        open_again(simulator, old)
        simulator.control("DELETE", "/accounts/again")
        open_again(simulator, new)
        old_goes_on.set()
        wait_until(lambda: len(simulator.service.life._posts) == 1)
        new_goes_on.set()
        wait_until(lambda: not simulator.service.life._posts)
        [callback] = simulator.control_json("GET", "/accounts/again/callbacks")
        assert [attempt["status"] for attempt in callback["attempts"]] == [200]


def test_time_is_pushed_no_further_when_nobody_waits_for_it_any_more() -> None:
    with held() as (slow, going_on), running(callback_url=slow.url) as simulator:
        simulator.control_json("POST", "/inbound", inbound())
        wait_until(lambda: slow.posts.qsize())
        before = simulator.control_json("GET", "/clock")["now"]
        travel = simulator.service.life._travel
        caller = http.client.HTTPConnection(urlsplit(simulator.ready.control_url).netloc)
        caller.request("POST", "/control/clock/advance", b'{"by": "24h"}', {"content-type": "application/json"})
        wait_until(travel.locked)
        caller.close()
        wait_until(lambda: not travel.locked())
        going_on.set()
        assert simulator.control_json("GET", "/clock")["now"] < before + 3600


def test_a_simulator_that_stops_while_somebody_waits_says_nothing_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with running() as simulator:
        caller = http.client.HTTPConnection(urlsplit(simulator.ready.control_url).netloc)
        caller.request("GET", "/control/messages/wait?timeout=60")
        wait_until(lambda: simulator.service.life._changed)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        caller.getresponse()
    caller.close()
    assert [record.message for record in caplog.records if record.exc_info] == []


def open_again(simulator: Simulator, receiver: Receiver) -> None:
    simulator.control_json("POST", "/accounts", {"id": "again", "callback_url": receiver.url})
    simulator.control_json("POST", "/accounts/again/inbound", inbound())
    wait_until(lambda: receiver.posts.qsize())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.7", "64:ff9b::127.0.0.1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_private_networks_can_be_forbidden(address: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="private network"):
        _public_socket((2, 1, 6, "", (address, 80)))


def test_no_callback_is_posted_into_a_private_network_where_that_is_forbidden() -> None:
    with receiving() as receiver, running(callback_url=receiver.url, allows_private_callbacks=False) as simulator:
        simulator.control_json("POST", "/inbound", inbound())
        wait_until(lambda: bool(callbacks(simulator)[0]["attempts"]))
        assert callbacks(simulator)[0]["attempts"][0]["status"] is None  # type: ignore[index]
        assert receiver.posts.empty()


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:7f00:1]"])
def test_no_other_way_to_write_an_address_leads_into_a_private_network(host: str) -> None:
    with receiving() as receiver, running(allows_private_callbacks=False) as simulator:
        url = f"http://{host}:{urlsplit(receiver.url).port}/callbacks"
        simulator.control_json("PATCH", f"/applications/{simulator.ready.application_id}", {"callback_url": url})
        simulator.control_json("POST", "/inbound", inbound())
        wait_until(lambda: bool(callbacks(simulator)[0]["attempts"]))
        assert callbacks(simulator)[0]["attempts"][0]["status"] is None  # type: ignore[index]
        assert receiver.posts.empty()


def test_a_name_that_means_another_address_the_second_time_gets_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["93.184.215.14", "127.0.0.1"]

    async def resolve(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        return [{"hostname": host, "host": address, "port": port, "family": 2, "proto": 0, "flags": 0}]

    with receiving() as receiver, running(allows_private_callbacks=False) as simulator:
        port = urlsplit(receiver.url).port
        url = {"callback_url": f"http://rebound.example:{port}/callbacks"}
        simulator.control_json("PATCH", f"/applications/{simulator.ready.application_id}", url)
        addresses.pop(0)  # what was looked at when the URL was given, if anybody looks
        monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
        simulator.control_json("POST", "/inbound", inbound())
        wait_until(lambda: bool(callbacks(simulator)[0]["attempts"]))
        assert receiver.posts.empty()


def test_a_redirect_is_not_followed() -> None:
    with receiving() as target, receiving(302, location=target.url) as receiver:
        with running(callback_url=receiver.url) as simulator:
            simulator.control_json("POST", "/inbound", inbound())
            wait_until(lambda: bool(callbacks(simulator)[0]["attempts"]))
            assert callbacks(simulator)[0]["attempts"][0]["status"] == 302  # type: ignore[index]
        assert target.posts.empty()


@contextmanager
def held(status: int = 200) -> Iterator[tuple[Receiver, threading.Event]]:
    """A receiver that lets everybody wait until it is told to go on."""
    going_on = threading.Event()

    def hold(post: Post) -> tuple[int, dict[str, str]]:
        going_on.wait(2 * SECONDS)  # longer than any test waits for what is to happen meanwhile
        return status, {}

    with Receiver(hold) as receiver:
        try:
            yield receiver, going_on
        finally:
            going_on.set()


def inbound() -> dict[str, object]:
    return {"from": "+19195550123", "to": ["+19195550100"], "text": "Is it ready?"}
