"""Uses the provider's SDK as its user does, against a server; one JSON question a line.

``{"ready": {...}}`` says where the server is and what opens it. ``{"call": name, "arguments": {...}}`` calls a method
of the SDK and answers with what it returns, as JSON, and the fields that its models do not know; or with the name and
status of the exception. A ``body`` in Base64 is uploaded, one that comes back is given so.
"""

import base64
import importlib
import json
import sys
from typing import Any

bandwidth = importlib.import_module("bandwidth")
models = importlib.import_module("bandwidth.models")


def unknown_fields(value: object) -> list[str]:
    found = sorted(getattr(value, "additional_properties", {}))
    for name in getattr(type(value), "model_fields", {}):
        member = getattr(value, name)
        for item in member if isinstance(member, list) else [member]:
            if name != "additional_properties":
                found += unknown_fields(item)
    return found


def call(ready: dict[str, str], name: str, arguments: dict[str, Any]) -> dict[str, object]:
    pair = {"username": ready["user"], "password": ready["password"]}
    if "token_url" in ready:
        pair = {
            "client_id": ready["user"], "client_secret": ready["password"], "access_token_url": ready["token_url"],
        }  # fmt: skip
    configuration = bandwidth.Configuration(**pair, host=ready["base_url"], ignore_operation_servers=True)
    if "message_request" in arguments:
        arguments["message_request"] = models.MessageRequest(**arguments["message_request"])
    if "body" in arguments:
        arguments["body"] = base64.b64decode(str(arguments["body"]))
    with bandwidth.ApiClient(configuration) as client:
        api = (bandwidth.MediaApi if "media" in name else bandwidth.MessagesApi)(client)
        try:
            done = getattr(api, f"{name}_with_http_info")(ready["account_id"], **arguments)
        except bandwidth.ApiException as error:
            return {"status": error.status, "error": type(error).__name__, "body": error.body}
        data = done.data
        answer = {"status": done.status_code, "unknown": []}
        if isinstance(data, (bytes, bytearray)):
            answer["content"] = base64.b64encode(data).decode()
        else:
            items = data if isinstance(data, list) else [data]
            answer["unknown"] = [field for item in items for field in unknown_fields(item)]
            answer["body"] = client.sanitize_for_serialization(data)
        return answer


ready: dict[str, str] = {}
for line in sys.stdin:
    question = json.loads(line)
    answer: dict[str, object] = {}
    try:
        if "ready" in question:
            ready = question["ready"]
        else:
            answer = call(ready, question["call"], question["arguments"])
    except Exception as error:  # whatever it is, it is the answer
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer))
