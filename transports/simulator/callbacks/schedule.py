"""How events reach an application: when each is posted, what an answer means, when it is given up.

How this works. Fresh events of one application and direction wait in line, and go out together, as many as the
application takes in one request; from then on they stay together: a *delivery*. What was never tried goes first, in
order; a delivery that failed comes again after an interval, until a day after its first attempt has passed. The outside
posts what ``due`` returns and tells the outcome by ``answered``; nothing here waits, and nothing here has a connection.

Many posts may be under way at once, but of one message only one that was never tried: the events of a message arrive in
their order as long as none has to be retried. (No order is promised, ASSUMED; a test should meet another one where it
asks for it, not by chance.)

Source: Messaging V2 API, callbacks: success is any 2xx within 10 seconds, everything else is retried for 24 hours
"every few minutes" (ASSUMED: 3, and redirects are failures), events never tried before go first. Credentials are sent
only to who asks: the first request has none, and a 401 with ``WWW-Authenticate: Basic`` brings a second one; a 401
without it "silently ends delivery" (pitfall of receivers), so there is no retry.
"""

import heapq
import re
from base64 import b64encode
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final, NamedTuple

import msgspec

from msgcore.errors import LocalError
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.records import CallbackCredential
from transports.simulator.callbacks.events import Callback, with_text

ANSWER_SECONDS: Final = 10.0
RETRY_SECONDS: Final = 24 * 3600.0
DEFAULT_INTERVAL_SECONDS: Final = 180.0
DEFAULT_KEPT: Final = 1000

STATES: Final = ("waiting", "delivered", "dropped", "nowhere")
"""Where a delivery may stand."""

# RFC 9110, 11.6.1: one field may hold several challenges, and Basic need not be the first. A parameter of another one
# has a "=" behind its name; what stands in quotes is no name at all.
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_BASIC: Final = re.compile(r"(?<![^\s,])basic(?![^\s,])(?!\s*=)", re.IGNORECASE)

_HEADERS: Final = {"content-type": "application/json; charset=utf-8", "user-agent": "BandwidthAPI/v2"}


class Attempt(msgspec.Struct, frozen=True, gc=False):
    """One try: when, what was answered (``None``: nothing, or too late), how long it took.

    ``by_hand`` marks those that somebody asked for, outside of the schedule.
    """

    at: float
    status: int | None
    milliseconds: int
    by_hand: bool = False


class Delivery(msgspec.Struct, array_like=True, gc=False):
    """Events that travel together, with all their attempts. A text is never in here, only whether there was one.

    ``state`` is ``waiting``, ``delivered``, ``dropped`` (a day has passed, or a 401 that does not say how) or
    ``nowhere`` (there is no URL).
    """

    id: int
    application_id: str
    inbound: bool
    message_ids: tuple[str, ...]
    events: tuple[bytes, ...]
    created: float
    attempts: tuple[Attempt, ...] = ()
    next_try: float | None = None
    state: str = "waiting"
    had_text: bool = False

    @property
    def first_try(self) -> float | None:
        """When the schedule first tried; the day of retries counts from then."""
        return next((attempt.at for attempt in self.attempts if not attempt.by_hand), None)


class Post(NamedTuple):
    """A request to make: ``answered`` wants its ``id`` back. No answer within ``timeout_seconds`` is none."""

    id: int
    delivery_id: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    by_hand: bool = False
    timeout_seconds: float = ANSWER_SECONDS


