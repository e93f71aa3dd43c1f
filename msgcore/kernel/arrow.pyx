"""Columns of texts as any Arrow library hands them over, read where they stand.

How this works. A producer gives capsules (``__arrow_c_stream__``, or else ``__arrow_c_array__``) that hold structures
of pointers. They are moved out: the capsule's copy is marked as released, and from then on the structure is ours to
release, once, whatever happens. A stream yields chunks, and an array is a stream of one. Of each chunk the frame is
checked first (lengths, offsets, how many buffers, children, a dictionary), then every row as it is read, before an
octet of it is touched: offsets never fall and stay in the range of the chunk, views stay in the buffers they name,
indices in their dictionary.

What cannot be checked. The interface hands over bare pointers: it tells the sizes of the buffers that views point into
and of nothing else. So the bounds of an array are the ones it states itself, in its length and in its first and last
offset; a producer that lies about those, or hands over pointers into nowhere, cannot be told from an honest one.

Columns may be utf8, large_utf8, string_view, a dictionary of these, or null, each alone or as the only field of a
struct. Source: "The Arrow C data interface", "The Arrow C stream interface" and "The Arrow PyCapsule Interface".
"""

from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_IsValid
from libc.string cimport memset, strcmp, strerror

from msgcore.errors import ColumnError

cdef extern from "string.h" nogil:
    size_t strnlen(const char*, size_t)

cdef extern from "Python.h":
    const Py_ssize_t PY_SSIZE_T_MAX

cdef const char* SCHEMA = b"arrow_schema"
cdef const char* ARRAY = b"arrow_array"
cdef const char* STREAM = b"arrow_array_stream"

cdef enum:
    MESSAGE_OCTETS = 1000   # of a producer's error, the most that is quoted
    FORMAT_OCTETS = 100

cdef int64_t MOST_ROWS = PY_SSIZE_T_MAX // 32  # offset and length together: so no position in a buffer overflows

cdef const uint8_t* NO_OCTETS = <const uint8_t*>b""

cdef dict TYPE_NAMES = {
    "b": "bool", "c": "int8", "C": "uint8", "s": "int16", "S": "uint16", "i": "int32", "I": "uint32", "l": "int64",
    "L": "uint64", "e": "float16", "f": "float32", "g": "float64", "z": "binary", "Z": "large_binary",
    "vz": "binary_view", "+l": "list", "+L": "large_list", "+s": "struct", "+m": "map", "+r": "run-end encoded",
}  # fmt: skip


# -------------------------------------------------------------------------------------------------------- the type


cdef str _format_of(const ArrowSchema* schema):
    return (<bytes>schema.format[:strnlen(schema.format, FORMAT_OCTETS)]).decode("utf-8", "replace")


cdef str _type_name(const ArrowSchema* schema):
    cdef str form = _format_of(schema)
    return TYPE_NAMES.get(form, f"the Arrow format {form!r}")


cdef int _check_schema(const ArrowSchema* schema) except -1:
    if schema == NULL or schema.release == NULL or schema.format == NULL:
        raise ColumnError(None, "expected an Arrow schema, got one that is released or has no format")
    if schema.n_children < 0 or (schema.n_children > 0 and schema.children == NULL):
        raise ColumnError(None, f"an Arrow schema states {schema.n_children} children and has none")
    return 0


cdef int _read_layout(const ArrowSchema* schema, Layout* layout) except -1:
    if strcmp(schema.format, b"u") == 0:
        layout[0] = OFFSETS_32
    elif strcmp(schema.format, b"U") == 0:
        layout[0] = OFFSETS_64
    elif strcmp(schema.format, b"vu") == 0:
        layout[0] = VIEWS
    elif strcmp(schema.format, b"n") == 0:
        layout[0] = NO_TEXTS
    else:
        raise TypeError(
            f"expected an Arrow column of utf8, large_utf8, string_view or a dictionary of these, "
            f"got {_type_name(schema)}"
        )
    return 0


cdef int _index_width(const ArrowSchema* schema) except -1:
    """Return the octets of an index of a dictionary; a capital letter stands for an unsigned one."""
    cdef str form = _format_of(schema)
    if form not in ("c", "C", "s", "S", "i", "I", "l", "L"):
        raise ColumnError(None, f"expected integers as indices of an Arrow dictionary, got {_type_name(schema)}")
    return {"c": 1, "s": 2, "i": 4, "l": 8}[form.lower()]


# ------------------------------------------------------------------------------------------------------- the frame


