"""What became of every message, for every recipient, whatever order the events come in and however often.

How this works: of each recipient the ledger keeps only *which facts were ever heard*: sending, sent, delivered, failed
and so on. Adding a fact twice changes nothing, and the order of additions leaves no trace, so neither repetition nor
reordering can change a state; it is read off the facts by precedence, most certain first:

    failed for a definite reason > delivered > unconfirmed (9902, 9999, or silence) > sent > sending > accepted

Failure goes before delivery because the provider has been known to report both for a recipient that does not exist.

* Events may overtake the 202 of their message. They wait under the message's id until that is accepted.
* A receipt is waited for 2 hours by the provider, and a callback retried for 24; after 26 hours silence is final.
* Totals are kept as facts arrive, so a message may be forgotten once all its recipients have an outcome, and memory
  is bounded by what is open, however long the campaign.
* Facts are sets, and sets can be joined: :meth:`Ledger.merge` takes in what another ledger heard, so the events of a
  campaign may be split between as many ledgers as there are readers, in any way.

Pure: no clock, no storage. ``now`` is in seconds on any clock that does not run backwards.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from msgcore.errors import LocalError
from msgcore.wire.codes import CodeCategory
from msgcore.wire.events import Event, MessageDelivered, MessageFailed, MessageSending, MessageSent

_Key = TypeVar("_Key")

SILENCE_SECONDS: Final = 26 * 3600
"""How long after its acceptance a message may still hear of its outcome: 2 hours of receipt, 24 of callback retries."""

SILENT_OUTCOME: Final = "unconfirmed"
"""The name under which :attr:`Ledger.outcomes` counts recipients that no terminal event came for."""


class DeliveryState(StrEnum):
    """How far a message has come on its way to one recipient, as far as is known."""

    ACCEPTED = "accepted"
    """The provider answered 202: queued, and nothing more."""
    SENDING = "sending"
    """An MMS is being handed to the carrier."""
    SENT = "sent"
    """It has left the provider's network."""
    UNCONFIRMED = "unconfirmed"
    """Nobody can tell: code 9902 or 9999, or no word for 26 hours. It may have arrived."""
    DELIVERED = "delivered"
    """At the handset, or at the carrier where that is all that is ever known."""
    FAILED = "failed"
    """It did not arrive, and the code says why."""


class Delivery(NamedTuple):
    """What is known about one message to one recipient.

    ``code`` is the delivery code behind ``failed`` or ``unconfirmed``, where one was given; of several the lowest, so
    that it does not depend on which came last. ``conflicting`` tells that both a definite failure and a delivery were
    reported.
    """

    message_id: str
    recipient: str
    state: DeliveryState
    code: int | None = None
    conflicting: bool = False

    @property
    def is_final(self) -> bool:
        """Whether the outcome is known, or known never to be."""
        return self.state in _FINAL_STATES


_FINAL_STATES = frozenset({DeliveryState.UNCONFIRMED, DeliveryState.DELIVERED, DeliveryState.FAILED})

# Facts, each a bit; the highest that was heard decides.
_BITS = tuple(1 << bit for bit in range(6))
_SENDING, _SENT, _SILENT, _AMBIGUOUS, _DELIVERED, _FAILED = _BITS
_TERMINAL = _SILENT | _AMBIGUOUS | _DELIVERED | _FAILED
_BOTH = _DELIVERED | _FAILED

_STATE_BY_HIGHEST_BIT = (
    DeliveryState.ACCEPTED,  # no fact at all
    DeliveryState.SENDING,
    DeliveryState.SENT,
    DeliveryState.UNCONFIRMED,
    DeliveryState.UNCONFIRMED,
    DeliveryState.DELIVERED,
    DeliveryState.FAILED,
)
_OUTCOME_BY_HIGHEST_BIT = (
    None,
    None,
    None,
    SILENT_OUTCOME,
    MessageFailed.type,  # that is the event which brings 9902 and 9999
    MessageDelivered.type,
    MessageFailed.type,
)


