"""How many segments a text takes, and where it is cut.

How this works. One scan tells the alphabet and the units. A text that fits in one message is not looked at again. Else
segments are filled from the left, each with as many whole characters as fit; an escape pair and a surrogate pair are
one character here, so they are never cut. That alone is ``boundary="character"``, and it gives the fewest segments.

``boundary="cluster"`` then moves a cut that falls inside a grapheme cluster back to where the cluster begins. A cluster
that is longer than a whole segment cannot be kept: it is cut between its characters like plain text. Only the
surroundings of each cut are looked at: backwards to the nearest boundary that is certain, and from there forwards.
"""

from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_2BYTE_KIND, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND,
)

from msgcore.kernel.scanning cimport scan_text

from msgcore.errors import SegmentLimitError, UnsupportedError
from msgcore.tables.alphabets import Alphabet

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2
cdef object CLUSTER = "cluster"
cdef object CHARACTER = "character"
cdef object NO_LANGUAGES = ()


# --------------------------------------------------------------------------------------------------------- options


cdef int read_options(Options* options, object boundary, object reference_bits, object languages) except -1:
    """Check what the caller asked for and work out the headers it needs."""
    if boundary is CLUSTER or boundary == CLUSTER:
        options.clusters = True
    elif boundary == CHARACTER:
        options.clusters = False
    else:
        raise ValueError(f"boundary must be 'cluster' or 'character', not {boundary!r}")
    if type(reference_bits) is not int:
        raise TypeError(f"reference_bits must be int, not {type(reference_bits).__name__}")
    if reference_bits != 8 and reference_bits != 16:
        raise ValueError(f"reference_bits must be 8 or 16, not {reference_bits}")
    if languages is not NO_LANGUAGES and languages is not None and len(languages) != 0:
        raise UnsupportedError(
            f"national language tables are not built yet, so languages must be left empty, not {languages!r}"
        )
    options.reference_bits = reference_bits
    options.lone_header_octets = 0
    # UDHL; identifier, length; reference, total, number (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).
    options.header_octets = 1 + 2 + options.reference_bits // 8 + 2
    return 0


# -------------------------------------------------------------------------------------------------------- the cuts


cdef inline Py_ssize_t _cost(unit_t character, bint gsm7) noexcept nogil:
    return gsm7_cost(character) if gsm7 else ucs2_cost(character)


cdef inline Py_ssize_t _units(const unit_t* text, Py_ssize_t start, Py_ssize_t end, bint gsm7) noexcept nogil:
    cdef Py_ssize_t index, total = 0
    for index in range(start, end):
        total += _cost(text[index], gsm7)
    return total


cdef Py_ssize_t _cut(
    const unit_t* text, Py_ssize_t length, const Scan* scan, bint clusters, Py_ssize_t room, Cut* cuts, Py_ssize_t* last
) noexcept nogil:
    """Cut into segments of at most ``room`` units, return how many; the units of the last one go to ``last``.

    The first SEGMENT_LIMIT cuts are written to ``cuts`` unless it is NULL.
    """
    cdef Py_ssize_t start = 0, count = 0, end, units, cost, begin, limit
    cdef Py_ssize_t known = 0  # a cluster boundary; beyond ``start`` only when ``start`` is inside an overlong cluster
    cdef bint flat = scan.unit_count == length  # every character is one unit
    while True:
        # As many whole characters as fit.
        if flat:
            end = length if length - start <= room else start + room
            units = end - start
        else:
            end = start
            units = 0
            while end < length:
                cost = _cost(text[end], scan.gsm7)
                if units + cost > room:
                    break
                units += cost
                end += 1
        # Back to the beginning of a cluster that is cut, if it fits anywhere.
        if clusters and known < end < length:
            if known < start:
                known = start
            begin = cluster_start(text, known, end)
            if begin < end:
                limit = cluster_end(text, length, begin)
                if _units(text, begin, limit, scan.gsm7) > room:
                    known = limit
                else:
                    units -= _units(text, begin, end, scan.gsm7)
                    end = begin
        if cuts != NULL and count < SEGMENT_LIMIT:
            cuts[count].end = end
            cuts[count].unit_count = units
        count += 1
        if end == length:
            last[0] = units
            return count
        start = end


cdef int plan_text(object text, const Options* options, Plan* plan, Cut* cuts) except -1:
    """Scan ``text`` and cut it; ``cuts`` is NULL or has room for SEGMENT_LIMIT entries."""
    cdef Scan scan
    cdef Py_ssize_t room, last
    cdef int kind
    cdef Py_ssize_t length
    cdef const void* data
    scan_text(text, &scan)
    length = PyUnicode_GET_LENGTH(text)
    plan.gsm7 = scan.gsm7
    plan.unit_count = scan.unit_count
    room = capacity(options.lone_header_octets, scan.gsm7)
    if scan.unit_count <= room:
        plan.segment_count = 1
        plan.units_left = room - scan.unit_count
        if cuts != NULL:
            cuts[0].end = length
            cuts[0].unit_count = scan.unit_count
        return 0
    room = capacity(options.header_octets, scan.gsm7)
    kind = PyUnicode_KIND(text)
    data = PyUnicode_DATA(text)
    if kind == PyUnicode_1BYTE_KIND:
        plan.segment_count = _cut(<const uint8_t*>data, length, &scan, options.clusters, room, cuts, &last)
    elif kind == PyUnicode_2BYTE_KIND:
        plan.segment_count = _cut(<const uint16_t*>data, length, &scan, options.clusters, room, cuts, &last)
    else:
        plan.segment_count = _cut(<const uint32_t*>data, length, &scan, options.clusters, room, cuts, &last)
    if plan.segment_count > SEGMENT_LIMIT:
        raise SegmentLimitError(plan.segment_count, SEGMENT_LIMIT)
    plan.units_left = room - last
    return 0


# --------------------------------------------------------------------------------------------------- for Python


def count_segments(text, *, boundary="cluster", reference_bits=8, languages=()):
    """Count the segments that ``text`` takes, without building them.

    >>> count_segments("a" * 160), count_segments("a" * 161), count_segments("a" * 152 + "€" + "b" * 152)
    (1, 2, 3)

    It is ``len(segment(text, ...))`` with the same options, always. The empty text is one segment of no units: a
    message is sent, and counted, even when nothing stands in it.

    Args:
        boundary: ``"cluster"`` keeps what a reader takes for one character in one segment (an emoji family, a letter
            and its marks, CR LF) unless it is longer than a segment; ``"character"`` gives the fewest segments.
        reference_bits: 8 or 16, the width of the reference that ties the segments together.
        languages: national languages whose tables may be used.

    Raises:
        EncodingError: the text has a lone surrogate.
        SegmentLimitError: more than 255 segments; ``needed`` says how many.
    """
    cdef Options options
    cdef Plan plan
    read_options(&options, boundary, reference_bits, languages)
    plan_text(text, &options, &plan, NULL)
    return plan.segment_count


def measure(text, *, boundary="cluster", reference_bits=8, languages=()):
    """Return alphabet, segment count, unit count and units left in the last segment.

    >>> measure("hello")
    (<Alphabet.GSM7: 'GSM-7'>, 1, 5, 155)
    """
    cdef Options options
    cdef Plan plan
    read_options(&options, boundary, reference_bits, languages)
    plan_text(text, &options, &plan, NULL)
    return GSM7 if plan.gsm7 else UCS2, plan.segment_count, plan.unit_count, plan.units_left
