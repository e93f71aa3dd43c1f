"""The floor: httptools on asyncio and nothing else: no checks, no time-outs, no pool; a connection for each message."""

import asyncio
import base64
import ssl
from typing import cast

import httptools

from msgcore.wire import Request, Response


class BareConnection(asyncio.Protocol):
    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.lost = asyncio.get_running_loop().create_future()
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set_result(None)

    def send(self, octets: bytes) -> "asyncio.Future[Response]":
        self.answer = asyncio.get_running_loop().create_future()
        self.headers: dict[str, str] = {}
        self.body = b""
        self.transport.write(octets)
        return self.answer

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.answer.set_result(Response(self.parser.get_status_code(), self.headers, self.body))


class BareClient:
    def __init__(self, port: int, account_id: str, user: str, password: str, context: ssl.SSLContext | None) -> None:
        self.port = port
        self.context = context
        self.prefix = f"/api/v2/users/{account_id}/"
        self.authorization = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.idle: list[BareConnection] = []

    async def exchange(self, request: Request) -> Response:
        connection = self.idle.pop() if self.idle else await self.connect()
        assert isinstance(request.body, bytes)
        lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        head = (
            f"{request.method} {self.prefix}{request.path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n{lines}"
            f"authorization: Basic {self.authorization}\r\ncontent-length: {len(request.body)}\r\n\r\n"
        )
        response = await connection.send(head.encode() + request.body)
        self.idle.append(connection)
        return response

    async def connect(self) -> BareConnection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(BareConnection, "127.0.0.1", self.port, ssl=self.context)
        return connection

    async def aclose(self) -> None:
        for connection in self.idle:
            connection.transport.abort()
            await connection.lost
