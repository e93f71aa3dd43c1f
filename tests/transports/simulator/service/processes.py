"""A simulator in a process of its own, which may be killed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.transports.simulator.service.running import JSON, SECONDS, basic, exchange

TEXT = "the swordfish sings at midnight"


@contextmanager
def process(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run one for as long as the context lasts, and kill it then."""
    command = [sys.executable, "-m", "transports.cli", "simulator", "--port", "0", "--data", str(folder), *options]
    with (folder / "errors.txt").open("w") as errors:
        running = subprocess.Popen(
            [*command, "--ready-file", str(folder / "ready.json")], stdout=subprocess.PIPE, stderr=errors, text=True
        )
    try:
        assert running.stdout is not None
        for line in running.stdout:
            if line.startswith("ready "):
                break
        yield running, json.loads((folder / "ready.json").read_text())
    finally:
        running.kill()
        running.communicate(timeout=SECONDS)


def ask(ready: dict[str, Any], method: str, path: str, body: Any = None, user: str = "", password: str = "") -> Any:
    origin, _, _ = ready["control_url"].partition("/control")
    headers = {"authorization": basic(user or ready["user"], password or ready["password"]), **JSON}
    content = b"" if body is None else json.dumps(body).encode()
    answer = exchange(origin.removeprefix("http://"), method, path, content, headers)
    assert answer.status < 300, answer
    return answer.json if answer.body else None


def send(ready: dict[str, Any], **fields: Any) -> str:
    body = {"from": "+19195550100", "to": ["+19195550123"], "text": TEXT, "applicationId": ready["application_id"]}
    id: str = ask(ready, "POST", f"/api/v2/users/{ready['account_id']}/messages", {**body, **fields})["id"]
    return id
