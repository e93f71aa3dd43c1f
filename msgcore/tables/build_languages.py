"""National languages: 13 single shift and 12 locking shift tables, each typed once; characters get a slot of their own.

How this works. Every character of any table has a slot, a small number; 0 is for characters that no table has. By slot
two bit masks say which locking tables and which single shift tables hold it, so that one walk over a text finds every
pair of tables that can carry it. Bit 0, and table 0, are the default alphabet and its extension table.
"""

import re
from collections.abc import Mapping
from typing import Any

# 3GPP TS 23.038, 6.2.1.2.4: national language identifiers; 0 is reserved.
IDENTIFIERS = {
    "turkish": 1,
    "spanish": 2,
    "portuguese": 3,
    "bengali": 4,
    "gujarati": 5,
    "hindi": 6,
    "kannada": 7,
    "malayalam": 8,
    "oriya": 9,
    "punjabi": 10,
    "tamil": 11,
    "telugu": 12,
    "urdu": 13,
}
WITHOUT_LOCKING_SHIFT = {"spanish"}  # annex A.3.2 is void: Spanish locks into the default alphabet

SINGLE_SHIFT = {name: f"single_shift_{name}.txt" for name in IDENTIFIERS}
LOCKING_SHIFT = {name: f"locking_shift_{name}.txt" for name in IDENTIFIERS if name not in WITHOUT_LOCKING_SHIFT}
DEFAULT, EXTENSION = "gsm7_default.txt", "gsm7_extension.txt"
SOURCES = (DEFAULT, EXTENSION, *SINGLE_SHIFT.values(), *LOCKING_SHIFT.values())
PACKAGES: tuple[str, ...] = ()

ESCAPE = 0x1B
CONTROL = 0x0D  # of a single shift table: never a character of a language
NOTHING = 0xFFFF  # a code that a table leaves empty
TABLES = 1 + len(IDENTIFIERS)
PAGE = 256


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Derive what the kernel reads: septet to character as typed, character to slot, slot to septet turned around."""
    locking = {0: parse(sources[DEFAULT])}
    single = {0: parse(sources[EXTENSION])}
    for name, identifier in IDENTIFIERS.items():
        single[identifier] = parse(sources[SINGLE_SHIFT[name]])
        if name in LOCKING_SHIFT:
            locking[identifier] = parse(sources[LOCKING_SHIFT[name]])
    check(locking, single)
    characters = sorted({point for table in (*locking.values(), *single.values()) for point in table.values()})
    slots = {point: slot for slot, point in enumerate(characters, start=1)}
    page_of, pages = two_stages(slots)
    size = 1 + len(slots)
    return {
        "languages.h": {
            "NATIONAL_NOTHING": NOTHING,
            "NATIONAL_LOCKING_TABLES": sum(1 << number for number in locking),  # one bit each
            # Septet to character, by language; Spanish has the default alphabet.
            f"unsigned short NATIONAL_LOCKING[{TABLES * 128}]": decoders(locking, locking[0]),
            f"unsigned short NATIONAL_SINGLE[{TABLES * 128}]": decoders(single, {}),
            # Character to slot, for the basic plane.
            "unsigned char NATIONAL_PAGE[256]": page_of,
            f"unsigned short NATIONAL_SLOTS[{len(pages)}]": pages,
            # Slot to tables that hold it, one bit each; to its septet in each of them (language * SLOT_COUNT + slot).
            "NATIONAL_SLOT_COUNT": size,
            f"unsigned short NATIONAL_LOCKING_MASK[{size}]": masks(locking, slots),
            f"unsigned short NATIONAL_SINGLE_MASK[{size}]": masks(single, slots),
            f"unsigned char NATIONAL_LOCKING_SEPTET[{TABLES * size}]": encoders(locking, slots),
            f"unsigned char NATIONAL_SINGLE_SEPTET[{TABLES * size}]": encoders(single, slots),
        },
        "languages.py": {
            "IDENTIFIERS: Final[dict[str, int]]": IDENTIFIERS,
            "WITHOUT_LOCKING_SHIFT: Final[tuple[str, ...]]": tuple(sorted(WITHOUT_LOCKING_SHIFT)),
        },
    }


def parse(source: str) -> dict[int, int]:
    """Read rows such as ``0x47 U+011E LATIN ...``; the escape's row has no character."""
    rows = [line.split(maxsplit=2) for line in source.splitlines() if line and not line.startswith("#")]
    codes = [int(row[0], 16) for row in rows]
    if codes != sorted(set(codes)) or not set(codes) <= set(range(128)):
        raise ValueError("one row a code, in order, 0x00 to 0x7F")
    return {int(row[0], 16): int(row[1][2:], 16) for row in rows if re.fullmatch(r"U\+[0-9A-F]{4}", row[1])}


def check(locking: Mapping[int, Mapping[int, int]], single: Mapping[int, Mapping[int, int]]) -> None:
    """Refuse what no table may be: the escape and the control are no characters, a line can be ended in all."""
    for table in (*locking.values(), *single.values()):
        if ESCAPE in table:
            raise ValueError("0x1B is the escape and no character")
    for table in single.values():
        if CONTROL in table:
            raise ValueError("0x0D of a single shift table is a control and no character")
        if not single[0].items() <= table.items():
            raise ValueError("a single shift table holds the default extension table")
    for table in locking.values():
        if (table.get(0x0A), table.get(0x0D), table.get(0x20)) != (0x0A, 0x0D, 0x20):
            raise ValueError(
                "a locking shift table has line feed, carriage return and space where the default has them"
            )


def decoders(tables: Mapping[int, Mapping[int, int]], missing: Mapping[int, int]) -> list[int]:
    """Lay the tables out one after the other, 128 codes each."""
    return [tables.get(number, missing).get(code, NOTHING) for number in range(TABLES) for code in range(128)]


def encoders(tables: Mapping[int, Mapping[int, int]], slots: Mapping[int, int]) -> list[int]:
    """Turn the tables around, by slot. Where a character stands twice, the lowest code wins."""
    rows = []
    for number in range(TABLES):
        row = [0] * (1 + len(slots))
        for code, point in sorted(tables.get(number, {}).items(), reverse=True):
            row[slots[point]] = code
        rows += row
    return rows


def masks(tables: Mapping[int, Mapping[int, int]], slots: Mapping[int, int]) -> list[int]:
    """Return for each slot the tables that hold its character, one bit each."""
    held = {number: set(table.values()) for number, table in tables.items()}
    return [0] + [sum(1 << number for number, points in held.items() if point in points) for point in slots]


def two_stages(slots: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """Split the basic plane into pages of 256 entries and keep each different page once."""
    pages: list[list[int]] = []
    page_of = []
    for start in range(0, 0x10000, PAGE):
        page = [slots.get(point, 0) for point in range(start, start + PAGE)]
        if page not in pages:
            pages.append(page)
        page_of.append(pages.index(page))
    return page_of, [entry for page in pages for entry in page]
