"""Answers [locking table, single table, septets in hexadecimal] with their text, or null where they have none."""

import importlib
import json
import sys

importlib.import_module("gsmcodecs")  # which registers its codecs

for line in sys.stdin:
    locking, single, septets = json.loads(line)
    text: str | None
    try:
        text = bytes.fromhex(septets).decode(f"gsm23.038-{locking}-{single}")
    except UnicodeDecodeError:
        text = None
    print(json.dumps(text))
