"""JSON as it arrives: what a reader says about it, taken apart, and readers that take what a strict one refuses."""

import json
import re
from datetime import datetime
from typing import Any, Final

import msgspec

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Everything that msgspec raises over a body."""

_AT_PATH: Final = re.compile(r"(?P<reason>.*) - at `(?:key in )?(?P<path>\$.*)`", re.DOTALL)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_WHITE_SPACE: Final = b" \t\r\n"

_decode_items: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


def path_and_reason(error: Exception, root: str = "$") -> tuple[str, str]:
    """Take the complaint of a JSON reader apart; ``root`` is where the body it read stands in the whole.

    >>> path_and_reason(ValueError("Expected `str`, got `int` - at `$.message.id`"), root="$[3]")
    ('$[3].message.id', 'expected `str`, got `int`')
    """
    if isinstance(error, RecursionError):
        return root, "is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return root, f"a string is not UTF-8: {error.reason}"
    match = _AT_PATH.fullmatch(str(error))
    if match is None:
        return root, _as_reason(str(error))
    return root + match["path"].removeprefix("$"), _as_reason(match["reason"])


def array_items(body: bytes) -> list[bytes]:
    """Cut an array into the JSON of its items; a bare object is an array of one.

    >>> array_items(b'[{"type": "a"}, 7]'), array_items(b'{"type": "a"}')
    ([b'{"type": "a"}', b'7'], [b'{"type": "a"}'])

    The items themselves are hardly looked at, so one that nobody can read leaves the others whole. Raises one of
    :data:`UNREADABLE` where the body is no JSON, or neither an array nor an object.
    """
    # RFC 8259, 8.1: a byte order mark must not be sent; "parsers MAY ignore" one.
    body = body.removeprefix(_BYTE_ORDER_MARK).strip(_WHITE_SPACE)
    if body[:1] == b"{":
        body = b"[" + body + b"]"
    try:
        return [bytes(item) for item in _decode_items(body)]
    except msgspec.ValidationError:
        raise  # JSON, but no array
    except msgspec.DecodeError:
        if not (items := _items_in_other_words(body)):
            raise
        return items


def read_leniently(body: bytes) -> Any:
    """Decode JSON that is known to be JSON: octets that are not UTF-8 are replaced, lone surrogates kept.

    >>> read_leniently(b'{"text": "a\\\\ud83d"}')
    {'text': 'a\\ud83d'}
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(body.decode("utf-8", "replace"))


def json_type(value: object) -> str:
    """Name the JSON type of a decoded value, for error messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list() | tuple():
            return "an array"
    return "an object"


def read_time(text: str) -> datetime:
    """Read a time of the API: ISO 8601 with ``Z`` or an offset, any number of fraction digits; ValueError if not.

    >>> read_time("2023-05-04T10:11:12.345Z").isoformat(), read_time("2019-09-09T19:02:19+0000").isoformat()
    ('2023-05-04T10:11:12.345000+00:00', '2019-09-09T19:02:19+00:00')
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"expected a time such as 2023-05-04T10:11:12.345Z, got {text!r}") from error
    if time.utcoffset() is None:
        raise ValueError(f"expected a time with Z or an offset, got {text!r}")
    return time


def _items_in_other_words(body: bytes) -> list[bytes] | None:
    # RFC 8259, 8.2: the escape of a lone surrogate is JSON, and msgspec stops at one wherever it stands. So the body is
    # read by the standard library, and its items are written again. ``None`` where it finds no array of items either.
    try:
        items = json.loads(body.decode("utf-8", "replace"), parse_constant=_refuse_constant)
    except ValueError:
        return None
    return [json.dumps(item).encode() for item in items] if isinstance(items, list) else None


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _as_reason(text: str) -> str:
    # Reasons stand behind a path and a colon. "JSON is malformed" keeps its capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
