"""The provider as a pure machine: a request or a time goes in, an answer or callbacks come out.

How it works. A message that passes the checks before the 202 joins the queue of its kind. When its turn comes, expiry
and the provider's own failures are settled, recipient by recipient; the others go out at the account's rate and are
then with their carriers until the last event. What is still to happen stands in two places: in the queues, and in a
heap ordered by time. ``handle`` and ``advance`` first let everything happen that is due by the time they are given, at
its own time and in order, so that it makes no difference how often or when they are called.

Nothing in here reads a clock, or another random source than the seeded one: the same requests at the same times bring
the same bytes. A text is counted and forgotten; of a message is kept what its callbacks carry, until the last of them.
"""

import heapq
import math
from collections.abc import Collection
from random import Random
from typing import NamedTuple

from msgcore.errors import LocalError
from msgcore.wire.callbacks import encode_callbacks
from msgcore.wire.codes import delivery_code
from msgcore.wire.events import KnownEvent, MessageDelivered, MessageFailed, MessageSending, MessageSent
from msgcore.wire.exchange import Request, Response
from transports.simulator.answers import queue_full, refuse_request
from transports.simulator.carriers import CHECK_DELAY, RECEIPT_EXPIRED, RECEIPT_TIMEOUT_SECONDS
from transports.simulator.creation import OpenMessage, acceptance, open_message, read_fields
from transports.simulator.ids import time_text
from transports.simulator.outcomes import DELIVERED, FOUND_BY_PROVIDER, Account, outcome
from transports.simulator.queue import DEFAULT_DEPTH_SECONDS, SegmentQueue

DEFAULT_ACCOUNT_ID = "9900000"
CALLBACK_TYPES = frozenset(event.type for event in (MessageSending, MessageSent, MessageDelivered, MessageFailed))


_ON_THE_WAY: dict[bool, tuple[type[MessageSent | MessageSending], str]] = {
    False: (MessageSent, "Message sent to carrier"),
    True: (MessageSending, "Message is sending to carrier"),  # MMS and group MMS
}


class Callback(NamedTuple):
    """A callback that is due: the body to post for an application, and since when."""

    due: float
    application_id: str
    body: bytes


class _Step(NamedTuple):
    """Something that will happen to a message for one recipient: it leaves, or its last event comes."""

    due: float
    order: int  # among equal times; unique, so that no comparison goes further
    message: OpenMessage
    recipient: str
    code: int  # 0 for delivered
    is_last: bool


