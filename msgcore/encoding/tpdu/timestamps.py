"""Times in a TPDU: the service centre's time stamp, and every other field of that form (3GPP TS 23.040, 9.2.3.11).

How this works. Seven octets: year, month, day, hour, minute, second, zone, each two decimal digits, the first in the
low half. The zone is counted in quarters of an hour; bit 3 of its octet is the sign, set for west of Greenwich.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final, Self

from msgcore.encoding.tpdu.fields import as_declared, check_fields

OCTET_COUNT: Final = 7

# Two digits of a year are all there is. The first short message was sent in 1992.
_FIRST_YEAR: Final = 1990

_WEST: Final = 0x08
_QUARTER: Final = timedelta(minutes=15)
_MAX_QUARTERS: Final = 79  # the first digit shares its half octet with the sign


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A time as it stands in a TPDU, seven octets kept as they came.

    >>> stamp = Timestamp(bytes.fromhex("99309251619580"))
    >>> str(stamp)
    '1999-03-29T15:16:59+02:00'
    >>> stamp.quarters
    8

    9.2.3.11: a half octet that is no digit counts as 0, but the field is stored exactly as received. What is no date
    after that (some service centres send zeros) has no ``moment``.
    """

    octets: bytes

    def __post_init__(self) -> None:
        """Refuse another number of octets."""
        check_fields(self)
        if len(self.octets) != OCTET_COUNT:
            raise ValueError(f"a timestamp has {OCTET_COUNT} octets, got {len(self.octets)}")

    @classmethod
    def of(cls, moment: datetime) -> Self:
        """Return ``moment`` to the second, in its own zone.

        Raises:
            ValueError: there is no zone, it is no number of quarters up to 19:45, or the year is not 1990 to 2089.
        """
        as_declared("moment", moment, datetime)
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError(f"a timestamp needs a zone, {moment.isoformat()} has none")
        quarters, rest = divmod(abs(offset), _QUARTER)
        if rest or quarters > _MAX_QUARTERS:
            raise ValueError(f"a zone must be quarters of an hour up to 19:45, not {offset}")
        if not _FIRST_YEAR <= moment.year < _FIRST_YEAR + 100:
            raise ValueError(f"year must be {_FIRST_YEAR} to {_FIRST_YEAR + 99}, not {moment.year}")
        numbers = (moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        zone = write_decimal(quarters) | (_WEST if offset < timedelta() else 0)
        return cls(bytes((*map(write_decimal, numbers), zone)))

    @property
    def quarters(self) -> int:
        """The zone in quarters of an hour, negative west of Greenwich."""
        zone = self.octets[-1]
        quarters = read_decimal(zone & ~_WEST)
        return -quarters if zone & _WEST else quarters

    @property
    def moment(self) -> datetime | None:
        """The time with its zone, or None where the digits are no date."""
        year, month, day, hour, minute, second = map(read_decimal, self.octets[:-1])
        year += _FIRST_YEAR // 100 * 100
        if year < _FIRST_YEAR:
            year += 100
        try:
            return datetime(year, month, day, hour, minute, second, tzinfo=timezone(self.quarters * _QUARTER))
        except ValueError:
            return None

    def __str__(self) -> str:
        moment = self.moment
        return self.octets.hex(" ") if moment is None else moment.isoformat()


def write_decimal(number: int) -> int:
    """Return the octet of two decimal digits, the first in the low half.

    >>> hex(write_decimal(42))
    '0x24'
    """
    tens, ones = divmod(number, 10)
    return ones << 4 | tens


def read_decimal(octet: int) -> int:
    """Read two decimal digits, the first in the low half; what is no digit counts as 0."""
    tens, ones = (half if half <= 9 else 0 for half in (octet & 0xF, octet >> 4))
    return tens * 10 + ones


__all__ = ["Timestamp"]
