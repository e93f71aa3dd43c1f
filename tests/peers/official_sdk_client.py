"""The provider's own SDK (PyPI ``bandwidth-sdk``) as somebody uses it, against the simulator's server.

It sends SMS, long and Unicode ones, MMS and groups, and bad requests; it searches, and uploads, lists, downloads and
deletes media, over HTTP, with the host as the only thing that is told it, by password and by bearer token. Its models
read every answer, and then every callback that was posted, with no field left over. What it raises for a refusal must
be its exception for that status.
"""

import json
from base64 import b64encode
from collections import Counter
from typing import Any

import msgspec

from tests.peers import official_sdk
from tests.peers.official_sdk import ENVIRONMENT, FAILING, LONG_CODE, MEDIA, PLAIN, SECOND, misread
from tests.peers.verdicts import Verdict
from tests.transports.simulator.service.running import Receiver, Simulator, receiving, running
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID
from transports.simulator.service.tokens import TOKEN_PATH

__all__ = ["ENVIRONMENT", "judge"]

CONTENT = b64encode(bytes(range(256))).decode()

# Messages that are taken, with the events that must follow: one end for each recipient.
TAKEN: list[tuple[dict[str, Any], Counter[str]]] = [
    ({"to": [PLAIN], "text": "hello"}, Counter({"message-sent": 1, "message-delivered": 1})),
    ({"to": [PLAIN], "text": "long " * 100, "tag": "order-7"}, Counter({"message-sent": 1, "message-delivered": 1})),
    ({"to": [PLAIN], "text": "👨‍👩‍👧‍👦 привет"}, Counter({"message-sent": 1, "message-delivered": 1})),
    ({"to": [PLAIN], "media": MEDIA}, Counter({"message-sending": 1, "message-delivered": 1})),
    ({"to": [PLAIN, SECOND], "text": "all of you"}, Counter({"message-sending": 2, "message-delivered": 2})),
    ({"to": [FAILING], "text": "fails"}, Counter({"message-sent": 1, "message-failed": 1})),
    ({"to": [PLAIN], "text": "x", "tag": "sim:code=4432"}, Counter({"message-failed": 1})),
]

# Calls, the status that must come, and the exception it must be.
CALLS: list[tuple[str, dict[str, Any], int, str | None]] = [
    ("create_message", {"message_request": {"to": ["5550123"], "from": LONG_CODE, "text": "x"}}, 400, "BadRequest"),
    ("create_message", {"message_request": {"to": [PLAIN] * 11, "from": LONG_CODE, "text": "x"}}, 400, "BadRequest"),
    ("list_messages", {}, 400, "BadRequest"),
    ("list_messages", {"source_tn": LONG_CODE, "limit": 3, "sort": "destinationTn:desc"}, 200, None),
    ("list_messages", {"destination_tn": FAILING, "error_code": 4720}, 200, None),
    ("upload_media", {"media_id": "cat.png", "body": CONTENT, "_content_type": "image/png"}, 204, None),
    ("list_media", {}, 200, None),
    ("get_media", {"media_id": "cat.png"}, 200, None),
    ("delete_media", {"media_id": "cat.png"}, 204, None),
    ("get_media", {"media_id": "cat.png"}, 404, "NotFound"),
]


def judge() -> Verdict:
    with receiving() as receiver, running(callback_url=receiver.url, speed=60.0) as simulator:
        unexplained = send_all(simulator)
        said, problems = hear_all(receiver)
        unexplained += problems + ask_all(simulator)
        unexplained += without_credentials(simulator) + with_a_token(simulator)
    for body, answer in zip(said, read_all(said), strict=True):
        if difference := misread(body, answer):
            unexplained.append(f"callback: {difference}: {body}")
    return Verdict(
        f"{len(TAKEN) + 1} messages, {len(CALLS) + 2} other calls, {len(said)} events", Counter(), unexplained
    )


def ask(simulator: Simulator, calls: list[tuple[str, dict[str, Any]]], **changed: str) -> list[Any]:
    ready = {"ready": msgspec.to_builtins(simulator.ready) | changed}
    questions = [ready, *({"call": name, "arguments": arguments} for name, arguments in calls)]
    return ENVIRONMENT.ask("official_sdk_client.py", questions)[1:]


def send_all(simulator: Simulator) -> list[str]:
    shared = {"from": LONG_CODE, "application_id": SAMPLE_APPLICATION_ID}
    answers = ask(simulator, [("create_message", {"message_request": shared | fields}) for fields, _ in TAKEN])
    return [
        f"{fields} is answered {answer}"
        for (fields, _), answer in zip(TAKEN, answers, strict=True)
        if answer.get("status") != 202 or answer["unknown"] or answer["body"]["to"] != fields["to"]
    ]


def hear_all(receiver: Receiver) -> tuple[list[str], list[str]]:
    wanted = sum((events for _, events in TAKEN), Counter())
    bodies = [receiver.next().events for _ in range(wanted.total())]
    problems = [f"a callback carries {len(events)} events" for events in bodies if len(events) != 1]
    met = Counter(event["type"] for events in bodies for event in events)
    if met != wanted:
        problems.append(f"the events are {dict(met)}, not {dict(wanted)}")
    return [json.dumps(event) for events in bodies for event in events], problems


def read_all(said: list[str]) -> list[Any]:
    return official_sdk.ENVIRONMENT.ask("official_sdk.py", [{"model": "Callback", "body": body} for body in said])


def ask_all(simulator: Simulator) -> list[str]:
    answers = ask(simulator, [(name, with_application(arguments)) for name, arguments, _, _ in CALLS])
    problems = []
    for (name, arguments, status, error), answer in zip(CALLS, answers, strict=True):
        raised = answer.get("error")
        is_right = raised is None if error is None else str(raised).startswith(error)
        if answer.get("status") != status or not is_right or answer.get("unknown"):
            problems.append(f"{name} {arguments} is answered {answer}")
    downloaded = answers[7].get("content")
    if downloaded != CONTENT:
        problems.append(f"media come back as {downloaded}")
    return problems


def without_credentials(simulator: Simulator) -> list[str]:
    [answer] = ask(simulator, [("list_media", {})], password="wrong")
    is_right = answer.get("status") == 401 and answer["error"] == "UnauthorizedException"
    return [] if is_right else [f"a wrong password is answered {answer}"]


def with_a_token(simulator: Simulator) -> list[str]:
    """The other way to say who one is: the SDK fetches a token for its client id and secret, and sends that."""
    token_url = f"{simulator.service.origin}{TOKEN_PATH}"
    message = {"message_request": {"from": LONG_CODE, "to": [PLAIN], "text": "with a token"}}
    answers = ask(simulator, [("create_message", with_application(message)), ("list_media", {})], token_url=token_url)
    is_right = [answer.get("status") for answer in answers] == [202, 200]
    return [] if is_right else [f"a token is answered {answers}"]


def with_application(arguments: dict[str, Any]) -> dict[str, Any]:
    if "message_request" not in arguments:
        return arguments
    return {"message_request": {"application_id": SAMPLE_APPLICATION_ID, **arguments["message_request"]}}
