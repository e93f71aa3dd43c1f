"""A transport that answers as it is told, a clock that jumps, and messages to try a client with."""

import asyncio

from msgcore.client import AsyncClient
from msgcore.errors import MsgcoreError
from msgcore.transport import Transport
from msgcore.wire import Accepted, Message, Request, Response, decode_message, encode_accepted

APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"


def message(number: int = 0, **fields: str) -> Message:
    return Message(**{"to": "+19195550123", "from_": "+19195550100", "text": f"message {number}"} | fields)


def messages(count: int) -> list[Message]:
    return [message(number) for number in range(count)]


class Answers:
    """A transport that answers each text as it is told, else accepts; it can be held back, and counts what it saw."""

    def __init__(self, **answers: list[Response | Exception]) -> None:
        self.seen: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.closed = False
        self.released = asyncio.Event()
        self.released.set()
        self._answers = answers

    async def exchange(self, request: Request) -> Response:
        assert isinstance(request.body, bytes)
        message = decode_message(request.body)
        self.seen.append(message.text)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(0)
            await self.released.wait()
        finally:
            self.in_flight -= 1
        answers = self._answers.get(message.text.replace(" ", "_"))
        answer = answers.pop(0) if answers else accept(message)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        self.closed = True


class JumpingClock:
    """A clock that is always already there."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep_until(self, when: float) -> None:
        await asyncio.sleep(0)
        self.time = max(self.time, when)


def accept(message: Message) -> Response:
    accepted = Accepted(
        id=message.text, owner=message.from_, application_id="a", time="2026-01-01T00:00:00Z", segment_count=1,
        direction="out", to=message.to, from_=message.from_, text=message.text,
    )  # fmt: skip
    return Response(202, {}, encode_accepted(accepted))


def client_over(transport: Transport, **options: object) -> AsyncClient:
    options = {"application_id": APPLICATION_ID, "clock": JumpingClock()} | options
    return AsyncClient(transport, **options)  # type: ignore[arg-type]


async def outcomes_of(client: AsyncClient, source: object) -> list[tuple[str, Accepted | MsgcoreError]]:
    return [(sent.text, outcome) async for sent, outcome in client.send_many(source)]  # type: ignore[arg-type]
