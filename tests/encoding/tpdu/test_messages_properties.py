"""TPDUs of any content: what is encoded decodes to the same, whatever the fields."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.reassembly import Reassembler
from msgcore.encoding.segmentation import segment
from msgcore.encoding.tpdu import (
    Address,
    Content,
    DataCoding,
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
from msgcore.encoding.user_data import InformationElement, UserDataHeader
from tests.reference.strategies import gsm7_texts, texts

octet = st.integers(0, 255)
number_types = st.sampled_from([kind for kind in TypeOfNumber if kind is not TypeOfNumber.ALPHANUMERIC])
numbers = st.builds(Address, st.text("0123456789*#abc", max_size=20), number_types, st.integers(0, 15))
names = st.builds(
    Address, gsm7_texts.map(lambda text: text[:5]), st.just(TypeOfNumber.ALPHANUMERIC), st.integers(0, 15)
)
addresses = st.one_of(numbers, names)
zones = st.integers(-79, 79).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2089, 12, 31, 23, 59, 59), timezones=zones)  # noqa: DTZ001
timestamps = st.one_of(moments.map(Timestamp.of), st.binary(min_size=7, max_size=7).map(Timestamp))
seconds = st.integers(1, 359_999).map(lambda count: timedelta(seconds=count))
enhanced = st.builds(EnhancedValidity.of, st.none() | seconds, single_shot=st.booleans())
validities = st.one_of(st.none(), octet.map(RelativeValidity), enhanced, timestamps)
classes = st.none() | st.sampled_from(MessageClass)
segments = st.builds(lambda text, index: (parts := segment(text))[index % len(parts)], texts, st.integers(0, 9))
headers = st.lists(st.builds(InformationElement, octet, st.binary(max_size=8)), max_size=3).map(
    lambda items: UserDataHeader(tuple(items))
)
contents = st.one_of(
    st.builds(Content.of_segment, segments, classes),
    st.builds(Content.of_octets, st.binary(max_size=100), st.none() | headers, classes),
)
flags = st.booleans()

submissions = st.builds(
    SmsSubmit,
    destination=numbers,
    content=contents,
    message_reference=octet,
    protocol_id=octet,
    validity=validities,
    request_status_report=flags,
    reject_duplicates=flags,
    reply_path=flags,
)
deliveries = st.builds(
    SmsDeliver,
    originator=addresses,
    timestamp=timestamps,
    content=contents,
    protocol_id=octet,
    more_messages=flags,
    loop_prevention=flags,
    status_report_indication=flags,
    reply_path=flags,
)


@st.composite
def reports(draw: st.DrawFn) -> SmsStatusReport:
    content = draw(st.none() | contents)
    unstated = content is None or content.data_coding == DataCoding()
    return SmsStatusReport(
        message_reference=draw(octet),
        recipient=draw(addresses),
        timestamp=draw(timestamps),
        discharge_time=draw(timestamps),
        status=DeliveryStatus(draw(octet)),
        protocol_id=draw(st.none() | octet),
        data_coding=None if unstated or content is None else content.data_coding,
        content=content,
        more_messages=draw(flags),
        loop_prevention=draw(flags),
        of_command=draw(flags),
    )


@given(submissions)
def test_a_submission_decodes_to_itself(submit: SmsSubmit) -> None:
    assert SmsSubmit.decode(submit.encode()) == submit


@given(deliveries)
def test_a_delivery_decodes_to_itself(deliver: SmsDeliver) -> None:
    assert SmsDeliver.decode(deliver.encode()) == deliver


@given(reports())
def test_a_report_decodes_to_itself(report: SmsStatusReport) -> None:
    assert SmsStatusReport.decode(report.encode()) == report


@given(addresses)
def test_an_address_decodes_to_itself_and_fits_its_field(address: Address) -> None:
    octets = address.encode()
    assert len(octets) <= 12
    assert Address.decode(octets) == address


@given(moments)
def test_a_timestamp_is_its_moment_to_the_second(moment: datetime) -> None:
    back = Timestamp.of(moment).moment
    assert back == moment.replace(microsecond=0)
    assert back.utcoffset() == moment.utcoffset()


@given(st.timedeltas(timedelta(microseconds=1), timedelta(weeks=63)))
def test_a_relative_validity_is_the_shortest_that_is_long_enough(duration: timedelta) -> None:
    validity = RelativeValidity.of(duration)
    assert validity.duration >= duration
    assert validity.octet == 0 or RelativeValidity(validity.octet - 1).duration < duration


@given(seconds)
def test_an_enhanced_validity_is_exact(duration: timedelta) -> None:
    assert EnhancedValidity.of(duration).duration == duration


@given(texts, octet)
def test_a_text_comes_back_from_its_submissions(text: str, reference: int) -> None:
    submissions = submit_tpdus(segment(text, reference=reference), to="+46708251358")
    received = [SmsSubmit.decode(submit.encode()) for submit in submissions]
    assert "".join(submit.text or "" for submit in received) == text
    reassembler = Reassembler()
    whole = [
        reassembler.add(submit.content.take_apart(), sender="a", recipient=str(submit.destination), now=0.0)
        for submit in received
    ]
    assert whole[-1] is not None
    assert whole[-1].text == text


def test_the_sent_moment_is_a_moment_in_any_zone() -> None:
    moment = datetime(2024, 6, 7, tzinfo=UTC)
    assert {
        Timestamp.of(moment.astimezone(timezone(timedelta(minutes=15 * quarters)))).moment
        for quarters in range(-79, 80)
    } == {moment}
