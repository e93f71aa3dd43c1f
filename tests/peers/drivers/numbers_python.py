"""Uses the dashboard's client for Python as its user does, against a server; one JSON question a line.

``{"ready": {...}}`` says where the dashboard is and what opens it. ``{"do": "account.sites.create", "args": [...],
"as": "site"}`` calls something, keeps what comes of it and answers with its public attributes as text; ``{"get":
"site.name"}`` answers with an attribute; ``{"set": "site.name", "to": "west"}`` changes one. An argument ``{"$":
"site.id"}`` is an attribute of something kept. An exception is answered with its name and text.
"""

import importlib
import json
import os
import sys
import tempfile
from functools import reduce
from typing import Any

numbers = importlib.import_module("bandwidth_numbers")
kept: dict[str, Any] = {}


def find(path: str) -> Any:
    first, *rest = path.split(".")
    return reduce(lambda value, name: value[int(name)] if name.isdigit() else getattr(value, name), rest, kept[first])


def resolve(value: Any) -> Any:
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if isinstance(value, dict):
        if "$" in value:
            return find(value["$"])
        if "octets" in value:
            return file_of(value["octets"])
        return {name: resolve(item) for name, item in value.items()}
    return value


def file_of(text: str) -> str:
    descriptor, name = tempfile.mkstemp(suffix=".txt", dir=os.getcwd())
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    return name


def shown(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if hasattr(value, "items") and isinstance(value.items, list):
        return [shown(item) for item in value.items]
    return {
        name: item for name in dir(value) if not name.startswith("_") and isinstance(item := getattr(value, name), str)
    }


def answer(question: dict[str, Any]) -> dict[str, Any]:
    if "ready" in question:
        ready = question["ready"]
        client = numbers.Client(
            url=ready["url"], account_id=ready["account_id"], username=ready["user"], password=ready["password"]
        )
        kept["account"] = numbers.Account(client=client)
        return {}
    if "set" in question:
        path, _, name = question["set"].rpartition(".")
        setattr(find(path), name, resolve(question["to"]))
        return {}
    if "get" in question:
        return {"value": shown(find(question["get"]))}
    value = find(question["do"])(*resolve(question.get("args", [])))
    if "as" in question:
        kept[question["as"]] = value
    return {"value": shown(value)}


for line in sys.stdin:
    try:
        found = answer(json.loads(line))
    except Exception as error:  # whatever it is, it is the answer
        found = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(found), flush=True)
