"""Many numbers at once, into typed buffers: the walk of ``phone_numbers.pyx`` without a Python object per number.

As with texts, a list is walked under the GIL; the numbers of an Arrow column are read where they stand, and the GIL is
released for a block of rows at a time.
"""

import array

cimport cython
from cpython cimport array
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint8_t, uint16_t

from msgcore.kernel.arrow cimport Chunk, Octets, ROW_NULL, ROW_TEXT, Row, TextColumn, read_row
from msgcore.kernel.arrow_results cimport ArrowColumn, Buffer, bitmap, grow, new_column, new_names
from msgcore.kernel.columns cimport BLOCK_ROWS
from msgcore.kernel.phone_numbers cimport classify_text

from msgcore.tables.generated.numbering import REGIONS
from msgcore.tables.number_kinds import KINDS, STATUSES

cdef array.array SHORTS = array.array("H")
cdef array.array OCTETS = array.array("B")

cdef ArrowColumn REGION_NAMES = new_names(REGIONS[1:])  # REGIONS begins with None, for a number of no one region
cdef ArrowColumn KIND_NAMES = new_names(tuple(kind.value for kind in KINDS))
cdef ArrowColumn STATUS_NAMES = new_names(tuple(status.value for status in STATUSES))

cdef enum:
    NO_REGION = 0
    NO_NUMBER = 0xFF  # as a status: the row is null


# ------------------------------------------------------------------------------------------------------- the lists


@cython.boundscheck(True)  # the length was read before memory was taken, and that can run a finalizer
cdef int _classify_row(list numbers, Py_ssize_t row, const NumberRows* rows) except -1:
    try:
        write_verdict(rows, row, classify_text(numbers[row]))
    except TypeError as error:
        error.add_note(f"at index {row} of the list")
        raise
    return 0


def classify_numbers(list numbers not None):
    """Return four arrays: calling codes, and indices into REGIONS, KINDS and STATUSES.

    >>> classify_numbers(["+442070313000", "020 7031 3000"])
    (array('H', [44, 0]), array('B', [76, 0]), array('B', [10, 0]), array('B', [0, 8]))
    """
    cdef Py_ssize_t row, count = len(numbers)
    cdef array.array calling_code = array.clone(SHORTS, count, zero=False)
    cdef array.array region = array.clone(OCTETS, count, zero=False)
    cdef array.array kind = array.clone(OCTETS, count, zero=False)
    cdef array.array status = array.clone(OCTETS, count, zero=False)
    cdef NumberRows rows
    rows.calling_code = <uint16_t*>calling_code.data.as_ushorts
    rows.region = region.data.as_uchars
    rows.kind = kind.data.as_uchars
    rows.status = status.data.as_uchars
    for row in range(count):
        _classify_row(numbers, row, &rows)
    return calling_code, region, kind, status


# ------------------------------------------------------------------------------------------------ columns of Arrow


cdef Py_ssize_t _classify_block(
    const Chunk* chunk, Py_ssize_t start, Py_ssize_t end, const NumberRows* rows, Row* state
) noexcept nogil:
    """Judge some rows of a chunk and return ``end``, or the row that is broken. ``rows`` begin at ``start``."""
    cdef Py_ssize_t row
    cdef Octets octets
    for row in range(start, end):
        state[0] = read_row(chunk, row, &octets)
        if state[0] == ROW_TEXT:
            classify_row(rows, row - start, octets.data, octets.length)
        elif state[0] == ROW_NULL:
            rows.calling_code[row - start] = 0
            rows.region[row - start] = NO_REGION
            rows.kind[row - start] = 0
            rows.status[row - start] = NO_NUMBER
        else:
            return row
    return end


cdef Py_ssize_t _classify_column(
    TextColumn column, Buffer calling_code, Buffer region, Buffer kind, Buffer status
) except -1:
    """Fill the buffers and return the rows."""
    cdef Py_ssize_t start, end, stop, count = 0
    cdef NumberRows rows
    cdef Row state
    for buffer in (calling_code, region, kind, status):
        grow(buffer, 0)
    while column.next_chunk():
        for start in range(0, column.chunk.length, BLOCK_ROWS):
            end = min(start + BLOCK_ROWS, column.chunk.length)
            rows.calling_code = <uint16_t*>grow(calling_code, (end - start) * sizeof(uint16_t))
            rows.region = <uint8_t*>grow(region, end - start)
            rows.kind = <uint8_t*>grow(kind, end - start)
            rows.status = <uint8_t*>grow(status, end - start)
            with nogil:
                stop = _classify_block(&column.chunk, start, end, &rows, &state)
            if stop < end:
                column.raise_row(state, stop)
            count += end - start
            PyErr_CheckSignals()
    return count


cdef ArrowColumn _new_regions(Buffer regions, Py_ssize_t count):
    """Make a column of regions, where the dictionary's rows begin behind NO_REGION, which is null."""
    cdef uint8_t* octets = <uint8_t*>regions.memory.data
    cdef Py_ssize_t row, null_count = 0
    validity = bitmap(octets, count, <uint8_t>NO_REGION, &null_count)
    with nogil:
        for row in range(count):
            octets[row] -= octets[row] != NO_REGION
    return new_column(b"region", b"C", count, null_count, (validity, regions), (), REGION_NAMES)


def classify_arrow_numbers(numbers):
    """Return an Arrow struct with what the numbering plan says of each row of an Arrow column."""
    cdef Py_ssize_t count, null_count = 0, unknown_count = 0
    cdef Buffer calling_code = Buffer(), region = Buffer(), kind = Buffer(), status = Buffer()
    cdef TextColumn column = TextColumn(numbers)
    try:
        count = _classify_column(column, calling_code, region, kind, status)
    finally:
        column.close()
    validity = bitmap(<uint8_t*>status.memory.data, count, <uint8_t>NO_NUMBER, &null_count)
    known = bitmap(<uint16_t*>calling_code.memory.data, count, <uint16_t>0, &unknown_count)
    _clear(<uint8_t*>status.memory.data, count)
    return new_column(b"", b"+s", count, 0, (None,), (
        new_column(b"calling_code", b"S", count, unknown_count, (known, calling_code)),
        _new_regions(region, count),
        new_column(b"kind", b"C", count, null_count, (validity, kind), (), KIND_NAMES),
        new_column(b"status", b"C", count, null_count, (validity, status), (), STATUS_NAMES),
    ))


cdef void _clear(uint8_t* statuses, Py_ssize_t count) noexcept nogil:
    """Bring what stood for null into the dictionary: some readers look at it before they look at the bitmap."""
    cdef Py_ssize_t row
    for row in range(count):
        if statuses[row] == NO_NUMBER:
            statuses[row] = 0
