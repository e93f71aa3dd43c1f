from array import array
from collections.abc import Sequence
from typing import Literal

from msgcore.kernel.cuts import _Element

def count_segments(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[_Element] = (),
) -> array[int]: ...
def measure(
    texts: list[str],
    *,
    boundary: Literal["cluster", "character"] = "cluster",
    reference_bits: Literal[8, 16] = 8,
    languages: str | Sequence[str] | None = (),
    elements: Sequence[_Element] = (),
) -> tuple[array[int], array[int], array[int], array[int]]: ...
