"""One account of the provider as a pure machine: a request or a time goes in, an answer or callbacks come out.

How it works. ``handle`` answers a request; what it takes in, the course of messages brings to its end. ``handle`` and
``advance`` first let everything happen that is due by the time they are given, at its own time and in order, so that it
makes no difference how often or when they are called.

Nothing in here reads a clock, or another random source than the seeded one: the same requests at the same times bring
the same bytes. A text is counted and forgotten; of a message is kept what its callbacks carry, until the last of them,
and what search shows.
"""

import math
from collections.abc import Collection, Iterable
from enum import Enum
from random import Random
from typing import NamedTuple

from msgcore.errors import LocalError
from msgcore.wire.exchange import Request, Response
from transports.simulator import answers
from transports.simulator.accounts.account import SAMPLE_ACCOUNT_ID, Account
from transports.simulator.accounts.profiles import V2_NOW, Profile
from transports.simulator.accounts.records import DEFAULT_DEPTH_SECONDS, Settings
from transports.simulator.callbacks.events import Callback
from transports.simulator.course.course import Course
from transports.simulator.course.creation import acceptance, open_message, read_submission
from transports.simulator.course.outcomes import Judge
from transports.simulator.course.records import MessageRecord, Status
from transports.simulator.inbound import Inbound, check_inbound, check_room, mind_opt_out, receive
from transports.simulator.inspector import Inspected, Inspector
from transports.simulator.media.requests import MediaApi
from transports.simulator.media.store import DEFAULT_MEDIA_LIMIT, MediaStore
from transports.simulator.search.history import DEFAULT_HISTORY_LIMIT, History
from transports.simulator.search.query import Query
from transports.simulator.search.requests import SearchLimit, search
from transports.simulator.usage.archive import UsageLog

DEFAULT_ACCOUNT_ID = SAMPLE_ACCOUNT_ID
DEFAULT_BASE_URL = "https://messaging.bandwidth.com/api/v2"
CALLBACK_TYPES = V2_NOW.event_types
MESSAGE_BODY_LIMIT = 2**20
"""Octets of a request to send: far more than its fields can fill (ASSUMED, undocumented)."""


class Access(Enum):
    """Who asks, as the server has found: credentials are its business."""

    GRANTED = "granted"
    UNKNOWN = "unknown"
    """No credentials, wrong ones, or those of another account: 401."""
    FORBIDDEN = "forbidden"
    """Known, without messaging rights: 403."""


class Changes(NamedTuple):
    """What a store has to write: records that are new or have changed, and the ids of messages that are forgotten."""

    messages: tuple[MessageRecord, ...]
    forgotten: tuple[str, ...]
    account_changed: bool


