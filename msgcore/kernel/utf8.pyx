"""Texts that come as UTF-8, made readable like any other.

How this works. ASCII is what it says: octets of one character each, read where they stand. Anything else is written out
as a string would be, one, two or four octets a character as the highest of them needs, in a workspace that the next
text uses again. What is not UTF-8 is refused: a sequence that is cut off, longer than it need be, a surrogate, or
beyond U+10FFFF (The Unicode Standard, table 3-7, well-formed UTF-8 byte sequences).
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport free, realloc

from msgcore.kernel.scanning cimport ascii_prefix, highest_octet, widen_ascii
from msgcore.kernel.texts cimport unit_t


cdef inline int _sequence(const uint8_t* octets, Py_ssize_t left, uint32_t* character) noexcept nogil:
    """Read a character that is not ASCII; return its octets, 0 where none is well-formed."""
    cdef uint32_t lead = octets[0], point
    if lead < 0xC2 or lead > 0xF4:  # a continuation, an overlong pair, or beyond U+10FFFF
        return 0
    if left < 2 or octets[1] & 0xC0 != 0x80:
        return 0
    if lead < 0xE0:
        character[0] = (lead & 0x1F) << 6 | octets[1] & 0x3F
        return 2
    if left < 3 or octets[2] & 0xC0 != 0x80:
        return 0
    if lead < 0xF0:
        point = (lead & 0x0F) << 12 | (octets[1] & 0x3F) << 6 | octets[2] & 0x3F
        character[0] = point
        return 0 if point < 0x800 or 0xD800 <= point <= 0xDFFF else 3
    if left < 4 or octets[3] & 0xC0 != 0x80:
        return 0
    point = (lead & 0x07) << 18 | (octets[1] & 0x3F) << 12 | (octets[2] & 0x3F) << 6 | octets[3] & 0x3F
    character[0] = point
    return 4 if 0x10000 <= point <= 0x10FFFF else 0


cdef Py_ssize_t _widen(
    const uint8_t* octets, Py_ssize_t length, unit_t* units, Py_ssize_t* written
) noexcept nogil:
    """Write the characters, which are known to fit, and return UTF8_FINE, or the offset of what is not UTF-8.

    ``units`` has room for a character an octet, and no more are ever written than octets were read.
    """
    cdef Py_ssize_t index = 0, count = 0, run
    cdef uint32_t character = 0
    cdef int taken
    while True:
        run = widen_ascii(octets + index, length - index, sizeof(unit_t), units + count)
        index += run
        count += run
        if index == length:
            break
        while index < length and octets[index] >= 0x80:
            taken = _sequence(octets + index, length - index, &character)
            if taken == 0:
                return index
            units[count] = <unit_t>character
            index += taken
            count += 1
    written[0] = count
    return UTF8_FINE


cdef bint _has_room(Workspace* workspace, size_t octet_count) noexcept nogil:
    cdef void* units
    if octet_count <= workspace.octet_count:
        return True
    octet_count += octet_count // 2
    units = realloc(workspace.units, octet_count)
    if units == NULL:
        return False
    workspace.units = units
    workspace.octet_count = octet_count
    return True


cdef Py_ssize_t read_utf8(const uint8_t* octets, Py_ssize_t length, Workspace* workspace, Text* text) noexcept nogil:
    """Make ``text`` show the characters of ``octets``; return UTF8_FINE, or the offset of what is not UTF-8.

    It shows into ``octets`` or into ``workspace``: until either changes. UTF8_NO_MEMORY where there is none.
    """
    cdef Py_ssize_t ascii_count = ascii_prefix(octets, length)
    cdef uint8_t highest
    text.kind = 1
    text.length = length
    text.data = octets
    if ascii_count == length:
        return UTF8_FINE
    # What leads a character tells how high it is: up to U+00FF, in the basic plane, or beyond.
    highest = highest_octet(octets + ascii_count, length - ascii_count)
    text.kind = 1 if highest < 0xC4 else 2 if highest < 0xF0 else 4
    if not _has_room(workspace, <size_t>length * text.kind):
        return UTF8_NO_MEMORY
    text.data = workspace.units
    if text.kind == 1:
        return _widen(octets, length, <uint8_t*>workspace.units, &text.length)
    if text.kind == 2:
        return _widen(octets, length, <uint16_t*>workspace.units, &text.length)
    return _widen(octets, length, <uint32_t*>workspace.units, &text.length)


cdef void free_workspace(Workspace* workspace) noexcept nogil:
    free(workspace.units)
    workspace.units = NULL
    workspace.octet_count = 0
