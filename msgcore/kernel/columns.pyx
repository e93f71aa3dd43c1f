"""Many texts at once, into typed buffers: the loop of ``cuts.pyx`` without a Python object per text.

How this works. What a row costs is written as plain integers, a buffer each. A list of ``str`` has to be walked under
the GIL; the texts of an Arrow column are read where they stand, and the GIL is released for a block of rows at a time.
Every text has at least one segment, so a segment count of 0 marks a row without an answer, and the bitmaps of an Arrow
result are made from the values at the end.
"""

import array

cimport cython
from cpython cimport array
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t
from libc.string cimport memset

from msgcore.kernel.arrow_results cimport Buffer, bitmap, grow, new_column, new_names
from msgcore.kernel.cuts cimport capacity, raise_fault
from msgcore.kernel.options cimport header_size, read_options
from msgcore.kernel.texts cimport view_text
from msgcore.kernel.utf8 cimport free_workspace

from msgcore.errors import ColumnError
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.generated.languages import IDENTIFIERS

cdef array.array SHORTS = array.array("H")
cdef array.array INTS = array.array("I")
cdef array.array SIGNED_INTS = array.array("i")
cdef array.array OCTETS = array.array("B")

cdef ArrowColumn ALPHABETS = new_names((Alphabet.GSM7.value, Alphabet.UCS2.value))
cdef ArrowColumn LANGUAGES = new_names(tuple(IDENTIFIERS))  # in order of their identifiers, from 1


cdef struct Figures:        # where the figures of a column go; but for the first all NULL where nobody asks for them
    uint16_t* segment_count
    uint8_t* is_ucs2
    uint32_t* unit_count
    uint16_t* units_left
    int32_t* outside
    uint8_t* single_shift
    uint8_t* locking_shift


# --------------------------------------------------------------------------------------------------------- a row


cdef inline void _write_figures(const Figures* figures, Py_ssize_t row, const Plan* plan) noexcept nogil:
    figures.segment_count[row] = <uint16_t>plan.segment_count  # a plan has at most 255 segments of 160 units
    if figures.is_ucs2 != NULL:
        figures.is_ucs2[row] = not plan.gsm7
        figures.unit_count[row] = <uint32_t>plan.unit_count
        figures.units_left[row] = <uint16_t>plan.units_left
        figures.outside[row] = <int32_t>plan.outside
        figures.single_shift[row] = <uint8_t>plan.shifts.single
        figures.locking_shift[row] = <uint8_t>plan.shifts.locking


cdef inline void _write_nothing(const Figures* figures, Py_ssize_t row) noexcept nogil:
    figures.segment_count[row] = 0
    if figures.is_ucs2 != NULL:
        figures.is_ucs2[row] = 0
        figures.unit_count[row] = 0
        figures.units_left[row] = 0
        figures.outside[row] = -1
        figures.single_shift[row] = 0
        figures.locking_shift[row] = 0


cdef int read_options_of_column(
    Reading* reading, object boundary, object reference_bits, object languages, object elements, object errors
) except -1:
    memset(reading, 0, sizeof(reading[0]))
    read_options(&reading.options, boundary, reference_bits, languages, elements)
    if errors != "raise" and errors != "null":
        raise ValueError(f"errors must be 'raise' or 'null', not {errors!r}")
    reading.unfit_is_null = errors == "null"
    reading.room = capacity(header_size(&reading.options, &reading.plan.shifts, False), True)  # the shifts are zeros
    return 0


@cython.boundscheck(True)  # the length was read before memory was taken, and that can run a finalizer
cdef Outcome plan_item(list texts, Py_ssize_t row, Reading* reading, Cut* cuts) except *:
    """Plan a text of a list. What is no text is an error in any case."""
    try:
        view_text(texts[row], &reading.text)
        reading.fault = plan_view(&reading.text, &reading.options, &reading.plan, cuts)
        if reading.fault == NO_FAULT:
            return ROW_PLANNED
        if reading.fault == NO_MEMORY or not reading.unfit_is_null:
            raise_fault(reading.fault, &reading.text, &reading.plan)
    except (TypeError, ValueError) as error:
        error.add_note(f"at index {row} of the list")
        raise
    return ROW_EMPTY


