"""Look-alikes of GSM-7 characters, for ``to_gsm7``; and in C, for counting what it would save."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import combining, normalize

SOURCES = ("lookalikes.txt", "gsm7_default.txt", "gsm7_extension.txt")
PACKAGES: tuple[str, ...] = ()

ROW = re.compile(r"U\+([0-9A-F]{4,6}) (-|U\+[0-9A-F+U]+) [A-Z0-9 -]+; (.+)")
GSM7_ROW = re.compile(r"0x[0-9A-F]{2} U\+([0-9A-F]{4}) ")

BASIC_PLANE = range(0x10000)
SURROGATES = range(0xD800, 0xE000)


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
    gsm7 = "".join(sources[name] for name in SOURCES[1:])
    reachable = {*table, *(chr(int(row[1], 16)) for row in map(GSM7_ROW.match, gsm7.splitlines()) if row)}
    return {
        "lookalikes.py": {"LOOKALIKES: Final[dict[str, tuple[str, str]]]": table},
        "lookalikes.h": lay_out({character: replacement for character, (replacement, _) in table.items()})
        | _codes("LOOKALIKE_COMPOSING", composing(reachable)),
    }


def lay_out(table: Mapping[str, str]) -> dict[str, Any]:
    """Write the replacements one after the other, in the order of the characters, for a binary search."""
    characters = sorted(table)
    starts, units = [0], []
    for character in characters:
        units += [ord(unit) for unit in table[character]]
        starts.append(len(units))
    longest = max(map(len, table.values()))
    return (
        {"LOOKALIKE_LONGEST": longest, f"unsigned char LOOKALIKE_STARTS[{len(starts)}]": starts}
        | _codes("LOOKALIKE_CHARACTERS", characters)
        | {f"unsigned short LOOKALIKE_UNITS[{len(units)}]": units}
    )


def composing(reachable: set[str]) -> list[str]:
    """Return the other characters that Unicode NFC may turn, with their neighbours, into reachable ones.

    Decomposed, such a character is part of a decomposed reachable one: NFC joins a letter with marks into one character
    at a time, and a mark that is left over is not reachable, for no mark is. All others stay out of reach for certain.
    """
    if any(map(combining, reachable)):
        raise ValueError(
            "lookalikes.txt: a combining mark with a row of its own; composing() counts on there being none"
        )
    targets = [normalize("NFD", character) for character in reachable]
    return [
        character
        for character in map(chr, BASIC_PLANE)
        if ord(character) not in SURROGATES
        and character not in reachable
        and any(_is_part(normalize("NFD", character), target) for target in targets)
    ]


def _is_part(decomposed: str, target: str) -> bool:
    return all(decomposed.count(character) <= target.count(character) for character in decomposed)


def _codes(name: str, characters: Sequence[str]) -> dict[str, Any]:
    return {
        f"{name}_COUNT": len(characters),
        f"unsigned short {name}[{len(characters)}]": [ord(character) for character in characters],
    }
