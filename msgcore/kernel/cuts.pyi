from collections.abc import Sequence
from typing import Literal

from msgcore.kernel.headers import InformationElement
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable

def count_segments(
    text: str,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> int: ...
def measure(
    text: str,
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> tuple[Alphabet, int, int, int, tuple[LanguageTable, ...]]: ...
