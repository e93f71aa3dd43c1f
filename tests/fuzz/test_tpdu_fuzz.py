"""TPDUs from anywhere: accepted, or a UserDataError with a place inside what was given."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding.tpdu import SmsDeliver, SmsStatusReport, SmsSubmit
from msgcore.errors import UserDataError
from tests.fuzz import tpdu

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


@given(octets | submissions)
def test_submissions_decode_or_say_why_not(data: bytes) -> None:
    tpdu.check_submit(data)


@given(octets | deliveries)
def test_deliveries_decode_or_say_why_not(data: bytes) -> None:
    tpdu.check_deliver(data)


@given(octets | nearly_reports())
def test_reports_decode_or_say_why_not(data: bytes) -> None:
    tpdu.check_report(data)


@given(st.binary(max_size=14) | st.builds(lambda kind, rest: kind + rest, addresses, st.binary(max_size=3)))
def test_addresses_decode_or_say_why_not(data: bytes) -> None:
    tpdu.check_address(data)


@given(st.binary(max_size=20))
def test_service_centres_split_or_say_why_not(data: bytes) -> None:
    tpdu.check_service_centre(data)


@pytest.mark.parametrize(
    ("decode", "data"),
    [(SmsSubmit.decode, tpdu.SUBMIT), (SmsDeliver.decode, tpdu.DELIVER), (SmsStatusReport.decode, tpdu.REPORT)],
)
def test_every_beginning_of_a_tpdu_says_where_it_ends(decode: Callable[[bytes], tpdu.Record], data: bytes) -> None:
    assert decode(data).encode() == data
    for end in range(len(data)):
        if decode == SmsStatusReport.decode and end == 25:
            continue  # a report may end with its status
        with pytest.raises(UserDataError) as caught:
            decode(data[:end])
        assert caught.value.offset <= end
