"""Grapheme cluster properties of every code point, read through the package regex and compacted."""

import re
from collections.abc import Mapping
from typing import Any

import regex

SOURCES = ("clusters.txt",)
PACKAGES = ("regex",)

# The low four bits of an entry are Grapheme_Cluster_Break, the next two Indic_Conjunct_Break, then one bit for
# Extended_Pictographic. "Other" and "None" are zero.
BREAKS = ("Other", "CR", "LF", "Control", "Extend", "ZWJ", "RI", "Prepend", "SpacingMark", "L", "V", "T", "LV", "LVT")
CONJUNCTS = ("None", "Linker", "Consonant", "Extend")
CONJUNCT_SHIFT = 4
PICTOGRAPHIC = 0x40
PAGE = 128


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Write the properties as a two-stage table, after proving the edition that the package speaks of."""
    edition = prove_edition(sources["clusters.txt"])
    entries = read_properties()
    pages: dict[bytes, int] = {}
    page_of = [
        pages.setdefault(bytes(entries[start : start + PAGE]), len(pages)) for start in range(0, len(entries), PAGE)
    ]
    constants = {f"BREAK_{name.upper()}": number for number, name in enumerate(BREAKS)}
    constants |= {f"CONJUNCT_{name.upper()}": number for number, name in enumerate(CONJUNCTS)}
    width = "char" if len(pages) <= 256 else "short"
    return {
        "clusters.h": constants
        | {
            "CLUSTER_CONJUNCT_SHIFT": CONJUNCT_SHIFT,
            "CLUSTER_PICTOGRAPHIC": PICTOGRAPHIC,
            "CLUSTER_PAGE_SHIFT": PAGE.bit_length() - 1,
            f"unsigned {width} CLUSTER_PAGE[{len(page_of)}]": page_of,
            f"unsigned char CLUSTER_PAGES[{len(pages) * PAGE}]": [entry for page in pages for entry in page],
        },
        "clusters.py": {"UNICODE_VERSION: Final[str]": edition},
    }


def read_properties() -> bytearray:
    """Return one entry a code point."""
    every = "".join(map(chr, range(0x110000)))
    entries = bytearray(len(every))
    for number, name in enumerate(BREAKS[1:], start=1):
        mark(entries, every, rf"\p{{GCB={name}}}", number)
    for number, name in enumerate(CONJUNCTS[1:], start=1):
        mark(entries, every, rf"\p{{InCB={name}}}", number << CONJUNCT_SHIFT)
    mark(entries, every, r"\p{ExtPict}", PICTOGRAPHIC)
    return entries


def mark(entries: bytearray, every: str, pattern: str, bits: int) -> None:
    """Set ``bits`` for the characters that ``pattern`` matches; a property that matches none is a misspelt one."""
    count = 0
    for match in regex.finditer(pattern, every):
        entries[match.start()] |= bits
        count += 1
    if not count:
        raise ValueError(f"{pattern} matches no character")


def prove_edition(source: str) -> str:
    """Return the edition that ``clusters.txt`` names, once regex is seen to know exactly the characters it has."""
    for state, point in re.findall(r"^(assigned|unassigned) U\+([0-9A-F]+)", source, re.MULTILINE):
        known = regex.fullmatch(r"\p{Cn}", chr(int(point, 16))) is None
        if known != (state == "assigned"):
            raise ValueError(f"U+{point} should be {state}: regex speaks of another Unicode edition than clusters.txt")
    edition = re.search(r"^# edition: Unicode (\d+\.\d+\.\d+) ", source, re.MULTILINE)
    if edition is None:
        raise ValueError("clusters.txt: its head must name the edition, as in Unicode 18.0.0")
    return edition[1]
