"""The texts that judges of the encoding are asked about: seeded, so that every run asks the same."""

import sys
import unicodedata
from collections.abc import Iterator
from random import Random

from benchmarks.corpus import profile

GSM7 = (
    "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) not in "[\\]^`{|}~")
    + "@£$¥èéùìòÇ\nØø\rÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"
)
EXTENSION = "^{}\\[~]|€\f"

# One string of characters or clusters for each kind of writing whose cutting has its own traps.
WRITINGS: dict[str, list[str]] = {
    "gsm7": list(GSM7),
    "gsm7 with many escapes": list(GSM7[:20] + EXTENSION * 3),
    "latin": list("áâãåçêíîñóôõúûýāčďęğıłńőřśşťůźž’“”–…"),
    "decomposed": ["e\u0301", "a\u0308", "o\u0302\u0323", "n\u0303", "x", " "],
    "greek": list("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώ"),
    "cyrillic": list("абвгдежзийклмнопрстуфхцчшщъыьэюя"),
    "arabic": [*"ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "بّ", "مَ"],
    "hebrew": [*"אבגדהוזחטיכלמנסעפצקרשת", "שׁ", "בּ"],
    "devanagari": ["क", "कि", "क्ष", "त्र", "नमस्ते", "हिन्दी", " "],
    "thai": ["ก", "กำ", "น้ำ", "ที่", "ไ", " "],
    "hangul": ["한", "국", "어", "\u1112\u1161\u11ab", "\u1100\u1161", " "],
    "han": list("中文短信分段计数测试漢字仮名"),
    "han beyond the basic plane": list("𠀀𠮷𡃁𪜀漢"),
    "emoji": list("😀😂🎉🚀💩❤"),
    "emoji sequences": ["👨‍👩‍👧‍👦", "👩🏽‍💻", "🏳️‍🌈", "❤️", "👍🏿", "1️⃣", "🇩🇪", "🇺🇸", "a"],
}
BREAKS = ["\r\n", "\n", "\r"]

# Where a count changes: alone, with an 8-bit reference, and some segments later.
SEPTET_EDGES = (160, 153, 306, 459)
CODE_UNIT_EDGES = (70, 67, 134, 201)


def edge_texts(seed: int = 20240607, rounds: int = 8) -> Iterator[str]:
    """Texts of every writing whose lengths fall on, and just beside, the edges of segments."""
    random = Random(seed)
    for writing, atoms in WRITINGS.items():
        edges = SEPTET_EDGES if writing.startswith("gsm7") else CODE_UNIT_EDGES
        for edge in edges:
            for beside in range(-3, 4):
                for _ in range(rounds):
                    yield fill(random, atoms, edge + beside)


def fill(random: Random, atoms: list[str], length: int) -> str:
    """Draw atoms, and a line break now and then, until they fill a length in septets or code units."""
    text, filled = [], 0
    while filled < length:
        atom = random.choice(BREAKS) if random.random() < 0.02 else random.choice(atoms)
        text.append(atom)
        filled += sum(2 if character in EXTENSION or ord(character) > 0xFFFF else 1 for character in atom)
    return "".join(text)


def escape_edge_texts() -> Iterator[str]:
    """An escape pair at every place around the first two cuts."""
    for place in (*range(148, 163), *range(300, 310)):
        for tail in (0, 1, 5, 60, 160):
            yield "a" * place + "€" + "b" * tail


def mixed_texts(seed: int = 7, count: int = 600) -> Iterator[str]:
    """Texts of two or three writings at once, of any length up to six segments."""
    random = Random(seed)
    for _ in range(count):
        atoms = [
            atom for writing in random.sample(sorted(WRITINGS), random.randint(2, 3)) for atom in WRITINGS[writing]
        ]
        yield fill(random, atoms, random.randint(1, 400))


def single_characters() -> Iterator[str]:
    """Every character of the basic plane alone, and a sample of those beyond it; no surrogates."""
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) != "Cs" and (code <= 0xFFFF or code % 97 == 0):
            yield character


def texts() -> list[str]:
    """Everything above, and the traffic that the benchmarks measure with."""
    return ["", *single_characters(), *escape_edge_texts(), *edge_texts(), *mixed_texts(), *profile("mixed")]
