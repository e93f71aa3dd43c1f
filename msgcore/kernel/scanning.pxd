# Reading a text once: which alphabet carries it, how many units it takes, what is in the way.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.texts cimport Text, unit_t

cdef extern from "gsm7.h" nogil:
    int GSM7_ESCAPE
    int GSM7_OUTSIDE
    int GSM7_AFTER_ESCAPE
    const uint16_t GSM7_DEFAULT[128]
    const uint16_t GSM7_EXTENSION[128]
    const uint8_t GSM7_LATIN[256]
    const uint8_t GSM7_LATIN_COST[256]
    const uint8_t GSM7_PAGE[256]
    const uint8_t GSM7_PAGES[]


cdef struct Scan:
    bint gsm7
    Py_ssize_t unit_count  # septets for GSM-7, UTF-16 code units for UCS-2
    Py_ssize_t outside     # index of the first character outside GSM-7, or -1
    Py_ssize_t surrogate   # index of the first lone surrogate, or -1; where there is one, nothing else counts


cdef void scan_text(const Text* text, Scan* scan) noexcept nogil
cdef Py_ssize_t second_units(const Text* text, bint gsm7) noexcept nogil
cdef Py_ssize_t ascii_prefix(const uint8_t* octets, Py_ssize_t length) noexcept nogil
cdef uint8_t highest_octet(const uint8_t* octets, Py_ssize_t length) noexcept nogil
cdef Py_ssize_t widen_ascii(const uint8_t* octets, Py_ssize_t length, int kind, void* units) noexcept nogil
cdef Py_ssize_t ascii_gsm7_prefix(const uint8_t* octets, Py_ssize_t length, Py_ssize_t* unit_count) noexcept nogil
cdef int raise_surrogate(const Text* text, Py_ssize_t position) except -1
cdef int view_and_scan(object string, Text* text, Scan* scan) except -1


cdef inline uint8_t gsm7_entry(unit_t character) noexcept nogil:
    """Return the septet, GSM7_AFTER_ESCAPE | septet, or GSM7_OUTSIDE."""
    if unit_t is uint8_t:
        return GSM7_LATIN[character]
    else:
        if character > 0xFFFF:
            return GSM7_OUTSIDE
        return GSM7_PAGES[(<uint32_t>GSM7_PAGE[character >> 8] << 8) | (character & 0xFF)]


cdef inline Py_ssize_t gsm7_cost(unit_t character) noexcept nogil:
    """Return the septets of a character that is in GSM-7."""
    if unit_t is uint8_t:
        return GSM7_LATIN_COST[character]
    else:
        return 1 + (gsm7_entry(character) >> 7)


cdef inline Py_ssize_t ucs2_cost(unit_t character) noexcept nogil:
    """Return the UTF-16 code units of a character: two beyond the basic plane."""
    if unit_t is uint32_t:
        return 1 + (character > 0xFFFF)
    else:
        return 1
