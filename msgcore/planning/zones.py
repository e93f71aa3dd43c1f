"""Which of the provider's five zones a region is in; a zone decides about reach and price.

How this works: the provider's table of countries and zones is not public, so the zones are configuration. What comes
with msgcore holds the little that can be defended; whoever has the table brings it, and it replaces ours as a whole. A
region that stands in neither is *unassigned*: that is said, and never guessed.

Source: Messaging V2, international reach (five zones; zone 1 is switched on wherever SMS is).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final, Self

from msgcore.errors import LocalError
from msgcore.planning.csv_tables import read_table
from msgcore.tables.generated.reach_zones import REACH_ZONES

ZONES: Final = (1, 2, 3, 4, 5)

_REGION = re.compile(r"[A-Z]{2}")


class Zones(Mapping[str, int]):
    """Regions (ISO 3166-1 alpha-2, as ``PhoneNumber.region`` has them) and their zones, 1 to 5.

    >>> zones = Zones({"US": 1, "CA": 1, "GB": 3})
    >>> zones["GB"], zones.get("FR")
    (3, None)

    A mapping that does not change. Whatever is not in it is unassigned, and so is a number that belongs to no country.

    Raises:
        LocalError: a region is not two capital letters, or a zone is not 1 to 5.
    """

    __slots__ = ("_zones",)

    def __init__(self, zones: Mapping[str, int]) -> None:
        for region, zone in zones.items():
            if type(region) is not str or type(zone) is not int:
                raise TypeError(f"zones must map str to int, not {region!r} to {zone!r}")
            if not _REGION.fullmatch(region):
                raise LocalError(f"region must be an ISO 3166-1 code of two capital letters, not {region!r}")
            if zone not in ZONES:
                raise LocalError(f"the zone of {region} must be 1 to 5, not {zone}")
        self._zones = dict(sorted(zones.items()))

    @classmethod
    def from_csv(cls, text: str) -> Self:
        """Read a table with the columns ``region`` and ``zone``; ``mark`` and ``note`` may stand there too.

        >>> Zones.from_csv("region,zone\\nUS,1\\nGB,3\\n")
        Zones({'GB': 3, 'US': 1})

        An empty zone is unassigned, which may be worth a row for its note. Lines that begin with ``#`` are comments.

        Raises:
            LocalError: the table cannot be read; the message names the line.
        """
        zones: dict[str, int] = {}
        seen: set[str] = set()
        for line, values in read_table(text, "zones", needed=("region", "zone"), optional=("mark", "note")):
            region, zone = values["region"], values["zone"]
            if not _REGION.fullmatch(region):
                raise LocalError(f"zones, line {line}: region must be two capital letters (ISO 3166-1), not {region!r}")
            if zone not in ("", *map(str, ZONES)):
                raise LocalError(f"zones, line {line}: zone must be 1 to 5, or empty, not {zone!r}")
            if region in seen:
                raise LocalError(f"zones, line {line}: {region} stands there twice")
            seen.add(region)
            if zone:
                zones[region] = int(zone)
        return cls(zones)

    def __getitem__(self, region: str) -> int:
        return self._zones[region]

    def __iter__(self) -> Iterator[str]:
        return iter(self._zones)

    def __len__(self) -> int:
        return len(self._zones)

    def __hash__(self) -> int:
        return hash(tuple(self._zones.items()))

    def __repr__(self) -> str:
        return f"Zones({self._zones})"


DEFAULT_ZONES: Final = Zones({region: zone for region, (zone, _, _) in REACH_ZONES.items() if zone is not None})
"""What can be defended: US (inferred) and CA (assumed) in zone 1. Bring the table of your contract for the rest."""

ZONE_MARKS: Final[Mapping[str, str]] = {region: mark for region, (_, mark, _) in REACH_ZONES.items()}
"""How well each row of the default zones is known: ``inferred``, ``assumed`` or ``unknown``."""

__all__ = ["DEFAULT_ZONES", "ZONES", "ZONE_MARKS", "Zones"]
