"""The provider in the process of the tests: a pure engine, moved by who uses it, in virtual time.

How this works. An account has a provider and a clock of its own, so tests cannot meet. Time stands still until somebody
waits for it: the client under test (pacing, say), the inbox, or ``clock.advance``. Callbacks are posted to the test's
end when their time comes, in the thread that moves time. A request may come from any thread, and so may a handler's: no
lock is held while one runs.
"""

import time
from collections.abc import Mapping, Sequence
from threading import Condition
from typing import Any

import msgspec

from msgcore.errors import ClosedError, ConnectError, ExchangeTimeoutError, LocalError
from msgcore.wire.exchange import Request, Response
from transports.pytest_plugin.callbacks import Callbacks
from transports.pytest_plugin.control import Opening
from transports.pytest_plugin.phone_messages import PhoneMessage
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID, Account
from transports.simulator.accounts.profiles import profile_named
from transports.simulator.callbacks.schedule import Answer, Post
from transports.simulator.clock import VirtualClock
from transports.simulator.faults import Fault
from transports.simulator.inbound import Attachment, Inbound
from transports.simulator.provider import Provider
from transports.simulator.search.query import MOST_ROWS, Query

_NOWHERE = "http://tests.invalid/callbacks"  # never asked for: posts are taken where they are made
_REMEMBERED_TEXTS = MOST_ROWS
_ALL_OUTBOUND = Query(direction="OUTBOUND", descending=False, limit=MOST_ROWS)


