"""What forces texts into UCS-2: the characters that GSM-7 does not have, and what replacing them would save.

One such character makes a text of 160 septets one of 70 code units a segment, so it may double what a text costs. Where
a look-alike of GSM-7 exists, `to_gsm7` says what the text would come to with it; segments are counted as the provider
bills them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgcore.encoding import Alphabet, analyze, detect, to_gsm7

MOST_CHARACTERS: Final = 5000
"""So many are told apart; a campaign has some dozens, and whatever it holds, memory stays bounded."""


@dataclass(slots=True)
class CharacterTotals:
    """Where one character stands, with its look-alike: ``None`` for none, ``""`` where it can be left out.

    ``alone_messages`` have no other that GSM-7 lacks, and ``alone_saved`` is what replacing it would save in these.
    """

    character: str
    replacement: str | None
    messages: int = 0
    occurrences: int = 0
    alone_messages: int = 0
    alone_saved: int = 0


class Causes:
    """Adds up what forces the texts of SMS into UCS-2.

    >>> causes = Causes()
    >>> causes.add("It’s late", 1)
    >>> causes.add("It’s " + "so " * 40, 2)
    >>> causes.ranked()
    [CharacterTotals(character='’', replacement="'", messages=2, occurrences=2, alone_messages=2, alone_saved=1)]
    >>> causes.messages, causes.segments, causes.saved
    (2, 3, 1)
    """

    def __init__(self, *, most_characters: int = MOST_CHARACTERS) -> None:
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
        self._characters: dict[tuple[str, str | None], CharacterTotals] = {}
        self.uncounted_occurrences = 0
        """Of characters for which there was no room."""
        self._most = most_characters

    def add(self, text: str, segments: int) -> None:
        """Count the text of an SMS, if it is UCS-2; ``segments`` are those that are billed for it."""
        if detect(text) is Alphabet.GSM7:
            return
        self.messages += 1
        self.segments += segments
        shortened = to_gsm7(text, boundary="character")
        saved = shortened.segment_count_before - shortened.segment_count_after
        if saved > 0:
            self.shortened += 1
            self.shortened_segments += segments
            self.saved += saved
        self._count_characters(text, max(0, saved))

    def add_all(self, texts: Iterable[str]) -> None:
        """Count texts, with the segments that the provider would bill."""
        for text in texts:
            if detect(text) is not Alphabet.GSM7:
                self.add(text, analyze(text, boundary="character").segment_count)

    def ranked(self) -> list[CharacterTotals]:
        """Return the characters, those of the most messages first."""
        return sorted(
            self._characters.values(),
            key=lambda each: (-each.messages, -each.occurrences, each.character, each.replacement or ""),
        )

    def _count_characters(self, text: str, saved: int) -> None:
        seen: dict[tuple[str, str | None], CharacterTotals | None] = {}
        for outside in analyze(text).outside_gsm7:
            # A character inside of an emoji has no look-alike, and may have one elsewhere: two rows.
            key = outside.character, outside.replacement
            totals = seen[key] = self._totals_of(*key)
            if totals is None:
                self.uncounted_occurrences += 1
            else:
                totals.occurrences += 1
        for totals in filter(None, seen.values()):
            totals.messages += 1
            if len(seen) == 1:
                totals.alone_messages += 1
                totals.alone_saved += saved

    def _totals_of(self, character: str, replacement: str | None) -> CharacterTotals | None:
        """Return where the character is counted, ``None`` where there is no room for another."""
        totals = self._characters.get((character, replacement))
        if totals is None and len(self._characters) < self._most:
            totals = self._characters[character, replacement] = CharacterTotals(character, replacement)
        return totals


__all__ = ["Causes", "CharacterTotals"]
