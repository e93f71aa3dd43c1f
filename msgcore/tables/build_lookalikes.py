"""What ``to_gsm7`` writes for characters outside GSM-7: look-alikes, and letters without their accents."""

import re
from collections.abc import Mapping
from typing import Any

LOOKALIKES, UNACCENTED = "lookalikes.txt", "unaccented.txt"
SOURCES = (LOOKALIKES, UNACCENTED)
PACKAGES: tuple[str, ...] = ()

ROW = re.compile(r"U\+([0-9A-F]{4,6}) (-|U\+[0-9A-F]{4,6}(?:\+U\+[0-9A-F]{4,6})*) [A-Z0-9 -]+; (.+)")

Table = dict[str, tuple[str, str]]


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Map each character to what stands in for it and why; the two tables share no character."""
    lookalikes = parse(LOOKALIKES, sources[LOOKALIKES])
    unaccented = parse(UNACCENTED, sources[UNACCENTED])
    for character in lookalikes.keys() & unaccented.keys():
        raise ValueError(f"{UNACCENTED}: U+{ord(character):04X} is a look-alike")
    declared = "Final[dict[str, tuple[str, str]]]"
    return {"lookalikes.py": {f"LOOKALIKES: {declared}": lookalikes, f"UNACCENTED: {declared}": unaccented}}


def parse(name: str, source: str) -> Table:
    """Read rows such as ``U+2026 U+002E+U+002E+U+002E HORIZONTAL ELLIPSIS; ellipsis``."""
    table: Table = {}
    for line in source.splitlines():
        if not line or line.startswith("#"):
            continue
        row = ROW.fullmatch(line)
        if row is None:
            raise ValueError(f"{name}: not a row: {line!r}")
        point, replacement, reason = row.groups()
        character = chr(int(point, 16))
        if character in table:
            raise ValueError(f"{name}: U+{point} has two rows")
        table[character] = ("".join(chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-F]+)", replacement)), reason)
    return table
