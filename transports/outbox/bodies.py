"""A message as octets, in two parts, because one of them has to go when the message is final.

How this works: the *content* is text and media, the *envelope* everything else but the key. The digest of both is the
message's identity under its key, and the proof, when it is read back, that these octets are those of a message that was
checked when it was made.
"""

import base64
import hashlib
from collections.abc import Callable
from typing import Final

import msgspec

from msgcore.errors import MessageError, OutboxError
from msgcore.wire import Message

DIGEST_OCTETS: Final = 16

_Envelope = tuple[tuple[str, ...], str, str | None, str | None, str | None, str | None]
_Content = tuple[str, tuple[str, ...]]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode_envelope: Final = msgspec.msgpack.Decoder(_Envelope).decode
_decode_both: Final = msgspec.msgpack.Decoder(tuple[_Envelope, _Content]).decode
_restored: Final = Message.restored
_PAIR: Final = b"\x92"
"""MessagePack: an array of two follows. So both parts are read in one go."""


Body = tuple[bytes, bytes, bytes]
"""What is kept of a message besides its key: digest, envelope, content."""


def encode_body(message: Message) -> Body:
    """Write a message as octets.

    Raises:
        MessageError: it has lost its content; it was an outbox that gave it away like this.
    """
    if not isinstance(message, Message):
        raise TypeError(f"an outbox takes messages, not {type(message).__name__}")
    if not (message.text or message.media):
        raise MessageError("text", "the content of this message is gone: it cannot be kept to be sent")
    envelope = _encode(
        (message.to, message.from_, message.application_id, message.tag, message.priority, message.expiration)
    )
    content = _encode((message.text, message.media))
    return _digest(envelope + content), envelope, content


def decode_body(number: int, key: str, envelope: bytes, content: bytes, digest: bytes) -> Message:
    """Read a message back.

    Raises:
        OutboxError: the octets are not those that were kept.
    """
    both = envelope + content
    if _digest(both) != digest:
        raise OutboxError(f"message {number} is damaged: it is not what was put")
    (to, from_, application_id, tag, priority, expiration), (text, media) = _decode_both(_PAIR + both)
    return _restored(to, from_, text, application_id, media, tag, priority, expiration, key)


def decode_envelope(number: int, key: str, envelope: bytes) -> Message:
    """Read back what remains of a message that has lost its content."""
    try:
        to, from_, application_id, tag, priority, expiration = _decode_envelope(envelope)
    except msgspec.MsgspecError as error:  # nothing else proves these octets
        raise OutboxError(f"message {number} is damaged: {error}") from error
    return _restored(to, from_, "", application_id, (), tag, priority, expiration, key)


_EMPTY: Final = hashlib.blake2b(digest_size=DIGEST_OCTETS)  # to copy it costs less than to say the size each time


def _digest(both: bytes) -> bytes:
    digest = _EMPTY.copy()
    digest.update(both)
    return digest.digest()


class KeyDrawer:
    """Draws keys for messages that come without: 16 random characters, then a number of ten digits.

    They are in order, each after the one before: an index takes them at its end, however many are in it, for less.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._prefix = base64.urlsafe_b64encode(random_bytes(12)).decode()
        self._drawn = 0

    def draw(self) -> str:
        """Return a key that nobody has."""
        self._drawn += 1
        return self._prefix + self._drawn.to_bytes(5, "big").hex()


__all__ = ["DIGEST_OCTETS", "Body", "KeyDrawer", "decode_body", "decode_envelope", "encode_body"]
