"""``msgcore send --receive``: the receiver of a run asks for credentials where it was given some."""

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner

from msgcore.testing import event_item
from transports.cli.command import cli

NOWHERE = "http://127.0.0.1:9"


def post(url: str, *, credentials: str | None = None) -> int:
    headers = {"content-type": "application/json"}
    if credentials is not None:
        headers["authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
    try:
        with urlopen(Request(url, b"[" + event_item() + b"]", headers), timeout=20) as response:
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
            process.communicate(timeout=30)
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
