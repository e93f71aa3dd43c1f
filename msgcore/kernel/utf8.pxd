# Texts that come as UTF-8, read without a Python object.

from libc.stdint cimport uint8_t

from msgcore.kernel.texts cimport Text


cdef struct Workspace:  # where characters stand that had to be widened; starts as zeros, grows, and is used again
    void* units
    size_t octet_count


cdef enum:
    UTF8_FINE = -1
    UTF8_NO_MEMORY = -2


cdef Py_ssize_t read_utf8(const uint8_t* octets, Py_ssize_t length, Workspace* workspace, Text* text) noexcept nogil
cdef void free_workspace(Workspace* workspace) noexcept nogil
