"""What a durable sender keeps in mind of messages that are not final: who they are when word of them comes.

How this works: an attempt is *open* from the moment it is entered until it is known what came of it. If its answer is
lost, three things may still tell, and none of them sends anything:

* **Its callback.** The tag that comes back names the message and the attempt; if sender and recipient fit too, it was
  accepted, whatever was believed of it.
* **The search**, which has no tag. A sender, a recipient and a window of time hold so many messages that nobody has
  claimed, and so many attempts whose outcome is unknown. Only where the two numbers are equal do the messages belong to
  the attempts; that nothing is found proves nothing.
* **A deadline**, after which the owner may have it sent again. By itself an unknown message is held.

Accepted messages are followed by the ledger; each of them has its number in the outbox, so that its conclusion can be
entered there. Events about messages that are not in mind are *strays*: they belong to somebody else, or to a message
that was concluded or forgotten, which only the outbox can tell.

Pure: records for the outbox are collected, and taken by whoever can enter them.
"""

from collections import deque
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

import msgspec

from msgcore.delivery.ledger import SILENCE_SECONDS, Delivery, DeliveryState, Ledger
from msgcore.delivery.records import Conclusion, Entry, Outcome, SendState
from msgcore.delivery.wire_tags import WireTag, read_wire_tag, wire_key
from msgcore.wire import Event, FoundMessage, KnownEvent, Message, MessageReceived, UnknownEvent

WINDOW_MARGIN_SECONDS: Final = 60.0
"""How far the provider's clock and ours may be apart, for the window of a search."""

SEARCH_AFTER_SECONDS: Final = (60.0, 600.0, 3600.0)
"""When an unknown attempt is searched for, from when it became so; after that only its callback can tell."""

KEEP_SETTLED_SECONDS: Final = 60.0
"""How long a settled message is kept in mind: late events are then joined without asking the outbox."""


class OpenAttempt(msgspec.Struct, gc=False, eq=False):
    """An attempt that is entered, of which it is not known what came of it."""

    number: int
    attempt: int
    key: str
    sender: str
    recipients: tuple[str, ...]
    earliest: float
    latest: float
    is_unknown: bool = False
    searches: int = 0

    def fits(self, tag: WireTag, event: KnownEvent) -> bool:
        """Tell whether an event with this tag can only be about this message."""
        return is_about(tag, event, self.sender, self.recipients, self.attempt)


class Window(NamedTuple):
    """What to search for: messages from one sender to one recipient in a window of time."""

    sender: str
    recipient: str
    since: float
    until: float


