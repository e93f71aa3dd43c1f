"""Wireshark's dissector of short messages (Debian ``tshark``): the fields of our TPDUs.

It is what engineers of networks look at TPDUs with. Octets go to it as packets of a link type that is free for users;
their direction tells it a submission from a delivery. Reassembly is off, so that each segment is judged alone. It knows
no national languages: of texts that need one it judges header and length. Known departures: it ends a text at NUL, as
C does; and it passes over one octet only behind an enhanced validity that is given as a relative one, where 3GPP TS
23.040, 9.2.3.12.3 has six, and so misreads all that comes after it.
"""

import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgcore.encoding.tpdu import (
    Content,
    EnhancedValidity,
    RelativeValidity,
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    Timestamp,
)
from msgcore.encoding.tpdu.validity import ValidityPeriod
from msgcore.encoding.user_data import InformationElement, UserDataHeader
from tests.peers.environments import DebianEnvironment
from tests.peers.tpdus import Asked, Tpdu, messages
from tests.peers.verdicts import Verdict

ENVIRONMENT = DebianEnvironment("tshark", ("tshark",))

DISSECT_SECONDS = 300
USER_LINK_TYPE = "147"
DISSECTOR = 'uat:user_dlts:"User 0 (DLT=147)","gsm_sms","0","","0",""'

# Added to the form within an enhanced validity, to tell it from TP-VPF.
ENHANCED = 8
RELATIVE_IN_ENHANCED = ENHANCED + 1

Fields = dict[str, str]

ZONE_SIGN = re.compile(r'"gsm_sms\.scts\.timezone" showname="Timezone: GMT ([+-]) ')


def judge() -> Verdict:
    asked = list(messages())
    seen = dissect(one.tpdu for one in asked)
    if len(seen) != len(asked):
        raise RuntimeError(f"tshark answered {len(seen)} times to {len(asked)} TPDUs")
    explained: Counter[str] = Counter()
    unexplained = []
    for one, fields in zip(asked, seen, strict=True):
        for name, ours in our_fields(one).items():
            theirs = fields.get(name)
            if theirs == ours:
                continue
            if reason := explain(one, name, ours, theirs):
                explained[reason] += 1
            else:
                unexplained.append(f"{one.tpdu.encode().hex()}: {name}: we say {ours!a}, they say {theirs!a}")
    return Verdict(f"{len(asked)} TPDUs", explained, unexplained)


def explain(asked: Asked, name: str, ours: str, theirs: str | None) -> str | None:
    if name == "sms_text" and theirs == ours.partition("\0")[0]:
        return "ends a text at NUL"
    misplaced = isinstance(asked.tpdu, SmsSubmit) and validity_form(asked.tpdu.validity) == RELATIVE_IN_ENHANCED
    if misplaced and name in ("tp.user_data_length", "sms_text"):
        return "loses its place behind an enhanced validity of relative form"
    return None


# ----------------------------------------------------------------------------------------------------- what we say


def our_fields(asked: Asked) -> Fields:
    if isinstance(asked.tpdu, SmsStatusReport):
        return report_fields(asked, asked.tpdu)
    own = submit_fields(asked.tpdu) if isinstance(asked.tpdu, SmsSubmit) else deliver_fields(asked.tpdu)
    content = asked.tpdu.content
    shared = {
        "tp-udhi": str(int(content.has_header)),
        "tp-rp": str(int(asked.tpdu.reply_path)),
        "tp-pid": str(asked.tpdu.protocol_id),
        "tp-dcs": str(content.data_coding.octet),
    }
    return own | shared | content_fields(content, asked.text)


def content_fields(content: Content, text: str) -> Fields:
    fields = {"tp.user_data_length": str(content.user_data_length)} | header_fields(content.header)
    if text:
        fields["sms_text"] = text
    if content.data:
        fields["sms_body"] = content.data.hex(":")
    return fields


def submit_fields(submit: SmsSubmit) -> Fields:
    fields = {
        "tp-mti": "1",
        "tp-da": submit.destination.value,
        "dis_field_addr.num_type": str(submit.destination.type_of_number.value),
        "dis_field_addr.num_plan": str(submit.destination.numbering_plan),
        "tp-mr": str(submit.message_reference),
        "tp-srr": str(int(submit.request_status_report)),
        "tp-rd": str(int(submit.reject_duplicates)),
    }
    return fields | validity_fields(submit.validity)


def validity_form(validity: ValidityPeriod | None) -> int:
    """TP-VPF (9.2.3.3), and behind the point the form within the enhanced one (9.2.3.12.3)."""
    if isinstance(validity, EnhancedValidity):
        return ENHANCED + (validity.octets[0] & 0b111)
    return 0 if validity is None else 2 if isinstance(validity, RelativeValidity) else 3


