from collections.abc import Callable
from typing import final

from typing_extensions import Buffer

from msgcore.kernel.messages import IncompleteMessage, ReassembledMessage
from msgcore.kernel.user_data import UserData
from msgcore.tables.alphabets import Alphabet

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
