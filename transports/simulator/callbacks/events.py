"""Events as bytes.

How this works. The provider makes two events and more of every message, and all of them carry the same details. So the
details are written once, when the message is taken, and set into each event as they are. They are written with an empty
text, as today's callbacks have it; where a text belongs into them (inbound, and outbound in the seeds' time) it is put
in at the last moment by :func:`with_text`, so that nothing that is kept holds it.
"""

from typing import Final

import msgspec

_EMPTY_TEXT: Final = b'"text":""'

_encode: Final = msgspec.json.Encoder().encode
_Raw: Final = msgspec.Raw


class _Details(msgspec.Struct, omit_defaults=True, rename="camel", gc=False):
    id: str
    owner: str
    application_id: str
    time: str
    segment_count: int
    direction: str
    to: tuple[str, ...]
    from_: str = msgspec.field(name="from")
    text: str
    media: tuple[str, ...] = ()
    tag: str | None = None
    priority: str | None = None


class _Event(msgspec.Struct, omit_defaults=True, rename="camel", gc=False):
    type: str
    time: str
    description: str
    to: str
    message: msgspec.Raw
    error_code: int = 0
    carrier_name: str | None = None


class Callback(msgspec.Struct, frozen=True, gc=False):
    """An event that is due: since when, for which application, and its JSON with an empty text.

    ``text`` is what belongs into it, and kept apart: whoever stores a callback stores it without. ``text_is_gone`` says
    that there was one which nobody has any more.
    """

    due: float
    application_id: str
    message_id: str
    event: bytes
    text: str = ""
    inbound: bool = False
    text_is_gone: bool = False

    @property
    def body(self) -> bytes:
        """The body of a request that carries this event alone: always an array."""
        return b"[%b]" % with_text(self.event, self.text)


def encode_details(
    id: str,
    application_id: str,
    time: str,
    segment_count: int,
    direction: str,
    owner: str,
    to: tuple[str, ...],
    sender: str,
    media: tuple[str, ...] = (),
    tag: str | None = None,
    priority: str | None = None,
) -> bytes:
    """Write the ``message`` of an event, with an empty text.

    >>> encode_details("1", "a", "t", 1, "out", "+1", ("+2",), "+1")[:51]
    b'{"id":"1","owner":"+1","applicationId":"a","time":"'
    """
    return _encode(
        _Details(id, owner, application_id, time, segment_count, direction, to, sender, "", media, tag, priority)
    )


def encode_event(
    type: str,
    time: str,
    description: str,
    to: str,
    details: bytes,
    error_code: int = 0,
    carrier_name: str | None = None,
) -> bytes:
    """Write one event: an item of a callback's array."""
    return _encode(_Event(type, time, description, to, _Raw(details), error_code, carrier_name))


def with_text(json: bytes, text: str) -> bytes:
    """Put a text where an empty one stands.

    >>> with_text(b'{"text":"","tag":"x"}', "hi")
    b'{"text":"hi","tag":"x"}'

    Nothing else can look like the empty text: inside of a JSON string a quote has a backslash before it.
    """
    return json.replace(_EMPTY_TEXT, b'"text":%b' % _encode(text), 1) if text else json


def encode_acceptance(details: bytes, text: str, priority: str | None, expiration: str | None) -> bytes:
    """Write the body of a 202: what the callbacks will carry, with the text, and what only the 202 shows.

    >>> encode_acceptance(b'{"id":"1","text":""}', "hi", "default", None)
    b'{"id":"1","text":"hi","priority":"default"}'
    """
    before, _, after = details.partition(_EMPTY_TEXT)
    more = b"" if priority is None else b',"priority":%b' % _encode(priority)
    if expiration is not None:
        more += b',"expiration":%b' % _encode(expiration)
    return b'%b"text":%b%b%b}' % (before, _encode(text), after[:-1], more)
