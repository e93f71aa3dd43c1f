"""Texts to measure with: seeded, so that every run and every machine has the same ones.

``ascii52``
    52 characters of ASCII, the shape of a one-time code or a reminder: always one segment
``mixed``
    traffic as it comes, 140 characters on average, in a dozen languages: 45 % codes, 25 % marketing, 10 % long texts of
    300 to 1000 characters, 8 % with accents or extension characters (all these are GSM-7), 7 % in other scripts or with
    Latin letters that GSM-7 lacks, and 5 % with emoji
"""

import random
from collections.abc import Callable, Sequence
from typing import Final

from benchmarks import phrases

SEED: Final = 23_038
COUNT: Final = 1000

# How many texts in a thousand are of a kind.
SHARES: Final = {"codes": 450, "marketing": 250, "long": 100, "accented": 80, "other scripts": 70, "emoji": 50}
LONG: Final = (300, 1000)
LONGEST_NOTICE: Final = 120


def profile(name: str) -> list[str]:
    """Return the texts of a profile."""
    return PROFILES[name](random.Random(SEED))


def mixed_by_kind(chance: random.Random) -> dict[str, list[str]]:
    """Return the texts of ``mixed`` as they are drawn, before they are shuffled."""
    return {kind: [KINDS[kind](chance) for _ in range(share * COUNT // 1000)] for kind, share in SHARES.items()}


def _mixed(chance: random.Random) -> list[str]:
    texts = [text for of_kind in mixed_by_kind(chance).values() for text in of_kind]
    chance.shuffle(texts)
    return texts


def _ascii52(chance: random.Random) -> list[str]:
    return [_filled(chance, phrases.CODES + phrases.NOTICES)[:52].ljust(52, ".") for _ in range(COUNT)]


PROFILES: Final[dict[str, Callable[[random.Random], list[str]]]] = {"ascii52": _ascii52, "mixed": _mixed}


def _filled(chance: random.Random, templates: Sequence[str]) -> str:
    """Draw a template and fill its blanks."""
    return chance.choice(templates).format(
        code=chance.randrange(100_000, 1_000_000),
        order=chance.randrange(10**7, 10**9),
        name=chance.choice(phrases.NAMES),
        shop=chance.choice(phrases.SHOPS),
        day=chance.choice(phrases.DAYS),
        hour=f"{chance.randrange(7, 22)}:{chance.randrange(60):02}",
        amount=f"{chance.randrange(5, 200)}.{chance.randrange(100):02} EUR",
        url=f"https://ex.am/{chance.randrange(16**6):06x}",
    )


def _long(chance: random.Random) -> str:
    """Join notices until they are as long as is drawn; no sentence is cut short."""
    length = chance.randint(LONG[0], LONG[1] - LONGEST_NOTICE)
    text = _filled(chance, phrases.NOTICES)
    while len(text) < length:
        text += " " + _filled(chance, phrases.NOTICES)
    return text


KINDS: Final[dict[str, Callable[[random.Random], str]]] = {
    "codes": lambda chance: _filled(chance, phrases.CODES),
    "marketing": lambda chance: _filled(chance, phrases.OFFERS) + phrases.SMALL_PRINT,
    "long": _long,
    "accented": lambda chance: _filled(chance, phrases.ACCENTED),
    "other scripts": lambda chance: _filled(chance, phrases.OTHER_SCRIPTS),
    "emoji": lambda chance: _filled(chance, phrases.EMOJI),
}
