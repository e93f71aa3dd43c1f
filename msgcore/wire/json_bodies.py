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

_decode_raw: Final = msgspec.json.Decoder(msgspec.Raw).decode
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

    The items are not decoded, so one that nobody can read leaves the others whole. Raises one of :data:`UNREADABLE`
    where the body is no JSON, or neither an array nor an object.
    """
    # RFC 8259, 8.1: a byte order mark must not be sent; "parsers MAY ignore" one.
    body = body.removeprefix(_BYTE_ORDER_MARK)
    is_object = body.lstrip(_WHITE_SPACE)[:1] == b"{"
    try:
        return [bytes(_decode_raw(body))] if is_object else [bytes(item) for item in _decode_items(body)]
    except msgspec.ValidationError:
        raise  # JSON, but no array
    except (msgspec.DecodeError, RecursionError):
        # msgspec stops at two things that are JSON: the escape of a lone surrogate (RFC 8259, 8.2), wherever it
        # stands, and an item nested deeper than the interpreter's recursion limit.
        items = _cut(b"[" + body + b"]" if is_object else body.strip(_WHITE_SPACE))
        if items is None or (is_object and len(items) != 1):
            raise
        return items


# Inside a string nothing counts; outside, brackets count depth and a comma at depth 1 ends an item. A string that never
# ends is taken to the end and nothing is tried twice, so that no body takes longer than its length.
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{},]', re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def _cut(body: bytes) -> list[bytes] | None:
    """Cut an array at its outermost commas without recursion; ``None`` where it is no array of JSON values."""
    items = []
    depth = 0
    start = 1
    for match in _STRUCTURE.finditer(body):
        token = match[0]
        if token in (b"[", b"{"):
            depth += 1
        elif token in (b"]", b"}"):
            depth -= 1
        if (depth == 1 and token == b",") or depth == 0:
            items.append(body[start : match.start()].strip(_WHITE_SPACE))
            start = match.end()
        if depth == 0:
            break
    whole = body[:1] == b"[" and depth == 0 and start == len(body) and body[-1:] == b"]"
    return items if whole and all(map(_may_be_json, items)) else None


def _may_be_json(item: bytes) -> bool:
    try:
        read_with_surrogates(item.decode("utf-8", "replace"))
    except RecursionError:
        return True  # too deep to tell; nobody can decode it later either, but its neighbours they can
    except ValueError:
        return False
    return True


def read_leniently(body: bytes) -> Any:
    """Decode JSON, with U+FFFD for what no text can hold: octets that are not UTF-8, and lone surrogates.

    >>> read_leniently(b'{"text": "half a smile \\\\ud83d"}')
    {'text': 'half a smile \ufffd'}

    Both occur where somebody has cut a text between two octets or two code units. Raises ValueError where it is no
    JSON all the same, RecursionError where it nests too deep.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        value = read_with_surrogates(body.decode("utf-8", "replace"))
        return json.loads(_SURROGATE.sub("\ufffd", json.dumps(value, ensure_ascii=False)))


def read_with_surrogates(text: str) -> Any:
    """Decode JSON whose escapes may be lone surrogates, which msgspec refuses; ValueError where it is no JSON."""
    return json.loads(text, parse_constant=_refuse_constant)


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


def _refuse_constant(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _as_reason(text: str) -> str:
    # Reasons stand behind a path and a colon. "JSON is malformed" keeps its capitals.
    return text if text[:2].isupper() else text[:1].lower() + text[1:]
