# Where a text is cut into segments, and how many there are.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.clusters cimport cluster_end, cluster_start
from msgcore.kernel.national cimport LANGUAGES, Shifts
from msgcore.kernel.scanning cimport Scan, gsm7_cost, ucs2_cost, unit_t

cdef enum:
    USER_DATA_OCTETS = 140  # 3GPP TS 23.040, 9.2.3.24: what one short message carries, header included
    SEGMENT_LIMIT = 255     # 9.2.3.24.1: total and number are one octet each


cdef struct Options:
    bint clusters           # keep grapheme clusters whole where they fit
    int reference_bits      # 8 or 16
    int header_octets       # of each segment, when there are several: UDHL, then the concatenation element
    int language_count      # national languages that may be used; their elements come to the header octets
    uint8_t languages[LANGUAGES]  # their identifiers, in order of preference


cdef struct Cut:
    Py_ssize_t end          # index after the segment's last character
    Py_ssize_t unit_count


cdef struct Plan:
    bint gsm7
    Py_ssize_t unit_count
    Py_ssize_t segment_count
    Py_ssize_t units_left   # in the last segment
    Shifts shifts           # the national language tables used, if any


cdef int read_options(Options* options, object boundary, object reference_bits, object languages) except -1
cdef int plan_text(object text, const Options* options, Plan* plan, Cut* cuts) except -1
cdef tuple language_tables(const Shifts* shifts)


cdef inline Py_ssize_t capacity(int header_octets, bint gsm7) noexcept nogil:
    """Return the units that fit beside a header: whole septets after the fill bits, or whole code units."""
    cdef int free_bits = (USER_DATA_OCTETS - header_octets) * 8
    return free_bits // 7 if gsm7 else free_bits // 16


cdef inline int fill_bits_after(int header_octets) noexcept nogil:
    """Return the zero bits between a header and the next septet border."""
    return (7 - header_octets * 8 % 7) % 7
