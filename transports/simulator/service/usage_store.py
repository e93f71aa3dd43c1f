"""Usage in the store: a table of records, in the order in which messages were received, and a table of totals.

Both are written in the transaction that writes the messages they are about, so that a bill has no message twice and
misses none. The totals could be added up again, but a million records take seconds to read.
"""

from typing import Any, Final, Protocol

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

_Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_record: Final = msgspec.msgpack.Decoder(UsageRecord).decode
_decode_key: Final = msgspec.msgpack.Decoder(UsageKey).decode
_MOST: Final = "9" * ID_DIGITS + "~"


def take_usage(rows: _Rows, account_id: str, usage: UsageChanges) -> None:
    """Put what has changed into the rows of the next transaction."""
    if usage.is_new:
        # What an earlier transaction could not write is of before, too.
        for statement in ("usage", "usage line"):
            rows[statement] = {key: row for key, row in rows[statement].items() if key[0] != account_id}
        rows["no usage"][account_id,] = (account_id,)
        rows["no usage lines"][account_id,] = (account_id,)
    records, lines = rows["usage"], rows["usage line"]
    for record in usage.records:
        records[account_id, record.id, record.leg] = (account_id, record.id, record.leg, _encode(record))
    for key, messages, segments in usage.lines:
        octets = _encode(tuple(key))
        lines[account_id, octets] = (account_id, octets, messages, segments)


def load_usage(database: apsw.Connection, account_id: str) -> tuple[UsageLine, ...]:
    """Return the totals of an account as they were."""
    rows = database.execute("SELECT key, messages, segments FROM usage_lines WHERE account_id = ?", (account_id,))
    return tuple(UsageLine(_decode_key(key), messages, segments) for key, messages, segments in rows)


class Reader(Protocol):
    """A store, so far as it is read."""

    async def save(self) -> None:
        """Return once all that has happened so far is in the file."""

    async def read(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return rows of the file."""


class StoredUsage:
    """The usage records of an account, in the order in which their messages were received."""

    def __init__(self, store: Reader, account_id: str) -> None:
        self._store = store
        self._account_id = account_id

    async def read_page(self, cursor: str | int | None, wanted: UsageFilter) -> UsagePage:
        """Return the records behind a cursor: an id and a leg."""
        if cursor is None:
            await self._store.save()  # what was told to have happened is read, too
        id, _, leg = str(cursor or f"{_id_at(wanted.since_ms)}/-1").partition("/")
        rows = await self._store.read(
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
