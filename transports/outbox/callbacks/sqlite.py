"""SqliteCallbackStore: events in one file, raw, each once, shared by a receiver and a sender.

How this works. What several callbacks bring is written in one transaction (``transports.outbox.commits``). All keys of
the group go into the table of keys, unless they are there, some at a time and in their order; if as many rows came in
as were given, nothing was repeated, which is mostly so, and else the table is asked which of these hold their own
sequence. Only new ones get a body.

SQLite lets go of the interpreter for each step, and a thread gets it back from a busy loop after milliseconds only: so
many rows are one step, and steps are few.

Readers have connections of their own, which in a WAL wait for nobody. Whoever waits for the next event looks every 20
ms whether there is one: 3 us, as cheap as asking SQLite whether anything has changed, and the same whichever process
it comes from. Within one process nobody waits for the look.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeVar

from msgcore.delivery import Arrival, HandlerFailure, QuarantinedItem, StoredEvent
from msgcore.errors import OutboxBusyError, OutboxError
from transports.outbox.callbacks.keys import keys_of
from transports.outbox.callbacks.rows import ASKED_AT_ONCE, Added, add_all, events_of, last_sequence, marks, purge
from transports.outbox.callbacks.schema import open_reader, open_store, transaction
from transports.outbox.commits import Committer, Work
from transports.outbox.failures import describe, translated
from transports.outbox.lock import RoleLock
from transports.outbox.place import Place

if TYPE_CHECKING:
    import apsw

LOOK_SECONDS: Final = 0.02
"""How often who waits looks whether another process has added something."""

_Result = TypeVar("_Result")


_Change: TypeAlias = "Callable[[apsw.Connection], Any]"
_Work: TypeAlias = "Added | _Change"


class _Wanted:
    """Work for a commit, and what came of it."""

    __slots__ = ("result", "work")

    def __init__(self, work: _Work) -> None:
        self.work = work
        self.result: Any = None


class SqliteCallbackStore:
    """Keeps events in a file; several processes may have it open.

    >>> import asyncio, tempfile
    >>> async def main() -> list[str]:
    ...     async with SqliteCallbackStore(Path(tempfile.mkdtemp()) / "events.db") as store:
    ...         item = b'{"type": "message-sent", "to": "+19195550123", "message": {"id": "m-1"}}'
    ...         return [arrival.value for arrival in await store.add([item, item], now=0.0)]
    >>> asyncio.run(main())
    ['new', 'repeated']

    Args:
        path: the file, made if it is not there; beside it lie ``-wal``, ``-shm`` and, with handlers, ``-handlers``.

    Raises:
        OutboxError: the file cannot be used, is none of this kind, or was written by a later version.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._database = open_store(self._path)
        self._reader = open_reader(self._path)
        self._watch = open_reader(self._path)
        self._role = RoleLock(self._path, "handlers")
        self._process = os.getpid()
        self._wanted: list[_Wanted] = []
        self._reading = ThreadPoolExecutor(1, "msgcore-callbacks-reader")
        self._committer = Committer(
            self._database,
            self._gather,
            _nothing,
            self._explain,
            Place(self._path),
            recovers=True,
            name="msgcore-callbacks",
        )
        self._grown = _Bell()
        self._is_closed = False
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def beside(cls, outbox: str | Path) -> Self:
        """Open the store of the events that belong to the messages of an outbox: the file ``OUTBOX-events``.

        Two files, because a file has one writer at a time: in one, a sender and a receiver that are both busy would
        halve the one's throughput and make it wait for a second where it waits for milliseconds.
        """
        return cls(cls.path_beside(outbox))

    @staticmethod
    def path_beside(outbox: str | Path) -> Path:
        """Return where the events that belong to the messages of an outbox are kept."""
        path = Path(outbox)
        return path.with_name(f"{path.name}-events")

    # --------------------------------------------------------------------------------------------------- the receiver

    async def add(self, items: Sequence[bytes], now: float) -> Sequence[Arrival]:
        """Keep items; return what became of each, once all are durable."""
        if not items:
            return ()
        arrivals: Sequence[Arrival] = await self._commit(Added(items, keys_of(items), now))
        if Arrival.NEW in arrivals:
            self._grown.ring()
        return arrivals

    # ------------------------------------------------------------------------------------------------------ who reads

    async def read(self, after: int, limit: int) -> Sequence[StoredEvent]:
        """Return up to ``limit`` events by ascending sequence above ``after``."""
        statement = "SELECT sequence, raw, received_at FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?"
        return await self._read(lambda database: events_of(database.execute(statement, (after, limit))))

    async def last_sequence(self) -> int:
        """Return the last sequence that was given: what comes after it is yet to come."""
        return await self._read(last_sequence)

    async def wait(self, after: int) -> None:
        """Return once there is an event above ``after``, whichever process added it."""
        while not self._has_more(after):
            await self._grown.wait(LOOK_SECONDS)

    async def heard(self, message_ids: Sequence[str]) -> Sequence[StoredEvent]:
        """Return every event that is kept about these messages, by ascending sequence."""
        found: list[StoredEvent] = []
        for start in range(0, len(message_ids), ASKED_AT_ONCE):
            some = tuple(message_ids[start : start + ASKED_AT_ONCE])
            statement = (
                "SELECT sequence, raw, received_at FROM event_keys JOIN events USING (sequence)"
                f" WHERE message_id IN ({marks(len(some))})"
            )
            found += await self._read(lambda database: events_of(database.execute(statement, some)))  # noqa: B023
        return sorted(set(found))

    async def quarantined(self, after: int = 0, limit: int = 100) -> Sequence[QuarantinedItem]:
        """Return up to ``limit`` items of the quarantine, by ascending number above ``after``."""
        statement = "SELECT number, raw, problem, received_at FROM quarantine WHERE number > ? ORDER BY number LIMIT ?"
        return await self._read(
            lambda database: [QuarantinedItem._make(row) for row in database.execute(statement, (after, limit))]
        )

    async def quarantined_count(self) -> int:
        """Return how many items are in quarantine."""
        return await self._read(lambda database: int(database.execute("SELECT count(*) FROM quarantine").get))

    # ------------------------------------------------------------------------------------------------------- handlers

    async def enroll(self, handler: str, *, from_the_start: bool = False) -> int:
        """Return the sequence up to which a handler has come; a new one begins with what comes from now on, or at 0."""

        def enroll(database: "apsw.Connection") -> int:
            begins_after = 0 if from_the_start else last_sequence(database)
            database.execute("INSERT OR IGNORE INTO handlers VALUES (?, ?)", (handler, begins_after))
            through: int = database.execute("SELECT through FROM handlers WHERE name = ?", (handler,)).get
            return through

        found: int = await self._commit(enroll)
        return found

    async def advance(self, handler: str, through: int, failures: Sequence[HandlerFailure] = ()) -> None:
        """Enter that a handler is done with all events up to ``through``, but for its failures."""

        def advance(database: "apsw.Connection") -> None:
            statement = "UPDATE handlers SET through = max(through, ?) WHERE name = ?"
            database.execute(statement, (through, handler))
            for failure in failures:
                database.execute("INSERT OR REPLACE INTO handler_failures VALUES (?, ?, ?, ?, ?, ?)", failure)

        await self._commit(advance)

    async def settle_failure(self, failure: HandlerFailure, *, is_over: bool) -> None:
        """Enter what came of another attempt: the failure as it stands now, or that it is one no more."""

        def settle(database: "apsw.Connection") -> None:
            database.execute("DELETE FROM handler_failures WHERE (handler, sequence) = (?, ?)", failure[:2])
            if not is_over:
                database.execute("INSERT INTO handler_failures VALUES (?, ?, ?, ?, ?, ?)", failure)

        await self._commit(settle)

    async def failures(self, handler: str | None = None) -> Sequence[HandlerFailure]:
        """Return what handlers, or this one, failed on, by sequence."""
        statement = "SELECT * FROM handler_failures WHERE handler = ?1 OR ?1 IS NULL ORDER BY sequence, handler"
        return await self._read(
            lambda database: [HandlerFailure._make(row) for row in database.execute(statement, (handler,))]
        )

    async def progress(self) -> dict[str, int]:
        """Return how far each handler has come: the sequence up to which it is done, but for its failures."""

        def ask(database: "apsw.Connection") -> dict[str, int]:
            rows: list[Any] = database.execute("SELECT name, through FROM handlers").fetchall()
            return dict(rows)

        return await self._read(ask)

    async def dismiss(self, handler: str) -> None:
        """Forget a handler that is no more: nothing is kept for it any longer."""

        def dismiss(database: "apsw.Connection") -> None:
            database.execute("DELETE FROM handlers WHERE name = ?", (handler,))
            database.execute("DELETE FROM handler_failures WHERE handler = ?", (handler,))

        await self._commit(dismiss)

    def lead(self) -> bool:
        """Say whether the handlers run here: the first to ask is it, until it closes the store or dies."""
        if not self._role.is_held:
            try:
                self._role.acquire()
            except OutboxBusyError:
                return False
        return True

    # -------------------------------------------------------------------------------------------------------- the end

    async def purge(self, before: float) -> int:
        """Forget what came before that time, in small transactions; return how many events that were."""
        purged = after = 0
        while True:
            some: int
            some, after = await self._commit(lambda database: purge(database, before, after))  # noqa: B023
            purged += some
            if not after:
                break
        statement = "DELETE FROM quarantine WHERE received_at < ?"
        await self._commit(lambda database: database.execute(statement, (before,)).fetchall())
        return purged

    async def aclose(self) -> None:
        """Write what is under way, then let go of the file; a second call waits for the same."""
        if self._closing is None:
            self._is_closed = True
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    # --------------------------------------------------------------------------------------------------------- inside

    async def _close(self) -> None:
        if self._wanted:
            await self._committer.commit()
        await self._committer.aclose()
        self._reading.shutdown()
        self._reader.close()
        self._watch.close()
        self._role.release()

    async def _commit(self, work: _Work) -> Any:
        """Return what came of the work, once it is durable."""
        self._check_open()
        wanted = _Wanted(work)
        self._wanted.append(wanted)
        await self._committer.commit()
        return wanted.result

    def _gather(self) -> Work:
        wanted, self._wanted = self._wanted, []
        return Work(partial(_write, wanted=wanted))

    async def _read(self, ask: "Callable[[apsw.Connection], _Result]") -> _Result:
        self._check_open()
        with translated(self._path):
            return await asyncio.get_running_loop().run_in_executor(self._reading, ask, self._reader)

    def _has_more(self, after: int) -> bool:
        self._check_open()
        with translated(self._path):
            return bool(self._watch.execute("SELECT 1 FROM events WHERE sequence > ? LIMIT 1", (after,)).fetchall())

    def _check_open(self) -> None:
        if self._is_closed:
            raise OutboxError(f"{self._path}: this store is closed")
        if self._process != os.getpid():
            raise OutboxError(f"{self._path}: opened before the process was forked; open a store in each process")

    def _explain(self, error: BaseException) -> OutboxError:
        return OutboxError(f"{self._path}: {describe(error)}")


def _write(database: "apsw.Connection", wanted: Sequence[_Wanted]) -> None:
    """Do what is wanted in one transaction; runs in the thread of commits."""
    added = [one.work for one in wanted if isinstance(one.work, Added)]
    with transaction(database):
        arrivals = iter(add_all(database, added) if added else ())
        for one in wanted:
            one.result = next(arrivals) if isinstance(one.work, Added) else one.work(database)


def _nothing() -> None:
    """Nobody keeps anything in memory that is ahead of the file."""


class _Bell:
    """Wakes everybody who waits, in whatever loop they wait."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        for event in tuple(self._waiting):
            event.set()

    async def wait(self, seconds: float) -> None:
        event = asyncio.Event()
        self._waiting.add(event)
        alarm = asyncio.get_running_loop().call_later(seconds, event.set)
        try:
            await event.wait()
        finally:
            alarm.cancel()
            self._waiting.discard(event)


__all__ = ["SqliteCallbackStore"]
