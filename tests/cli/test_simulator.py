"""``msgcore simulator`` and ``msgcore trigger`` as somebody at a shell has them."""

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from transports.cli.greeting import greet
from transports.simulator.service.settings import Ready, ServiceSettings

SECONDS = 60
READY = Ready(
    base_url="http://127.0.0.1:1/api/v2", control_url="http://127.0.0.1:1/control", account_id="9900000",
    user="carol", password="x", application_id="a", numbers=("+19195550100",),
    dashboard_url="http://127.0.0.1:1/dashboard", page_url="http://127.0.0.1:1/", dashboard_user="dan",
    dashboard_password="y",
)  # fmt: skip
MSGCORE = [sys.executable, "-m", "transports.cli"]


class Running:
    def __init__(self, process: subprocess.Popen[str], said: str, ready_file: Path) -> None:
        self.process = process
        self.said = said
        self.ready_file = ready_file

    @property
    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ready_file.read_text())
        return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    ready_file = tmp_path / "ready.json"
    command = [*MSGCORE, "simulator", "--port", "0", "--rate", "50", "--ready-file", str(ready_file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("ready "):
                break
        yield Running(process, "".join(lines), ready_file)
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*MSGCORE, *arguments], capture_output=True, text=True, timeout=SECONDS)


def test_it_says_all_that_a_client_needs(running: Running) -> None:
    ready = running.ready
    assert set(ready) == {
        "base_url", "control_url", "dashboard_url", "page_url", "account_id", "user", "password", "dashboard_user",
        "dashboard_password", "application_id", "numbers",
    }  # fmt: skip
    for value in (*(ready[name] for name in ready if name != "numbers"), *ready["numbers"]):
        assert value in running.said
    assert running.said.endswith(f"\nready {ready['base_url']} {ready['control_url']}\n")
    assert max(map(len, running.said.splitlines())) <= 80
    assert running.ready_file.stat().st_mode & 0o077 == 0


def test_the_line_for_curl_is_a_command_that_has_all_its_quotes(running: Running) -> None:
    [command] = re.findall(r"^curl (?:.*\\\n)*(?:[^\n]*\n)*?[^\n]*}'$", running.said, re.MULTILINE)
    words = shlex.split(command)
    assert words[1] == f"{running.ready['base_url']}/users/9900000/messages"
    assert json.loads(words[-1])["to"] == ["+19195550123"]
    assert f"{running.ready['user']}:{running.ready['password']}" in words


def test_a_message_comes_in_and_time_is_pushed(running: Running) -> None:
    numbers = ["--from", "+19195550123", "--to", "+19195550100", "--to", "+19195550101"]
    where = ["--ready-file", str(running.ready_file)]
    triggered = run("trigger", "inbound", *numbers, "--text", "hi", "--media", str(running.ready_file), *where)
    assert (triggered.returncode, triggered.stderr) == (0, "")
    assert len(triggered.stdout.split()) == 2
    advanced = run("simulator", "advance", "15m", "--control-url", running.ready["control_url"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z\n", advanced.stdout)
    refused = run("simulator", "advance", "soon", *where)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "duration" in refused.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(running: Running, number: signal.Signals) -> None:
    running.process.send_signal(number)
    assert running.process.wait(SECONDS) == 0
    assert running.process.stderr is not None
    assert running.process.stderr.read() == ""


def test_a_ready_file_of_an_earlier_run_is_gone_before_it_listens(tmp_path: Path) -> None:
    stale = tmp_path / "ready.json"
    stale.write_text("{}")
    done = run("simulator", "--port", "0", "--host", "203.0.113.1", "--ready-file", str(stale))
    assert "cannot listen" in done.stderr
    assert not stale.exists()


def test_pairs_of_earlier_runs_are_named_in_few_words() -> None:
    for users, told in (
        ((), None),
        (("ann",), "ann, as told before"),
        (("ann", "bob"), "bob and 1 more, as told before"),
    ):
        said = StringIO()
        with redirect_stdout(said):
            greet(READY, ServiceSettings(), users)
        assert re.findall(r"^also good +(.*)$", said.getvalue(), re.MULTILINE) == ([] if told is None else [told])


@pytest.mark.parametrize("host, warns", [("127.0.0.1", 0), ("localhost", 0), ("::1", 0), ("0.0.0.0", 1), ("desk", 1)])
def test_who_listens_to_others_is_told_what_that_means(host: str, warns: int) -> None:
    said = StringIO()
    with redirect_stdout(said):
        greet(READY, ServiceSettings(host=host), ())
    assert said.getvalue().count("control API,") == warns


def test_where_no_simulator_is_it_says_so(tmp_path: Path) -> None:
    nowhere = run("trigger", "inbound", "--from", "+1", "--to", "+1", "--control-url", "http://127.0.0.1:1/control")
    assert nowhere.returncode == 1
    assert "no simulator answers" in nowhere.stderr
    unwritten = run("simulator", "advance", "15m", "--ready-file", str(tmp_path / "none.json"))
    assert "no simulator has written it" in unwritten.stderr


@pytest.mark.parametrize(
    "options, reason",
    [
        (["--callback-url", "ftp://x"], "http://"),
        (["--speed", "0"], "speed"),
        (["--host", "203.0.113.1", "--port", "0"], "cannot listen on 203.0.113.1"),
        (["--port", "0", "--data", "/dev/null"], "data folder /dev/null"),
        (["--port", "0", "--ready-file", "/nonexistent/x"], "ready file /nonexistent/x"),
    ],
)
def test_what_cannot_be_is_one_line_and_status_2(options: list[str], reason: str) -> None:
    done = run("simulator", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_told_if_it_was_asked_for(running: Running) -> None:
    port = running.ready["base_url"].split(":")[2].split("/")[0]
    taken = run("simulator", "--port", port)
    assert taken.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in taken.stderr
