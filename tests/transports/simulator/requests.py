"""Requests to a simulator and what comes of them, for the tests beside this file."""

import json
from collections import deque
from collections.abc import Iterable, Mapping
from random import Random
from types import FunctionType, MethodType, ModuleType
from typing import Any

from msgcore.wire.exchange import Request, Response
from transports.simulator import Callback, Engine

APPLICATION = "0f0e0d0c-0b0a-4a09-8807-060504030201"
SENDER = "+19195550100"
START = 1767225600.0
JSON = {"content-type": "application/json"}


def create(to: str | list[str] = "+19195550123", **fields: Any) -> Request:
    """A request to send; ``from_`` is the field ``from``, and ``None`` leaves a field out."""
    body = {"from": fields.pop("from_", SENDER), "to": to, "text": "hello", "applicationId": APPLICATION, **fields}
    body = {name: value for name, value in body.items() if value is not None}
    return Request("POST", "messages", headers=JSON, body=json.dumps(body).encode())


def read(response: Response) -> Any:
    assert isinstance(response.body, bytes)
    assert response.headers["content-type"] == "application/json"
    return json.loads(response.body)


def events(callbacks: Iterable[Callback | bytes]) -> list[dict[str, Any]]:
    """The events in the callbacks, each of which is an array of one."""
    found = []
    for callback in callbacks:
        [event] = json.loads(callback.body if isinstance(callback, Callback) else callback)
        found.append(event)
    return found


def run(engine: Engine, now: float = START, **fields: Any) -> list[dict[str, Any]]:
    """Send one message and return all its events."""
    response = engine.handle(create(**fields), now)
    assert response.status == 202, response.body
    return events(engine.advance(now + 30 * 86400))


def outline(found: Iterable[dict[str, Any]]) -> list[tuple[str, str] | tuple[str, str, int]]:
    """(type, to) of each event, and the error code where there is one."""
    return [
        (event["type"], event["to"], event["errorCode"]) if "errorCode" in event else (event["type"], event["to"])
        for event in found
    ]


def everything(thing: object) -> str:
    """All that can be reached from ``thing``, as one text: what is in here is still in memory."""
    found: list[str] = []
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, type | ModuleType | FunctionType | Random):
            continue
        seen.add(id(value))
        if isinstance(value, str | bytes):
            found.append(value if isinstance(value, str) else value.decode("utf-8", "backslashreplace"))
        elif isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset | deque):
            waiting += value
        elif isinstance(value, MethodType):
            waiting.append(value.__self__)
        else:
            names = {*getattr(value, "__struct_fields__", ()), *getattr(value, "__dict__", ())}
            for base in type(value).__mro__:
                names.update(getattr(base, "__slots__", ()))
            waiting += [getattr(value, name) for name in names if hasattr(value, name)]
    return "\n".join(found)
