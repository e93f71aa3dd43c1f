"""The receiver inside the frameworks that the documentation names, for real: its own recipes, served by uvicorn.

What a mount has to keep is the same everywhere: the challenge, an answer only once an event is durable, the path that
it was given and no other, and handlers that run however the framework treats those who live in it.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from msgcore.delivery import StoredEvent
from msgcore.testing import event_item
from tests.transports.webhook.asgi import JSON, basic
from tests.transports.webhook.served import SECONDS, Served, served
from transports import SqliteCallbackStore

PAGE = Path(__file__).resolve().parents[3] / "docs" / "receiving.md"
PASSWORD = {"CALLBACK_PASSWORD": "s3cret"}
RIGHT = basic("hooks", "s3cret")
ITEM = event_item("m-1", "message-received").replace(b'"text": ""', b'"text": "hello"')
BODY = b"[" + ITEM + b"]"

STARLETTE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from transports import CallbackReceiver, SqliteCallbackStore

receiver = CallbackReceiver(SqliteCallbackStore("events.db"), credentials=[("hooks", "s3cret")])

@receiver.on()
def show(event):
    print(event.message.from_, event.message.text)

async def home(request):
    return PlainTextResponse("home")

app = Starlette(routes=[Route("/", home), Mount("/hooks", app=receiver)])
"""


def recipe(mark: str) -> str:
    """Return the one example of the documentation that has ``mark`` in it."""
    blocks = [block.split("```")[0] for block in PAGE.read_text(encoding="utf-8").split("```python\n")[1:]]
    [found] = [block for block in blocks if mark in block]
    return found


def kept(file: Path) -> list[StoredEvent]:
    async def read() -> list[StoredEvent]:
        async with SqliteCallbackStore(file) as store:
            return list(await store.read(0, 100))

    return asyncio.run(read())


def judge(server: Served, folder: Path) -> str:
    """Post what a provider posts, and what others do; the application prints what its handler hears.

    Returns what the server complained of until it ended.
    """
    challenged = server.request("POST", "/hooks/", BODY, JSON)
    assert (challenged.status, challenged.headers["www-authenticate"][:5]) == (401, "Basic")
    assert server.request("POST", "/hooks/", BODY, JSON, basic("hooks", "wrong")).status == 401
    assert kept(folder / "events.db") == []
    assert server.request("POST", "/hooks/", BODY, JSON, RIGHT).status == 200
    assert [event.raw for event in kept(folder / "events.db")] == [ITEM]  # durable when it is answered
    assert server.line().endswith("hello")
    assert server.request("POST", "/hooks/", BODY, JSON, RIGHT).status == 200
    assert server.request("GET", "/hooks/", b"", RIGHT).status == 405
    assert server.request("POST", "/hooks/", b"{", JSON, RIGHT).status == 400
    said, complained = server.end()
    assert said == ""
    assert len(kept(folder / "events.db")) == 1
    return complained


def test_starlette_mounts_it_and_tells_it_nothing_of_its_life(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(STARLETTE)
    with served("shop:app", tmp_path) as server:
        assert server.request("GET", "/").body == b"home"
        assert judge(server, tmp_path) == ""


@pytest.mark.parametrize("options", [(), ("--root-path", "/behind/a/proxy")])
def test_fastapi_mounts_it_as_documented(tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "shop.py").write_text(recipe("import FastAPI"))
    with served("shop:app", tmp_path, *options, **PASSWORD) as server:
        assert server.request("GET", "/openapi.json").status == 200
        assert server.request("POST", "/elsewhere", BODY, JSON, RIGHT).status == 404
        assert judge(server, tmp_path) == ""
    assert progress(tmp_path / "events.db", "shop.answer") == 1


@pytest.mark.parametrize("lifespan", ["on", "off"])
def test_django_has_it_beside_itself_as_documented(tmp_path: Path, lifespan: str) -> None:
    start = [sys.executable, "-m", "django", "startproject", "shop", str(tmp_path)]
    subprocess.run(start, check=True, timeout=SECONDS, cwd=tmp_path)
    (tmp_path / "shop" / "asgi.py").write_text(recipe("get_asgi_application"))
    with served("shop.asgi:application", tmp_path, "--lifespan", lifespan, **PASSWORD) as server:
        assert b"Django" in server.request("GET", "/").body
        # Elsewhere Django answers: it wants a token of its forms there before it says anything else.
        assert server.request("POST", "/admin/login/", BODY, JSON, RIGHT).status == 403
        assert server.request("POST", "/hooks/other", BODY, JSON, RIGHT).status == 404
        assert judge(server, tmp_path) == "Forbidden (CSRF cookie not set.): /admin/login/\n"
    if lifespan == "on":
        assert progress(tmp_path / "events.db", "shop.asgi.answer") == 1


def progress(file: Path, handler: str) -> int:
    """Return how far a handler has come: a receiver that was told of its end has entered it."""

    async def read() -> int:
        async with SqliteCallbackStore(file) as store:
            return (await store.progress())[handler]

    return asyncio.run(read())
