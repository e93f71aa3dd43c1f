# A text as the kernel reads it: characters of one width, wherever they are stored.

from cpython.unicode cimport PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint16_t, uint32_t

ctypedef fused unit_t:  # how PEP 393 stores a string: one width for all of it, the narrowest that fits
    uint8_t
    uint16_t
    uint32_t


cdef struct Text:
    int kind            # octets that a character takes: 1, 2 or 4
    Py_ssize_t length   # characters
    const void* data


cdef inline int view_text(object string, Text* text) except -1:
    """Look into any ``str``; a parameter typed str would refuse subclasses, hence the check by hand."""
    if not PyUnicode_Check(string):
        raise TypeError(f"text must be str, not {type(string).__name__}")
    text.kind = PyUnicode_KIND(string)
    text.length = PyUnicode_GET_LENGTH(string)
    text.data = PyUnicode_DATA(string)
    return 0


cdef inline uint32_t character_at(const Text* text, Py_ssize_t index) noexcept nogil:
    if text.kind == 1:
        return (<const uint8_t*>text.data)[index]
    if text.kind == 2:
        return (<const uint16_t*>text.data)[index]
    return (<const uint32_t*>text.data)[index]
