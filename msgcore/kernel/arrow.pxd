# Arrow's C data interface from the consumer's side: chunks of texts, read in place, a row at a time.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memcpy


cdef extern from "arrow_abi.h" nogil:
    int64_t ARROW_FLAG_NULLABLE

    cdef struct ArrowSchema:
        const char* format
        const char* name
        const char* metadata
        int64_t flags
        int64_t n_children
        ArrowSchema** children
        ArrowSchema* dictionary
        void (*release)(ArrowSchema*) noexcept nogil
        void* private_data

    cdef struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void** buffers
        ArrowArray** children
        ArrowArray* dictionary
        void (*release)(ArrowArray*) noexcept nogil
        void* private_data

    cdef struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream*, ArrowSchema*) noexcept nogil
        int (*get_next)(ArrowArrayStream*, ArrowArray*) noexcept nogil
        const char* (*get_last_error)(ArrowArrayStream*) noexcept nogil
        void (*release)(ArrowArrayStream*) noexcept nogil
        void* private_data


cdef enum Layout:           # how the octets of a row are found
    NO_TEXTS                # every row is null
    OFFSETS_32
    OFFSETS_64
    VIEWS


cdef enum:
    INLINE_OCTETS = 12      # a view holds as many itself
    VIEW_OCTETS = 16


cdef enum Row:              # what a row holds, or why it cannot be read
    ROW_NULL
    ROW_TEXT
    ROW_BAD_OFFSETS
    ROW_BAD_VIEW
    ROW_BAD_INDEX


cdef struct Octets:
    const uint8_t* data
    Py_ssize_t length


cdef struct Texts:          # an array of texts whose frame has been checked; its rows are checked as they are read
    Layout layout
    Py_ssize_t length
    Py_ssize_t offset       # of row 0, in every buffer
    const uint8_t* validity  # a bit a row, or NULL where every row holds a text
    const uint8_t* slots    # offsets, or views
    const uint8_t* data     # what the offsets divide
    int64_t first           # the range they have to stay in
    int64_t last
    const void** shared     # what the views point into
    const uint8_t* shared_lengths
    int64_t shared_count


cdef struct Chunk:          # rows, each perhaps through an index into a dictionary, perhaps inside a struct
    Py_ssize_t length
    Texts texts
    int index_octets        # 0 without a dictionary
    bint signed_index
    Py_ssize_t index_offset
    const uint8_t* index_validity
    const uint8_t* indices
    Py_ssize_t outer_offset  # of the struct around
    const uint8_t* outer_validity


cdef class TextColumn:
    cdef ArrowSchema _schema
    cdef ArrowArrayStream _stream
    cdef ArrowArray _array
    cdef bint _is_stream
    cdef bint _has_array     # an array of its own that has not been handed out yet
    cdef bint _in_struct
    cdef Layout _layout
    cdef int _index_octets
    cdef bint _signed_index
    cdef Chunk chunk
    cdef Py_ssize_t first_row  # of the chunk, counted over all chunks

    cdef int _take(self, object producer) except -1
    cdef int _read_type(self) except -1
    cdef int _read_frame(self) except -1
    cdef int next_chunk(self) except -1
    cdef int raise_row(self, Row state, Py_ssize_t row) except -1
    cdef int _raise_stream_error(self, int status) except -1
    cdef void _release_array(self) noexcept
    cdef void close(self) noexcept


cdef inline bint is_set(const uint8_t* bits, Py_ssize_t index) noexcept nogil:
    return bits[index >> 3] >> (index & 7) & 1


# Producers should align what they hand over, but need not: hence copies, which compile to plain loads.

cdef inline int32_t load_32(const uint8_t* octets) noexcept nogil:
    cdef int32_t value
    memcpy(&value, octets, sizeof(value))
    return value


cdef inline int64_t load_64(const uint8_t* octets) noexcept nogil:
    cdef int64_t value
    memcpy(&value, octets, sizeof(value))
    return value


cdef inline int64_t load_index(const uint8_t* octets, int width, bint signed_index) noexcept nogil:
    """Return an index of a dictionary; an unsigned one beyond 63 bits comes out negative, and so as a bad one."""
    cdef uint16_t word
    cdef int64_t index
    if width == 1:
        index = octets[0]
    elif width == 2:
        memcpy(&word, octets, sizeof(word))
        index = word
    elif width == 4:
        index = <uint32_t>load_32(octets)
    else:
        return load_64(octets)
    if signed_index and index >> (8 * width - 1):
        index -= <int64_t>1 << (8 * width)
    return index


cdef inline Row _read_view(const Texts* texts, const uint8_t* view, Octets* octets) noexcept nogil:
    """A length, then the octets themselves, or their first four, the number of a buffer and an offset in it."""
    cdef int32_t length = load_32(view), number, start
    if length < 0:
        return ROW_BAD_VIEW
    octets.length = length
    if length <= INLINE_OCTETS:
        octets.data = view + 4
        return ROW_TEXT
    number = load_32(view + 8)
    start = load_32(view + 12)
    if number < 0 or number >= texts.shared_count or start < 0 or texts.shared[number] == NULL:
        return ROW_BAD_VIEW
    if <int64_t>start + length > load_64(texts.shared_lengths + 8 * number):
        return ROW_BAD_VIEW
    octets.data = <const uint8_t*>texts.shared[number] + start
    return ROW_TEXT


cdef inline Row _read_text(const Texts* texts, Py_ssize_t row, Octets* octets) noexcept nogil:
    cdef int64_t start, end
    row += texts.offset
    if texts.validity != NULL and not is_set(texts.validity, row):
        return ROW_NULL
    if texts.layout == OFFSETS_32:
        start = load_32(texts.slots + 4 * row)
        end = load_32(texts.slots + 4 * row + 4)
    elif texts.layout == OFFSETS_64:
        start = load_64(texts.slots + 8 * row)
        end = load_64(texts.slots + 8 * row + 8)
    elif texts.layout == VIEWS:
        return _read_view(texts, texts.slots + VIEW_OCTETS * row, octets)
    else:
        return ROW_NULL
    if start < texts.first or end < start or end > texts.last:
        return ROW_BAD_OFFSETS
    octets.data = texts.data + start
    octets.length = end - start
    return ROW_TEXT


cdef inline Row read_row(const Chunk* chunk, Py_ssize_t row, Octets* octets) noexcept nogil:
    """Find the octets of a row, ``row`` counted from the start of the chunk and below its length."""
    cdef int64_t index
    if chunk.outer_validity != NULL and not is_set(chunk.outer_validity, chunk.outer_offset + row):
        return ROW_NULL
    row += chunk.outer_offset
    if chunk.index_octets == 0:
        return _read_text(&chunk.texts, row, octets)
    row += chunk.index_offset
    if chunk.index_validity != NULL and not is_set(chunk.index_validity, row):
        return ROW_NULL
    index = load_index(chunk.indices + row * chunk.index_octets, chunk.index_octets, chunk.signed_index)
    if index < 0 or index >= chunk.texts.length:
        return ROW_BAD_INDEX
    return _read_text(&chunk.texts, index, octets)
