"""The course of all messages of an account: queues, plans, and the events that come of them.

How it works. A message that is admitted joins the queue of its kind. When its turn comes, expiry and the provider's own
failures are settled, recipient by recipient; the others go out at the account's rate and are then with their carriers
until the last event. What is still to happen stands in two places: in the queues, and in a heap of the first step of
every leg. ``run`` lets everything happen that is due by a time, each at its own time and in order, so that it makes no
difference how often or when it is called.
"""

import math
from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from random import Random
from typing import Final, NamedTuple

from msgcore.errors import LocalError
from msgcore.wire.codes import delivery_codes
from transports.simulator.accounts.account import Account
from transports.simulator.accounts.profiles import Profile
from transports.simulator.accounts.records import NumberClass
from transports.simulator.callbacks.events import Callback, encode_event
from transports.simulator.course.carriers import (
    RECEIPT_EXPIRED,
    Route,
    carrier_of,
    route_of,
    steps_after_leaving,
    steps_of_a_failure,
)
from transports.simulator.course.outcomes import FOUND_BY_PROVIDER, Judge
from transports.simulator.course.queue import SegmentQueue
from transports.simulator.course.records import DELIVERED, Action, Leg, MessageRecord, Status, Step
from transports.simulator.ids import time_text

# As plain numbers: they are looked at for every step.
_LEAVE, _END = int(Action.LEAVE), int(Action.END)
_SENDING, _SENT, _DELIVERED = int(Status.SENDING), int(Status.SENT), int(Status.DELIVERED)

# A few codes were published without a name.
_REASONS: Final = {code.code: code.name or code.meaning for code in delivery_codes()}


class Kind(NamedTuple):
    """What is the same for all messages of a class of sender and a kind."""

    route: Route
    on_the_way: str
    on_the_way_description: str
    delivered_description: str


def _kinds(profile: Profile) -> dict[tuple[str, bool], Kind]:
    kinds = {}
    for number_class in NumberClass:
        for is_mms in (False, True):
            route = route_of(number_class, profile, is_mms=is_mms)
            on_the_way = (
                ("message-sending", "Message is sending to carrier")
                if is_mms
                else ("message-sent", "Message sent to carrier")
            )
            described = profile.delivered_description or route.delivered_description
            kinds[number_class.value, is_mms] = Kind(route, *on_the_way, described)
    return kinds


