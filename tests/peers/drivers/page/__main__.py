"""Uses the simulator's page as a person does, in Chromium; one JSON question a line.

The first question says where the simulator is and where pictures are to be put. Every other one names a check, and is
answered with what was wrong (an empty list, if all went well) and with figures that were measured. A picture is taken
of what went wrong, and of every view, so that somebody can look at what the browser has shown.
"""

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))  # the modules beside this one, and nothing else of it

MODULES = [importlib.import_module(f"tests.peers.drivers.page.{name}") for name in ("watching", "setting", "looking")]
PERSON = importlib.import_module("tests.peers.drivers.page.person").Person


def answer(person: Any, name: str) -> dict[str, Any]:
    person.problems.clear()
    person.figures.clear()
    started = time.monotonic()
    try:
        next(getattr(module, name) for module in MODULES if hasattr(module, name))(person)
    except Exception as error:  # whatever it is, the other checks are made
        person.problems.append(f"{type(error).__name__}: {error}"[:1500])
        person.picture(f"failed-{name}")
    person.figures["seconds"] = round(time.monotonic() - started, 1)
    return {"problems": list(person.problems), "figures": dict(person.figures)}


person = None
for line in sys.stdin:
    question = json.loads(line)
    if person is None:
        person = PERSON(question["ready"], question["folder"])
        print(json.dumps({}), flush=True)
    else:
        print(json.dumps(answer(person, question["check"])), flush=True)
os._exit(0)  # the threads of browser and server have nothing more to say
