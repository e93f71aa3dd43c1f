"""Answers a PDU in hex, the service centre's length in front, by what libgammu reads from it; null for an error."""

import importlib
import json
import sys

gammu = importlib.import_module("gammu")

for line in sys.stdin:
    try:
        found = gammu.DecodePDU(bytes.fromhex(json.loads(line)), True)
    except gammu.GSMError:
        answer = None
    else:
        header, text = found["UDH"], found["Text"]
        moment = found["DateTime"]
        answer = {
            "type": found["Type"],
            "number": found["Number"],
            "text": text.hex() if isinstance(text, bytes) else text,
            "coding": found["Coding"],
            "class": found["Class"],
            "reference": found["MessageReference"],
            "header": header["Text"].hex(),
            "number_of": [header["PartNumber"], header["AllParts"]],
            "moment": moment and moment.isoformat(),
        }
    print(json.dumps(answer), flush=True)
