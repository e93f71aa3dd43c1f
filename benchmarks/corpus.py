"""Texts to measure with: seeded, so that every run and every machine has the same ones.

``ascii52``
    52 characters of ASCII, the shape of a one-time code or a reminder: always one segment
``mixed``
    traffic as it comes: 142 characters on average, from a word to several segments; 12 % of the texts have something
    outside GSM-7 (a curly quote, a dash, an emoji, another script), one in six of the others an extension character
"""

import random
from typing import Final

SEED: Final = 23_038
COUNT: Final = 1000

_PROSE: Final = """
    your order has left our warehouse and will arrive tomorrow between nine and noon please have the code ready
    thanks for choosing us reply STOP to opt out appointment confirmed see you on Monday call the office at any time
    balance payment received invoice account driver table for two under the name José Müller perché Straße £20
"""
_WORDS: Final = _PROSE.split()
_OUTSIDE: Final = [
    "’",
    "“quoted”",
    " – ",
    "…",
    "😀",
    "👍🏽",
    "👩‍👩‍👧",
    "🇸🇪",
    "ç",
    "中文短信",
    "напоминание",
    "नमस्ते क्षमा",
]
_EXTENSION: Final = ["10 €", "[1]", "{name}", "a|b", "C:\\x", "^", "~"]


def profile(name: str) -> list[str]:
    """Return the texts of a profile."""
    return {"ascii52": _ascii52, "mixed": _mixed}[name](random.Random(SEED))


PROFILES: Final = ("ascii52", "mixed")


def _ascii52(chance: random.Random) -> list[str]:
    words = [word for word in _WORDS if word.isascii()]
    return [_sentence(chance, words, 60)[:52].ljust(52, ".") for _ in range(COUNT)]


def _mixed(chance: random.Random) -> list[str]:
    texts = []
    for _ in range(COUNT):
        length = max(4, min(900, int(chance.lognormvariate(4.65, 0.75))))
        text = _sentence(chance, _WORDS, length)
        if chance.random() < 0.12:
            text = _insert(chance, text, chance.choice(_OUTSIDE))
        elif chance.random() < 1 / 6:
            text = _insert(chance, text, chance.choice(_EXTENSION))
        texts.append(text)
    return texts


def _sentence(chance: random.Random, words: list[str], length: int) -> str:
    text = chance.choice(words).capitalize()
    while len(text) < length:
        text += " " + chance.choice(words)
    return text


def _insert(chance: random.Random, text: str, piece: str) -> str:
    position = chance.randint(0, len(text))
    return text[:position] + piece + text[position:]
