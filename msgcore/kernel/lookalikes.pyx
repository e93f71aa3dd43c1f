"""Look-alikes of GSM-7 characters, replaced in C where the table alone decides.

How this works. ``to_gsm7`` first composes letters and marks (Unicode NFC), then looks up what is left outside GSM-7.
Composition changes nothing where the outsiders are look-alikes of the array here. An outsider that is in no
decomposition of what can be written keeps the text in UCS-2, whatever composition does. Only texts with one of the few
characters in between (a combining acute, an ohm sign) are undecided; the table of these is derived beside the array.
"""

from libc.stdint cimport uint32_t

from msgcore.kernel.scanning cimport GSM7_OUTSIDE, gsm7_entry
from msgcore.kernel.texts cimport character_at

cdef extern from "lookalikes.h" nogil:
    int LOOKALIKE_CHARACTERS_COUNT
    int LOOKALIKE_COMPOSING_COUNT
    const uint16_t LOOKALIKE_CHARACTERS[]
    const uint16_t LOOKALIKE_COMPOSING[]
    const uint16_t LOOKALIKE_STARTS[]
    const uint16_t LOOKALIKE_UNITS[]


cdef inline Py_ssize_t _find(const uint16_t* characters, Py_ssize_t count, uint32_t character) noexcept nogil:
    """Return where ``character`` stands among sorted ones, or -1."""
    cdef Py_ssize_t low = 0, high = count, middle
    while low < high:
        middle = (low + high) // 2
        if characters[middle] < character:
            low = middle + 1
        else:
            high = middle
    return low if low < count and characters[low] == character else -1


cdef Replacing replace_lookalikes(
    const Text* text, Py_ssize_t outside, uint16_t* units, Py_ssize_t* length
) noexcept nogil:
    """Write ``text`` with its outsiders replaced; the first one is at ``outside``.

    ``units`` has room for as many of the longest look-alikes as the text has characters. What is in GSM-7, and every
    look-alike, is in the basic plane.
    """
    cdef Replacing result = REPLACED
    cdef Py_ssize_t index, place, unit, written = 0
    cdef uint32_t character
    for index in range(text.length):
        character = character_at(text, index)
        if index < outside or gsm7_entry(character) != GSM7_OUTSIDE:
            units[written] = <uint16_t>character
            written += 1
            continue
        place = _find(LOOKALIKE_CHARACTERS, LOOKALIKE_CHARACTERS_COUNT, character)
        if place >= 0:
            for unit in range(LOOKALIKE_STARTS[place], LOOKALIKE_STARTS[place + 1]):
                units[written] = LOOKALIKE_UNITS[unit]
                written += 1
        elif _find(LOOKALIKE_COMPOSING, LOOKALIKE_COMPOSING_COUNT, character) >= 0:
            result = UNDECIDED  # unless something further on is out of reach
        else:
            return OUT_OF_REACH
    length[0] = written
    return result
