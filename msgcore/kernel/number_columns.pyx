"""Many numbers at once, into typed buffers: the walk of ``phone_numbers.pyx`` without a Python object per number."""

import array

cimport cython
from cpython cimport array
from libc.stdint cimport uint16_t

from msgcore.kernel.phone_numbers cimport classify_text

cdef array.array SHORTS = array.array("H")
cdef array.array OCTETS = array.array("B")


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
