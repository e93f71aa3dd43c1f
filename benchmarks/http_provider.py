"""A provider that answers every request with the same 202, in a process of its own; it ends when its input does.

``python -m benchmarks.http_provider`` prints its port; with ``CERTIFICATE KEY`` it speaks TLS.
"""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import httptools

ROOT = Path(__file__).resolve().parents[1]
BODY = (
    b'{"id":"1700000000123abcdefgh234567ab","owner":"+19195550100","applicationId":'
    b'"93de2206-9669-4e07-948d-329f4b722ee2","time":"2023-11-14T22:13:20.123Z","segmentCount":1,"direction":"out",'
    b'"to":["+19195550123"],"from":"+19195550100","text":"hello","priority":"default"}'
)
ANSWER = (
    b"HTTP/1.1 202 Accepted\r\ndate: Tue, 14 Nov 2023 22:13:20 GMT\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\nx-request-id: 0f0e0d0c0b0a4a098807060504030201\r\nserver: provider\r\n\r\n%b"
) % (len(BODY), BODY)


class Provider(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none
        self.parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.transport.write(ANSWER)


async def serve(tls: Sequence[str]) -> None:
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*tls)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Provider, "127.0.0.1", 0, ssl=context, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def provider(*tls: str) -> Iterator[int]:
    """Run one and yield its port."""
    command = [sys.executable, "-m", "benchmarks.http_provider", *tls]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()  # its input ends, and so does it


if __name__ == "__main__":
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(sys.argv[1:]))