class Books:
    """The open attempts, the ledger of accepted messages, and the records that follow from what is heard."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self._by_key: dict[str, OpenAttempt] = {}
        self._by_number: dict[int, OpenAttempt] = {}
        self._unidentified: dict[int, OpenAttempt] = {}  # accepted, by an answer that did not tell the id
        self._numbers: dict[str, int] = {}  # of accepted messages in mind, by the provider's id
        self._settled: deque[tuple[float, str]] = deque()
        self._records: list[Outcome | Conclusion] = []
        self.strays: list[KnownEvent] = []
        """Events about messages that are not in mind, to be looked up and then cleared."""

    # -------------------------------------------------------------------------------------------------- the sending

    def restore(self, entry: Entry, now: float) -> None:
        """Take in what the outbox holds of a message that is unknown, or accepted and not final."""
        if entry.state is SendState.ACCEPTED and entry.message_id is not None:
            self.follow(entry.number, entry.message_id, entry.message.to, entry.since)
            return
        message = entry.message
        since = min(entry.since, now)  # where the clock was put back meanwhile, its time to wait begins again
        open_ = self.attempted(entry.number, entry.attempts, wire_key(entry.key), message, since)
        open_.earliest = min(entry.put_at, since)  # when it was attempted is not kept: somewhere between the two
        if entry.state is SendState.ACCEPTED:
            self._unidentified[entry.number] = open_
        else:
            open_.is_unknown = True

    def attempted(self, number: int, attempt: int, key: str, message: Message, now: float) -> OpenAttempt:
        """Note an attempt that is entered; ``key`` is as the tag has it."""
        open_ = OpenAttempt(number, attempt, key, message.from_, message.to, now, now)
        self._by_key[key] = self._by_number[number] = open_
        return open_

    def answered(self, number: int, attempt: int) -> None:
        """Note that an attempt was accepted, rejected or refused for now: nothing about it is open any more."""
        open_ = self._by_number.get(number)
        if open_ is not None and open_.attempt == attempt:
            self._drop(open_)

    def follow(self, number: int, message_id: str, recipients: Sequence[str], now: float) -> None:
        """Follow an accepted message from here on; events that came before are joined."""
        self._numbers[message_id] = number
        self.ledger.accepted(message_id, recipients, now)

    def unreadable(self, number: int) -> None:
        """Note that an attempt was accepted, but by an answer without an id: a callback will bring that."""
        if (open_ := self._by_number.get(number)) is not None:
            self._unidentified[number] = open_

    def unknown(self, number: int, attempt: int, now: float) -> bool:
        """Note that an attempt has no answer; False if it is known already that it was accepted."""
        open_ = self._by_number.get(number)
        if open_ is None or open_.attempt != attempt:
            return False
        open_.is_unknown = True
        open_.latest = now
        return True

    def __contains__(self, message_id: object) -> bool:
        """Tell whether an accepted message is in mind."""
        return message_id in self._numbers

    @property
    def awaits_word(self) -> bool:
        """Whether an accepted message is not final."""
        return bool(self.ledger.open_count or self._unidentified)

    @property
    def unknowns(self) -> list[OpenAttempt]:
        """The attempts whose outcome is unknown."""
        return [open_ for open_ in self._by_number.values() if open_.is_unknown]

    # --------------------------------------------------------------------------------------------------- the events

    def take(self, event: Event, now: float) -> Delivery | None:
        """Take in an event, and return what is now known about its message and recipient."""
        if isinstance(event, UnknownEvent | MessageReceived):
            return None
        message_id = event.message.id
        if message_id not in self._numbers:
            tag = read_wire_tag(event.message.tag)
            if tag is None:
                return None  # not of an outbox: somebody else sent it
            open_ = self._by_key.get(tag.key)
            if open_ is None or not open_.fits(tag, event):
                self.strays.append(event)
                return None
            self.prove(open_.number, tag.attempt, message_id, open_.recipients, now)
        return self.ledger.record(event, now)

    def prove(self, number: int, attempt: int, message_id: str, recipients: Sequence[str], now: float) -> None:
        """Enter that an attempt was accepted, as its callback shows."""
        open_ = self._by_number.get(number)
        if open_ is not None:
            self._drop(open_)
        self._records.append(
            Outcome(number, attempt, SendState.ACCEPTED, now, message_id=message_id, reason="its callback came")
        )
        self.follow(number, message_id, recipients, now)

    def take_records(self, now: float) -> list[Outcome | Conclusion]:
        """Return what is to be entered into the outbox, and forget what was settled some time ago."""
        for message_id, deliveries in self.ledger.take_settled():
            number = self._numbers.get(message_id)
            if number is not None:
                self._records.append(Conclusion(number, deliveries, now))
                self._settled.append((now, message_id))
        self._forget(now - KEEP_SETTLED_SECONDS)
        records, self._records = self._records, []
        return records

    # ------------------------------------------------------------------------------------------------ the long wait

    def settle(self, now: float) -> None:
        """Give up waiting for word of messages accepted 26 hours ago."""
        self.ledger.settle(now)
        for number, open_ in list(self._unidentified.items()):
            if now - open_.latest >= SILENCE_SECONDS:
                silent = tuple(Delivery("", each, DeliveryState.UNCONFIRMED) for each in open_.recipients)
                self._records.append(Conclusion(number, silent, now))
                self._drop(open_)

    def to_search(self, now: float) -> list[Window]:
        """Return what to search for now: a window for each sender and recipient with attempts that are due for it.

        Young ones are left to their callbacks, and each is searched for a few times only.
        """
        groups: dict[tuple[str, str], list[OpenAttempt]] = {}
        for open_ in self.unknowns:
            groups.setdefault((open_.sender, open_.recipients[0]), []).append(open_)
        windows = []
        for (sender, recipient), attempts in groups.items():
            due = [open_ for open_ in attempts if (at := _search_at(open_)) is not None and at <= now]
            for open_ in due:
                open_.searches += 1
            if due:
                since = min(open_.earliest for open_ in attempts) - WINDOW_MARGIN_SECONDS
                until = max(open_.latest for open_ in attempts) + WINDOW_MARGIN_SECONDS
                windows.append(Window(sender, recipient, since, until))
        return windows

    def next_search(self) -> float | None:
        """Return when :meth:`to_search` has something next."""
        return min((at for open_ in self.unknowns if (at := _search_at(open_)) is not None), default=None)

    def settle_found(self, window: Window, found: Sequence[FoundMessage], claimed: Collection[str], now: float) -> int:
        """Enter what a search settles, and return how many attempts that were.

        ``claimed`` are the ids among those found that belong to messages of the outbox already. An attempt that is
        still under way may be among the others, so then nothing is settled.
        """
        concerned = [
            open_
            for open_ in self._by_number.values()
            if open_.sender == window.sender and window.recipient in open_.recipients
        ]
        ids = dict.fromkeys(
            message.message_id
            for message in sorted(found, key=lambda each: each.receive_time)
            if message.source_tn == window.sender and message.destination_tn == window.recipient
        )
        unclaimed = [id for id in ids if id not in claimed and id not in self._numbers]
        if not unclaimed or len(unclaimed) != len(concerned) or not all(open_.is_unknown for open_ in concerned):
            return 0
        for open_, message_id in zip(sorted(concerned, key=lambda each: each.latest), unclaimed, strict=True):
            self._drop(open_)
            self._records.append(
                Outcome(
                    open_.number,
                    open_.attempt,
                    SendState.ACCEPTED,
                    now,
                    message_id=message_id,
                    reason="found by search",
                )
            )
            self.follow(open_.number, message_id, open_.recipients, now)
        return len(concerned)

    def resend_overdue(self, now: float, deadline_seconds: float) -> int:
        """Let what has been unknown for so long be sent again, because its owner wants it; return how many."""
        overdue = [open_ for open_ in self.unknowns if now - open_.latest >= deadline_seconds]
        for open_ in overdue:
            self._drop(open_)
            self._records.append(
                Outcome(open_.number, open_.attempt, SendState.WAITING, now, due_at=now, reason="resend allowed")
            )
        return len(overdue)

    def next_resend(self, deadline_seconds: float) -> float | None:
        """Return when :meth:`resend_overdue` has something next."""
        return min((open_.latest + deadline_seconds for open_ in self.unknowns), default=None)

    def _drop(self, open_: OpenAttempt) -> None:
        if self._by_key.get(open_.key) is open_:
            del self._by_key[open_.key]
        if self._by_number.get(open_.number) is open_:
            del self._by_number[open_.number]
        if self._unidentified:
            self._unidentified.pop(open_.number, None)

    def _forget(self, before: float) -> None:
        settled = self._settled
        if not settled or settled[0][0] >= before:
            return
        while settled and settled[0][0] < before:
            self._numbers.pop(settled.popleft()[1], None)
        self.ledger.forget_settled(before)


def _search_at(open_: OpenAttempt) -> float | None:
    if open_.searches == len(SEARCH_AFTER_SECONDS):
        return None
    return open_.latest + SEARCH_AFTER_SECONDS[open_.searches]


def is_about(tag: WireTag, event: KnownEvent, sender: str, recipients: Sequence[str], attempts: int) -> bool:
    """Tell whether an event is about a message with these numbers; another outbox may use the same key."""
    return tag.attempt <= attempts and event.message.from_ == sender and event.to in recipients


__all__ = ["Books", "OpenAttempt", "Window", "is_about"]
