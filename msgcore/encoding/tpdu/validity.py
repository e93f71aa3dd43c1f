"""Validity periods, TP-VP: how long the service centre tries to deliver (3GPP TS 23.040, 9.2.3.12).

Three forms: relative in one octet of growing steps, absolute as a ``Timestamp``, enhanced in seven octets.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

from msgcore.encoding.tpdu.fields import as_declared, check_fields, check_octet
from msgcore.encoding.tpdu.timestamps import Timestamp, read_decimal, write_decimal

# 9.2.3.12.1: the last octet of each range, its step, and the value that a step count of 0 would have.
_RANGES: Final = (
    (143, timedelta(minutes=5), -1, timedelta()),
    (167, timedelta(minutes=30), 143, timedelta(hours=12)),
    (196, timedelta(days=1), 166, timedelta()),
    (255, timedelta(weeks=1), 192, timedelta()),
)

ENHANCED_OCTETS: Final = 7
_EXTENSION: Final = 0x80
_SINGLE_SHOT: Final = 0x40
_FORM: Final = 0b111
_FORM_RELATIVE, _FORM_SECONDS, _FORM_CLOCK = 0b001, 0b010, 0b011


@dataclass(frozen=True, slots=True)
class RelativeValidity:
    """A time from when the service centre received the message, as its octet.

    >>> str(RelativeValidity(167).duration)
    '1 day, 0:00:00'
    >>> RelativeValidity.of(timedelta(hours=13))
    RelativeValidity(octet=145)
    """

    octet: int

    def __post_init__(self) -> None:
        """Refuse what is no octet."""
        check_fields(self)
        check_octet("relative validity", self.octet)

    @classmethod
    def of(cls, duration: timedelta) -> Self:
        """Return the shortest that is not shorter than ``duration``: 5 minutes to 63 weeks.

        Raises:
            ValueError: the duration is not positive, or longer than 63 weeks.
        """
        as_declared("duration", duration, timedelta)
        if duration <= timedelta():
            raise ValueError(f"a validity period must be positive, not {duration}")
        for last, step, before, base in _RANGES:
            octet = before - (base - duration) // step  # rounds up
            if octet <= last:
                return cls(octet)
        raise ValueError(f"a validity period is at most 63 weeks, not {duration}")

    @property
    def duration(self) -> timedelta:
        """How long that is."""
        _, step, before, base = next(row for row in _RANGES if self.octet <= row[0])
        return base + (self.octet - before) * step


@dataclass(frozen=True, slots=True)
class EnhancedValidity:
    """Seven octets: what they hold, whether to try only once, and a time (3GPP TS 23.040, 9.2.3.12.3).

    >>> EnhancedValidity.of(timedelta(seconds=90), single_shot=True).octets.hex(" ")
    '42 5a 00 00 00 00 00'
    >>> str(EnhancedValidity.of(timedelta(hours=20)).duration)
    '20:00:00'
    """

    octets: bytes

    def __post_init__(self) -> None:
        """Refuse another number of octets."""
        check_fields(self)
        if len(self.octets) != ENHANCED_OCTETS:
            raise ValueError(f"an enhanced validity has {ENHANCED_OCTETS} octets, got {len(self.octets)}")

    @classmethod
    def of(cls, duration: timedelta | None = None, *, single_shot: bool = False) -> Self:
        """Return the exact form of a duration: up to 255 seconds as such, up to 99:59:59 as hours, minutes, seconds.

        Longer ones take the steps of the relative form, rounded up. None leaves the period to the service centre.

        Raises:
            ValueError: the duration is not positive, has a fraction of a second, or is longer than 63 weeks.
        """
        as_declared("duration", duration, timedelta, type(None))
        form, value = _write_duration(duration)
        indicator = form | (_SINGLE_SHOT if single_shot else 0)
        return cls((bytes((indicator,)) + value).ljust(ENHANCED_OCTETS, b"\x00"))

    @property
    def single_shot(self) -> bool:
        """Whether delivery is tried only once."""
        return bool(self.octets[0] & _SINGLE_SHOT)

    @property
    def duration(self) -> timedelta | None:
        """How long, or None where none is given, or by a form that is reserved."""
        # Bit 7 set: another octet of indications follows the first.
        extensions = 0
        while extensions < ENHANCED_OCTETS and self.octets[extensions] & _EXTENSION:
            extensions += 1
        value = self.octets[extensions + 1 :]
        form = self.octets[0] & _FORM
        if form == _FORM_RELATIVE and value:
            return RelativeValidity(value[0]).duration
        if form == _FORM_SECONDS and value and value[0]:  # 0 seconds are reserved
            return timedelta(seconds=value[0])
        if form == _FORM_CLOCK and len(value) >= 3:
            hours, minutes, seconds = map(read_decimal, value[:3])
            return timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return None


def _write_duration(duration: timedelta | None) -> tuple[int, bytes]:
    if duration is None:
        return 0, b""
    seconds, fraction = divmod(duration, timedelta(seconds=1))
    if seconds >= 100 * 3600:
        return _FORM_RELATIVE, bytes((RelativeValidity.of(duration).octet,))
    if fraction or seconds <= 0:
        raise ValueError(f"a validity period must be a positive number of whole seconds, not {duration}")
    if seconds <= 0xFF:
        return _FORM_SECONDS, bytes((seconds,))
    return _FORM_CLOCK, bytes(map(write_decimal, (seconds // 3600, seconds // 60 % 60, seconds % 60)))


ValidityPeriod = RelativeValidity | EnhancedValidity | Timestamp

__all__ = ["EnhancedValidity", "RelativeValidity", "ValidityPeriod"]
