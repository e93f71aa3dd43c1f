# What a segment carries, written without a Python object.

from libc.stdint cimport uint8_t

from msgcore.kernel.cuts cimport Cut, Plan
from msgcore.kernel.options cimport Options
from msgcore.kernel.texts cimport Text

cdef int write_header(uint8_t* header, const Options* options, const Plan* plan, int reference) noexcept nogil
cdef int user_data_octets(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil
cdef int user_data_length_field(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil
cdef void write_user_data(
    const Text* text,
    Py_ssize_t start,
    const Cut* cut,
    int number,
    const Plan* plan,
    const uint8_t* header,
    int header_octets,
    uint8_t* octets,
) noexcept nogil
