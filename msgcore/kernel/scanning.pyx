"""Which alphabet carries a text, and what stands in the way of GSM-7.

3GPP TS 23.038, 6.2.1 and 6.2.1.1: a text is GSM-7 when every character stands in the default alphabet (one septet) or
in its extension table (two: the escape and its code). NUL and ESC stand in neither. Otherwise it is UCS-2 as a whole
(6.2.3), which networks and handsets read as UTF-16, so that a character beyond the basic plane takes two code units.

The loops over characters are in ``scan.h``.
"""

from msgcore.kernel.texts cimport character_at, view_text

from msgcore.errors import EncodingError
from msgcore.tables.alphabets import Alphabet

cdef extern from "scan.h" nogil:
    bint use_vectors
    bint has_vectors()
    size_t ascii_gsm7_run(const uint8_t* octets, size_t length, size_t* escaped)
    size_t gsm7_run_1(const uint8_t* text, size_t length, size_t* escaped)
    size_t gsm7_run_2(const uint16_t* text, size_t length, size_t* escaped)
    size_t gsm7_run_4(const uint32_t* text, size_t length, size_t* escaped)
    size_t surrogate_2(const uint16_t* text, size_t length)
    size_t surrogate_4(const uint32_t* text, size_t length, size_t* beyond)
    size_t ascii_run(const uint8_t* octets, size_t length)
    uint8_t highest(const uint8_t* octets, size_t length)
    size_t widen_1(const uint8_t* octets, size_t length, uint8_t* units)
    size_t widen_2(const uint8_t* octets, size_t length, uint16_t* units)
    size_t widen_4(const uint8_t* octets, size_t length, uint32_t* units)

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2

use_vectors = has_vectors()


cdef inline size_t _gsm7_run(const Text* text, size_t* escaped) noexcept nogil:
    if text.kind == 1:
        return gsm7_run_1(<const uint8_t*>text.data, text.length, escaped)
    if text.kind == 2:
        return gsm7_run_2(<const uint16_t*>text.data, text.length, escaped)
    return gsm7_run_4(<const uint32_t*>text.data, text.length, escaped)


cdef inline size_t _surrogate_from(const Text* text, size_t start, size_t* beyond) noexcept nogil:
    """Return the index of the first surrogate from ``start`` on, and count what lies beyond the basic plane."""
    if text.kind == 1:
        return text.length
    if text.kind == 2:
        return start + surrogate_2(<const uint16_t*>text.data + start, text.length - start)
    return start + surrogate_4(<const uint32_t*>text.data + start, text.length - start, beyond)


cdef void scan_text(const Text* text, Scan* scan) noexcept nogil:
    """Fill ``scan``. From the first character outside GSM-7 on, only UCS-2 is left to count."""
    cdef size_t escaped = 0, beyond = 0
    cdef size_t outside = _gsm7_run(text, &escaped), surrogate
    scan.surrogate = -1
    scan.gsm7 = outside == <size_t>text.length
    if scan.gsm7:
        scan.outside = -1
        scan.unit_count = text.length + <Py_ssize_t>escaped
        return
    scan.outside = <Py_ssize_t>outside
    surrogate = _surrogate_from(text, outside, &beyond)  # a surrogate is outside GSM-7, so none stands before
    if surrogate < <size_t>text.length:
        scan.surrogate = <Py_ssize_t>surrogate
    scan.unit_count = text.length + <Py_ssize_t>beyond


cdef Py_ssize_t second_units(const Text* text, bint gsm7) noexcept nogil:
    """Return how many characters of a text that has been scanned take two units."""
    cdef size_t escaped = 0, beyond = 0
    if gsm7:
        _gsm7_run(text, &escaped)
    else:
        _surrogate_from(text, 0, &beyond)
    return <Py_ssize_t>(escaped + beyond)