class InProcessAccount:
    """An account of a provider that has no other."""

    def __init__(self, account_id: str, callbacks: Callbacks, *, rate: float, profile: str) -> None:
        self.clock = VirtualClock()
        self._callbacks = callbacks
        self._changed = Condition()
        self._request_count = self._waited_count = 0
        self._is_closed = False
        self._provider = Provider(profile=profile_named(profile), inspected=_REMEMBERED_TEXTS)
        account = Account.sample(account_id, url=_NOWHERE)
        self._provider.add(account)
        self._tenant = self._provider[account_id]
        settings = msgspec.structs.replace(account.settings, rate=rate)
        self._tenant.engine.change_settings(settings, self.clock.now())
        self.opening = Opening(
            account_id=account_id,
            user=f"user-{account_id}",
            password="in-process",
            application_id=SAMPLE_APPLICATION_ID,
            numbers=tuple(number.number for number in account.numbers),
            base_url=None,
        )

    def transport(self) -> "InProcessTransport":
        """Return a transport to the account, which goes by its virtual clock."""
        return InProcessTransport(self)

    def now(self) -> float:
        """Return the virtual time."""
        return self.clock.now()

    def close(self) -> None:
        """Close the account."""
        with self._changed:
            self._is_closed = True

    # -------------------------------------------------------------------------------------------------- time, and posts

    def advance(self, seconds: float) -> None:
        """Let time pass, from one thing that happens to the next."""
        target = self.now() + seconds
        while self.step(target - self.now()) is not None:
            pass
        self.clock.forward_to(target)
        self._make_posts()

    def step(self, most_seconds: float) -> float | None:
        """Move time to what happens next, and post what follows from it."""
        with self._changed:
            now = self.now()
            due = self._provider.next_due(now)
            if due is None or (due > now and most_seconds <= 0):
                return None
            self.clock.forward_to(min(due, now + most_seconds))
        self._make_posts()
        return max(0.0, self.now() - now)

    def wait_for_request(self, seconds: float) -> None:
        """Wait until another thread has asked for something that nobody has waited for yet."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._waited_count == self._request_count and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            self._waited_count = self._request_count

    def _make_posts(self) -> None:
        for post in self._posts_due():
            following: Post | None = post
            while following is not None:
                answer = Answer(self._callbacks.take(following.body))
                with self._changed:
                    account_id = self._tenant.account.id
                    following = self._provider.answered(account_id, following.id, answer, self.now())

    def _posts_due(self) -> list[Post]:
        with self._changed:
            self._provider.advance(self.now())
            return [post for _, post in self._provider.due(self.now())]

    # ------------------------------------------------------------------------------------------------------ what it has

    def messages(self, message_id: str | None = None) -> list[PhoneMessage]:
        """Return what the account has sent, or one of its messages."""
        query = msgspec.structs.replace(_ALL_OUTBOUND, message_id=message_id)
        with self._changed:
            self._provider.advance(self.now())
            rows = self._tenant.engine.history.find(query, self.now())
            # Of messages accepted at one moment, which virtual time makes many, only the inspector knows the order.
            inspector = self._tenant.engine.inspector
            known = inspector.messages() if message_id is None else filter(None, [inspector.get(message_id)])
            texts = {message.message_id: message.text for message in known}
        rank = {message_id: place for place, message_id in enumerate(texts)}
        rows.sort(key=lambda row: rank.get(row.message_id, -1))
        return [
            PhoneMessage(
                id=row.message_id,
                from_=row.source_tn,
                to=row.destination_tn,
                text=texts.get(row.message_id),
                tag=self._callbacks.tag_of(row.message_id),
                kind=row.message_type,
                status=row.message_status.lower(),
                code=row.error_code,
                segment_count=row.segment_count,
            )
            for row in rows
        ]

    def receive(self, sender: str, to: Sequence[str], text: str, media: Sequence[str]) -> tuple[str, ...]:
        """Let a message come in."""
        files = tuple(Attachment(name, f"a sample file called {name}\n".encode()) for name in media)
        with self._changed:
            return self._provider.receive(self._tenant.account.id, Inbound(sender, tuple(to), text, files), self.now())

    def order_fault(self, rule: Mapping[str, Any]) -> None:
        """Let requests go wrong."""
        try:
            fault = msgspec.convert(dict(rule), Fault)
        except msgspec.ValidationError as error:
            raise LocalError(f"fault: {error}") from error
        with self._changed:
            self._tenant.faults.add(fault)

    # --------------------------------------------------------------------------------------------------------- requests

    async def exchange(self, request: Request) -> Response:
        """Answer a request, or let it meet the fault that was ordered for it."""
        with self._changed:
            self._require_open()
            verdict = self._tenant.faults.decide(request)
        if verdict.drops_before:
            raise ConnectError("a fault that was asked for: the connection is dropped")
        if verdict.seconds:
            await self.clock.sleep_until(self.now() + verdict.seconds)
        if not isinstance(request.body, bytes):
            request = msgspec.structs.replace(request, body=b"".join([chunk async for chunk in request.body]))
        if verdict.drops_after:
            raise ExchangeTimeoutError("a fault that was asked for: the connection is dropped, nothing was done")
        if verdict.answer is not None:
            return verdict.answer
        response = self._handle(request, verdict.access)
        if verdict.loses_answer:
            raise ExchangeTimeoutError("a fault that was asked for: the answer is lost")
        return response

    def _handle(self, request: Request, access: Any) -> Response:
        with self._changed:
            self._require_open()
            response = self._provider.handle(self._tenant.account.id, request, self.now(), access=access)
            self._request_count += 1
            self._changed.notify_all()
        return response

    def _require_open(self) -> None:
        if self._is_closed:
            raise ClosedError(
                f"the test of account {self._tenant.account.id} is over: stop what still sends before it ends",
                may_have_been_accepted=False,
            )


class InProcessTransport:
    """Moves requests to an account in this process."""

    def __init__(self, account: InProcessAccount) -> None:
        self.clock = account.clock
        self._account: InProcessAccount | None = account

    async def exchange(self, request: Request) -> Response:
        """Answer a request as the provider would, at the present virtual time."""
        if self._account is None:
            raise ClosedError("the transport is closed", may_have_been_accepted=False)
        return await self._account.exchange(request)

    async def aclose(self) -> None:
        """Refuse exchanges from now on."""
        self._account = None


__all__ = ["InProcessAccount", "InProcessTransport"]
