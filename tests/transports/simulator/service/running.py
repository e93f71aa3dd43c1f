"""A simulator that really listens, a server that takes its callbacks, and a client that keeps to what it is told."""

import asyncio
import http.client
import json
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tests.transports.skipping import skip
from transports.simulator.service.server import serve
from transports.simulator.service.service import Service
from transports.simulator.service.settings import Ready, ServiceSettings

SECONDS = 60  # after which a test that waits has failed
JSON = {"content-type": "application/json"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Simulator:
    """A running server, and what to ask it with."""

    def __init__(self, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        self.service = service
        self.loop = loop
        self.ready: Ready = service.ready
        self.address = urlsplit(self.ready.base_url).netloc

    def ask(
        self,
        method: str,
        path: str,
        body: Any = b"",
        headers: dict[str, str] | None = None,
        *,
        ready: Ready | None = None,
    ) -> Answer:
        """Ask the V2 API, with the right credentials unless others are given."""
        ready = ready or self.ready
        known = {"authorization": basic(ready.user, ready.password)}
        path = f"/api/v2/users/{ready.account_id}/{path}"
        return exchange(self.address, method, path, body, known | (headers or {}))

    def send(self, to: Any = "+19195550123", *, ready: Ready | None = None, **fields: Any) -> Answer:
        body = {"from": "+19195550100", "to": to, "text": "hello", "applicationId": self.ready.application_id, **fields}
        return self.ask("POST", "messages", json.dumps(body).encode(), JSON, ready=ready)

    def control(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        content = b"" if body is None else json.dumps(body).encode()
        return exchange(self.address, method, f"/control{path}", content, JSON | (headers or {}))

    def skip(self, seconds: float) -> None:
        """Put the time of its loop forward, which is a :class:`SkippingLoop`; it is not the provider's.

        What was sent to it by now is read before, and what is due by then is done when this returns.
        """

        async def skip_in_the_loop() -> None:
            await turns()
            skip(seconds)
            await turns()

        asyncio.run_coroutine_threadsafe(skip_in_the_loop(), self.loop).result(SECONDS)

    def control_json(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.control(method, path, body)
        assert answer.status < 300, answer
        return answer.json if answer.body else None


async def turns(count: int = 10) -> None:
    """Let everybody on this loop have so many turns."""
    for _ in range(count):
        await asyncio.sleep(0)


def basic(user: str, password: str) -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def exchange(address: str, method: str, path: str, body: Any = b"", headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(address, timeout=SECONDS)
    try:
        connection.request(method, path, body, headers or {}, encode_chunked=not isinstance(body, bytes))
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read())
    finally:
        connection.close()


@contextmanager
def running(
    loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None, **settings: Any
) -> Iterator[Simulator]:
    """Run a simulator in a thread for as long as the context lasts."""
    started: Queue[Simulator | BaseException] = Queue()
    stops: list[Callable[[], object]] = []

    async def main() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        stops.append(lambda: loop.is_closed() or loop.call_soon_threadsafe(stop.set))
        await serve(
            ServiceSettings(**{"port": 0, "rate": 1000.0, "seed": 1, **settings}),
            lambda service: started.put(Simulator(service, loop)),
            stop,
        )

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(main())
        except BaseException as error:
            started.put(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        found = started.get(timeout=SECONDS)
        if isinstance(found, BaseException):
            raise found
        yield found
    finally:
        for stop in stops:
            stop()
        thread.join(SECONDS)
    assert not thread.is_alive()
    assert started.empty(), started.get()


class Post(NamedTuple):
    """A callback as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> Any:
        return json.loads(self.body)


class Server(ThreadingHTTPServer):
    request_queue_size = 512  # more than are ever posted at once: who finds no room is only heard seconds later


class Receiver:
    """Somebody's server that takes callbacks. ``answer`` says with what: a status and headers."""

    def __init__(self, answer: Callable[[Post], tuple[int, dict[str, str]]]) -> None:
        self.posts: Queue[Post] = Queue()
        self.answer = answer
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                post = Post(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                receiver.posts.put(post)  # before the answer: what comes because of it has its place behind
                status, headers = receiver.answer(post)
                self.send_response(status)
                for name, value in {"content-length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/callbacks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(SECONDS)

    def next(self) -> Post:
        return self.posts.get(timeout=SECONDS)


def receiving(status: int = 200, **headers: str) -> Receiver:
    return Receiver(lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}))


def wait_until(condition: Callable[[], object]) -> None:
    """Ask again and again: what is waited for happens in the server's thread, and there is no event to see it by."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
