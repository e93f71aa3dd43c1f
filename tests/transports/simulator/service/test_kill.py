"""A server that is killed under load: what was answered has happened, and what was not taken comes again."""

import http.client
import json
import signal
import threading
from collections import Counter, defaultdict
from pathlib import Path
from queue import Queue
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.transports.simulator.service.processes import TEXT, ask, process, send
from tests.transports.simulator.service.running import JSON, SECONDS, Post, Receiver, basic, receiving

CLIENTS = 6
KILLS = 3
TERMINAL = {"message-delivered", "message-failed"}
RECIPIENTS = ("+19195550123", "+19195554720", ["+19195550123", "+19195550124"])


class Fickle(Receiver):
    """Takes some callbacks and refuses others, by chance; knows which events it has taken."""

    def __init__(self, random: Random) -> None:
        super().__init__(self.decide)
        self._random = random
        self.takes_all = False
        self.taken: list[dict[str, Any]] = []

    def decide(self, post: Post) -> tuple[int, dict[str, str]]:
        if not self.takes_all and self._random.random() < 0.3:
            return 500, {}
        self.taken += post.events
        return 200, {}


class Load:
    """Clients that send until the server is gone, and keep every 202 that came whole."""

    def __init__(self, ready: dict[str, Any], random: Random) -> None:
        self.accepted: Queue[dict[str, Any]] = Queue()
        self._ready = ready
        self._threads = [threading.Thread(target=self._send, args=(Random(random.random()),)) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()

    def _send(self, random: Random) -> None:
        parts = urlsplit(self._ready["base_url"])
        connection = http.client.HTTPConnection(parts.netloc, timeout=SECONDS)
        headers = {"authorization": basic(self._ready["user"], self._ready["password"]), **JSON}
        try:
            while True:
                text = TEXT + " la" * random.randrange(200)
                body = {"from": "+19195550100", "to": random.choice(RECIPIENTS), "text": text, "tag": "la"}
                body["applicationId"] = self._ready["application_id"]
                path = f"{parts.path}/users/{self._ready['account_id']}/messages"
                connection.request("POST", path, json.dumps(body), headers)
                response = connection.getresponse()
                accepted = json.loads(response.read())
                assert response.status == 202, accepted
                self.accepted.put(accepted)
        except (OSError, http.client.HTTPException):
            pass  # it was killed
        finally:
            connection.close()


def test_whatever_was_answered_is_there_after_a_kill_and_comes_to_its_end(tmp_path: Path) -> None:
    random = Random(4)
    accepted: list[dict[str, Any]] = []
    with Fickle(random) as receiver:
        options = ("--callback-url", receiver.url, "--rate", "100")
        for _ in range(KILLS):
            with process(tmp_path, *options) as (running, ready):
                load = Load(ready, random)
                # With posts, callbacks and transactions under way, whichever they are.
                accepted += [load.accepted.get(timeout=SECONDS) for _ in range(random.randrange(20, 200))]
                running.send_signal(signal.SIGKILL)
                running.wait(SECONDS)
                load.join()
                accepted += [load.accepted.get() for _ in range(load.accepted.qsize())]
        receiver.takes_all = True
        with process(tmp_path, *options) as (_, ready):
            ask(ready, "POST", "/control/clock/advance", {"by": "2h"})
            rows = ask(ready, "GET", "/control/messages?limit=10000")
            [account] = ask(ready, "GET", "/control/accounts")
    assert account["open_messages"] == account["callbacks"]["waiting"] == account["callbacks"]["dropped"] == 0
    ends = defaultdict(list)
    for row in rows:
        ends[row["messageId"]].append(row["messageStatus"])
    # Taken twice it may be: an answer that came just before the end was not written down any more.
    events = Counter((event["message"]["id"], event["to"], event["type"]) for event in receiver.taken)
    segments = {(event["message"]["id"], event["message"]["segmentCount"]) for event in receiver.taken}
    for message in accepted:
        assert len(ends[message["id"]]) == len(message["to"]), message
        assert set(ends[message["id"]]) <= {"DELIVERED", "FAILED"}, message
        for recipient in message["to"]:
            kinds = {kind for id, to, kind in events if (id, to) == (message["id"], recipient)}
            assert (len(kinds), len(kinds & TERMINAL)) == (2, 1), (message, kinds)
        assert {count for id, count in segments if id == message["id"]} == {message["segmentCount"]}
    assert len({message["segmentCount"] for message in accepted}) > 3
    assert len(accepted) == len({message["id"] for message in accepted}) >= 60


def test_a_text_that_is_gone_is_shown_to_be_gone(tmp_path: Path) -> None:
    with receiving(500) as refusing, process(tmp_path, "--callback-url", refusing.url) as (running, ready):
        inbound = {"from": "+19195550123", "to": ["+19195550100"], "text": TEXT}
        [message_id] = ask(ready, "POST", "/control/inbound", inbound)["message_ids"]
        assert refusing.next().events[0]["message"]["text"] == TEXT
        [shown] = ask(ready, "GET", f"/control/callbacks?message_id={message_id}")
        assert not shown["text_is_gone"]
        assert ask(ready, "GET", f"/control/messages?messageId={message_id}")[0]["text"] == TEXT
        running.send_signal(signal.SIGKILL)
        running.wait(SECONDS)
    with receiving() as receiver, process(tmp_path, "--callback-url", receiver.url) as (_, ready):
        [shown] = ask(ready, "GET", f"/control/callbacks?message_id={message_id}")
        assert shown["text_is_gone"]
        assert ask(ready, "GET", f"/control/messages?messageId={message_id}")[0]["text"] is None
        ask(ready, "POST", "/control/clock/advance", {"by": "5m"})
        assert receiver.next().events[0]["message"]["text"] == ""


def test_a_message_that_waits_in_the_queue_of_2019_goes_on_without_its_text(tmp_path: Path) -> None:
    options = ("--profile", "v2-2019", "--rate", "0.1")
    with process(tmp_path, *options) as (running, ready):
        id = send(ready, text="€" * 200)  # 153 septets a segment, and each takes two
        running.send_signal(signal.SIGKILL)
        running.wait(SECONDS)
    with receiving() as receiver, process(tmp_path, *options, "--callback-url", receiver.url) as (_, ready):
        ask(ready, "POST", "/control/clock/advance", {"by": "5m"})
        [event] = receiver.next().events
        assert (event["type"], event["message"]["id"], event["message"]["segmentCount"]) == ("message-delivered", id, 3)
        assert event["message"]["text"] == ""
        [shown] = ask(ready, "GET", f"/control/callbacks?message_id={id}")
        assert shown["text_is_gone"]


def test_what_the_control_api_has_told_is_not_taken_back(tmp_path: Path) -> None:
    with process(tmp_path, "--rate", "1000") as (running, ready):
        id = send(ready)
        ask(ready, "GET", f"/control/messages/wait?messageId={id}&messageStatus=DELIVERED&timeout={SECONDS}")
        running.send_signal(signal.SIGKILL)
        running.wait(SECONDS)
    with process(tmp_path) as (_, ready):
        [row] = ask(ready, "GET", f"/control/messages?messageId={id}")
        assert row["messageStatus"] == "DELIVERED"
