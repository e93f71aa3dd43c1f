"""A FastAPI application that sends messages and takes their callbacks, over one pair of files.

    pip install 'msgcore[http,outbox,receiver]' fastapi uvicorn
    MSGCORE_BASE_URL=... MSGCORE_ACCOUNT_ID=... MSGCORE_USER=... MSGCORE_PASSWORD=... MSGCORE_APPLICATION_ID=... \\
        uvicorn --factory examples.fastapi_app:create_app

The application id's callback URL has to lead to /callbacks/ here, with its last slash. Answers come at once: messages
are durable then, and a task in the background sends them. Anybody may post callbacks, unless CALLBACK_USER and
CALLBACK_PASSWORD are set as the provider has them.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from msgcore import AsyncClient, KeyConflictError, Message, MessageError, Transport
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
    receiver = CallbackReceiver(store, credentials=callback_credentials())

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
        try:
            message = Message(to=order.phone, from_="+19195550100", text=order.text, key=f"shipped-{order.number}")
            return {"new": bool(await app.state.client.put([message]))}
        except MessageError as error:
            raise HTTPException(422, str(error)) from None
        except KeyConflictError:
            raise HTTPException(409, "something else was said about this order before") from None

    @app.get("/orders/{number}")
    async def how_far(number: str) -> dict[str, str | None]:
        [entry] = await outbox.find([f"shipped-{number}"])
        if entry is None:
            return {"state": None}
        return {"state": entry.deliveries[0].state.value if entry.deliveries else entry.state.value}

    return app


def callback_credentials() -> list[tuple[str, str]]:
    if "CALLBACK_USER" not in os.environ:
        return []
    return [(os.environ["CALLBACK_USER"], os.environ["CALLBACK_PASSWORD"])]


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
