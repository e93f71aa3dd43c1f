"""Times ``smsutil.split`` over texts, inside its own environment: a JSON line in, a JSON line out."""

import importlib
import json
import sys
import timeit

split = importlib.import_module("smsutil").split

for line in sys.stdin:
    question = json.loads(line)
    texts = question["texts"]

    def count_all(texts: list[str] = texts) -> int:
        return sum(len(split(text).parts) for text in texts)

    seconds = min(timeit.repeat(count_all, number=1, repeat=question["rounds"]))
    print(json.dumps({"nanoseconds": seconds / len(texts) * 1e9, "segments": count_all()}), flush=True)
