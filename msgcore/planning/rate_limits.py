"""How fast messages may go where no queue takes the burst: segments per second, for the account and for each sender.

How this works: the generic cell rate algorithm (ITU-T I.371, annex A), in segments. A limit remembers one time: when
everything taken so far would have gone, had it gone evenly. A message may go as long as that time, with the message
added, is not further ahead than the burst takes. So in any window of ``w`` seconds go at most ``burst + rate * w``
segments, and who stays below the rate never waits. Nothing is summed up, and times are whole ticks, so nothing drifts.

A message is held back by its account's limit and, where senders have one, by its sender's. The queue in front lets no
message pass another one on the account's limit, however small it is, so a long one is never starved; but a sender who
has to rest is passed by others, and comes back to the place that the age of its message gives it. What has high
priority goes first, as at the provider: only among equals is nobody starved.

SMS and MMS are apart from one another (an assumption: the provider's documents speak of "the SMS queue").

Source: Messaging V2, rate limits and queueing (segments per second, P2P long codes, priority).
"""

import heapq
from collections import deque
from fractions import Fraction
from typing import Generic, Literal, NamedTuple, TypeVar

from msgcore.errors import LocalError, MessageError
from msgcore.planning.ticks import TICKS_PER_SECOND, exact, seconds_up, ticks_up
from msgcore.wire.messages import MessageKind

P2P_SENDER_RATE = 1
"""Segments per second that a local long code may send from person to person."""

DEFAULT_BURST = 64
"""As many segments as the longest text may have (2048 characters, all emoji: 63)."""

Item = TypeVar("Item")
Priority = Literal["default", "high"]


class RateLimits:
    """When the next message may go: for an account, and for each of its senders if they have a rate of their own.

    >>> limits = RateLimits(10, burst=20)
    >>> limits.take(20, MessageKind.SMS, "+19195550100", now=0.0)
    >>> limits.ready_at(5, MessageKind.SMS, "+19195550100", now=0.0)
    0.5

    ``rate`` and ``sender_rate`` are in segments per second: ``int``, ``float`` or ``Fraction``; a ``sender_rate`` of
    ``None`` is no limit, 1 is that of P2P long codes. ``burst`` segments may go at once after a rest, from the account
    and from one sender. ``now`` is in seconds on any clock.

    Raises:
        LocalError: a rate is not positive and finite, or the burst is no segment.
    """

    __slots__ = ("_account", "_rate", "_sender_rate", "_senders", "burst")

    def __init__(
        self, rate: float | Fraction, *, burst: int = DEFAULT_BURST, sender_rate: float | Fraction | None = None
    ) -> None:
        if burst < 1:
            raise LocalError(f"burst must be at least 1, not {burst!r}")
        self.burst = burst
        self._rate = _rate("rate", rate)
        self._sender_rate = None if sender_rate is None else _rate("sender_rate", sender_rate)
        sms, mms = (_Limit(self._rate, burst) for _ in range(2))
        self._account = {MessageKind.SMS: sms, MessageKind.MMS: mms, MessageKind.GROUP_MMS: mms}
        self._senders: dict[tuple[bool, str], _Limit] = {}

    def ready_at(self, segments: int, kind: MessageKind, sender: str, now: float) -> float:
        """Return when a message may go: ``now`` if it may.

        Raises:
            MessageError: it has more segments than the burst.
        """
        return max(self.account_ready_at(segments, kind, now), self.sender_ready_at(segments, kind, sender, now))

    def account_ready_at(self, segments: int, kind: MessageKind, now: float) -> float:
        """Return when the account's limit alone lets a message go."""
        self.check(segments, kind)
        return _time(self._account[kind].ready_at(segments), now)

    def sender_ready_at(self, segments: int, kind: MessageKind, sender: str, now: float) -> float:
        """Return when the sender's limit alone lets a message go."""
        self.check(segments, kind)
        limit = self._senders.get((kind is MessageKind.SMS, sender))
        return now if limit is None else _time(limit.ready_at(segments), now)

    def take(self, segments: int, kind: MessageKind, sender: str, now: float) -> None:
        """Count a message that goes now, whether it may or not."""
        ticks = ticks_up(now)
        self._account[kind].take(segments, ticks)
        if self._sender_rate is None:
            return
        key = kind is MessageKind.SMS, sender
        limit = self._senders.get(key)
        if limit is None:
            if len(self._senders) >= MOST_SENDERS:
                self._forget_rested(ticks)
            limit = self._senders[key] = _Limit(self._sender_rate, self.burst)
        limit.take(segments, ticks)

    def check(self, segments: int, kind: MessageKind) -> None:
        """Raise MessageError if a message has more segments than may ever go at once."""
        if segments > self.burst:
            field = "to" if kind is MessageKind.GROUP_MMS else "text"
            raise MessageError(field, f"{segments} segments, at most {self.burst} may go at once")

    def _forget_rested(self, now: int) -> None:
        """Drop senders whose limit says no more than that of a new one."""
        self._senders = {key: limit for key, limit in self._senders.items() if limit.even_at > now}


MOST_SENDERS = 10_000  # beyond as many, those who have rested are forgotten


class Waiting(NamedTuple, Generic[Item]):
    """What a queue says: the ``item`` that goes now, or else ``until`` when to ask again; ``None`` if nothing waits."""

    item: Item | None
    until: float | None


class _Entry(NamedTuple, Generic[Item]):
    number: int
    segments: int
    item: Item


