"""Outboxes: messages are kept here from the moment they are handed over until nothing more becomes of them."""

from typing import TYPE_CHECKING, Any

from transports.outbox.memory import MemoryOutbox

if TYPE_CHECKING:
    from transports.outbox.sqlite import SqliteOutbox

__all__ = ["MemoryOutbox", "SqliteOutbox"]


def __getattr__(name: str) -> Any:
    if name == "SqliteOutbox":  # apsw is an extra: asked for only now
        from transports.outbox.sqlite import SqliteOutbox

        return SqliteOutbox
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
