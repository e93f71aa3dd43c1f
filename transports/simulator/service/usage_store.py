"""Usage in the store: a table of records, in the order in which messages were received, and a table of totals.

Both are written in the transaction that writes the messages they are about, so that a bill has no message twice and
misses none. The totals could be added up again, but a million records take seconds to read.
"""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import apsw
import msgspec

from transports.simulator.usage.archive import UsageChanges, UsageFilter, UsagePage
from transports.simulator.usage.records import ID_DIGITS, UsageRecord
from transports.simulator.usage.totals import UsageKey, UsageLine

USAGE_TABLES: Final = """
    CREATE TABLE IF NOT EXISTS usage (
        account_id TEXT, id TEXT, leg INTEGER, record BLOB NOT NULL, PRIMARY KEY (account_id, id, leg)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS usage_lines (
        account_id TEXT, key BLOB, messages INTEGER NOT NULL, segments INTEGER NOT NULL, PRIMARY KEY (account_id, key)
    ) WITHOUT ROWID;
"""
# What is gone goes first; after that, the same record written again is the same record.
USAGE_STATEMENTS: Final = {
    "no usage": ("DELETE FROM usage WHERE account_id IN (VALUES ", "(?)", ")"),
    "no usage lines": ("DELETE FROM usage_lines WHERE account_id IN (VALUES ", "(?)", ")"),
    "usage": ("INSERT OR REPLACE INTO usage VALUES ", "(?, ?, ?, ?)", ""),
    "usage line": ("INSERT OR REPLACE INTO usage_lines VALUES ", "(?, ?, ?, ?)", ""),
}
PAGE_RECORDS: Final = 2000

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_record: Final = msgspec.msgpack.Decoder(UsageRecord).decode
_decode_key: Final = msgspec.msgpack.Decoder(UsageKey).decode
_MOST: Final = "9" * ID_DIGITS + "~"


def take_usage(rows: dict[str, list[tuple[Any, ...]]], account_id: str, usage: UsageChanges) -> None:
    """Put what has changed into the rows of the next transaction."""
    if usage.is_new:
        # What an earlier transaction could not write is of before, too.
        for statement in ("usage", "usage line"):
            rows[statement] = [row for row in rows[statement] if row[0] != account_id]
        rows["no usage"].append((account_id,))
        rows["no usage lines"].append((account_id,))
    rows["usage"] += [(account_id, record.id, record.leg, _encode(record)) for record in usage.records]
    rows["usage line"] += [(account_id, _encode(tuple(line.key)), line.messages, line.segments) for line in usage.lines]


def load_usage(database: apsw.Connection, account_id: str) -> tuple[UsageLine, ...]:
    """Return the totals of an account as they were."""
    rows = database.execute("SELECT key, messages, segments FROM usage_lines WHERE account_id = ?", (account_id,))
    return tuple(UsageLine(_decode_key(key), messages, segments) for key, messages, segments in rows)


class StoredUsage:
    """The usage records of an account, in the order in which their messages were received.

    They are read in the thread that writes, so that no page is half of a transaction.
    """

    def __init__(
        self,
        database: apsw.Connection,
        thread: ThreadPoolExecutor,
        account_id: str,
        save: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._thread = thread
        self._account_id = account_id
        self._save = save

    async def read_page(self, cursor: str | int | None, wanted: UsageFilter) -> UsagePage:
        """Return the records behind a cursor: an id and a leg."""
        loop = asyncio.get_running_loop()
        if cursor is None:
            await self._save()  # what was told to have happened is read, too
        return await loop.run_in_executor(self._thread, self._read, cursor, wanted)

    def _read(self, cursor: str | int | None, wanted: UsageFilter) -> UsagePage:
        id, _, leg = str(cursor or f"{_id_at(wanted.since_ms)}/-1").partition("/")
        rows = self._database.execute(
            "SELECT record FROM usage WHERE account_id = ? AND (id, leg) > (?, ?) AND id < ? ORDER BY id, leg LIMIT ?",
            (self._account_id, id, int(leg), _id_at(wanted.until_ms), PAGE_RECORDS),
        )
        records = [_decode_record(record) for (record,) in rows]
        if len(records) < PAGE_RECORDS:
            return UsagePage(records, None)
        last = records[-1]
        return UsagePage(records, f"{last.id}/{last.leg}")


def _id_at(milliseconds: int) -> str:
    """Return what stands before every id of a time, and behind all of earlier ones."""
    text = f"{max(0, milliseconds):0{ID_DIGITS}d}"
    return text if len(text) == ID_DIGITS else _MOST
