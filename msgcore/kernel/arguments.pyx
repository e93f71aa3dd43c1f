"""What callers give, checked in one place: whole numbers, times, octets, septets.

Left to themselves, conversions to C cut a float down to a whole number, raise OverflowError for a large one, and read
an array of 32-bit numbers as four octets each. Here each of these is an error that names the field.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_CheckExact
from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_AsDouble, PyFloat_CheckExact
from cpython.number cimport PyIndex_Check, PyNumber_Index
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t

from msgcore.errors import EncodingError

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    Py_ssize_t PY_SSIZE_T_MIN
    Py_ssize_t PyNumber_AsSsize_t(object value, PyObject* overflow) except? -1  # NULL: the nearest that fits


cdef int _check_index(object value, str field) except -1:
    if not PyIndex_Check(value):
        raise TypeError(f"{field} must be an int, not {type(value).__name__}")
    return 0


def integer(value, str field not None):
    """Return the ``int`` of whatever counts as one, as ``operator.index`` does; ``field`` is for the error.

    >>> integer(True, "total")
    1
    """
    _check_index(value, field)
    return PyNumber_Index(value)


cdef Py_ssize_t whole_number(object value, str field, str bounds="within 63 bits") except? -1:
    """Return a number that is to be compared with a bound; one that no bound here reaches is refused at once."""
    cdef Py_ssize_t found
    _check_index(value, field)
    found = PyNumber_AsSsize_t(value, NULL)  # what is larger becomes one of the two ends
    if found == PY_SSIZE_T_MAX or found == PY_SSIZE_T_MIN:
        # It is not printed: it may have a million digits.
        raise ValueError(f"{field} must be {bounds}, not beyond all bounds")
    return found


cdef double seconds(object value, str field) except? -1.0:
    """Return a time; whether it is finite is for the caller to say."""
    if PyFloat_CheckExact(value):
        return PyFloat_AS_DOUBLE(value)
    try:
        return PyFloat_AsDouble(value)
    except TypeError:
        raise TypeError(f"{field} must be a number of seconds, not {type(value).__name__}") from None
    except OverflowError:
        raise ValueError(f"{field} must be a finite number of seconds, what came is larger than any") from None


cdef int open_octets(object given, Py_buffer* view) except -1:
    """Open a buffer whose items are octets; the caller releases it."""
    PyObject_GetBuffer(given, view, PyBUF_SIMPLE)
    if view.itemsize != 1:  # PyBUF_SIMPLE: the buffer is given as octets, but this says what its items are
        size = view.itemsize
        PyBuffer_Release(view)
        raise TypeError(f"expected a buffer of octets, got {type(given).__name__} with items of {size} octets")
    return 0


cdef bytes as_octets(object given):
    """Return the octets of anything that has a buffer of them."""
    if PyBytes_CheckExact(given):
        return given
    view = memoryview(given)  # not bytes(): of a number that would be as many zeros
    if view.itemsize != 1:
        raise TypeError(f"expected a buffer of octets, got {type(given).__name__} with items of {view.itemsize} octets")
    return view.tobytes()


cdef int check_septets(const uint8_t* septets, Py_ssize_t count) except -1:
    """Refuse a byte that is no septet, with its index."""
    cdef Py_ssize_t index
    for index in range(count):
        if septets[index] > 127:
            raise EncodingError(index, chr(septets[index]), "expected a septet, 0 to 127")
    return 0


cdef int refuse_second_init(object record, bint made) except -1:
    """Keep a record as it was made: it may be a key of a dictionary by now."""
    if made:
        raise TypeError(f"{type(record).__name__} is made already and does not change")
    return 0
