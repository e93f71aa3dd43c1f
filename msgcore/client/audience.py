"""Who wants to know what becomes of messages: those who listen to everything, and those who wait for one."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from msgcore.errors import MsgcoreError
from msgcore.wire import Accepted, Message

Ended = tuple[Message, Accepted | MsgcoreError]

MOST_UNREAD: Final = 4096
"""Nothing starts while a listener has left so many outcomes unread."""


class Listener:
    """Who wants the outcomes of everything that comes to an end."""

    def __init__(self, *, forever: bool = False) -> None:
        self.ended: list[Ended] = []
        self.error: BaseException | None = None
        self.is_idle = False
        """Whether nothing is left to be sent, as far as is known."""
        self.forever = forever
        self.told = asyncio.Event()


class Audience:
    """Tells each what it asked for. While nobody is there, there is no reason to start anything."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self._waiters: dict[str, list[asyncio.Future[Accepted]]] = {}  # by the key of the message

    def __bool__(self) -> bool:
        return bool(self._listeners or self._waiters)

    @property
    def has_room(self) -> bool:
        """Whether nobody has left too much unread."""
        return all(len(listener.ended) < MOST_UNREAD for listener in self._listeners)

    @property
    def expects_something(self) -> bool:
        """Whether somebody waits for a message, or has not been told that nothing is left."""
        return bool(self._waiters) or any(not listener.is_idle for listener in self._listeners)

    @property
    def stays_forever(self) -> bool:
        """Whether somebody listens for as long as there may be more."""
        return any(listener.forever for listener in self._listeners)

    def add(self, listener: Listener) -> None:
        """Let ``listener`` have what ends from now on."""
        self._listeners.add(listener)

    def discard(self, listener: Listener) -> None:
        """Tell nothing more to ``listener``."""
        self._listeners.discard(listener)

    @contextmanager
    def waiting_for(self, key: str) -> Iterator["asyncio.Future[Accepted]"]:
        """Wait for the outcome of one message; others may wait for the same."""
        future: asyncio.Future[Accepted] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_look_at)
        waiters = self._waiters.setdefault(key, [])
        waiters.append(future)
        try:
            yield future
        finally:
            waiters.remove(future)
            if not waiters and self._waiters.get(key) is waiters:
                del self._waiters[key]

    def tell_of_more(self) -> None:
        """Something is to be sent that was not there before."""
        for listener in self._listeners:
            listener.is_idle = False

    def tell(self, ended: Sequence[Ended]) -> None:
        """Messages have come to an end."""
        for listener in self._listeners:
            listener.ended += ended
            listener.told.set()
        if self._waiters:
            for message, result in ended:
                self._answer(message.key, result)

    def tell_of_rest(self) -> None:
        """Nothing is left to be sent."""
        for listener in self._listeners:
            listener.is_idle = True
            listener.told.set()

    def dismiss(self, error: BaseException) -> None:
        """Nothing more is sent, for this reason: listeners leave with it, and it is the outcome of those who wait."""
        for listener in self._listeners:
            listener.error = error
            listener.told.set()
        self._listeners.clear()
        for key in list(self._waiters):
            self._answer(key, error)

    def _answer(self, key: str | None, result: Accepted | BaseException) -> None:
        for waiter in self._waiters.get(key or "", ()):
            if waiter.done():
                continue
            if isinstance(result, Accepted):
                waiter.set_result(result)
            else:
                waiter.set_exception(result)


def _look_at(future: "asyncio.Future[Accepted]") -> None:
    if not future.cancelled():
        future.exception()  # whoever waited for it may have left


__all__ = ["MOST_UNREAD", "Audience", "Ended", "Listener"]