class PacedQueue(Generic[Item]):
    """What waits to be sent, in the order in which it may go.

    >>> queue = PacedQueue[str](RateLimits(1, burst=2))
    >>> for name in ("first", "second", "third"):
    ...     queue.put(name, 1, MessageKind.SMS, "+19195550100")
    >>> queue.put("urgent", 1, MessageKind.SMS, "+19195550100", priority="high")
    >>> [queue.next(now) for now in (0.0, 0.0, 0.0, 1.0)]
    [Waiting(item='urgent', until=None), Waiting(item='first', until=None), Waiting(item=None, until=1.0), ...]

    An item is anything but ``None``; it comes out once, and is taken from the limits when it does.
    """

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._count = 0
        self._length = 0
        # SMS and MMS do not wait for one another; of each, high priority goes first.
        self._lanes: dict[tuple[bool, bool], _Lane[Item]] = {
            (is_sms, is_high): _Lane(limits, MessageKind.SMS if is_sms else MessageKind.MMS)
            for is_sms in (True, False)
            for is_high in (True, False)
        }

    def __len__(self) -> int:
        """Return how many items wait."""
        return self._length

    def put(self, item: Item, segments: int, kind: MessageKind, sender: str, *, priority: Priority = "default") -> None:
        """Let an item wait behind those of its priority.

        Raises:
            MessageError: it has more segments than may ever go at once.
        """
        self._limits.check(segments, kind)
        if priority not in ("default", "high"):
            raise LocalError(f"priority must be 'default' or 'high', not {priority!r}")
        self._count += 1
        self._length += 1
        self._lanes[kind is MessageKind.SMS, priority == "high"].put(sender, _Entry(self._count, segments, item))

    def next(self, now: float) -> Waiting[Item]:
        """Return the item that goes now and take it out, or say when to ask again."""
        asked_again = []
        for is_sms in (True, False):
            for is_high in (True, False):
                waiting = self._lanes[is_sms, is_high].next(now)
                if waiting.item is not None:
                    self._length -= 1
                    return waiting
                if waiting.until is not None:
                    asked_again.append(waiting.until)
                    if self._lanes[is_sms, is_high].waits_for_account:
                        break  # its turn is next: nothing of lower priority may take it
        return Waiting(None, min(asked_again, default=None))


class _Lane(Generic[Item]):
    """What waits of one kind and one priority: a line for each sender, and the senders whose turn it may be."""

    def __init__(self, limits: RateLimits, kind: MessageKind) -> None:
        self._limits = limits
        self._kind = kind
        self._lines: dict[str, deque[_Entry[Item]]] = {}
        self._ready: list[tuple[int, str]] = []  # by the number of the first entry: the oldest first
        self._resting: list[tuple[float, str]] = []  # by the time when the sender may go on
        self.waits_for_account = False

    def put(self, sender: str, entry: _Entry[Item]) -> None:
        line = self._lines.get(sender)
        if line is None:
            self._lines[sender] = deque([entry])
            heapq.heappush(self._ready, (entry.number, sender))
        else:
            line.append(entry)

    def next(self, now: float) -> Waiting[Item]:
        self.waits_for_account = False
        while self._resting and self._resting[0][0] <= now:
            _, sender = heapq.heappop(self._resting)
            heapq.heappush(self._ready, (self._lines[sender][0].number, sender))
        while self._ready:
            _, sender = self._ready[0]
            entry = self._lines[sender][0]
            rests_until = self._limits.sender_ready_at(entry.segments, self._kind, sender, now)
            if rests_until > now:
                heapq.heappop(self._ready)
                heapq.heappush(self._resting, (rests_until, sender))
                continue
            goes_at = self._limits.account_ready_at(entry.segments, self._kind, now)
            if goes_at > now:
                self.waits_for_account = True
                return Waiting(None, goes_at)
            self._take(sender, entry, now)
            return Waiting(entry.item, None)
        return Waiting(None, self._resting[0][0] if self._resting else None)

    def _take(self, sender: str, entry: _Entry[Item], now: float) -> None:
        self._limits.take(entry.segments, self._kind, sender, now)
        heapq.heappop(self._ready)
        line = self._lines[sender]
        line.popleft()
        if line:
            heapq.heappush(self._ready, (line[0].number, sender))
        else:
            del self._lines[sender]


class _Limit:
    """One rate: ``even_at`` is the tick by which all that was taken would have gone evenly.

    Held as a whole number of ticks times the rate's numerator, which makes every step of it an integer.
    """

    __slots__ = ("_burst", "_even_at", "_numerator", "_step")

    def __init__(self, rate: Fraction, burst: int) -> None:
        self._numerator = rate.numerator
        self._step = rate.denominator * TICKS_PER_SECOND  # a segment takes step / numerator ticks
        self._burst = burst * self._step
        self._even_at: int | None = None

    @property
    def even_at(self) -> int:
        """The tick by which everything would have gone evenly, rounded up."""
        return 0 if self._even_at is None else -(-self._even_at // self._numerator)

    def ready_at(self, segments: int) -> int | None:
        """Return the first tick at which ``segments`` may go; ``None`` for any."""
        if self._even_at is None:
            return None
        return -(-(self._even_at + segments * self._step - self._burst) // self._numerator)

    def take(self, segments: int, now: int) -> None:
        start = now * self._numerator
        if self._even_at is not None and self._even_at > start:
            start = self._even_at
        self._even_at = start + segments * self._step


def _time(tick: int | None, now: float) -> float:
    return now if tick is None else max(now, seconds_up(tick))


def _rate(name: str, rate: float | Fraction) -> Fraction:
    if not 0 < rate < float("inf"):
        raise LocalError(f"{name} must be positive and finite, not {rate!r}")
    return exact(rate)


__all__ = ["DEFAULT_BURST", "P2P_SENDER_RATE", "PacedQueue", "RateLimits", "Waiting"]
