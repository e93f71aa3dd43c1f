"""Many texts at once, into typed buffers: the loop of ``cuts.pyx`` without a Python object per text."""

import array

cimport cython
from cpython cimport array

from msgcore.kernel.cuts cimport Options, Plan, plan_text, read_options
from msgcore.kernel.texts cimport Text

cdef array.array SHORTS = array.array("H")
cdef array.array INTS = array.array("I")
cdef array.array OCTETS = array.array("B")


@cython.boundscheck(True)  # the length was read before memory was taken, and that can run a finalizer
cdef int _plan_row(list texts, Py_ssize_t row, const Options* options, Plan* plan) except -1:
    cdef Text view
    try:
        plan_text(texts[row], options, &view, plan, NULL)
    except (TypeError, ValueError) as error:
        error.add_note(f"at index {row} of the list")
        raise
    return 0


def count_segments(list texts not None, *, boundary="cluster", reference_bits=8, languages=(), elements=()):
    """Return the segment counts of ``texts`` as an array of 16-bit integers.

    >>> count_segments(["hello", "a" * 161])
    array('H', [1, 2])
    """
    cdef Options options
    cdef Plan plan
    cdef Py_ssize_t row, count = len(texts)
    cdef array.array counts = array.clone(SHORTS, count, zero=False)
    read_options(&options, boundary, reference_bits, languages, elements)
    for row in range(count):
        _plan_row(texts, row, &options, &plan)
        counts.data.as_ushorts[row] = <unsigned short>plan.segment_count  # at most 255, or plan_text had raised
    return counts


def measure(list texts not None, *, boundary="cluster", reference_bits=8, languages=(), elements=()):
    """Return four arrays: 1 where UCS-2, segment counts, unit counts, units left in the last segment.

    >>> measure(["hello", "œuvre"])
    (array('B', [0, 1]), array('H', [1, 1]), array('I', [5, 5]), array('H', [155, 65]))
    """
    cdef Options options
    cdef Plan plan
    cdef Py_ssize_t row, count = len(texts)
    cdef array.array is_ucs2 = array.clone(OCTETS, count, zero=False)
    cdef array.array counts = array.clone(SHORTS, count, zero=False)
    cdef array.array units = array.clone(INTS, count, zero=False)
    cdef array.array left = array.clone(SHORTS, count, zero=False)
    read_options(&options, boundary, reference_bits, languages, elements)
    for row in range(count):
        _plan_row(texts, row, &options, &plan)
        is_ucs2.data.as_uchars[row] = not plan.gsm7
        counts.data.as_ushorts[row] = <unsigned short>plan.segment_count
        units.data.as_uints[row] = <unsigned int>plan.unit_count  # at most 255 segments of 160
        left.data.as_ushorts[row] = <unsigned short>plan.units_left
    return is_ucs2, counts, units, left
