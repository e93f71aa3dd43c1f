"""Look-alikes for characters that are not in GSM-7: one curly quote more than doubles the segments of a long text.

How this works. Grapheme clusters are the unit: each is replaced as a whole, or stays as it is. A cluster is composed
first (Unicode NFC: a letter and its accent become one character, an ohm sign a capital omega); what is still outside
GSM-7 is looked up in a reviewed table of quotation marks, dashes, spaces, invisible characters, full-width forms,
ligatures and signs (``tables/sources/lookalikes.txt``), and only if asked in one of letters without their accents
(``unaccented.txt``: ``c`` for ``ç`` is another spelling, and that is its author's to choose).

Clusters of GSM-7 alone are never looked at. Between two characters of GSM-7 there always is a cluster boundary (only
CR LF stay together, and they need nothing), so a window of what is outside, with the GSM-7 character before it, has the
clusters that the whole text has there; the one behind it could only join a sign that has no replacement.

Nothing may get dearer. If the whole text comes into GSM-7 all replacements are made, unless it would take more segments
(an ellipsis becomes three septets). A text that stays UCS-2 gains nothing by longer writing, and what shows nothing may
steer letters of other scripts there; so best effort makes no such replacement.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple, TypedDict
from unicodedata import normalize

from msgcore.encoding.user_data import InformationElement
from msgcore.errors import SegmentLimitError
from msgcore.kernel.clusters import cluster_ends
from msgcore.kernel.cuts import measure
from msgcore.kernel.national import decode_national
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.generated.languages import IDENTIFIERS
from msgcore.tables.generated.lookalikes import LOOKALIKES, UNACCENTED
from msgcore.tables.languages import LANGUAGES

COMPOSED = "composed: the same character in fewer code points (Unicode NFC)"

# UAX #15, 13, Stream-Safe Text Format: no sane character has more than 30 marks. Sorting thousands takes minutes.
_COMPOSED_AT_MOST = 32
_PIECE = 4096
_ESCAPE = 0x1B
_MORE_THAN_GSM7 = 2048  # all characters of all national languages are fewer
# From the first right-to-left script on, what shows nothing steers how letters join and where they stand.
_FIRST_STEERED = "\u0590"


class _Options(TypedDict):
    boundary: Literal["cluster", "character"]
    reference_bits: Literal[8, 16]
    languages: str | Sequence[str] | None
    elements: Sequence[InformationElement]


@dataclass(frozen=True, slots=True)
class Change:
    """What was replaced: ``character`` at ``index`` of the text given, by ``replacement``, for ``reason``.

    ``character`` is longer than one where a letter and its marks were replaced together.
    """

    index: int
    character: str
    replacement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """A text with look-alikes, and every change that was made; or the text as it was, and none.

    ``alphabet`` and ``segment_count_after`` are those of ``text``, ``segment_count_before`` that of the text given.
    They may exceed the 255 segments that a message can have: a text too long is still worth shortening.
    """

    text: str
    changes: tuple[Change, ...]
    alphabet: Alphabet
    segment_count_before: int
    segment_count_after: int


def to_gsm7(
    text: str,
    *,
    best_effort: bool = False,
    unaccented: bool = False,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> Substitution:
    """Replace characters that are not in GSM-7 by look-alikes that are, if that brings the whole text into GSM-7.

    >>> to_gsm7("“Café”…").text
    '"Café"...'
    >>> to_gsm7("10–12").changes
    (Change(index=2, character='–', replacement='-', reason='dash or hyphen of another width'),)
    >>> to_gsm7("“ça va”").changes
    ()
    >>> to_gsm7("“ça va”", unaccented=True).text, to_gsm7("“ça va”", best_effort=True).text
    ('"ca va"', '"ça va"')

    The segments never become more: a text that would need more of them in GSM-7 is not brought there. Nothing in
    msgcore calls this by itself.

    Args:
        best_effort: replace what can be, even if something is left that has no look-alike. In a text that so stays
            UCS-2 nothing is left out and nothing is written longer than it was: zero-width joiners, direction marks
            and ellipses stay.
        unaccented: also take the accents from letters that GSM-7 has only without them.
        boundary, reference_bits, languages, elements: how segments are counted, as for ``count_segments``. A text
            that the languages allowed carry is left alone, and so is every character that they have.

    Raises:
        EncodingError: the text has a lone surrogate.
    """
    languages, elements = _readable_again(languages), _readable_again(elements)
    options: _Options = {
        "boundary": boundary,
        "reference_bits": reference_bits,
        "languages": languages,
        "elements": elements,
    }
    alphabet, before = _measure(text, options)
    unchanged = Substitution(text, (), alphabet, before, before)
    if alphabet is Alphabet.GSM7:
        return unchanged
    in_gsm7: list[Change] = []
    in_ucs2: list[Change] = []
    complete = True
    for found in find_replacements(text, unaccented=unaccented, kept=_kept(languages)):
        if found.changes is None:
            complete = False
            if not best_effort:
                break
        else:
            in_gsm7 += found.changes
            in_ucs2 += found.changes if found.free_in_ucs2 else ()
    if complete:
        whole = _substitute(text, in_gsm7, options, before)
        if whole.alphabet is Alphabet.GSM7 and whole.segment_count_after <= before:
            return whole
    if best_effort:
        partial = _substitute(text, in_ucs2, options, before)
        if partial.segment_count_after <= before:
            return partial
    return unchanged


def _readable_again(option: Any) -> Any:
    """Keep what an iterator yields: options are read once for each text that is measured."""
    return tuple(option) if isinstance(option, Iterator) else option


def _substitute(text: str, changes: Sequence[Change], options: _Options, before: int) -> Substitution:
    """Make the changes, whatever comes of it."""
    pieces: list[str] = []
    position = 0
    for change in changes:
        pieces += text[position : change.index], change.replacement
        position = change.index + len(change.character)
    replaced = "".join([*pieces, text[position:]])
    alphabet, after = _measure(replaced, options)
    return Substitution(replaced, tuple(changes), alphabet, before, after)


def _measure(text: str, options: _Options) -> tuple[Alphabet, int]:
    """Return alphabet and segment count, however many."""
    try:
        return measure(text, **options)[:2]
    except SegmentLimitError as error:
        # What can carry a text depends on which characters it has, not on how many. These few fit 255 segments.
        characters = "".join(sorted(set(text)))
        if len(characters) > _MORE_THAN_GSM7:
            return Alphabet.UCS2, error.needed
        return measure(characters, languages=options["languages"])[0], error.needed


# ------------------------------------------------------------------------------------------------- cluster by cluster


class Found(NamedTuple):
    """A cluster that is not in GSM-7, and the changes that bring it there, or None.

    ``free_in_ucs2``: they leave nothing out, and write nothing longer.
    """

    start: int
    cluster: str
    changes: tuple[Change, ...] | None
    free_in_ucs2: bool


def find_replacements(text: str, *, unaccented: bool = False, kept: frozenset[str] = frozenset()) -> Iterator[Found]:
    """Yield each cluster with a character that is neither in GSM-7 nor ``kept``; the text has no lone surrogate."""
    stays = _characters(0) | kept if kept else _characters(0)
    steered = bool(kept) and any(character >= _FIRST_STEERED for character in kept.intersection(text))
    table = _replacements(unaccented, steered=steered)
    for window in _windows().finditer(text):
        for start, end in _clusters(text, *window.span()):
            cluster = text[start:end]
            if not stays.issuperset(cluster):
                yield _replace(cluster, start, stays, table)


def _replace(cluster: str, index: int, stays: frozenset[str], table: Mapping[str, tuple[str, str]]) -> Found:
    composed = normalize("NFC", cluster) if len(cluster) <= _COMPOSED_AT_MOST else cluster
    pieces = list(composed)
    changes = []
    free = True
    for position, character in enumerate(composed):
        if character in stays:
            continue
        row = table.get(character)
        # An accent is left out only where it stands on a letter.
        if row is None or (character in UNACCENTED and not composed[0].isalpha()):
            return Found(index, cluster, None, False)
        pieces[position] = row[0]
        changes.append(Change(index + position, character, *row))
        free = free and len(row[0]) == 1  # every character of the tables is one code unit
    if composed != cluster:
        # One change for the whole cluster: positions in the composed text are not those of the text given.
        reasons = dict.fromkeys([COMPOSED, *(change.reason for change in changes)])
        changes = [Change(index, cluster, "".join(pieces), "; ".join(reasons))]
    return Found(index, cluster, tuple(changes), free)


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each cluster of ``text[start:end]`` begins and ends, looking at a piece at a time."""
    size = _PIECE
    while start < end:
        piece = text[start : min(end, start + size)]
        ends = cluster_ends(piece)
        if start + len(piece) < end:
            ends.pop()  # the last one may go on behind the piece
        if not ends:
            size *= 2
            continue
        size = _PIECE
        begin = 0
        for offset in ends:
            yield start + begin, start + offset
            begin = offset
        start += begin