cdef int _check_frame(
    const ArrowArray* array, str what, int64_t buffers, int64_t more_buffers, int64_t children, bint dictionary
) except -1:
    """Check what can be checked without following a pointer; ``more_buffers`` may come on top of ``buffers``."""
    if array == NULL or array.release == NULL:
        raise ColumnError(None, f"{what} is released")
    if array.length < 0 or array.offset < 0:
        raise ColumnError(None, f"{what} states length {array.length} and offset {array.offset}: one is negative")
    if array.length > MOST_ROWS or array.offset > MOST_ROWS - array.length:
        raise ColumnError(None, f"{what} states length {array.length} and offset {array.offset}: that is too much")
    if array.null_count < -1:
        raise ColumnError(None, f"{what} states {array.null_count} nulls: expected -1 for unknown, or their number")
    if not buffers <= array.n_buffers <= buffers + more_buffers:
        raise ColumnError(None, f"{what} should have {buffers} buffers, not {array.n_buffers}")
    if array.n_children != children:
        raise ColumnError(None, f"{what} should have {children} children, not {array.n_children}")
    if (array.dictionary != NULL) != dictionary:
        raise ColumnError(None, f"{what} should have {'a' if dictionary else 'no'} dictionary, as its schema says")
    if array.length > 0 and buffers > 0 and array.buffers == NULL:
        raise ColumnError(None, f"{what} has no buffers")
    return 0


cdef int _read_validity(const ArrowArray* array, str what, const uint8_t** validity) except -1:
    """The bitmap counts wherever there is one, whatever number of nulls is stated."""
    validity[0] = <const uint8_t*>array.buffers[0] if array.length > 0 else NULL
    if validity[0] == NULL and array.length > 0 and array.null_count > 0:
        raise ColumnError(None, f"{what} states {array.null_count} nulls and does not say which")
    return 0


cdef int _read_offsets(const ArrowArray* array, str what, Texts* texts) except -1:
    texts.data = <const uint8_t*>array.buffers[2]
    if texts.layout == OFFSETS_32:
        texts.first = load_32(texts.slots + 4 * array.offset)
        texts.last = load_32(texts.slots + 4 * (array.offset + array.length))
    else:
        texts.first = load_64(texts.slots + 8 * array.offset)
        texts.last = load_64(texts.slots + 8 * (array.offset + array.length))
    if not 0 <= texts.first <= texts.last:
        raise ColumnError(None, f"{what} has offsets from {texts.first} to {texts.last}: they must not fall")
    if texts.data == NULL:
        if texts.last > 0:
            raise ColumnError(None, f"{what} has offsets up to {texts.last} and no octets")
        texts.data = NO_OCTETS
    return 0


cdef int _read_texts(const ArrowArray* array, str what, Texts* texts) except -1:
    """Check the frame of an array whose layout is known, and find its parts."""
    if texts.layout == NO_TEXTS:
        _check_frame(array, what, 0, 1, 0, False)  # before Arrow 1.0 it had a bitmap
    elif texts.layout == VIEWS:
        _check_frame(array, what, 3, MOST_ROWS, 0, False)
    else:
        _check_frame(array, what, 3, 0, 0, False)
    texts.length = array.length
    texts.offset = array.offset
    texts.validity = NULL
    if texts.layout == NO_TEXTS or array.length == 0:
        return 0  # nothing will be read: the buffers of an empty array may be missing
    _read_validity(array, what, &texts.validity)
    texts.slots = <const uint8_t*>array.buffers[1]
    if texts.slots == NULL:
        raise ColumnError(None, f"{what} has no {'views' if texts.layout == VIEWS else 'offsets'}")
    if texts.layout != VIEWS:
        return _read_offsets(array, what, texts)
    texts.shared = array.buffers + 2
    texts.shared_count = array.n_buffers - 3  # the last one holds the sizes of these
    texts.shared_lengths = <const uint8_t*>array.buffers[array.n_buffers - 1]
    if texts.shared_count > 0 and texts.shared_lengths == NULL:
        raise ColumnError(None, f"{what} does not state the sizes of its buffers")
    return 0


# ------------------------------------------------------------------------------------------------------ the column


