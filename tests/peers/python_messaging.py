"""The modem library of Python (PyPI ``python-messaging``): the octets of every text, header and packing included.

It writes whole SMS-SUBMIT TPDUs for real modems, so it judges what the splitters cannot see: TP-UDHI, TP-DCS, TP-UDL,
the concatenation element (3GPP TS 23.040, 9.2.3.24.1), its fill bit, and each packed septet (3GPP TS 23.038, 6.1.2.1).
Its segments are held against ``boundary="character"`` with reference 0. Known departures: it cuts the septets every
153 without looking, and so between an escape and its character, which 9.2.3.24.1 forbids; accepted only where that
blind cut leads to its very octets. It counts and writes a character beyond the basic plane as one code unit, for
which it needs five digits or six; again its very digits are foretold. And an empty text, which any alphabet holds, is
UCS-2 to it.
"""

from collections import Counter
from typing import Any, NamedTuple

from msgcore import encode_gsm7, pack_septets, segment
from tests.peers.corpus import texts
from tests.peers.environments import PythonEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = PythonEnvironment("python_messaging", ("python-messaging==0.5.13",))

# SMSC length, first octet, TP-MR, TP-DA (length, type, 11 digits in 6 octets), TP-PID; then TP-DCS, TP-UDL and TP-UD.
DCS_OFFSET = 1 + 1 + 1 + 8 + 1
HEADER_INDICATOR = 0x40
DCS = {"GSM-7": 0x00, "UCS-2": 0x08}
SEPTETS_OF_A_SEGMENT = 153
CODE_UNITS_ALONE, CODE_UNITS_OF_A_SEGMENT = 70, 67


class Part(NamedTuple):
    has_header: bool
    data_coding: int
    user_data_length: int
    user_data: bytes


def judge() -> Verdict:
    asked = texts()
    explained: Counter[str] = Counter()
    unexplained = []
    for text, answer in zip(asked, ENVIRONMENT.ask("python_messaging.py", asked), strict=True):
        our = our_parts(text)
        if answer and read(answer) == our:
            continue
        if reason := explain(text, answer):
            explained[reason] += 1
        else:
            unexplained.append(f"{text[:40]!a}, {len(text)} characters: we say {our}, they say {answer}")
    return Verdict(f"{len(asked)} texts", explained, unexplained)


def our_parts(text: str) -> list[Part]:
    segmentation = segment(text, boundary="character", reference=0, reference_bits=8)
    dcs = DCS[segmentation.alphabet.value]
    return [Part(bool(part.header), dcs, part.user_data_length, part.user_data) for part in segmentation]


def read(answer: list[str]) -> list[Part] | None:
    try:
        pdus = [bytes.fromhex(digits) for digits in answer]
    except ValueError:
        return None  # an error, or the digits of a character that does not fit an octet
    return [
        Part(bool(pdu[1] & HEADER_INDICATOR), pdu[DCS_OFFSET], pdu[DCS_OFFSET + 1], pdu[DCS_OFFSET + 2 :])
        for pdu in pdus
    ]


def explain(text: str, answer: Any) -> str | None:
    if any(ord(character) > 0xFFFF for character in text) and written_without_surrogates(text) == user_data(answer):
        return "writes characters beyond the basic plane without surrogates"
    parts = read(answer)
    if text == "" and parts == [Part(False, DCS["UCS-2"], 0, b"")]:
        return "sends an empty text in UCS-2"
    if parts and parts[0].data_coding == DCS["GSM-7"] and parts == blind_cut(text):
        return "cuts between an escape and its character"
    return None


def blind_cut(text: str) -> list[Part]:
    septets = encode_gsm7(text)
    pieces = [septets[at : at + SEPTETS_OF_A_SEGMENT] for at in range(0, len(septets), SEPTETS_OF_A_SEGMENT)]
    return [
        Part(
            True,
            DCS["GSM-7"],
            7 + len(piece),
            bytes([5, 0, 3, 0, len(pieces), number]) + pack_septets(piece, fill_bits=1),
        )
        for number, piece in enumerate(pieces, 1)
    ]


def user_data(answer: list[str]) -> list[str]:
    """TP-UDL and TP-UD as the digits they are, for what cannot be read as octets."""
    return [digits[2 * (DCS_OFFSET + 1) :].lower() for digits in answer]


def written_without_surrogates(text: str) -> list[str]:
    room = len(text) if len(text) <= CODE_UNITS_ALONE else CODE_UNITS_OF_A_SEGMENT
    pieces = [text[at : at + room] for at in range(0, len(text), room)]
    headers = [
        f"050003{0:02x}{len(pieces):02x}{number:02x}" if len(pieces) > 1 else "" for number in range(1, len(pieces) + 1)
    ]
    return [
        f"{len(header) // 2 + 2 * len(piece):02x}{header}"
        + "".join(f"{ord(character) >> 8:02x}{ord(character) & 0xFF:02x}" for character in piece)
        for header, piece in zip(headers, pieces, strict=True)
    ]
