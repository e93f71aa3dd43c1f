"""3GPP TS 23.038, 6.2.1.2: national languages, read the obvious way: every pair of tables is tried.

The tables are the cross-check that lies beside this file, not those that the package was built from.
"""

import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.reference import alphabet, segmentation
from tests.reference.clusters import clusters

ESCAPE = 0x1B
CONTROL = 0x0D

Table = dict[int, str]

_PUBLISHED = json.loads((Path(__file__).parent / "national_language_tables.json").read_text(encoding="utf-8"))["tables"]
NAMES = {table["identifier"]: table["language"].lower() for table in _PUBLISHED}


def _read(kind: str, controls: set[int]) -> dict[int, Table]:
    return {
        table["identifier"]: {int(code): text for code, text in table["table"].items() if int(code) not in controls}
        for table in _PUBLISHED
        if table["kind"] == kind
    }


# 0 is the default alphabet, and its extension table.
LOCKING: dict[int, Table] = {
    0: {code: text for code, text in enumerate(alphabet.DEFAULT) if code != ESCAPE},
    **_read("locking", {ESCAPE}),
}
SINGLE: dict[int, Table] = {
    0: {code: text for text, code in alphabet.EXTENSION.items()},
    **_read("single_shift", {ESCAPE, CONTROL}),
}


class Choice(NamedTuple):
    """An encoding of a whole text: UCS-2, or the tables of two languages."""

    gsm7: bool
    single: int = 0
    locking: int = 0


UCS2 = Choice(False)


def lowest_code(table: Table, character: str) -> int | None:
    return min((code for code, held in table.items() if held == character), default=None)


@cache
def septets_of(character: str, choice: Choice) -> list[int] | None:
    """Return the locking table's septet, else the escape and the single shift table's, else None."""
    code = lowest_code(LOCKING[choice.locking], character)
    if code is not None:
        return [code]
    code = lowest_code(SINGLE[choice.single], character)
    return None if code is None else [ESCAPE, code]


def encode(text: str, choice: Choice) -> bytes:
    return bytes(septet for character in text for septet in septets_of(character, choice) or [])


def decode(septets: bytes, single: int, locking: int) -> str:
    """6.2.1.2.2, 6.2.1.2.3: an unknown code after an escape is that of the locking table; two escapes are a space."""
    base = LOCKING.get(locking, LOCKING[0])
    extension = SINGLE.get(single, SINGLE[0])
    text = ""
    rest = list(septets)
    while rest:
        code = rest.pop(0)
        if code != ESCAPE:
            text += base.get(code, "\ufffd")
        elif not rest or rest[0] == ESCAPE:
            text += " "
            rest = rest[1:]
        else:
            code = rest.pop(0)
            text += extension.get(code, base.get(code, "\ufffd"))
    return text


def elements(choice: Choice) -> bytes:
    """TS 23.040, 9.2.3.24.15 and 9.2.3.24.16."""
    single = bytes([0x24, 1, choice.single]) if choice.single else b""
    locking = bytes([0x25, 1, choice.locking]) if choice.locking else b""
    return single + locking


def header(choice: Choice, reference: int, reference_bits: int, total: int, number: int) -> bytes:
    """UDHL, the concatenation when there are several segments, and the national elements."""
    return segmentation.header(reference, reference_bits, total, number, elements(choice))


def units(text: str, choice: Choice) -> int:
    return len(encode(text, choice)) if choice.gsm7 else segmentation.units(text, False)


def can_carry(text: str, choice: Choice) -> bool:
    return not choice.gsm7 or all(septets_of(character, choice) is not None for character in set(text))


def cut(text: str, choice: Choice, *, boundary: str, reference_bits: int) -> list[str]:
    if units(text, choice) <= segmentation.capacity(len(header(choice, 0, 8, 1, 1)), choice.gsm7):
        return [text]
    room = segmentation.capacity(len(header(choice, 0, reference_bits, 2, 1)), choice.gsm7)
    cost = {character: units(character, choice) for character in set(text)}
    segments = [""]
    held = 0
    for cluster in clusters(text):
        whole = boundary == "cluster" and sum(cost[character] for character in cluster) <= room
        for piece in [cluster] if whole else list(cluster):
            size = sum(cost[character] for character in piece)
            if held + size > room:
                segments.append("")
                held = 0
            segments[-1] += piece
            held += size
    return segments


def choices(allowed: Iterable[int]) -> Iterator[Choice]:
    languages = [0, *allowed]
    for locking in languages:
        for single in languages:
            if locking in LOCKING:
                yield Choice(True, single, locking)
    yield UCS2


def rank(choice: Choice) -> int:
    """Plain GSM-7, a single shift alone, a locking shift alone, both, UCS-2."""
    if not choice.gsm7:
        return 4
    return (2 if choice.locking else 0) + (1 if choice.single else 0)


def choose(text: str, allowed: list[int], *, boundary: str, reference_bits: int) -> Choice:
    """Return the cheapest choice; the text has at least UCS-2."""

    def price(choice: Choice) -> tuple[int, ...]:
        count = len(cut(text, choice, boundary=boundary, reference_bits=reference_bits))
        order = [0, *allowed]
        return (
            count,
            rank(choice),
            units(text, choice),
            order.index(choice.locking),
            choice.single != choice.locking,  # of two languages rather one
            order.index(choice.single),
        )

    return min((choice for choice in choices(allowed) if can_carry(text, choice)), key=price)
