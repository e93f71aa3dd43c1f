"""Texts cut into segments: how many, where, and what each carries.

``count_segments`` and ``segment`` are compiled and exported as they are. ``analyze`` is for showing a text to the
person who writes it: what it costs, what room is left, and which characters make it dear.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from msgcore.encoding.substitution import Found, find_replacements
from msgcore.encoding.user_data import InformationElement
from msgcore.kernel.cuts import count_segments, measure
from msgcore.kernel.scanning import positions_outside_gsm7
from msgcore.kernel.segments import Segment, Segmentation, segment
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable


@dataclass(frozen=True, slots=True)
class OutsideGsm7:
    """A character that is not in GSM-7, and a look-alike that is.

    ``replacement`` is what ``to_gsm7`` writes in its place, ``""`` where it leaves it out, or None: it has none, or the
    grapheme cluster it belongs to has a part that has none (a zero-width joiner within an emoji).

    A letter and its accents that are one character in GSM-7 are named together: ``index`` is where the letter stands,
    ``character`` the letter and its marks.
    """

    index: int
    character: str
    replacement: str | None


@dataclass(frozen=True)
class Analysis:
    """What a text costs, and why.

    ``unit_count`` counts the text alone, without headers: septets for GSM-7, UTF-16 code units for UCS-2.
    ``units_left`` is the room in the last segment. ``languages`` holds the national language tables that are used:
    none, one, or a single shift and a locking shift table.
    """

    text: str = field(repr=False)
    alphabet: Alphabet
    segment_count: int
    unit_count: int
    units_left: int
    languages: tuple[LanguageTable, ...] = ()

    @cached_property
    def outside_gsm7(self) -> tuple[OutsideGsm7, ...]:
        """The characters that are not in GSM-7 without national languages, in order; looked for when first asked."""
        return tuple(item for found in find_replacements(self.text) for item in _outside(found))


def _outside(found: Found) -> Iterator[OutsideGsm7]:
    if found.changes is None:
        for offset in positions_outside_gsm7(found.cluster):
            yield OutsideGsm7(found.start + offset, found.cluster[offset], None)
    else:
        for change in found.changes:
            yield OutsideGsm7(change.index, change.character, change.replacement)


def analyze(
    text: str,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> Analysis:
    """Tell what ``text`` costs, what room is left, and which characters are not in GSM-7.

    >>> analyze("Menu – 10 €")
    Analysis(alphabet=<Alphabet.UCS2: 'UCS-2'>, segment_count=1, unit_count=11, units_left=59, languages=())
    >>> analyze("Menu – 10 €").outside_gsm7
    (OutsideGsm7(index=5, character='–', replacement='-'),)
    >>> analyze("Cafe\\u0301").outside_gsm7
    (OutsideGsm7(index=3, character='e\u0301', replacement='\u00e9'),)
    >>> analyze("Yarın görüşürüz", languages="auto").languages
    (LanguageTable(language='turkish', shift='single'),)

    Options and errors as for ``count_segments``.
    """
    measured = measure(text, boundary=boundary, reference_bits=reference_bits, languages=languages, elements=elements)
    return Analysis(text, *measured)


__all__ = [
    "Analysis",
    "LanguageTable",
    "OutsideGsm7",
    "Segment",
    "Segmentation",
    "analyze",
    "count_segments",
    "segment",
]
