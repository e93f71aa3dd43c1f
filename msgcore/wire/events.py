"""The events of callbacks: what happened to a message, one record per message and recipient.

They are msgspec structs because one typed pass over a callback then builds what the caller gets; a second set of
objects would double the price. msgspec checks what it decodes, not what is constructed by hand: that is left to the
type checker. What few people need costs nothing until they ask: times stay text, and ``raw`` reads the body once more.

Source: Messaging V2 API, callbacks.
"""

from datetime import datetime
from typing import Any, ClassVar, Final, TypeAlias

import msgspec

from msgcore.errors import CallbackError
from msgcore.wire.codes import DeliveryCode, delivery_code
from msgcore.wire.json_bodies import read_time
from msgcore.wire.provenance import Sourced, decode_source, source_item

DeduplicationKey: TypeAlias = tuple[str, str, str, int | None]
"""Message id, event type, recipient, error code: what two copies of one event share."""


class CallbackMessage(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """The message an event is about, as the event tells it.

    ``direction`` is ``"in"`` or ``"out"``; look at it before answering, or the receipt of the answer is answered too.
    For outbound messages ``owner`` is the sender, and ``text`` has been empty since 2020. ``application_id`` and
    ``segment_count`` are ``None`` only in events of 2017; ``tag`` and ``priority`` where the message had none.
    """

    id: str
    owner: str
    application_id: str | None = None
    time: str
    segment_count: int | None = None
    direction: str
    to: tuple[str, ...]
    from_: str = msgspec.field(name="from")
    text: str = ""
    media: tuple[str, ...] = ()
    tag: str | None = None
    priority: str | None = None

    @property
    def timestamp(self) -> datetime:
        """When the message was created, as an aware ``datetime``; CallbackError where ``time`` cannot be read."""
        return _timestamp(self.time, "$.message.time")


class _KnownEvent(Sourced, msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel", tag_field="type"):
    """What all events have in common."""

    type: ClassVar[str]
    """The name of the event on the wire."""
    is_terminal: ClassVar[bool] = False
    """Whether this event ends an outbound message's way to one recipient."""

    time: str
    """When it happened, as written; :attr:`timestamp` reads it."""
    description: str = ""
    """A phrase for people; the wording has changed over the years, so decide nothing by it."""
    to: str
    """Outbound: the one recipient this event is about. Inbound: the account's number that received."""
    message: CallbackMessage
    carrier_name: str | None = None
    """The carrier that handled it, for accounts that have this feature."""

    @property
    def timestamp(self) -> datetime:
        """When it happened, as an aware ``datetime``; CallbackError where ``time`` cannot be read.

        Seconds, milliseconds and microseconds all occur. The message was created at another time: ``message.time``.
        """
        return _timestamp(self.time, "$.time")

    @property
    def raw(self) -> dict[str, Any]:
        """The event's JSON as it came, with the fields that this version does not know; a new ``dict`` each time."""
        item = source_item(self)
        # Made by hand: its fields are all there is.
        raw: dict[str, Any] = wire_form(self) if item is None else decode_source(item, CallbackError)
        return raw

    @property
    def deduplication_key(self) -> DeduplicationKey:
        """What a second copy of this event would share with it.

        The message id alone is not enough: one message has several events, and a group one of each per recipient.
        """
        return self.message.id, self.type, self.to, None


class MessageReceived(_KnownEvent, frozen=True, kw_only=True, gc=False, tag="message-received"):
    """Somebody wrote to a number of the account."""

    type: ClassVar[str] = "message-received"


class MessageSending(_KnownEvent, frozen=True, kw_only=True, gc=False, tag="message-sending"):
    """An MMS is being handed to the carrier; where that gives no receipts, nothing follows."""

    type: ClassVar[str] = "message-sending"


class MessageSent(_KnownEvent, frozen=True, kw_only=True, gc=False, tag="message-sent"):
    """The message has left the provider's network."""

    type: ClassVar[str] = "message-sent"


class MessageDelivered(_KnownEvent, frozen=True, kw_only=True, gc=False, tag="message-delivered"):
    """The message arrived: at the carrier or at the handset, depending on the sender and the kind."""

    type: ClassVar[str] = "message-delivered"
    is_terminal: ClassVar[bool] = True


class MessageFailed(_KnownEvent, frozen=True, kw_only=True, gc=False, tag="message-failed"):
    """The message did not arrive, as far as is known: 9902 and 9999 only say that nobody can tell."""

    type: ClassVar[str] = "message-failed"
    is_terminal: ClassVar[bool] = True

    error_code: int

    @property
    def code(self) -> DeliveryCode:
        """What the error code means, whose fault it was, and whether another attempt makes sense."""
        return delivery_code(self.error_code)

    @property
    def deduplication_key(self) -> DeduplicationKey:
        """What a second copy of this event would share with it, the error code included."""
        return self.message.id, self.type, self.to, self.error_code


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An item of a callback that is none of the events above; it is kept whole.

    Answer it with 2xx all the same: whatever is not answered so is sent again for 24 hours. Beside the item, the
    fields hold what could be read of it.
    """

    is_terminal: ClassVar[bool] = False

    item: bytes
    """The JSON of the item, as it came."""
    problem: str
    """Why it is unknown, with a JSON path into the callback: ``$[2].message.id: expected `str`, got `int```."""
    type: str | None = None
    time: str | None = None
    description: str = ""
    to: str | None = None
    message: CallbackMessage | None = None
    error_code: int | None = None
    carrier_name: str | None = None

    @property
    def timestamp(self) -> datetime:
        """When it happened, as an aware ``datetime``; CallbackError where it has no time that can be read."""
        if self.time is None:
            raise CallbackError("$.time", "the event has none")
        return _timestamp(self.time, "$.time")

    @property
    def raw(self) -> Any:
        """The item as decoded JSON: mostly a ``dict``; CallbackError where nothing can decode it."""
        return decode_source(self.item, CallbackError)

    @property
    def deduplication_key(self) -> DeduplicationKey | None:
        """What a second copy would share with it, or ``None`` where too little could be read to tell."""
        if self.message is None or self.type is None or self.to is None:
            return None
        return self.message.id, self.type, self.to, code_in_key(self.type, self.error_code)


KnownEvent: TypeAlias = MessageReceived | MessageSending | MessageSent | MessageDelivered | MessageFailed
Event: TypeAlias = KnownEvent | UnknownEvent


# Of these a code would say nothing, so that one which comes along makes no other event of it.
_WITHOUT_CODE: Final = frozenset(
    event.type for event in (MessageReceived, MessageSending, MessageSent, MessageDelivered)
)


def code_in_key(type_: str, error_code: int | None) -> int | None:
    """Return what of an event's code belongs to its key."""
    return None if type_ in _WITHOUT_CODE else error_code


def wire_form(event: _KnownEvent) -> dict[str, Any]:
    """Return an event as the JSON values the wire has for it: what is absent is left out, never ``null``."""
    fields: dict[str, Any] = msgspec.to_builtins(event)
    message = {name: value for name, value in fields["message"].items() if value is not None}
    message["to"] = list(message["to"])
    message["media"] = list(message["media"])
    if not message["media"]:
        del message["media"]
    fields["message"] = message
    return {name: value for name, value in fields.items() if value is not None}


def _timestamp(text: str, path: str) -> datetime:
    try:
        return read_time(text)
    except ValueError as error:
        raise CallbackError(path, str(error)) from error
