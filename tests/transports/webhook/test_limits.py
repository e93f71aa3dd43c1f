"""What clients may take of a receiver that listens: real sockets, and limits that are soon reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from msgcore.errors import ClosedError
from msgcore.testing import event_item
from tests.transports.skipping import SkippingLoop, skip
from transports import CallbackReceiver, MemoryCallbackStore
from transports.cli.receive import CONNECTIONS
from transports.serving.listening import Server
from transports.webhook.server import Limits, Listening, Tls, serve

SECONDS = 60  # after which a test that waits has failed
MOST_SKIPPED = 25
"""Seconds: longer than a head may take, and less than a connection is kept for a next request."""
BODY = b"[" + event_item() + b"]"
REQUEST = (
    b"POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY
)

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def listening(limits: Limits, tls: Tls | None = None) -> AsyncIterator[int]:
    """Run a receiver in this loop; yield its port."""
    stop = asyncio.Event()
    ready: asyncio.Future[Listening] = asyncio.get_running_loop().create_future()
    receiver = CallbackReceiver(MemoryCallbackStore())
    serving = asyncio.ensure_future(serve(receiver, "127.0.0.1", 0, ready.set_result, stop, tls=tls, limits=limits))
    try:
        async with asyncio.timeout(SECONDS):
            yield (await ready).port
    finally:
        stop.set()
        await serving


async def connect(port: int) -> Connection:
    return await asyncio.open_connection("127.0.0.1", port)


async def ask(connection: Connection, request: bytes = REQUEST) -> bytes:
    """Return the first line of the answer; nothing where the connection was cut."""
    reader, writer = connection
    try:
        writer.write(request)
        line = await reader.readline()
        while await reader.readline() not in (b"\r\n", b""):
            pass
    except ConnectionError:
        return b""
    return line


async def is_cut(connection: Connection) -> bool:
    try:
        return not await connection[0].read(1)
    except ConnectionError:
        return True


@pytest.mark.parametrize("beginning", [b"", b"POST / HTTP/1.1\r\nhost: x", REQUEST + b"POST / HT"])
def test_a_head_that_never_ends_is_cut(beginning: bytes) -> None:
    async def scenario() -> None:
        async with listening(Limits()) as port:
            reader, writer = await connect(port)
            writer.write(beginning)
            if beginning.startswith(REQUEST):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            ending = asyncio.ensure_future(reader.read())
            for _ in range(MOST_SKIPPED):
                skip(1.0)
                for _ in range(10):
                    await asyncio.sleep(0)
            assert ending.done(), f"after {MOST_SKIPPED} seconds it was still waited for"
            assert await ending == b""
            writer.close()

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        runner.run(scenario())


@pytest.mark.parametrize("greeting", [b"", bytes.fromhex("1603010200010001fc0303")])
def test_a_handshake_that_never_ends_is_cut(greeting: bytes, tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    tls = Tls(str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))
    Path(tls.certificate).write_bytes(issued.cert_chain_pems[0].bytes())
    Path(tls.key).write_bytes(issued.private_key_pem.bytes())

    async def scenario() -> None:
        async with listening(Limits(head_seconds=0.2), tls) as port:
            silent = await connect(port)
            silent[1].write(greeting)
            assert await is_cut(silent)
            silent[1].close()

    asyncio.run(scenario())


def test_a_head_without_end_is_refused() -> None:
    async def scenario() -> None:
        async with listening(Limits()) as port:
            connection = await connect(port)
            answer = await ask(connection, b"POST / HTTP/1.1\r\n" + b"x: %s\r\n" % (b"y" * 1000) * 200)
            assert answer in (b"", b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
            connection[1].close()

    asyncio.run(scenario())


def test_who_comes_when_all_places_are_taken_is_cut_and_the_others_go_on() -> None:
    async def scenario() -> None:
        async with listening(Limits(connections=2)) as port:
            owing = [await connect(port) for _ in range(2)]
            for _, writer in owing:
                writer.write(REQUEST[:30])
            late = await connect(port)
            assert await is_cut(late)
            assert [await ask(one, REQUEST[30:]) for one in owing] == [b"HTTP/1.1 200 OK\r\n"] * 2
            for _, writer in (*owing, late):
                writer.close()

    asyncio.run(scenario())


def test_a_connection_that_is_only_kept_gives_way_to_one_that_comes() -> None:
    async def scenario() -> None:
        async with listening(Limits(connections=2)) as port:
            kept, owing = [await connect(port) for _ in range(2)]
            owing[1].write(REQUEST[:30])
            assert await ask(kept) == b"HTTP/1.1 200 OK\r\n"
            coming = await connect(port)
            assert await is_cut(kept)
            assert await ask(coming) == b"HTTP/1.1 200 OK\r\n"
            assert await ask(owing, REQUEST[30:]) == b"HTTP/1.1 200 OK\r\n"
            for _, writer in (kept, owing, coming):
                writer.close()

    asyncio.run(scenario())


def test_the_command_has_the_same_limit() -> None:
    assert Limits().connections == CONNECTIONS


@pytest.mark.parametrize("problem", [None, RuntimeError("no luck")])
def test_a_server_that_ends_by_itself_is_an_error(problem: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def end(self: Server) -> None:
        if problem is not None:
            raise problem

    monkeypatch.setattr(Server, "main_loop", end)

    async def scenario() -> None:
        receiver = CallbackReceiver(MemoryCallbackStore())
        await serve(receiver, "127.0.0.1", 0, lambda where: None, asyncio.Event())

    with pytest.raises(ClosedError, match=r"ended by itself" + (": RuntimeError: no luck" if problem else "$")):
        asyncio.run(asyncio.wait_for(scenario(), SECONDS))
