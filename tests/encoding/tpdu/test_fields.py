"""Fields of another type than declared are refused when a record is made, not when it is encoded."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Any

import pytest

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.segmentation import segment
from msgcore.encoding.tpdu import (
    Address,
    Content,
    DataCoding,
    DeliveryStatus,
    EnhancedValidity,
    MessageClass,
    ProtocolIdentifier,
    RelativeValidity,
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    Timestamp,
    TypeOfNumber,
    encode_service_centre,
    submit_tpdus,
)

TO = Address.of("+46708251358")
STAMP = Timestamp.of(datetime(2024, 6, 7, 12, 34, 56, tzinfo=UTC))
HELLO = Content(bytes.fromhex("e8329bfd06"), 5)


def submit(**fields: Any) -> SmsSubmit:
    stated: dict[str, Any] = {"destination": TO, "content": HELLO}
    return SmsSubmit(**(stated | fields))


def deliver(**fields: Any) -> SmsDeliver:
    stated: dict[str, Any] = {"originator": TO, "timestamp": STAMP, "content": HELLO}
    return SmsDeliver(**(stated | fields))


def report(**fields: Any) -> SmsStatusReport:
    stated: dict[str, Any] = {
        "message_reference": 5,
        "recipient": TO,
        "timestamp": STAMP,
        "discharge_time": STAMP,
        "status": DeliveryStatus(0),
    }
    return SmsStatusReport(**(stated | fields))


REFUSED: list[tuple[Callable[..., object], dict[str, object], str]] = [
    (submit, {"destination": "+46708251358"}, "SmsSubmit.destination must be Address, not str"),
    (submit, {"destination": None}, "SmsSubmit.destination must be Address, not NoneType"),
    (submit, {"content": "hello"}, "SmsSubmit.content must be Content, not str"),
    (submit, {"content": b"hello"}, "SmsSubmit.content must be Content, not bytes"),
    (submit, {"message_reference": 1.5}, "SmsSubmit.message_reference must be int, not float"),
    (submit, {"message_reference": True}, "SmsSubmit.message_reference must be int, not bool"),
    (submit, {"message_reference": "1"}, "SmsSubmit.message_reference must be int, not str"),
    (submit, {"protocol_id": None}, "SmsSubmit.protocol_id must be int, not NoneType"),
    (
        submit,
        {"validity": timedelta(hours=1)},
        "SmsSubmit.validity must be RelativeValidity or EnhancedValidity or Timestamp or None, not timedelta",
    ),
    (submit, {"request_status_report": 2}, "SmsSubmit.request_status_report must be bool, not int"),
    (submit, {"reject_duplicates": None}, "SmsSubmit.reject_duplicates must be bool, not NoneType"),
    (submit, {"reply_path": "no"}, "SmsSubmit.reply_path must be bool, not str"),
    (deliver, {"originator": "+46708251358"}, "SmsDeliver.originator must be Address, not str"),
    (deliver, {"timestamp": datetime(2024, 6, 7, tzinfo=UTC)}, "SmsDeliver.timestamp must be Timestamp, not datetime"),
    (deliver, {"content": "hello"}, "SmsDeliver.content must be Content, not str"),
    (deliver, {"protocol_id": 0.0}, "SmsDeliver.protocol_id must be int, not float"),
    (deliver, {"more_messages": 1}, "SmsDeliver.more_messages must be bool, not int"),
    (report, {"recipient": "+46708251358"}, "SmsStatusReport.recipient must be Address, not str"),
    (report, {"status": 0}, "SmsStatusReport.status must be DeliveryStatus, not int"),
    (report, {"discharge_time": bytes(7)}, "SmsStatusReport.discharge_time must be Timestamp, not bytes"),
    (report, {"message_reference": None}, "SmsStatusReport.message_reference must be int, not NoneType"),
    (report, {"protocol_id": 1.5}, "SmsStatusReport.protocol_id must be int or None, not float"),
    (report, {"protocol_id": False}, "SmsStatusReport.protocol_id must be int or None, not bool"),
    (report, {"data_coding": 8}, "SmsStatusReport.data_coding must be DataCoding or None, not int"),
    (report, {"content": "hello"}, "SmsStatusReport.content must be Content or None, not str"),
    (Content, {"user_data": "hello", "user_data_length": 5}, "Content.user_data must be bytes, not str"),
    (Content, {"user_data": [1], "user_data_length": 1}, "Content.user_data must be bytes, not list"),
    (Content, {"user_data_length": 0.0}, "Content.user_data_length must be int, not float"),
    (Content, {"data_coding": 0}, "Content.data_coding must be DataCoding, not int"),
    (Content, {"has_header": 0}, "Content.has_header must be bool, not int"),
    (Content.of_segment, {"segment": "hello"}, "segment must be Segment, not str"),
    (Content.of_octets, {"data": "hello"}, "data must be bytes, not str"),
    (Content.of_octets, {"data": b"a", "header": "\x00"}, "header must be UserDataHeader or None, not str"),
    (Address, {"value": ["1", "2"]}, "Address.value must be str, not list"),
    (Address, {"value": 12}, "Address.value must be str, not int"),
    (Address, {"value": "1", "type_of_number": 1.0}, "Address.type_of_number must be TypeOfNumber, not float"),
    (Address, {"value": "1", "type_of_number": True}, "Address.type_of_number must be TypeOfNumber, not bool"),
    (Address, {"value": "1", "numbering_plan": 1.5}, "Address.numbering_plan must be int, not float"),
    (Address.of, {"text": None}, "text must be str, not NoneType"),
    (Address.of, {"text": b"+46"}, "text must be str, not bytes"),
    (encode_service_centre, {"address": "+46708251358"}, "address must be Address or None, not str"),
    (Timestamp, {"octets": "1234567"}, "Timestamp.octets must be bytes, not str"),
    (Timestamp.of, {"moment": date(2024, 6, 7)}, "moment must be datetime, not date"),
    (RelativeValidity, {"octet": 1.5}, "RelativeValidity.octet must be int, not float"),
    (RelativeValidity.of, {"duration": 60}, "duration must be timedelta, not int"),
    (EnhancedValidity, {"octets": [0] * 7}, "EnhancedValidity.octets must be bytes, not list"),
    (EnhancedValidity.of, {"duration": 60}, "duration must be timedelta or None, not int"),
    (DataCoding, {"octet": 1.5}, "DataCoding.octet must be int, not float"),
    (DataCoding.of, {"alphabet": "latin"}, "alphabet must be Alphabet or None, not str"),
    (DataCoding.of, {"alphabet": None, "message_class": 1.0}, "message_class must be MessageClass or None, not float"),
    (DeliveryStatus, {"code": "0"}, "DeliveryStatus.code must be int, not str"),
    (submit_tpdus, {"segmentation": "", "to": "1", "message_reference": "1"}, "message_reference must be int, not str"),
    (submit_tpdus, {"segmentation": "hello", "to": "1"}, "segment must be Segment, not str"),
    (submit_tpdus, {"segmentation": [], "to": None}, "text must be str, not NoneType"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "fields", "message"), REFUSED, ids=[message for _, _, message in REFUSED])
def test_another_type_is_refused_when_made(
    make: Callable[..., object], fields: dict[str, object], message: str
) -> None:
    with pytest.raises(TypeError) as caught:
        make(**fields)
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_octets_that_may_change_become_bytes(kind: Callable[[bytes], bytes]) -> None:
    octets = bytes.fromhex("42607021436500")
    made: list[tuple[object, object]] = [
        (Timestamp(kind(octets)), Timestamp(octets)),
        (EnhancedValidity(kind(octets)), EnhancedValidity(octets)),
        (Content(kind(b"\x01"), 1, DataCoding(4)), Content(b"\x01", 1, DataCoding(4))),
        (Content.of_octets(kind(b"\x01")), Content.of_octets(b"\x01")),
    ]
    for record, expected in made:
        assert (record, hash(record), repr(record)) == (expected, hash(expected), repr(expected))


def test_a_bytearray_that_changes_later_changes_no_record() -> None:
    octets = bytearray(7)
    stamp = Timestamp(octets)  # type: ignore[arg-type]
    octets[0] = 0x42
    assert stamp == Timestamp(bytes(7))


class Integer:
    """An integer of another library; like NumPy's, it is no ``int`` and does not count on beyond its size."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number


def test_an_integer_of_another_library_becomes_an_int() -> None:
    made = submit(message_reference=Integer(255), protocol_id=Integer(64))
    assert made == submit(message_reference=255, protocol_id=64)
    assert type(made.message_reference) is int
    assert Address("1", Integer(1), Integer(1)) == Address("1", TypeOfNumber.INTERNATIONAL)  # type: ignore[arg-type]


def test_references_count_on_from_an_integer_of_another_library() -> None:
    submissions = submit_tpdus(segment("a" * 161), to="1", message_reference=Integer(255))  # type: ignore[arg-type]
    assert [each.message_reference for each in submissions] == [255, 0]


def test_a_plain_number_names_a_member() -> None:
    assert Address("1", 1).type_of_number is TypeOfNumber.INTERNATIONAL  # type: ignore[arg-type]
    flash = DataCoding.of(Alphabet.UCS2, 0)  # type: ignore[arg-type]
    assert flash == DataCoding.of(Alphabet.UCS2, MessageClass.FLASH)
    with pytest.raises(ValueError, match="8 is not a valid TypeOfNumber"):
        Address("1", 8)  # type: ignore[arg-type]


def test_a_named_number_keeps_its_name() -> None:
    assert isinstance(submit(protocol_id=ProtocolIdentifier.TYPE_0).protocol_id, IntEnum)


def test_subclasses_are_what_they_are_made_of() -> None:
    class Text(str):
        __slots__ = ()

    assert Address.of(Text("+46708251358")) == TO
    assert Address(Text("46708251358"), TypeOfNumber.INTERNATIONAL) == TO
