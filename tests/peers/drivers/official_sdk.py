"""Builds and reads bodies with the models of the provider's SDK, one JSON question a line.

``{"build": {...}}`` answers with the JSON of a MessageRequest; ``{"model": name, "body": text}`` with what the model
made of a body: its own JSON again, and the fields that the model does not know.
"""

import importlib
import json
import sys

models = importlib.import_module("bandwidth.models")
client = importlib.import_module("bandwidth.api_client").ApiClient()


def written(value: object) -> str:
    """What the SDK would send: its client writes the times, which its models alone cannot."""
    return json.dumps(client.sanitize_for_serialization(value))


def unknown_fields(value: object) -> list[str]:
    found = sorted(getattr(value, "additional_properties", {}))
    for name in getattr(type(value), "model_fields", {}):
        member = getattr(value, name)
        for item in member if isinstance(member, list) else [member]:
            if name != "additional_properties":
                found += unknown_fields(item)
    return found


for line in sys.stdin:
    question = json.loads(line)
    answer: dict[str, object]
    try:
        if "build" in question:
            answer = {"body": written(models.MessageRequest(**question["build"]))}
        else:
            value = getattr(models, question["model"]).from_json(question["body"])
            answer = {"body": written(value), "unknown": unknown_fields(value)}
    except Exception as error:  # whatever it is, it is the answer
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
