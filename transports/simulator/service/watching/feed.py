"""What has happened, in order, for those who look on: a log of message ids, never longer than it may be.

How this works. Once somebody looks on, an account's engine and schedule note which messages something happens to, and
each time the provider's life goes on these are moved to the end of the log under a number that only grows. Who follows
it holds the number he has read to, and asks for what came later; a message to which much has happened since stands
there once, as it is now. So a follower who is slow misses states between, never the last one, and costs nobody memory.
Whoever is so far behind that the log has forgotten what he missed, or comes back to another log, starts anew.
"""

import asyncio
import secrets
from collections import OrderedDict, deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Final, NamedTuple

from transports.simulator.provider import Tenant
from transports.simulator.service.life import Life

LOG_LENGTH: Final = 10_000
SAMPLE_COUNT: Final = 900
MOST_FOLLOWERS: Final = 64


class Sample(NamedTuple):
    """How many segments waited at a time of the provider."""

    at: float
    sms: int
    mms: int


class Position(NamedTuple):
    """How far somebody has read, of which log."""

    log: str
    number: int

    def __str__(self) -> str:
        return f"{self.log}-{self.number}"


class Log:
    """What has happened to the messages of an account.

    >>> log = Log("a", limit=2)
    >>> start = log.end
    >>> log.note(["m1"]); log.note(["m2"]); log.note(["m1"])
    >>> log.since(start, limit=10)
    (['m2', 'm1'], Position(log='a', number=3))
    >>> log.note(["m3"])
    >>> log.since(start, limit=10) is None  # m2 is forgotten
    True
    """

    def __init__(self, name: str, limit: int = LOG_LENGTH) -> None:
        self._name = name
        self._limit = limit
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._last = 0
        self._forgotten = 0

    @property
    def end(self) -> Position:
        """The position of who has read everything."""
        return Position(self._name, self._last)

    def note(self, message_ids: Iterable[str]) -> None:
        """Something has happened to these."""
        for message_id in message_ids:
            self._last += 1
            self._numbers[message_id] = self._last
            self._numbers.move_to_end(message_id)
            if len(self._numbers) > self._limit:
                self._forgotten = self._numbers.popitem(last=False)[1]

    def since(self, position: Position, limit: int) -> tuple[list[str], Position] | None:
        """Return the first messages of those that something has happened to since, and the position behind them.

        ``None`` where that cannot be told any more.
        """
        if position.log != self._name or not self._forgotten <= position.number <= self._last:
            return None
        newest_first: list[tuple[str, int]] = []
        for message_id, number in reversed(self._numbers.items()):
            if number <= position.number:
                break
            newest_first.append((message_id, number))
        ids = [message_id for message_id, _ in newest_first[: -limit - 1 : -1]]
        end = newest_first[-len(ids)][1] if ids else self._last
        return ids, Position(self._name, end)


class _Watched:
    """An account somebody looks at."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.generation = tenant.engine.generation
        self.samples: deque[Sample] = deque(maxlen=SAMPLE_COUNT)
        self.log = Log(secrets.token_hex(4))
        tenant.engine.watch()
        tenant.schedule.watched = set()

    def take(self) -> None:
        engine, schedule = self.tenant.engine, self.tenant.schedule
        if engine.generation != self.generation:
            # Messages were taken away: what is left is to be asked for afresh.
            self.generation = engine.generation
            self.log = Log(secrets.token_hex(4))
            self.samples.clear()
        self.log.note(engine.seen())
        if schedule.watched:
            callbacks, schedule.watched = schedule.watched, set()
            self.log.note(sorted(callbacks))


class Feed:
    """The logs of all accounts that are looked at, and whom to tell when they grow."""

    def __init__(self, life: Life) -> None:
        self._life = life
        self._watched: dict[str, _Watched] = {}
        self._followers = 0
        self._change = asyncio.Event()
        self.is_closed = False
        life.listeners.append(self._take)

    def close(self) -> None:
        """Let all who follow go: the server ends."""
        self.is_closed = True
        self._change.set()

    @property
    def has_room(self) -> bool:
        """Whether one more may follow."""
        return self._followers < MOST_FOLLOWERS and not self.is_closed

    def enter(self) -> None:
        """Somebody follows."""
        self._followers += 1

    def leave(self) -> None:
        """Somebody follows no more."""
        self._followers -= 1

    def log(self, tenant: Tenant) -> Log:
        """Return the log of an account, up to this moment."""
        watched = self._watch(tenant)
        watched.take()
        return watched.log

    def samples(self, tenant: Tenant) -> tuple[Sample, ...]:
        """Return how the queue was, as far as somebody looked."""
        return tuple(self._watch(tenant).samples)

    def sample(self, tenant: Tenant, now: float) -> Sample:
        """Look how long the queues are, and note it."""
        samples = self._watch(tenant).samples
        sample = Sample(now, tenant.engine.queued_segments(now), tenant.engine.queued_segments(now, mms=True))
        if samples and samples[-1].at >= now:
            samples.pop()
        samples.append(sample)
        return sample

    async def change(self, seconds: float) -> None:
        """Return when something has happened, or after so many real seconds."""
        if not self.is_closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._change.wait()

    def _watch(self, tenant: Tenant) -> _Watched:
        watched = self._watched.get(tenant.account.id)
        if watched is None or watched.tenant is not tenant:
            watched = self._watched[tenant.account.id] = _Watched(tenant)
        return watched

    def _take(self) -> None:
        """Whatever has happened, keep it short: nobody may be reading, and the notes must not grow."""
        if not self._watched:
            return
        for account_id, watched in list(self._watched.items()):
            if self._life.provider.get(account_id) is watched.tenant:
                watched.take()
            else:
                del self._watched[account_id]  # the account was closed
        change, self._change = self._change, asyncio.Event()
        change.set()