cdef int raise_stop(TextColumn column, Py_ssize_t row, const Reading* reading) except -1:
    """Raise why a row of a column's chunk stopped the loop."""
    if reading.state != ROW_TEXT:
        column.raise_row(reading.state, row)
    row += column.first_row
    if reading.not_utf8 == UTF8_NO_MEMORY:
        raise MemoryError
    if reading.not_utf8 != UTF8_FINE:
        octet = reading.octets.data[reading.not_utf8]
        raise ColumnError(row, f"expected UTF-8, got octet 0x{octet:02x} at offset {reading.not_utf8}")
    try:
        raise_fault(reading.fault, &reading.text, &reading.plan)
    except ValueError as error:
        error.add_note(f"at row {row} of the column")
        raise


# ------------------------------------------------------------------------------------------------------ the lists


cdef int _measure_list(list texts, Reading* reading, const Figures* figures, Py_ssize_t count) except -1:
    cdef Py_ssize_t row
    for row in range(count):
        if plan_item(texts, row, reading, NULL) == ROW_PLANNED:
            _write_figures(figures, row, &reading.plan)
        else:
            _write_nothing(figures, row)
    return 0


def count_segments(
    list texts not None, *, boundary="cluster", reference_bits=8, languages=(), elements=(), errors="raise"
):
    """Return the segment counts of ``texts`` as an array of 16-bit integers.

    >>> count_segments(["hello", "a" * 161])
    array('H', [1, 2])
    """
    cdef Reading reading
    cdef Figures figures
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    memset(&figures, 0, sizeof(figures))
    cdef Py_ssize_t count = len(texts)
    cdef array.array counts = array.clone(SHORTS, count, zero=False)
    figures.segment_count = counts.data.as_ushorts
    _measure_list(texts, &reading, &figures, count)
    return counts


def measure(list texts not None, *, boundary="cluster", reference_bits=8, languages=(), elements=(), errors="raise"):
    """Return seven arrays, in the order of the fields of ``ColumnAnalysis``.

    >>> measure(["hello", "œuvre"])[:4]
    (array('B', [0, 1]), array('H', [1, 1]), array('I', [5, 5]), array('H', [155, 65]))
    """
    cdef Reading reading
    cdef Figures figures
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    cdef Py_ssize_t count = len(texts)
    cdef array.array is_ucs2 = array.clone(OCTETS, count, zero=False)
    cdef array.array counts = array.clone(SHORTS, count, zero=False)
    cdef array.array units = array.clone(INTS, count, zero=False)
    cdef array.array left = array.clone(SHORTS, count, zero=False)
    cdef array.array outside = array.clone(SIGNED_INTS, count, zero=False)
    cdef array.array single = array.clone(OCTETS, count, zero=False)
    cdef array.array locking = array.clone(OCTETS, count, zero=False)
    figures.segment_count = counts.data.as_ushorts
    figures.is_ucs2 = is_ucs2.data.as_uchars
    figures.unit_count = units.data.as_uints
    figures.units_left = left.data.as_ushorts
    figures.outside = <int32_t*>outside.data.as_ints
    figures.single_shift = single.data.as_uchars
    figures.locking_shift = locking.data.as_uchars
    _measure_list(texts, &reading, &figures, count)
    return is_ucs2, counts, units, left, outside, single, locking


# ------------------------------------------------------------------------------------------------ columns of Arrow


cdef Py_ssize_t _measure_block(
    const Chunk* chunk, Py_ssize_t start, Py_ssize_t end, Reading* reading, const Figures* figures
) noexcept nogil:
    """Plan some rows of a chunk and return ``end``, or the row that stops. ``figures`` begin at ``start``."""
    cdef Py_ssize_t row
    cdef Outcome outcome
    for row in range(start, end):
        outcome = plan_row(chunk, row, reading, NULL)
        if outcome == ROW_PLANNED:
            _write_figures(figures, row - start, &reading.plan)
        elif outcome == ROW_EMPTY:
            _write_nothing(figures, row - start)
        else:
            return row
    return end


