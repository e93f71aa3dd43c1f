"""Which zone a recipient lies in: five zones are known, their countries are not.

The provider's table of countries and zones is not published. What is known: there are five zones, zone 1 cannot be
switched off, so it holds the home market. Hence the map is configuration, and this default holds only the United
States (inferred) and Canada (ASSUMED: the same numbering plan). Every other country is *unassigned* and fails with
4432, unless a map of your own says otherwise.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgcore.errors import LocalError

UNASSIGNED: Final = 0
ZONES: Final = (1, 2, 3, 4, 5)

# Calling code 1 is the North American Numbering Plan, which more countries share. These area codes are theirs (NANPA,
# "NPA database": location outside the US, its territories and Canada).
_OTHER_COUNTRIES: Final = (
    "242 246 264 268 284 345 441 473 649 658 664 721 758 767 784 809 829 849 868 869 876"
).split()  # fmt: skip

HOME_ZONES: Final[Mapping[str, int]] = {"1": 1, **{f"1{area_code}": UNASSIGNED for area_code in _OTHER_COUNTRIES}}
"""By the digits a number begins with; of several beginnings the longest counts."""


LONGEST: Final = 15
"""Digits of an E.164 number."""


def zone_of(number: str, zones: Mapping[str, int] = HOME_ZONES, longest: int = LONGEST) -> int:
    """Return the zone of an E.164 number, 0 where none is assigned; no beginning has more than ``longest`` digits.

    >>> [zone_of(number) for number in ("+19195550123", "+525512345678", "+12425550123")]
    [1, 0, 0]
    """
    for end in range(min(len(number), longest + 1), 1, -1):
        zone = zones.get(number[1:end])
        if zone is not None:
            return zone
    return UNASSIGNED


def check_zones(zones: Iterable[int]) -> frozenset[int]:
    """Return the zones a location may reach; LocalError unless they are some of 1 to 5, zone 1 among them."""
    found = frozenset(zones)
    if not found <= set(ZONES):
        raise LocalError(f"zones: expected some of 1 to 5, got {sorted(found)}")
    if 1 not in found:
        raise LocalError(f"zones: zone 1 is part of every location that sends SMS, got {sorted(found)}")
    return found


def check_zone_map(zone_map: Mapping[str, int]) -> None:
    """Refuse a map that could never be what somebody meant: LocalError unless it leads from digits to 0 to 5."""
    for beginning, zone in zone_map.items():
        if not (beginning.isascii() and beginning.isdigit() and len(beginning) <= LONGEST):
            raise LocalError(f"zone_map: expected the first digits of numbers, got {beginning!r}")
        if zone != UNASSIGNED and zone not in ZONES:
            raise LocalError(f"zone_map: {beginning!r}: expected a zone of 1 to 5, or 0 for none, got {zone!r}")
