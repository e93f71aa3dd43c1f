"""Decodes a callback with the models of the provider's SDK: {"body", "model", "rounds"} -> {"nanoseconds" an event}.

``Callback`` is the SDK's model of an item whose type is not known before, ``StatusCallback`` one of its members.
"""

import importlib
import json
import sys
import time

models = importlib.import_module("bandwidth.models")

for line in sys.stdin:
    question = json.loads(line)
    model, body = getattr(models, question["model"]), question["body"].encode()
    least = float("inf")
    for _ in range(question["rounds"]):
        started = time.perf_counter_ns()
        events = [model.from_dict(item) for item in json.loads(body)]
        least = min(least, (time.perf_counter_ns() - started) / len(events))
    print(json.dumps({"nanoseconds": least, "events": len(events)}), flush=True)