class Answer(NamedTuple):
    """What came back: no status for a time-out or a connection that failed.

    ``challenge`` is the value of ``WWW-Authenticate``, where there was one; of several, all, separated by commas.
    """

    status: int | None
    milliseconds: int = 0
    challenge: str = ""

    @property
    def is_success(self) -> bool:
        """Any 2xx, for every type of event."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def asks_for_credentials(self) -> bool:
        """A 401 that says how; without ``WWW-Authenticate`` it ends the attempt."""
        return self.status == 401 and _BASIC.search(_QUOTED.sub('""', self.challenge)) is not None


@dataclass(slots=True)
class _UnderWay:
    """A post whose answer is awaited."""

    delivery: Delivery
    at: float
    by_hand: bool
    authorized: bool = False


@dataclass(slots=True)
class Counts:
    """What has become of all events so far."""

    delivered: int = 0
    dropped: int = 0
    nowhere: int = 0
    attempts: int = 0


class Schedule:
    """The callbacks of an account on their way to its applications.

    ``kept`` is how many settled deliveries stay for who wants to look at them, or have one done again.
    """

    def __init__(
        self,
        account: Account,
        *,
        interval_seconds: float = DEFAULT_INTERVAL_SECONDS,
        retry_seconds: float = RETRY_SECONDS,
        kept: int = DEFAULT_KEPT,
    ) -> None:
        if not interval_seconds > 0:
            raise LocalError(f"interval_seconds: expected a positive number of seconds, got {interval_seconds!r}")
        self._account = account
        self.interval_seconds = interval_seconds
        self.retry_seconds = retry_seconds
        self.kept = kept
        self.counts = Counts()
        self._next_id = 1
        self._fresh: deque[Delivery] = deque()  # never tried, in order
        self._retries: list[tuple[float, int]] = []  # heap by time; an id that no longer waits is dropped when it comes
        self._by_hand: deque[int] = deque()
        self._busy: set[str] = set()  # messages of which a first try is under way ...
        self._held: dict[str, deque[Delivery]] = {}  # ... and what of them has to wait until it is over
        self._open: dict[int, Delivery] = {}
        self._done: OrderedDict[int, Delivery] = OrderedDict()
        self._under_way: dict[int, _UnderWay] = {}
        self._texts: dict[int, tuple[str, ...]] = {}  # what belongs into the events of an open delivery; never stored
        self._settled: list[tuple[str, bool]] = []
        self._touched: dict[int, Delivery] | None = None
        self.watched: set[str] | None = None  # the messages whose callbacks have changed, for somebody who looks on
        self._first_unsaved = 1  # deliveries from this id on were in no changes yet
        self._forgotten: list[int] = []

    # ---------------------------------------------------------------------------------------------------- what comes in

    def add(self, callbacks: Iterable[Callback]) -> None:
        """Take in events, in order; neighbours for one application and direction share a request where it allows."""
        batch: list[Callback] = []
        for callback in callbacks:
            if batch and not self._fits(batch, callback):
                self._take(batch)
                batch = []
            batch.append(callback)
        if batch:
            self._take(batch)

    def _fits(self, batch: list[Callback], callback: Callback) -> bool:
        first = batch[0]
        application = self._account.application(first.application_id)
        limit = 1 if application is None else application.batch_limit
        same = first.application_id == callback.application_id and first.inbound == callback.inbound
        return same and len(batch) < limit

    def _take(self, batch: list[Callback]) -> None:
        first = batch[0]
        delivery = Delivery(
            self._next_id,
            first.application_id,
            first.inbound,
            tuple([callback.message_id for callback in batch]),
            tuple([callback.event for callback in batch]),
            first.due,
        )
        self._next_id += 1
        if self._url(delivery) is None:
            self._settle(delivery, "nowhere")
            return
        self._open[delivery.id] = delivery
        self._fresh.append(delivery)
        if any(callback.text for callback in batch):
            delivery.had_text = True
            self._texts[delivery.id] = tuple([callback.text for callback in batch])
        elif first.text_is_gone:
            delivery.had_text = True
        self._touch(delivery)

    # ---------------------------------------------------------------------------------------------------- what goes out

    def next_due(self, now: float) -> float | None:
        """Return when there is something to post: ``now``, a later time, or ``None``."""
        if self._fresh or self._by_hand:
            return now
        self._drop_stale()
        return max(now, self._retries[0][0]) if self._retries else None

    def due(self, now: float, limit: int | None = None) -> list[Post]:
        """Return what is to be posted now, at most ``limit``: asked for by hand, never tried, then the retries."""
        posts: list[Post] = []
        while limit is None or len(posts) < limit:
            delivery, by_hand = self._next(now)
            if delivery is None:
                break
            post = self._post(delivery, now, by_hand=by_hand)
            if post is not None:
                posts.append(post)
        return posts

    def _next(self, now: float) -> tuple[Delivery | None, bool]:
        while self._by_hand:
            delivery = self.get(self._by_hand.popleft())
            if delivery is not None:
                return delivery, True
        while self._fresh:
            delivery = self._fresh.popleft()
            busy = next((id for id in delivery.message_ids if id in self._busy), None)
            if busy is None:
                return delivery, False
            self._held.setdefault(busy, deque()).append(delivery)
        self._drop_stale()
        if self._retries and self._retries[0][0] <= now:
            return self._open[heapq.heappop(self._retries)[1]], False
        return None, False

    def _drop_stale(self) -> None:
        while self._retries:
            when, id = self._retries[0]
            delivery = self._open.get(id)
            if delivery is not None and delivery.next_try == when:
                return
            heapq.heappop(self._retries)

    def _post(self, delivery: Delivery, now: float, *, by_hand: bool) -> Post | None:
        if self._url(delivery) is None:  # the application has lost its URL meanwhile
            if delivery.state == "waiting":
                self._settle(delivery, "nowhere")
            return None
        if not by_hand:
            delivery.next_try = None
            if delivery.first_try is None:
                self._busy.update(delivery.message_ids)
        id, self._next_id = self._next_id, self._next_id + 1
        self._under_way[id] = _UnderWay(delivery, now, by_hand)
        return self._request(id, delivery, by_hand=by_hand)

    def _request(self, id: int, delivery: Delivery, *, by_hand: bool, authorization: str | None = None) -> Post:
        texts = self._texts.get(delivery.id) or ("",) * len(delivery.events)
        body = b"[" + b",".join(map(with_text, delivery.events, texts)) + b"]"
        headers = _HEADERS if authorization is None else _HEADERS | {"authorization": authorization}
        return Post(id, delivery.id, self._url(delivery) or "", headers, body, by_hand)

    # --------------------------------------------------------------------------------------------------- what it brings

    def answered(self, post_id: int, answer: Answer, now: float) -> Post | None:
        """Take in the outcome of a post; returns the second request, where the first was asked for credentials."""
        under_way = self._under_way.get(post_id)
        if under_way is None:
            return None  # forgotten by a reset while it was under way
        delivery = under_way.delivery
        credential = self._credential(delivery)
        if answer.asks_for_credentials and not under_way.authorized and credential is not None:
            under_way.authorized = True
            return self._request(post_id, delivery, by_hand=under_way.by_hand, authorization=_basic(credential))
        del self._under_way[post_id]
        if not under_way.by_hand and delivery.first_try is None:
            self._release(delivery)
        self.counts.attempts += 1
        late = answer.milliseconds > ANSWER_SECONDS * 1000
        status = None if late else answer.status
        delivery.attempts += (Attempt(under_way.at, status, answer.milliseconds, under_way.by_hand),)
        self._touch(delivery)
        if under_way.by_hand:
            return None
        if answer.is_success and not late:
            self._settle(delivery, "delivered")
        elif status == 401 and not answer.challenge:
            self._settle(delivery, "dropped")
        else:
            self._try_again(delivery, now)
        return None

    def _release(self, delivery: Delivery) -> None:
        """The first try is over: what has waited for it is next."""
        for message_id in delivery.message_ids:
            self._busy.discard(message_id)
            if held := self._held.pop(message_id, None):
                self._fresh.extendleft(reversed(held))

    def _try_again(self, delivery: Delivery, now: float) -> None:
        first = delivery.first_try
        when = now + self.interval_seconds
        if first is not None and when > first + self.retry_seconds:
            self._settle(delivery, "dropped")
            return
        delivery.next_try = when
        heapq.heappush(self._retries, (when, delivery.id))

    def _settle(self, delivery: Delivery, state: str) -> None:
        """The end of a delivery: it is counted, its texts are forgotten, and of the oldest nothing stays."""
        delivery.state = state
        delivery.next_try = None
        count = len(delivery.events)
        setattr(self.counts, state, getattr(self.counts, state) + count)
        self._open.pop(delivery.id, None)
        self._texts.pop(delivery.id, None)
        self._done[delivery.id] = delivery
        self._touch(delivery)
        if len(self._done) > self.kept:
            id, _ = self._done.popitem(last=False)
            if self._touched is not None:
                self._touched.pop(id, None)
                if id < self._first_unsaved:
                    self._forgotten.append(id)
        if delivery.inbound:
            self._settled += [(message_id, state == "delivered") for message_id in delivery.message_ids]

    def redo(self, delivery_id: int) -> None:
        """Post a delivery once more at the next chance, whatever its state; its schedule stays as it is.

        The text of one that has come to its end is gone: it is posted with an empty one.

        Raises:
            LocalError: there is no such delivery (any more).
        """
        if self.get(delivery_id) is None:
            raise LocalError(f"callback {delivery_id}: there is none of this id, or it is forgotten")
        self._by_hand.append(delivery_id)

    def settled_inbound(self) -> list[tuple[str, bool]]:
        """Return the inbound messages whose delivery has ended since the last call, and whether they were taken."""
        settled, self._settled = self._settled, []
        return settled

    # ---------------------------------------------------------------------------------------------------------- looking

    def get(self, delivery_id: int) -> Delivery | None:
        """Return a delivery by its id."""
        return self._open.get(delivery_id) or self._done.get(delivery_id)

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return all that wait and the last ``kept`` that do not, oldest first, with all their attempts."""
        return tuple(sorted([*self._done.values(), *self._open.values()], key=lambda delivery: delivery.id))

    def has_lost_text(self, delivery: Delivery) -> bool:
        """Whether a text belonged into the events and is gone, so that a post made now carries an empty one."""
        return delivery.had_text and delivery.id not in self._texts

    @property
    def waiting_count(self) -> int:
        """How many deliveries have not come to their end."""
        return len(self._open)

    @property
    def never_tried_count(self) -> int:
        """How many of those wait for their first attempt."""
        return len(self._fresh) + sum(map(len, self._held.values()))

    @property
    def under_way_count(self) -> int:
        """How many posts have been made and not been answered yet."""
        return len(self._under_way)

    def line(self, limit: int) -> list[Delivery]:
        """Return the first of those that wait, in the order of their turns: never tried, then by the next attempt."""
        first = list(islice(chain(self._fresh, *self._held.values()), limit))
        retries = (d for d in self._open.values() if d.next_try is not None)
        return first + heapq.nsmallest(limit - len(first), retries, key=lambda d: (d.next_try, d.id))

    def _url(self, delivery: Delivery) -> str | None:
        application = self._account.application(delivery.application_id)
        return None if application is None else application.url(inbound=delivery.inbound)

    def _credential(self, delivery: Delivery) -> CallbackCredential | None:
        application = self._account.application(delivery.application_id)
        return None if application is None else application.credential(inbound=delivery.inbound)

    def reset(self) -> None:
        """Forget everything; what is under way is no longer waited for."""
        if self._touched is not None:
            self._forgotten += [*self._open, *self._done]
            self._touched.clear()
        for held in (
            self._fresh, self._retries, self._by_hand, self._busy, self._held, self._open, self._done, self._under_way,
            self._texts, self._settled,
        ):  # fmt: skip
            held.clear()
        self.counts = Counts()

    # ------------------------------------------------------------------------------------------------------ for a store

    def keep_journal(self) -> None:
        """Collect what changes from now on."""
        self._touched = {}

    def changes(self) -> tuple[tuple[Delivery, ...], tuple[int, ...]]:
        """Return the deliveries that are new or have changed, and the ids of those forgotten, since the last call."""
        touched, forgotten = self._touched or {}, self._forgotten
        self._touched = None if self._touched is None else {}
        self._first_unsaved = self._next_id
        self._forgotten = []
        return tuple(touched.values()), tuple(forgotten)

    def restore(self, deliveries: Iterable[Delivery]) -> None:
        """Take up what a store has kept. What was under way when it ended counts as not answered and is due again."""
        for delivery in sorted(deliveries, key=lambda delivery: delivery.id):
            self._next_id = max(self._next_id, delivery.id + 1)
            if delivery.state != "waiting":
                self._done[delivery.id] = delivery
                continue
            self._open[delivery.id] = delivery
            if delivery.first_try is None:
                self._fresh.append(delivery)
            else:
                if delivery.next_try is None:
                    delivery.next_try = delivery.attempts[-1].at + self.interval_seconds
                heapq.heappush(self._retries, (delivery.next_try, delivery.id))
        self._first_unsaved = self._next_id

    def _touch(self, delivery: Delivery) -> None:
        if self._touched is not None:
            self._touched[delivery.id] = delivery
        if self.watched is not None:
            self.watched.update(delivery.message_ids)


def _basic(credential: CallbackCredential) -> str:
    return "Basic " + b64encode(f"{credential.user}:{credential.password}".encode()).decode()
