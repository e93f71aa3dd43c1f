"""Where an event belongs, read without the rest of it: message id, type, recipient, delivery code, tag.

How this works: a store has to recognise an event and a ledger has to find its message, and neither needs the text, the
times or the numbers. So all else is stepped over, and checked no further than JSON goes. Whatever is not read so at
once is given to :func:`~msgcore.wire.callbacks.decode_callbacks`, whose word on older years and broken items holds
here too: an event that has a key there has the same one here.
"""

from typing import Final, TypeAlias

import msgspec

from msgcore.errors import CallbackError
from msgcore.wire.callbacks import decode_callbacks, decode_item
from msgcore.wire.events import DeduplicationKey, Event, UnknownEvent, code_in_key
from msgcore.wire.json_bodies import UNREADABLE, array_items, path_and_reason
from msgcore.wire.provenance import SourceArray, Sourced, remember, remember_alone, remember_each, source_item


class _RoutedMessage(msgspec.Struct, frozen=True, gc=False):
    id: str
    tag: str | None = None


class Route(Sourced, msgspec.Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
    """What an event is about; :attr:`event` reads the rest.

    >>> [route] = route_callbacks(b'[{"type": "message-read", "to": "+19195550123", "message": {"id": "m-1"}}]')
    >>> route.key
    ('m-1', 'message-read', '+19195550123', None)
    """

    type: str
    to: str
    message: _RoutedMessage
    error_code: int | None = None

    @property
    def message_id(self) -> str:
        """The message it is about."""
        return self.message.id

    @property
    def tag(self) -> str | None:
        """The tag of the message, as it was sent."""
        return self.message.tag

    @property
    def key(self) -> DeduplicationKey:
        """What a second copy of the event would share with it."""
        return self.message.id, self.type, self.to, code_in_key(self.type, self.error_code)

    @property
    def item(self) -> bytes:
        """The JSON of the event as it came; of a record made by hand, what its fields make."""
        item = source_item(self)
        return msgspec.json.encode(self) if item is None else item

    @property
    def event(self) -> Event:
        """The whole event."""
        return decode_callbacks(b"[" + self.item + b"]")[0]


Routed: TypeAlias = Route | UnknownEvent
"""A route, or an item that says too little to be recognised when it comes again."""

_route_array: Final = msgspec.json.Decoder(list[Route]).decode
_route_item: Final = msgspec.json.Decoder(Route).decode


def route_callbacks(body: bytes) -> list[Routed]:
    """Read where each event of a callback belongs, in order.

    >>> route_callbacks(b'[{"type": "message-sent", "to": "+19195550123", "message": {"id": "m-1", "text": 5}}, 7]')[1]
    UnknownEvent(item=b'7', problem='$[1]: expected an object, got a number', ...)

    Raises:
        CallbackError: the body is no JSON, or neither an array nor an object.
    """
    if not isinstance(body, bytes):
        raise TypeError(f"body must be bytes, not {type(body).__name__}")
    routes: list[Routed]
    try:
        routes = _route_array(body)  # type: ignore[assignment]  # nobody else holds the list
    except UNREADABLE:
        return _route_each(body)
    remember_each(routes, SourceArray(body))
    return routes


def callback_items(body: bytes) -> list[bytes]:
    """Cut a callback into the JSON of its events and look no further.

    >>> callback_items(b'[{"type": "message-sent"}, 7]')
    [b'{"type": "message-sent"}', b'7']

    Raises:
        CallbackError: the body is no JSON, or neither an array nor an object.
    """
    try:
        return array_items(body)
    except UNREADABLE as error:
        raise CallbackError(*path_and_reason(error)) from error


def route_item(item: bytes, path: str = "$") -> Routed:
    """Read where one event belongs; ``path`` is where it stands in its callback.

    >>> route_item(b'{"type": "message-sent", "to": "+19195550123", "message": {"id": "m-1"}}').message_id
    'm-1'
    """
    try:
        return _route_item(item)
    except UNREADABLE:
        return _route_leniently(item, path)


def _route_each(body: bytes) -> list[Routed]:
    items = callback_items(body)
    source = SourceArray(body, items)
    routes = []
    for index, item in enumerate(items):
        route = route_item(item, f"$[{index}]")
        if isinstance(route, Route):
            remember(route, source, index)
        routes.append(route)
    return routes


def _route_leniently(item: bytes, path: str) -> Routed:
    event = decode_item(item, path)
    key = event.deduplication_key
    if key is None:
        # What has a key is never unknown to it; the rest is, and says why.
        assert isinstance(event, UnknownEvent)
        return event
    message_id, type_, to, code = key
    message = event.message
    assert message is not None, "an event with a key has a message"
    route = Route(type=type_, to=to, message=_RoutedMessage(message_id, message.tag), error_code=code)
    remember_alone(route, item)
    return route
