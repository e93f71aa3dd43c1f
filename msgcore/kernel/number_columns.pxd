# Where the verdicts on many numbers go: one array a property, for a list as for the rows of an Arrow column.

from libc.stdint cimport uint8_t, uint16_t

from msgcore.kernel.phone_numbers cimport Verdict, classify


cdef struct NumberRows:
    uint16_t* calling_code
    uint8_t* region
    uint8_t* kind
    uint8_t* status


cdef inline void write_verdict(const NumberRows* rows, Py_ssize_t row, Verdict verdict) noexcept nogil:
    rows.calling_code[row] = verdict.calling_code
    rows.region[row] = verdict.region
    rows.kind[row] = verdict.kind
    rows.status[row] = verdict.status


cdef inline void classify_row(
    const NumberRows* rows, Py_ssize_t row, const uint8_t* octets, Py_ssize_t length
) noexcept nogil:
    """Judge the number that stands in these octets (UTF-8, so anything that is not ASCII is no digit)."""
    write_verdict(rows, row, classify(octets, length))
