"""Answers a JSON text with its encoding and the content of each part."""

import importlib
import json
import sys

split = importlib.import_module("smsutil").split

for line in sys.stdin:
    result = split(json.loads(line))
    print(json.dumps({"alphabet": result.encoding, "segments": [part.content for part in result.parts]}))
