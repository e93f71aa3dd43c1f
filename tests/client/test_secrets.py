"""Secrets go to the provider, and not into logs, errors, reprs or the outbox; numbers and texts not into logs."""

import asyncio
import logging
from pathlib import Path

import pytest

from msgcore.client import AsyncClient
from msgcore.errors import MsgcoreError
from msgcore.wire import Message
from tests.client.doubles import APPLICATION_ID
from transports import HttpTransport, SqliteOutbox

PASSWORD, USER = "hunter2-is-secret", "api-user-7"
BODY = b'{"id":"m","time":"2026-01-01T00:00:00Z","to":["+19195550123"],"from":"+19195550100","text":"hi"}'
ANSWERS = {
    "401": b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}",
    "garbage": b"garbage\r\n\r\n",
    "closes": b"",
    "202": b"HTTP/1.1 202 Accepted\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_secret_leaves_by_another_way(answer: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[bytes] = []
    shown: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWERS[answer])
        writer.close()

    async def scenario() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        transport = HttpTransport(f"http://127.0.0.1:{port}", account_id="990", user=USER, password=PASSWORD)
        outbox = SqliteOutbox(tmp_path / "a.outbox")
        client = AsyncClient(transport, application_id=APPLICATION_ID, outbox=outbox, search_unknowns=False)
        async with client:
            try:
                message = Message(to="+19195550123", from_="+19195550100", text="private words", key="k")
                shown.append(repr(await client.send(message)))
            except MsgcoreError as error:
                shown.extend((str(error), repr(error)))
            shown.extend((repr(client), repr(transport), repr(outbox), str(vars(client.ledger))))
        await outbox.aclose()
        server.close()

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert any(b"authorization" in head.lower() for head in seen)
    logged = "\n".join(
        f"{record.getMessage()} {record.__dict__}" for record in caplog.records if "msgcore" in record.name
    )
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    basic = seen[0].split(b"Basic ")[1].split(b"\r\n")[0].decode()
    for secret in (PASSWORD, USER, basic):
        assert secret not in logged
        assert secret not in "".join(shown)
        assert secret.encode() not in kept
    assert "message 1" in logged
    for private in ("private words", "+1919"):
        assert private not in logged
