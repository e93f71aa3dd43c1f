"""Results as Arrow arrays, which any Arrow library takes over without a copy and without another package.

How this works. A column keeps its buffers as Python objects. An exported structure points into them and holds a
reference to the column; its release callback gives that back, under the GIL, since a consumer may call it from any
thread. Children and dictionaries are structures of their own with references of their own, so that a consumer may move
one out and release the rest.

Source: "The Arrow C data interface", "The Arrow C stream interface" and "The Arrow PyCapsule Interface".
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.errno cimport ENOMEM
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from msgcore.kernel.arrow cimport ARROW_FLAG_NULLABLE, ArrowArray, ArrowArrayStream, ArrowSchema

cdef extern from "Python.h" nogil:
    int Py_IsInitialized()

cdef const char* SCHEMA = b"arrow_schema"
cdef const char* ARRAY = b"arrow_array"
cdef const char* STREAM = b"arrow_array_stream"


@cython.final
cdef class Buffer:
    """Octets that a kernel loop has written; read-only for Python."""

    def __dealloc__(self):
        free(self.memory.data)

    def __getbuffer__(self, Py_buffer* view, int flags):
        PyBuffer_FillInfo(view, self, self.memory.data, self.memory.size, True, flags)


cdef void* grow(Buffer buffer, Py_ssize_t octets) except NULL:
    """Add octets to a buffer, to be written, and return where they begin."""
    if reserve(&buffer.memory, octets) < 0:
        raise MemoryError
    buffer.memory.size += octets
    return buffer.memory.data + buffer.memory.size - octets


cdef Buffer bitmap(const figure_t* values, Py_ssize_t count, figure_t none, Py_ssize_t* null_count):
    """Return the bitmap of the rows whose value is not ``none``; None where all are."""
    cdef Buffer bits
    cdef uint8_t* octets
    cdef Py_ssize_t row, missing = 0
    with nogil:
        for row in range(count):
            missing += values[row] == none
    null_count[0] = missing
    if missing == 0:
        return None
    bits = Buffer()
    octets = <uint8_t*>grow(bits, (count + 7) // 8)
    memset(octets, 0, bits.memory.size)
    with nogil:
        for row in range(count):
            octets[row >> 3] |= (values[row] != none) << (row & 7)
    return bits


cdef struct Handed:         # what an exported stream stands on
    PyObject* column
    bint is_read


# ------------------------------------------------------------------------------------------------------- released


cdef void _forget(void* owner) noexcept with gil:
    Py_XDECREF(<PyObject*>owner)


cdef inline void _release_owner(void* owner) noexcept nogil:
    if Py_IsInitialized():  # a consumer that outlives the interpreter keeps what it has
        _forget(owner)


cdef void _release_schema(ArrowSchema* schema) noexcept nogil:
    cdef int64_t index
    for index in range(schema.n_children):
        if schema.children[index] != NULL and schema.children[index].release != NULL:
            schema.children[index].release(schema.children[index])
        free(schema.children[index])
    free(schema.children)
    if schema.dictionary != NULL and schema.dictionary.release != NULL:
        schema.dictionary.release(schema.dictionary)
    free(schema.dictionary)
    schema.release = NULL
    _release_owner(schema.private_data)


cdef void _release_array(ArrowArray* array) noexcept nogil:
    cdef int64_t index
    for index in range(array.n_children):
        if array.children[index] != NULL and array.children[index].release != NULL:
            array.children[index].release(array.children[index])
        free(array.children[index])
    free(array.children)
    if array.dictionary != NULL and array.dictionary.release != NULL:
        array.dictionary.release(array.dictionary)
    free(array.dictionary)
    free(<void*>array.buffers)
    array.release = NULL
    _release_owner(array.private_data)


cdef void _release_stream(ArrowArrayStream* stream) noexcept nogil:
    cdef Handed* handed = <Handed*>stream.private_data
    stream.release = NULL
    _release_owner(handed.column)
    free(handed)


# A capsule that nobody took releases what is in it.

cdef void _discard_schema(object capsule) noexcept:
    cdef ArrowSchema* schema = <ArrowSchema*>PyCapsule_GetPointer(capsule, SCHEMA)
    if schema.release != NULL:
        schema.release(schema)
    free(schema)


cdef void _discard_array(object capsule) noexcept:
    cdef ArrowArray* array = <ArrowArray*>PyCapsule_GetPointer(capsule, ARRAY)
    if array.release != NULL:
        array.release(array)
    free(array)


cdef void _discard_stream(object capsule) noexcept:
    cdef ArrowArrayStream* stream = <ArrowArrayStream*>PyCapsule_GetPointer(capsule, STREAM)
    if stream.release != NULL:
        stream.release(stream)
    free(stream)


# ------------------------------------------------------------------------------------------------------- exported


cdef void* _zeroed(size_t count, size_t size) except NULL:
    cdef void* memory = calloc(count, size)
    if memory == NULL:
        raise MemoryError
    return memory


cdef int _fill_schema(ArrowColumn column, ArrowSchema* schema) except -1:
    """Fill a zeroed structure; also when this fails midway, its release callback frees what there is."""
    cdef ArrowColumn child
    Py_INCREF(column)
    schema.private_data = <void*>column
    schema.release = _release_schema
    schema.format = PyBytes_AS_STRING(column._format)
    schema.name = PyBytes_AS_STRING(column._name)
    schema.flags = ARROW_FLAG_NULLABLE
    if column._children:
        schema.children = <ArrowSchema**>_zeroed(len(column._children), sizeof(ArrowSchema*))
        for child in column._children:
            schema.children[schema.n_children] = <ArrowSchema*>_zeroed(1, sizeof(ArrowSchema))
            schema.n_children += 1
            _fill_schema(child, schema.children[schema.n_children - 1])
    if column._dictionary is not None:
        schema.dictionary = <ArrowSchema*>_zeroed(1, sizeof(ArrowSchema))
        _fill_schema(column._dictionary, schema.dictionary)
    return 0


cdef int _fill_array(ArrowColumn column, ArrowArray* array) except -1:
    cdef ArrowColumn child
    cdef Buffer buffer
    Py_INCREF(column)
    array.private_data = <void*>column
    array.release = _release_array
    array.length = column._length
    array.null_count = column._null_count
    if column._buffers:
        array.buffers = <const void**>_zeroed(len(column._buffers), sizeof(void*))
        for buffer in column._buffers:
            array.buffers[array.n_buffers] = NULL if buffer is None else buffer.memory.data
            array.n_buffers += 1
    if column._children:
        array.children = <ArrowArray**>_zeroed(len(column._children), sizeof(ArrowArray*))
        for child in column._children:
            array.children[array.n_children] = <ArrowArray*>_zeroed(1, sizeof(ArrowArray))
            array.n_children += 1
            _fill_array(child, array.children[array.n_children - 1])
    if column._dictionary is not None:
        array.dictionary = <ArrowArray*>_zeroed(1, sizeof(ArrowArray))
        _fill_array(column._dictionary, array.dictionary)
    return 0


cdef int _get_schema(ArrowArrayStream* stream, ArrowSchema* schema) noexcept with gil:
    memset(schema, 0, sizeof(schema[0]))
    try:
        _fill_schema(<ArrowColumn>(<Handed*>stream.private_data).column, schema)
    except MemoryError:
        schema.release(schema)
        return ENOMEM
    return 0


cdef int _get_next(ArrowArrayStream* stream, ArrowArray* array) noexcept with gil:
    cdef Handed* handed = <Handed*>stream.private_data
    memset(array, 0, sizeof(array[0]))
    if handed.is_read:
        return 0  # a released array ends the stream
    try:
        _fill_array(<ArrowColumn>handed.column, array)
    except MemoryError:
        array.release(array)
        return ENOMEM
    handed.is_read = True
    return 0


cdef const char* _get_last_error(ArrowArrayStream* stream) noexcept nogil:
    return NULL


@cython.final
cdef class ArrowColumn:
    """A result in Arrow's layout: hand it to ``pyarrow.array``, ``polars.Series``, ``nanoarrow.Array`` and the like.

    A column of several fields is a struct without nulls of its own, so ``pyarrow.record_batch`` or ``polars.DataFrame``
    make a table of it. It implements the Arrow PyCapsule Interface, as an array and as a stream of one.
    """

    def __cinit__(self):
        self._format = b"n"
        self._name = b""
        self._buffers = self._children = ()

    def __init__(self):
        raise TypeError("an ArrowColumn is a result: msgcore.columns makes it")

    def __len__(self):
        return self._length

    @property
    def null_count(self):
        """The number of rows that are null."""
        return self._null_count

    def __repr__(self):
        fields = ", ".join((<ArrowColumn>child)._name.decode() for child in self._children)
        return f"<ArrowColumn of {self._length} rows{', fields: ' if fields else ''}{fields}>"

    def __arrow_c_schema__(self):
        """Return a capsule of the column's type."""
        cdef ArrowSchema* schema = <ArrowSchema*>_zeroed(1, sizeof(ArrowSchema))
        capsule = PyCapsule_New(schema, SCHEMA, &_discard_schema)
        _fill_schema(self, schema)
        return capsule

    def __arrow_c_array__(self, requested_schema=None):
        """Return capsules of the column's type and of its data; no other type is offered, whatever is requested."""
        cdef ArrowArray* array
        schema = self.__arrow_c_schema__()
        array = <ArrowArray*>_zeroed(1, sizeof(ArrowArray))
        capsule = PyCapsule_New(array, ARRAY, &_discard_array)
        _fill_array(self, array)
        return schema, capsule

    def __arrow_c_stream__(self, requested_schema=None):
        """Return a capsule of a stream of this one array."""
        cdef ArrowArrayStream* stream = <ArrowArrayStream*>_zeroed(1, sizeof(ArrowArrayStream))
        capsule = PyCapsule_New(stream, STREAM, &_discard_stream)
        stream.private_data = _zeroed(1, sizeof(Handed))
        Py_INCREF(self)
        (<Handed*>stream.private_data).column = <PyObject*>self
        stream.get_schema = _get_schema
        stream.get_next = _get_next
        stream.get_last_error = _get_last_error
        stream.release = _release_stream
        return capsule


