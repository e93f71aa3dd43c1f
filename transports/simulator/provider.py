"""The provider: accounts that know nothing of each other, each with its messages, media, callbacks and faults.

How it works. Each account is an engine of its own with a schedule for its callbacks; the provider finds the right one.
It is as pure as they are. Whoever gives it a life does four things: let requests be answered (``handle``), let time
pass (``advance``), make the posts that are due and say how they went (``due``, ``answered``), and, to live on,
write down what has changed before answering (``changes``, ``restore``).
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final, NamedTuple

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request, Response
from transports.simulator import answers
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.profiles import V2_NOW, Profile
from transports.simulator.accounts.records import AccountRecord
from transports.simulator.callbacks.schedule import DEFAULT_INTERVAL_SECONDS, Answer, Delivery, Post, Schedule
from transports.simulator.course.records import MessageRecord
from transports.simulator.engine import DEFAULT_BASE_URL, Access, Changes, Engine
from transports.simulator.faults import Faults
from transports.simulator.inbound import Inbound
from transports.simulator.inspector import DEFAULT_INSPECTED
from transports.simulator.media.store import DEFAULT_MEDIA_LIMIT
from transports.simulator.orders.ports import settle
from transports.simulator.search.history import DEFAULT_HISTORY_LIMIT
from transports.simulator.usage.archive import UsageChanges, UsageLog
from transports.simulator.usage.totals import UsageLine


class Tenant(NamedTuple):
    """Everything that belongs to one account."""

    engine: Engine
    schedule: Schedule
    faults: Faults
    usage: UsageLog

    @property
    def account(self) -> Account:
        """Its credentials, applications, locations and numbers."""
        return self.engine.account


class TenantChanges(NamedTuple):
    """What a store has to write for one account."""

    account_id: str
    messages: Changes
    deliveries: tuple[Delivery, ...]
    forgotten_deliveries: tuple[int, ...]
    usage: UsageChanges


class Provider:
    """All accounts of a provider.

    >>> provider = Provider()
    >>> provider.add(Account.sample(url="http://localhost:9000/callbacks"))
    >>> body = (b'{"from":"+19195550100","to":"+19195550123","text":"hello",'
    ...     b'"applicationId":"0f0e0d0c-0b0a-4a09-8807-060504030201"}')
    >>> request = Request("POST", "messages", headers={"content-type": "application/json"}, body=body)
    >>> provider.handle("9900000", request, now=0.0).status
    202
    >>> provider.advance(60.0)
    >>> [post.url for _, post in provider.due(60.0)]
    ['http://localhost:9000/callbacks']

    ``base_url`` is what stands before ``/users/`` in addresses of media and pages. For each account, ``history_limit``
    is how many finished messages search can find, ``media_limit`` how many octets its media may take, ``inspected`` how
    many messages keep their text for the person testing. ``journal`` collects changes for a store.
    """

    def __init__(
        self,
        *,
        profile: Profile = V2_NOW,
        seed: int = 0,
        base_url: str = DEFAULT_BASE_URL,
        interval_seconds: float = DEFAULT_INTERVAL_SECONDS,
        history_limit: int = DEFAULT_HISTORY_LIMIT,
        media_limit: int = DEFAULT_MEDIA_LIMIT,
        inspected: int = DEFAULT_INSPECTED,
        journal: bool = False,
    ) -> None:
        self.profile: Final = profile
        self.base_url: Final = base_url
        self._seed = seed
        self._interval_seconds = interval_seconds
        self._history_limit = history_limit
        self._media_limit = media_limit
        self._inspected = inspected
        self._journal = journal
        self._tenants: dict[str, Tenant] = {}
        self._opened_count = 0

    # --------------------------------------------------------------------------------------------------------- accounts

    @property
    def tenants(self) -> tuple[Tenant, ...]:
        """All accounts, oldest first."""
        return tuple(self._tenants.values())

    def add(self, account: Account) -> None:
        """Open an account; LocalError where there is one of its id."""
        if not account.id or account.id in self._tenants:
            raise LocalError(f"account id: expected one that is not taken, got {account.id!r}")
        self._opened_count += 1
        seed = _seed_of(self._seed, self._opened_count, account.id)
        usage = UsageLog(account, journal=self._journal)
        engine = Engine(
            account,
            profile=self.profile,
            seed=seed,
            base_url=self.base_url,
            history_limit=self._history_limit,
            media_limit=self._media_limit,
            inspected=self._inspected,
            journal=self._journal,
            usage=usage,
        )
        schedule = Schedule(account, interval_seconds=self._interval_seconds)
        if self._journal:
            schedule.keep_journal()
        self._tenants[account.id] = Tenant(engine, schedule, Faults(seed), usage)

    def get(self, account_id: str) -> Tenant | None:
        """Return an account with all that belongs to it."""
        return self._tenants.get(account_id)

    def __getitem__(self, account_id: str) -> Tenant:
        """Return an account with all that belongs to it; LocalError where there is none."""
        tenant = self._tenants.get(account_id)
        if tenant is None:
            raise LocalError(f"there is no account {account_id!r}")
        return tenant

    def remove(self, account_id: str) -> None:
        """Close an account and forget all that belongs to it."""
        del self._tenants[self[account_id].account.id]

    def reset(self, account_id: str | None = None) -> None:
        """Forget the messages, media, callbacks and faults of an account, or of all; what was set up stays."""
        for tenant in self.tenants if account_id is None else (self[account_id],):
            tenant.engine.reset()
            tenant.schedule.reset()
            tenant.faults.clear()

    # -------------------------------------------------------------------------------------------------- what may happen

    def handle(
        self, account_id: str, request: Request, now: float, *, access: Access = Access.GRANTED, source: str = ""
    ) -> Response:
        """Answer a request for an account; one that does not exist has no valid credentials: 401."""
        tenant = self._tenants.get(account_id)
        if tenant is None:
            return answers.unauthorized(self.profile)
        return tenant.engine.handle(request, now, access=access, source=source)

    def receive(self, account_id: str, inbound: Inbound, now: float) -> tuple[str, ...]:
        """Let a message come in; returns the ids, one for each number of the account that gets it."""
        return self[account_id].engine.receive(inbound, now)

    def advance(self, now: float) -> None:
        """Let everything happen that is due by ``now``; events join the schedules of their accounts."""
        for tenant in self._tenants.values():
            if tenant.account.office.ports and settle(tenant.account, now):
                tenant.engine.account_changed()
            tenant.schedule.add(tenant.engine.advance(now))
            _tell_engine(tenant)

    def next_due(self, now: float) -> float | None:
        """Return when something happens next or is to be posted, ``None`` for never."""
        times = [
            due
            for tenant in self._tenants.values()
            for due in (tenant.engine.next_due(), tenant.schedule.next_due(now), tenant.account.office.next_due)
            if due is not None
        ]
        return min(times, default=None)

    def due(self, now: float, limit: int | None = None) -> list[tuple[str, Post]]:
        """Return the posts that are to be made now, with the account each belongs to; each answer may free another."""
        posts: list[tuple[str, Post]] = []
        for account_id, tenant in self._tenants.items():
            room = None if limit is None else limit - len(posts)
            posts += [(account_id, post) for post in tenant.schedule.due(now, room)]
        return posts

    def answered(self, account_id: str, post_id: int, answer: Answer, now: float) -> Post | None:
        """Take in how a post went; returns a second one, where credentials were asked for."""
        tenant = self._tenants.get(account_id)
        if tenant is None:
            return None  # closed while the post was under way
        post = tenant.schedule.answered(post_id, answer, now)
        _tell_engine(tenant)
        return post

    # ------------------------------------------------------------------------------------------------------ for a store

    def changes(self) -> list[TenantChanges]:
        """Return what has changed since the last call; only with ``journal``. No text is in it.

        ``messages.account_changed`` says that the account's record is to be written, too: somebody has opted out. All
        else in it changes only by whoever has the account in hand.
        """
        found = []
        for account_id, tenant in self._tenants.items():
            # What has happened must not be saved without the events that tell of it.
            tenant.schedule.add(tenant.engine.take_callbacks())
            _tell_engine(tenant)
            deliveries, forgotten = tenant.schedule.changes()
            messages, usage = tenant.engine.changes(), tenant.usage.changes()
            if any(messages) or deliveries or forgotten or any(usage):
                found.append(TenantChanges(account_id, messages, deliveries, forgotten, usage))
        return found

    def restore(
        self,
        account: AccountRecord,
        messages: Iterable[MessageRecord],
        deliveries: Iterable[Delivery],
        usage: Iterable[UsageLine] = (),
    ) -> None:
        """Open an account as a store has kept it. What was in memory alone is gone: texts, media, the inspector's."""
        self.add(Account.from_record(account))
        self[account.id].usage.restore(usage)
        self[account.id].engine.restore(messages)
        self[account.id].schedule.restore(deliveries)


def _seed_of(seed: int, place: int, account_id: str) -> int:
    """Return a seed for an account: the same in every run, and no two accounts give a message the same id.

    ``place`` sets an account that was closed apart from one that is opened by the same name.
    """
    return int.from_bytes(blake2b(f"{seed} {place} {account_id}".encode(), digest_size=16).digest(), "big")


def _tell_engine(tenant: Tenant) -> None:
    """Search shows whether the application's server has taken an inbound message, and only the schedule knows."""
    for message_id, taken in tenant.schedule.settled_inbound():
        tenant.engine.settle_inbound(message_id, taken=taken)
