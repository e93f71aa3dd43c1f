"""TP-UD of a segment, written from a raw text (3GPP TS 23.040, 9.2.3.24).

How this works. When there are several segments, each begins with a user data header that holds an information element
with reference, total and number (9.2.3.24.1 with an 8-bit reference, 9.2.3.24.8 with a 16-bit one). Behind it, and in a
message of one segment too, stand the elements of the national language tables that are used (9.2.3.24.15 and
9.2.3.24.16), and those that the caller wants there. GSM-7 text then starts at the next septet border, so fill bits
stand between; UCS-2 text follows at once, big-endian.
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.string cimport memcpy

from msgcore.kernel.cuts cimport fill_bits_after
from msgcore.kernel.headers cimport CONCATENATION_8_BIT, CONCATENATION_16_BIT
from msgcore.kernel.national cimport (
    ELEMENT_OCTETS, LOCKING_SHIFT_ELEMENT, SINGLE_SHIFT_ELEMENT, Shifts, encode_national_into,
)
from msgcore.kernel.options cimport concatenation_octets, header_size
from msgcore.kernel.septets cimport encode_into, pack_into, packed_size
from msgcore.kernel.texts cimport unit_t

cdef enum:
    SEPTETS = 160  # in 140 octets


cdef inline void _write_concatenation(
    uint8_t* element, const Options* options, int reference, int total
) noexcept nogil:
    """Write the element but for the segment's number, its last octet."""
    if options.reference_bits == 8:
        element[0] = CONCATENATION_8_BIT
        element[1] = 3
        element[2] = reference
        element[3] = total
    else:
        element[0] = CONCATENATION_16_BIT
        element[1] = 4
        element[2] = reference >> 8
        element[3] = reference & 0xFF
        element[4] = total


cdef inline void _write_shift(uint8_t* element, int identifier, int language) noexcept nogil:
    element[0] = identifier
    element[1] = 1
    element[2] = language


cdef int write_header(uint8_t* header, const Options* options, const Plan* plan, int reference) noexcept nogil:
    """Write what all segments share and return the octets, 0 where there is no header.

    The concatenation stands first, where most handsets write it and some receivers alone look for it. Of several
    segments the number, its last octet, is left open.
    """
    cdef int octets = header_size(options, &plan.shifts, plan.segment_count > 1)
    cdef uint8_t* element = header + 1
    if octets == 0:
        return 0
    header[0] = octets - 1  # UDHL does not count itself
    if plan.segment_count > 1:
        _write_concatenation(element, options, reference, <int>plan.segment_count)
        element += concatenation_octets(options)
    if plan.shifts.single:
        _write_shift(element, SINGLE_SHIFT_ELEMENT, plan.shifts.single)
        element += ELEMENT_OCTETS
    if plan.shifts.locking:
        _write_shift(element, LOCKING_SHIFT_ELEMENT, plan.shifts.locking)
        element += ELEMENT_OCTETS
    memcpy(element, options.elements, options.element_octets)
    return octets


cdef inline void _write_ucs2(const unit_t* text, Py_ssize_t start, Py_ssize_t end, uint8_t* octets) noexcept nogil:
    cdef Py_ssize_t index, written = 0
    cdef uint32_t character, high
    for index in range(start, end):
        character = text[index]
        if unit_t is uint32_t:
            if character > 0xFFFF:
                character -= 0x10000
                high = 0xD800 | (character >> 10)
                octets[written] = high >> 8
                octets[written + 1] = high & 0xFF
                written += 2
                character = 0xDC00 | (character & 0x3FF)
        octets[written] = character >> 8
        octets[written + 1] = character & 0xFF
        written += 2


cdef inline void _write_gsm7(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const Shifts* shifts, int fill_bits, uint8_t* octets
) noexcept nogil:
    cdef uint8_t septets[SEPTETS]  # inside: a cut holds at most the capacity of a segment
    cdef Py_ssize_t count
    if shifts.single or shifts.locking:
        count = encode_national_into(text, start, end, shifts, septets)
    else:
        count = encode_into(text, start, end, septets)
    pack_into(septets, count, fill_bits, octets)


cdef inline void _write_text(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const Plan* plan, int fill_bits, uint8_t* octets
) noexcept nogil:
    if plan.gsm7:
        _write_gsm7(text, start, end, &plan.shifts, fill_bits, octets)
    else:
        _write_ucs2(text, start, end, octets)


cdef int user_data_octets(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil:
    """Return the octets of TP-UD."""
    if plan.gsm7:
        return header_octets + <int>packed_size(cut.unit_count, fill_bits_after(header_octets))
    return header_octets + <int>cut.unit_count * 2


cdef int user_data_length_field(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil:
    """Return TP-UDL: septets for GSM-7, the header and its fill bits rounded up to whole ones; octets for UCS-2."""
    if plan.gsm7:
        return (header_octets * 8 + fill_bits_after(header_octets)) // 7 + <int>cut.unit_count
    return header_octets + <int>cut.unit_count * 2


cdef void write_user_data(
    const Text* text,
    Py_ssize_t start,
    const Cut* cut,
    int number,
    const Plan* plan,
    const uint8_t* header,
    int header_octets,
    uint8_t* octets,
) noexcept nogil:
    """Write TP-UD of the segment from ``start`` to its cut; there is room for ``user_data_octets``."""
    cdef int fill_bits = fill_bits_after(header_octets) if plan.gsm7 else 0
    if header_octets:
        memcpy(octets, header, header_octets)
        if plan.segment_count > 1:
            octets[2 + header[2]] = number  # behind UDHL, identifier and length of the first element
    octets += header_octets
    if text.kind == 1:
        _write_text(<const uint8_t*>text.data, start, cut.end, plan, fill_bits, octets)
    elif text.kind == 2:
        _write_text(<const uint16_t*>text.data, start, cut.end, plan, fill_bits, octets)
    else:
        _write_text(<const uint32_t*>text.data, start, cut.end, plan, fill_bits, octets)
