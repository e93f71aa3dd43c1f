# Septets in and out of octets, and GSM-7 characters into septets: the loops that more than one module runs.

from libc.stdint cimport uint8_t, uint64_t

from msgcore.kernel.scanning cimport GSM7_AFTER_ESCAPE, GSM7_ESCAPE, gsm7_entry
from msgcore.kernel.texts cimport unit_t


cdef inline Py_ssize_t packed_size(Py_ssize_t septet_count, int fill_bits) noexcept nogil:
    """Return the octets that hold ``septet_count`` septets after ``fill_bits``."""
    return (septet_count * 7 + fill_bits + 7) // 8


cdef inline void pack_into(const uint8_t* septets, Py_ssize_t count, int fill_bits, uint8_t* octets) noexcept nogil:
    """Write ``packed_size(count, fill_bits)`` octets: the first septet's low bit is the lowest free bit.

    3GPP TS 23.038, 6.1.2.1.1; the fill bits that bring text after a header to a septet border: TS 23.040, 9.2.3.24.
    """
    cdef Py_ssize_t index = 0, written = 0
    cdef uint64_t bits = 0
    cdef int held = fill_bits  # bits in ``bits`` that are not written yet: under 8 here, and again after each turn
    while index + 8 <= count:  # eight septets are seven octets, so ``held`` stays as it is
        bits |= (
            (<uint64_t>septets[index] | (<uint64_t>septets[index + 1] << 7)
             | (<uint64_t>septets[index + 2] << 14) | (<uint64_t>septets[index + 3] << 21)
             | (<uint64_t>septets[index + 4] << 28) | (<uint64_t>septets[index + 5] << 35)
             | (<uint64_t>septets[index + 6] << 42) | (<uint64_t>septets[index + 7] << 49)) << held
        )
        for _ in range(7):
            octets[written] = bits & 0xFF
            bits >>= 8
            written += 1
        index += 8
    while index < count:
        bits |= <uint64_t>septets[index] << held
        held += 7
        index += 1
        if held >= 8:
            octets[written] = bits & 0xFF
            bits >>= 8
            held -= 8
            written += 1
    if held > 0:  # zero bits fill the last octet
        octets[written] = bits & 0xFF


cdef inline Py_ssize_t encode_into(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, uint8_t* septets
) noexcept nogil:
    """Write the septets of GSM-7 characters and return how many; the caller's scan says how many there will be."""
    cdef Py_ssize_t index, written = 0
    cdef uint8_t entry
    for index in range(start, end):
        entry = gsm7_entry(text[index])
        if entry >= GSM7_AFTER_ESCAPE:
            septets[written] = <uint8_t>GSM7_ESCAPE
            written += 1
        septets[written] = entry & 0x7F
        written += 1
    return written