class LedgerReport(NamedTuple):
    """What a ledger knows, in figures; a recipient is counted once for each message."""

    messages: int
    recipients: int
    states: Counter[DeliveryState]
    """Recipients by state; of open messages too."""
    codes: Counter[int]
    """Recipients whose outcome has a delivery code, by code."""
    conflicting: int
    """Recipients for whom both a definite failure and a delivery were reported."""


class _Fact(NamedTuple):
    """What one event says, without anything that differs between two copies of it."""

    recipient: str
    bit: int
    code: int | None


class _Fate:
    """The facts heard about one recipient."""

    __slots__ = ("_ambiguous_code", "_failed_code", "facts")

    def __init__(self) -> None:
        self.facts = 0
        self._ambiguous_code: int | None = None
        self._failed_code: int | None = None

    def hear(self, bit: int, code: int | None) -> None:
        self.facts |= bit
        if bit == _FAILED:
            self._failed_code = _lower(self._failed_code, code)
        elif bit == _AMBIGUOUS:
            self._ambiguous_code = _lower(self._ambiguous_code, code)

    @property
    def is_terminal(self) -> bool:
        return bool(self.facts & _TERMINAL)

    @property
    def code(self) -> int | None:
        if self.facts >= _FAILED:
            return self._failed_code
        return self._ambiguous_code if _AMBIGUOUS <= self.facts < _DELIVERED else None

    @property
    def outcome(self) -> str | None:
        return _OUTCOME_BY_HIGHEST_BIT[self.facts.bit_length()]

    @property
    def state(self) -> DeliveryState:
        return _STATE_BY_HIGHEST_BIT[self.facts.bit_length()]

    def delivery(self, message_id: str, recipient: str) -> Delivery:
        return Delivery(message_id, recipient, self.state, self.code, self.facts & _BOTH == _BOTH)

    def heard(self, recipient: str) -> Iterator[_Fact]:
        """Yield the facts again, one by one."""
        codes = {_AMBIGUOUS: self._ambiguous_code, _FAILED: self._failed_code}
        for bit in _BITS:
            if self.facts & bit:
                yield _Fact(recipient, bit, codes.get(bit))


class _Tracked:
    """An accepted message: one fate per recipient."""

    __slots__ = ("fates", "settled_at", "since", "undecided")

    def __init__(self, recipients: Iterable[str], now: float) -> None:
        self.fates = {recipient: _Fate() for recipient in recipients}
        self.since = now
        self.undecided = len(self.fates)
        self.settled_at = math.inf


class _Early:
    """Facts about a message that is not accepted (yet), with how many events each came in."""

    __slots__ = ("facts", "since")

    def __init__(self, now: float) -> None:
        self.facts: Counter[_Fact] = Counter()
        self.since = now


