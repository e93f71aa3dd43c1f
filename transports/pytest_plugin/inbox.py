"""What the phones get: waiting for a message, and being sure that none came.

How this works. A message is *unread* until ``wait_for`` has returned it, so waiting twice for the same words finds two
messages, and ``assert_none`` means none beside those that were expected. Waiting lets the provider's time pass from one
thing that happens to the next, as far as it is needed and no further; only for a request that another thread has yet to
make does it wait in real time.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import NoReturn

from transports.pytest_plugin.callbacks import Callbacks
from transports.pytest_plugin.control import AccountControl
from transports.pytest_plugin.durations import Duration, seconds_of
from transports.pytest_plugin.phone_messages import PhoneMessage, table_of

WITHIN = "15m"
"""How much of the provider's time may pass, unless said: its queue is that long."""
TIMEOUT_SECONDS = 2.0
"""How long to wait, really, for somebody to ask for something."""


class InboxError(AssertionError):
    """Something has not arrived, or should not have; the message shows what did."""

    shows_what_arrived = True


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for; ``None`` matches everything, ``text`` any text that contains it."""

    to: str | None
    from_: str | None
    text: str | None
    tag: str | None

    def fits(self, message: PhoneMessage) -> bool:
        return (
            self.to in (None, message.to)
            and self.from_ in (None, message.from_)
            and self.tag in (None, message.tag)
            and (self.text is None or (message.text is not None and self.text in message.text))
        )

    def __str__(self) -> str:
        named = [("to", self.to), ("from", self.from_), ("text", self.text), ("tag", self.tag)]
        words = [f"{name} {value!r}" for name, value in named if value is not None]
        return f"message with {', '.join(words)}" if words else "message"


@dataclass(slots=True)
class _Patience:
    """How much more of the provider's time may pass, and until when to wait while nothing is under way."""

    seconds_left: float
    idle_until: float


class Inbox:
    """The phones of everybody the account writes to."""

    def __init__(self, control: AccountControl, callbacks: Callbacks) -> None:
        self._control = control
        self._callbacks = callbacks
        self._read: set[tuple[str, str]] = set()

    def messages(self) -> list[PhoneMessage]:
        """Return what has arrived so far, read or not, oldest first."""
        return [message for message in self._control.messages() if message.has_arrived]

    def wait_for(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        text: str | None = None,
        tag: str | None = None,
        within: Duration = WITHIN,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> PhoneMessage:
        """Return the oldest unread message that fits, as soon as it has arrived; ``text`` is a part of its text.

        Args:
            within: how much of the provider's time may pass.
            timeout_seconds: how many real seconds may pass in which nothing is under way.

        Raises:
            AssertionError: none has arrived; the message shows what did.
        """
        __tracebackhide__ = True
        wanted = _Wanted(to, from_, text, tag)
        patience = _Patience(seconds_of(within), time.monotonic() + timeout_seconds)
        is_over = False
        while True:
            seen = self._callbacks.arrived_count
            found = self._first_unread(wanted)
            if found is not None:
                self._read.add((found.id, found.to))
                return found
            if is_over:
                self._fail(f"no unread {wanted} has arrived")
            is_over = not self._let_arrive(wanted, seen, patience)

    def assert_none(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        text: str | None = None,
        tag: str | None = None,
        within: Duration = WITHIN,
    ) -> None:
        """Let all that is under way come to its end, and be sure that no unread message fits.

        It knows of what was asked for so far: wait first for threads of your own that may yet send.

        Raises:
            AssertionError: one has arrived.
        """
        __tracebackhide__ = True
        wanted = _Wanted(to, from_, text, tag)
        left = seconds_of(within)
        while (took := self._control.step(left)) is not None:
            left -= took
        if self._first_unread(wanted) is not None:
            self._fail(f"expected no unread {wanted}, and one has arrived")

    async def wait_for_async(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        text: str | None = None,
        tag: str | None = None,
        within: Duration = WITHIN,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> PhoneMessage:
        """Do the same without holding up the event loop: for applications that answer callbacks, or send, in it."""
        __tracebackhide__ = True
        return await asyncio.to_thread(
            self.wait_for, to=to, from_=from_, text=text, tag=tag, within=within, timeout_seconds=timeout_seconds
        )

    async def assert_none_async(
        self,
        *,
        to: str | None = None,
        from_: str | None = None,
        text: str | None = None,
        tag: str | None = None,
        within: Duration = WITHIN,
    ) -> None:
        """Do the same without holding up the event loop."""
        __tracebackhide__ = True
        await asyncio.to_thread(self.assert_none, to=to, from_=from_, text=text, tag=tag, within=within)

    def describe(self) -> str:
        """Return what did arrive, and what did not, for somebody who reads a failure."""
        messages = self._control.messages()
        if not messages:
            return "messages: the account has sent none"
        arrived = sum(message.has_arrived for message in messages)
        return f"messages: {len(messages)} sent, {arrived} arrived\n{table_of(messages)}"

    def _let_arrive(self, wanted: _Wanted, seen: int, patience: _Patience) -> bool:
        """Let time pass until one that fits has arrived after the first ``seen``; looking at all would be dear."""
        while not self._is_among(arrived := self._callbacks.arrived_ids(seen), wanted):
            seen += len(arrived)
            took = self._control.step(patience.seconds_left)
            if took is not None:
                patience.seconds_left -= took
            elif (real_seconds := patience.idle_until - time.monotonic()) > 0:
                self._control.wait_for_request(real_seconds)
            else:
                return False
        return True

    def _is_among(self, message_ids: list[str], wanted: _Wanted) -> bool:
        return any(map(self._is_unread(wanted), chain.from_iterable(map(self._control.messages, message_ids))))

    def _first_unread(self, wanted: _Wanted) -> PhoneMessage | None:
        return next(filter(self._is_unread(wanted), self._control.messages()), None)

    def _is_unread(self, wanted: _Wanted) -> Callable[[PhoneMessage], bool]:
        return lambda each: each.has_arrived and wanted.fits(each) and (each.id, each.to) not in self._read

    def _fail(self, reason: str) -> NoReturn:
        __tracebackhide__ = True
        raise InboxError(f"{reason}\n\n{self.describe()}\n{self._callbacks.describe()}")


__all__ = ["Inbox", "InboxError"]
