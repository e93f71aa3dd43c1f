"""Times ``SmsSubmit.to_pdu`` over texts, inside its own environment: a JSON line in, a JSON line out."""

import importlib
import json
import sys
import timeit

SmsSubmit = importlib.import_module("messaging.sms").SmsSubmit

for line in sys.stdin:
    question = json.loads(line)
    texts = question["texts"]

    def cut_all(texts: list[str] = texts) -> int:
        return sum(len(SmsSubmit("+19195550123", text).to_pdu()) for text in texts)

    seconds = min(timeit.repeat(cut_all, number=1, repeat=question["rounds"]))
    print(json.dumps({"nanoseconds": seconds / len(texts) * 1e9, "segments": cut_all()}), flush=True)
