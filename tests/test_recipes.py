"""The recipes of ``examples/`` do what they say."""

import asyncio
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from transports import SimulatorTransport

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
    pytest.importorskip("prometheus_client", reason="needs prometheus-client: pip install prometheus-client")
    shown = asyncio.run(recipe("prometheus_hooks").main())
    assert 'msgcore_attempts_total{kind="sms"} 2.0' in shown
    assert 'msgcore_outcomes_total{state="accepted",status=""} 2.0' in shown
    assert 'msgcore_events_total{code="",type="message-delivered"} 2.0' in shown
    assert "+1919" not in shown


class Asgi:
    """The least of a server: its life, and one request after another."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def __aenter__(self) -> "Asgi":
        self._life = asyncio.ensure_future(
            self._app({"type": "lifespan", "asgi": {"version": "3.0"}}, self._inbox.get, self._outbox.put)
        )
        await self._inbox.put({"type": "lifespan.startup"})
        assert (await self._outbox.get())["type"] == "lifespan.startup.complete"
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._inbox.put({"type": "lifespan.shutdown"})
        assert (await self._outbox.get())["type"] == "lifespan.shutdown.complete"
        await self._life

    async def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "root_path": "", "scheme": "http", "query_string": b"",
            "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2),
        }  # fmt: skip
        received = iter([{"type": "http.request", "body": body, "more_body": False}])
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return next(received, {"type": "http.disconnect"})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_the_fastapi_application_sends_and_hears(tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="needs fastapi: pip install fastapi")
    provider = SimulatorTransport(rate=10)

    class Posting:
        """The simulator behind HTTP: what it has to tell is posted, not read."""

        async def exchange(self, request: Any) -> Any:
            return await provider.exchange(request)

        async def aclose(self) -> None:
            await provider.aclose()

    async def until(asgi: Asgi, state: str) -> None:
        for _ in range(2000):
            _, body = await asgi.request("GET", "/orders/17")
            if json.loads(body)["state"] == state:
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"expected {state}, got {body!r}")

    async def scenario() -> None:
        order = json.dumps({"number": "17", "phone": "+19195551234", "text": "Your order is on its way."}).encode()
        async with Asgi(recipe("fastapi_app").create_app(tmp_path, Posting())) as asgi:
            for expected in (True, False):
                status, body = await asgi.request("POST", "/orders", order)
                assert (status, json.loads(body)) == (200, {"new": expected})
            await until(asgi, "accepted")
            while (callback := await provider.next_callback()) is not None:
                status, _ = await asgi.request("POST", "/callbacks/", callback)
                assert 200 <= status < 300
            await until(asgi, "delivered")

    asyncio.run(asyncio.wait_for(scenario(), 30))
