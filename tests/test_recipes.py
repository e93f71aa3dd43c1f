"""The recipes of ``examples/`` do what they say."""

import asyncio
import importlib.util
import json
import time
from pathlib import Path
from types import ModuleType

import pytest

from tests.transports.simulator.service.running import running
from tests.transports.webhook.asgi import JSON
from tests.transports.webhook.served import SECONDS, served

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def recipe(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"recipe_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_plain_script_sends_once_however_often_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = recipe("send_durably")
    assert [script.main(tmp_path / "reminders.outbox") for _ in range(2)] == [0, 0]
    first, second = capsys.readouterr().out.split("25 messages, 25 of them final;")[:2]
    assert first.count(" accepted") == 25
    assert " accepted" not in second


def test_prometheus_counts_what_the_hooks_tell() -> None:
    shown = asyncio.run(recipe("prometheus_hooks").main())
    assert 'msgcore_attempts_total{kind="sms"} 2.0' in shown
    assert 'msgcore_outcomes_total{state="accepted",status=""} 2.0' in shown
    assert 'msgcore_events_total{code="",type="message-delivered"} 2.0' in shown
    assert "+1919" not in shown


ORDER = {"number": "17", "phone": "+19195551234", "text": "Your order is on its way."}


def test_the_fastapi_application_sends_and_hears_over_http(tmp_path: Path) -> None:
    with running(rate=10.0) as provider:
        ready = provider.ready
        account = {
            "MSGCORE_BASE_URL": ready.base_url, "MSGCORE_ACCOUNT_ID": ready.account_id, "MSGCORE_USER": ready.user,
            "MSGCORE_PASSWORD": ready.password, "MSGCORE_APPLICATION_ID": ready.application_id,
        }  # fmt: skip
        factory = ("--factory", "--app-dir", str(EXAMPLES))
        with served("fastapi_app:create_app", tmp_path, *factory, **account) as server:

            def state() -> str:
                answer = server.request("GET", "/orders/17")
                assert answer.status == 200, answer
                return str(json.loads(answer.body)["state"])

            url = f"http://127.0.0.1:{server.port}/callbacks/"
            provider.control_json("PATCH", f"/applications/{ready.application_id}", {"callback_url": url})
            for expected in (True, False):
                answer = server.request("POST", "/orders", json.dumps(ORDER).encode(), JSON)
                assert (answer.status, json.loads(answer.body)) == (200, {"new": expected})
            for changed, status in (({"phone": "919"}, 422), ({"text": "Something else."}, 409)):
                answer = server.request("POST", "/orders", json.dumps(ORDER | changed).encode(), JSON)
                assert answer.status == status, answer
            deadline = time.monotonic() + SECONDS
            while (reached := state()) != "delivered" and time.monotonic() < deadline:
                pass
            assert reached == "delivered"
            complained = server.end()[1]
        assert complained == ""
        assert len(provider.control_json("GET", "/messages")) == 1