class Engine:
    """One account of the provider.

    >>> engine = Engine(rate=1)
    >>> body = b'{"from":"+19195550100","to":["+19195550123"],"text":"hello","applicationId":"a-1"}'
    >>> request = Request("POST", "messages", headers={"content-type": "application/json"}, body=body)
    >>> engine.handle(request, now=0.0).status
    202
    >>> sent, delivered = engine.advance(now=60.0)
    >>> sent.due, sent.body[:48]
    (1.0, b'[{"type":"message-sent","time":"1970-01-01T00:00')

    ``rate`` is in segments per second; ``queue_seconds`` says how many seconds' worth of segments each queue (SMS, MMS)
    holds. ``applications`` and ``calling_codes`` name what the account has and may reach: without them every
    application exists and every country is reached. ``callback_types`` are the events that are sent, as an application
    may choose them; with ``()`` none are, and nothing is kept for a reader who never comes.

    Times are seconds since the Unix epoch; one before the latest seen counts as the latest.
    """

    def __init__(
        self,
        *,
        rate: float = 1,
        seed: int = 0,
        account_id: str = DEFAULT_ACCOUNT_ID,
        queue_seconds: float = DEFAULT_DEPTH_SECONDS,
        applications: Collection[str] | None = None,
        calling_codes: Collection[int] | None = None,
        callback_types: Collection[str] = CALLBACK_TYPES,
    ) -> None:
        if unknown := set(callback_types) - CALLBACK_TYPES:
            raise LocalError(f"callback_types: expected some of {sorted(CALLBACK_TYPES)}, got {sorted(unknown)}")
        self.account_id = account_id
        self._account = Account(applications, calling_codes)
        self._callback_types = frozenset(callback_types)
        self._random = Random(seed)
        self._sms: SegmentQueue[OpenMessage] = SegmentQueue(rate, queue_seconds)
        self._mms: SegmentQueue[OpenMessage] = SegmentQueue(rate, queue_seconds)
        self._steps: list[_Step] = []
        self._order = 0
        self._due: list[Callback] = []
        self._now = -math.inf
        self._open_message_count = 0

    @property
    def rate(self) -> float:
        """How many segments go out per second, of each queue."""
        return self._sms.rate

    @property
    def queue_capacity(self) -> int:
        """How many segments each queue holds."""
        return self._sms.capacity

    @property
    def open_message_count(self) -> int:
        """How many accepted messages still have an event to come."""
        return self._open_message_count

    def queued_segments(self, now: float, *, mms: bool = False) -> int:
        """Return how many segments of the SMS queue, or of the MMS queue, have not gone out at ``now``."""
        return (self._mms if mms else self._sms).queued_segments(self._run(now))

    def next_due(self) -> float | None:
        """Return when something happens next, or ``None`` when nothing more will.

        Not all that happens is a callback: ``advance`` at that time may return none.
        """
        if self._due:
            return self._due[0].due
        due, _ = self._next()
        return None if due == math.inf else due

    def advance(self, now: float) -> list[Callback]:
        """Let everything happen that is due by ``now``; returns, in order, the callbacks that were not returned yet."""
        self._run(now)
        callbacks, self._due = self._due, []
        return callbacks

    def handle(self, request: Request, now: float) -> Response:
        """Answer a request as the V2 API would at ``now``; a bad request is answered too, never raised.

        Raises:
            TypeError: the body is not ``bytes``; reading a stream is the business of a transport.
        """
        body = request.body
        if not isinstance(body, bytes):
            raise TypeError(f"the engine takes a body of bytes, not {type(body).__name__}")
        now = self._run(now)
        return refuse_request(request, self.account_id, now) or self._create(body, now)

    def _create(self, body: bytes, now: float) -> Response:
        fields = read_fields(body, now)
        if isinstance(fields, Response):
            return fields
        message = open_message(fields, now, self._random)
        queue = self._mms if message.is_mms else self._sms
        if not queue.admit(message, message.queued_segments, now, high=message.high):
            return queue_full("MMS" if message.is_mms else "SMS", queue.rate, queue.capacity)
        self._open_message_count += 1
        return acceptance(message, fields)

    # ----------------------------------------------------------------------------------------------- the course of time

    def _run(self, now: float) -> float:
        """Let everything happen that is due by ``now``, each at its own time; returns ``now``, or the latest seen."""
        if not math.isfinite(now):
            raise LocalError(f"now: expected seconds since the Unix epoch, got {now!r}")
        now = self._now = max(now, self._now)
        while True:
            due, queue = self._next()
            if due > now:
                return now
            if queue is not None:
                self._start(*queue.start())
            elif (step := heapq.heappop(self._steps)).is_last:
                self._finish(step)
            else:
                self._leave(step)

    def _next(self) -> tuple[float, SegmentQueue[OpenMessage] | None]:
        """Return when something happens next (``inf``: never) and in which queue, ``None`` for the heap.

        Of equal times the heap comes first, then SMS, then MMS: any order would do, but it must be one.
        """
        due, where = (self._steps[0].due if self._steps else math.inf), None
        for queue in (self._sms, self._mms):
            if queue.next_turn < due:
                due, where = queue.next_turn, queue
        return due, where

    def _start(self, message: OpenMessage, now: float) -> None:
        """A message is in front: fail what the provider will not send, at no cost, and put the rest on the line."""
        queue = self._mms if message.is_mms else self._sms
        for recipient in message.details.to:
            code = outcome(message, recipient, self._account, now)
            if code in FOUND_BY_PROVIDER:
                asked = message.directive.delay
                delay = CHECK_DELAY.at(self._random.random()) if asked is None else asked
                self._schedule(now + delay, message, recipient, code, is_last=True)
            else:
                self._schedule(queue.send(message.segment_count), message, recipient, code, is_last=False)

    def _leave(self, step: _Step) -> None:
        """A message has gone out to a recipient: say so, and wait for what the carrier will say."""
        message = step.message
        event_type, description = _ON_THE_WAY[message.is_mms]
        self._post(
            step,
            event_type(time=time_text(step.due), to=step.recipient, message=message.details, description=description),
        )
        delay = message.directive.delay
        if delay is None:
            # A receipt that does not come is waited for as long as the provider waits.
            expired = step.code == RECEIPT_EXPIRED
            delay = RECEIPT_TIMEOUT_SECONDS if expired else message.route.delay.at(self._random.random())
        self._schedule(step.due + delay, message, step.recipient, step.code, is_last=True)

    def _finish(self, step: _Step) -> None:
        """The last event of a message for a recipient; with that of the last recipient the message is forgotten."""
        message, code = step.message, step.code
        time, to, details = time_text(step.due), step.recipient, message.details
        if code == DELIVERED:
            description = message.route.delivered_description
            self._post(step, MessageDelivered(time=time, to=to, message=details, description=description))
        else:
            reason = delivery_code(code)
            description = reason.name or reason.meaning  # a few were published without a name
            self._post(step, MessageFailed(time=time, to=to, message=details, description=description, error_code=code))
        message.recipients_open -= 1
        if not message.recipients_open:
            self._open_message_count -= 1

    def _schedule(self, due: float, message: OpenMessage, recipient: str, code: int, *, is_last: bool) -> None:
        self._order += 1
        heapq.heappush(self._steps, _Step(due, self._order, message, recipient, code, is_last))

    def _post(self, step: _Step, event: KnownEvent) -> None:
        if event.type in self._callback_types:
            self._due.append(Callback(step.due, step.message.application_id, encode_callbacks([event])))
