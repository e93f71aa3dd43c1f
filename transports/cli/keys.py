"""The keys of a campaign: a second row with the same key is refused, however far apart the two are."""

import sqlite3
import weakref
from hashlib import blake2b

from transports.cli.rows import RefusedRow, Row


class SeenKeys:
    """The keys seen so far, in a private temporary database that spills to disk: memory stays constant."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._close = weakref.finalize(self, self._database.close)  # also where nobody comes to close it
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE key (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def line_of(self, key: str, line: int) -> int | None:
        """Return the earlier line that has ``key``; None, and note ``line``, when there is none.

        Asking again for the same line is no second row.
        """
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        inserted = self._database.execute("INSERT OR IGNORE INTO key VALUES (?, ?)", (digest, line))
        if inserted.rowcount:
            return None
        (earlier,) = self._database.execute("SELECT line FROM key WHERE digest = ?", (digest,)).fetchone()
        return None if earlier == line else int(earlier)

    def check(self, row: Row | RefusedRow) -> Row | RefusedRow:
        """Return ``row``, or its refusal where an earlier row has its key."""
        if isinstance(row, RefusedRow) or row.message.key is None:
            return row
        earlier = self.line_of(row.message.key, row.line)
        if earlier is None:
            return row
        reason = f"key: {row.message.key!r} stands in line {earlier} already"
        return RefusedRow(row.line, row.raw, "key", reason)

    def close(self) -> None:
        """Forget them."""
        self._close()


__all__ = ["SeenKeys"]
