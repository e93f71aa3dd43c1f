"""The segments of many texts at once, octets included, into buffers that grow together.

How this works. Segments stand one after the other, a row's in a run: ``row_offsets`` says where each run ends. A
segment has six figures of one octet each, and its user data is a run of octets in one blob. A list of ``str`` and an
Arrow column are written by the same lines.
"""

from array import array

from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport int64_t, uint8_t, uint16_t

from msgcore.kernel.arrow cimport Chunk, TextColumn
from msgcore.kernel.arrow_results cimport Buffer, Memory, bitmap, grow, new_column, reserve
from msgcore.kernel.columns cimport (
    BLOCK_ROWS, Outcome, ROW_EMPTY, ROW_PLANNED, Reading, new_alphabets, plan_item, plan_row, raise_stop,
    read_options_of_column,
)
from msgcore.kernel.cuts cimport Cut, SEGMENT_LIMIT
from msgcore.kernel.headers cimport MAX_USER_DATA_OCTETS
from msgcore.kernel.segment_octets cimport user_data_length_field, user_data_octets, write_header, write_user_data
from msgcore.kernel.utf8 cimport free_workspace


cdef struct Sink:           # where the segments go
    Memory* row_offsets     # 64 bits each
    Memory* is_ucs2
    Memory* number
    Memory* total
    Memory* unit_count
    Memory* header_octets
    Memory* user_data_length
    Memory* data_offsets    # 64 bits each
    Memory* data
    int64_t segment_count


cdef struct References:
    const uint16_t* numbers  # one a row, or NULL
    Py_ssize_t count
    uint16_t number          # for all rows


cdef enum Stop:
    GOES_ON
    STOPS_AT_TEXT
    STOPS_FOR_MEMORY
    STOPS_FOR_REFERENCE


# --------------------------------------------------------------------------------------------------------- a row


cdef inline void _add_octet(Memory* memory, int octet) noexcept nogil:
    (<uint8_t*>memory.data)[memory.size] = <uint8_t>octet
    memory.size += 1


cdef inline void _add_offset(Memory* memory, int64_t offset) noexcept nogil:
    (<int64_t*>(memory.data + memory.size))[0] = offset
    memory.size += sizeof(int64_t)


cdef inline bint _has_room(Sink* sink, Py_ssize_t segments) noexcept nogil:
    """Take memory for a row of as many segments, whatever they hold."""
    return (
        reserve(sink.row_offsets, sizeof(int64_t)) == 0
        and reserve(sink.is_ucs2, segments) == 0
        and reserve(sink.number, segments) == 0
        and reserve(sink.total, segments) == 0
        and reserve(sink.unit_count, segments) == 0
        and reserve(sink.header_octets, segments) == 0
        and reserve(sink.user_data_length, segments) == 0
        and reserve(sink.data_offsets, segments * sizeof(int64_t)) == 0
        and reserve(sink.data, segments * MAX_USER_DATA_OCTETS) == 0
    )


cdef inline void _write_segments(Sink* sink, const Reading* reading, const Cut* cuts, int reference) noexcept nogil:
    cdef uint8_t header[MAX_USER_DATA_OCTETS]
    cdef int header_octets = write_header(header, &reading.options, &reading.plan, reference)
    cdef int index, total = <int>reading.plan.segment_count
    cdef Py_ssize_t start = 0
    for index in range(total):
        write_user_data(
            &reading.text, start, &cuts[index], index + 1, &reading.plan, header, header_octets,
            <uint8_t*>sink.data.data + sink.data.size,
        )
        sink.data.size += user_data_octets(&cuts[index], &reading.plan, header_octets)
        _add_octet(sink.is_ucs2, not reading.plan.gsm7)
        _add_octet(sink.number, index + 1)
        _add_octet(sink.total, total)
        _add_octet(sink.unit_count, <int>cuts[index].unit_count)
        _add_octet(sink.header_octets, header_octets)
        _add_octet(sink.user_data_length, user_data_length_field(&cuts[index], &reading.plan, header_octets))
        _add_offset(sink.data_offsets, sink.data.size)
        start = cuts[index].end
    sink.segment_count += total


