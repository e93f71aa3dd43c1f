"""Sends messages with aiohttp, 64 at once: {"port", "messages"} -> {"seconds": of CPU}, connections warm."""

import asyncio
import importlib
import json
import sys
import time

aiohttp = importlib.import_module("aiohttp")

BODY = (
    b'{"from":"+19195550100","to":["+19195550123"],"text":"hello","tag":"order-17",'
    b'"applicationId":"93de2206-9669-4e07-948d-329f4b722ee2"}'
)


async def send(session: object, url: str, messages: int) -> None:
    turns = iter(range(messages))

    async def worker() -> None:
        for _ in turns:
            headers = {"content-type": "application/json"}
            async with session.post(url, data=BODY, headers=headers) as answer:  # type: ignore[attr-defined]
                assert answer.status == 202
                await answer.json()

    await asyncio.gather(*(worker() for _ in range(64)))


async def measure(port: int, messages: int) -> float:
    auth = aiohttp.BasicAuth("user", "password")
    async with aiohttp.ClientSession(auth=auth) as session:
        url = f"http://127.0.0.1:{port}/api/v2/users/9900000/messages"
        await send(session, url, 128)
        started = time.process_time()
        await send(session, url, messages)
        return time.process_time() - started


for line in sys.stdin:
    question = json.loads(line)
    seconds = asyncio.run(measure(question["port"], question["messages"]))
    print(json.dumps({"seconds": seconds}), flush=True)
