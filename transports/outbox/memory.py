"""An outbox without a disk: for tests, and for runs whose messages may be lost with the process."""

import os
from collections.abc import AsyncIterator, Callable, Sequence

from msgcore.delivery import NEW, Attempt, Conclusion, Entry, OutboxCounts, Outcome, SendState, follow
from msgcore.errors import KeyConflictError, LocalError, OutboxBusyError, OutboxError
from msgcore.wire import Message
from transports.outbox.bodies import KeyDrawer, encode_body
from transports.outbox.entries import LEFT_OPEN, entry_of
from transports.outbox.turns import Turns, due_from, rank_of


class _Kept:
    """A message and where it stands."""

    __slots__ = ("digest", "key", "message", "put_at", "standing")

    def __init__(self, key: str, message: Message, digest: bytes, put_at: float) -> None:
        self.key = key
        self.message = message
        self.digest = digest
        self.put_at = put_at
        self.standing = NEW


class MemoryOutbox:
    """Keeps messages as every outbox does, but for their durability: they are lost with the process.

    Args:
        random_bytes: where the keys of messages that have none come from.
    """

    def __init__(self, *, random_bytes: Callable[[int], bytes] = os.urandom) -> None:
        self._kept: dict[int, _Kept] = {}
        self._last_number = 0
        self._numbers: dict[str, int] = {}
        self._numbers_of_ids: dict[str, int] = {}
        self._counts = [0] * len(OutboxCounts._fields)
        self._keys = KeyDrawer(random_bytes)
        self._turns: Turns | None = None
        self._closed = False

    # ------------------------------------------------------------------------------------------------- what anybody may

    async def put(self, messages: Sequence[Message], now: float) -> int:
        """Keep ``messages``, all or none, and return how many of them are new."""
        self._check_open()
        new: dict[str, _Kept] = {}
        for message in messages:
            digest, _, _ = encode_body(message)
            key = self._keys.draw() if message.key is None else message.key
            kept = _Kept(key, message.with_key(key), digest, now)
            number = self._numbers.get(key)
            same = new.setdefault(key, kept) if number is None else self._kept[number]
            if same.digest != kept.digest:
                raise KeyConflictError(key)
        for key, kept in new.items():
            self._last_number += 1
            self._kept[self._last_number] = kept
            self._numbers[key] = self._last_number
            self._counts[NEW.count] += 1
            if self._turns is not None:
                self._turns.add(self._last_number, rank_of(kept.message), 0.0)
        return len(new)

    def counts(self) -> OutboxCounts:
        """Return how many messages stand where."""
        self._check_open()
        return OutboxCounts(*self._counts)

    async def entries(
        self, state: SendState | None = None, *, after: int = 0, final: bool | None = None
    ) -> AsyncIterator[Entry]:
        """Yield the messages in ``state``, or all, by ascending number above ``after``."""
        self._check_open()
        number = after
        while number < self._last_number:  # what is put or purged meanwhile is seen
            number += 1
            kept = self._kept.get(number)
            if kept is None:
                continue
            if state in (None, kept.standing.state) and final in (None, kept.standing.is_final):
                yield _entry(number, kept)

    async def find(self, keys: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that have ``keys``."""
        self._check_open()
        return [self._entry(self._numbers.get(key)) for key in keys]

    async def find_accepted(self, message_ids: Sequence[str]) -> Sequence[Entry | None]:
        """Return the messages that were accepted under the provider's ``message_ids``."""
        self._check_open()
        return [self._entry(self._numbers_of_ids.get(id)) for id in message_ids]

    async def aclose(self) -> None:
        """End the dispatcher and refuse everything from now on."""
        if not self._closed:
            await self.end()
            self._closed = True

    # ------------------------------------------------------------------------------------------ what the dispatcher may

    async def begin(self, now: float) -> int:
        """Become the one dispatcher. No attempt was left open: a process that dies takes this outbox with it."""
        self._check_open()
        if self._turns is not None:
            raise OutboxBusyError("another dispatcher has this outbox")
        self._turns = Turns()
        for number, kept in self._kept.items():
            if kept.standing.state is SendState.WAITING:
                self._turns.add(number, rank_of(kept.message), due_from(kept.standing, now))
        return 0

    async def end(self) -> None:
        """Stop being the dispatcher."""
        if self._turns is None:
            return
        for number, kept in self._kept.items():
            standing = kept.standing
            if standing.state is SendState.ATTEMPTING:
                ended = Outcome(number, standing.attempts, SendState.UNKNOWN, standing.since, reason=LEFT_OPEN)
                self._enter(self._turns, ended)
        self._turns = None

    async def claim(self, limit: int, now: float) -> Sequence[Entry]:
        """Return up to ``limit`` messages that wait, are due and not claimed, high priority first, then the oldest."""
        turns = self._dispatching()
        claimed: list[Entry] = []
        while len(claimed) < limit and (number := turns.take(now)) is not None:
            claimed.append(_entry(number, self._kept[number]))
        return claimed

    def release(self, numbers: Sequence[int]) -> None:
        """Give back claims of messages that were not attempted."""
        turns = self._dispatching()
        for number in numbers:
            turns.release(number)

    def next_due(self) -> float | None:
        """Return when the next message that waits and is not claimed becomes due; ``None``: there is none."""
        return self._dispatching().next_due()

    async def attempt(self, attempts: Sequence[Attempt]) -> Sequence[bool]:
        """Enter ``attempts``, each if its message waits and its number is the next; return which were entered."""
        turns = self._dispatching()
        return [self._enter(turns, attempt) for attempt in attempts]

    async def settle(self, records: Sequence[Outcome | Conclusion]) -> Sequence[bool]:
        """Enter what became of messages, each if it can follow from where the message stands; return which were."""
        turns = self._dispatching()
        return [self._enter(turns, record) for record in records]

    async def purge(self, before: float) -> int:
        """Forget the final messages that became so before that time, keys included; return how many."""
        self._dispatching()
        old = [n for n, kept in self._kept.items() if kept.standing.is_final and kept.standing.since < before]
        for number in old:
            kept = self._kept.pop(number)
            del self._numbers[kept.key]
            for id in kept.standing.message_ids:
                if self._numbers_of_ids.get(id) == number:
                    del self._numbers_of_ids[id]
            self._counts[kept.standing.count] -= 1
        return len(old)

    # ----------------------------------------------------------------------------------------------------------- inside

    def _enter(self, turns: Turns, record: Attempt | Outcome | Conclusion) -> bool:
        kept = self._kept.get(record.number)
        standing = None if kept is None else follow(kept.standing, record)
        if kept is None or standing is None:
            return False
        self._counts[kept.standing.count] -= 1
        self._counts[standing.count] += 1
        kept.standing = standing
        for id in standing.message_ids:
            self._numbers_of_ids.setdefault(id, record.number)
        if standing.is_erased:
            kept.message = kept.message.without_content()
        if standing.state is SendState.WAITING:
            turns.add(record.number, rank_of(kept.message), standing.due_at)
        else:
            turns.remove(record.number)
        return True

    def _entry(self, number: int | None) -> Entry | None:
        return None if number is None else _entry(number, self._kept[number])

    def _dispatching(self) -> Turns:
        self._check_open()
        if self._turns is None:
            raise LocalError("only the dispatcher may do this: begin() comes first")
        return self._turns

    def _check_open(self) -> None:
        if self._closed:
            raise OutboxError("this outbox is closed")


def _entry(number: int, kept: _Kept) -> Entry:
    return entry_of(number, kept.key, kept.message, kept.put_at, kept.standing)


__all__ = ["MemoryOutbox"]
