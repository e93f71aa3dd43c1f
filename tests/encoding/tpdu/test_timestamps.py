"""Times and validity periods, by examples."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from msgcore.encoding.tpdu import EnhancedValidity, RelativeValidity, Timestamp


@pytest.mark.parametrize(
    ("octets", "text", "quarters"),
    [
        ("99309251619580", "1999-03-29T15:16:59+02:00", 8),
        ("11506001000040", "2011-05-06T10:00:00+01:00", 4),
        ("20307090305500", "2002-03-07T09:03:55+00:00", 0),
        ("4210103254748a", "2024-01-01T23:45:47-07:00", -28),
        ("98212132959597", "2089-12-12T23:59:59+19:45", 79),
    ],
)
def test_timestamps_encode_and_decode(octets: str, text: str, quarters: int) -> None:
    moment = datetime.fromisoformat(text)
    stamp = Timestamp.of(moment)
    assert (stamp.octets.hex(), stamp.quarters, str(stamp)) == (octets, quarters, text)
    assert stamp.moment == moment
    assert stamp.moment.utcoffset() == moment.utcoffset()


@pytest.mark.parametrize("octets", ["00000000000000", "42200300000000"])
def test_what_is_no_date_is_kept_and_has_no_moment(octets: str) -> None:
    stamp = Timestamp(bytes.fromhex(octets))
    assert stamp.moment is None
    assert str(stamp) == stamp.octets.hex(" ")


def test_a_half_octet_that_is_no_digit_counts_as_nought() -> None:
    stamp = Timestamp(bytes.fromhex("421010fafafafa"))
    assert str(stamp).startswith("2024-01-01T00:00:00")


def test_east_and_west_of_the_same_moment_are_other_octets() -> None:
    moment = datetime(2024, 6, 7, 12, tzinfo=UTC)
    west = Timestamp.of(moment.astimezone(timezone(timedelta(hours=-3, minutes=-30))))
    assert west.octets[-1] == 0x49
    assert west.moment == moment
    assert west != Timestamp.of(moment)


@pytest.mark.parametrize(
    ("moment", "message"),
    [
        (datetime(2024, 6, 7), "needs a zone"),  # noqa: DTZ001 - that is the point
        (datetime(2024, 6, 7, tzinfo=timezone(timedelta(minutes=10))), "quarters of an hour"),
        (datetime(2024, 6, 7, tzinfo=timezone(timedelta(hours=20))), "up to 19:45"),
        (datetime(2090, 1, 1, tzinfo=UTC), "year must be 1990 to 2089, not 2090"),
        (datetime(1989, 1, 1, tzinfo=UTC), "year must be 1990 to 2089, not 1989"),
    ],
)
def test_a_moment_that_cannot_be_written_is_refused(moment: datetime, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Timestamp.of(moment)


def test_another_number_of_octets_is_refused() -> None:
    with pytest.raises(ValueError, match="7 octets, got 6"):
        Timestamp(bytes(6))
    with pytest.raises(ValueError, match="7 octets, got 8"):
        EnhancedValidity(bytes(8))


RELATIVE = [
    (0, timedelta(minutes=5)),
    (1, timedelta(minutes=10)),
    (143, timedelta(hours=12)),
    (144, timedelta(hours=12, minutes=30)),
    (167, timedelta(hours=24)),
    (168, timedelta(days=2)),
    (170, timedelta(days=4)),
    (196, timedelta(days=30)),
    (197, timedelta(weeks=5)),
    (255, timedelta(weeks=63)),
]


@pytest.mark.parametrize(("octet", "duration"), RELATIVE)
def test_relative_validity(octet: int, duration: timedelta) -> None:
    assert RelativeValidity(octet).duration == duration
    assert RelativeValidity.of(duration) == RelativeValidity(octet)


@pytest.mark.parametrize(
    ("duration", "octet"),
    [(timedelta(microseconds=1), 0), (timedelta(minutes=5, seconds=1), 1), (timedelta(hours=24, seconds=1), 168)],
)
def test_relative_validity_is_never_shorter_than_asked(duration: timedelta, octet: int) -> None:
    assert RelativeValidity.of(duration).octet == octet


def test_relative_validity_grows_with_its_octet() -> None:
    durations = [RelativeValidity(octet).duration for octet in range(256)]
    assert durations == sorted(set(durations))
    assert [RelativeValidity.of(duration).octet for duration in durations] == list(range(256))


@pytest.mark.parametrize("duration", [timedelta(), timedelta(seconds=-1), timedelta(weeks=63, seconds=1)])
def test_no_relative_validity_for(duration: timedelta) -> None:
    with pytest.raises(ValueError, match="validity period"):
        RelativeValidity.of(duration)
    with pytest.raises(ValueError, match="validity period"):
        EnhancedValidity.of(duration)


@pytest.mark.parametrize(
    ("octets", "duration", "single_shot"),
    [
        ("00000000000000", None, False),
        ("40000000000000", None, True),
        ("01ff0000000000", timedelta(weeks=63), False),
        ("02010000000000", timedelta(seconds=1), False),
        ("42ff0000000000", timedelta(seconds=255), True),
        ("03002161000000", timedelta(minutes=12, seconds=16), False),
        ("03999595000000", timedelta(hours=99, minutes=59, seconds=59), False),
    ],
)
def test_enhanced_validity(octets: str, duration: timedelta | None, single_shot: bool) -> None:
    validity = EnhancedValidity(bytes.fromhex(octets))
    assert (validity.duration, validity.single_shot) == (duration, single_shot)
    assert EnhancedValidity.of(duration, single_shot=single_shot) == validity


@pytest.mark.parametrize(
    ("octets", "duration"),
    [
        ("02000000000000", None),  # 0 seconds are reserved
        ("07ff0000000000", None),  # so is this form
        ("82003c00000000", timedelta(seconds=60)),  # behind another octet of indications
        ("ffffffffffffff", None),
    ],
)
def test_enhanced_validity_of_others(octets: str, duration: timedelta | None) -> None:
    assert EnhancedValidity(bytes.fromhex(octets)).duration == duration


def test_enhanced_validity_counts_whole_seconds() -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        EnhancedValidity.of(timedelta(seconds=1.5))
