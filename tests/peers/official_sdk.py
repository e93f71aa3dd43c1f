"""The provider's own SDK (PyPI ``bandwidth-sdk``): its models write our requests and read every body we answer with.

The models are generated from the provider's own description of the API, so they are the nearest thing to the provider
that can be had without an account. What they write as a request must be accepted by the simulator, and what the
simulator then says (the 202, each refusal, each callback item of SMS, MMS and groups, delivered and failed) must be
read by the model that the SDK itself chooses for it, with no field left over and every value unchanged. Known
departure: a 404 has the body of the framework below the API ("timestamp", "status", "error", "message", "path"), as
observed; the SDK's description promises the API's own form for it, which it never has.
"""

import asyncio
import json
from collections import Counter
from datetime import datetime
from typing import Any, NamedTuple

from msgcore import Request
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict
from transports import SimulatorTransport

ENVIRONMENT = PythonEnvironment("official_sdk", ("bandwidth-sdk==23.3.1",))

APPLICATION_ID = "93de2206-9669-4e07-948d-329f4b722ee2"
JSON_HEADERS = {"content-type": "application/json"}
LONG_CODE, TOLL_FREE = "+19195550100", "+18885550100"
PLAIN, SECOND, FAILING = "+19195550123", "+19195550124", "+19195554720"
MEDIA = ["https://example.com/cat.png"]
FRAMEWORK_FIELDS = {"timestamp", "status", "error", "message", "path"}
ALL_EVENTS = {"message-sending", "message-sent", "message-delivered", "message-failed"}
ALL_STATUSES = {202, 400, 404, 405, 406, 415, 429}

# What somebody asks for with the SDK, as arguments of its MessageRequest. It is midnight in Greenwich: the fifth
# message has five seconds, and waits longer in the queue.
WANTED: list[dict[str, Any]] = [
    fields | {"application_id": APPLICATION_ID}
    for fields in (
        {"to": [PLAIN], "from": LONG_CODE, "text": "hello"},
        {"to": [PLAIN], "from": TOLL_FREE, "text": "grüße " * 40},
        {"to": [PLAIN], "from": LONG_CODE, "text": "👨‍👩‍👧‍👦 привет " * 20, "tag": "order-7", "priority": "high"},
        {"to": [PLAIN], "from": "72345", "text": "one-time code", "expiration": "2026-01-02T03:04:05Z"},
        {"to": [PLAIN], "from": LONG_CODE, "text": "late", "expiration": "2026-01-01T01:00:05+01:00"},
        {"to": [PLAIN], "from": LONG_CODE, "text": "picture", "media": MEDIA},
        {"to": [PLAIN], "from": LONG_CODE, "media": MEDIA, "priority": "default"},
        {"to": [PLAIN, SECOND], "from": LONG_CODE, "text": "all of you"},
        {"to": [PLAIN, FAILING, SECOND], "from": LONG_CODE, "text": "all of you", "media": MEDIA, "tag": "group"},
        {"to": [FAILING], "from": LONG_CODE, "text": "fails"},
        {"to": [FAILING], "from": LONG_CODE, "media": MEDIA},
        {"to": [PLAIN], "from": LONG_CODE, "text": "no receipt", "tag": "sim:code=9902"},
        {"to": [PLAIN], "from": LONG_CODE, "text": "refused late", "tag": "note sim:code=4432,delay=5m"},
    )
]

# What the simulator must refuse: (method, path, headers, body).
REFUSED: list[tuple[str, str, dict[str, str], bytes]] = [
    ("POST", "messages", JSON_HEADERS, b"no json"),
    ("POST", "messages", JSON_HEADERS, b"[]"),
    ("POST", "messages", JSON_HEADERS, b"{}"),
    ("POST", "messages", JSON_HEADERS, b'{"to":["5550123"],"from":"+19195550100","text":"","applicationId":"a"}'),
    ("POST", "nothing", JSON_HEADERS, b"{}"),
    ("PUT", "messages", JSON_HEADERS, b"{}"),
    ("POST", "messages", JSON_HEADERS | {"accept": "text/html"}, b"{}"),
    ("POST", "messages", {"content-type": "text/plain"}, b"{}"),
]


