"""GSM-7 text to septets and back, septets into octets and back.

3GPP TS 23.038, 6.2.1 and 6.2.1.1 for the alphabet, 6.1.2.1.1 for the packing. Unpacked septets stand one to a byte, as
SMPP carries them; packed ones fill the octets from the low bit on, as a TPDU carries them.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_1BYTE_KIND, PyUnicode_2BYTE_KIND, PyUnicode_FromKindAndData
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.scanning cimport GSM7_DEFAULT, GSM7_EXTENSION, Scan, view_and_scan
from msgcore.kernel.texts cimport Text, character_at

from msgcore.errors import EncodingError, UserDataError
from msgcore.kernel.national import decode_national, encode_national
from msgcore.tables.languages import language_identifiers

cdef object NO_LANGUAGES = ()

cdef enum:
    STACK_CHARACTERS = 1024  # six full segments; longer input goes through the heap
    BLOCK = 16               # septets that are looked at together


cdef Py_ssize_t _first_over_127(const uint8_t* septets, Py_ssize_t count) noexcept nogil:
    cdef Py_ssize_t index
    for index in range(count):
        if septets[index] > 127:
            return index
    return -1


cdef int _check_septets(const uint8_t* septets, Py_ssize_t count) except -1:
    cdef Py_ssize_t position = _first_over_127(septets, count)
    if position >= 0:
        raise EncodingError(position, chr(septets[position]), "expected a septet, 0 to 127")
    return 0


cdef int _check_fill_bits(int fill_bits) except -1:
    if not 0 <= fill_bits <= 6:
        raise ValueError(f"fill_bits must be 0 to 6, not {fill_bits}")
    return 0


# The Latin-1 character of a septet that stands for one, else 0: Greek letters and the escape need more than a look.
cdef uint8_t LATIN[128]


cdef void _fill_latin() noexcept:
    cdef int septet
    for septet in range(128):
        LATIN[septet] = GSM7_DEFAULT[septet] if GSM7_DEFAULT[septet] <= 0xFF and septet != GSM7_ESCAPE else 0


_fill_latin()


cdef inline uint8_t _differs_from_ascii(uint8_t septet) noexcept nogil:
    """Return 0 for a septet that stands for the ASCII character of its number; arithmetic alone, to be vectorised."""
    return (
        (septet < 0x20) | (septet == 0x24) | (septet == 0x40) | (<uint8_t>(septet - 0x5B) < 6) | (septet > 0x7A)
    )


cdef bint _are_ascii(const uint8_t* septets, Py_ssize_t count) noexcept nogil:
    """Return whether every septet is the ASCII code of its character."""
    cdef Py_ssize_t index = 0
    cdef int place
    cdef uint8_t differing = 0
    while index + BLOCK <= count and not differing:
        for place in range(BLOCK):
            differing |= _differs_from_ascii(septets[index + place])
        index += BLOCK
    while index < count and not differing:
        differing |= _differs_from_ascii(septets[index])
        index += 1
    return not differing


cdef bint _decode_latin(const uint8_t* septets, Py_ssize_t count, uint8_t* text) noexcept nogil:
    """Write ``count`` characters; return whether all are in ``LATIN``."""
    cdef Py_ssize_t index
    cdef uint8_t character
    for index in range(count):
        character = LATIN[septets[index]]
        if character == 0:
            return False
        text[index] = character
    return True


cdef Py_ssize_t _decode(const uint8_t* septets, Py_ssize_t count, uint16_t* text) noexcept nogil:
    """Write at most ``count`` characters and return how many."""
    cdef Py_ssize_t index = 0, written = 0
    cdef uint16_t character
    while index < count:
        character = GSM7_DEFAULT[septets[index]]  # a final escape reads as the space that the table has there
        if septets[index] == GSM7_ESCAPE and index + 1 < count:
            index += 1
            character = GSM7_EXTENSION[septets[index]]
            if character == 0:  # not in the extension table: the default alphabet's; a second escape is a space
                character = GSM7_DEFAULT[septets[index]]
        text[written] = character
        written += 1
        index += 1
    return written


cdef str decode_septets(const uint8_t* septets, Py_ssize_t count):
    """Return the text of septets that are known to be below 128.

    Nearly all texts are in Latin-1 and never leave one byte; most of those are in ASCII, and nothing is to be changed.
    """
    cdef uint16_t stack[STACK_CHARACTERS]
    cdef uint16_t* text = stack
    if count <= 0 or _are_ascii(septets, count):
        return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, septets, count)
    if count > STACK_CHARACTERS:
        text = <uint16_t*>PyMem_Malloc(count * sizeof(uint16_t))
        if text == NULL:
            raise MemoryError
    try:
        if _decode_latin(septets, count, <uint8_t*>text):
            return PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, text, count)
        return PyUnicode_FromKindAndData(PyUnicode_2BYTE_KIND, text, _decode(septets, count, text))
    finally:
        if text != stack:
            PyMem_Free(text)


def encode_gsm7(text, *, languages=()):
    """Return the septets of ``text``, one to a byte, an extension character as the escape and its code.

    >>> encode_gsm7("10 €").hex(" ")
    '31 30 20 1b 65'
    >>> encode_gsm7("şı", languages=[LanguageTable("turkish", "single")]).hex(" ")
    '1b 73 1b 69'

    ``languages`` are the national language tables to write in, at most one of each shift, as ``.languages`` of a
    segmentation or a user data header holds them; the header has to name them.

    Raises:
        EncodingError: a character is not in GSM-7, or not in these tables; ``position`` is its index.
    """
    cdef Text view
    cdef Scan scan
    if languages is not NO_LANGUAGES:
        single, locking = language_identifiers(languages)
        if single or locking:
            return encode_national(text, single, locking)
    view_and_scan(text, &view, &scan)
    if not scan.gsm7:
        raise EncodingError(
            scan.outside, chr(character_at(&view, scan.outside)), "expected a character of the GSM-7 alphabet"
        )
    cdef object encoded = PyBytes_FromStringAndSize(NULL, scan.unit_count)
    cdef uint8_t* septets = <uint8_t*>PyBytes_AS_STRING(encoded)
    # Inside: the scan counted exactly the septets that these loops write.
    if view.kind == 1:
        encode_into(<const uint8_t*>view.data, 0, view.length, septets)
    elif view.kind == 2:
        encode_into(<const uint16_t*>view.data, 0, view.length, septets)
    else:
        encode_into(<const uint32_t*>view.data, 0, view.length, septets)
    return encoded


def decode_gsm7(septets, *, languages=()):
    r"""Return the text of unpacked septets.

    >>> decode_gsm7(b"\x31\x30\x20\x1b\x65")
    '10 €'
    >>> decode_gsm7(b"\x1b\x73\x1b\x69", languages=[LanguageTable("turkish", "single")])
    'şı'

    ``languages`` are the national language tables it is written in, as ``.languages`` of its header holds them. A code
    that a locking shift table leaves empty reads as U+FFFD.

    A code that the extension table does not have reads as the character of the default alphabet; two escapes, and an
    escape at the end, read as a space (3GPP TS 23.038, 6.2.1.1).

    Raises:
        EncodingError: a byte is above 127; ``position`` is its index.
    """
    cdef Py_buffer view
    if languages is not NO_LANGUAGES:
        single, locking = language_identifiers(languages)
        if single or locking:
            return decode_national(septets, single, locking)
    PyObject_GetBuffer(septets, &view, PyBUF_SIMPLE)
    try:
        _check_septets(<const uint8_t*>view.buf, view.len)
        return decode_septets(<const uint8_t*>view.buf, view.len)
    finally:
        PyBuffer_Release(&view)


def pack_septets(septets, int fill_bits=0):
    """Pack septets, one to a byte, into octets.

    >>> pack_septets(encode_gsm7("hello")).hex(" ")
    'e8 32 9b fd 06'

    ``fill_bits`` zero bits come first: after a user data header, as many as bring the text to a septet border (one
    after the six octets of an 8-bit concatenation header). Source: 3GPP TS 23.038, 6.1.2.1.1.

    Raises:
        EncodingError: a byte is above 127; ``position`` is its index.
    """
    cdef Py_buffer view
    cdef object packed
    _check_fill_bits(fill_bits)
    PyObject_GetBuffer(septets, &view, PyBUF_SIMPLE)
    try:
        _check_septets(<const uint8_t*>view.buf, view.len)
        packed = PyBytes_FromStringAndSize(NULL, packed_size(view.len, fill_bits) if view.len else 0)
        if view.len:
            pack_into(<const uint8_t*>view.buf, view.len, fill_bits, <uint8_t*>PyBytes_AS_STRING(packed))
        return packed
    finally:
        PyBuffer_Release(&view)


def unpack_septets(octets, Py_ssize_t septet_count, int fill_bits=0):
    r"""Return ``septet_count`` septets, one to a byte, from packed octets.

    >>> decode_gsm7(unpack_septets(bytes.fromhex("e8329bfd06"), 5))
    'hello'

    The count cannot be told from the octets: eight of them hold nine septets, or eight with seven bits to spare that
    would read as ``@``. Octets beyond the last septet are not looked at.

    Raises:
        UserDataError: the octets end before the septets do; ``offset`` is where.
    """
    cdef Py_buffer view
    cdef object unpacked
    _check_fill_bits(fill_bits)
    if septet_count < 0:
        raise ValueError(f"septet_count must not be negative, got {septet_count}")
    PyObject_GetBuffer(octets, &view, PyBUF_SIMPLE)
    try:
        # Compared without multiplying the count: it may be anything.
        if septet_count > septet_room(view.len, fill_bits):
            raise UserDataError("user_data", view.len, f"expected {septet_count} septets, the octets end before")
        unpacked = PyBytes_FromStringAndSize(NULL, septet_count)
        unpack_into(
            <const uint8_t*>view.buf, view.len, fill_bits, septet_count, <uint8_t*>PyBytes_AS_STRING(unpacked)
        )
        return unpacked
    finally:
        PyBuffer_Release(&view)
