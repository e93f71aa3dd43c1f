# User data taken apart: what the reassembly reads of it without a Python object in between.

cimport cython
from libc.stdint cimport uint8_t

from msgcore.kernel.headers cimport UserDataHeader


@cython.final
cdef class UserData:
    cdef readonly object alphabet
    cdef readonly bytes units
    cdef readonly UserDataHeader header

    cdef tuple _fields(self)


cdef UserData read_user_data(bytes octets, Py_ssize_t length, object alphabet, bint has_header)
cdef object decode_run(object alphabet, const uint8_t* units, Py_ssize_t count, UserDataHeader header)
cdef int coding_of(UserData data) noexcept
cdef UserDataHeader no_header()
