"""The TPDUs that judges of them are asked about: every form and field, seeded, so that every run asks the same."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from random import Random
from typing import Any, Literal, NamedTuple

from benchmarks.corpus import profile
from msgcore.encoding.ports import ApplicationPorts
from msgcore.encoding.segmentation import Segmentation, segment
from msgcore.encoding.tpdu import (
    Address,
    Content,
    DeliveryStatus,
    EnhancedValidity,
    MessageClass,
    RelativeValidity,
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    Timestamp,
    TypeOfNumber,
    submit_tpdus,
)
from msgcore.encoding.tpdu.data_coding import PLAIN_GSM7
from msgcore.encoding.user_data import InformationElement, UserDataHeader
from tests.peers.corpus import WRITINGS, edge_texts, escape_edge_texts, fill, mixed_texts, single_characters

# A message is sent to a number; it may come from a name.
NUMBERS = (
    Address.of("+46708251358"),
    Address.of("+1919555012"),
    Address("9195550123", TypeOfNumber.NATIONAL),
    Address.of("12345"),
    Address.of("*100#"),
)
ADDRESSES = (
    *NUMBERS,
    Address.of("Vodafone"),
    Address.of("Vodafon"),
    Address.of("Design@Home"),
)

# Ports of 16 and of 8 bits, and an element that says nothing to anybody (reserved for the service centre).
ELEMENTS = (
    ApplicationPorts(destination=0x4000, source=0x4001).element(),
    ApplicationPorts(destination=240, source=241, bits=8).element(),
    InformationElement(0xC1, b"\x01\x02\x03"),
)

# Letters that only a language's own tables hold.
NATIONAL = {
    "turkish": "ĞŞİğışç",
    "spanish": "ÁÍÓÚáíóú",
    "portuguese": "êãõçÂÊÔ",
    "hindi": "अआकखगघ",
    "urdu": "ابپتٹث",
}

Tpdu = SmsSubmit | SmsDeliver | SmsStatusReport


class Asked(NamedTuple):
    """A TPDU, and the text that a judge must see in it; empty where it need not see one."""

    tpdu: Tpdu
    text: str = ""


def texts() -> Iterator[str]:
    """Texts of every writing about the borders of segments, and a sample of characters alone."""
    yield from islice(single_characters(), 0, None, 16)
    yield from escape_edge_texts()
    yield from edge_texts(rounds=2)
    yield from mixed_texts(count=300)
    yield from profile("mixed")[:300]


def messages(seed: int = 23040) -> Iterator[Asked]:
    random = Random(seed)
    for index, text in enumerate(texts()):
        segments = segment(text, reference=index % 256 << 8 * (index % 2), reference_bits=16 if index % 2 else 8)
        yield from of_segments(random, segments, index)
    yield from national_messages(random)
    yield from messages_with_elements(random)
    yield from eight_bit_messages(random)
    yield from status_reports(random)
    yield from enhanced_relative_messages()


def of_segments(random: Random, segments: Segmentation, index: int) -> Iterator[Asked]:
    """Send them all, or deliver them all; of a text in national tables only the octets are judged."""
    message_class = random.choice((None, *MessageClass))
    shown = [part.text if not segments.languages else "" for part in segments]
    if random.random() < 0.5:
        submissions = submit_tpdus(
            segments,
            to=random.choice(NUMBERS),
            message_reference=index % 256,
            message_class=message_class,
            validity=random.choice((None, RelativeValidity(random.randrange(256)), moment(random), enhanced(random))),
            request_status_report=random.random() < 0.5,
            reject_duplicates=random.random() < 0.5,
            reply_path=random.random() < 0.5,
        )
        yield from map(Asked, submissions, shown)
        return
    originator = random.choice(ADDRESSES)
    for part, text in zip(segments, shown, strict=True):
        yield Asked(delivery(random, originator, Content.of_segment(part, message_class)), text)


def delivery(random: Random, address: Address, content: Content) -> SmsDeliver:
    return SmsDeliver(
        originator=address,
        timestamp=moment(random),
        content=content,
        more_messages=random.random() < 0.5,
        loop_prevention=random.random() < 0.5,
        status_report_indication=random.random() < 0.5,
        reply_path=random.random() < 0.5,
    )


def national_messages(random: Random) -> Iterator[Asked]:
    """Each language alone, from one character to three segments, with either reference."""
    for index, (language, characters) in enumerate(NATIONAL.items()):
        for length in (1, 70, 150, 160, 320):
            text = "".join(random.choice(characters + "abc €") for _ in range(length))
            bits: Literal[8, 16] = 16 if length % 3 else 8
            yield from of_segments(random, segment(text, languages=language, reference_bits=bits, reference=7), index)


def messages_with_elements(random: Random) -> Iterator[Asked]:
    """Ports and other elements of the caller's beside those of the text."""
    for index in range(120):
        elements = random.sample(ELEMENTS, random.randint(1, 2))
        text = fill(random, random.choice([*WRITINGS.values()]), random.choice((1, 60, 140, 200, 400)))
        bits: Literal[8, 16] = 16 if index % 2 else 8
        yield from of_segments(random, segment(text, reference=index, reference_bits=bits, elements=elements), index)


def eight_bit_messages(random: Random) -> Iterator[Asked]:
    """Octets that are no text, with and without a header that says for which port they are."""
    for index in range(60):
        header = random.choice((None, UserDataHeader(tuple(random.sample(ELEMENTS, 1)))))
        room = 140 - (header.octet_count if header else 0)
        content = Content.of_octets(random.randbytes(random.choice((1, 7, room))), header)
        if index % 2:
            yield Asked(delivery(random, random.choice(ADDRESSES), content))
        else:
            number = random.choice(NUMBERS)
            yield Asked(SmsSubmit(destination=number, content=content, validity=RelativeValidity(index)))


def status_reports(random: Random) -> Iterator[Asked]:
    """Every status; and reports that go on, with what TP-PI says is there."""
    for status in range(256):
        parts: dict[str, Any] = {}
        if status % 4 == 3:
            parts = {"protocol_id": status % 32, "data_coding": PLAIN_GSM7}
            parts["content"] = Content.of_segment(segment(f"status {status}")[0])
        elif status % 4 == 2:
            parts = {"protocol_id": status % 32}
        report = SmsStatusReport(
            message_reference=random.randrange(256),
            recipient=random.choice(ADDRESSES),
            timestamp=moment(random),
            discharge_time=moment(random),
            status=DeliveryStatus(status),
            more_messages=random.random() < 0.5,
            of_command=random.random() < 0.5,
            **parts,
        )
        yield Asked(report, report.text or "")


def enhanced(random: Random) -> EnhancedValidity:
    """Seconds, hours and minutes, or no time; the steps of the relative one stand in messages of their own."""
    seconds = random.choice((random.randint(1, 255), random.randint(256, 359_999), None))
    duration = None if seconds is None else timedelta(seconds=seconds)
    return EnhancedValidity.of(duration, single_shot=random.random() < 0.5)


def moment(random: Random) -> Timestamp:
    zone = timezone(timedelta(minutes=15 * random.randint(-48, 56)))
    return Timestamp.of(datetime(2024, 1, 1, tzinfo=zone) + timedelta(seconds=random.randrange(10**9)))


def enhanced_relative_messages() -> Iterator[Asked]:
    for days in (5, 30, 100):
        validity = EnhancedValidity.of(timedelta(days=days))
        for submit in submit_tpdus(segment("hello"), to=ADDRESSES[0], validity=validity):
            yield Asked(submit, "hello")
