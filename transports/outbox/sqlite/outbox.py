"""``SqliteOutbox``: the outbox in a file, put together from its parts.

How this works: one connection writes, on a thread of its own (``commits``, ``writing``); another reads, in the event
loop (``reading``). Whoever is the dispatcher holds the ``lock`` and has a memory (``dispatching``) that is ahead of the
file by what the next commit will write.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgcore.delivery import Attempt, Conclusion, Count, Entry, OutboxCounts, Outcome, SendState
from msgcore.errors import KeyConflictError, LocalError, OutboxBusyError, OutboxError
from msgcore.wire import Message
from transports.outbox.bodies import KeyDrawer, encode_body
from transports.outbox.commits import Committer, Work
from transports.outbox.failures import describe
from transports.outbox.lock import RoleLock
from transports.outbox.place import Place
from transports.outbox.sqlite.dispatching import Dispatching
from transports.outbox.sqlite.erasing import empty_log
from transports.outbox.sqlite.reading import Reader
from transports.outbox.sqlite.schema import open_database
from transports.outbox.sqlite.writing import Commit, MessageRow, Put, purge_some, write_commit
from transports.outbox.turns import rank_of

if TYPE_CHECKING:
    import apsw

LISTED_AT_ONCE: Final = 256


class SqliteOutbox:
    """Keeps messages in one file, durable at every step: what is confirmed survives a kill and a loss of power.

    Any number of processes may put and read; one at a time is the dispatcher. An outbox belongs to the event loop that
    it is used in first. Texts stand in the file as they are, readable for its owner alone (mode 0600), until they are
    erased.

    Args:
        path: the file; it is made where there is none. Beside it stand ``-wal``, ``-shm`` and ``-dispatcher``.
        random_bytes: where the keys of messages that have none come from.

    Raises:
        OutboxError: the file cannot be used, is no outbox, or was written by a newer release.
    """

    def __init__(self, path: str | os.PathLike[str], *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self.path: Final = Path(path)
        database = open_database(self.path)
        self._reader = Reader(self.path)
        self._committer = Committer(database, self._gather, self._committed, self._explain, Place(self.path))
        self._lock = RoleLock(self.path, "dispatcher")
        self._keys = KeyDrawer(random_bytes)
        self._puts: list[Put] = []
        self._dispatching: Dispatching | None = None
        self._ending: asyncio.Task[None] | None = None
        self._fold_wanted = False
        self._log_holds_erased = True  # or may: whoever wrote here before did not say
        self._purging: asyncio.Future[None] | None = None
        self._is_closed = False

    # ------------------------------------------------------------------------------------------------- what anybody may

    async def put(self, messages: Sequence[Message], now: float) -> int:
        """Keep ``messages``, all or none, and return how many of them are new, once they are durable."""
        self._check()
        put = Put(self._rows(messages, now))
        if not put.rows:
            return 0
        self._puts.append(put)
        await self._committer.commit()
        if put.conflict is not None:
            raise KeyConflictError(put.conflict)
        return put.new_count

    def counts(self) -> OutboxCounts:
        """Return how many messages stand where."""
        self._check()
        if self._dispatching is not None:
            return self._reader.counts_with(self._dispatching.counts)
        return self._reader.counts()

    async def entries(
        self, state: SendState | None = None, *, after: int = 0, final: bool | None = None
    ) -> AsyncIterator[Entry]:
        """Yield the messages in ``state``, or all, by ascending number above ``after``."""
        counts = _counts(state, final)
        while True:
            self._check()
            chunk = self._reader.chunk(counts, after, LISTED_AT_ONCE)
            if not chunk:
                return
            for entry in chunk:
                yield entry
            after = chunk[-1].number
            await asyncio.sleep(0)  # others have their turn, too

    async def find(self, keys: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that have ``keys``."""
        self._check()
        return self._reader.find(keys)

    async def find_accepted(self, message_ids: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that were accepted under the provider's ``message_ids``."""
        self._check()
        return self._reader.find_accepted(message_ids)

    async def aclose(self) -> None:
        """End the dispatcher, let go of the file, and refuse everything from now on."""
        if self._is_closed:
            return
        try:
            await self.end()
        finally:
            self._is_closed = True
            self._reader.close()
            await self._committer.aclose()

    # ------------------------------------------------------------------------------------------ what the dispatcher may

    async def begin(self, now: float) -> int:
        """Become the one dispatcher; attempts that a dead one left open become unknown. Return how many did."""
        self._check()
        if self._lock.is_held:
            raise OutboxBusyError(f"{self.path}: another dispatcher has this outbox")
        self._lock.acquire()
        try:
            dispatching = Dispatching(self._reader)
            left_open = dispatching.begin(now)
        except BaseException:
            self._lock.release()
            raise
        self._dispatching = dispatching
        self._reader.overlay = dispatching.overlay
        try:
            await self._fold()
        except BaseException:
            await self.end()
            raise
        return left_open

    async def end(self) -> None:
        """Stop being the dispatcher: claims are given back, open attempts are unknown. A second call does nothing."""
        if self._dispatching is None:
            return
        if self._ending is None:
            self._ending = asyncio.create_task(self._end(self._dispatching))
        # Whoever is cancelled here stops waiting only: the lock is not given back before the last write is through.
        await asyncio.shield(self._ending)

    async def claim(self, limit: int, now: float) -> Sequence[Entry]:
        """Return up to ``limit`` messages that wait, are due and not claimed, high priority first, then the oldest."""
        return self._dispatcher().claim(limit, now)

    def release(self, numbers: Sequence[int]) -> None:
        """Give back claims of messages that were not attempted."""
        dispatching = self._dispatcher()
        for number in numbers:
            dispatching.release(number)

    def next_due(self) -> float | None:
        """Return when the next message that waits and is not claimed becomes due; ``None``: there is none."""
        return self._dispatcher().next_due()

    async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
        """Enter ``attempts``, each if its message waits and its number is the next; return which were entered."""
        if self._purging is not None:
            await self._purged()
        entered = self._dispatcher().enter(attempts)
        if True in entered:
            await self._committer.commit()
        return entered

    async def settle(self, records: Sequence[Outcome | Conclusion]) -> Sequence[bool]:
        """Enter what became of messages, each if it can follow from where the message stands; return which were."""
        if self._purging is not None:
            await self._purged()
        entered = self._dispatcher().enter(records)
        if True in entered:
            await self._committer.commit()
        return entered

    async def purge(self, before: float) -> int:
        """Forget the final messages that became so before that time, keys included; return how many."""
        purged, after = 0, 0
        while True:
            step = await self._purge_step(before, after)
            if step is None:
                return purged
            purged, after = purged + step[0], step[1]

    # ----------------------------------------------------------------------------------------------------------- inside

    def _rows(self, messages: Sequence[Message], now: float) -> list[MessageRow]:
        rows: dict[str, MessageRow] = {}
        for message in messages:
            digest, envelope, content = encode_body(message)
            key = self._keys.draw() if message.key is None else message.key
            row = (key, rank_of(message), now, digest, envelope, content, message)
            if rows.setdefault(key, row)[3] != digest:
                raise KeyConflictError(key)
        return list(rows.values())

    async def _end(self, dispatching: Dispatching) -> None:
        try:
            await self._purged()
            if not self._committer.has_failed:  # else the next dispatcher finds them open
                dispatching.give_up()
                await self._fold()
        finally:
            self._dispatching = self._ending = None
            self._reader.overlay = None
            self._lock.release()

    async def _fold(self) -> None:
        self._fold_wanted = True
        await self._committer.commit()
        await self._committer.run(self._empty_log)

    async def _purge_step(self, before: float, after: int) -> tuple[int, int] | None:
        """Purge some; return how many, and where to go on.

        No record is entered meanwhile: the journal is empty, and what it counts is what the file counts.
        """
        await self._purged()
        dispatching = self._dispatcher()
        self._purging = asyncio.get_running_loop().create_future()
        try:
            await self._fold()
            gone, last_number = await self._committer.run(partial(purge_some, before=before, after=after))
            dispatching.counts = [count - less for count, less in zip(dispatching.counts, gone, strict=True)]
        finally:
            self._purging.set_result(None)
            self._purging = None
        return None if last_number is None else (sum(gone), last_number)

    async def _purged(self) -> None:
        while self._purging is not None:
            await asyncio.shield(self._purging)

    def _gather(self) -> Work:
        puts, self._puts = self._puts, []
        fold, self._fold_wanted = self._fold_wanted, False
        if self._dispatching is None:
            return Work(partial(write_commit, commit=Commit(puts, 0, [], {}, None)))
        commit = self._dispatching.commit(puts, fold=fold)
        write = partial(write_commit, commit=commit)
        if commit.fold is None:
            return Work(write)
        self._log_holds_erased |= bool(commit.fold.erased)
        # A log that is written over is cheaper to make durable than one that grows again each time.
        return Work(write, self._empty_log if self._log_holds_erased else None)

    def _empty_log(self, database: "apsw.Connection") -> None:
        # On the thread. Should the loop have noted more to erase meanwhile, that work brings its own call of this.
        self._log_holds_erased = not empty_log(database)

    def _committed(self) -> None:
        if self._dispatching is not None:
            self._dispatching.committed()

    def _dispatcher(self) -> Dispatching:
        self._check()
        if self._dispatching is None or self._ending is not None:
            raise LocalError("only the dispatcher may do this: begin() comes first")
        return self._dispatching

    def _check(self) -> None:
        if self._is_closed:
            raise OutboxError(f"{self.path}: this outbox is closed")
        self._committer.check()

    def _explain(self, error: BaseException) -> OutboxError:
        return OutboxError(f"{self.path}: {describe(error)}")


def _counts(state: SendState | None, final: bool | None) -> frozenset[Count] | None:
    """Return where those messages are counted; ``None``: anywhere."""
    if state is None and final is None:
        return None
    of_state = frozenset(Count) if state is None else frozenset({Count[state.name]})
    if state is SendState.ACCEPTED:
        of_state |= {Count.FINAL}
    finals = frozenset({Count.FINAL, Count.REJECTED, Count.EXPIRED, Count.SUPPRESSED})
    if final is None:
        return of_state
    return of_state & finals if final else of_state - finals


__all__ = ["SqliteOutbox"]
