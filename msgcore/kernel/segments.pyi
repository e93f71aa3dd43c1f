from collections.abc import Iterable, Sequence
from typing import Literal, final, overload

from msgcore.kernel.headers import InformationElement
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.languages import LanguageTable

@final
class Segment:
    def __init__(
        self,
        text: str,
        alphabet: Alphabet,
        number: int,
        total: int,
        unit_count: int,
        header: bytes,
        user_data: bytes,
        user_data_length: int,
    ) -> None: ...
    @property
    def text(self) -> str: ...
    @property
    def alphabet(self) -> Alphabet: ...
    @property
    def number(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def unit_count(self) -> int: ...
    @property
    def header(self) -> bytes: ...
    @property
    def user_data(self) -> bytes: ...
    @property
    def user_data_length(self) -> int: ...
    def __hash__(self) -> int: ...

@final
class Segmentation(Sequence[Segment]):
    def __init__(
        self,
        segments: Iterable[Segment],
        alphabet: Alphabet,
        reference: int,
        reference_bits: int,
        languages: tuple[LanguageTable, ...] = (),
    ) -> None: ...
    @property
    def alphabet(self) -> Alphabet: ...
    @property
    def reference(self) -> int: ...
    @property
    def reference_bits(self) -> int: ...
    @property
    def languages(self) -> tuple[LanguageTable, ...]: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, index: int) -> Segment: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Segment, ...]: ...
    def __hash__(self) -> int: ...

def segment(
    text: str,
    *,
    reference: int = 0,
    reference_bits: Literal[8, 16] = 8,
    boundary: Literal["cluster", "character"] = "cluster",
    languages: str | Sequence[str] | None = (),
    elements: Sequence[InformationElement] = (),
) -> Segmentation: ...