class Said(NamedTuple):
    """A body of the simulator, what it is, and the model that the SDK reads it with."""

    what: str
    model: str
    body: str


def judge() -> Verdict:
    explained: Counter[str] = Counter()
    unexplained = []
    built = ENVIRONMENT.ask("official_sdk.py", [{"build": fields} for fields in WANTED])
    unexplained += [
        f"the SDK does not build {fields}: {answer['error']}"
        for fields, answer in zip(WANTED, built, strict=True)
        if "error" in answer
    ]
    requests = [answer["body"].encode() for answer in built if "body" in answer]
    said, problems = asyncio.run(play_provider(requests))
    unexplained += problems
    answers = ENVIRONMENT.ask("official_sdk.py", [{"model": model, "body": body} for _, model, body in said])
    for (what, model, body), answer in zip(said, answers, strict=True):
        difference = misread(body, answer)
        if difference and what == "404" and set(json.loads(body)) == FRAMEWORK_FIELDS:
            explained["a 404 in the framework's form"] += 1
        elif difference:
            unexplained.append(f"{what}, read as {model}: {difference}: {body}")
    return Verdict(f"{len(requests)} requests, {len(said)} bodies", explained, unexplained)


async def play_provider(requests: list[bytes]) -> tuple[list[Said], list[str]]:
    """Send requests of the SDK and what must be refused; returns all that was said, and what should not have been."""
    said, problems = [], []
    # Slow enough that none goes out while they are sent; the queue is filled last.
    provider = SimulatorTransport(rate=1, applications={APPLICATION_ID})
    for body in requests:
        response = await provider.exchange(Request("POST", "messages", headers=JSON_HEADERS, body=body))
        if response.status != 202:
            problems.append(f"the SDK's request is answered {response.status} {response.body!r}: {body!r}")
        said.append(answer_said(response.status, response.body))
    for method, path, headers, body in REFUSED:
        response = await provider.exchange(Request(method, path, headers=headers, body=body))
        said.append(answer_said(response.status, response.body))
    said += await callbacks(provider)
    said.append(await refusal_of_a_full_queue(requests[0]))
    missing = (ALL_EVENTS | {str(status) for status in ALL_STATUSES}) - {what for what, _, _ in said}
    problems += [f"the simulator was never brought to say {what}" for what in sorted(missing)]
    return said, problems


async def callbacks(provider: SimulatorTransport) -> list[Said]:
    said = []
    while (body := await provider.next_callback()) is not None:
        said += [Said(item["type"], "Callback", json.dumps(item)) for item in json.loads(body)]
    return said


async def refusal_of_a_full_queue(body: bytes) -> Said:
    provider = SimulatorTransport(rate=1, queue_seconds=1)
    while True:
        response = await provider.exchange(Request("POST", "messages", headers=JSON_HEADERS, body=body))
        if response.status != 202:
            return answer_said(response.status, response.body)


def answer_said(status: int, body: object) -> Said:
    assert isinstance(body, bytes)
    model = {202: "Message", 400: "CreateMessageRequestError"}.get(status, "MessagingRequestError")
    return Said(str(status), model, body.decode())


def misread(body: str, answer: dict[str, Any]) -> str | None:
    """Say how a model misread a body, ``None`` where it came through whole."""
    if "error" in answer:
        return str(answer["error"])
    if answer["unknown"]:
        return f"unknown fields {answer['unknown']}"
    if same_times(json.loads(body)) != same_times(json.loads(answer["body"])):
        return f"comes back as {answer['body']}"
    return None


def same_times(value: Any) -> Any:
    """Times are written in more than one way: compare the moments."""
    if isinstance(value, dict):
        return {
            name: datetime.fromisoformat(item) if name in ("time", "expiration") else same_times(item)
            for name, item in value.items()
        }
    return value
