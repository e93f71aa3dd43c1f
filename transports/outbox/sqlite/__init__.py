"""The embedded outbox: one SQLite file, durable at every step."""

from transports.outbox.sqlite.outbox import SqliteOutbox

__all__ = ["SqliteOutbox"]