cdef Py_ssize_t ascii_prefix(const uint8_t* octets, Py_ssize_t length) noexcept nogil:
    """Return how many octets from the start are ASCII."""
    return <Py_ssize_t>ascii_run(octets, length)


cdef uint8_t highest_octet(const uint8_t* octets, Py_ssize_t length) noexcept nogil:
    return highest(octets, length)


cdef Py_ssize_t widen_ascii(const uint8_t* octets, Py_ssize_t length, int kind, void* units) noexcept nogil:
    """Write the ASCII that ``octets`` begin with as characters of ``kind`` and return how many there are.

    What comes after them in ``units``, which has room for ``length``, may be written to as well.
    """
    if kind == 1:
        return <Py_ssize_t>widen_1(octets, length, <uint8_t*>units)
    if kind == 2:
        return <Py_ssize_t>widen_2(octets, length, <uint16_t*>units)
    return <Py_ssize_t>widen_4(octets, length, <uint32_t*>units)


cdef Py_ssize_t ascii_gsm7_prefix(const uint8_t* octets, Py_ssize_t length, Py_ssize_t* unit_count) noexcept nogil:
    """Return how many octets from the start are ASCII and in GSM-7; the septets they take go to ``unit_count``."""
    cdef size_t escaped = 0
    cdef Py_ssize_t run = <Py_ssize_t>ascii_gsm7_run(octets, length, &escaped)
    unit_count[0] = run + <Py_ssize_t>escaped
    return run


cdef int raise_surrogate(const Text* text, Py_ssize_t position) except -1:
    raise EncodingError(
        position, chr(character_at(text, position)), "expected a whole character, not half of a surrogate pair"
    )


cdef int view_and_scan(object string, Text* text, Scan* scan) except -1:
    """Scan any ``str``; raise where it has no encoding at all."""
    view_text(string, text)
    scan_text(text, scan)
    if scan.surrogate >= 0:
        raise_surrogate(text, scan.surrogate)
    return 0


def detect(text):
    """Tell which alphabet carries ``text``: GSM-7 where every character fits, else UCS-2 for the whole of it.

    >>> detect("10 € off at José's"), detect("10 € off – today")
    (<Alphabet.GSM7: 'GSM-7'>, <Alphabet.UCS2: 'UCS-2'>)

    The empty text is GSM-7. A lone surrogate is no text: EncodingError says where.
    Source: 3GPP TS 23.038, 6.2.1, 6.2.1.1 and 6.2.3.
    """
    cdef Text view
    cdef Scan scan
    view_and_scan(text, &view, &scan)
    return GSM7 if scan.gsm7 else UCS2


def positions_outside_gsm7(text):
    """Return the index of every character of ``text`` that is not in GSM-7.

    >>> positions_outside_gsm7("“ça”")
    [0, 1, 3]
    """
    cdef Text view
    cdef Scan scan
    cdef Py_ssize_t index
    view_and_scan(text, &view, &scan)
    if scan.gsm7:
        return []
    return [
        index
        for index in range(scan.outside, view.length)
        if gsm7_entry(character_at(&view, index)) == GSM7_OUTSIDE
    ]


def scan_units(text):
    """Return the units of ``text``, and the indices of what is outside GSM-7 and of a lone surrogate, -1 for none.

    >>> scan_units("10 €"), scan_units("10 – 12"), scan_units("😀 \\ud83d")
    ((5, -1, -1), (7, 3, -1), (4, 0, 2))

    It raises nothing; where there is a surrogate, the units mean nothing.
    """
    cdef Text view
    cdef Scan scan
    view_text(text, &view)
    scan_text(&view, &scan)
    return scan.unit_count, scan.outside, scan.surrogate


def select_vectors(bint wanted):
    """Scan with vector instructions, if this machine has them, or without; return whether it does now.

    Both give the same answers, and only tests that prove it have a reason to choose.
    """
    global use_vectors
    use_vectors = wanted and has_vectors()
    return bool(use_vectors)