cdef class TextColumn:
    """A column of texts from ``producer``, chunk by chunk: for kernel loops, which read rows with ``read_row``.

    Raises:
        TypeError: no producer of Arrow data, or no column of texts.
        ColumnError: the stream was read before, failed, or hands over what it may not.
    """

    def __cinit__(self, producer):
        self._take(producer)
        self._read_type()

    def __dealloc__(self):
        self.close()

    cdef int _take(self, object producer) except -1:
        """Move the structures out of the producer's capsules. A stream is preferred: it may have several chunks."""
        cdef ArrowArrayStream* stream
        cdef ArrowSchema* schema
        cdef ArrowArray* array
        cdef int status
        if hasattr(producer, "__arrow_c_stream__"):
            capsule = producer.__arrow_c_stream__()
            if not PyCapsule_IsValid(capsule, STREAM):
                raise TypeError(f"__arrow_c_stream__ must give a capsule of an Arrow stream, not {capsule!r}")
            stream = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, STREAM)
            if stream.release == NULL:
                raise ColumnError(None, "the Arrow stream is released: it can be read once")
            self._stream = stream[0]
            stream.release = NULL
            self._is_stream = True
            with nogil:
                status = self._stream.get_schema(&self._stream, &self._schema)
            if status != 0:
                self._schema.release = NULL
                self._raise_stream_error(status)
            return 0
        if not hasattr(producer, "__arrow_c_array__"):
            raise TypeError(f"expected an Arrow column, got {type(producer).__name__}")
        capsules = producer.__arrow_c_array__()
        if (
            not isinstance(capsules, tuple)
            or len(capsules) != 2
            or not PyCapsule_IsValid(capsules[0], SCHEMA)
            or not PyCapsule_IsValid(capsules[1], ARRAY)
        ):
            raise TypeError(f"__arrow_c_array__ must give capsules of an Arrow schema and array, not {capsules!r}")
        schema = <ArrowSchema*>PyCapsule_GetPointer(capsules[0], SCHEMA)
        array = <ArrowArray*>PyCapsule_GetPointer(capsules[1], ARRAY)
        if schema.release == NULL or array.release == NULL:
            raise ColumnError(None, "the Arrow array is released: its capsules can be read once")
        self._schema = schema[0]
        schema.release = NULL
        self._array = array[0]
        array.release = NULL
        self._has_array = True
        return 0

    cdef int _read_type(self) except -1:
        cdef const ArrowSchema* schema = &self._schema
        _check_schema(schema)
        if strcmp(schema.format, b"+s") == 0:
            if schema.n_children != 1:
                raise TypeError(f"expected one column, got an Arrow struct of {schema.n_children}")
            self._in_struct = True
            schema = schema.children[0]
            _check_schema(schema)
        if schema.dictionary != NULL:
            self._index_octets = _index_width(schema)
            self._signed_index = schema.format[0] >= b"a"
            schema = schema.dictionary
            _check_schema(schema)
            if schema.dictionary != NULL:
                raise TypeError("expected a dictionary of texts, got a dictionary of dictionaries")
        return _read_layout(schema, &self._layout)

    cdef int next_chunk(self) except -1:
        """Release the chunk, if there is one, and make ``chunk`` the next; return 0 when none is left."""
        cdef int status
        self.first_row += self.chunk.length
        self.chunk.length = 0
        if not self._has_array:
            self._release_array()
            if not self._is_stream:
                return 0
            with nogil:
                status = self._stream.get_next(&self._stream, &self._array)
            if status != 0:
                self._array.release = NULL
                self._raise_stream_error(status)
            if self._array.release == NULL:
                return 0
        self._has_array = False
        self._read_frame()
        return 1

    cdef int _read_frame(self) except -1:
        """Check the frame of the array at hand, outside first, and make it the chunk."""
        cdef const ArrowArray* array = &self._array
        cdef Chunk chunk
        cdef str what = "the Arrow array"
        memset(&chunk, 0, sizeof(chunk))
        chunk.length = array.length
        if self._in_struct:
            what = "the Arrow struct"
            _check_frame(array, what, 1, 0, 1, False)
            _read_validity(array, what, &chunk.outer_validity)
            if array.children == NULL or array.children[0] == NULL:
                raise ColumnError(None, f"{what} states a child and has none")
            chunk.outer_offset = array.offset
            array = array.children[0]
            what = "the field of the Arrow struct"
            # The lengths are known to be sound where they are compared: both frames are checked before any row is read.
            if array.length < chunk.outer_offset + chunk.length:
                raise ColumnError(None, f"{what} is shorter than the struct: {array.length} rows")
        if self._index_octets:
            _check_frame(array, what, 2, 0, 0, True)
            _read_validity(array, what, &chunk.index_validity)
            chunk.index_octets = self._index_octets
            chunk.signed_index = self._signed_index
            chunk.index_offset = array.offset
            chunk.indices = <const uint8_t*>array.buffers[1] if array.length > 0 else NULL
            if array.length > 0 and chunk.indices == NULL:
                raise ColumnError(None, f"{what} has no indices")
            array = array.dictionary
            what = "the Arrow dictionary"
        chunk.texts.layout = self._layout
        _read_texts(array, what, &chunk.texts)
        self.chunk = chunk
        return 0

    cdef int raise_row(self, Row state, Py_ssize_t row) except -1:
        """Raise what is wrong with a row of the chunk."""
        row += self.first_row
        if state == ROW_BAD_OFFSETS:
            raise ColumnError(row, "its offsets fall, or leave the range of the Arrow array")
        if state == ROW_BAD_VIEW:
            raise ColumnError(row, "its view leaves the buffers of the Arrow array")
        raise ColumnError(row, "its index is not in the Arrow dictionary")

    cdef int _raise_stream_error(self, int status) except -1:
        cdef const char* text = self._stream.get_last_error(&self._stream)
        if text == NULL:
            text = strerror(status)
        message = (<bytes>text[:strnlen(text, MESSAGE_OCTETS)]).decode("utf-8", "replace")
        raise ColumnError(None, f"the Arrow stream failed after {self.first_row} rows: {message} (error {status})")

    # A release callback marks its structure as released; the mark is made here too, in case it forgets.

    cdef void _release_array(self) noexcept:
        if self._array.release != NULL:
            with nogil:
                self._array.release(&self._array)
            self._array.release = NULL

    cdef void close(self) noexcept:
        """Release everything that is held; again does nothing."""
        self.chunk.length = 0
        self._release_array()
        if self._schema.release != NULL:
            with nogil:
                self._schema.release(&self._schema)
            self._schema.release = NULL
        if self._stream.release != NULL:
            with nogil:
                self._stream.release(&self._stream)
            self._stream.release = NULL