cdef ArrowColumn new_column(
    bytes name, bytes form, Py_ssize_t length, Py_ssize_t null_count, tuple buffers,
    tuple children=(), ArrowColumn dictionary=None,
):
    """Make a column of ``Buffer`` objects, ``None`` for a bitmap that is not needed; they must not grow any more."""
    cdef ArrowColumn column = ArrowColumn.__new__(ArrowColumn)
    column._name = name
    column._format = form
    column._length = length
    column._null_count = null_count
    column._buffers = buffers
    column._children = children
    column._dictionary = dictionary
    return column


cdef ArrowColumn new_names(tuple names):
    """Make the utf8 column of a dictionary's names."""
    cdef Buffer offsets = Buffer(), octets = Buffer()
    cdef int32_t end = 0
    cdef bytes name
    for name in [b""] + [text.encode() for text in names]:
        if reserve(&offsets.memory, sizeof(end)) < 0 or reserve(&octets.memory, len(name)) < 0:
            raise MemoryError
        memcpy(octets.memory.data + end, PyBytes_AS_STRING(name), len(name))
        end += <int32_t>len(name)
        memcpy(offsets.memory.data + offsets.memory.size, &end, sizeof(end))
        offsets.memory.size += sizeof(end)
        octets.memory.size = end
    return new_column(b"", b"u", len(names), 0, (None, offsets, octets))
