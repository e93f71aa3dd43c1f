"""``msgcore receive`` as somebody at a shell has it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from msgcore.testing import event_item

SECONDS = 60
RECEIVE = [sys.executable, "-m", "transports.cli", "receive"]
JSON = {"content-type": "application/json"}
BODY = b"[" + event_item() + b"]"


class Running:
    """A receiver that listens."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("ready "):
                self.url = line.split()[1]
                return
        raise AssertionError(f"it did not listen: {process.wait(SECONDS)}")

    @property
    def port(self) -> int:
        return int(self.url.split(":")[2].partition("/")[0])

    def post(self, body: bytes = BODY, path: str = "/", headers: dict[str, str] | None = None) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request("POST", path, body, JSON | (headers or {}))
            return connection.getresponse().status
        finally:
            connection.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[str, str]:
        self.process.send_signal(number)
        said, complained = self.process.communicate(timeout=SECONDS)
        assert self.process.returncode == 0
        return said, complained


@contextmanager
def receiving(*options: object, **environment: str) -> Iterator[Running]:
    command = [*RECEIVE, "--port", "0", *map(str, options)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | environment
    )
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_takes_callbacks_and_says_at_the_end_what_came(tmp_path: Path, number: signal.Signals) -> None:
    with receiving("--store", tmp_path / "events.db") as receiver:
        assert [receiver.post(), receiver.post(), receiver.post(b"[7]"), receiver.post(b"x")] == [200, 200, 200, 400]
        said, complained = receiver.stop(number)
    assert said == ""
    assert complained == "1 new events, 1 repeated, 1 in quarantine; 4 requests, 3 of them taken\n"
    with receiving("--store", tmp_path / "events.db") as receiver:
        assert receiver.post() == 200
        assert receiver.stop()[1].startswith("0 new events, 1 repeated")


def test_new_events_are_printed_without_numbers_and_texts(tmp_path: Path) -> None:
    item = event_item("m-7", "message-failed", errorCode=4720).replace(b'"text": ""', b'"text": "private"')
    with receiving("--store", tmp_path / "events.db", "--print") as receiver:
        receiver.post(b"[" + item + b"]")
        receiver.post()
        said, _ = receiver.stop()
    assert "private" not in said
    assert "5550123" not in said
    first, second = (json.loads(line) for line in said.splitlines())
    assert first.pop("received_at") <= second.pop("received_at")
    assert first == {
        "sequence": 1, "type": "message-failed", "time": "2026-01-02T03:04:05.678Z", "to": "+1919*******",
        "message_id": "m-7", "direction": "out", "error_code": 4720,
    }  # fmt: skip
    assert second["message_id"] == "m-1"


def test_whole_events_are_printed_when_that_is_asked_for(tmp_path: Path) -> None:
    with receiving("--store", tmp_path / "events.db") as receiver:
        receiver.post()
        receiver.stop()
    with receiving("--store", tmp_path / "events.db", "--print", "--unredacted") as receiver:
        receiver.post(b"[" + event_item("m-2") + b"]")
        said, _ = receiver.stop()
    [line] = said.splitlines()
    assert json.loads(line)["event"] == json.loads(event_item("m-2"))


def test_a_reader_that_goes_away_costs_no_event(tmp_path: Path) -> None:
    with receiving("--store", tmp_path / "events.db", "--print") as receiver:
        assert receiver.process.stdout is not None
        receiver.process.stdout.close()
        for number in range(5):
            assert receiver.post(b"[" + event_item(str(number)) + b"]") == 200
        receiver.process.send_signal(signal.SIGTERM)
        assert receiver.process.stderr is not None
        complained = receiver.process.stderr.read()
        assert receiver.process.wait(SECONDS) == 0
    assert "5 new events" in complained
    assert "no longer printed" in complained


def test_credentials_come_from_the_environment_and_are_asked_for(tmp_path: Path) -> None:
    with receiving(
        "--store", tmp_path / "events.db", "--user", "hooks", MSGCORE_CALLBACK_PASSWORD="s3cret"
    ) as receiver:
        right = {"authorization": "Basic " + b64encode(b"hooks:s3cret").decode()}
        assert [receiver.post(), receiver.post(headers=right)] == [401, 200]
        assert "s3cret" not in "".join(receiver.stop())


def test_callbacks_are_taken_at_the_path_that_is_given(tmp_path: Path) -> None:
    with receiving("--store", tmp_path / "events.db", "--path", "/hooks/sms") as receiver:
        assert receiver.url.endswith("/hooks/sms")
        assert [receiver.post(), receiver.post(path="/hooks/sms")] == [404, 200]


def test_it_speaks_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.private_key_pem.write_to_path(str(key))
    certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    import ssl

    context = ssl.create_default_context()
    authority.configure_trust(context)
    options = ["--store", tmp_path / "events.db", "--certificate", certificate, "--key", key]
    with receiving(*options, "--host", "localhost") as receiver:
        assert receiver.url.startswith("https://localhost:")
        connection = http.client.HTTPSConnection("localhost", receiver.port, timeout=SECONDS, context=context)
        connection.request("POST", "/", BODY, JSON)
        assert connection.getresponse().status == 200
        connection.close()
        receiver.stop()


def test_what_is_under_way_is_answered_when_it_is_stopped(tmp_path: Path) -> None:
    with receiving("--store", tmp_path / "events.db") as receiver:
        with socket.create_connection(("127.0.0.1", receiver.port), timeout=SECONDS) as connection:
            head = (
                f"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
            )
            connection.sendall(head.encode() + BODY[:10])
            assert receiver.post(b"[" + event_item("other") + b"]") == 200  # by now the first one has begun
            receiver.process.send_signal(signal.SIGTERM)
            while not refuses(receiver.port):
                pass
            connection.sendall(BODY[10:])
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert receiver.process.stderr is not None
        assert receiver.process.stderr.read().startswith("2 new events")
        assert receiver.process.wait(SECONDS) == 0


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
    except (ConnectionRefusedError, ConnectionResetError):  # reset: the listener went while this was connecting
        return True
    return False


@pytest.mark.parametrize(
    "options, reason",
    [
        (["--store", "{}/none/x"], "none/x"),
        (["--store", "{}/x", "--host", "203.0.113.1"], "cannot listen on 203.0.113.1"),
        (["--store", "{}/x", "--user", "hooks"], "MSGCORE_CALLBACK_PASSWORD"),
        (["--store", "{}/x", "--path", "hooks"], "slash"),
        (["--store", "{}/x", "--certificate", __file__], "belong together"),
        (["--store", "{}/x", "--certificate", __file__, "--key", __file__], "cannot be used"),
    ],
)
def test_what_cannot_be_is_told_and_status_2(tmp_path: Path, options: list[str], reason: str) -> None:
    command = [*RECEIVE, "--port", "0", *(option.format(tmp_path) for option in options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
