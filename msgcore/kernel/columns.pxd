# Planning the texts of a column one after the other, without the GIL where they come from Arrow.

from msgcore.kernel.arrow cimport Chunk, Octets, ROW_NULL, ROW_TEXT, Row, TextColumn, read_row
from msgcore.kernel.arrow_results cimport ArrowColumn
from msgcore.kernel.cuts cimport Cut, Fault, NO_FAULT, NO_MEMORY, Plan, plan_view
from msgcore.kernel.options cimport Options
from msgcore.kernel.scanning cimport ascii_gsm7_prefix
from msgcore.kernel.texts cimport Text
from msgcore.kernel.utf8 cimport UTF8_FINE, UTF8_NO_MEMORY, Workspace, read_utf8


cdef enum:
    BLOCK_ROWS = 1 << 18    # after as many, memory is taken and Ctrl-C is heard


cdef enum Outcome:
    ROW_PLANNED
    ROW_EMPTY               # null, or unfit where that is to give a null
    ROW_STOPS               # unfit, or the column is broken: nothing more can be said


cdef struct Reading:        # what planning a column needs, and what it found in the row at hand
    Options options
    bint unfit_is_null
    Py_ssize_t room         # septets of a text that needs neither concatenation nor national languages
    Workspace workspace
    Row state
    Octets octets
    Py_ssize_t not_utf8     # offset, or UTF8_FINE, or UTF8_NO_MEMORY
    Text text
    Fault fault
    Plan plan


cdef ArrowColumn new_alphabets(object indices, Py_ssize_t length, Py_ssize_t null_count, object validity)
cdef int read_options_of_column(
    Reading* reading, object boundary, object reference_bits, object languages, object elements, object errors
) except -1
cdef Outcome plan_item(list texts, Py_ssize_t row, Reading* reading, Cut* cuts) except *
cdef int raise_stop(TextColumn column, Py_ssize_t row, const Reading* reading) except -1


cdef inline bint _plan_at_once(Reading* reading, Cut* cuts) noexcept nogil:
    """Plan a text of ASCII and GSM-7 that fits one segment, as most do, in a single pass; say whether it was one."""
    cdef Py_ssize_t length = reading.octets.length, unit_count
    cdef Plan* plan = &reading.plan
    if length > reading.room or ascii_gsm7_prefix(reading.octets.data, length, &unit_count) < length:
        return False
    if unit_count > reading.room:
        return False
    reading.text.kind = 1
    reading.text.length = length
    reading.text.data = reading.octets.data
    plan.gsm7 = True
    plan.unit_count = unit_count
    plan.segment_count = 1
    plan.units_left = reading.room - unit_count
    plan.outside = -1
    plan.surrogate = -1
    plan.shifts.single = 0
    plan.shifts.locking = 0
    if cuts != NULL:
        cuts[0].end = length
        cuts[0].unit_count = unit_count
    return True


cdef inline Outcome plan_row(const Chunk* chunk, Py_ssize_t row, Reading* reading, Cut* cuts) noexcept nogil:
    """Plan a row of an Arrow column. Errors in a text may become nulls, errors in the column never do."""
    reading.state = read_row(chunk, row, &reading.octets)
    if reading.state == ROW_NULL:
        return ROW_EMPTY
    if reading.state != ROW_TEXT:
        return ROW_STOPS
    if _plan_at_once(reading, cuts):
        return ROW_PLANNED
    reading.not_utf8 = read_utf8(reading.octets.data, reading.octets.length, &reading.workspace, &reading.text)
    if reading.not_utf8 != UTF8_FINE:
        return ROW_EMPTY if reading.unfit_is_null and reading.not_utf8 != UTF8_NO_MEMORY else ROW_STOPS
    reading.fault = plan_view(&reading.text, &reading.options, &reading.plan, cuts)
    if reading.fault != NO_FAULT:
        return ROW_EMPTY if reading.unfit_is_null and reading.fault != NO_MEMORY else ROW_STOPS
    return ROW_PLANNED
