"""Answers a JSON text with the SMS-SUBMIT TPDUs that send it, in hexadecimal digits."""

import importlib
import json
import sys

SmsSubmit = importlib.import_module("messaging.sms").SmsSubmit

for line in sys.stdin:
    try:
        answer = [pdu.pdu for pdu in SmsSubmit("+19195550123", json.loads(line)).to_pdu()]
    except Exception as error:  # whatever it is, it is the answer
        answer = [f"{type(error).__name__}: {error}"]
    print(json.dumps(answer))
