"""The library of phones and modems (Debian ``python3-gammu``, which is libgammu): text, number and header of our TPDUs.

It has read the messages of real phones for twenty years. It is asked the same as tshark is, in the form of modems, the
service centre's address in front. It knows no national languages: of texts that need one it judges header and length.
Known departures: it leaves ``*`` and ``#`` out of a number (3GPP TS 23.040, 9.1.2.3 has them); it ends a name at ``@``,
whose code is 0; it reads as many characters as there are septets, so a text with escapes has as many characters too
many; in UCS-2 it writes ``~`` twice, its own escape, within the same length; it refuses an enhanced validity, which
9.2.3.12.3 has; and it knows a concatenation element only where it is the whole header, though 9.2.3.24 allows others.
"""

from collections import Counter
from typing import Any

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.tpdu import EnhancedValidity, SmsDeliver, SmsStatusReport, SmsSubmit, encode_service_centre
from tests.peers.corpus import EXTENSION
from tests.peers.environments import DebianEnvironment
from tests.peers.tpdus import Asked, messages
from tests.peers.verdicts import Verdict

ENVIRONMENT = DebianEnvironment("gammu", ("python3-gammu",))

CODINGS = {Alphabet.GSM7: "Default_No_Compression", Alphabet.UCS2: "Unicode_No_Compression", None: "8bit"}


def judge() -> Verdict:
    asked = list(messages())
    answers = ENVIRONMENT.ask("gammu.py", [(encode_service_centre() + one.tpdu.encode()).hex() for one in asked])
    explained: Counter[str] = Counter()
    unexplained = []
    for one, answer in zip(asked, answers, strict=True):
        if answer is None and isinstance(one.tpdu, SmsSubmit) and isinstance(one.tpdu.validity, EnhancedValidity):
            explained["refuses an enhanced validity"] += 1
            continue
        for name, ours in our_answer(one).items():
            theirs = answer[name] if answer is not None else "an error"
            if theirs == ours:
                continue
            reason = explain(one, name, ours, theirs)
            if reason:
                explained[reason] += 1
            else:
                unexplained.append(f"{one.tpdu.encode().hex()}: {name}: we say {ours!a}, they say {theirs!a}")
    return Verdict(f"{len(asked)} TPDUs", explained, unexplained)


def our_answer(asked: Asked) -> dict[str, Any]:
    tpdu = asked.tpdu
    if isinstance(tpdu, SmsStatusReport):
        return {"type": "Status_Report", "number": str(tpdu.recipient), "reference": tpdu.message_reference}
    content = tpdu.content
    message_class = content.data_coding.message_class
    answer: dict[str, Any] = {
        "coding": CODINGS[content.data_coding.alphabet],
        "class": -1 if message_class is None else message_class.value,
        "header": content.header.encode().hex() if content.header else "",
    }
    if content.data:
        answer["text"] = content.data.hex()
    elif asked.text:
        answer["text"] = asked.text
    if found := content.header and content.header.concatenation:
        answer["number_of"] = [found.number, found.total]
    if isinstance(tpdu, SmsDeliver):
        moment = tpdu.timestamp.moment
        assert moment is not None
        local = moment.replace(tzinfo=None).isoformat()
        return answer | {"type": "Deliver", "number": str(tpdu.originator), "moment": local}
    return answer | {"type": "Submit", "number": str(tpdu.destination), "reference": tpdu.message_reference}


def explain(asked: Asked, name: str, ours: Any, theirs: Any) -> str | None:
    if name == "number":
        return explain_number(ours, theirs)
    if name == "number_of":
        return explain_concatenation(asked, theirs)
    if name == "text" and not isinstance(asked.tpdu, SmsStatusReport):
        return explain_text(asked.tpdu.content.data_coding.alphabet, ours, theirs)
    return None


def explain_concatenation(asked: Asked, theirs: Any) -> str | None:
    content = asked.tpdu.content
    if theirs == [-1, -1] and content and content.header and len(content.header.elements) > 1:
        return "knows a concatenation element only where it is the whole header"
    return None


def explain_number(ours: str, theirs: str) -> str | None:
    if theirs == ours.replace("*", "").replace("#", ""):
        return "leaves * and # out of a number"
    return "ends a name at @" if theirs == ours.partition("@")[0] else None


def explain_text(alphabet: Alphabet | None, ours: str, theirs: str) -> str | None:
    if alphabet is Alphabet.GSM7:
        escapes = sum(character in EXTENSION for character in ours)
        if theirs.startswith(ours) and len(theirs) == len(ours) + escapes:
            return "reads a character for each septet"
        return None
    doubled = ours.replace("~", "~~")
    if doubled != ours and len(theirs) >= len(ours) and doubled.startswith(theirs):
        return "writes ~ twice"
    return None
