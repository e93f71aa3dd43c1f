"""The splitter of Python senders (PyPI ``smsutil``): alphabet and cut of every text.

It cuts between characters, so it is held against ``boundary="character"``. Known departures: to it ESC is a character
that can be sent, although the code 0x1B is only the way to the extension table (3GPP TS 23.038, 6.2.1, note 1); and an
empty text, which any alphabet holds, is UCS-2.
"""

from typing import Any

from tests.peers.corpus import texts
from tests.peers.cuts import Cut, compare_cuts, our_cut
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = PythonEnvironment("smsutil", ("smsutil==1.1.3", "future==1.0.0"))

ALPHABETS = {"gsm0338": "GSM-7", "utf_16_be": "UCS-2"}


def judge() -> Verdict:
    asked = texts()
    answers = ENVIRONMENT.ask("smsutil.py", asked)
    return compare_cuts(asked, answers, lambda text: our_cut(text, "character"), read, explain)


def read(answer: Any) -> Cut:
    return Cut(ALPHABETS[answer["alphabet"]], tuple(answer["segments"]))


def explain(text: str, their: Cut, answer: Any) -> str | None:
    if text == "" and their == Cut("UCS-2", ("",)):
        return "sends an empty text in UCS-2"
    if "\x1b" in text and their == Cut("GSM-7", (text,)):
        return "takes ESC for a character"
    return None
