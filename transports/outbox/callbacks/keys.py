"""What a store recognises an item by, or why it cannot."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, NamedTuple, TypeAlias

from msgcore.wire import Route, UnknownEvent, route_item

Key: TypeAlias = tuple[str, int | str, str, int | str]
"""Message id, type, recipient, code: as it is kept, with nothing in it that compares unequal to itself."""

_NUMBERS: Final = {
    "message-received": 1,
    "message-sending": 2,
    "message-sent": 3,
    "message-delivered": 4,
    "message-failed": 5,
}
_NO_CODE: Final = ""
# A code of any length is JSON; beyond 64 bits it is kept as it is written.
_LARGEST: Final = 2**63 - 1


class Unrecognised(NamedTuple):
    """An item for the quarantine; it is kept once, however often it comes."""

    digest: bytes
    problem: str


def keys_of(items: Sequence[bytes]) -> list[Key | Unrecognised]:
    """Return what each item is recognised by."""
    return [key_of(item) for item in items]


def key_of(item: bytes) -> Key | Unrecognised:
    """Return what an item is recognised by.

    >>> key_of(b'{"type": "message-sent", "to": "+19195550123", "message": {"id": "m-1"}}')
    ('m-1', 3, '+19195550123', '')
    """
    route = route_item(item)
    return _kept(route) if isinstance(route, Route) else _unrecognised(route)


def _kept(route: Route) -> Key:
    message_id, type_, to, code = route.key
    if code is None:
        code_kept: int | str = _NO_CODE
    else:
        code_kept = code if -_LARGEST <= code <= _LARGEST else str(code)
    return message_id, _NUMBERS.get(type_, type_), to, code_kept


def _unrecognised(event: UnknownEvent) -> Unrecognised:
    return Unrecognised(blake2b(event.item, digest_size=16).digest(), event.problem)


__all__ = ["Key", "Unrecognised", "key_of", "keys_of"]
