from collections.abc import Sequence
from typing import Literal, Protocol

from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable

class _Element(Protocol):
    """An information element: ``msgcore.InformationElement`` is one."""

    @property
    def identifier(self) -> int: ...
    @property
    def data(self) -> bytes: ...

def count_segments(
    text: str,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[_Element] = (),
) -> int: ...
def measure(
    text: str,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[_Element] = (),
) -> tuple[Alphabet, int, int, int, tuple[LanguageTable, ...]]: ...
