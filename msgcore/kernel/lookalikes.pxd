# What ``to_gsm7`` would write, without a Python object: the same table, as far as one character at a time decides.

from libc.stdint cimport uint16_t

from msgcore.kernel.texts cimport Text


cdef enum Replacing:
    REPLACED
    OUT_OF_REACH            # the text stays in UCS-2
    UNDECIDED               # Unicode composition may change the answer


cdef Replacing replace_lookalikes(
    const Text* text, Py_ssize_t outside, uint16_t* units, Py_ssize_t* length
) noexcept nogil