@cache
def _windows() -> re.Pattern[str]:
    """Match what is outside GSM-7, and the single characters of GSM-7 before it and within."""
    inside = "".join(map(re.escape, sorted(_characters(0))))
    outside = f"[^{inside}]++"
    return re.compile(f"[{inside}]?+{outside}(?:[{inside}]{outside})*+")


@cache
def _replacements(unaccented: bool, *, steered: bool) -> Mapping[str, tuple[str, str]]:
    table = LOOKALIKES | UNACCENTED if unaccented else LOOKALIKES
    return {character: row for character, row in table.items() if row[0]} if steered else table


# ------------------------------------------------------------------------------------------------ national languages


def _kept(languages: str | Sequence[str] | None) -> frozenset[str]:
    """Return the characters that an allowed language has and plain GSM-7 has not; the names are known to be right."""
    if not languages:
        return frozenset()
    if isinstance(languages, str):
        languages = LANGUAGES if languages == "auto" else (languages,)
    return frozenset[str]().union(*(_characters(IDENTIFIERS[name]) for name in languages)) - _characters(0)


@cache
def _characters(language: int) -> frozenset[str]:
    """Return what the tables of a language hold; 0 for those of plain GSM-7."""
    codes = [code for code in range(128) if code != _ESCAPE]
    septets = bytes(codes) + bytes(septet for code in codes for septet in (_ESCAPE, code))
    return frozenset(decode_national(septets, language, language)) - {"\N{REPLACEMENT CHARACTER}"}


__all__ = ["Change", "Found", "Substitution", "find_replacements", "to_gsm7"]
