"""TPDUs and the fields that have decoders of their own."""

from collections.abc import Callable
from datetime import timedelta

from msgcore.encoding.tpdu import (
    Address,
    Content,
    EnhancedValidity,
    SmsDeliver,
    SmsStatusReport,
    SmsSubmit,
    Timestamp,
    split_service_centre,
)
from msgcore.errors import UserDataError
from tests.fuzz.target import Target

Record = SmsSubmit | SmsDeliver | SmsStatusReport


def check_record(decode: Callable[[bytes], Record], data: bytes) -> None:
    """Decode a TPDU and write it again."""
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


def check_submit(data: bytes) -> None:
    check_record(SmsSubmit.decode, data)


def check_deliver(data: bytes) -> None:
    check_record(SmsDeliver.decode, data)


def check_report(data: bytes) -> None:
    check_record(SmsStatusReport.decode, data)


def check_address(data: bytes) -> None:
    try:
        address = Address.decode(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert Address.decode(address.encode()) == address
    str(address)


def check_service_centre(data: bytes) -> None:
    try:
        _, tpdu = split_service_centre(data)
    except UserDataError as error:
        assert 0 <= error.offset <= len(data)
        return
    assert data.endswith(tpdu)


def check_seven_octets(data: bytes) -> None:
    """A time stamp and an enhanced validity are any seven octets; what they say may be nothing."""
    octets = data[:7].ljust(7, b"\0")
    stamp = Timestamp(octets)
    moment = stamp.moment
    assert moment is None or Timestamp.of(moment).moment == moment
    assert -79 <= stamp.quarters <= 79
    str(stamp)
    validity = EnhancedValidity(octets)
    duration = validity.duration
    if duration:  # beyond 99:59:59 only the steps of the relative form are left
        again = EnhancedValidity.of(duration, single_shot=validity.single_shot).duration
        assert again is not None
        assert again == duration or again > duration >= timedelta(hours=100)


SUBMIT = bytes.fromhex("59070b916407281553f8000842607021436500" + "08" + "0500030702014e2d")
DELIVER = bytes.fromhex("440b916407281553f8000042607021436500" + "08" + "050003070201c2")
REPORT = bytes.fromhex("46070b916407281553f8426070214365004260702143650000" + "07000008" + "050003070201c2")

TARGETS = {
    "submit": Target(check_submit, (SUBMIT, bytes.fromhex("01000b916407281553f8000005e8329bfd06"))),
    "deliver": Target(check_deliver, (DELIVER, bytes.fromhex("040ed0d637396c7ebbcb0000426070214365000141"))),
    "report": Target(check_report, (REPORT, bytes.fromhex("06050b916407281553f8115060010000401150600100104000"))),
    "address": Target(check_address, tuple(map(bytes.fromhex, ("0181f1", "0b916407281553f8", "0ed0d637396c7ebbcb")))),
    "service_centre": Target(check_service_centre, (b"\0" + SUBMIT, bytes.fromhex("07911326040000f0") + DELIVER)),
    "seven_octets": Target(check_seven_octets, tuple(map(bytes.fromhex, ("99309251619580", "425a0000000000")))),
}
