"""Where events are kept: ``SqliteCallbackStore`` in a file, ``MemoryCallbackStore`` for as long as the process lives."""

from transports.outbox.callbacks.memory import MemoryCallbackStore
from transports.outbox.callbacks.sqlite import SqliteCallbackStore

__all__ = ["MemoryCallbackStore", "SqliteCallbackStore"]
