"""A text drawn: every unit of every segment, the octets that travel, and what makes it dear.

The cut is the provider's, the one that is billed: fewest segments, 8-bit references, no national tables.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from msgcore.encoding import Alphabet, OutsideGsm7, analyze, count_segments, detect, encode_gsm7, segment, to_gsm7

REFERENCE: Final = 0
"""What stands in the drawn headers; the real one is the provider's secret."""


class Cell(msgspec.Struct, frozen=True, array_like=True):
    """A character of a segment: its units in hex, and whether it has no place in GSM-7."""

    character: str
    units: tuple[str, ...]
    outside: bool


class DrawnSegment(msgspec.Struct, frozen=True, kw_only=True):
    """A segment: ``header`` and ``user_data`` in hex, the header being the beginning of the user data."""

    number: int
    total: int
    unit_count: int
    capacity: int
    header: str
    user_data: str
    user_data_length: int
    cells: tuple[Cell, ...]


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """Characters without a place in GSM-7, how often each, and what could stand there instead."""

    character: str
    code_points: str
    count: int
    first: int
    replacement: str | None


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """What replacing characters would bring: another text, and what it would take.

    ``unaccented`` says that letters lost their accents too, which is another spelling and its author's to choose.
    """

    unaccented: bool
    text: str
    alphabet: str
    segment_count: int
    changes: int


class Drawing(msgspec.Struct, frozen=True, kw_only=True):
    """A text as it travels and is billed."""

    alphabet: str
    characters: int
    unit_count: int
    units_left: int
    segment_count: int
    segments: tuple[DrawnSegment, ...]
    outside: tuple[Outside, ...]
    savings: tuple[Saving, ...]


def draw(text: str) -> Drawing:
    """Draw a text.

    >>> draw("a€").segments[0].cells[1]
    Cell(character='€', units=('1B', '65'), outside=False)
    >>> [(item.character, item.replacement) for item in draw("“hi”").outside]
    [('“', '"'), ('”', '"')]

    Raises:
        EncodingError: half of a surrogate pair stands alone in it.
        SegmentLimitError: it takes more segments than there can be.
    """
    analysis = analyze(text, boundary="character")
    cut = segment(text, reference=REFERENCE, boundary="character")
    known: dict[str, Cell] = {}
    return Drawing(
        alphabet=analysis.alphabet.value,
        characters=len(text),
        unit_count=analysis.unit_count,
        units_left=analysis.units_left,
        segment_count=analysis.segment_count,
        segments=tuple(
            DrawnSegment(
                number=part.number,
                total=part.total,
                unit_count=part.unit_count,
                capacity=_capacity(analysis.alphabet, len(part.header)),
                header=part.header.hex(" ").upper(),
                user_data=part.user_data.hex(" ").upper(),
                user_data_length=part.user_data_length,
                cells=tuple(_cell(character, analysis.alphabet, known) for character in part.text),
            )
            for part in cut
        ),
        outside=_outside(analysis.outside_gsm7),
        savings=_savings(text) if analysis.alphabet is Alphabet.UCS2 else (),
    )


def _capacity(alphabet: Alphabet, header_octets: int) -> int:
    """3GPP TS 23.040, 9.2.3.24: 140 octets, of which the header takes its own; the septets begin at a whole one."""
    octets = 140 - header_octets
    return octets * 8 // 7 if alphabet is Alphabet.GSM7 else octets // 2


def _cell(character: str, alphabet: Alphabet, known: dict[str, Cell]) -> Cell:
    cell = known.get(character)
    if cell is None:
        if alphabet is Alphabet.GSM7:
            units = tuple(f"{septet:02X}" for septet in encode_gsm7(character))
        else:
            octets = character.encode("utf-16-be")
            units = tuple(octets[at : at + 2].hex().upper() for at in range(0, len(octets), 2))
        cell = known[character] = Cell(character, units, detect(character) is Alphabet.UCS2)
    return cell


def _outside(found: Iterable[OutsideGsm7]) -> tuple[Outside, ...]:
    counted: dict[str, Outside] = {}
    for item in found:
        before = counted.get(item.character)
        counted[item.character] = Outside(
            character=item.character,
            code_points=" ".join(f"U+{ord(character):04X}" for character in item.character),
            count=1 if before is None else before.count + 1,
            first=item.index if before is None else before.first,
            replacement=item.replacement,
        )
    return tuple(counted.values())


def _savings(text: str) -> tuple[Saving, ...]:
    """The first replaces what nobody would miss; the second is told only where it goes further."""
    savings: list[Saving] = []
    for unaccented in (False, True):
        replaced = to_gsm7(text, unaccented=unaccented, boundary="character")
        if not replaced.changes or (savings and savings[0].text == replaced.text):
            continue
        savings.append(
            Saving(
                unaccented=unaccented,
                text=replaced.text,
                alphabet=replaced.alphabet.value,
                segment_count=count_segments(replaced.text, boundary="character"),
                changes=len(replaced.changes),
            )
        )
    return tuple(savings)
