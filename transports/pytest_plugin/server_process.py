"""The server of a test session, as a process of its own: it ends with whoever started it.

It holds the other end of the starter's pipe. When that closes, by the starter's will or because it was killed, there
is nobody left to serve.
"""

import asyncio
import os
import sys
import threading

import msgspec

from transports.simulator.service.server import serve
from transports.simulator.service.service import Service
from transports.simulator.service.settings import ServiceSettings


async def _main(profile: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        loop.call_soon_threadsafe(stop.set)

    def tell(service: Service) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(service.ready) + b"\n")
        sys.stdout.flush()
        threading.Thread(target=watch, name="starter", daemon=True).start()

    await serve(ServiceSettings(port=0, profile=profile), tell, stop)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
