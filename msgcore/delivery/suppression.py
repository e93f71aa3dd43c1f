"""Who has opted out: nobody writes to them until they ask for it.

How this works: a word such as STOP that comes in, or a delivery failure whose code says so (4775), puts a recipient on
the list; START takes it off again. The list is checked before every attempt. Whether an opt-out
holds for one sender or for all senders of the account is the owner's to say; all is the careful reading, since a
campaign may send from many numbers.

Changes are facts with a time, and the latest one counts: so a list that is built again from stored events, in any order
and with repetitions, is the same list.

Source: CTIA Messaging Principles, opt-out keywords; the provider's delivery codes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal, NamedTuple, Protocol

from msgcore.errors import CallbackError
from msgcore.wire.events import Event, MessageFailed, MessageReceived

OPT_OUT_WORDS: Final = frozenset(
    {"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "OPT-OUT"}
)
OPT_IN_WORDS: Final = frozenset({"START", "UNSTOP", "OPTIN", "OPT IN", "OPT-IN"})
OPT_OUT_CODES: Final = frozenset({4775})
"""Delivery codes that say "recipient opted out (STOP); remove it from the list"."""

ANY_SENDER: Final = ""


class OptOut(NamedTuple):
    """A recipient has opted out, or (``active`` is False) in again."""

    recipient: str
    sender: str
    """Of which sender, or :data:`ANY_SENDER`."""
    active: bool
    at: float


class Suppressions(Protocol):
    """The recipients who have opted out. What is entered is kept for good where the list is a durable one."""

    def suppressed(self, sender: str, recipients: Sequence[str]) -> str | None:
        """Return the first of ``recipients`` who does not want to hear from ``sender``, or ``None``."""
        ...

    def enter(self, opt_out: OptOut) -> bool:
        """Enter a change; return whether it changed anything. A durable list has kept it when this returns."""
        ...


class SuppressionList:
    """Opt-outs in memory.

    >>> suppressions = SuppressionList()
    >>> suppressions.enter(OptOut("+19195550123", ANY_SENDER, active=True, at=1.0))
    True
    >>> suppressions.suppressed("+19195550100", ["+19195550124", "+19195550123"])
    '+19195550123'
    """

    def __init__(self, opt_outs: Iterable[OptOut] = ()) -> None:
        self._latest: dict[tuple[str, str], OptOut] = {}
        for opt_out in opt_outs:
            self.enter(opt_out)

    def suppressed(self, sender: str, recipients: Sequence[str]) -> str | None:
        """Return the first of ``recipients`` who does not want to hear from ``sender``, or ``None``."""
        if not self._latest:
            return None
        for recipient in recipients:
            for whose in (ANY_SENDER, sender):
                latest = self._latest.get((recipient, whose))
                if latest is not None and latest.active:
                    return recipient
        return None

    def enter(self, opt_out: OptOut) -> bool:
        """Enter a change; return whether it is later than what was known. Of two at one time the opt-out counts."""
        if self.knows(opt_out):
            return False
        self._latest[opt_out.recipient, opt_out.sender] = opt_out
        return True

    def knows(self, opt_out: OptOut) -> bool:
        """Return whether entering a change would change nothing."""
        known = self._latest.get((opt_out.recipient, opt_out.sender))
        return known is not None and (known.at, known.active) >= (opt_out.at, opt_out.active)

    def __iter__(self) -> Iterator[OptOut]:
        """Yield what is known of everybody who ever opted out or in."""
        return iter(self._latest.values())

    def __len__(self) -> int:
        """Return how many opt-outs are in force."""
        return sum(opt_out.active for opt_out in self._latest.values())


def opt_out_of(event: Event, now: float, *, scope: Literal["account", "sender"] = "account") -> OptOut | None:
    """Return the opt-out or opt-in that an event means, or ``None``.

    The time is that of the event where it can be read, so that an old STOP does not undo a later START.
    """
    if isinstance(event, MessageReceived):
        word = _word(event.message.text)
        if word in OPT_OUT_WORDS or word in OPT_IN_WORDS:
            sender = ANY_SENDER if scope == "account" else event.to
            return OptOut(event.message.from_, sender, word in OPT_OUT_WORDS, _time_of(event, now))
    elif isinstance(event, MessageFailed) and event.error_code in OPT_OUT_CODES:
        sender = ANY_SENDER if scope == "account" else event.message.from_
        return OptOut(event.to, sender, True, _time_of(event, now))
    return None


def _word(text: str) -> str:
    """Return what somebody wrote as it is compared: ``" Stop. "`` is STOP, "stop it, bob" is none."""
    return " ".join(text.strip(" \t\r\n\"'.!?,;:*()[]<>\u201c\u201d\u2018\u2019").upper().split())


def _time_of(event: MessageReceived | MessageFailed, now: float) -> float:
    try:
        return min(now, event.timestamp.timestamp())
    except CallbackError:
        return now


__all__ = ["ANY_SENDER", "OptOut", "SuppressionList", "Suppressions", "opt_out_of"]
