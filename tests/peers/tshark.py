"""Wireshark's dissector of short messages (Debian ``tshark``): the fields of our TPDUs.

It is what engineers of networks look at TPDUs with. Octets go to it as packets of a link type that is free for users;
their direction tells it a submission from a delivery. Reassembly is off, so that each segment is judged alone. It knows
no national languages, so no text here needs one. Known departure: it ends a text at NUL, as C does.
"""

import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from msgcore.encoding.segmentation import segment
from msgcore.encoding.tpdu import (
    Address,
    Content,
    DeliveryStatus,
    MessageClass,
    RelativeValidity,
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    Timestamp,
    TypeOfNumber,
    submit_tpdus,
)
from tests.peers.corpus import edge_texts, escape_edge_texts, mixed_texts, single_characters
from tests.peers.environments import DebianEnvironment
from tests.peers.verdicts import Verdict

ENVIRONMENT = DebianEnvironment("tshark", ("tshark",))

DISSECT_SECONDS = 300
USER_LINK_TYPE = "147"
DISSECTOR = 'uat:user_dlts:"User 0 (DLT=147)","gsm_sms","0","","0",""'

ADDRESSES = (
    Address.of("+46708251358"),
    Address.of("+1919555012"),
    Address("9195550123", TypeOfNumber.NATIONAL),
    Address.of("12345"),
    Address.of("*100#"),
    Address.of("Vodafone"),
    Address.of("Vodafon"),
    Address.of("Design@Home"),
)

ZONE_SIGN = re.compile(r'"gsm_sms\.scts\.timezone" showname="Timezone: GMT ([+-]) ')

Tpdu = SmsSubmit | SmsDeliver | SmsStatusReport
Fields = dict[str, str]


class Asked(NamedTuple):
    tpdu: Tpdu
    text: str = ""


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
            if name == "sms_text" and theirs == ours.partition("\0")[0]:
                explained["ends a text at NUL"] += 1
            else:
                unexplained.append(f"{one.tpdu.encode().hex()}: {name}: we say {ours!a}, they say {theirs!a}")
    return Verdict(f"{len(asked)} TPDUs", explained, unexplained)


def texts() -> Iterator[str]:
    """Texts of every writing about the borders of segments, and a sample of characters alone."""
    yield from islice(single_characters(), 0, None, 16)
    yield from escape_edge_texts()
    yield from edge_texts(rounds=2)
    yield from mixed_texts(count=300)


def messages(seed: int = 23040) -> Iterator[Asked]:
    random = Random(seed)
    for index, text in enumerate(texts()):
        segments = segment(text, reference=index % 256 << 8 * (index % 2), reference_bits=16 if index % 2 else 8)
        message_class = random.choice((None, *MessageClass))
        address = random.choice(ADDRESSES)
        if random.random() < 0.5:
            submissions = submit_tpdus(
                segments,
                to=address,
                message_reference=index % 256,
                message_class=message_class,
                validity=random.choice((None, RelativeValidity(random.randrange(256)), moment(random))),
                request_status_report=random.random() < 0.5,
                reject_duplicates=random.random() < 0.5,
                reply_path=random.random() < 0.5,
            )
            yield from (Asked(tpdu, part.text) for tpdu, part in zip(submissions, segments, strict=True))
            continue
        for part in segments:
            deliver = SmsDeliver(
                originator=address,
                timestamp=moment(random),
                content=Content.of_segment(part, message_class),
                more_messages=random.random() < 0.5,
                loop_prevention=random.random() < 0.5,
                status_report_indication=random.random() < 0.5,
                reply_path=random.random() < 0.5,
            )
            yield Asked(deliver, part.text)
    for status in range(256):
        report = SmsStatusReport(
            message_reference=random.randrange(256),
            recipient=random.choice(ADDRESSES),
            timestamp=moment(random),
            discharge_time=moment(random),
            status=DeliveryStatus(status),
            more_messages=random.random() < 0.5,
            of_command=random.random() < 0.5,
        )
        yield Asked(report)


def moment(random: Random) -> Timestamp:
    zone = timezone(timedelta(minutes=15 * random.randint(-48, 56)))
    return Timestamp.of(datetime(2024, 1, 1, tzinfo=zone) + timedelta(seconds=random.randrange(10**9)))


# ----------------------------------------------------------------------------------------------------- what we say


def our_fields(asked: Asked) -> Fields:
    if isinstance(asked.tpdu, SmsStatusReport):
        return report_fields(asked.tpdu)
    own = submit_fields(asked.tpdu) if isinstance(asked.tpdu, SmsSubmit) else deliver_fields(asked.tpdu)
    content = asked.tpdu.content
    shared = {
        "tp-udhi": str(int(content.has_header)),
        "tp-rp": str(int(asked.tpdu.reply_path)),
        "tp-pid": str(asked.tpdu.protocol_id),
        "tp-dcs": str(content.data_coding.octet),
        "tp.user_data_length": str(content.user_data_length),
    }
    text = {"sms_text": asked.text} if asked.text else {}
    return own | shared | concatenation_fields(content) | text


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
    return fields | (time_fields(submit.validity) if isinstance(submit.validity, Timestamp) else {})


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


def report_fields(report: SmsStatusReport) -> Fields:
    return {
        "tp-mti": "2",
        "tp-ra": report.recipient.value,
        "tp-mr": str(report.message_reference),
        "tp-mms": str(int(not report.more_messages)),
        "tp-srq": str(int(report.of_command)),
        "dis_field.definition": str(report.status.code >> 7),
        "dis_field.st_error": str(report.status.code >> 5 & 0b11),
        "dis.field_st_reason": str(report.status.code & 0b11111),
    } | time_fields(report.discharge_time)


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


def concatenation_fields(content: Content) -> Fields:
    found = content.header and content.header.concatenation
    if not found:
        return {}
    return {
        "udh.mm.msg_id": str(found.reference),
        "udh.mm.msg_parts": str(found.total),
        "udh.mm.msg_part": str(found.number),
    }


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
    """Give zones the sign that only the words beside them have; of a name that comes again the last counts."""
    left = iter(signs)
    found = [
        {name: f"-{value}" if name == "scts.timezone" and next(left) == "-" else value for name, value in fields}
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
