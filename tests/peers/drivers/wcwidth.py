"""Answers a JSON text with its grapheme clusters."""

import importlib
import json
import sys

iter_graphemes = importlib.import_module("wcwidth").iter_graphemes

for line in sys.stdin:
    print(json.dumps(list(iter_graphemes(json.loads(line)))))
