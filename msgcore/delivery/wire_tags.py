"""The tag that travels: the caller's own, and behind it which attempt of which message this is.

How this works: the provider knows no idempotency key, but it returns a message's tag with each of its events. So an
attempt writes its identity there, and whatever became of the answer, the first callback tells that it arrived::

    order-17~m1.c4mpa1gn-000017.2
    |        |  |               +-- the attempt, from 1
    |        |  +------------------ the key, where it is plain and short; else "=" and a digest of it
    |        +--------------------- the mark, with the version of this form
    +------------------------------ the caller's tag, which comes back unchanged

A tag is cut at its last mark, and neither keys nor digests contain one, so a caller's tag may be anything, even one
that looks like this. An empty tag is no tag: the provider itself returns ``""`` where there was none.

Source: Messaging V2, ``tag``: at most 1024 characters, echoed in every status callback.
"""

import base64
import hashlib
import re
from typing import Final, NamedTuple

from msgcore.errors import LocalError, MessageError
from msgcore.wire.rules import MAX_TAG_CHARACTERS

MAX_CALLER_TAG_CHARACTERS: Final = 984
"""As many characters of the tag are left to the caller where an outbox sends: the mark and its fields take the rest."""

MAX_PLAIN_KEY_CHARACTERS: Final = 26
MAX_ATTEMPT: Final = 999_999_999

_MARK = "~m1."
_DIGEST_OCTETS = 15  # 24 characters of base32, and no padding
_PLAIN_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_PLAIN_KEY_CHARACTERS}}}").fullmatch
_WIRE_TAG = re.compile(
    rf"(.*)~m1\.([A-Za-z0-9_-]{{1,{MAX_PLAIN_KEY_CHARACTERS}}}|=[a-z2-7]{{24}})\.([1-9][0-9]{{0,8}})", re.DOTALL
).fullmatch

# The longest mark there can be; what this leaves of a tag is the number that callers are promised.
assert len(_MARK) + MAX_PLAIN_KEY_CHARACTERS + 1 + len(str(MAX_ATTEMPT)) == (
    MAX_TAG_CHARACTERS - MAX_CALLER_TAG_CHARACTERS
)


class WireTag(NamedTuple):
    """A tag as it travelled, taken apart."""

    caller: str | None
    """The tag that the caller gave, or None."""
    key: str
    """The message's key as :func:`wire_key` writes it."""
    attempt: int


def wire_key(key: str) -> str:
    """Return ``key`` as it stands in a tag: itself where it is plain and short, else a digest of it.

    >>> wire_key("order-17"), wire_key("order 17")
    ('order-17', '=7vn4jt4awxfbjssuvovwrt5c')

    Plain are ASCII letters, digits, ``_`` and ``-``, up to 26 of them. A digest has 120 bits, so nobody's two keys
    share one.
    """
    if _PLAIN_KEY(key):
        return key
    digest = hashlib.blake2b(key.encode("utf-8"), digest_size=_DIGEST_OCTETS).digest()
    return "=" + base64.b32encode(digest).decode("ascii").lower()


def wire_tag(tag: str | None, key: str, attempt: int) -> str:
    """Return the tag under which an attempt travels.

    >>> wire_tag("blue", "order-17", 1)
    'blue~m1.order-17.1'

    Raises:
        MessageError: the caller's tag leaves too little room.
        LocalError: ``attempt`` is no number of an attempt.
    """
    check_caller_tag(tag)
    if not 1 <= attempt <= MAX_ATTEMPT:
        raise LocalError(f"attempt must be from 1 to {MAX_ATTEMPT}, not {attempt!r}")
    return marked_tag(tag, wire_key(key), attempt)


def marked_tag(tag: str | None, key: str, attempt: int) -> str:
    """Return the tag of an attempt whose tag and number are known to be good; ``key`` is as the tag has it."""
    return f"{tag or ''}{_MARK}{key}.{attempt}"


def check_caller_tag(tag: str | None) -> None:
    """Raise MessageError if a tag is too long to travel with a mark behind it."""
    if tag is not None and len(tag) > MAX_CALLER_TAG_CHARACTERS:
        raise MessageError("tag", f"{len(tag)} characters, at most {MAX_CALLER_TAG_CHARACTERS} with an outbox")


def read_wire_tag(tag: str | None) -> WireTag | None:
    """Take a tag apart that came back; ``None`` where it carries no mark, and so is nobody's but the caller's.

    >>> read_wire_tag("blue~m1.order-17.1")
    WireTag(caller='blue', key='order-17', attempt=1)
    >>> read_wire_tag("blue~m1.order-17.01") is None
    True
    """
    if tag is None or _MARK not in tag or (found := _WIRE_TAG(tag)) is None:
        return None
    caller, key, attempt = found.groups()
    if len(caller) > MAX_CALLER_TAG_CHARACTERS:
        return None
    return WireTag(caller or None, key, int(attempt))


__all__ = [
    "MAX_CALLER_TAG_CHARACTERS",
    "WireTag",
    "check_caller_tag",
    "marked_tag",
    "read_wire_tag",
    "wire_key",
    "wire_tag",
]
