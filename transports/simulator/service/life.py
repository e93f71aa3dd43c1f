"""What gives the provider a life: time passes, what happens is saved, and callbacks are posted.

How this works. One task sleeps until something is due or somebody wakes it; then it lets happen what is due, has it
saved, and starts the posts that are due, so many at a time for each account: a server that hangs keeps nobody else
waiting. Nothing is told to anybody, neither by an answer nor by a callback, before it is saved.

Time that is pushed forward does not jump: it goes in steps, and the posts of a step are over before the next one, so
that a day of retries comes out as a day of retries.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Protocol

from msgcore.errors import LocalError
from transports.simulator.callbacks.schedule import Answer, Post
from transports.simulator.provider import Provider, Tenant
from transports.simulator.service.callbacks import Poster, cancel
from transports.simulator.service.clock import LONGEST_JUMP_SECONDS, ServiceClock

POSTS_AT_ONCE: Final = 256
POSTS_AT_ONCE_OF_AN_ACCOUNT: Final = 32
POSTS_OF_ANY_ACCOUNT: Final = 4
"""What an account may have under way however many others there are: eight whose servers hang fill all the room."""
_STEP_SECONDS: Final = 1.0
_MOST_ROUNDS: Final = 1000
_BREATH_SECONDS: Final = 0.002
"""Between two rounds; what happens meanwhile is one round's work."""
_UNSAVED_SECONDS: Final = 1.0
"""How long something may stay in memory alone that nobody has been told of."""
_RECOVERY_SECONDS: Final = 1.0
_PURGE_SECONDS: Final = 86400.0

_log = logging.getLogger("msgcore.simulator")


class Saver(Protocol):
    """What keeps changes: a store, or nothing at all."""

    def accounts_changed(self) -> None:
        """Save what belongs to accounts, and the time, too."""

    async def save(self) -> None:
        """Return once all that has happened so far is safe."""

    def save_accepted(self, tenant: Tenant) -> Awaitable[None]:
        """Return what is done once the messages are safe that an account has just taken in, as they are now."""

    async def aclose(self) -> None:
        """Save the last of it."""


class Forgetful:
    """Keeps nothing."""

    def accounts_changed(self) -> None:
        """They are in memory, too."""

    async def save(self) -> None:
        """Everything is in memory, and stays there."""

    async def save_accepted(self, tenant: Tenant) -> None:
        """Everything is in memory, and stays there."""

    async def aclose(self) -> None:
        """There is nothing to close."""


