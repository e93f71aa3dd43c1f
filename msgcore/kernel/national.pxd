# National languages: which pairs of tables can carry a text, and its characters into their septets and back.

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.scanning cimport GSM7_ESCAPE
from msgcore.kernel.texts cimport Text, unit_t

cdef extern from "languages.h" nogil:
    int NATIONAL_NOTHING
    int NATIONAL_LOCKING_TABLES
    int NATIONAL_SLOT_COUNT
    const uint16_t NATIONAL_LOCKING[]
    const uint16_t NATIONAL_SINGLE[]
    const uint8_t NATIONAL_PAGE[256]
    const uint16_t NATIONAL_SLOTS[]
    const uint16_t NATIONAL_LOCKING_MASK[]
    const uint16_t NATIONAL_SINGLE_MASK[]
    const uint8_t NATIONAL_LOCKING_SEPTET[]
    const uint8_t NATIONAL_SINGLE_SEPTET[]

cdef enum:
    LANGUAGES = 13                # identifiers 1 to 13; 0 stands for the default alphabet or its extension table
    TABLES = LANGUAGES + 1
    SINGLE_SHIFT_ELEMENT = 0x24   # 3GPP TS 23.040, 9.2.3.24.15
    LOCKING_SHIFT_ELEMENT = 0x25  # 9.2.3.24.16
    ELEMENT_OCTETS = 3            # identifier, length, language


cdef struct Shifts:               # the tables of a text: language identifiers
    int single
    int locking


cdef struct Survey:               # a text under every locking table at once
    uint16_t locking              # bit n: with locking table n there is a single shift table for what it lacks
    uint16_t single[TABLES]       # those single shift tables
    Py_ssize_t escaped[TABLES]    # characters that follow an escape


cdef struct Costs:                # what the cuts have to know of a text under one locking table
    const uint8_t* septets        # of each character: 1 or 2
    Py_ssize_t unit_count


cdef void survey_text(const Text* text, uint16_t allowed, Survey* survey) noexcept nogil
cdef void write_costs(const Text* text, int locking, uint8_t* costs) noexcept nogil
cdef str decode_shifted(const uint8_t* septets, Py_ssize_t count, const Shifts* shifts)


cdef inline int national_octets(const Shifts* shifts) noexcept nogil:
    """Return the octets that the elements take in a header."""
    return ELEMENT_OCTETS * ((shifts.single != 0) + (shifts.locking != 0))


cdef inline int slot_of(unit_t character) noexcept nogil:
    """Return the number under which the tables know a character; 0 when none has it."""
    if unit_t is uint32_t:
        if character > 0xFFFF:
            return 0
    return NATIONAL_SLOTS[(<uint32_t>NATIONAL_PAGE[character >> 8] << 8) | (character & 0xFF)]


cdef inline Py_ssize_t encode_national_into(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const Shifts* shifts, uint8_t* septets
) noexcept nogil:
    """Write the septets of characters that these tables hold and return how many."""
    cdef Py_ssize_t index, written = 0
    cdef int slot
    for index in range(start, end):
        slot = slot_of(text[index])
        if NATIONAL_LOCKING_MASK[slot] >> shifts.locking & 1:
            septets[written] = NATIONAL_LOCKING_SEPTET[shifts.locking * NATIONAL_SLOT_COUNT + slot]
        else:
            septets[written] = <uint8_t>GSM7_ESCAPE
            written += 1
            septets[written] = NATIONAL_SINGLE_SEPTET[shifts.single * NATIONAL_SLOT_COUNT + slot]
        written += 1
    return written
