"""The splitter of Node.js senders (npm ``split-sms``): alphabet and cut of every text.

An independent and much used reading of the same clauses: the GSM 7 bit default alphabet and its extension (3GPP TS
23.038, 6.2.1), 160 and 153 septets, 70 and 67 code units (3GPP TS 23.040, 9.2.3.24.1). It cuts between characters and
knows no clusters, so it is held against ``boundary="character"``. No departure is known: any is a disagreement.
"""

from typing import Any

from tests.peers.corpus import texts
from tests.peers.cuts import Cut, compare_cuts, our_cut
from tests.peers.environments import NodeEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = NodeEnvironment("split_sms", ("split-sms@0.1.7",))

ALPHABETS = {"GSM": "GSM-7", "Unicode": "UCS-2"}


def judge() -> Verdict:
    asked = texts()
    answers = ENVIRONMENT.ask("split_sms.js", asked)
    return compare_cuts(asked, answers, lambda text: our_cut(text, "character"), read, lambda *_: None)


def read(answer: Any) -> Cut:
    return Cut(ALPHABETS[answer["alphabet"]], tuple(answer["segments"]))
