from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Self

from msgcore.tables.message_kinds import MessageKind

class Message:
    def __init__(
        self,
        *,
        to: str | Sequence[str],
        from_: str,
        text: str = "",
        application_id: str | None = None,
        media: str | Sequence[str] = (),
        tag: str | None = None,
        priority: str | None = None,
        expiration: str | datetime | None = None,
        key: str | None = None,
    ) -> None: ...
    @classmethod
    def restored(
        cls,
        to: tuple[str, ...],
        from_: str,
        text: str,
        application_id: str | None,
        media: tuple[str, ...],
        tag: str | None,
        priority: str | None,
        expiration: str | None,
        key: str | None,
    ) -> Self: ...
    @property
    def to(self) -> tuple[str, ...]: ...
    @property
    def from_(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def application_id(self) -> str | None: ...
    @property
    def media(self) -> tuple[str, ...]: ...
    @property
    def tag(self) -> str | None: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def expiration(self) -> str | None: ...
    @property
    def key(self) -> str | None: ...
    @property
    def kind(self) -> MessageKind: ...
    def replace(self, **changes: Any) -> Self: ...
    def __replace__(self, **changes: Any) -> Self: ...
    def without_content(self) -> Self: ...
    def __setattr__(self, name: str, value: object) -> None: ...
    def __delattr__(self, name: str) -> None: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def finish_messages_with(
    check_in_full: Callable[
        ...,
        tuple[tuple[str, ...], str, str, str | None, tuple[str, ...], str | None, str | None, str | None, str | None],
    ],
    make_again: Callable[[dict[str, Any]], Message],
) -> None: ...
