"""A FastAPI application that sends messages and takes their callbacks, over one pair of files.

    pip install 'msgcore[http,outbox,receiver]' fastapi uvicorn
    MSGCORE_BASE_URL=... MSGCORE_ACCOUNT_ID=... MSGCORE_USER=... MSGCORE_PASSWORD=... MSGCORE_APPLICATION_ID=... \\
        uvicorn --factory examples.fastapi_app:create_app

The application id's callback URL has to lead to /callbacks here. Answers come at once: messages are durable then, and
a task in the background sends them.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel

from msgcore import AsyncClient, Message, Transport
from transports import CallbackReceiver, HttpTransport, SqliteCallbackStore, SqliteOutbox


class Order(BaseModel):
    """What the shop wants to tell somebody."""

    number: str
    phone: str
    text: str


def create_app(folder: Path = Path(), transport: Transport | None = None) -> FastAPI:
    """Make the application; tests bring a transport of their own."""
    store = SqliteCallbackStore(folder / "shop.events")
    outbox = SqliteOutbox(folder / "shop.outbox")
    receiver = CallbackReceiver(store)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        client = AsyncClient(
            transport or from_environment(),
            application_id=os.environ.get("MSGCORE_APPLICATION_ID", "shop"),
            outbox=outbox,
            callbacks=store,
            rate=10,
        )
        app.state.client = client
        async with contextlib.aclosing(outbox), store, client:
            sending = asyncio.create_task(send_for_ever(client))
            yield
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    app = FastAPI(lifespan=lifespan)
    app.mount("/callbacks", receiver)

    @app.post("/orders")
    async def order_shipped(order: Order) -> dict[str, bool]:
        message = Message(to=order.phone, from_="+19195550100", text=order.text, key=f"shipped-{order.number}")
        return {"new": bool(await app.state.client.put([message]))}

    @app.get("/orders/{number}")
    async def how_far(number: str) -> dict[str, str | None]:
        [entry] = await outbox.find([f"shipped-{number}"])
        if entry is None:
            return {"state": None}
        return {"state": entry.deliveries[0].state.value if entry.deliveries else entry.state.value}

    return app


def from_environment() -> HttpTransport:
    return HttpTransport(
        os.environ["MSGCORE_BASE_URL"],
        account_id=os.environ["MSGCORE_ACCOUNT_ID"],
        user=os.environ["MSGCORE_USER"],
        password=os.environ["MSGCORE_PASSWORD"],
    )


async def send_for_ever(client: AsyncClient) -> None:
    """Send whatever is put, by whichever process; errors of the account end it, and show in the log."""
    async for _ in client.deliver(forever=True):
        pass