class Life:
    """Runs a provider by a clock."""

    def __init__(self, provider: Provider, clock: ServiceClock, poster: Poster, saver: Saver) -> None:
        self.provider: Final = provider
        self.clock: Final = clock
        self._poster = poster
        self._saver = saver
        self._woken = asyncio.Event()
        self._changed: set[asyncio.Future[None]] = set()
        self.listeners: Final[list[Callable[[], None]]] = []
        self._posts: set[asyncio.Task[None]] = set()
        self._under_way: Counter[str] = Counter()
        self._travel = asyncio.Lock()
        self._purged_at = clock.now()
        self._is_unsaved = False
        self._saved_at = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin."""
        await self._poster.open()
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """End: posts that are under way are broken off, and count as never answered."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await cancel(self._posts)
        await self._poster.aclose()
        await self._saver.aclose()

    # --------------------------------------------------------------------------------------------- what others tell it

    async def happened(self) -> None:
        """Save what somebody has brought about, and look what follows from it."""
        await self._saver.save()
        self.wake()

    async def accepted(self, tenant: Tenant) -> None:
        """Save what an account has taken in just now, and look what follows from it."""
        await self._saver.save_accepted(tenant)
        self.wake()

    def wake(self) -> None:
        """Look again what is due."""
        self._woken.set()
        self._tell()

    async def change(self) -> None:
        """Return when something has happened, which may be of no interest."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._changed.add(future)
        try:
            await future
        finally:
            self._changed.discard(future)

    async def advance(self, seconds: float) -> float:
        """Let so much of the provider's time pass at once; returns the time it is then."""
        if not 0 < seconds <= LONGEST_JUMP_SECONDS:
            raise LocalError(f"seconds: expected more than 0 and at most {LONGEST_JUMP_SECONDS:g}, got {seconds!r}")
        async with self._travel:  # two at once would share their steps
            target = self.clock.now() + seconds
            await self._settle()
            while (now := self.clock.now()) < target:
                due = self._next_due(now)
                self.clock.forward_to(min(target, max(due, now + _STEP_SECONDS)))
                await self._settle()
            self.wake()
            return self.clock.now()

    # ----------------------------------------------------------------------------------------------------------- rounds

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._round()
            except Exception:
                _log.exception("a round has failed; the next one goes on")
                await asyncio.sleep(_RECOVERY_SECONDS)
            await asyncio.sleep(_BREATH_SECONDS)
            seconds = self.clock.real_seconds_until(self._next_due(self.clock.now()))
            if self._is_unsaved:
                seconds = min(seconds, _UNSAVED_SECONDS)
            if seconds > 0:
                with suppress(TimeoutError):
                    # A sleep of many days is no use to a loop; once a day there is work anyway.
                    async with asyncio.timeout(min(seconds, _PURGE_SECONDS)):
                        await self._woken.wait()

    async def _settle(self) -> None:
        """Do what is due, and wait for the posts; not for ever, since others may bring about new ones all the time."""
        await self._round()
        for _ in range(_MOST_ROUNDS):
            if not self._posts:
                return
            await asyncio.wait(self._posts)
            await self._round()

    async def _round(self) -> None:
        now = self.clock.now()
        self.provider.advance(now)
        if now >= self._purged_at + _PURGE_SECONDS:
            self._purged_at = now
            for tenant in self.provider.tenants:
                tenant.engine.purge(now)
        await self._save_soon(now)
        for tenant in self.provider.tenants:
            account_id = tenant.account.id
            for post in tenant.schedule.due(now, self._room(account_id)):
                self._under_way[account_id] += 1
                task = asyncio.create_task(self._make(tenant, post))
                self._posts.add(task)
                task.add_done_callback(self._posts.discard)
        self._tell()

    async def _save_soon(self, now: float) -> None:
        """Save before something is told; else let what follows share the transaction, which is what takes time."""
        loop = asyncio.get_running_loop()
        is_told = any(tenant.schedule.next_due(now) == now for tenant in self.provider.tenants)
        self._is_unsaved = not is_told and loop.time() < self._saved_at + _UNSAVED_SECONDS
        if not self._is_unsaved:
            self._saved_at = loop.time()
            await self._saver.save()

    def _room(self, account_id: str) -> int:
        under_way = self._under_way[account_id]
        shared = min(POSTS_AT_ONCE - len(self._posts), POSTS_AT_ONCE_OF_AN_ACCOUNT - under_way)
        return max(0, shared, POSTS_OF_ANY_ACCOUNT - under_way)

    def _next_due(self, now: float) -> float:
        """Return when there is something to do; posts for which there is no room wait for one that ends."""
        times = [math.inf]
        for tenant in self.provider.tenants:
            times.append(_or_never(tenant.engine.next_due()))
            times.append(_or_never(tenant.account.office.next_due))
            if self._room(tenant.account.id):
                times.append(_or_never(tenant.schedule.next_due(now)))
        return min(times)

    async def _make(self, tenant: Tenant, post: Post) -> None:
        following: Post | None = post
        try:
            while following is not None:
                following = self._answered(tenant, following.id, await self._poster.post(following))
        except Exception:
            # Whatever it was, it belongs to this post alone; the schedule has to know that it is over.
            _log.exception("a callback could not be posted")
            self._answered(tenant, post.id, Answer(None))
        finally:
            self._under_way[tenant.account.id] -= 1
            self.wake()

    def _answered(self, tenant: Tenant, post_id: int, answer: Answer) -> Post | None:
        account_id = tenant.account.id
        if self.provider.get(account_id) is not tenant:
            return None  # closed meanwhile; one that was opened by the same name counts its posts from one again
        return self.provider.answered(account_id, post_id, answer, self.clock.now())

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()
        for future in self._changed:
            if not future.done():
                future.set_result(None)


def _or_never(when: float | None) -> float:
    return math.inf if when is None else when
