"""What forces texts into UCS-2: the characters that GSM-7 does not have, and what replacing them would save.

How this works. One such character makes a text of 160 septets one of 70 code units a segment, so it may double what a
text costs. A character with a look-alike in GSM-7 is something to look at, and counted by itself. One without is part
of a script, or an emoji: there is nothing to replace, so these are counted by script, with a few examples. Look-alikes
are a table, and scripts are few, so whatever a campaign holds, memory stays bounded. Segments are counted as the
provider bills them.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from msgcore.encoding import Alphabet, analyze, count_segments, detect, to_gsm7

MOST_EXAMPLES: Final = 8
REMEMBERED_CHARACTERS: Final = 10_000
EMOJI: Final = "emoji and symbols"
PUNCTUATION: Final = "punctuation"
UNSEEN: Final = "characters without a shape"

# What joins, colours and shapes emoji, by the first words of its Unicode names.
_OF_EMOJI: Final = frozenset({"VARIATION", "EMOJI", "ZERO"})
_SCRIPTS: Final = {"CJK": "CJK ideographs", "COMBINING": "accents of their own", "FULLWIDTH": "fullwidth letters"}


@dataclass(slots=True)
class CauseTotals:
    """Where a character stands, or where a script does.

    ``replacement`` is the look-alike, ``""`` where the character can be left out; ``None`` is a script, and then
    ``examples`` are some of its characters. ``alone_messages`` have nothing else that GSM-7 lacks, and ``alone_saved``
    is what replacing it would save in these.
    """

    name: str
    replacement: str | None
    messages: int = 0
    occurrences: int = 0
    alone_messages: int = 0
    alone_saved: int = 0
    examples: list[str] = field(default_factory=list)


class Causes:
    """Adds up what forces the texts of SMS into UCS-2.

    >>> causes = Causes()
    >>> causes.add("It’s late", 1)
    >>> causes.add("It’s " + "so " * 40, 2)
    >>> causes.add("Привет", 1)
    >>> [(each.name, each.replacement, each.messages, each.alone_saved) for each in causes.ranked()]
    [('’', "'", 2, 1), ('Cyrillic', None, 1, 0)]
    >>> causes.messages, causes.segments, causes.saved
    (3, 4, 1)
    """

    def __init__(self) -> None:
        self.messages = 0
        """Texts in UCS-2."""
        self.segments = 0
        """Their segments."""
        self.shortened = 0
        """Texts that look-alikes would make shorter."""
        self.shortened_segments = 0
        """The segments of these texts, as they are now."""
        self.saved = 0
        """How many segments that would save."""
        self._totals: dict[tuple[str, str | None], CauseTotals] = {}

    def add(self, text: str, segments: int) -> None:
        """Count the text of an SMS, if it is UCS-2; ``segments`` are those that are billed for it."""
        if detect(text) is Alphabet.GSM7:
            return
        self.messages += 1
        self.segments += segments
        shortened = to_gsm7(text, boundary="character")
        saved = max(0, shortened.segment_count_before - shortened.segment_count_after)
        if saved:
            self.shortened += 1
            self.shortened_segments += segments
            self.saved += saved
        self._count_characters(text, saved)

    def add_all(self, texts: Iterable[str]) -> None:
        """Count texts, with the segments that the provider would bill."""
        for text in texts:
            if detect(text) is not Alphabet.GSM7:
                self.add(text, count_segments(text, boundary="character"))

    def ranked(self) -> list[CauseTotals]:
        """Return what can be replaced first, then the rest; of each, those of the most messages first."""
        return sorted(
            self._totals.values(),
            key=lambda each: (each.replacement is None, -each.messages, -each.occurrences, each.name),
        )

    def _count_characters(self, text: str, saved: int) -> None:
        seen: dict[tuple[str, str | None], CauseTotals] = {}
        for outside in analyze(text).outside_gsm7:
            has_none = outside.replacement is None
            name = script_of(outside.character) if has_none else outside.character
            key = name, outside.replacement
            totals = self._totals.get(key)
            if totals is None:
                totals = self._totals[key] = CauseTotals(*key)
            totals.occurrences += 1
            if has_none and len(totals.examples) < MOST_EXAMPLES and outside.character not in totals.examples:
                totals.examples.append(outside.character)
            seen[key] = totals
        for totals in seen.values():
            totals.messages += 1
            if len(seen) == 1:
                totals.alone_messages += 1
                totals.alone_saved += saved


@lru_cache(REMEMBERED_CHARACTERS)
def script_of(character: str) -> str:
    """Return the script of a character, as far as its Unicode name begins with it.

    >>> [script_of(each) for each in ("я", "的", "🎉", "\\ufe0f", "、")]
    ['Cyrillic', 'CJK ideographs', 'emoji and symbols', 'emoji and symbols', 'punctuation']
    """
    first = unicodedata.name(character[0], "").partition(" ")[0]
    kind = unicodedata.category(character[0])[0]
    if kind == "S" or first in _OF_EMOJI:
        return EMOJI
    if kind == "P":
        return PUNCTUATION
    if kind in "CZ" or not first:
        return UNSEEN
    return _SCRIPTS.get(first, first.capitalize())


__all__ = ["CauseTotals", "Causes", "script_of"]
