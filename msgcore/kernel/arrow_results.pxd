# Result columns: memory that grows without the GIL, and the arrays that hand it over to any Arrow library.

from libc.stdint cimport int32_t, uint8_t, uint16_t
from libc.stdlib cimport realloc

ctypedef fused figure_t:
    uint8_t
    uint16_t
    int32_t


cdef struct Memory:
    char* data
    Py_ssize_t size         # octets in use
    Py_ssize_t capacity


cdef inline int reserve(Memory* memory, Py_ssize_t octets) noexcept nogil:
    """Make room for as many octets after those in use; return -1 when there is none."""
    cdef Py_ssize_t capacity
    cdef char* data
    if octets <= memory.capacity - memory.size and memory.data != NULL:
        return 0
    # Half as much again, so that a column of unknown length is copied a few times and not for every row.
    capacity = memory.size + octets + memory.size // 2 + 64
    data = <char*>realloc(memory.data, capacity)
    if data == NULL:
        return -1
    memory.data = data
    memory.capacity = capacity
    return 0


cdef class Buffer:
    cdef Memory memory


cdef class ArrowColumn:
    cdef bytes _format
    cdef bytes _name
    cdef Py_ssize_t _length
    cdef Py_ssize_t _null_count
    cdef tuple _buffers
    cdef tuple _children
    cdef ArrowColumn _dictionary


cdef void* grow(Buffer buffer, Py_ssize_t octets) except NULL
cdef Buffer bitmap(const figure_t* values, Py_ssize_t count, figure_t none, Py_ssize_t* null_count)
cdef ArrowColumn new_column(
    bytes name, bytes form, Py_ssize_t length, Py_ssize_t null_count, tuple buffers,
    tuple children=*, ArrowColumn dictionary=*,
)
cdef ArrowColumn new_names(tuple names)