cdef inline Stop _add_row(
    Sink* sink, Py_ssize_t row, Outcome outcome, const Reading* reading, const Cut* cuts, const References* references
) noexcept nogil:
    """Write the segments of a row, none if it has no answer; ``row`` counts over all chunks."""
    if outcome != ROW_PLANNED and outcome != ROW_EMPTY:
        return STOPS_AT_TEXT
    if references.numbers != NULL and row >= references.count:
        return STOPS_FOR_REFERENCE
    if not _has_room(sink, reading.plan.segment_count if outcome == ROW_PLANNED else 0):
        return STOPS_FOR_MEMORY
    if outcome == ROW_PLANNED:
        _write_segments(
            sink, reading, cuts, references.number if references.numbers == NULL else references.numbers[row]
        )
    _add_offset(sink.row_offsets, sink.segment_count)
    return GOES_ON


cdef Stop _add_block(
    Sink* sink, const Chunk* chunk, Py_ssize_t first_row, Py_ssize_t* row, Py_ssize_t end, Reading* reading,
    const References* references,
) noexcept nogil:
    """Write the rows of a chunk from ``row`` up to ``end``; ``row`` is then ``end``, or the one that stops."""
    cdef Cut cuts[SEGMENT_LIMIT]
    cdef Outcome outcome
    cdef Stop stop
    while row[0] < end:
        outcome = plan_row(chunk, row[0], reading, cuts)
        stop = _add_row(sink, first_row + row[0], outcome, reading, cuts, references)
        if stop != GOES_ON:
            return stop
        row[0] += 1
    return GOES_ON


# -------------------------------------------------------------------------------------------------------- columns


cdef Memory* _memory(Buffer buffer) noexcept:
    return &buffer.memory


cdef tuple _open(Sink* sink):
    """Make the buffers, in the order of the sink's fields; both kinds of offsets begin with 0."""
    cdef tuple buffers = tuple([Buffer() for _ in range(9)])
    sink.row_offsets = _memory(buffers[0])
    sink.is_ucs2 = _memory(buffers[1])
    sink.number = _memory(buffers[2])
    sink.total = _memory(buffers[3])
    sink.unit_count = _memory(buffers[4])
    sink.header_octets = _memory(buffers[5])
    sink.user_data_length = _memory(buffers[6])
    sink.data_offsets = _memory(buffers[7])
    sink.data = _memory(buffers[8])
    sink.segment_count = 0
    if not _has_room(sink, 1):
        raise MemoryError
    _add_offset(sink.row_offsets, 0)
    _add_offset(sink.data_offsets, 0)
    return buffers


cdef object _read_references(References* references, object reference, int reference_bits):
    """Read one number, or one a row, and return what keeps them in memory."""
    cdef const uint16_t[::1] view
    cdef object numbers
    cdef int highest = (1 << reference_bits) - 1
    references.numbers = NULL
    references.count = 0
    if isinstance(reference, int) and not isinstance(reference, bool):
        numbers = (reference,)
    elif isinstance(reference, (str, bytes)) or not hasattr(reference, "__len__"):
        # An iterator may have no end, and how many rows a stream of Arrow has is not known before.
        raise TypeError(f"reference must be int or a sequence of int, one a row, not {type(reference).__name__}")
    else:
        numbers = reference
    try:
        kept = array("H", iter(numbers))
    except OverflowError:
        kept = list(numbers)
    except TypeError as error:
        raise TypeError(f"reference must be int or a sequence of int: {error}") from None
    for row, number in enumerate(kept):
        if not 0 <= number <= highest:
            where = f" for row {row}" if numbers is reference else ""
            raise ValueError(f"reference must be 0 to {highest} in {reference_bits} bits, not {number}{where}")
    if numbers is not reference:
        references.number = kept[0]
        return kept
    references.count = len(kept)
    if references.count == 0:
        kept.append(0)  # a view of nothing has no address
    view = kept
    references.numbers = &view[0]
    return kept


