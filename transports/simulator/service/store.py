"""What lives on: accounts, messages and callbacks in SQLite, and never a text.

How this works. Everybody who waits for something to be written waits for the same transaction: a group commit. Rows are
made and handed to SQLite in the loop, where records cannot change meanwhile and the interpreter need not be won back
from a busy loop for each statement; a thread of its own does what takes time and no interpreter, the commit with its
``fsync``. ``synchronous=FULL``: what an answer has told survives a loss of power.

A 202 tells no more than that a message is there, so it waits for the message alone, as it was taken in. What has become
of messages is written with the events that tell of it, in one transaction, when somebody is to be told: whatever else
happens until then shares it, and much is out of date before it would have been written.

The file belongs to one process at a time, and to its user alone: the passwords that callbacks need are in it as they
are, since a challenge has to be answered with them. Those that open the API are in it as hashes only.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import apsw
import msgspec

from msgcore.errors import LocalError
from transports.simulator.accounts.records import AccountRecord
from transports.simulator.callbacks.schedule import Delivery
from transports.simulator.course.records import MessageRecord
from transports.simulator.provider import Provider, Tenant
from transports.simulator.service.usage_store import (
    USAGE_STATEMENTS,
    USAGE_TABLES,
    StoredUsage,
    load_usage,
    take_usage,
)
from transports.simulator.usage.archive import UsageSource
from transports.simulator.usage.totals import UsageLine

FILE_NAME: Final = "simulator.sqlite3"
_FORMAT: Final = 2
_TABLES: Final = """
    CREATE TABLE accounts (id TEXT PRIMARY KEY, place INTEGER NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE messages (account_id TEXT, id TEXT, record BLOB NOT NULL, PRIMARY KEY (account_id, id)) WITHOUT ROWID;
    CREATE TABLE deliveries (
        account_id TEXT, id INTEGER, record BLOB NOT NULL, PRIMARY KEY (account_id, id)
    ) WITHOUT ROWID;
    CREATE TABLE clock (only INTEGER PRIMARY KEY CHECK (only = 1), record BLOB NOT NULL);
"""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_account: Final = msgspec.msgpack.Decoder(AccountRecord).decode
_decode_message: Final = msgspec.msgpack.Decoder(MessageRecord).decode
_decode_delivery: Final = msgspec.msgpack.Decoder(Delivery).decode


class ClockRecord(msgspec.Struct, frozen=True):
    """The provider's time at a time of the machine, and how it went on from there."""

    provider_time: float
    machine_time: float
    speed: float
    paused: bool


_decode_clock: Final = msgspec.msgpack.Decoder(ClockRecord).decode


class Kept(NamedTuple):
    """One account as it was."""

    account: AccountRecord
    messages: tuple[MessageRecord, ...]
    deliveries: tuple[Delivery, ...]
    usage: tuple[UsageLine, ...]


# By statement, and by the key of what it is about: of two rows for one key, the later counts.
_Rows = dict[str, dict[tuple[Any, ...], tuple[Any, ...]]]


class Store:
    """A provider's memory in a folder.

    Raises:
        LocalError: the folder cannot be used, or another process uses it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._database = _open(folder)
        self._thread = ThreadPoolExecutor(1, "msgcore-simulator-store")
        self._provider: Provider | None = None
        self._clock_record: Callable[[], ClockRecord] | None = None
        self._accounts: dict[str, bytes] = {}  # as they are in the file
        self._changed_accounts = True
        self._rows = _no_rows()
        self._takes_all = False  # in the next transaction, not only what was taken in
        self._waiting: list[asyncio.Future[None]] = []
        self._writer: asyncio.Task[None] | None = None
        self._access = asyncio.Lock()  # a connection is not for two threads at once

    # ---------------------------------------------------------------------------------------------------- what was kept

    def load_clock(self) -> ClockRecord | None:
        """Return the time as it was, ``None`` in a new folder."""
        for (record,) in self._database.execute("SELECT record FROM clock"):
            return _decode_clock(record)
        return None

    def load(self) -> list[Kept]:
        """Return all accounts as they were, oldest first."""
        found = []
        for id, record in self._database.execute("SELECT id, record FROM accounts ORDER BY place"):
            self._accounts[id] = record
            messages = self._records("messages", id, _decode_message)
            deliveries = self._records("deliveries", id, _decode_delivery)
            found.append(Kept(_decode_account(record), messages, deliveries, load_usage(self._database, id)))
        return found

    def usage_of(self, account_id: str) -> UsageSource:
        """Return where the usage records of an account are read."""
        return StoredUsage(self, account_id)

    async def read(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return rows of the file, between two transactions."""
        async with self._access:
            return list(self._database.execute(statement, values))

    def _records(self, table: str, account_id: str, decode: Callable[[bytes], Any]) -> tuple[Any, ...]:
        rows = self._database.execute(f"SELECT record FROM {table} WHERE account_id = ?", (account_id,))
        return tuple(decode(record) for (record,) in rows)

    # ---------------------------------------------------------------------------------------------------- what is kept

    def keep(self, provider: Provider, clock_record: Callable[[], ClockRecord]) -> None:
        """Save what happens to a provider that keeps a journal, and its time."""
        self._provider = provider
        self._clock_record = clock_record

    def accounts_changed(self) -> None:
        """Save the records of accounts, too, and the time: somebody has changed them by hand."""
        self._changed_accounts = True

    async def save(self) -> None:
        """Return once all that has happened so far is in the file."""
        self._takes_all = True
        await self._written()

    def save_accepted(self, tenant: Tenant) -> Awaitable[None]:
        """Return what is done once the messages that an account has just taken in are in the file, as they are now."""
        account_id, rows = tenant.account.id, self._rows["message"]
        for message in tenant.engine.admitted():
            rows[account_id, message.id] = (account_id, message.id, _encode(message))
        return self._written()

    def _written(self) -> asyncio.Future[None]:
        """Return what is done with the next transaction; the one that runs may have begun too early."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(written)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_on())
        return written

    async def _write_on(self) -> None:
        """Make transactions for as long as somebody waits for one."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # who is about to be ready shares it
                waiting, self._waiting = self._waiting, []
                try:
                    await self._transact()
                except Exception as error:
                    # What could not be written (a full disk) is told to who waited, and tried again with the next.
                    _tell(waiting, error)
                else:
                    _tell(waiting, None)
        finally:
            self._writer = None

    async def _transact(self) -> None:
        if self._takes_all:
            self._takes_all = False
            self._take_rows(self._rows)
        rows, self._rows = self._rows, _no_rows()
        if not any(rows.values()):
            return
        try:
            await self._write(rows)
        except Exception:
            self._rows = {statement: rows[statement] | later for statement, later in self._rows.items()}
            raise

    async def open(self) -> None:
        """Save what was set up at the start; LocalError where that cannot be, and then the file is let go of."""
        try:
            await self._save_or_say()
        except LocalError:
            self.abandon()
            raise

    async def aclose(self) -> None:
        """Save the last of it and let go of the file; LocalError where the last of it could not be saved."""
        try:
            if self._provider is not None:
                self.accounts_changed()
                await self._save_or_say()
        finally:
            self.abandon()

    async def _save_or_say(self) -> None:
        """At the start and at the end nobody asks for anything: it is the person who runs this that has to know."""
        try:
            await self.save()
        except apsw.Error as error:
            raise LocalError(f"data folder {self._folder}: what has happened could not be saved: {error}") from error

    def abandon(self) -> None:
        """Let go of the file as it is."""
        self._thread.shutdown()
        self._database.close()

    def _take_rows(self, rows: _Rows) -> None:
        provider, clock_record = self._provider, self._clock_record
        assert provider is not None, "keep() comes first"
        assert clock_record is not None, "keep() comes first"
        for account_id, messages, deliveries, forgotten, usage in provider.changes():
            self._changed_accounts |= messages.account_changed
            for statement, records in (("message", messages.messages), ("delivery", deliveries)):
                kept = rows[statement]
                for record in records:
                    kept[account_id, record.id] = (account_id, record.id, _encode(record))
            for statement, ids in (("message", messages.forgotten), ("delivery", forgotten)):
                for id in ids:
                    rows[statement].pop((account_id, id), None)
                    rows[f"no {statement}"][account_id, id] = (account_id, id)
            take_usage(rows, account_id, usage)
        if self._changed_accounts:
            self._changed_accounts = False
            self._take_accounts(provider, rows)
            rows["clock"][()] = (_encode(clock_record()),)

    def _take_accounts(self, provider: Provider, rows: _Rows) -> None:
        before = self._accounts
        self._accounts = {tenant.account.id: _encode(tenant.account.record()) for tenant in provider.tenants}
        gone = {(id,): (id,) for id in before if id not in self._accounts}
        for statement in ("no account", "no messages", "no deliveries", "no usage", "no usage lines"):
            rows[statement] |= gone
        for statement in ("message", "delivery", "usage", "usage line") if gone else ():
            rows[statement] = {key: row for key, row in rows[statement].items() if key[:1] not in gone}
        for place, (id, record) in enumerate(self._accounts.items()):
            if before.get(id) != record or gone:
                rows["account"][id,] = (id, place, record)

    async def _write(self, rows: _Rows) -> None:
        database = self._database
        async with self._access:
            await self._commit(database, rows)

    async def _commit(self, database: apsw.Connection, rows: _Rows) -> None:
        database.execute("BEGIN IMMEDIATE")
        try:
            for name, statement in _STATEMENTS.items():
                _write_all(database, statement, list(rows[name].values()))
            await asyncio.get_running_loop().run_in_executor(self._thread, database.execute, "COMMIT")
        except Exception:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise


_STATEMENTS: Final = {
    # What is gone goes first: an account that was closed and opened again begins anew.
    "no account": ("DELETE FROM accounts WHERE id IN (VALUES ", "(?)", ")"),
    "no messages": ("DELETE FROM messages WHERE account_id IN (VALUES ", "(?)", ")"),
    "no deliveries": ("DELETE FROM deliveries WHERE account_id IN (VALUES ", "(?)", ")"),
    "account": ("INSERT OR REPLACE INTO accounts VALUES ", "(?, ?, ?)", ""),
    "message": ("INSERT OR REPLACE INTO messages VALUES ", "(?, ?, ?)", ""),
    "no message": ("DELETE FROM messages WHERE (account_id, id) IN (VALUES ", "(?, ?)", ")"),
    "delivery": ("INSERT OR REPLACE INTO deliveries VALUES ", "(?, ?, ?)", ""),
    "no delivery": ("DELETE FROM deliveries WHERE (account_id, id) IN (VALUES ", "(?, ?)", ")"),
    "clock": ("INSERT OR REPLACE INTO clock VALUES ", "(1, ?)", ""),
    **USAGE_STATEMENTS,
}

# Many rows are one step. Few lengths, so that the statements are prepared once.
_LENGTHS: Final = (128, 32, 8, 1)


def _write_all(database: apsw.Connection, statement: tuple[str, str, str], rows: list[tuple[Any, ...]]) -> None:
    head, row, tail = statement
    start = 0
    for length in _LENGTHS:
        while len(rows) - start >= length:
            values = [value for item in rows[start : start + length] for value in item]
            database.execute(head + ",".join([row] * length) + tail, values)
            start += length


def _no_rows() -> _Rows:
    return {statement: {} for statement in _STATEMENTS}


def _tell(waiting: list[asyncio.Future[None]], error: Exception | None) -> None:
    for written in waiting:
        if written.done():  # whoever waited has gone
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)


def _open(folder: Path) -> apsw.Connection:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = folder / FILE_NAME
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        database = apsw.Connection(str(file))
        _prepare(database)
    except apsw.BusyError as error:
        raise LocalError(f"data folder {folder}: another process uses it") from error
    except (OSError, apsw.Error) as error:
        raise LocalError(f"data folder {folder}: {error}") from error
    return database


def _prepare(database: apsw.Connection) -> None:
    # The lock is taken by the first transaction and kept until the end.
    for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
        database.execute(f"PRAGMA {pragma}").fetchall()
    with database:
        version = next(iter(database.execute("PRAGMA user_version")))[0]
        if version not in (0, _FORMAT):
            raise LocalError(f"the data were written in format {version}, and {_FORMAT} is what this version reads")
        if not version:
            database.execute(_TABLES)
            database.execute(f"PRAGMA user_version = {_FORMAT}")
        database.execute(USAGE_TABLES)  # of older folders, too
