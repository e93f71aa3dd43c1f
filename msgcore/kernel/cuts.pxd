# Where a text is cut into segments, and how many there are.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.clusters cimport cluster_end, cluster_start
from msgcore.kernel.headers cimport MAX_USER_DATA_OCTETS
from msgcore.kernel.national cimport Shifts
from msgcore.kernel.options cimport Options
from msgcore.kernel.scanning cimport Scan, gsm7_cost, ucs2_cost
from msgcore.kernel.texts cimport Text, unit_t

cdef enum:
    SEGMENT_LIMIT = 255     # 3GPP TS 23.040, 9.2.3.24.1: total and number are one octet each


cdef struct Cut:
    Py_ssize_t end          # index after the segment's last character
    Py_ssize_t unit_count


cdef struct Plan:
    bint gsm7
    Py_ssize_t unit_count
    Py_ssize_t segment_count
    Py_ssize_t units_left   # in the last segment
    Py_ssize_t outside      # index of the first character outside GSM-7, or -1
    Py_ssize_t surrogate    # that of the first lone surrogate, or -1
    Shifts shifts           # the national language tables used, if any


cdef enum Fault:            # why a text has no plan
    NO_FAULT
    LONE_SURROGATE          # at plan.surrogate
    OVER_LIMIT              # plan.segment_count says how many segments were needed
    NO_MEMORY


cdef Fault plan_view(const Text* text, const Options* options, Plan* plan, Cut* cuts) noexcept nogil
cdef int raise_fault(Fault fault, const Text* text, const Plan* plan) except -1
cdef int plan_text(object string, const Options* options, Text* text, Plan* plan, Cut* cuts) except -1
cdef tuple language_tables(const Shifts* shifts)


cdef inline Py_ssize_t capacity(int header_octets, bint gsm7) noexcept nogil:
    """Return the units that fit beside a header: whole septets after the fill bits, or whole code units."""
    cdef int free_bits = (MAX_USER_DATA_OCTETS - header_octets) * 8
    return free_bits // 7 if gsm7 else free_bits // 16


cdef inline int fill_bits_after(int header_octets) noexcept nogil:
    """Return the zero bits between a header and the next septet border."""
    return (7 - header_octets * 8 % 7) % 7
