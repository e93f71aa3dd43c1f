# What stands against sending to a number, judged by the numbering plan without the GIL.

from libc.stdint cimport uint8_t


cdef struct Judgement:
    uint8_t region          # index into REGIONS; 0 for none
    uint8_t refusal         # index into REFUSALS; 0 where it may be sent to
    uint8_t concern         # index into CONCERNS; 0 for none


cdef Judgement judge(const uint8_t* octets, Py_ssize_t length, bint strict) noexcept nogil
cdef Judgement judge_text(object text, bint strict) except *
