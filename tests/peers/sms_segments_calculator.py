"""Twilio's segment calculator for the browser (npm ``sms-segments-calculator``): alphabet and cut of every text.

Many senders believe it, and it was written by people who bill for segments. Its replacement of look-alikes is off. It
keeps grapheme clusters whole, so it is held against ``boundary="cluster"``. Known departures, each accepted only where
cutting by its own graphemes, and nothing else, leads to its very answer: its clusters are those of Unicode 10, before
Indic conjuncts stayed whole (Unicode Standard Annex #29, GB9c) and before today's emoji; it cuts between CR and LF (we
follow GB3); and it puts a cluster longer than a segment into one segment, which no segment can hold (3GPP TS 23.040,
9.2.3.24: 140 octets), where we cut that cluster by characters.
"""

from typing import Any

from tests.peers.corpus import texts
from tests.peers.cuts import Cut, compare_cuts, our_cut
from tests.peers.environments import NodeEnvironment
from tests.peers.verdicts import Verdict
from tests.reference.alphabet import is_gsm7
from tests.reference.clusters import clusters
from tests.reference.segmentation import units

ENVIRONMENT = NodeEnvironment("sms_segments_calculator", ("sms-segments-calculator@1.3.0", "grapheme-splitter@1.0.4"))

CODE_UNITS_OF_A_SEGMENT = 67


def judge() -> Verdict:
    asked = texts()
    answers = ENVIRONMENT.ask("sms_segments_calculator.js", asked)
    return compare_cuts(asked, answers, lambda text: our_cut(text, "cluster"), read, explain)


def read(answer: Any) -> Cut:
    return Cut(answer["alphabet"], tuple(answer["segments"]))


def explain(text: str, their: Cut, answer: Any) -> str | None:
    atoms = answer["graphemes"]
    if "".join(atoms) != text or their != cut_of_atoms(text, atoms):
        return None
    if any(units(atom, gsm7=False) > CODE_UNITS_OF_A_SEGMENT for atom in atoms):
        return "puts a cluster longer than a segment into one"
    if atoms == clusters(text):
        return None
    if atoms == [part for atom in clusters(text) for part in (atom if atom == "\r\n" else [atom])]:
        return "cuts between CR and LF"
    return "has the clusters of Unicode 10"


def cut_of_atoms(text: str, atoms: list[str]) -> Cut:
    """The rule that both follow: as many atoms as fit, from the left; all where one segment is enough."""
    gsm7 = is_gsm7(text)
    alone, room = (160, 153) if gsm7 else (70, CODE_UNITS_OF_A_SEGMENT)
    alphabet = "GSM-7" if gsm7 else "UCS-2"
    if units(text, gsm7) <= alone:
        return Cut(alphabet, (text,))
    segments = [""]
    for atom in atoms:
        if segments[-1] and units(segments[-1] + atom, gsm7) > room:
            segments.append("")
        segments[-1] += atom
    return Cut(alphabet, tuple(segments))