cdef int _raise_stop(Stop stop, const References* references) except -1:
    if stop == STOPS_FOR_MEMORY:
        raise MemoryError
    raise ValueError(f"reference has {references.count} numbers, and there are more rows")


cdef int _check_rows(const References* references, Py_ssize_t rows) except -1:
    if references.numbers != NULL and references.count != rows:
        raise ValueError(f"reference has {references.count} numbers for {rows} rows")
    return 0


def _typed(code, octets):
    made = array(code)
    made.frombytes(octets)
    return made


def segment(
    list texts not None, *, reference=0, reference_bits=8, boundary="cluster", languages=(), elements=(),
    errors="raise",
):
    """Return eight arrays and the octets of all user data, in the order of the fields of ``ColumnSegments``.

    >>> segment(["hi", "a" * 161])[0]
    array('q', [0, 1, 3])
    """
    cdef Reading reading
    cdef Sink sink
    cdef References references
    cdef Cut cuts[SEGMENT_LIMIT]
    cdef Py_ssize_t row
    cdef Outcome outcome
    cdef Stop stop
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    _kept = _read_references(&references, reference, reading.options.reference_bits)
    buffers = _open(&sink)
    _check_rows(&references, len(texts))
    for row in range(len(texts)):
        outcome = plan_item(texts, row, &reading, cuts)
        stop = _add_row(&sink, row, outcome, &reading, cuts, &references)
        if stop != GOES_ON:
            _raise_stop(stop, &references)
    return *map(_typed, "qBBBBBBq", buffers), bytes(sink.data.data[:sink.data.size])


def segment_arrow(
    texts, *, reference=0, reference_bits=8, boundary="cluster", languages=(), elements=(), errors="raise"
):
    """Return an Arrow column of lists of segments."""
    cdef Reading reading
    cdef Sink sink
    cdef References references
    cdef TextColumn column
    cdef Py_ssize_t row, end, rows = 0
    cdef Stop stop
    read_options_of_column(&reading, boundary, reference_bits, languages, elements, errors)
    _kept = _read_references(&references, reference, reading.options.reference_bits)
    buffers = _open(&sink)
    column = TextColumn(texts)
    try:
        while column.next_chunk():
            row = 0
            while row < column.chunk.length:
                end = min(row + BLOCK_ROWS, column.chunk.length)
                with nogil:
                    stop = _add_block(&sink, &column.chunk, column.first_row, &row, end, &reading, &references)
                if stop == STOPS_AT_TEXT:
                    raise_stop(column, row, &reading)
                if stop != GOES_ON:
                    _raise_stop(stop, &references)
                PyErr_CheckSignals()
            rows += column.chunk.length
    finally:
        free_workspace(&reading.workspace)
        column.close()
    _check_rows(&references, rows)
    return _new_lists(buffers, rows, sink.segment_count)


cdef object _new_lists(tuple buffers, Py_ssize_t rows, Py_ssize_t segments):
    """Make the column: rows without segments are null, since every text has one."""
    cdef Py_ssize_t row, null_count = 0
    cdef Buffer counts = Buffer()
    cdef uint8_t* count = <uint8_t*>grow(counts, rows)
    cdef const int64_t* offsets = <const int64_t*>_memory(buffers[0]).data
    for row in range(rows):
        count[row] = <uint8_t>(offsets[row + 1] - offsets[row])  # at most 255
    validity = bitmap(count, rows, <uint8_t>0, &null_count)
    items = new_column(b"item", b"+s", segments, 0, (None,), (
        new_alphabets(buffers[1], segments, 0, None),
        new_column(b"number", b"C", segments, 0, (None, buffers[2])),
        new_column(b"total", b"C", segments, 0, (None, buffers[3])),
        new_column(b"unit_count", b"C", segments, 0, (None, buffers[4])),
        new_column(b"header_octets", b"C", segments, 0, (None, buffers[5])),
        new_column(b"user_data_length", b"C", segments, 0, (None, buffers[6])),
        new_column(b"user_data", b"Z", segments, 0, (None, buffers[7], buffers[8])),
    ))
    return new_column(b"segments", b"+L", rows, null_count, (validity, buffers[0]), (items,))
