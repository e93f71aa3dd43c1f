"""For people who write a transport: the contract as a test class.

How this works: subclass :class:`TransportContract` in a test module, give it one fixture, and run pytest::

    class TestMyTransport(TransportContract):
        @pytest.fixture
        def make_transport(self):
            return lambda: MyTransport("http://127.0.0.1:8080")

``make_transport`` returns a function that makes a new, open transport, connected to something that accepts messages
as the provider does. Each test makes what it needs, inside its own event loop, and closes it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from msgcore.errors import ClosedError
from msgcore.transport import Transport
from msgcore.wire import Message, Request, Response, decode_send_response, encode_message

APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"
SENDER = "+19195550100"

MakeTransport = Callable[[], Transport]


def message_request(text: str = "hello", tag: str | None = None) -> Request:
    """Return the request of a plain message to a number that accepts everything."""
    message = Message(to="+19195550123", from_=SENDER, text=text, tag=tag)
    return encode_message(message, application_id=APPLICATION_ID)


class TransportContract:
    """What every transport promises; subclass it and provide the fixture ``make_transport``."""

    concurrency = 16

    def test_it_is_a_transport(self, make_transport: MakeTransport) -> None:
        async def scenario() -> None:
            transport = make_transport()
            assert isinstance(transport, Transport)
            await transport.aclose()

        asyncio.run(scenario())

    def test_a_message_is_accepted_with_an_answer_that_the_core_can_read(self, make_transport: MakeTransport) -> None:
        response = _exchange(make_transport, message_request("hello", tag="contract-1"))
        accepted = decode_send_response(response)
        assert accepted.id
        assert accepted.to == ("+19195550123",)
        assert accepted.tag == "contract-1"

    def test_header_names_come_in_lower_case_and_the_body_as_octets(self, make_transport: MakeTransport) -> None:
        response = _exchange(make_transport, message_request())
        assert all(name == name.lower() for name in response.headers)
        assert isinstance(response.body, bytes)

    def test_a_body_of_every_kind_of_character_arrives_whole(self, make_transport: MakeTransport) -> None:
        text = "é€ \u0416 \u4e2d \U0001f469\u200d\U0001f4bb" * 200
        assert decode_send_response(_exchange(make_transport, message_request(text))).text == text

    def test_a_streamed_body_is_sent_as_the_whole_one_would_be(self, make_transport: MakeTransport) -> None:
        whole = message_request("streamed", tag="contract-2")
        assert isinstance(whole.body, bytes)
        octets = whole.body

        async def chunks() -> AsyncIterator[bytes]:
            for start in range(0, len(octets), 7):
                yield octets[start : start + 7]

        streamed = Request(whole.method, whole.path, whole.query, whole.headers, chunks())
        assert decode_send_response(_exchange(make_transport, streamed)).text == "streamed"

    def test_a_refusal_is_an_answer_and_not_an_exception(self, make_transport: MakeTransport) -> None:
        request = Request("POST", "messages", headers={"content-type": "application/json"}, body=b'{"to": 5}')
        response = _exchange(make_transport, request)
        assert response.status == 400
        assert isinstance(response.body, bytes)
        assert json.loads(response.body)["type"] == "request-validation"

    def test_concurrent_exchanges_each_get_their_own_answer(self, make_transport: MakeTransport) -> None:
        async def scenario() -> list[str | None]:
            transport = make_transport()
            requests = [message_request(tag=f"contract-{number}") for number in range(self.concurrency)]
            responses = await asyncio.gather(*(transport.exchange(request) for request in requests))
            await transport.aclose()
            return [decode_send_response(response).tag for response in responses]

        assert asyncio.run(scenario()) == [f"contract-{number}" for number in range(self.concurrency)]

    def test_closing_twice_does_nothing_more(self, make_transport: MakeTransport) -> None:
        async def scenario() -> None:
            transport = make_transport()
            await transport.aclose()
            await transport.aclose()

        asyncio.run(scenario())

    def test_an_exchange_after_closing_says_that_nothing_was_sent(self, make_transport: MakeTransport) -> None:
        async def scenario() -> ClosedError | None:
            transport = make_transport()
            await transport.aclose()
            try:
                await transport.exchange(message_request())
            except ClosedError as error:
                return error
            return None

        error = asyncio.run(scenario())
        assert error is not None, "expected ClosedError"
        assert error.may_have_been_accepted is False


def _exchange(make_transport: MakeTransport, request: Request) -> Response:
    async def scenario() -> Response:
        transport = make_transport()
        try:
            return await transport.exchange(request)
        finally:
            await transport.aclose()

    return asyncio.run(scenario())


__all__ = ["SENDER", "MakeTransport", "TransportContract", "message_request"]
