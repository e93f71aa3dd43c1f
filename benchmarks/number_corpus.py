"""Numbers to measure with: seeded, all different, so that every run and every machine has the same ones.

``us``
    a campaign in the United States: ten digits after ``+1``, area codes in use, any line
``world``
    mobile numbers of 48 regions, their last four digits drawn anew
``messy``
    the same with one in four spoilt: a digit lost, added or changed, a trunk prefix, a space
"""

import random
from collections.abc import Callable
from typing import Final

SEED: Final = 164
COUNT: Final = 1000

_AREAS: Final = "201 212 213 303 312 404 415 469 512 617 646 702 713 786 818 917 919 949 972 984".split()
# A mobile number for each of 48 regions: the corpus needs no package.
_MOBILES: Final = """
    +447400123456 +4915112345678 +33612345678 +34612345678 +393123456789 +31612345678 +48512345678 +46701234567
    +4741234567 +358412345678 +351912345678 +41781234567 +43664123456 +420601123456 +36201234567 +40712034567
    +302101234567 +905012345678 +972502345678 +971501234567 +919876543210 +8801812345678 +6281234567890 +60123456789
    +639051234567 +66812345678 +84912345678 +819012345678 +821012345678 +8613123456789 +85251234567 +61412345678
    +64211234567 +27711234567 +2348021234567 +254712123456 +201001234567 +5511961234567 +5491123456789 +573211234567
    +56221234567 +51912345678 +522221234567 +12423591234 +14162345678 +18762101234 +380501234567 +77710009998
""".split()


def numbers(name: str, count: int = COUNT) -> list[str]:
    """Return the first ``count`` numbers of a profile."""
    chance = random.Random(SEED)
    draw = PROFILES[name]
    found: dict[str, None] = {}
    while len(found) < count:
        found[draw(chance)] = None
    return list(found)


def _us(chance: random.Random) -> str:
    return f"+1{chance.choice(_AREAS)}{chance.randrange(2, 10)}{chance.randrange(1_000_000):06}"


def _world(chance: random.Random) -> str:
    return f"{chance.choice(_MOBILES)[:-4]}{chance.randrange(10_000):04}"


def _messy(chance: random.Random) -> str:
    text = _world(chance)
    if chance.random() < 0.75:
        return text
    position = chance.randrange(4, len(text))
    return text[:position] + chance.choice(["", "0", "7", " "]) + text[position + chance.randrange(2) :]


PROFILES: Final[dict[str, Callable[[random.Random], str]]] = {"us": _us, "world": _world, "messy": _messy}
