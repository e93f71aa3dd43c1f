# What the numbering plan says about a number, in one walk over its digits. The tables are compiled once, into
# phone_numbers.pyx; the columns call classify from there.

from libc.stdint cimport uint8_t, uint16_t


cdef struct Verdict:
    uint16_t calling_code  # 0 where it is unknown or the syntax is wrong
    uint8_t code_digits
    uint8_t region         # index into REGIONS; 0 for none
    uint8_t kind           # index into KINDS
    uint8_t status         # index into STATUSES
    uint8_t is_possible    # whether the plan has numbers of this length that can be reached from abroad


cdef Verdict classify(const uint8_t* text, Py_ssize_t length) noexcept nogil
cdef Verdict classify_text(object text) except *
