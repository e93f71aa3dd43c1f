# User data headers: what other kernel modules read of them without a Python object in between.

cimport cython
from libc.stdint cimport uint8_t

from msgcore.kernel.national cimport Shifts

cdef enum:
    MAX_USER_DATA_OCTETS = 140  # 3GPP TS 23.040, 9.2.3.24: what one short message carries, header included
    CONCATENATION_8_BIT = 0x00  # information element identifiers: 9.2.3.24, table
    CONCATENATION_16_BIT = 0x08


cdef struct Meaning:            # what the elements of a header say; of each kind the last valid one counts
    int reference
    int reference_bits
    int total                   # 0: no concatenation
    int number
    Shifts shifts


@cython.final
cdef class InformationElement:
    cdef readonly int identifier
    cdef readonly bytes data


@cython.final
cdef class UserDataHeader:
    cdef bytes octets           # from UDHL on; equal octets are equal elements, and the other way round
    cdef tuple read_elements    # None until somebody asks for them
    cdef Meaning meaning


cdef UserDataHeader read_header(const uint8_t* octets, Py_ssize_t octet_count)
cdef bytes as_octets(object given)
