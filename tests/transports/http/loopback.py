"""A peer on the loopback that follows a script, and runs on loops of either kind."""

import asyncio
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, NamedTuple, Self, TypeVar

import h11
import uvloop

from msgcore.wire import Request
from tests.transports.skipping import StandingLoop
from transports.http import HttpTransport

JSON = {"content-type": "application/json"}
POST = Request("POST", "messages", headers=JSON, body=b'{"text":"hello"}')
GET = Request("GET", "media/cat.png")

T = TypeVar("T")


LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": StandingLoop, "uvloop": uvloop.new_event_loop}


def run(
    scenario: Callable[[], Coroutine[Any, Any, T]], loop: Callable[[], asyncio.AbstractEventLoop] = StandingLoop
) -> T:
    """Run a scenario; no task and no complaint of the loop may be left after it."""
    complaints: list[dict[str, Any]] = []

    async def main() -> T:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None
        # In case a test hangs; a timer of the loop would ring when time is put forward.
        guard = threading.Timer(60, loop.call_soon_threadsafe, [task.cancel])
        guard.start()
        try:
            result = await scenario()
        finally:
            guard.cancel()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, f"left running: {left}"
        return result

    with asyncio.Runner(loop_factory=loop) as runner:
        result = runner.run(main())
    assert not complaints, complaints
    return result


class Seen(NamedTuple):
    """A request as a peer saw it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Peer:
    """One connection, from the server's side; h11 reads and writes HTTP, ``send`` writes any octets."""

    def __init__(self, server: "Loopback", reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server = server
        self.reader = reader
        self.writer = writer
        self.http = h11.Connection(h11.SERVER)
        self.gone = asyncio.Event()  # the client has closed

    async def event(self) -> h11.Event:
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                self.http.receive_data(await self.read())
            else:
                assert isinstance(event, h11.Event), "the answer to the request before is still due"
                return event

    async def read(self) -> bytes:
        octets = await self.reader.read(65_536)
        self.server.octets += len(octets)
        if not octets:
            self.gone.set()
        return octets

    async def head(self) -> h11.Request:
        """Read the head of a request; ConnectionError where none comes."""
        if self.http.our_state is h11.DONE:
            self.http.start_next_cycle()
        event = await self.event()
        if not isinstance(event, h11.Request):
            raise ConnectionAbortedError(f"{event}")
        return event

    async def request(self) -> Seen:
        """Read a whole request."""
        head = await self.head()
        body = b""
        while isinstance(event := await self.event(), h11.Data):
            body += event.data
        headers = {name.decode(): value.decode() for name, value in head.headers}
        seen = Seen(head.method.decode(), head.target.decode(), headers, body)
        self.server.seen.append(seen)
        return seen

    async def answer(self, status: int = 202, body: bytes = b"{}", headers: dict[str, str] | None = None) -> None:
        fields = {"content-length": str(len(body))} if headers is None else headers
        events: list[h11.Event] = [h11.Response(status_code=status, headers=list(fields.items()))]
        events += [h11.Data(data=body)] if body else []
        for event in [*events, h11.EndOfMessage()]:
            self.writer.write(self.http.send(event) or b"")
        await self.writer.drain()

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()
        self.http = h11.Connection(h11.SERVER)  # which knows nothing of it, and must not wait for its answer

    async def ended(self) -> None:
        """Wait until the client has closed."""
        while await self.read():
            pass

    def close(self) -> None:
        self.writer.close()

    def half_close(self) -> None:
        self.writer.write_eof()

    def reset(self) -> None:
        """Close so that the client gets a reset, and loses what it has not read yet."""
        linger = struct.pack("ii", 1, 0)
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


Script = Callable[[Peer], Awaitable[None]]


class Loopback:
    """A server on the loopback; the n-th connection follows the n-th script, later ones the last."""

    def __init__(self, *scripts: Script, tls: Any = None) -> None:
        self.scripts: Sequence[Script] = scripts
        self.tls = tls
        self.url_scheme = "http" if tls is None else "https"
        self.seen: list[Seen] = []
        self.octets = 0
        self.peers: list[Peer] = []
        self.errors: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for peer in self.peers:
            peer.writer.transport.abort()
        await self._server.wait_closed()
        while any("_accept_connection" in str(task.get_coro()) for task in asyncio.all_tasks()):
            await asyncio.sleep(0)  # asyncio's own tasks, for handshakes that the client has broken off
        await asyncio.sleep(0)
        assert not self.errors

    def transport(self, **options: Any) -> HttpTransport:
        # A certificate is for a name. Without one the address is quicker.
        return self.at(f"{self.url_scheme}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}/api/v2", **options)

    @staticmethod
    def at(url: str, **options: Any) -> HttpTransport:
        credentials = {} if "authorization" in options else {"user": "me", "password": "secret"}
        return HttpTransport(url, account_id="9900000", **credentials | options)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(self, reader, writer)
        script = self.scripts[min(len(self.peers), len(self.scripts) - 1)]
        self.peers.append(peer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await script(peer)
        except (ConnectionError, h11.RemoteProtocolError):
            pass  # the client went away
        except asyncio.CancelledError:
            pass  # the test is over; asyncio's own streams complain about a task that says so
        except Exception as error:
            self.errors.append(error)
        finally:
            self._tasks.discard(task)


async def obliging(peer: Peer) -> None:
    """Answer every request with a 202."""
    while True:
        await peer.request()
        await peer.answer()


def said(status: int = 202, *headers: str, body: bytes = b"{}", length: bool = True) -> bytes:
    """An answer in octets, to be spoilt."""
    lines = [f"HTTP/1.1 {status} Said", *headers, *([f"content-length: {len(body)}"] if length else [])]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode() + body
