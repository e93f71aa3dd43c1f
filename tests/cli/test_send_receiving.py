"""``msgcore send --receive``: the receiver of a run asks for credentials, and the run does not outlive it."""

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from msgcore.testing import event_item
from tests.ports import Port
from tests.transports.simulator.service.running import running
from transports.cli.command import cli
from transports.serving.listening import Server

NOWHERE = "http://127.0.0.1:9"


def post(url: str, *, credentials: str | None = None) -> int:
    headers = {"content-type": "application/json"}
    if credentials is not None:
        headers["authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
    try:
        with urlopen(Request(url, b"[" + event_item() + b"]", headers), timeout=60) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_callbacks_need_the_credentials_that_the_run_was_given(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.csv"
    campaign.write_text("to,from,text\n+19195551000,+19195550100,hello\n")
    environment = {
        "MSGCORE_ACCOUNT_ID": "9900000", "MSGCORE_USER": "user", "MSGCORE_PASSWORD": "password",
        "MSGCORE_BASE_URL": NOWHERE, "HOOKS_PASSWORD": "open sesame",
    }  # fmt: skip
    command = [sys.executable, "-m", "transports.cli", "send", "-q", "-t", "http", "--application", "a"]
    command += ["--outbox", "a.outbox", "--receive", "127.0.0.1:0", "--receive-user", "hooks"]
    command += ["--receive-password-env", "HOOKS_PASSWORD", str(campaign)]
    with subprocess.Popen(
        command, cwd=tmp_path, env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            url = said.split()[-1]
            assert said.startswith("callbacks are taken at http://127.0.0.1:"), said
            assert [post(url), post(url, credentials="hooks:wrong"), post(url, credentials="hooks:open sesame")] == [
                401, 401, 200,
            ]  # fmt: skip
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 1
    assert (tmp_path / "a.outbox-events").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--receive-user", "hooks"], "--receive-user needs --receive"),
        (["--receive", "127.0.0.1:0", "--receive-user", "hooks", "--receive-password-env", "NO_SUCH"], "NO_SUCH"),
    ],
)
def test_credentials_that_cannot_be_asked_for_are_refused(tmp_path: Path, options: list[str], said: str) -> None:
    campaign = tmp_path / "campaign.csv"
    campaign.write_text("to,from,text\n+19195551000,+19195550100,hello\n")
    result = CliRunner().invoke(cli, ["send", "--outbox", str(tmp_path / "a.outbox"), *options, str(campaign)])
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("wait", ["accepted", "final"])
@pytest.mark.parametrize("problem", [None, RuntimeError("no luck")])
def test_a_run_ends_with_its_receiver_and_what_waits_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception | None, wait: str
) -> None:
    async def end(server: Server) -> None:
        """Take one callback, and be gone."""
        while not server.server_state.total_requests:
            await asyncio.sleep(0.001)
        if problem is not None:
            raise problem

    campaign = tmp_path / "campaign.csv"
    # The provider's queue takes 450 of them at this rate, and the others would take most of an hour.
    rows = [f"+1919555{number:04d},+19195550100,hello" for number in range(2000)]
    campaign.write_text("\n".join(["to,from,text", *rows]) + "\n")
    with Port() as port, running(rate=0.5, callback_url=f"http://127.0.0.1:{port.number}/") as provider:
        monkeypatch.setattr(Server, "main_loop", end)  # the provider runs under the same, and has begun
        ready = provider.ready
        account = {
            "MSGCORE_ACCOUNT_ID": ready.account_id, "MSGCORE_USER": ready.user, "MSGCORE_PASSWORD": ready.password,
            "MSGCORE_BASE_URL": ready.base_url,
        }  # fmt: skip
        command = ["send", "--json", "-q", "-t", "http", "--rate", "0.5", "--wait", wait]
        command += ["--outbox", str(tmp_path / "a.outbox"), "--application", ready.application_id]
        result = CliRunner().invoke(
            cli, [*command, "--receive", f"127.0.0.1:{port.number}", str(campaign)], env=account
        )
    assert result.exit_code == 1, result.output
    found = json.loads(result.stdout)
    assert found["stopped_by"].startswith("callbacks are taken no longer: the server has ended by itself")
    assert ("no luck" in found["stopped_by"]) == (problem is not None)
    assert found["interrupted_after_line"] is None
    standing = found["outbox"]
    assert standing["accepted"] + standing["final"] > 0
    assert (standing["attempting"], standing["unknown"]) == (0, 0)  # what was in flight is settled
    assert standing["waiting"] > 0


def test_a_port_that_is_taken_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.csv"
    campaign.write_text("to,from,text\n+19195551000,+19195550100,hello\n")
    command = ["send", "-t", "http", "--application", "a", "--outbox", str(tmp_path / "a.outbox")]
    account = {"MSGCORE_ACCOUNT_ID": "9900000", "MSGCORE_USER": "user", "MSGCORE_PASSWORD": "password"}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        result = CliRunner().invoke(
            cli, [*command, "--receive", address, str(campaign)], env=account | {"MSGCORE_BASE_URL": NOWHERE}
        )
    assert result.exit_code == 2
    assert "cannot listen on 127.0.0.1" in result.stderr
