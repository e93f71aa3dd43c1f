"""Look-alikes of GSM-7 characters, for ``to_gsm7``."""

import re
from collections.abc import Mapping
from typing import Any

SOURCES = ("lookalikes.txt",)
PACKAGES: tuple[str, ...] = ()

ROW = re.compile(r"U\+([0-9A-F]{4,6}) (-|U\+[0-9A-F+U]+) [A-Z0-9 -]+; (.+)")


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Map each character to what stands in for it and why."""
    table: dict[str, tuple[str, str]] = {}
    for line in sources["lookalikes.txt"].splitlines():
        if line.startswith("#"):
            continue
        row = ROW.fullmatch(line)
        if row is None:
            raise ValueError(f"lookalikes.txt: not a row: {line!r}")
        point, replacement, reason = row.groups()
        character = chr(int(point, 16))
        if character in table:
            raise ValueError(f"lookalikes.txt: U+{point} has two rows")
        table[character] = ("".join(chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-F]+)", replacement)), reason)
    return {"lookalikes.py": {"LOOKALIKES: Final[dict[str, tuple[str, str]]]": table}}
