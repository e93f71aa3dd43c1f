# What callers give, checked in one place: whole numbers, times, octets, septets.

from libc.stdint cimport uint8_t


cdef Py_ssize_t whole_number(object value, str field, str bounds=*) except? -1
cdef double seconds(object value, str field) except? -1.0
cdef int open_octets(object given, Py_buffer* view) except -1
cdef bytes as_octets(object given)
cdef int check_septets(const uint8_t* septets, Py_ssize_t count) except -1
cdef int refuse_second_init(object record, bint made) except -1
