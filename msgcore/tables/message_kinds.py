"""The kinds of messages."""

from enum import StrEnum


class MessageKind(StrEnum):
    """What a message becomes on the air: it decides segments, price and which receipts exist."""

    SMS = "sms"
    """One recipient, text alone: cut into segments."""
    MMS = "mms"
    """One recipient and media: always one segment."""
    GROUP_MMS = "group-mms"
    """Two or more recipients, who all see each other; MMS even when it is text alone."""


__all__ = ["MessageKind"]
