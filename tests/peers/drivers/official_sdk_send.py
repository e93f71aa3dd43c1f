"""Sends messages with the provider's SDK: {"port", "messages"} -> {"seconds": of CPU}, connections warm."""

import importlib
import json
import sys
import time

bandwidth = importlib.import_module("bandwidth")
models = importlib.import_module("bandwidth.models")

for line in sys.stdin:
    question = json.loads(line)
    base = f"http://127.0.0.1:{question['port']}/api/v2"

    class LocalClient(bandwidth.ApiClient):  # type: ignore[misc, name-defined]
        """The SDK's own client; the host stands in its code, and only that is put elsewhere."""

        def param_serialize(self, *args: object, **options: object) -> object:
            return super().param_serialize(*args, **options | {"_host": base})  # noqa: B023  (used before the next)

    client = LocalClient(bandwidth.Configuration(username="user", password="password"))
    api = bandwidth.MessagesApi(client)
    application = "93de2206-9669-4e07-948d-329f4b722ee2"
    started = 0.0
    for number in range(-20, question["messages"]):
        if number == 0:
            started = time.process_time()
        fields = {"from": "+19195550100", "to": ["+19195550123"], "text": "hello", "tag": "order-17"}
        answer = api.create_message("9900000", models.MessageRequest(applicationId=application, **fields))
        assert answer.id
    print(json.dumps({"seconds": time.process_time() - started}), flush=True)
