"""An entry, put together from what never changes about a message and from where it stands."""

from typing import Final

from msgcore.delivery import Entry, Standing
from msgcore.wire import Message

LEFT_OPEN: Final = "the dispatcher ended before the outcome was known"
"""The reason of messages whose attempt nobody follows any more."""


def entry_of(number: int, key: str, message: Message, put_at: float, standing: Standing) -> Entry:
    """Return what is said about a message; content that has to go is not shown, whether or not it has gone already."""
    if standing.is_erased and (message.text or message.media):
        message = message.without_content()
    return Entry(
        number,
        key,
        message,
        standing.state,
        standing.attempts,
        put_at,
        standing.due_at,
        standing.message_id,
        standing.reason,
        standing.since,
        standing.segment_count,
        standing.deliveries,
    )


__all__ = ["LEFT_OPEN", "entry_of"]
