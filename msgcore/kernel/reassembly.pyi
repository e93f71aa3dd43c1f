from collections.abc import Callable, Iterable
from typing import final

from typing_extensions import Buffer

from msgcore.kernel.headers import Concatenation, UserDataHeader
from msgcore.kernel.user_data import UserData
from msgcore.tables.alphabets import Alphabet

@final
class ReassembledMessage:
    __match_args__ = ("sender", "recipient", "text", "data", "header")
    def __init__(
        self,
        sender: str,
        recipient: str,
        text: str | None = None,
        data: bytes | None = None,
        header: UserDataHeader | None = None,
    ) -> None: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    @property
    def data(self) -> bytes | None: ...
    @property
    def header(self) -> UserDataHeader: ...
    @property
    def concatenation(self) -> Concatenation | None: ...
    def __hash__(self) -> int: ...

@final
class IncompleteMessage:
    __match_args__ = ("sender", "recipient", "reference", "reference_bits", "total", "first_seen", "segments")
    def __init__(
        self,
        sender: str,
        recipient: str,
        reference: int,
        reference_bits: int,
        total: int,
        first_seen: float,
        segments: Iterable[UserData],
    ) -> None: ...
    @property
    def sender(self) -> str: ...
    @property
    def recipient(self) -> str: ...
    @property
    def reference(self) -> int: ...
    @property
    def reference_bits(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def first_seen(self) -> float: ...
    @property
    def segments(self) -> tuple[UserData, ...]: ...
    @property
    def missing(self) -> tuple[int, ...]: ...
    @property
    def texts(self) -> dict[int, str | None]: ...
    def __hash__(self) -> int: ...

@final
class Reassembler:
    def __init__(
        self,
        *,
        max_messages: int = 10_000,
        max_octets: int = 16_000_000,
        expire_after_seconds: float = 86_400.0,
        remember_seconds: float | None = None,
        on_drop: Callable[[IncompleteMessage], object] | None = None,
    ) -> None: ...
    @property
    def dropped_count(self) -> int: ...
    @property
    def duplicate_count(self) -> int: ...
    def __len__(self) -> int: ...
    def add(self, data: UserData, *, sender: str, recipient: str, now: float) -> ReassembledMessage | None: ...
    def add_octets(
        self,
        octets: Buffer,
        user_data_length: int,
        alphabet: Alphabet | None,
        *,
        has_header: bool,
        sender: str,
        recipient: str,
        now: float,
    ) -> ReassembledMessage | None: ...
    def incomplete(self) -> list[IncompleteMessage]: ...
    def expire(self, now: float) -> list[IncompleteMessage]: ...
