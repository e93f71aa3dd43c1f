"""The project's own client and transport against the server: the code that sends to the provider itself."""

import asyncio
from collections.abc import Iterator

import pytest

from msgcore import AsyncClient, ForbiddenError, Message, UnauthorizedError, decode_callbacks
from msgcore.testing import MakeTransport, TransportContract
from tests.transports.simulator.service.running import Simulator, receiving, running
from transports import HttpTransport


def transport(simulator: Simulator, password: str | None = None) -> HttpTransport:
    ready = simulator.ready
    return HttpTransport(
        ready.base_url, account_id=ready.account_id, user=ready.user, password=password or ready.password
    )


class TestHttpTransportOverTheServer(TransportContract):
    @pytest.fixture
    def make_transport(self) -> Iterator[MakeTransport]:
        with running() as simulator:
            yield lambda: transport(simulator)


def test_a_group_goes_out_and_every_callback_is_read() -> None:
    with receiving() as receiver, running(callback_url=receiver.url, speed=60) as simulator:

        async def send() -> str:
            async with AsyncClient(transport(simulator), application_id=simulator.ready.application_id) as client:
                message = Message(
                    to=["+19195550123", "+19195554720"], from_="+19195550100", text="hello", tag="order-7"
                )
                return (await client.send(message)).id

        id = asyncio.run(send())
        events = [event for _ in range(4) for event in decode_callbacks(receiver.next().body)]
        messages = [event.message for event in events if event.message is not None]
        assert len(messages) == 4
        assert {(message.id, message.tag) for message in messages} == {(id, "order-7")}
        assert sorted((event.type, event.to) for event in events) == [
            ("message-delivered", "+19195550123"),
            ("message-failed", "+19195554720"),
            ("message-sending", "+19195550123"),
            ("message-sending", "+19195554720"),
        ]


def test_a_refusal_is_the_error_that_it_means() -> None:
    async def send(simulator: Simulator, password: str | None = None) -> None:
        async with AsyncClient(transport(simulator, password), application_id="a") as client:
            await client.send(Message(to="+19195550123", from_="+19195550100", text="hello"))

    with running() as simulator:
        with pytest.raises(UnauthorizedError):
            asyncio.run(send(simulator, "wrong"))
        simulator.control_json("PATCH", "/settings", {"enabled": False})
        with pytest.raises(ForbiddenError):
            asyncio.run(send(simulator))
