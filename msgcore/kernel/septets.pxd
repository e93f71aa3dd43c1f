# Septets in and out of octets, and GSM-7 characters into septets: the loops that more than one module runs.

from libc.stdint cimport uint8_t, uint32_t, uint64_t

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


cdef inline Py_ssize_t septet_room(Py_ssize_t octet_count, int fill_bits) noexcept nogil:
    """Return how many septets stand in octets after ``fill_bits``; 0 where not even those fit."""
    return (octet_count * 8 - fill_bits) // 7 if octet_count > 0 else 0


cdef inline void unpack_into(
    const uint8_t* octets, Py_ssize_t octet_count, int fill_bits, Py_ssize_t septet_count, uint8_t* septets
) noexcept nogil:
    """Write ``septet_count`` septets, at most ``septet_room(octet_count, fill_bits)``, one to a byte.

    Eight at a time while eight octets are there to be read at once: with at most six fill bits those hold all 56 bits.
    They are spread in three steps, each halving the run of bits that stand together: 56 to 28, 14, 7.
    """
    cdef Py_ssize_t index = 0, start = 0, bit
    cdef uint64_t bits
    cdef uint32_t window
    cdef const uint8_t* eight
    cdef uint8_t* spread
    while index + 8 <= septet_count and start + 8 <= octet_count:
        eight = octets + start
        spread = septets + index
        # Written out, with pointers of their own: so the compiler makes one load of the eight, and below one store.
        bits = (
            <uint64_t>eight[0] | (<uint64_t>eight[1] << 8) | (<uint64_t>eight[2] << 16) | (<uint64_t>eight[3] << 24)
            | (<uint64_t>eight[4] << 32) | (<uint64_t>eight[5] << 40) | (<uint64_t>eight[6] << 48)
            | (<uint64_t>eight[7] << 56)
        ) >> fill_bits
        bits = (bits & 0x000000000FFFFFFFULL) | ((bits & 0x00FFFFFFF0000000ULL) << 4)
        bits = (bits & 0x00003FFF00003FFFULL) | ((bits & 0x0FFFC0000FFFC000ULL) << 2)
        bits = (bits & 0x007F007F007F007FULL) | ((bits & 0x3F803F803F803F80ULL) << 1)
        spread[0] = bits & 0xFF
        spread[1] = (bits >> 8) & 0xFF
        spread[2] = (bits >> 16) & 0xFF
        spread[3] = (bits >> 24) & 0xFF
        spread[4] = (bits >> 32) & 0xFF
        spread[5] = (bits >> 40) & 0xFF
        spread[6] = (bits >> 48) & 0xFF
        spread[7] = (bits >> 56) & 0xFF
        index += 8
        start += 7
    while index < septet_count:
        bit = index * 7 + fill_bits
        window = octets[bit >> 3]
        if (bit & 7) > 1:  # the septet reaches into the next octet, which is there: the count is within the room
            window |= <uint32_t>octets[(bit >> 3) + 1] << 8
        septets[index] = (window >> (bit & 7)) & 0x7F
        index += 1


cdef str decode_septets(const uint8_t* septets, Py_ssize_t count)
