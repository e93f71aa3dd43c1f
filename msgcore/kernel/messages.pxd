# Whole and incomplete messages, as the reassembly fills them in without their constructors.

cimport cython

from msgcore.kernel.headers cimport UserDataHeader


cdef str party(object name, str role)


@cython.final
cdef class ReassembledMessage:
    cdef readonly str sender
    cdef readonly str recipient
    cdef readonly str text
    cdef readonly bytes data
    cdef readonly UserDataHeader header

    cdef tuple _fields(self)


@cython.final
cdef class IncompleteMessage:
    cdef readonly str sender
    cdef readonly str recipient
    cdef readonly int reference
    cdef readonly int reference_bits
    cdef readonly int total
    cdef readonly double first_seen
    cdef readonly tuple segments

    cdef tuple _fields(self)
