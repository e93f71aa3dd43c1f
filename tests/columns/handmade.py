"""Arrow arrays made by hand, so that they can be wrong in every way, and releases that are counted."""

import ctypes
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any


class SchemaStruct(ctypes.Structure):
    pass


class ArrayStruct(ctypes.Structure):
    pass


class StreamStruct(ctypes.Structure):
    pass


ReleaseSchema = ctypes.CFUNCTYPE(None, ctypes.POINTER(SchemaStruct))
ReleaseArray = ctypes.CFUNCTYPE(None, ctypes.POINTER(ArrayStruct))
ReleaseStream = ctypes.CFUNCTYPE(None, ctypes.POINTER(StreamStruct))
GetSchema = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(StreamStruct), ctypes.POINTER(SchemaStruct))
GetNext = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(StreamStruct), ctypes.POINTER(ArrayStruct))
GetLastError = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(StreamStruct))

SchemaStruct._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_char_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.POINTER(ctypes.POINTER(SchemaStruct))),
    ("dictionary", ctypes.POINTER(SchemaStruct)),
    ("release", ReleaseSchema),
    ("private_data", ctypes.c_void_p),
]
ArrayStruct._fields_ = [
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(ArrayStruct))),
    ("dictionary", ctypes.POINTER(ArrayStruct)),
    ("release", ReleaseArray),
    ("private_data", ctypes.c_void_p),
]
StreamStruct._fields_ = [
    ("get_schema", GetSchema),
    ("get_next", GetNext),
    ("get_last_error", GetLastError),
    ("release", ReleaseStream),
    ("private_data", ctypes.c_void_p),
]

_new_capsule = ctypes.pythonapi.PyCapsule_New
_new_capsule.restype = ctypes.py_object
_new_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]


@dataclass(frozen=True)
class Schema:
    """A type; every field may lie."""

    format: bytes | None
    children: Sequence["Schema"] = ()
    dictionary: "Schema | None" = None
    released: bool = False
    child_count: int | None = None
    no_children: bool = False


@dataclass(frozen=True)
class Array:
    """Data; every field may lie."""

    length: int
    buffers: Sequence[bytes | None]
    null_count: int = -1
    offset: int = 0
    children: Sequence["Array"] = ()
    dictionary: "Array | None" = None
    released: bool = False
    buffer_count: int | None = None
    child_count: int | None = None
    no_buffers: bool = False
    no_children: bool = False

    def but(self, **changes: Any) -> "Array":
        return replace(self, **changes)


UTF8, LARGE_UTF8, VIEW, NULL = Schema(b"u"), Schema(b"U"), Schema(b"vu"), Schema(b"n")


# ------------------------------------------------------------------------------------------------- honest arrays


