"""The last messages with their text, for the person testing: in memory, a few, and only if wanted.

Everything else in this provider forgets a text when its message is final. What is in here is in nothing that is stored,
searched or logged.
"""

from collections import OrderedDict
from typing import NamedTuple

DEFAULT_INSPECTED = 100


class Inspected(NamedTuple):
    """What a message said."""

    message_id: str
    direction: str
    sender: str
    to: tuple[str, ...]
    text: str
    media: tuple[str, ...]
    tag: str | None = None
    priority: str | None = None


class Inspector:
    """Keeps the last ``limit`` messages; with 0 it keeps nothing at all."""

    __slots__ = ("_messages", "limit")

    def __init__(self, limit: int = DEFAULT_INSPECTED) -> None:
        self.limit = limit
        self._messages: OrderedDict[str, Inspected] = OrderedDict()

    def remember(self, message: Inspected) -> None:
        """Keep a message, and let the oldest go when there are too many."""
        if not self.limit:
            return
        self._messages[message.message_id] = message
        if len(self._messages) > self.limit:
            self._messages.popitem(last=False)

    def get(self, message_id: str) -> Inspected | None:
        """Return what a message said, if it is still remembered."""
        return self._messages.get(message_id)

    def messages(self) -> tuple[Inspected, ...]:
        """Return all that is remembered, oldest first."""
        return tuple(self._messages.values())

    def clear(self) -> None:
        """Forget everything."""
        self._messages.clear()
