"""The provider's five zones: which region is in which, and how well that is known."""

import csv
from collections.abc import Mapping
from typing import Any

SOURCES = ("reach_zones.csv",)
PACKAGES: tuple[str, ...] = ()

ZONES = ("1", "2", "3", "4", "5")
MARKS = ("inferred", "assumed", "unknown")


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Map each region to its zone, the mark of that, and the note."""
    lines = [line for line in sources["reach_zones.csv"].splitlines() if not line.startswith("#")]
    table: dict[str, tuple[int | None, str, str]] = {}
    for row in csv.DictReader(lines, restkey="more", strict=True):
        region, zone, mark = row["region"], row["zone"], row["mark"]
        if "more" in row or mark not in MARKS or (zone not in ZONES if mark != "unknown" else zone != ""):
            raise ValueError(f"reach_zones.csv: not a row: {row!r}")
        if region in table:
            raise ValueError(f"reach_zones.csv: {region} has two rows")
        table[region] = int(zone) if zone else None, mark, row["note"]
    return {"reach_zones.py": {"REACH_ZONES: Final[dict[str, tuple[int | None, str, str]]]": table}}
