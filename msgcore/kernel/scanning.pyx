"""Which alphabet carries a text, and what stands in the way of GSM-7.

3GPP TS 23.038, 6.2.1 and 6.2.1.1: a text is GSM-7 when every character stands in the default alphabet (one septet) or
in its extension table (two: the escape and its code). NUL and ESC stand in neither. Otherwise it is UCS-2 as a whole
(6.2.3), which networks and handsets read as UTF-16, so that a character beyond the basic plane takes two code units.
"""

from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_2BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND,
    PyUnicode_READ_CHAR,
)

from msgcore.errors import EncodingError
from msgcore.tables.alphabets import Alphabet

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2


cdef int scan_text(object text, Scan* scan) except -1:
    """Scan any ``str``; raise where it has no encoding at all."""
    if not PyUnicode_Check(text):  # a parameter typed str would refuse subclasses
        raise TypeError(f"text must be str, not {type(text).__name__}")
    cdef int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
    cdef const void* data = PyUnicode_DATA(text)
    if kind == PyUnicode_1BYTE_KIND:
        scan_units(<const uint8_t*>data, length, scan)
    elif kind == PyUnicode_2BYTE_KIND:
        scan_units(<const uint16_t*>data, length, scan)
    else:
        scan_units(<const uint32_t*>data, length, scan)
    if scan.surrogate >= 0:
        raise_surrogate(text, scan.surrogate)
    return 0


cdef int raise_surrogate(object text, Py_ssize_t position) except -1:
    raise EncodingError(
        position, PyUnicode_READ_CHAR(text, position), "expected a whole character, not half of a surrogate pair"
    )


def detect(text):
    """Tell which alphabet carries ``text``: GSM-7 where every character fits, else UCS-2 for the whole of it.

    >>> detect("10 € off at José's"), detect("10 € off – today")
    (<Alphabet.GSM7: 'GSM-7'>, <Alphabet.UCS2: 'UCS-2'>)

    The empty text is GSM-7. A lone surrogate is no text: EncodingError says where.
    Source: 3GPP TS 23.038, 6.2.1, 6.2.1.1 and 6.2.3.
    """
    cdef Scan scan
    scan_text(text, &scan)
    return GSM7 if scan.gsm7 else UCS2


def positions_outside_gsm7(text):
    """Return the index of every character of ``text`` that is not in GSM-7.

    >>> positions_outside_gsm7("“ça”")
    [0, 1, 3]
    """
    cdef Scan scan
    cdef Py_ssize_t index
    scan_text(text, &scan)
    if scan.gsm7:
        return []
    return [
        index
        for index in range(scan.outside, PyUnicode_GET_LENGTH(text))
        if gsm7_entry(<uint32_t>PyUnicode_READ_CHAR(text, index)) == GSM7_OUTSIDE
    ]
