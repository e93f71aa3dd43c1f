"""A receiver inside another application: below a path, and with a life that the outer one gives it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from msgcore.testing import event_item
from msgcore.wire import Event
from tests.transports.webhook.asgi import JSON, basic, post
from transports import CallbackReceiver, MemoryCallbackStore

BODY = b"[" + event_item() + b"]"


def mounted(receiver: CallbackReceiver, **options: Any) -> Starlette:
    async def home(request: Any) -> PlainTextResponse:
        return PlainTextResponse("home")

    return Starlette(routes=[Route("/", home), Mount("/hooks", app=receiver)], **options)


def test_it_is_mounted_in_starlette_and_keeps_to_its_path() -> None:
    async def scenario() -> list[int | None]:
        app = mounted(CallbackReceiver(MemoryCallbackStore(), path="/sms", credentials=[("u", "p")]))
        right = [JSON, basic("u", "p")]
        answers = [
            await post(app, BODY, path="/hooks/sms", headers=right),
            await post(app, BODY, path="/hooks/sms"),
            await post(app, BODY, path="/hooks/other", headers=right),
            await post(app, BODY, path="/behind/a/proxy/hooks/sms", root_path="/behind/a/proxy", headers=right),
        ]
        return [answer and answer.status for answer in answers]

    assert asyncio.run(scenario()) == [200, 401, 404, 200]


def test_what_the_outer_application_puts_before_it_does_not_change_its_answers() -> None:
    async def scenario() -> None:
        app = mounted(CallbackReceiver(MemoryCallbackStore()), middleware=[Middleware(GZipMiddleware, minimum_size=0)])
        for _ in range(3):  # the list of headers is added to, and must not grow
            answer = await post(app, BODY, path="/hooks/", headers=[JSON, ("accept-encoding", "gzip")])
            assert answer is not None
            assert answer.status == 200
            assert len(answer.headers) <= 3

    asyncio.run(scenario())


def test_the_outer_application_gives_it_its_life() -> None:
    async def scenario() -> None:
        seen: list[str] = []
        receiver = CallbackReceiver(MemoryCallbackStore())

        @receiver.on()
        async def handle(event: Event) -> None:
            assert event.type is not None
            seen.append(event.type)

        @contextlib.asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            async with receiver:
                yield

        app = mounted(receiver, lifespan=lifespan)
        told: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        coming: asyncio.Queue[MutableMapping[str, Any]] = asyncio.Queue()
        life = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, coming.get, told.put))
        await coming.put({"type": "lifespan.startup"})
        assert (await told.get())["type"] == "lifespan.startup.complete"
        await post(app, BODY, path="/hooks/")
        while not seen:
            await asyncio.sleep(0)
        await coming.put({"type": "lifespan.shutdown"})
        await life
        assert seen == ["message-delivered"]

    asyncio.run(scenario())


def test_a_mount_without_its_last_slash_is_redirected_which_the_provider_does_not_follow() -> None:
    """Why the documentation says to give it the whole URL."""
    answer = asyncio.run(post(mounted(CallbackReceiver(MemoryCallbackStore())), BODY, path="/hooks"))
    assert answer is not None
    assert answer.status == 307
