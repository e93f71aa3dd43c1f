"""Texts in national language tables.

3GPP TS 23.038, 6.2.1.2: a *locking shift* table stands in for the default alphabet, a *single shift* table for its
extension table; a message may name one of each, of different languages too (annex C.3). A character of the locking
table takes one septet, one of the single shift table two, the escape and its code.

How this works. What a text takes depends on the locking table alone: a character that is not in it takes two septets
whichever single shift table has it. So one walk over the text counts, for each locking table, the characters it lacks,
and keeps the single shift tables that have all of those.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_2BYTE_KIND, PyUnicode_FromKindAndData
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.scanning cimport Scan, view_and_scan
from msgcore.kernel.texts cimport character_at

from msgcore.errors import EncodingError

cdef enum:
    REPLACEMENT = 0xFFFD  # for a code that a table leaves empty


cdef void _survey(const unit_t* text, Py_ssize_t length, uint16_t allowed, Survey* survey) noexcept nogil:
    """Fill ``survey``; ``allowed`` has a bit for each table that may be used, bit 0 for the default ones."""
    cdef Py_ssize_t index
    cdef int slot, table
    cdef uint16_t lacking
    survey.locking = allowed & NATIONAL_LOCKING_TABLES
    for table in range(TABLES):
        survey.single[table] = allowed
        survey.escaped[table] = 0
    for index in range(length):
        slot = slot_of(text[index])
        lacking = survey.locking & ~NATIONAL_LOCKING_MASK[slot]
        table = 0
        while lacking:
            if lacking & 1:
                survey.escaped[table] += 1
                survey.single[table] &= NATIONAL_SINGLE_MASK[slot]
                if survey.single[table] == 0:
                    survey.locking &= ~(<uint16_t>1 << table)
            lacking >>= 1
            table += 1
        if survey.locking == 0:
            return


cdef void survey_text(const Text* text, uint16_t allowed, Survey* survey) noexcept nogil:
    """Survey a text that has been scanned."""
    if text.kind == 1:
        _survey(<const uint8_t*>text.data, text.length, allowed, survey)
    elif text.kind == 2:
        _survey(<const uint16_t*>text.data, text.length, allowed, survey)
    else:
        _survey(<const uint32_t*>text.data, text.length, allowed, survey)


cdef void _costs(const unit_t* text, Py_ssize_t length, int locking, uint8_t* costs) noexcept nogil:
    cdef Py_ssize_t index
    for index in range(length):
        costs[index] = 2 - (NATIONAL_LOCKING_MASK[slot_of(text[index])] >> locking & 1)


cdef void write_costs(const Text* text, int locking, uint8_t* costs) noexcept nogil:
    """Write the septets of each character, for a text that the survey found to be carried by ``locking``."""
    if text.kind == 1:
        _costs(<const uint8_t*>text.data, text.length, locking, costs)
    elif text.kind == 2:
        _costs(<const uint16_t*>text.data, text.length, locking, costs)
    else:
        _costs(<const uint32_t*>text.data, text.length, locking, costs)


cdef uint16_t _locking_character(uint8_t septet, int locking) noexcept nogil:
    """Return a character of the locking table; an escape reads as a space, an empty code as U+FFFD."""
    cdef uint16_t character
    if septet == GSM7_ESCAPE:
        return 0x20
    character = NATIONAL_LOCKING[locking * 128 + septet]
    return REPLACEMENT if character == NATIONAL_NOTHING else character


cdef Py_ssize_t _decode(
    const uint8_t* septets, Py_ssize_t count, const Shifts* shifts, uint16_t* text
) noexcept nogil:
    """Write at most ``count`` characters and return how many."""
    cdef Py_ssize_t index = 0, written = 0
    cdef uint16_t character
    while index < count:
        if septets[index] == GSM7_ESCAPE and index + 1 < count:
            index += 1
            character = NATIONAL_SINGLE[shifts.single * 128 + septets[index]]
            if character == NATIONAL_NOTHING:
                character = _locking_character(septets[index], shifts.locking)
        else:
            character = _locking_character(septets[index], shifts.locking)
        text[written] = character
        written += 1
        index += 1
    return written


cdef str decode_shifted(const uint8_t* septets, Py_ssize_t count, const Shifts* shifts):
    """Return the text of septets that are known to be below 128, under languages that are 0 to 13."""
    cdef uint16_t* text = <uint16_t*>PyMem_Malloc((count + 1) * sizeof(uint16_t))
    if text == NULL:
        raise MemoryError
    try:
        return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, text, _decode(septets, count, shifts, text))
    finally:
        PyMem_Free(text)


cdef Py_ssize_t _septet_count(const Text* text, const Shifts* shifts) except -1:
    """Return how many septets the tables take for ``text``; raise where neither has a character."""
    cdef Py_ssize_t index, total = 0
    cdef int slot
    for index in range(text.length):
        slot = slot_of(character_at(text, index))
        if NATIONAL_LOCKING_MASK[slot] >> shifts.locking & 1:
            total += 1
        elif NATIONAL_SINGLE_MASK[slot] >> shifts.single & 1:
            total += 2
        else:
            raise EncodingError(
                index, chr(character_at(text, index)), "expected a character of the national language tables"
            )
    return total


def encode_national(text, int single_shift, int locking_shift):
    r"""Return the septets of ``text`` under the tables of two languages, one to a byte; 0 for the default ones.

    >>> encode_national("şı", 1, 0).hex(" "), encode_national("[ı", 0, 1).hex(" ")
    ('1b 73 1b 69', '1b 3c 07')

    A character that both tables have takes one septet. The languages have such tables: who calls has checked it.

    Raises:
        EncodingError: a character is in neither table; ``position`` is its index.
    """
    cdef Text view
    cdef Scan scan
    cdef Shifts shifts
    cdef object encoded
    cdef uint8_t* septets
    view_and_scan(text, &view, &scan)  # refuses what is no text
    if not (0 <= single_shift <= LANGUAGES and 0 <= locking_shift <= LANGUAGES):
        raise ValueError(f"a language is 0 to {LANGUAGES}, not {single_shift} and {locking_shift}")
    shifts.single = single_shift
    shifts.locking = locking_shift
    encoded = PyBytes_FromStringAndSize(NULL, _septet_count(&view, &shifts))
    septets = <uint8_t*>PyBytes_AS_STRING(encoded)
    # Inside: exactly the septets that were counted.
    if view.kind == 1:
        encode_national_into(<const uint8_t*>view.data, 0, view.length, &shifts, septets)
    elif view.kind == 2:
        encode_national_into(<const uint16_t*>view.data, 0, view.length, &shifts, septets)
    else:
        encode_national_into(<const uint32_t*>view.data, 0, view.length, &shifts, septets)
    return encoded


def decode_national(septets, int single_shift, int locking_shift):
    r"""Return the text of unpacked septets under the tables of two languages; 0 for the default ones.

    >>> decode_national(b"\x1b\x73\x07", 1, 0), decode_national(b"\x1b\x65\x07", 0, 1)
    ('şì', '€ı')

    A language that has no such table reads as 0 does (3GPP TS 23.038, 6.2.1.2.1: a receiver ignores what it does not
    support). A code that the single shift table does not have reads as the character of the locking table; two
    escapes, and an escape at the end, read as a space (6.2.1.2.2). A code that a locking table leaves empty has no
    meaning in the standard: it reads as U+FFFD.

    Raises:
        EncodingError: a byte is above 127; ``position`` is its index.
    """
    cdef Py_buffer view
    cdef Shifts shifts
    cdef const uint8_t* source
    cdef Py_ssize_t index
    # Spanish has the default alphabet in the table of locking shifts.
    shifts.single = single_shift if 0 <= single_shift <= LANGUAGES else 0
    shifts.locking = locking_shift if 0 <= locking_shift <= LANGUAGES else 0
    PyObject_GetBuffer(septets, &view, PyBUF_SIMPLE)
    try:
        source = <const uint8_t*>view.buf
        for index in range(view.len):
            if source[index] > 127:
                raise EncodingError(index, chr(source[index]), "expected a septet, 0 to 127")
        return decode_shifted(source, view.len, &shifts)
    finally:
        PyBuffer_Release(&view)