def validity_fields(validity: ValidityPeriod | None) -> Fields:
    form = validity_form(validity)
    fields = {"tp-vpf": str(1 if form >= ENHANCED else form)}
    if isinstance(validity, Timestamp):
        return fields | time_fields(validity)
    if isinstance(validity, RelativeValidity):
        return fields | {"vp.validity_period": str(validity.octet)}
    if validity is None:
        return fields
    fields |= {"vp.single_shot_sm": str(int(validity.single_shot)), "vp.validity_period_format": str(form - ENHANCED)}
    if form == ENHANCED + 3:
        assert validity.duration is not None
        minutes, seconds = divmod(int(validity.duration.total_seconds()), 60)
        numbers = {"hour": minutes // 60, "minutes": minutes % 60, "seconds": seconds}
        return fields | {f"vp.validity_period.{name}": str(number) for name, number in numbers.items()}
    return fields | ({} if form == ENHANCED else {"vp.validity_period": str(validity.octets[1])})


def deliver_fields(deliver: SmsDeliver) -> Fields:
    return {
        "tp-mti": "0",
        "tp-oa": deliver.originator.value,
        "dis_field_addr.num_type": str(deliver.originator.type_of_number.value),
        "dis_field_addr.num_plan": str(deliver.originator.numbering_plan),
        "tp-mms": str(int(not deliver.more_messages)),
        "tp-lp": str(int(deliver.loop_prevention)),
        "tp-sri": str(int(deliver.status_report_indication)),
    } | time_fields(deliver.timestamp)


def report_fields(asked: Asked, report: SmsStatusReport) -> Fields:
    fields = {
        "tp-mti": "2",
        "tp-ra": report.recipient.value,
        "tp-mr": str(report.message_reference),
        "tp-mms": str(int(not report.more_messages)),
        "tp-srq": str(int(report.of_command)),
        "dis_field.definition": str(report.status.code >> 7),
        "dis_field.st_error": str(report.status.code >> 5 & 0b11),
        "dis.field_st_reason": str(report.status.code & 0b11111),
    } | time_fields(report.discharge_time)
    if report.protocol_id is not None:
        fields["tp-pid"] = str(report.protocol_id)
    if report.data_coding is not None:
        fields["tp-dcs"] = str(report.data_coding.octet)
    return fields | (content_fields(report.content, asked.text) if report.content else {})


def time_fields(stamp: Timestamp) -> Fields:
    at = stamp.moment
    assert at is not None
    return {
        "scts.year": str(at.year % 100),
        "scts.month": str(at.month),
        "scts.day": str(at.day),
        "scts.hour": str(at.hour),
        "scts.minutes": str(at.minute),
        "scts.seconds": str(at.second),
        "scts.timezone": str(stamp.quarters),
    }


def header_fields(header: UserDataHeader | None) -> Fields:
    if header is None:
        return {}
    fields = {
        "dis_field_udh.user_data_header_length": str(header.octet_count - 1),
        "ie_identifiers": " ".join(f"0x{element.identifier:02x}" for element in header.elements),
    }
    for element in header.elements:
        fields |= element_fields(element)
    return fields


def element_fields(element: InformationElement) -> Fields:
    """What is known of an element; 9.2.3.24.3 and 9.2.3.24.4 put the port of the destination first."""
    match element.identifier, list(element.data):
        case 0x00, [reference, total, number]:
            return concatenation_fields(reference, total, number)
        case 0x08, [high, low, total, number]:
            return concatenation_fields(high << 8 | low, total, number)
        case 0x04, [destination, originator]:
            return {"destination_port": str(destination), "originator_port": str(originator)}
        case 0x05, [first, second, third, fourth]:
            return {"destination_port": str(first << 8 | second), "originator_port": str(third << 8 | fourth)}
        case 0x24, [language]:
            return {"dis_iei_lang.single_shift": str(language)}
        case 0x25, [language]:
            return {"dis_iei_lang.locking_shift": str(language)}
    return {"ie_data": element.data.hex(":")}


def concatenation_fields(reference: int, total: int, number: int) -> Fields:
    return {"udh.mm.msg_id": str(reference), "udh.mm.msg_parts": str(total), "udh.mm.msg_part": str(number)}


# ---------------------------------------------------------------------------------------------------- what they say


def dissect(tpdus: Iterable[Tpdu]) -> list[Fields]:
    """Return the fields of each TPDU by their names, without the dissector's prefix."""
    dump = "".join(
        f"{'I' if isinstance(tpdu, SmsSubmit) else 'O'}\n000000 {tpdu.encode().hex(' ')}\n" for tpdu in tpdus
    )
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "tpdus.pcapng"
        run(["text2pcap", "-q", "-D", "-l", USER_LINK_TYPE, "-", str(capture)], dump)
        read = ["tshark", "-r", str(capture), "-o", DISSECTOR, "-o", "gsm_sms.reassemble:FALSE"]
        packets = json.loads(run([*read, "-T", "json", "-J", "gsm_sms"]), object_pairs_hook=list)
        details = run([*read, "-T", "pdml", "-J", "gsm_sms"])
    return with_zone_signs([list(fields_of(packet)) for packet in packets], ZONE_SIGN.findall(details))


def with_zone_signs(packets: Sequence[Sequence[tuple[str, str]]], signs: Sequence[str]) -> list[Fields]:
    """Give zones the sign that only the words beside them have; of a name that comes again the last counts.

    The identifiers of elements are gathered under a name of ours, all of them.
    """
    left = iter(signs)
    found = [
        {name: f"-{value}" if name == "scts.timezone" and next(left) == "-" else value for name, value in fields}
        | {"ie_identifiers": " ".join(value for name, value in fields if name == "ie_identifier")}
        for fields in packets
    ]
    if next(left, None) is not None:
        raise RuntimeError("tshark tells of more zones than it has fields for")
    return found


def fields_of(pairs: Sequence[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """Walk the tree of a packet, in order."""
    for name, value in pairs:
        if isinstance(value, list):
            yield from fields_of(value)
        elif isinstance(value, str) and name.startswith("gsm_sms."):
            yield name.removeprefix("gsm_sms."), value


def run(command: list[str], given: str = "") -> str:
    done = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", timeout=DISSECT_SECONDS)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout
