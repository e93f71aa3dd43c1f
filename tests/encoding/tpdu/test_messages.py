"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT, by published and by made examples."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from msgcore.encoding.alphabet import Alphabet
from msgcore.encoding.segmentation import Segment, segment
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
    split_service_centre,
    submit_tpdus,
)
from msgcore.encoding.user_data import InformationElement, UserDataHeader
from msgcore.errors import NumberError, UserDataError

HELLO = "05e8329bfd06"
TO = Address.of("+46708251358")
STAMP = Timestamp.of(datetime(2024, 6, 7, 12, 34, 56, tzinfo=UTC))


def hello() -> Content:
    return Content.of_segment(segment("hello")[0])


# ------------------------------------------------------------------------------------------------- SMS-DELIVER


@pytest.mark.parametrize(
    ("octets", "service_centre", "originator", "moment", "text"),
    [
        (
            "07917283010010f5040bc87238880900f10000993092516195800ae8329bfd4697d9ec37",
            "+27381000015",
            Address("27838890001", TypeOfNumber.SUBSCRIBER, 8),
            "1999-03-29T15:16:59+02:00",
            "hellohello",
        ),
        (
            "07911326040000f0040b911346610089f60000208062917314080cc8f71d14969741f977fd07",
            "+31624000000",
            Address("31641600986", TypeOfNumber.INTERNATIONAL),
            "2002-08-26T19:37:41+00:00",
            "How are you?",
        ),
    ],
)
def test_published_deliveries(octets: str, service_centre: str, originator: Address, moment: str, text: str) -> None:
    centre, tpdu = split_service_centre(bytes.fromhex(octets))
    deliver = SmsDeliver.decode(tpdu)
    assert (str(centre), deliver.originator, str(deliver.timestamp)) == (service_centre, originator, moment)
    assert deliver.text == text
    assert not deliver.more_messages
    assert deliver.encode() == tpdu


DELIVER_FLAGS = {
    "00": {"more_messages": True},
    "04": {},
    "0c": {"loop_prevention": True},
    "24": {"status_report_indication": True},
    "84": {"reply_path": True},
    "a8": {"more_messages": True, "loop_prevention": True, "status_report_indication": True, "reply_path": True},
}


@pytest.mark.parametrize(("first", "flags"), DELIVER_FLAGS.items())
def test_flags_of_a_delivery(first: str, flags: dict[str, bool]) -> None:
    deliver = SmsDeliver(originator=Address("1"), timestamp=STAMP, content=hello(), **flags)
    assert deliver.encode().hex() == first + "0181f1" + "0000" + "42607021436500" + HELLO
    assert SmsDeliver.decode(deliver.encode()) == deliver


def test_the_reserved_message_type_is_processed_as_a_delivery() -> None:
    octets = SmsDeliver(originator=Address("1"), timestamp=STAMP, content=hello()).encode()
    assert SmsDeliver.decode(bytes((octets[0] | 0b11,)) + octets[1:]) == SmsDeliver.decode(octets)


# -------------------------------------------------------------------------------------------------- SMS-SUBMIT


SUBMISSIONS = [
    ("0100" + "0b916407281553f8" + "0000" + HELLO, SmsSubmit(destination=TO, content=hello())),
    (
        "11000b916407281553f80000aa0ae8329bfd4697d9ec37",
        SmsSubmit(destination=TO, content=Content.of_segment(segment("hellohello")[0]), validity=RelativeValidity(170)),
    ),
    (
        "0907" + "0b916407281553f8" + "4000" + "025a0000000000" + HELLO,
        SmsSubmit(
            destination=TO,
            content=hello(),
            message_reference=7,
            protocol_id=ProtocolIdentifier.TYPE_0,
            validity=EnhancedValidity.of(timedelta(seconds=90)),
        ),
    ),
    (
        "19ff" + "0b916407281553f8" + "0000" + "42607021436500" + HELLO,
        SmsSubmit(destination=TO, content=hello(), message_reference=255, validity=STAMP),
    ),
    ("0500" + "0181f1" + "0000" + HELLO, SmsSubmit(destination=Address("1"), content=hello(), reject_duplicates=True)),
    (
        "2100" + "0181f1" + "0000" + HELLO,
        SmsSubmit(destination=Address("1"), content=hello(), request_status_report=True),
    ),
    ("8100" + "0181f1" + "0000" + HELLO, SmsSubmit(destination=Address("1"), content=hello(), reply_path=True)),
    (
        "0100" + "0181f1" + "0018" + "024e2d",
        SmsSubmit(
            destination=Address("1"),
            content=Content.of_segment(segment("中")[0], message_class=MessageClass.FLASH),
        ),
    ),
    (
        "4100" + "0181f1" + "00f5" + "09" + "060504" + "0b8423f0" + "0102",
        SmsSubmit(
            destination=Address("1"),
            content=Content(bytes.fromhex("0605040b8423f00102"), 9, DataCoding(0xF5), has_header=True),
        ),
    ),
    ("0100" + "0181f1" + "0000" + "00", SmsSubmit(destination=Address("1"), content=Content())),
]


@pytest.mark.parametrize(("octets", "submit"), SUBMISSIONS, ids=[octets[:8] for octets, _ in SUBMISSIONS])
def test_submissions_encode_and_decode(octets: str, submit: SmsSubmit) -> None:
    assert submit.encode().hex() == octets
    assert SmsSubmit.decode(bytes.fromhex(octets)) == submit


def test_data_with_ports_keeps_its_header() -> None:
    ports = UserDataHeader((InformationElement(0x05, bytes.fromhex("0b8423f0")),))
    content = Content.of_octets(b"\x01\x02", ports)
    assert content.user_data.hex() == "0605040b8423f00102"
    assert (content.text, content.data, content.header) == (None, b"\x01\x02", ports)
    assert (hello().text, hello().data, hello().header) == ("hello", None, None)


@pytest.mark.parametrize("text", ["", "hello", "a" * 160, "a" * 161, "€" * 300, "中" * 70, "👍🏽" * 40])
def test_a_submission_for_each_segment(text: str) -> None:
    segments = segment(text, reference=7)
    submissions = submit_tpdus(
        segments, to="+46708251358", message_reference=255, request_status_report=True, validity=RelativeValidity(0)
    )
    assert len(submissions) == len(segments)
    for index, (submit, part) in enumerate(zip(submissions, segments, strict=True)):
        back = SmsSubmit.decode(submit.encode())
        assert back == submit
        assert (back.text, back.destination) == (part.text, TO)
        assert (back.content.header.encode() if back.content.header else b"") == part.header
        assert back.message_reference == (255 + index) % 256
        assert (back.request_status_report, back.validity) == (True, RelativeValidity(0))


def test_a_segment_of_a_header_alone_ends_with_its_fill_bits() -> None:
    part = segment("", elements=[InformationElement(0x70, b"abc")])[0]
    content = Content.of_segment(part)
    assert content == Content(part.header + b"\x00", 7, has_header=True)
    assert content.encode().hex() == "07" + "057003616263" + "00"
    assert content.text == ""


def test_a_segment_with_fewer_octets_than_it_states_is_refused() -> None:
    header = bytes.fromhex("050003070201")
    with pytest.raises(ValueError, match="a user_data_length of 7 takes 7 octets, got 6"):
        Content.of_segment(Segment("", Alphabet.GSM7, 1, 2, 0, header, header, 7))


# ------------------------------------------------------------------------------------------- SMS-STATUS-REPORT


REPORT = "0b916407281553f8" + "11506001000040" + "11506001001040"


def report(status: int = 0, **fields: object) -> SmsStatusReport:
    stated = {
        "message_reference": 5,
        "recipient": TO,
        "timestamp": Timestamp(bytes.fromhex("11506001000040")),
        "discharge_time": Timestamp(bytes.fromhex("11506001001040")),
        "status": DeliveryStatus(status),
    }
    return SmsStatusReport(**(stated | fields))  # type: ignore[arg-type]


REPORTS = [
    ("0605" + REPORT + "00", report()),
    ("0205" + REPORT + "46", report(0x46, more_messages=True)),
    ("0e05" + REPORT + "30", report(0x30, loop_prevention=True)),
    ("2605" + REPORT + "00", report(of_command=True)),
    ("0605" + REPORT + "00" + "0140", report(protocol_id=0x40)),
    ("0605" + REPORT + "00" + "0208", report(data_coding=DataCoding(8))),
    ("0605" + REPORT + "00" + "04" + HELLO, report(content=hello())),
    (
        "0605" + REPORT + "00" + "070008024e2d",
        report(protocol_id=0, data_coding=DataCoding(8), content=Content(b"\x4e\x2d", 2, DataCoding(8))),
    ),
    (
        "4605" + REPORT + "00" + "0408050003010201c2",
        report(content=Content(bytes.fromhex("050003010201c2"), 8, has_header=True)),
    ),
]


@pytest.mark.parametrize(("octets", "expected"), REPORTS)
def test_reports_encode_and_decode(octets: str, expected: SmsStatusReport) -> None:
    assert expected.encode().hex() == octets
    assert SmsStatusReport.decode(bytes.fromhex(octets)) == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("00", report()),  # an indicator of nothing
        ("8000", report()),  # an extension of it, of nothing
        ("08ffff", report()),  # something unknown, behind where user data would end
        ("0c" + HELLO + "ff", report(content=hello())),
        ("8400" + HELLO + "ff", report(content=hello())),
    ],
)
def test_what_a_reserved_indication_brings_is_thrown_away(tail: str, expected: SmsStatusReport) -> None:
    assert SmsStatusReport.decode(bytes.fromhex("0605" + REPORT + "00" + tail)) == expected


def test_a_report_states_the_coding_of_its_content() -> None:
    with pytest.raises(ValueError, match="data_coding says"):
        report(content=Content(b"\x4e\x2d", 2, DataCoding(8)))
    with pytest.raises(ValueError, match="compressed"):
        report(data_coding=DataCoding(0x20))


# ------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("decode", "octets", "field", "offset"),
    [
        (SmsSubmit.decode, "", "message_type", 0),
        (SmsSubmit.decode, "00", "message_type", 0),
        (SmsSubmit.decode, "01", "message_reference", 1),
        (SmsSubmit.decode, "0100", "destination.length", 2),
        (SmsSubmit.decode, "01001591", "destination.length", 2),
        (SmsSubmit.decode, "01000281ff", "destination.value", 4),
        (SmsSubmit.decode, "010002d0610000" + HELLO, "destination.type", 3),
        (SmsSubmit.decode, "01000181f1", "protocol_id", 5),
        (SmsSubmit.decode, "01000181f100", "data_coding", 6),
        (SmsSubmit.decode, "01000181f1002000", "data_coding", 6),
        (SmsSubmit.decode, "11000181f10000", "validity", 7),
        (SmsSubmit.decode, "09000181f10000" + "00" * 6, "validity", 7),
        (SmsSubmit.decode, "19000181f10000" + "00" * 6, "validity", 7),
        (SmsSubmit.decode, "01000181f10000", "user_data_length", 7),
        (SmsSubmit.decode, "01000181f10000a1" + "00" * 141, "user_data_length", 7),
        (SmsSubmit.decode, "01000181f100088d" + "00" * 141, "user_data_length", 7),
        (SmsSubmit.decode, "01000181f1000005e8329bfd", "user_data", 8),
        (SmsSubmit.decode, "01000181f10000" + HELLO + "00", "end", 13),
        (SmsSubmit.decode, "41000181f1000000", "header.length", 8),
        (SmsSubmit.decode, "41000181f10008020500", "header.length", 8),
        (SmsSubmit.decode, "41000181f10008030200" + "01", "header.element.data", 11),
        (SmsSubmit.decode, "41000181f1000004" + "0370017f", "user_data_length", 7),
        (SmsDeliver.decode, "01", "message_type", 0),
        (SmsDeliver.decode, "040181", "originator.value", 3),
        (SmsDeliver.decode, "040181f10000" + "00" * 6, "timestamp", 6),
        (SmsDeliver.decode, "040181f10000" + "00" * 7 + HELLO + "00", "end", 19),
        (SmsStatusReport.decode, "00", "message_type", 0),
        (SmsStatusReport.decode, "06000181f1" + "00" * 6, "timestamp", 5),
        (SmsStatusReport.decode, "06000181f1" + "00" * 13, "discharge_time", 12),
        (SmsStatusReport.decode, "06000181f1" + "00" * 14, "status", 19),
        (SmsStatusReport.decode, "06000181f1" + "00" * 15 + "01", "protocol_id", 21),
        (SmsStatusReport.decode, "06000181f1" + "00" * 15 + "80", "parameter_indicator", 21),
        (SmsStatusReport.decode, "06000181f1" + "00" * 15 + "0220", "data_coding", 21),
        (SmsStatusReport.decode, "06000181f1" + "00" * 15 + "0405e8", "user_data", 22),
        (SmsStatusReport.decode, "06000181f1" + "00" * 15 + "0000", "end", 21),
    ],
)
def test_broken_octets_are_refused_with_their_place(
    decode: Callable[[bytes], object], octets: str, field: str, offset: int
) -> None:
    with pytest.raises(UserDataError) as caught:
        decode(bytes.fromhex(octets))
    assert (caught.value.field, caught.value.offset) == (field, offset)


