# What a caller may choose about segments, and what it takes of their headers.

from libc.stdint cimport uint8_t

from msgcore.kernel.headers cimport MAX_USER_DATA_OCTETS
from msgcore.kernel.national cimport LANGUAGES, Shifts, national_octets


cdef struct Options:
    bint clusters           # keep grapheme clusters whole where they fit
    int reference_bits      # 8 or 16
    int language_count      # national languages that may be used
    uint8_t languages[LANGUAGES]  # their identifiers, in order of preference
    int element_octets      # of the caller's information elements, which every segment carries
    uint8_t elements[MAX_USER_DATA_OCTETS]


cdef int read_options(
    Options* options, object boundary, object reference_bits, object languages, object elements
) except -1


cdef inline int concatenation_octets(const Options* options) noexcept nogil:
    """Return the octets of the element: identifier, length, reference, total, number (9.2.3.24.1, 9.2.3.24.8)."""
    return 2 + options.reference_bits // 8 + 2


cdef inline int header_size(const Options* options, const Shifts* shifts, bint several) noexcept nogil:
    """Return the octets of a header from UDHL on; 0 where there is nothing to stand in it."""
    cdef int octets = options.element_octets + national_octets(shifts)
    if several:
        octets += concatenation_octets(options)
    return 1 + octets if octets else 0
