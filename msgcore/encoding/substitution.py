"""Look-alikes for characters that are not in GSM-7: one curly quote more than doubles the segments of a long text.

How this works. A cluster that is in GSM-7 stays. One that is not is first composed (Unicode NFC: a letter and its
accent become one character, an ohm sign becomes a capital omega); what is still outside is looked up in a reviewed
table of quotation marks, dashes, the ellipsis, spaces and invisible characters (``tables/sources/lookalikes.txt``).

All or nothing: if one character is left that has no look-alike, the text must be sent as UCS-2 anyway, so nothing of it
is changed. Letters are never replaced: ``c`` for ``ç`` is another spelling, and that is its author's to choose.
"""

from dataclasses import dataclass
from unicodedata import normalize

from msgcore.kernel.clusters import cluster_ends
from msgcore.kernel.scanning import detect, positions_outside_gsm7
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.generated.lookalikes import LOOKALIKES

COMPOSED = "composed: the same character in fewer code points (Unicode NFC)"


@dataclass(frozen=True, slots=True)
class Change:
    """What was replaced: ``character`` at ``index`` of the text given, by ``replacement``, for ``reason``.

    ``character`` is longer than one where a letter and its marks were composed.
    """

    index: int
    character: str
    replacement: str
    reason: str


@dataclass(frozen=True, slots=True)
class Substitution:
    """A text for GSM-7, and every change that was made; or the text as it was, and none."""

    text: str
    changes: tuple[Change, ...]
    alphabet: Alphabet


def to_gsm7(text: str) -> Substitution:
    """Replace characters that are not in GSM-7 by look-alikes that are, if that brings the whole text into GSM-7.

    >>> to_gsm7("“Café”…").text
    '"Café"...'
    >>> to_gsm7("10–12")  # doctest: +ELLIPSIS
    Substitution(text='10-12', changes=(Change(index=2, character='–', replacement='-', reason=...),), alphabet=...)
    >>> to_gsm7("“ça va”").changes
    ()

    ``alphabet`` is that of the text returned. Nothing in msgcore calls this by itself.

    Raises:
        EncodingError: the text has a lone surrogate.
    """
    if detect(text) is Alphabet.GSM7:
        return Substitution(text, (), Alphabet.GSM7)
    changes: list[Change] = []
    pieces: list[str] = []
    start = 0
    for end in cluster_ends(text):
        found = _replace_cluster(text[start:end], start)
        if found is None:
            return Substitution(text, (), Alphabet.UCS2)
        piece, made = found
        pieces.append(piece)
        changes += made
        start = end
    return Substitution("".join(pieces), tuple(changes), Alphabet.GSM7)


def _replace_cluster(cluster: str, index: int) -> tuple[str, list[Change]] | None:
    """Return the cluster in GSM-7 and the changes that made it so, or None; ``index`` is where it stands."""
    found = _replace_characters(cluster, index)
    if found is not None:
        return found
    composed = normalize("NFC", cluster)
    found = _replace_characters(composed, index)
    if found is None:
        return None
    # One change for the whole cluster: positions in the composed text are not those of the text given.
    return found[0], [Change(index, cluster, found[0], COMPOSED)]


def _replace_characters(text: str, index: int) -> tuple[str, list[Change]] | None:
    pieces = list(text)
    changes = []
    for position in positions_outside_gsm7(text):
        if text[position] not in LOOKALIKES:
            return None
        replacement, reason = LOOKALIKES[text[position]]
        pieces[position] = replacement
        changes.append(Change(index + position, text[position], replacement, reason))
    return "".join(pieces), changes


__all__ = ["Change", "Substitution", "to_gsm7"]
