"""The codecs of PyPI ``gsmcodecs``: every code of every pair of national language tables.

Its tables were typed from 3GPP TS 23.038, annex A, by somebody else: where both read all codes alike, neither misread
the standard. Known departures: the ten Indic locking shift tables hold an apostrophe at 0x2C, where the standard has
the comma of the default alphabet; the Kannada one has the letter PA at 0x24, out of the order of that alphabet, where
DDA stands between TTHA and DDHA; and the Telugu single shift table lacks the euro sign, which all thirteen have. Where
tables are empty it has no text, and we a fallback (6.2.1.1) or U+FFFD.
"""

from collections import Counter

from msgcore.kernel.national import decode_national
from msgcore.tables.generated.languages import IDENTIFIERS
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = PythonEnvironment("gsmcodecs", ("gsmcodecs==1.0.0",))

TABLES = range(len(IDENTIFIERS) + 1)  # 0: the default alphabet, or its extension table
ESCAPE = b"\x1b"
INDIC = range(4, 14)
KANNADA = 7
TELUGU = 12


def judge() -> Verdict:
    asked = [
        (locking, single, septets)
        for locking in TABLES
        for single in TABLES
        for code in range(128)
        for septets in (bytes([code]), ESCAPE + bytes([code]))
    ]
    answers = ENVIRONMENT.ask("gsmcodecs.py", [(locking, single, septets.hex()) for locking, single, septets in asked])
    explained: Counter[str] = Counter()
    unexplained = []
    for (locking, single, septets), their in zip(asked, answers, strict=True):
        our = decode_national(septets, single, locking)
        if our == their:
            continue
        if reason := explain(locking, single, septets, our, their):
            explained[reason] += 1
        else:
            unexplained.append(
                f"tables {locking} and {single}, septets {septets.hex()}: we read {our!a}, they {their!a}"
            )
    return Verdict(f"{len(asked)} codes", explained, unexplained)


def explain(locking: int, single: int, septets: bytes, our: str, their: str | None) -> str | None:
    if their is None:
        if single == TELUGU and (septets, our) == (b"\x1b\x65", "€"):
            return "lacks the euro sign in Telugu"
        if septets == ESCAPE:
            return "has no text for an escape at the end"
        if our == "\ufffd":
            return "has no text for a code that both tables leave empty"
        # 6.2.1.1: a code that the extension table lacks reads as that of the other table.
        if septets[:1] == ESCAPE and our == decode_national(septets[1:], single, locking):
            return "does not fall back from an unknown extension code"
    if locking in INDIC and (septets, our, their) == (b"\x2c", ",", "'"):
        return "has an apostrophe for the comma of Indic locking shift tables"
    if locking == KANNADA and (septets, our, their) == (b"\x24", "ಡ", "ಪ"):
        return "has PA for DDA in Kannada"
    return None
