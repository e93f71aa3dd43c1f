"""Extended grapheme clusters: what a reader takes for one character (Unicode Standard Annex #29, 3.1.1).

The rules stand in ``clusters.pxd``, compiled into whatever cuts text; here is the door to them for Python.
"""

from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_2BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND,
)
from libc.stdint cimport uint8_t, uint16_t, uint32_t


cdef list _ends(const unit_t* text, Py_ssize_t length):
    cdef Py_ssize_t position = 0
    cdef list ends = []
    while position < length:
        position = cluster_end(text, length, position)
        ends.append(position)
    return ends


def cluster_ends(text):
    """Return the index after each grapheme cluster of ``text``, so the last is its length.

    >>> cluster_ends("e\\u0301\\r\\n🇸🇪🇳🇴")
    [2, 4, 6, 8]

    A lone surrogate is a cluster of its own. Source: UAX #29, GB1 to GB999.
    """
    if not PyUnicode_Check(text):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    cdef int kind = PyUnicode_KIND(text)
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(text)
    cdef const void* data = PyUnicode_DATA(text)
    if kind == PyUnicode_1BYTE_KIND:
        return _ends(<const uint8_t*>data, length)
    if kind == PyUnicode_2BYTE_KIND:
        return _ends(<const uint16_t*>data, length)
    return _ends(<const uint32_t*>data, length)
