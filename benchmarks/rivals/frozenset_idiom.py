"""The idiom found in most code bases: two sets, a sum, and a division. It cuts escape pairs and surrogate pairs."""

from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION: Final = frozenset("\f^{}\\[~]|€")


def count_segments(text: str) -> int:
    if all(character in BASIC or character in EXTENSION for character in text):
        units, alone, joined = sum(2 if character in EXTENSION else 1 for character in text), 160, 153
    else:
        units, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)


def segment(text: str) -> list[str]:
    """Cut by characters alone, without octets: the idiom has none."""
    count = count_segments(text)
    width = -(-len(text) // count) or 1
    return [text[start : start + width] for start in range(0, len(text), width)]