def test_what_no_receiver_could_read_is_refused_when_made() -> None:
    with pytest.raises(ValueError, match="takes 5 octets, got 4"):
        Content(b"abcd", 5)
    with pytest.raises(ValueError, match="must be 0 to 160, not 161"):
        Content(bytes(141), 161)
    with pytest.raises(ValueError, match="must be 0 to 140, not 141"):
        Content.of_octets(bytes(141))
    with pytest.raises(ValueError, match="compressed"):
        Content(data_coding=DataCoding(0x20))
    with pytest.raises(ValueError, match="expected 255 octets to follow"):
        Content(b"\xff", 1, DataCoding(4), has_header=True)
    with pytest.raises(ValueError, match="message_reference must be 0 to 255, not 256"):
        SmsSubmit(destination=TO, content=hello(), message_reference=256)
    with pytest.raises(ValueError, match="protocol_id must be 0 to 255, not -1"):
        SmsDeliver(originator=TO, timestamp=STAMP, content=hello(), protocol_id=-1)


def test_nobody_is_reached_by_name() -> None:
    with pytest.raises(ValueError, match="destination must be a number, nobody is reached by the name 'Acme'"):
        SmsSubmit(destination=Address.of("Acme"), content=hello())
    with pytest.raises(ValueError, match="nobody is reached by the name 'FLOWERS'"):
        submit_tpdus(segment("hello"), to="FLOWERS")
    assert str(SmsDeliver(originator=Address.of("Acme"), timestamp=STAMP, content=hello()).originator) == "Acme"


@pytest.mark.parametrize("to", ["555-0100", "+", " 12345", "+12a", "+1 919 555 0123"])
def test_a_mistyped_number_is_no_name(to: str) -> None:
    with pytest.raises(NumberError) as caught:
        submit_tpdus(segment("hello"), to=to)
    assert caught.value.text == to


@pytest.mark.parametrize("decode", [SmsSubmit.decode, SmsDeliver.decode, SmsStatusReport.decode, Address.decode])
@pytest.mark.parametrize("octets", [5, "0100", None])
def test_what_is_no_octets_is_a_type_error(decode: Callable[[object], object], octets: object) -> None:
    with pytest.raises(TypeError):
        decode(octets)


RECORDS = [
    SUBMISSIONS[1][1],
    SUBMISSIONS[2][1],
    SmsDeliver(originator=TO, timestamp=STAMP, content=hello()),
    REPORTS[-2][1],
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_records_have_equality_hash_repr_and_pickle_and_do_not_change(record: object) -> None:
    copy = pickle.loads(pickle.dumps(record))
    assert copy == record
    assert hash(copy) == hash(record)
    assert repr(record).startswith(f"{type(record).__name__}(")
    with pytest.raises(AttributeError):
        record.content = None  # type: ignore[attr-defined]