class Ledger:
    """One state per message and recipient, from acceptances and events in any order.

    >>> from msgcore.wire import decode_callbacks
    >>> ledger = Ledger()
    >>> ledger.accepted("m-1", ["+19195550123"], now=0.0)
    >>> [event] = decode_callbacks(
    ...     b'[{"type":"message-delivered","time":"2023-05-04T10:14:03Z","to":"+19195550123","message":{"id":"m-1",'
    ...     b'"time":"2023-05-04T10:14:02Z","owner":"+19195550100","direction":"out","to":["+19195550123"],'
    ...     b'"from":"+19195550100"}}]'
    ... )
    >>> ledger.record(event, now=1.5).state
    <DeliveryState.DELIVERED: 'delivered'>
    >>> ledger.outcomes
    Counter({'message-delivered': 1})

    Memory grows with the messages that are open, those that are settled but not forgotten, and the events that belong
    to neither.
    """

    def __init__(self) -> None:
        self._open: dict[str, _Tracked] = {}  # in order of acceptance
        self._settled: dict[str, _Tracked] = {}  # in order of settlement
        self._early: dict[str, _Early] = {}  # in order of the first event
        self._is_in_order = True  # open ones by acceptance, early ones by their first event
        self._changed: dict[str, None] = {}  # settled ones whose outcome nobody has asked for, in order
        self._outcomes: Counter[str] = Counter()
        self._states: Counter[DeliveryState] = Counter()  # final ones, of messages that are forgotten too
        self._codes: Counter[int] = Counter()
        self._conflicting = 0
        self._unclaimed = 0
        self._forgotten_messages = 0

    # ------------------------------------------------------------------------------------------------- what happens

    def accepted(self, message_id: str, recipients: Iterable[str], now: float) -> None:
        """Enter a message that the provider has accepted; events that came before are joined to it.

        Of several acceptances of a message that is remembered the earliest counts, and nothing else changes.

        Raises:
            LocalError: there are no recipients.
        """
        if isinstance(recipients, str):
            raise TypeError("recipients must be an iterable of str, not str")
        known = self._find(message_id)
        if known is not None:
            if now < known.since:
                known.since = now
                self._is_in_order = False
            return
        message = _Tracked(recipients, now)
        if not message.fates:
            raise LocalError(f"message {message_id!r}: expected at least one recipient, got none")
        if self._open and now < next(reversed(self._open.values())).since:
            self._is_in_order = False
        self._open[message_id] = message
        early = self._early.pop(message_id, None)
        if early is not None:
            for fact, event_count in early.facts.items():
                if self._enter(message_id, message, fact, now) is None:
                    self._unclaimed += event_count

    def record(self, event: Event, now: float) -> Delivery | None:
        """Enter an event, and return what is now known about its message and recipient.

        ``None`` comes back for an event that tells nothing about a delivery (received, unknown), and for one whose
        message or recipient is not known here: it waits for the acceptance or is counted, see
        :attr:`unclaimed_event_count`.
        """
        fact = _fact(event)
        if fact is None or event.message is None:
            return None
        message_id = event.message.id
        message = self._find(message_id)
        if message is None:
            early = self._early.get(message_id)
            if early is None:
                early = self._early[message_id] = _Early(now)
            early.facts[fact] += 1
            return None
        delivery = self._enter(message_id, message, fact, now)
        if delivery is None:
            self._unclaimed += 1
        return delivery

    def settle(self, now: float) -> tuple[Delivery, ...]:
        """Give up on messages accepted 26 hours ago or more, and return what is ``unconfirmed`` for it.

        Should a terminal event come still while the message is remembered, it counts by the usual precedence. Events
        that have waited as long for an acceptance are dropped, and stay counted.
        """
        self._put_in_order()
        given_up = []
        for message_id in _overdue(self._open, now):
            message = self._open[message_id]
            silent = [recipient for recipient, fate in message.fates.items() if not fate.is_terminal]
            for recipient in silent:
                self._enter(message_id, message, _Fact(recipient, _SILENT, None), now)
                given_up.append(message.fates[recipient].delivery(message_id, recipient))
        for message_id in _overdue(self._early, now):
            self._unclaimed += self._early.pop(message_id).facts.total()
        return tuple(given_up)

    def forget_settled(self, settled_before: float = math.inf) -> int:
        """Drop the messages that have an outcome for every recipient, and return how many those were.

        The totals keep counting them. What comes later about a forgotten message cannot be told from an event before
        its 202: it is counted as unclaimed, and a failure after a delivery is then no conflict any more. So leave some
        time where that matters: ``settled_before`` keeps those whose last outcome came at that time or after it.
        """
        forgotten = []
        for message_id, message in self._settled.items():
            if message.settled_at >= settled_before:
                break
            forgotten.append(message_id)
        for message_id in forgotten:
            del self._settled[message_id]
            self._changed.pop(message_id, None)
        self._forgotten_messages += len(forgotten)
        return len(forgotten)

    def take_settled(self) -> list[tuple[str, tuple[Delivery, ...]]]:
        """Return the messages that have got their last outcome since this was asked, or another one after it."""
        changed, self._changed = self._changed, {}
        return [(message_id, self.deliveries(message_id)) for message_id in changed]

    def merge(self, other: "Ledger") -> None:
        """Take in everything that ``other`` heard; it stays as it is.

        The result is that of one ledger which heard both, in whatever order: split the events of a campaign as you
        like. What either has forgotten is in the totals, so a message that one has forgotten must not be known to the
        other any more. Events that wait for an acceptance are counted as often as both heard them.
        """
        for message_id, message in [*other._open.items(), *other._settled.items()]:
            self.accepted(message_id, message.fates, message.since)
            mine = self._find(message_id)
            assert mine is not None
            for recipient, fate in message.fates.items():
                for fact in fate.heard(recipient):
                    self._enter(message_id, mine, fact, message.since)
        for message_id, early in other._early.items():
            self._merge_early(message_id, early)
        totals = other._forgotten_totals()
        for mine_, theirs in ((self._outcomes, totals._outcomes), (self._codes, totals._codes)):
            mine_.update(theirs)  # type: ignore[arg-type]  # each with its own kind of key
        self._states.update(totals._states)
        self._conflicting += totals._conflicting
        self._unclaimed += other._unclaimed
        self._forgotten_messages += other._forgotten_messages

    # ------------------------------------------------------------------------------------------------- what is known

    def deliveries(self, message_id: str) -> tuple[Delivery, ...]:
        """Return what is known about a message, one entry per recipient; nothing where the message is not known."""
        message = self._find(message_id)
        if message is None:
            return ()
        return tuple(fate.delivery(message_id, recipient) for recipient, fate in message.fates.items())

    def report(self) -> LedgerReport:
        """Return what is known in figures, forgotten messages included.

        >>> ledger = Ledger()
        >>> ledger.accepted("m-1", ["+19195550123", "+19195550124"], now=0.0)
        >>> ledger.report().states
        Counter({<DeliveryState.ACCEPTED: 'accepted'>: 2})
        """
        states = Counter(self._states)
        for message in self._open.values():
            states.update(fate.state for fate in message.fates.values() if not fate.is_terminal)
        messages = self._forgotten_messages + len(self._settled) + len(self._open)
        return LedgerReport(messages, states.total(), states, Counter(self._codes), self._conflicting)

    def deliveries_to(self, recipient: str) -> tuple[Delivery, ...]:
        """Return what is known of every message to ``recipient`` that is not forgotten, the open ones last."""
        return tuple(
            message.fates[recipient].delivery(message_id, recipient)
            for messages in (self._settled, self._open)
            for message_id, message in messages.items()
            if recipient in message.fates
        )

    @property
    def outcomes(self) -> Counter[str]:
        """How many recipients have which outcome, by the terminal event that decided it, forgotten messages included.

        ``message-delivered`` and ``message-failed``, each recipient once however many events came; and ``unconfirmed``
        for those that no terminal event came for. 9902 and 9999 come as ``message-failed`` and are counted as such:
        :attr:`codes` tells them apart.
        """
        return Counter(self._outcomes)

    @property
    def codes(self) -> Counter[int]:
        """How many recipients have which delivery code as their outcome, forgotten messages included."""
        return Counter(self._codes)

    @property
    def conflicting_count(self) -> int:
        """How many recipients had both a definite failure and a delivery, forgotten messages included."""
        return self._conflicting

    @property
    def open_count(self) -> int:
        """How many messages still wait for the outcome of a recipient."""
        return len(self._open)

    @property
    def settled_count(self) -> int:
        """How many messages have all their outcomes and are not forgotten."""
        return len(self._settled)

    @property
    def unclaimed_event_count(self) -> int:
        """How many events belong to no message or recipient known here.

        They are about somebody else's messages, or forgotten ones; or they came before the 202 of their message, and
        are no longer counted here once it is accepted.
        """
        return self._unclaimed + sum(early.facts.total() for early in self._early.values())

    def next_deadline(self) -> float | None:
        """Return when :meth:`settle` will next have something to give up on, or ``None`` when nothing is open."""
        self._put_in_order()
        return next((message.since + SILENCE_SECONDS for message in self._open.values()), None)

    # ------------------------------------------------------------------------------------------------------- inside

    def _find(self, message_id: str) -> _Tracked | None:
        return self._open.get(message_id) or self._settled.get(message_id)

    def _enter(self, message_id: str, message: _Tracked, fact: _Fact, now: float) -> Delivery | None:
        fate = message.fates.get(fact.recipient)
        if fate is None:
            return None
        was_terminal = fate.is_terminal
        if was_terminal:
            before = fate.state, fate.code, fate.facts
            self._count(fate, -1)
        fate.hear(fact.bit, fact.code)
        if fate.is_terminal:
            self._count(fate, +1)
            if not was_terminal:
                self._decide(message_id, message, now)
            elif not message.undecided and (fate.state, fate.code, fate.facts) != before:
                self._changed[message_id] = None
        return fate.delivery(message_id, fact.recipient)

    def _decide(self, message_id: str, message: _Tracked, now: float) -> None:
        message.undecided -= 1
        if not message.undecided:
            message.settled_at = now
            self._settled[message_id] = self._open.pop(message_id)
            self._changed[message_id] = None

    def _count(self, fate: _Fate, sign: int) -> None:
        outcome, code = fate.outcome, fate.code
        if outcome is not None:
            _add(self._outcomes, outcome, sign)
            _add(self._states, fate.state, sign)
        if code is not None:
            _add(self._codes, code, sign)
        if fate.facts & _BOTH == _BOTH:
            self._conflicting += sign

    def _put_in_order(self) -> None:
        """Sort what stands in order of time as a rule, after something came along that did not."""
        if not self._is_in_order:
            self._open = dict(sorted(self._open.items(), key=lambda item: item[1].since))
            self._early = dict(sorted(self._early.items(), key=lambda item: item[1].since))
            self._is_in_order = True

    def _merge_early(self, message_id: str, early: _Early) -> None:
        message = self._find(message_id)
        if message is None:
            mine = self._early.setdefault(message_id, _Early(early.since))
            mine.since = min(mine.since, early.since)
            mine.facts.update(early.facts)
            self._is_in_order = False
            return
        for fact, event_count in early.facts.items():
            if self._enter(message_id, message, fact, early.since) is None:
                self._unclaimed += event_count

    def _forgotten_totals(self) -> "Ledger":
        """Return a ledger that has nothing but this one's totals of forgotten messages."""
        totals = Ledger()
        totals._outcomes, totals._states, totals._codes = self.outcomes, Counter(self._states), self.codes
        totals._conflicting = self._conflicting
        for message in (*self._open.values(), *self._settled.values()):
            for fate in message.fates.values():
                if fate.is_terminal:
                    totals._count(fate, -1)
        return totals


def _fact(event: Event) -> _Fact | None:
    if isinstance(event, MessageDelivered):
        return _Fact(event.to, _DELIVERED, None)
    if isinstance(event, MessageFailed):
        code = event.code
        return _Fact(event.to, _AMBIGUOUS if code.category is CodeCategory.AMBIGUOUS else _FAILED, code.code)
    if isinstance(event, MessageSending):
        return _Fact(event.to, _SENDING, None)
    return _Fact(event.to, _SENT, None) if isinstance(event, MessageSent) else None


def _lower(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _add(counter: Counter[_Key], key: _Key, amount: int) -> None:
    counter[key] += amount
    if not counter[key]:
        del counter[key]  # a zero would show in the totals, and two equal ones would differ


def _overdue(entries: Mapping[str, _Tracked | _Early], now: float) -> list[str]:
    """Return the ids that have waited 26 hours; the oldest stand first, so the rest need no look."""
    overdue = []
    for message_id, entry in entries.items():
        if now - entry.since < SILENCE_SECONDS:
            break
        overdue.append(message_id)
    return overdue
