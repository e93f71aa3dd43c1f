"""Where a decoded record was read, so that its ``raw`` can show what the fields do not.

The body is kept beside the fields of the struct and decoded a second time only when somebody asks: it costs the hot
loop two slots an event, counts in no comparison, and survives pickling.
"""

from collections.abc import Callable
from typing import Any, Final, Self

from msgcore.errors import CallbackError, ResponseError
from msgcore.wire.json_bodies import array_items, path_and_reason, read_leniently


class SourceArray:
    """The body of an array, and its items once somebody has asked for one."""

    __slots__ = ("_body", "_items")

    def __init__(self, body: bytes, items: list[bytes] | None = None) -> None:
        self._body = body
        self._items = items

    def item(self, index: int) -> bytes:
        """Return the JSON of one item."""
        if self._items is None:
            self._items = array_items(self._body)
        return self._items[index]


class Sourced:
    """Base of structs that remember where they were read; stands before ``msgspec.Struct`` among the bases."""

    __slots__ = ("_index", "_source")

    _source: SourceArray | bytes  # a record that was read alone keeps its own JSON
    _index: int

    def __copy__(self) -> Self:
        return self  # nothing in it changes

    def __reduce__(self) -> Any:
        reduced = super().__reduce__()
        item = source_item(self)
        return reduced if item is None else (_restore, (reduced, item))


# Structs are frozen; the descriptors of slots are not. In the hot loop each costs some 30 ns.
_set_source: Final = Sourced.__dict__["_source"].__set__
_set_index: Final = Sourced.__dict__["_index"].__set__


def remember(record: Sourced, source: SourceArray, index: int) -> None:
    """Keep where ``record`` was read."""
    _set_source(record, source)
    _set_index(record, index)


def remember_alone(record: Sourced, item: bytes) -> None:
    """Keep the JSON of a ``record`` that was read by itself."""
    _set_source(record, item)


def remember_each(records: list[Any], source: SourceArray) -> None:
    """Keep where each of ``records`` was read, in the order of ``source``."""
    for index, record in enumerate(records):
        _set_source(record, source)
        _set_index(record, index)


def source_item(record: Sourced) -> bytes | None:
    """Return the JSON that ``record`` was read from, or ``None`` when it was made by hand."""
    source: SourceArray | bytes | None = getattr(record, "_source", None)
    return source.item(record._index) if isinstance(source, SourceArray) else source


def decode_source(item: bytes, error_type: type[CallbackError] | type[ResponseError]) -> Any:
    """Decode the JSON that a record was read from.

    Fields that no record has are not looked at before; what nothing can decode (a number of thousands of digits, a
    nesting without end) shows only here, as an ``error_type``.
    """
    try:
        return read_leniently(item)
    except (ValueError, RecursionError) as error:
        raise error_type(*path_and_reason(error)) from error


def _restore(reduced: tuple[Callable[..., Any], tuple[Any, ...]], item: bytes) -> Any:
    rebuild, arguments = reduced
    record = rebuild(*arguments)
    remember_alone(record, item)
    return record