def bitmap(present: Sequence[bool]) -> bytes:
    octets = bytearray((len(present) + 7) // 8)
    for index, bit in enumerate(present):
        octets[index >> 3] |= bit << (index & 7)
    return bytes(octets)


def utf8(rows: Sequence[bytes | None], code: str = "i") -> Array:
    """An array with offsets: 32-bit ones, or with ``q`` 64-bit ones."""
    ends = [0]
    for row in rows:
        ends.append(ends[-1] + len(row or b""))
    offsets = struct.pack(f"<{len(ends)}{code}", *ends)
    return Array(len(rows), [bitmap([row is not None for row in rows]), offsets, b"".join(row or b"" for row in rows)])


def large_utf8(rows: Sequence[bytes | None]) -> Array:
    return utf8(rows, "q")


def view_of(row: bytes, number: int = 0, start: int = 0) -> bytes:
    if len(row) <= 12:
        return struct.pack("<i12s", len(row), row)
    return struct.pack("<i4sii", len(row), row[:4], number, start)


def views(rows: Sequence[bytes | None], buffer_octets: int = 64) -> Array:
    """An array of views into buffers of about ``buffer_octets``."""
    shared: list[bytes] = [b""]
    slots = []
    for row in rows:
        if row is not None and len(row) > 12:
            if len(shared[-1]) >= buffer_octets:
                shared.append(b"")
            slots.append(view_of(row, len(shared) - 1, len(shared[-1])))
            shared[-1] += row
        else:
            slots.append(view_of(row or b""))
    sizes = struct.pack(f"<{len(shared)}q", *map(len, shared))
    return Array(len(rows), [bitmap([row is not None for row in rows]), b"".join(slots), *shared, sizes])


def nulls(count: int) -> Array:
    return Array(count, [])


# ----------------------------------------------------------------------------------------------------- producers


@dataclass
class Releases:
    """How often each release callback ran; children count with their parents' callbacks."""

    schemas: int = 0
    arrays: int = 0
    streams: int = 0


@dataclass
class Producer:
    """Hands ``arrays`` over as a stream, or, with ``as_array``, the only one as an array; counts what is released."""

    schema: Schema
    arrays: Sequence[Array]
    fails_at: int | None = None  # get_next fails for this chunk
    schema_fails: bool = False
    message: bytes | None = None
    forgets: bool = False  # its release callbacks do not mark the structure as released
    released: Releases = field(default_factory=Releases)
    made: Releases = field(default_factory=Releases)
    _kept: list[Any] = field(default_factory=list)
    _next: int = 0

    def keep(self, item: Any) -> Any:
        self._kept.append(item)
        return item

    def fill_schema(self, schema: Schema, target: SchemaStruct) -> None:
        target.format = schema.format
        target.name = b""
        children = [self.keep(SchemaStruct()) for _ in schema.children]
        for child, made in zip(schema.children, children, strict=True):
            self.fill_schema(child, made)
        target.n_children = len(children) if schema.child_count is None else schema.child_count
        if children and not schema.no_children:
            target.children = self.keep((ctypes.POINTER(SchemaStruct) * len(children))(*map(ctypes.pointer, children)))
        if schema.dictionary is not None:
            made = self.keep(SchemaStruct())
            self.fill_schema(schema.dictionary, made)
            target.dictionary = ctypes.pointer(made)
        if not schema.released:
            target.release = self.keep(ReleaseSchema(self.release_schema))

    def release_schema(self, schema: Any) -> None:
        self.released.schemas += 1
        if not self.forgets:
            schema.contents.release = ReleaseSchema()

    def fill_array(self, array: Array, target: ArrayStruct) -> None:
        target.length, target.null_count, target.offset = array.length, array.null_count, array.offset
        addresses: list[int | None] = []
        for buffer in array.buffers:
            # A block of exactly its size, so that a sanitizer sees what is read beside it.
            block = None if buffer is None else self.keep((ctypes.c_char * len(buffer)).from_buffer_copy(buffer))
            addresses.append(None if block is None else ctypes.addressof(block))
        target.n_buffers = len(addresses) if array.buffer_count is None else array.buffer_count
        if not array.no_buffers:
            target.buffers = self.keep((ctypes.c_void_p * max(len(addresses), 1))(*addresses))
        children = [self.keep(ArrayStruct()) for _ in array.children]
        for child, made in zip(array.children, children, strict=True):
            self.fill_array(child, made)
        target.n_children = len(children) if array.child_count is None else array.child_count
        if children and not array.no_children:
            target.children = self.keep((ctypes.POINTER(ArrayStruct) * len(children))(*map(ctypes.pointer, children)))
        if array.dictionary is not None:
            made = self.keep(ArrayStruct())
            self.fill_array(array.dictionary, made)
            target.dictionary = ctypes.pointer(made)
        if not array.released:
            target.release = self.keep(ReleaseArray(self.release_array))

    def release_array(self, array: Any) -> None:
        self.released.arrays += 1
        if not self.forgets:
            array.contents.release = ReleaseArray()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        stream = self.keep(StreamStruct())
        stream.get_schema = self.keep(GetSchema(self.get_schema))
        stream.get_next = self.keep(GetNext(self.get_next))
        stream.get_last_error = self.keep(GetLastError(self.get_last_error))
        stream.release = self.keep(ReleaseStream(self.release_stream))
        self.made.streams += 1
        return _new_capsule(ctypes.addressof(stream), b"arrow_array_stream", None)

    def get_schema(self, _stream: Any, target: Any) -> int:
        if self.schema_fails:
            return 5
        self.fill_schema(self.schema, target.contents)
        self.made.schemas += not self.schema.released
        return 0

    def get_next(self, _stream: Any, target: Any) -> int:
        if self._next == self.fails_at:
            return 5
        if self._next < len(self.arrays):
            self.fill_array(self.arrays[self._next], target.contents)
            self.made.arrays += not self.arrays[self._next].released
            self._next += 1
        else:
            target.contents.release = ReleaseArray()
        return 0

    def get_last_error(self, _stream: Any) -> int | None:
        if self.message is None:
            return None
        return ctypes.addressof(self.keep(ctypes.create_string_buffer(self.message)))

    def release_stream(self, stream: Any) -> None:
        self.released.streams += 1
        if not self.forgets:
            stream.contents.release = ReleaseStream()


class ArrayProducer:
    """Hands one array over as an array."""

    def __init__(self, schema: Schema, array: Array, *, forgets: bool = False) -> None:
        self._inner = Producer(schema, [array], forgets=forgets)
        self.schema, self.array = SchemaStruct(), ArrayStruct()
        self._inner.fill_schema(schema, self.schema)
        self._inner.fill_array(array, self.array)
        self.released = self._inner.released

    def __arrow_c_array__(self, requested_schema: object | None = None) -> tuple[object, object]:
        return (
            _new_capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _new_capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )


Make = Callable[[Sequence[bytes | None]], Array]
LAYOUTS: dict[str, tuple[Schema, Make]] = {
    "utf8": (UTF8, utf8),
    "large_utf8": (LARGE_UTF8, large_utf8),
    "string_view": (VIEW, views),
}
