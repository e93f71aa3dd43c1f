"""GSM 7 bit default alphabet and its extension table: both directions from one typed table."""

import re
from collections.abc import Callable, Mapping
from typing import Any

SOURCES = ("gsm7_default.txt", "gsm7_extension.txt")
PACKAGES: tuple[str, ...] = ()

ESCAPE = 0x1B
OUTSIDE = 0xFF  # no septet; an entry below 0x80 is a septet, one from 0x80 on a septet that follows ESCAPE
AFTER_ESCAPE = 0x80
PAGE = 256


def build(sources: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Derive what the kernel reads: septet to character as typed, character to septet turned around."""
    default = parse(sources["gsm7_default.txt"])
    extension = parse(sources["gsm7_extension.txt"])
    if sorted({*default, ESCAPE}) != list(range(128)) or ESCAPE in default or ESCAPE in extension:
        raise ValueError("the default alphabet has 127 characters and an escape")
    encoder = encode_table(default, extension)
    if any(rows(encoder, range(8, 16), escaped)):
        raise ValueError("kernel/scan.h takes every extension character below U+0100 to be ASCII")
    page_of, pages = two_stages(encoder)
    return {
        "gsm7.h": {
            "GSM7_ESCAPE": ESCAPE,
            "GSM7_OUTSIDE": OUTSIDE,
            "GSM7_AFTER_ESCAPE": AFTER_ESCAPE,
            # Septet to character. An escape shows as a space (6.2.1.1); 0 stands for "no row" after an escape.
            "unsigned short GSM7_DEFAULT[128]": [default.get(code, 0x20) for code in range(128)],
            "unsigned short GSM7_EXTENSION[128]": [extension.get(code, 0) for code in range(128)],
            # Character to entry: the first 256 directly, the rest of the basic plane in pages.
            "unsigned char GSM7_LATIN[256]": [encoder.get(point, OUTSIDE) for point in range(PAGE)],
            # Septets a character costs; 4 marks one outside, so that sum and "any outside" come from one look-up.
            "unsigned char GSM7_LATIN_COST[256]": [cost(encoder.get(point, OUTSIDE)) for point in range(PAGE)],
            # The same as sets of octets, for shuffles (kernel/scan.h): a row a low nibble, a bit a high one.
            "unsigned char GSM7_OUTSIDE_LOW[16]": rows(encoder, range(8), lambda entry: entry == OUTSIDE),
            "unsigned char GSM7_OUTSIDE_HIGH[16]": rows(encoder, range(8, 16), lambda entry: entry == OUTSIDE),
            "unsigned char GSM7_EXTENSION_LOW[16]": rows(encoder, range(8), escaped),
            "unsigned char GSM7_PAGE[256]": page_of,
            f"unsigned char GSM7_PAGES[{len(pages)}]": pages,
        }
    }


def parse(source: str) -> dict[int, int]:
    """Read rows such as ``0x00 U+0040 COMMERCIAL AT``; the escape's row has no character."""
    rows = [line.split(maxsplit=2) for line in source.splitlines() if line and not line.startswith("#")]
    codes = [int(row[0], 16) for row in rows]
    if codes != sorted(set(codes)):
        raise ValueError("one row a code, in order")
    return {int(row[0], 16): int(row[1][2:], 16) for row in rows if re.fullmatch(r"U\+[0-9A-F]{4}", row[1])}


def encode_table(default: Mapping[int, int], extension: Mapping[int, int]) -> dict[int, int]:
    """Turn the tables around. Where a character stands twice, the default alphabet and the lowest code win."""
    encoder: dict[int, int] = {}
    for code in sorted(default):
        encoder.setdefault(default[code], code)
    for code in sorted(extension):
        encoder.setdefault(extension[code], code | AFTER_ESCAPE)
    return encoder


def cost(entry: int) -> int:
    """Return the number of septets of a character, 4 for one outside the alphabet."""
    if entry == OUTSIDE:
        return 4
    return 2 if entry >= AFTER_ESCAPE else 1


def escaped(entry: int) -> bool:
    """Tell whether a character needs an escape."""
    return AFTER_ESCAPE <= entry != OUTSIDE


def rows(encoder: Mapping[int, int], high_nibbles: range, belongs: Callable[[int], bool]) -> list[int]:
    """Return, for each low nibble, which high nibbles make a character that belongs: a bit each, from the first."""
    return [
        sum(belongs(encoder.get(high << 4 | low, OUTSIDE)) << bit for bit, high in enumerate(high_nibbles))
        for low in range(16)
    ]


def two_stages(encoder: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """Split the basic plane into pages of 256 entries and keep each different page once."""
    pages: list[list[int]] = []
    page_of = []
    for start in range(0, 0x10000, PAGE):
        page = [encoder.get(point, OUTSIDE) for point in range(start, start + PAGE)]
        if page not in pages:
            pages.append(page)
        page_of.append(pages.index(page))
    return page_of, [entry for page in pages for entry in page]
