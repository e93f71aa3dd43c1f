"""The provider's own SDK for Node.js (npm ``bandwidth-sdk``) as somebody uses it, against the simulator's server.

It sends SMS, long and Unicode ones, MMS and groups, and bad requests; it searches, and uploads, lists, downloads and
deletes media, over HTTP, with the base path as the only thing that is told it. Its models are types of TypeScript, so
what reads every answer and every callback is the compiler: each is set as a literal of the SDK's type, where a missing
field, an unknown one and a value outside of an enumeration are errors. What is refused must be thrown, with its status.

Known departures. Where the types say ``Set``, JSON has an array and so has what the SDK returns (its own tests say so),
so the types are read with arrays. A 404 has the framework's body, as observed, and not the published one.
"""

import json
from base64 import b64encode
from collections import Counter
from typing import Any

import msgspec

from tests.peers.environments import NodeEnvironment
from tests.peers.official_sdk import FRAMEWORK_FIELDS, LONG_CODE, PLAIN, SECOND
from tests.peers.official_sdk_client import TAKEN, hear_all
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import Simulator, receiving, running
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID

ENVIRONMENT = NodeEnvironment("official_node_sdk", ("bandwidth-sdk@8.1.4", "typescript@5.9.3"))

CONTENT = b64encode(bytes(range(256))).decode()
FILE = "menu/today.png"  # the SDK writes %2F for the slash
PNG = {"Content-Type": "image/png"}

# Calls, the status that must come, and the type that must read what comes with it.
CALLS: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("createMessage", {"messageRequest": {"to": ["5550123"], "text": "x"}}, 400, "CreateMessageRequestError"),
    ("createMessage", {"messageRequest": {"to": [PLAIN]}}, 400, "CreateMessageRequestError"),
    (
        "createMessage",
        {"messageRequest": {"to": [f"+1919555{n:04}" for n in range(101, 112)], "text": "x"}},
        400,
        "CreateMessageRequestError",
    ),
    ("createMessage", {"messageRequest": {"to": [PLAIN], "text": "x" * 2049}}, 400, "CreateMessageRequestError"),
    ("listMessages", {}, 400, "MessagingRequestError"),
    ("listMessages", {"messageStatus": "LOST"}, 400, "MessagingRequestError"),
    ("listMessages", {"sourceTn": LONG_CODE, "limit": 3, "sort": "destinationTn:desc"}, 200, "MessagesList"),
    ("listMessages", {"errorCode": 4720, "limitTotalCount": True}, 200, "MessagesList"),
    ("listMessages", {"messageDirection": "INBOUND", "destinationTn": "+1919"}, 200, "MessagesList"),
    ("listMessages", {"messageType": "mms", "product": "LOCAL_A2P"}, 200, "MessagesList"),
    ("uploadMedia", {"mediaId": FILE, "body": CONTENT, "headers": PNG}, 204, None),
    ("listMedia", {}, 200, "Media"),
    ("getMedia", {"mediaId": FILE}, 200, None),
    ("deleteMedia", {"mediaId": FILE}, 204, None),
    ("getMedia", {"mediaId": FILE}, 404, "MessagingRequestError"),
]
# How many rows each search must find: of the messages of TAKEN, and of the group that came in.
FOUND = [3, 1, 2, 5]


def judge() -> Verdict:
    explained: Counter[str] = Counter()
    with receiving() as receiver, running(callback_url=receiver.url, speed=60.0) as simulator:
        read, unexplained = send_all(simulator)
        said, problems = hear_all(receiver)
        simulator.control_json("POST", "/inbound", inbound())
        said += [json.dumps(event) for _ in range(2) for event in receiver.next().events]
        answered, more_problems = ask_all(simulator)
        unexplained += problems + more_problems + without_credentials(simulator)
    read += answered + [("Callback", body) for body in said]
    for (type_, body), problems in zip(read, ask_compiler(read), strict=True):
        if problems and type_ == "MessagingRequestError" and set(json.loads(body)) == FRAMEWORK_FIELDS:
            explained["a 404 in the framework's form"] += 1
        elif problems:
            unexplained.append(f"{body} is no {type_}: {'; '.join(problems)}")
    compared = f"{len(TAKEN)} messages, {len(CALLS) + 1} other calls, {len(said)} events, {len(read)} bodies read"
    return Verdict(compared, explained, unexplained)


def inbound() -> dict[str, Any]:
    media = ["https://example.org/cake.jpg"]
    return {"from": PLAIN, "to": [LONG_CODE, "+19195550101", SECOND], "text": "photo from today", "media": media}


def ask(simulator: Simulator, calls: list[tuple[str, dict[str, Any]]], **changed: str) -> list[Any]:
    ready = {"ready": msgspec.to_builtins(simulator.ready) | changed}
    questions = [ready, *({"call": name, "arguments": arguments} for name, arguments in calls)]
    return ENVIRONMENT.ask("official_node_sdk.js", questions)[1:]


def ask_compiler(values: list[tuple[str, str]]) -> list[list[str]]:
    [answer] = ENVIRONMENT.ask("official_node_sdk.js", [{"read": values}])
    if "error" in answer:
        raise RuntimeError(answer["error"])
    problems: list[list[str]] = answer["problems"]
    return problems


def send_all(simulator: Simulator) -> tuple[list[tuple[str, str]], list[str]]:
    answers = ask(simulator, [("createMessage", {"messageRequest": complete(fields)}) for fields, _ in TAKEN])
    problems = [
        f"{fields} is answered {answer}"
        for (fields, _), answer in zip(TAKEN, answers, strict=True)
        if answer.get("status") != 202 or answer["data"]["to"] != fields["to"]
    ]
    return [("Message", json.dumps(answer.get("data"))) for answer in answers], problems


def ask_all(simulator: Simulator) -> tuple[list[tuple[str, str]], list[str]]:
    calls = [
        (name, {key: complete(value) if key == "messageRequest" else value for key, value in arguments.items()})
        for name, arguments, _, _ in CALLS
    ]
    answers = ask(simulator, calls)
    read, problems, found = [], [], []
    for (name, arguments, status, type_), answer in zip(CALLS, answers, strict=True):
        if answer.get("status") != status or answer.get("error") != ("AxiosError" if status >= 400 else None):
            problems.append(f"{name} {arguments} is answered {answer}")
        elif type_ is not None:
            data = answer["data"]
            read += [(type_, json.dumps(item)) for item in (data if isinstance(data, list) else [data])]
            if type_ == "MessagesList":
                found.append(len(data["messages"]))
        if "content" in answer and answer["content"] != CONTENT:
            problems.append(f"media come back as {answer['content']}")
    if found != FOUND:
        problems.append(f"the searches find {found} rows, not {FOUND}")
    return read, problems


def without_credentials(simulator: Simulator) -> list[str]:
    [answer] = ask(simulator, [("listMedia", {})], password="wrong")
    is_right = answer.get("status") == 401 and answer["data"]["type"] == "unauthorized"
    return [] if is_right else [f"a wrong password is answered {answer}"]


def complete(fields: dict[str, Any]) -> dict[str, Any]:
    return {"from": LONG_CODE, "applicationId": SAMPLE_APPLICATION_ID, **fields}
