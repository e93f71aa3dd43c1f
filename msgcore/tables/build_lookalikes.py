"""What ``to_gsm7`` writes for characters outside GSM-7: look-alikes, and letters without their accents.

Also in C, for counting what it would save. There the look-alikes are in an array, for a binary search, and beside them
what composition (Unicode NFC) may turn into something that can be written; everything else is out of reach for certain.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import combining, normalize

LOOKALIKES, UNACCENTED = "lookalikes.txt", "unaccented.txt"
GSM7 = ("gsm7_default.txt", "gsm7_extension.txt")
SOURCES = (LOOKALIKES, UNACCENTED, *GSM7)
PACKAGES: tuple[str, ...] = ()

ROW = re.compile(r"U\+([0-9A-F]{4,6}) (-|U\+[0-9A-F]{4,6}(?:\+U\+[0-9A-F]{4,6})*) [A-Z0-9 -]+; (.+)")
GSM7_ROW = re.compile(r"0x[0-9A-F]{2} U\+([0-9A-F]{4}) ")

BASIC_PLANE = range(0x10000)
SURROGATES = range(0xD800, 0xE000)

Table = dict[str, tuple[str, str]]


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Map each character to what stands in for it and why; the two tables share no character."""
    lookalikes = parse(LOOKALIKES, sources[LOOKALIKES])
    unaccented = parse(UNACCENTED, sources[UNACCENTED])
    for character in lookalikes.keys() & unaccented.keys():
        raise ValueError(f"{UNACCENTED}: U+{ord(character):04X} is a look-alike")
    declared = "Final[dict[str, tuple[str, str]]]"
    gsm7 = {chr(int(row[1], 16)) for name in GSM7 for row in map(GSM7_ROW.match, sources[name].splitlines()) if row}
    return {
        "lookalikes.py": {f"LOOKALIKES: {declared}": lookalikes, f"UNACCENTED: {declared}": unaccented},
        "lookalikes.h": lay_out(lookalikes, gsm7),
    }


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


def lay_out(table: Table, gsm7: set[str]) -> dict[str, Any]:
    """Write the replacements one after the other, in the order of the characters."""
    reachable = gsm7 | table.keys()
    undecided = composing(reachable)
    characters = sorted(table.keys() - undecided)
    if ord(characters[-1]) not in BASIC_PLANE:
        raise ValueError(f"{LOOKALIKES}: U+{ord(characters[-1]):04X} is beyond what the arrays hold")
    starts, units = [0], []
    for character in characters:
        units += [ord(unit) for unit in table[character][0]]
        starts.append(len(units))
    return (
        {f"unsigned short LOOKALIKE_STARTS[{len(starts)}]": starts}
        | _codes("LOOKALIKE_CHARACTERS", characters)
        | {f"unsigned short LOOKALIKE_UNITS[{len(units)}]": units}
        | _codes("LOOKALIKE_COMPOSING", sorted(undecided))
    )


def composing(reachable: set[str]) -> set[str]:
    """Return the characters that Unicode NFC may turn, alone or with their neighbours, into reachable ones.

    Decomposed, such a character is part of a decomposed reachable one: NFC joins a letter with marks into one character
    at a time, and a mark that is left over is not reachable, for no mark is.
    """
    if any(map(combining, reachable)):
        raise ValueError(f"{LOOKALIKES}: a combining mark has a row; composing() counts on there being none")
    targets = {normalize("NFD", character) for character in reachable}
    parts = set("".join(targets))
    changing = {character for character in reachable if normalize("NFC", character) != character}
    return changing | {
        character
        for character in map(chr, BASIC_PLANE)
        if ord(character) not in SURROGATES
        and character not in reachable
        and parts.issuperset(decomposed := normalize("NFD", character))
        and any(_is_part(decomposed, target) for target in targets)
    }


def _is_part(decomposed: str, target: str) -> bool:
    return all(decomposed.count(character) <= target.count(character) for character in decomposed)


def _codes(name: str, characters: Sequence[str]) -> dict[str, Any]:
    return {
        f"{name}_COUNT": len(characters),
        f"unsigned short {name}[{len(characters)}]": [ord(character) for character in characters],
    }