class Engine:
    """One account of the provider.

    >>> engine = Engine.open(rate=1)
    >>> body = b'{"from":"+19195550100","to":["+19195550123"],"text":"hello","applicationId":"a-1"}'
    >>> request = Request("POST", "messages", headers={"content-type": "application/json"}, body=body)
    >>> engine.handle(request, now=0.0).status
    202
    >>> sent, delivered = engine.advance(now=60.0)
    >>> sent.due, sent.body[:48]
    (1.0, b'[{"type":"message-sent","time":"1970-01-01T00:00')

    ``account`` says what may be sent and where events go. ``callback_types`` are the events that are written at all:
    with ``()`` none are, and nothing is kept for a reader who never comes. ``history_limit`` is how many finished
    messages search can find, ``media_limit`` how many octets its media may take; ``journal`` collects what changes, for
    a store that fetches it by ``changes``; ``usage`` is told of every message that has come to its end.

    Times are seconds since the Unix epoch; one before the latest seen counts as the latest.
    """

    def __init__(
        self,
        account: Account,
        *,
        profile: Profile = V2_NOW,
        seed: int = 0,
        base_url: str = DEFAULT_BASE_URL,
        callback_types: Collection[str] = CALLBACK_TYPES,
        history_limit: int = DEFAULT_HISTORY_LIMIT,
        media_limit: int = DEFAULT_MEDIA_LIMIT,
        inspected: int = 0,
        journal: bool = False,
        usage: UsageLog | None = None,
    ) -> None:
        if unknown := set(callback_types) - CALLBACK_TYPES:
            raise LocalError(f"callback_types: expected some of {sorted(CALLBACK_TYPES)}, got {sorted(unknown)}")
        self.account = account
        self.profile = profile
        self.inspector = Inspector(inspected)
        self._url = f"{base_url}/users/{account.id}"
        self._callback_types = frozenset(callback_types)
        self._history_limit = history_limit
        self._journal = journal
        self._usage = usage
        self._random = Random(seed)
        self._search_limit = SearchLimit()
        self.media = MediaStore(f"{self._url}/media/", media_limit)
        self._media_api = MediaApi(self.media, account, profile)
        self._forgotten: list[str] = []
        self._account_changed = False
        self._watched: dict[str, None] | None = None
        self.generation = 0
        self._course, self.history = self._begin()

    @classmethod
    def open(
        cls,
        *,
        rate: float = 1,
        account_id: str = DEFAULT_ACCOUNT_ID,
        queue_seconds: float = DEFAULT_DEPTH_SECONDS,
        applications: Collection[str] | None = None,
        calling_codes: Collection[int] | None = None,
        profile: Profile = V2_NOW,
        seed: int = 0,
        callback_types: Collection[str] = CALLBACK_TYPES,
        history_limit: int = DEFAULT_HISTORY_LIMIT,
    ) -> "Engine":
        """Return an account that needs no set-up: every sender is its own, of the class its form shows.

        ``applications`` and ``calling_codes`` name what it has and may reach: without them every application exists and
        every country is reached.
        """
        account = Account.open(account_id, rate, queue_seconds, applications, calling_codes)
        return cls(account, profile=profile, seed=seed, callback_types=callback_types, history_limit=history_limit)

    # --------------------------------------------------------------------------------------------------------- asking

    @property
    def account_id(self) -> str:
        """The account that answers."""
        return self.account.id

    @property
    def rate(self) -> float:
        """How many segments go out per second, of each queue."""
        return self._course.sms.rate

    @property
    def queue_capacity(self) -> int:
        """How many segments each queue holds."""
        return self._course.sms.capacity

    @property
    def open_message_count(self) -> int:
        """How many accepted messages still have an event to come."""
        return len(self._course.open)

    def queued_segments(self, now: float, *, mms: bool = False) -> int:
        """Return how many segments of the SMS queue, or of the MMS queue, have not gone out at ``now``."""
        now = self._course.run(now)
        return (self._course.mms if mms else self._course.sms).queued_segments(now)

    def next_due(self) -> float | None:
        """Return when something happens next, or ``None`` when nothing more will.

        Not all that happens is a callback: ``advance`` at that time may return none.
        """
        if self._course.callbacks:
            return self._course.callbacks[0].due
        due = self._course.next_due()
        return None if due == math.inf else due

    # -------------------------------------------------------------------------------------------------- what may happen

    def advance(self, now: float) -> list[Callback]:
        """Let everything happen that is due by ``now``; returns, in order, the callbacks that were not returned yet."""
        self._course.run(now)
        return self.take_callbacks()

    def take_callbacks(self) -> list[Callback]:
        """Return what ``advance`` would without letting anything happen."""
        callbacks, self._course.callbacks = self._course.callbacks, []
        return callbacks

    def handle(self, request: Request, now: float, *, access: Access = Access.GRANTED, source: str = "") -> Response:
        """Answer a request as the V2 API would at ``now``; a bad request is answered too, never raised.

        ``source`` is the address of who asks: searches are counted by it.

        Raises:
            TypeError: the body is not ``bytes``; reading a stream is the business of a transport.
        """
        body = request.body
        if not isinstance(body, bytes):
            raise TypeError(f"the engine takes a body of bytes, not {type(body).__name__}")
        now = self._course.run(now)
        if access is Access.UNKNOWN:
            return answers.unauthorized(self.profile)
        if access is Access.FORBIDDEN or not self.account.settings.enabled:
            return answers.forbidden(self.profile)
        path = request.path
        if path == "messages":
            if request.method == "POST":
                headers = request.headers
                is_fine = answers.is_json_exchange(headers.get("accept", ""), headers.get("content-type", ""))
                if not is_fine or len(body) > MESSAGE_BODY_LIMIT:
                    return self._refuse_form(request, len(body), now)
                return self._create(body, now)
            return self._search(request, now, source)
        if path == "media" or path.startswith("media/"):
            return self._media_api.handle(request, body, now)
        return answers.not_found(path, self.account.id, now)

    def body_limit(self, request: Request) -> int:
        """Return how many octets of a body are of any use: a server need not read more than one beyond."""
        return self.profile.file_bytes if request.path.startswith("media/") else MESSAGE_BODY_LIMIT

    def receive(self, inbound: Inbound, now: float) -> tuple[str, ...]:
        """Let a message come in from outside; returns the ids, one for each number of the account that gets it.

        Raises:
            LocalError: no message can have come so: a wrong number, none of the account's, or no room for its media.
        """
        now = self._course.run(now)
        owners = check_inbound(inbound, self.account)
        if inbound.media:
            check_room(inbound, len(owners), self.media, now)
        self._account_changed |= mind_opt_out(inbound, owners, self.account)
        ids = []
        for owner in owners:
            record, callback = receive(inbound, owner, self.account, self.media, self._random, now)
            self._course.number(record)
            self._finished(record)
            self._touch(record)
            self._course.callbacks.append(callback)
            self.inspector.remember(
                Inspected(
                    record.id, "in", inbound.sender, inbound.to, inbound.text, tuple(m.name for m in inbound.media)
                )
            )
            ids.append(record.id)
        return tuple(ids)

    def settle_inbound(self, message_id: str, *, taken: bool) -> None:
        """Say whether the application's server has taken an inbound message."""
        message = self.history.get(message_id)
        if message is not None and message.inbound:
            message.legs[0].status = Status.ACCEPTED if taken else Status.UNDELIVERED
            self._touch(message)

    def change_settings(self, settings: Settings, now: float) -> None:
        """Let other settings hold from ``now`` on; LocalError where they cannot, and then the old ones stay."""
        now = self._course.run(now)
        for queue in (self._course.sms, self._course.mms):
            queue.change(settings.rate, settings.queue_seconds, now)
        self.account.settings = settings

    def account_changed(self) -> None:
        """Have the account's record written with the next changes: something in it has changed by itself."""
        self._account_changed = True

    def purge(self, now: float) -> None:
        """Forget what nobody can ask for any more: messages of 14 days ago, media of 48 hours ago."""
        self._forget(self.history.purge(now))
        self.media.purge(now)

    def forget(self, query: Query, now: float) -> int:
        """Forget the finished messages that a query finds; returns how many."""
        ids = self.history.remove(query, self._course.run(now))
        self.generation += 1
        self._forget(ids)
        return len(ids)

    def reset(self) -> None:
        """Forget all messages, media, searches and who has said STOP; what was set up stays."""
        self._forget([*self._course.open, *(message.id for message in self.history.done())])
        self._course, self.history = self._begin()
        self.media.clear()
        self.inspector.clear()
        self._search_limit = SearchLimit()
        self.generation += 1
        self._account_changed |= bool(self.account.opt_outs)
        self.account.opt_outs.clear()
        if self._usage is not None:
            self._usage.clear()

    # ------------------------------------------------------------------------------------------------ for who looks on

    def watch(self) -> None:
        """Note from now on which messages something happens to; :meth:`seen` has to be called again and again then."""
        if self._watched is None:
            self._watched = self._course.watched = {}

    def seen(self) -> Iterable[str]:
        """Return the ids of the messages something has happened to since the last call, each once.

        ``generation`` is another number after messages were taken away by somebody.
        """
        if self._watched is None:
            raise LocalError("seen: nobody watches this engine; call watch() first")
        seen = self._watched
        self._watched = self._course.watched = {}
        return seen

    # ------------------------------------------------------------------------------------------------------ for a store

    def admitted(self) -> list[MessageRecord]:
        """Return the messages that were taken in since the last call of this or ``changes``; only with ``journal``.

        Right after ``handle`` they are as they were taken in: nothing has come of them yet. Written down so, they begin
        anew after a crash, whatever has become of them meanwhile; so that is all that an answer has to wait for.
        """
        admitted, self._course.admitted = self._course.admitted, []
        return admitted

    def changes(self) -> Changes:
        """Return what has changed since the last call; only with ``journal``."""
        if not self._journal:
            raise LocalError("changes: this engine keeps no journal; make it with journal=True")
        admitted = {message.id: message for message in self.admitted()}
        touched, self._course.touched = admitted | (self._course.touched or {}), {}
        forgotten, self._forgotten = self._forgotten, []
        account_changed, self._account_changed = self._account_changed, False
        return Changes(tuple(touched.values()), tuple(forgotten), account_changed)

    def restore(self, messages: Iterable[MessageRecord]) -> None:
        """Take up the messages that a store has kept, open and finished; the engine must be new."""
        messages = sorted(messages, key=lambda message: message.created)
        for message in messages:
            if message.finished is not None:
                self.history.add(message)
        self._course.resume(messages)

    # ----------------------------------------------------------------------------------------------- request by request

    def _begin(self) -> tuple[Course, History]:
        judge = Judge(self.account, self.profile, self.media)
        course = Course(self.account, self.profile, judge, self._random, self._callback_types, self._finished)
        history = History(self.account, course.open, self._history_limit)
        course.watched = self._watched
        if self._journal:
            course.touched = {}
        elif self._usage is None:
            course.finished = history.add
        return course, history

    def _refuse_form(self, request: Request, octet_count: int, now: float) -> Response:
        headers = request.headers
        accept = headers.get("accept", "")
        if not answers.accepts_json(accept):
            return answers.not_acceptable(accept, request.path, self.account.id, now, self.profile)
        content_type = headers.get("content-type", "")
        if not answers.is_json(content_type):
            return answers.unsupported_content_type(content_type)
        return answers.too_large(octet_count, MESSAGE_BODY_LIMIT)

    def _create(self, body: bytes, now: float) -> Response:
        submission = read_submission(body, now, self.profile)
        if isinstance(submission, Response):
            return submission
        account = self.account
        message = open_message(
            submission, account.class_of(submission.from_), now, self._random, account.settings.fraction_digits
        )
        course = self._course
        if not course.admit(message, submission.text or "", now):
            queue = course.mms if message.is_mms else course.sms
            return answers.queue_full("MMS" if message.is_mms else "SMS", queue.rate, queue.capacity)
        if self.inspector.limit:
            to = tuple([leg.to for leg in message.legs])
            self.inspector.remember(
                Inspected(
                    message.id, "out", message.sender, to, submission.text or "", message.media, submission.tag,
                    submission.priority,
                )
            )  # fmt: skip
        return acceptance(message, submission, self.profile)

    def _search(self, request: Request, now: float, source: str) -> Response:
        allowed = "GET, POST" if self.profile.has_search else "POST"
        if request.method != "GET" or not self.profile.has_search:
            return answers.method_not_allowed(request.method, allowed, request.path, self.account.id, now, self.profile)
        accept = request.headers.get("accept", "")
        if not answers.accepts_json(accept):
            return answers.not_acceptable(accept, request.path, self.account.id, now, self.profile)
        return search(self.history, self._search_limit, request.query, f"{self._url}/messages", source, now)

    def _finished(self, message: MessageRecord) -> None:
        if self._usage is not None:
            self._usage.finished(message, message.finished or 0.0)
        forgotten = self.history.add(message)
        if forgotten is not None:
            self._forget([forgotten])

    def _forget(self, ids: Iterable[str]) -> None:
        if self._journal:
            self._forgotten += ids

    def _touch(self, message: MessageRecord) -> None:
        if self._course.touched is not None:
            self._course.touched[message.id] = message
        if self._watched is not None:
            self._watched[message.id] = None
