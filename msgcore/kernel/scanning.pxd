# Reading a string once: which alphabet carries it, how many units it takes, what is in the way.
# Leaf helpers stand here so that every kernel module compiles them in; scanning.pyx holds what raises.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

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


ctypedef fused unit_t:  # how PEP 393 stores a string: one width for all of it, the narrowest that fits
    uint8_t
    uint16_t
    uint32_t


cdef struct Scan:
    bint gsm7
    Py_ssize_t unit_count  # septets for GSM-7, UTF-16 code units for UCS-2
    Py_ssize_t outside     # index of the first character outside GSM-7, or -1
    Py_ssize_t surrogate   # index of the first lone surrogate, or -1; where there is one, nothing else counts


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


cdef inline bint is_surrogate(unit_t character) noexcept nogil:
    if unit_t is uint8_t:
        return False
    else:
        return 0xD800 <= character <= 0xDFFF


cdef inline void scan_units(const unit_t* text, Py_ssize_t length, Scan* scan) noexcept nogil:
    """Fill ``scan``. GSM-7 is tried first; from the first character outside it only UCS-2 is left to count."""
    cdef Py_ssize_t index = 0, start = 0, stop, total = 0
    cdef uint8_t cost, seen, entry
    scan.gsm7 = True
    scan.outside = -1
    scan.surrogate = -1
    if unit_t is uint8_t:
        # In blocks, so that the inner loop is free of branches: a cost of 4 marks a character outside the alphabet.
        while start < length:
            stop = start + 64 if length - start > 64 else length
            seen = 0
            for index in range(start, stop):
                cost = GSM7_LATIN_COST[text[index]]
                seen |= cost
                total += cost
            if seen & 4:
                while GSM7_LATIN_COST[text[start]] != 4:  # ends: the block has one
                    start += 1
                scan.gsm7 = False
                scan.outside = start
                total = length
                break
            start = stop
    else:
        while index < length:
            entry = gsm7_entry(text[index])
            if entry == GSM7_OUTSIDE:
                scan.gsm7 = False
                scan.outside = index
                break
            total += 1 + (entry >> 7)
            index += 1
        if not scan.gsm7:
            total = index
            for index in range(index, length):
                if is_surrogate(text[index]):
                    scan.surrogate = index
                    break
                total += ucs2_cost(text[index])
    scan.unit_count = total


cdef int scan_text(object text, Scan* scan) except -1
