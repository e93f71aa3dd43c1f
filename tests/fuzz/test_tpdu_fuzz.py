"""TPDUs from anywhere: accepted, or a UserDataError with a place inside what was given."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.tpdu import Address, Content, SmsDeliver, SmsStatusReport, SmsSubmit, split_service_centre
from msgcore.errors import UserDataError

octets = st.binary(max_size=180)
# Random octets seldom get past the address, so most are given one, and a length that nearly fits what follows.
addresses = st.sampled_from([bytes.fromhex(field) for field in ("0181f1", "0b916407281553f8", "0ed0d637396c7ebbcb")])
codings = st.sampled_from([0x00, 0x04, 0x08, 0x19, 0x24, 0xC8, 0xE0, 0xF5])
headers = st.sampled_from([b"", b"\x00", bytes.fromhex("050003070201"), bytes.fromhex("0470020102")])


@st.composite
def nearly_tpdus(draw: st.DrawFn, message_type: int, before: bool, fixed: tuple[int, ...]) -> bytes:
    first = bytes((draw(st.integers(0, 63)) << 2 | message_type,)) + (draw(st.binary(max_size=1)) if before else b"")
    between = draw(st.sampled_from(fixed).flatmap(lambda count: st.binary(min_size=count, max_size=count)))
    user_data = draw(headers) + draw(st.binary(max_size=140))
    length = (len(user_data) + draw(st.integers(-3, 20))) % 256
    coding = bytes((draw(st.integers(0, 255)), draw(codings)))
    return first + draw(addresses) + coding + between + bytes((length,)) + user_data


@st.composite
def nearly_reports(draw: st.DrawFn) -> bytes:
    first = bytes((draw(st.integers(0, 63)) << 2 | 0b10, draw(st.integers(0, 255))))
    indicator = draw(st.sampled_from([b"", b"\x00", b"\x07", b"\x04", b"\x06", b"\x0f", b"\x87\x00"]))
    tail = bytes((0, draw(codings), draw(st.integers(0, 40)))) + draw(headers) + draw(st.binary(max_size=40))
    return first + draw(addresses) + draw(st.binary(min_size=15, max_size=15)) + indicator + tail


submissions = nearly_tpdus(0b01, True, (0, 1, 7))
deliveries = nearly_tpdus(0b00, False, (7,))


def check(decode: Callable[[bytes], SmsSubmit | SmsDeliver | SmsStatusReport], data: bytes) -> None:
    try:
        record = decode(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert decode(record.encode()) == record
    content = record.content or Content()
    assert (record.text is None) == (record.content is None or content.data is not None)
    assert (content.header is not None) == content.has_header
    content.take_apart()


@given(octets | submissions)
def test_submissions_decode_or_say_why_not(data: bytes) -> None:
    check(SmsSubmit.decode, data)


@given(octets | deliveries)
def test_deliveries_decode_or_say_why_not(data: bytes) -> None:
    check(SmsDeliver.decode, data)


@given(octets | nearly_reports())
def test_reports_decode_or_say_why_not(data: bytes) -> None:
    check(SmsStatusReport.decode, data)


@given(st.binary(max_size=14) | st.builds(lambda kind, rest: kind + rest, addresses, st.binary(max_size=3)))
def test_addresses_decode_or_say_why_not(data: bytes) -> None:
    try:
        address = Address.decode(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert Address.decode(address.encode()) == address
    str(address)


@given(st.binary(max_size=20))
def test_service_centres_split_or_say_why_not(data: bytes) -> None:
    try:
        _, tpdu = split_service_centre(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert data.endswith(tpdu)


@pytest.mark.parametrize(
    ("decode", "whole"),
    [
        (SmsSubmit.decode, "59070b916407281553f8000842607021436500" + "08" + "0500030702014e2d"),
        (SmsDeliver.decode, "440b916407281553f8000042607021436500" + "08" + "050003070201c2"),
        (SmsStatusReport.decode, "46070b916407281553f8426070214365004260702143650000" + "07000008" + "050003070201c2"),
    ],
)
def test_every_beginning_of_a_tpdu_says_where_it_ends(
    decode: Callable[[bytes], SmsSubmit | SmsDeliver | SmsStatusReport], whole: str
) -> None:
    data = bytes.fromhex(whole)
    assert decode(data).encode() == data
    for end in range(len(data)):
        if decode == SmsStatusReport.decode and end == 25:
            continue  # a report may end with its status
        with pytest.raises(UserDataError) as caught:
            decode(data[:end])
        assert caught.value.offset <= end
