"""Texts that come as UTF-8, made readable like any other.

How this works. ASCII is what it says: octets of one character each, read where they stand. Anything else is widened to
two octets a character, and once a character beyond the basic plane comes, to four, in a workspace that the next text
uses again. What is not UTF-8 is refused: a sequence that is cut off, longer than it need be, a surrogate, or beyond
U+10FFFF (The Unicode Standard, table 3-7, well-formed UTF-8 byte sequences).
"""

from libc.stdint cimport uint16_t, uint32_t
from libc.stdlib cimport free, realloc

from msgcore.kernel.scanning cimport ascii_prefix
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
    const uint8_t* octets, Py_ssize_t length, Py_ssize_t ascii_count, unit_t* units, Py_ssize_t* written
) noexcept nogil:
    """Write the characters and return UTF8_FINE, or the offset where it had to end.

    ``units`` has room for a character an octet. Two octets a character end at one beyond the basic plane.
    """
    cdef Py_ssize_t index, count = ascii_count
    cdef uint32_t character = 0
    cdef int taken
    for index in range(ascii_count):
        units[index] = octets[index]
    index = ascii_count
    while index < length:
        if octets[index] < 0x80:
            units[count] = octets[index]
            index += 1
        else:
            taken = _sequence(octets + index, length - index, &character)
            if taken == 0:
                return index
            if unit_t is uint16_t:
                if character > 0xFFFF:
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
    cdef Py_ssize_t ascii_count = ascii_prefix(octets, length), fault
    text.kind = 1
    text.length = length
    text.data = octets
    if ascii_count == length:
        return UTF8_FINE
    if not _has_room(workspace, length * sizeof(uint16_t)):
        return UTF8_NO_MEMORY
    fault = _widen(octets, length, ascii_count, <uint16_t*>workspace.units, &text.length)
    if fault >= 0 and octets[fault] >= 0xF0:
        if not _has_room(workspace, length * sizeof(uint32_t)):
            return UTF8_NO_MEMORY
        fault = _widen(octets, length, ascii_count, <uint32_t*>workspace.units, &text.length)
        text.kind = 4
    else:
        text.kind = 2
    text.data = workspace.units
    return fault


cdef void free_workspace(Workspace* workspace) noexcept nogil:
    free(workspace.units)
    workspace.units = NULL
    workspace.octet_count = 0
