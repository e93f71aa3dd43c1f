"""Hypothesis strategies of what the API takes; hypothesis is not imported before one is asked for."""

from typing import TYPE_CHECKING

from msgcore.testing.transport_contract import SENDER
from msgcore.wire import Message

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def messages() -> "SearchStrategy[Message]":
    """Return a hypothesis strategy of messages that the API takes: SMS, MMS and group MMS, in many scripts.

    >>> from hypothesis import find
    >>> find(messages(), lambda message: len(message.to) > 1).kind
    <MessageKind.GROUP_MMS: 'group-mms'>
    """
    from hypothesis import strategies as st

    numbers = st.integers(0, 9_999_999).map(lambda line: f"+1919{line:07d}")
    texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400)
    media = st.integers(0, 999).map(lambda number: f"https://media.example.com/{number}.png")
    return st.builds(
        Message,
        to=st.lists(numbers, min_size=1, max_size=10, unique=True),
        from_=st.just(SENDER),
        text=texts,
        media=st.lists(media, max_size=3),
        tag=st.none() | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=40),
        priority=st.sampled_from([None, "default", "high"]),
    )


__all__ = ["messages"]
