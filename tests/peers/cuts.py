"""Comparing cuts: alphabet and segments of every text of the corpus, ours beside a judge's."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from msgcore import segment
from tests.peers.verdicts import Verdict


class Cut(NamedTuple):
    """How a text is sent: its alphabet (``"GSM-7"`` or ``"UCS-2"``) and the text of each segment."""

    alphabet: str
    segments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.alphabet} {'+'.join(str(len(part)) for part in self.segments)} characters"


def our_cut(text: str, boundary: Literal["cluster", "character"]) -> Cut:
    segmentation = segment(text, boundary=boundary, reference_bits=8)
    return Cut(segmentation.alphabet.value, tuple(part.text for part in segmentation))


def compare_cuts(
    texts: Sequence[str],
    answers: Sequence[Any],
    ours: Callable[[str], Cut],
    theirs: Callable[[Any], Cut],
    explain: Callable[[str, Cut, Any], str | None],
) -> Verdict:
    """Compare; ``explain`` names the known departure that leads to a judge's answer, or returns ``None``."""
    explained: Counter[str] = Counter()
    unexplained = []
    for text, answer in zip(texts, answers, strict=True):
        our, their = ours(text), theirs(answer)
        if our == their:
            continue
        reason = explain(text, their, answer)
        if reason:
            explained[reason] += 1
        else:
            unexplained.append(f"{text[:40]!a}, {len(text)} characters: we say {our}, they say {their}")
    return Verdict(f"{len(texts)} texts", explained, unexplained)