class Course:
    """Everything that is on its way, and what has come of it and was not fetched yet.

    ``wanted`` are the events that are written at all; ``finished`` is told of every message with nothing more to come.
    For a store, ``admitted`` collects what has come in and ``touched`` what has changed since; ``watched`` the ids of
    both for somebody who looks on.
    """

    __slots__ = (
        "_account", "_echoes_text", "_heap", "_judge", "_kinds", "_order", "_random", "_texts",
        "_wanted", "admitted", "callbacks", "finished", "mms", "now", "open", "sms", "touched", "watched",
    )  # fmt: skip

    def __init__(
        self,
        account: Account,
        profile: Profile,
        judge: Judge,
        random: Random,
        wanted: Iterable[str],
        finished: Callable[[MessageRecord], object],
    ) -> None:
        self._account = account
        self._judge = judge
        self._random = random
        self._wanted = profile.event_types & frozenset(wanted)
        self.finished = finished
        self._kinds = _kinds(profile)
        self._echoes_text = profile.echoes_text
        self._texts: dict[str, str] = {}  # of the seeds' time alone, and until the last event
        self.open: dict[str, MessageRecord] = {}
        self.admitted: list[MessageRecord] = []
        self.touched: dict[str, MessageRecord] | None = None
        self.watched: dict[str, None] | None = None
        self._heap: list[tuple[float, int, MessageRecord, Leg]] = []
        self._order = 0  # among equal times; unique, so that no comparison goes further
        self.callbacks: list[Callback] = []
        self.now = -math.inf
        settings = account.settings
        self.sms: SegmentQueue[MessageRecord] = SegmentQueue(settings.rate, settings.queue_seconds)
        self.mms: SegmentQueue[MessageRecord] = SegmentQueue(settings.rate, settings.queue_seconds)

    def admit(self, message: MessageRecord, text: str, now: float) -> bool:
        """Queue a message, or refuse it when it does not fit."""
        queue = self.mms if message.is_mms else self.sms
        segments = message.segment_count * len(message.legs)
        sender = message.sender
        if not queue.admit(
            message, segments, now, high=message.high, sender=sender, own_rate=self._account.rate_of(sender)
        ):
            return False
        self.number(message)
        self.open[message.id] = message
        if self._echoes_text:
            self._texts[message.id] = text
        if self.touched is not None:
            self.admitted.append(message)
        if self.watched is not None:
            self.watched[message.id] = None
        return True

    def number(self, message: MessageRecord) -> None:
        """Say how many have come before it; times alone do not tell while the clock is held."""
        self._order += 1
        message.order = self._order

    def next_due(self) -> float:
        """Return when something happens next, ``inf`` for never."""
        return min(self._heap[0][0] if self._heap else math.inf, self.sms.next_turn, self.mms.next_turn)

    def run(self, now: float) -> float:
        """Let everything happen that is due by ``now``, each at its own time; returns ``now``, or the latest seen.

        Of equal times the steps come first, then SMS, then MMS: any order would do, but it must be one.
        """
        if not math.isfinite(now):
            raise LocalError(f"now: expected seconds since the Unix epoch, got {now!r}")
        if now < self.now:
            now = self.now
        self.now = now
        heap, sms, mms = self._heap, self.sms, self.mms
        while True:
            due = heap[0][0] if heap else math.inf
            if due <= sms.next_turn and due <= mms.next_turn:
                if due > now:
                    return now
                _, _, message, leg = heappop(heap)
                self._step(message, leg)
            else:
                queue = sms if sms.next_turn <= mms.next_turn else mms
                if queue.next_turn > now:
                    return now
                self._turn(queue)

    # ---------------------------------------------------------------------------------------------------- in the queue

    def _turn(self, queue: SegmentQueue[MessageRecord]) -> None:
        message, now = queue.start()
        if self.touched is not None:
            self.touched[message.id] = message
        if self.watched is not None:
            self.watched[message.id] = None
        if not message.started:
            self._settle(message, now)
        if queue.turn_is_limited:
            self._send_one_segment(queue, message)
            return
        for leg in message.legs:
            if leg.owed:
                message.out_at = out = queue.send(leg.owed)
                leg.owed = 0
                if self._comes_next(out):  # as mostly, where much goes out: it need not wait in the heap
                    self._leave(message, leg, out, leg.code)
                else:
                    self._follow(message, leg, ((out, _LEAVE, leg.code, out),))

    def _comes_next(self, when: float) -> bool:
        """Whether ``when`` has come, and nothing else happens before."""
        heap = self._heap
        return (
            when <= self.now
            and (not heap or when < heap[0][0])
            and when <= self.sms.next_turn
            and when <= self.mms.next_turn
        )

    def _settle(self, message: MessageRecord, now: float) -> None:
        """A message is in front: fail what the provider will not send, at no cost, and let the rest go out."""
        message.started = True
        judge = self._judge
        whole = judge.code_of_message(message, now)
        for leg in message.legs:
            leg.code = code = judge.code_of_recipient(message, leg.to) if whole is None else whole
            if code in FOUND_BY_PROVIDER:
                self._follow(message, leg, steps_of_a_failure(now, code, message.directive, self._random.random()))
            else:
                leg.status = _SENDING
                leg.owed = message.segment_count
        message.media = ()

    def _send_one_segment(self, queue: SegmentQueue[MessageRecord], message: MessageRecord) -> None:
        """The sender has a rate of its own: it sends one segment, and the message waits for its next turn."""
        leg = next((leg for leg in message.legs if leg.owed), None)
        if leg is None:
            return
        message.out_at = out = queue.send(1)
        leg.owed -= 1
        if not leg.owed:
            self._follow(message, leg, ((out, _LEAVE, leg.code, out),))
        if rest := sum(leg.owed for leg in message.legs):
            queue.put_back(message, rest, message.sender)

    def _follow(self, message: MessageRecord, leg: Leg, plan: tuple[Step, ...]) -> None:
        leg.plan = plan
        self._order += 1
        heappush(self._heap, (plan[0][0], self._order, message, leg))

    # --------------------------------------------------------------------------------------------------- step by step

    def _step(self, message: MessageRecord, leg: Leg) -> None:
        """Take the next step of a leg; with the last one of its last leg a message is over."""
        plan = leg.plan
        due, action, code, shown = plan[0]
        if self.touched is not None:
            self.touched[message.id] = message
        if self.watched is not None:
            self.watched[message.id] = None
        if action == _LEAVE:
            self._leave(message, leg, due, code)
            return
        if action == _END:
            self._end(message, leg, due, code, shown)
        else:
            self._announce(message, leg, due, shown)
        if len(plan) > 1:
            self._follow(message, leg, plan[1:])
            return
        leg.plan = ()
        message.open_legs -= 1
        if not message.open_legs:
            self._close(message, due)

    def _leave(self, message: MessageRecord, leg: Leg, left: float, code: int) -> None:
        """The last segment is out: say so, and wait for what the carrier will say."""
        leg.left = left
        leg.status = _SENT
        kind = self._kinds[message.number_class, message.is_mms]
        directive = message.directive
        if directive.order is None:
            self._emit(message, leg, left, left, kind.on_the_way, kind.on_the_way_description, DELIVERED)
        self._follow(message, leg, steps_after_leaving(left, code, directive, kind.route, self._random.random()))

    def _announce(self, message: MessageRecord, leg: Leg, due: float, shown: float) -> None:
        kind = self._kinds[message.number_class, message.is_mms]
        self._emit(message, leg, due, shown, kind.on_the_way, kind.on_the_way_description, DELIVERED)

    def _end(self, message: MessageRecord, leg: Leg, due: float, code: int, shown: float) -> None:
        leg.code = code
        leg.ended = due
        if code == DELIVERED:
            leg.status = _DELIVERED
            described = self._kinds[message.number_class, message.is_mms].delivered_description
            self._emit(message, leg, due, shown, "message-delivered", described, DELIVERED)
            return
        expired = code == RECEIPT_EXPIRED and self._account.settings.shows_expired_receipts
        leg.status = Status.DLR_EXPIRED if expired else Status.FAILED
        self._emit(message, leg, due, shown, "message-failed", _REASONS[code], code)

    def _close(self, message: MessageRecord, now: float) -> None:
        """Nothing more can come: what only callbacks needed is forgotten."""
        message.finished = now
        del self.open[message.id]
        if self._echoes_text:
            self._texts.pop(message.id, None)
        self.finished(message)
        message.details = b""

    def _emit(
        self, message: MessageRecord, leg: Leg, due: float, shown: float, type: str, description: str, code: int
    ) -> None:
        if type not in self._wanted:
            return
        application = self._account.application(message.application_id)
        if (
            application is not None
            and application.callback_types is not None
            and type not in application.callback_types
        ):
            return
        settings = self._account.settings
        carrier = carrier_of(leg.to) if settings.lists_carriers and not message.is_mms else None
        event = encode_event(
            type, time_text(shown, settings.fraction_digits), description, leg.to, message.details, code, carrier
        )
        if not self._echoes_text:
            self.callbacks.append(Callback(due, message.application_id, message.id, event))
            return
        text = self._texts.get(message.id, "")
        text_is_gone = bool(message.text_length) and not text  # taken up from a store, which has none
        self.callbacks.append(Callback(due, message.application_id, message.id, event, text, text_is_gone=text_is_gone))

    # ------------------------------------------------------------------------------------------------------ for a store

    def resume(self, messages: Iterable[MessageRecord]) -> None:
        """Take up messages where a store has kept them: each queue in the old order, each leg at its next step.

        Those that are finished only tell until when the lines are busy. So a queue goes on at its rate from where it
        was, and what would have gone out while nobody was there has gone out at its own time.
        """
        messages = sorted(messages, key=lambda message: message.order)
        for message in messages:
            if message.out_at:
                own_rate = self._account.rate_of(message.sender)
                leaving = sum(bool(leg.plan) and leg.plan[0][1] == _LEAVE for leg in message.legs)
                segments = message.segment_count * leaving if own_rate is None else 1
                queue = self.mms if message.is_mms else self.sms
                queue.occupy(message.out_at, max(1, segments), message.sender, own_rate)
        for message in messages:
            self._order = max(self._order, message.order)
            if message.finished is not None:
                continue
            self.open[message.id] = message
            owed = sum(leg.owed for leg in message.legs) if message.started else message.queued_segments
            if owed:
                queue = self.mms if message.is_mms else self.sms
                queue.readmit(
                    message,
                    owed,
                    message.created,
                    high=message.high,
                    sender=message.sender,
                    own_rate=self._account.rate_of(message.sender),
                )
            for leg in message.legs:
                if leg.plan:
                    self._follow(message, leg, leg.plan)