cdef Py_ssize_t _measure_column(TextColumn column, Reading* reading, tuple buffers) except -1:
    """Fill the buffers, one for segment counts or one for each of the figures, and return the rows."""
    cdef Py_ssize_t start, end, stop, rows = 0
    cdef Figures figures
    cdef bint all_figures = len(buffers) > 1
    memset(&figures, 0, sizeof(figures))
    for buffer in buffers:
        grow(buffer, 0)
    while column.next_chunk():
        for start in range(0, column.chunk.length, BLOCK_ROWS):
            end = min(start + BLOCK_ROWS, column.chunk.length)
            figures.segment_count = <uint16_t*>grow(buffers[0], (end - start) * sizeof(uint16_t))
            if all_figures:
                figures.is_ucs2 = <uint8_t*>grow(buffers[1], end - start)
                figures.unit_count = <uint32_t*>grow(buffers[2], (end - start) * sizeof(uint32_t))
                figures.units_left = <uint16_t*>grow(buffers[3], (end - start) * sizeof(uint16_t))
                figures.outside = <int32_t*>grow(buffers[4], (end - start) * sizeof(int32_t))
                figures.single_shift = <uint8_t*>grow(buffers[5], end - start)
                figures.locking_shift = <uint8_t*>grow(buffers[6], end - start)
            with nogil:
                stop = _measure_block(&column.chunk, start, end, reading, &figures)
            if stop < end:
                raise_stop(column, stop, reading)
            rows += end - start
            PyErr_CheckSignals()
    return rows


cdef ArrowColumn new_alphabets(object indices, Py_ssize_t length, Py_ssize_t null_count, object validity):
    """Make a column of alphabets, where 0 stands for GSM-7 and 1 for UCS-2."""
    return new_column(b"alphabet", b"c", length, null_count, (validity, indices), (), ALPHABETS)


cdef ArrowColumn _new_languages(bytes name, Buffer identifiers, Py_ssize_t rows):
    """Make a column of languages. Identifiers count from 1, and a dictionary's rows from 0; null is for none."""
    cdef uint8_t* octets = <uint8_t*>identifiers.memory.data
    cdef Py_ssize_t row, null_count = 0
    validity = bitmap(octets, rows, <uint8_t>0, &null_count)
    with nogil:
        for row in range(rows):
            octets[row] -= octets[row] != 0
    return new_column(name, b"c", rows, null_count, (validity, identifiers), (), LANGUAGES)


def count_arrow_segments(
    texts, *, boundary="cluster", reference_bits=8, languages=(), elements=(), errors="raise"
):
    """Return the segment counts of an Arrow column as one of 16-bit integers."""
    cdef Reading reading
    cdef TextColumn column
    cdef Py_ssize_t rows, null_count = 0
    cdef Buffer counts = Buffer()
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    column = TextColumn(texts)
    try:
        rows = _measure_column(column, &reading, (counts,))
    finally:
        free_workspace(&reading.workspace)
        column.close()
    validity = bitmap(<uint16_t*>counts.memory.data, rows, <uint16_t>0, &null_count)
    return new_column(b"segment_count", b"S", rows, null_count, (validity, counts))


def measure_arrow(texts, *, boundary="cluster", reference_bits=8, languages=(), elements=(), errors="raise"):
    """Return an Arrow struct with what each row of an Arrow column costs."""
    cdef Reading reading
    cdef TextColumn column
    cdef Py_ssize_t rows, null_count = 0, inside_count = 0
    cdef Buffer counts = Buffer(), is_ucs2 = Buffer(), units = Buffer(), left = Buffer(), outside = Buffer()
    cdef Buffer single = Buffer(), locking = Buffer()
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    column = TextColumn(texts)
    try:
        rows = _measure_column(column, &reading, (counts, is_ucs2, units, left, outside, single, locking))
    finally:
        free_workspace(&reading.workspace)
        column.close()
    validity = bitmap(<uint16_t*>counts.memory.data, rows, <uint16_t>0, &null_count)
    found = bitmap(<int32_t*>outside.memory.data, rows, <int32_t>-1, &inside_count)
    return new_column(b"", b"+s", rows, 0, (None,), (
        new_alphabets(is_ucs2, rows, null_count, validity),
        new_column(b"segment_count", b"S", rows, null_count, (validity, counts)),
        new_column(b"unit_count", b"I", rows, null_count, (validity, units)),
        new_column(b"units_left", b"S", rows, null_count, (validity, left)),
        new_column(b"first_outside_gsm7", b"i", rows, inside_count, (found, outside)),
        _new_languages(b"single_shift", single, rows),
        _new_languages(b"locking_shift", locking, rows),
    ))
