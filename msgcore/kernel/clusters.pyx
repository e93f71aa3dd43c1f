"""Extended grapheme clusters: what a reader takes for one character (Unicode Standard Annex #29, 3.1.1).

The rules stand in ``clusters.pxd``, compiled into whatever cuts text; here is the door to them for Python.
"""

from libc.stdint cimport uint8_t, uint16_t, uint32_t

from msgcore.kernel.texts cimport Text, view_text


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
    cdef Text view
    view_text(text, &view)
    if view.kind == 1:
        return _ends(<const uint8_t*>view.data, view.length)
    if view.kind == 2:
        return _ends(<const uint16_t*>view.data, view.length)
    return _ends(<const uint32_t*>view.data, view.length)
