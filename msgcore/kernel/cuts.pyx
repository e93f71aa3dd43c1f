"""How many segments a text takes, and where it is cut.

How this works. One scan tells the alphabet and the units. A text that fits in one message is not looked at again. Else
segments are filled from the left, each with as many whole characters as fit; an escape pair and a surrogate pair are
one character here, so they are never cut. That alone is ``boundary="character"``, and it gives the fewest segments.

``boundary="cluster"`` then moves a cut that falls inside a grapheme cluster back to where the cluster begins. A cluster
that is longer than a whole segment cannot be kept: it is cut between its characters like plain text. Only the
surroundings of each cut are looked at: backwards to the nearest boundary that is certain, and from there forwards.

Where national languages are allowed, and one message of plain GSM-7 does not do, each encoding that can carry the text
is cut, and the one with the fewest segments is taken. Their elements make headers longer, so more septets may fit in a
segment less. What cannot win is not cut: a segment holds no more than its room.
"""

from libc.stdlib cimport free, malloc

from msgcore.kernel.national cimport Costs, Survey, survey_text, write_costs
from msgcore.kernel.options cimport header_size, read_options
from msgcore.kernel.scanning cimport raise_surrogate, scan_text, second_units
from msgcore.kernel.texts cimport view_text

from msgcore.errors import SegmentLimitError
from msgcore.tables.alphabets import Alphabet
from msgcore.tables.generated.languages import IDENTIFIERS
from msgcore.tables.languages import LanguageTable

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2
cdef tuple LANGUAGE_NAMES = tuple(IDENTIFIERS)  # in order of their identifiers, from 1


ctypedef fused meter_t:  # what tells the units of a character: its alphabet, or its place in a list of costs
    Scan
    Costs


# Encodings that need as many segments, in order of preference; a national one may need both elements.
cdef enum:
    RANK_PLAIN
    RANK_SINGLE
    RANK_LOCKING
    RANK_BOTH
    RANK_UCS2


cdef struct Candidate:
    Py_ssize_t segment_count
    Py_ssize_t unit_count
    Py_ssize_t units_left
    int rank
    Shifts shifts


# -------------------------------------------------------------------------------------------------------- the cuts


cdef inline Py_ssize_t _cost(const unit_t* text, Py_ssize_t index, const meter_t* meter) noexcept nogil:
    if meter_t is Costs:
        return meter.septets[index]
    else:
        return gsm7_cost(text[index]) if meter.gsm7 else ucs2_cost(text[index])


cdef inline Py_ssize_t _units(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const meter_t* meter
) noexcept nogil:
    cdef Py_ssize_t index, total = 0
    cdef Text part
    if meter_t is Costs:
        for index in range(start, end):
            total += meter.septets[index]
        return total
    else:
        part.kind = sizeof(unit_t)
        part.length = end - start
        part.data = text + start
        return end - start + second_units(&part, meter.gsm7)


cdef inline Py_ssize_t _fill(
    const unit_t* text,
    Py_ssize_t length,
    Py_ssize_t start,
    const meter_t* meter,
    Py_ssize_t room,
    Py_ssize_t* units,
) noexcept nogil:
    """Return where a segment ends that takes as many whole characters as fit; its units go to ``units``."""
    cdef Py_ssize_t end = length if length - start <= room else start + room  # no character takes less than a unit
    if meter.unit_count == length:  # and none takes more
        units[0] = end - start
        return end
    units[0] = _units(text, start, end, meter)
    while units[0] > room:  # back over no more characters than take two units
        end -= 1
        units[0] -= _cost(text, end, meter)
    return end


cdef Py_ssize_t _cut(
    const unit_t* text,
    Py_ssize_t length,
    const meter_t* meter,
    bint clusters,
    Py_ssize_t room,
    Cut* cuts,
    Py_ssize_t* last,
) noexcept nogil:
    """Cut into segments of at most ``room`` units, return how many; the units of the last one go to ``last``.

    The first SEGMENT_LIMIT cuts are written to ``cuts`` unless it is NULL.
    """
    cdef Py_ssize_t start = 0, count = 0, end, units, begin, limit
    cdef Py_ssize_t known = 0  # a cluster boundary; beyond ``start`` only when ``start`` is inside an overlong cluster
    while True:
        end = _fill(text, length, start, meter, room, &units)
        # Back to the beginning of a cluster that is cut, if it fits anywhere.
        if clusters and known < end < length:
            if known < start:
                known = start
            begin = cluster_start(text, known, end)
            if begin < end:
                limit = cluster_end(text, length, begin)
                if _units(text, begin, limit, meter) > room:
                    known = limit
                else:
                    units -= _units(text, begin, end, meter)
                    end = begin
        if cuts != NULL and count < SEGMENT_LIMIT:
            cuts[count].end = end
            cuts[count].unit_count = units
        count += 1
        if end == length:
            last[0] = units
            return count
        start = end


cdef inline Py_ssize_t _cut_text(
    const Text* text, const meter_t* meter, bint clusters, Py_ssize_t room, Cut* cuts, Py_ssize_t* last
) noexcept nogil:
    if text.kind == 1:
        return _cut(<const uint8_t*>text.data, text.length, meter, clusters, room, cuts, last)
    if text.kind == 2:
        return _cut(<const uint16_t*>text.data, text.length, meter, clusters, room, cuts, last)
    return _cut(<const uint32_t*>text.data, text.length, meter, clusters, room, cuts, last)


cdef inline Py_ssize_t _cut_or_not(
    const Text* text,
    const meter_t* meter,
    bint gsm7,
    const Options* options,
    const Shifts* shifts,
    Cut* cuts,
    Py_ssize_t* units_left,
) noexcept nogil:
    """Return the segments of a text under given tables: one, if it fits beside the header that one needs."""
    cdef Py_ssize_t room = capacity(header_size(options, shifts, False), gsm7), count, last
    if meter.unit_count <= room:
        if cuts != NULL:
            cuts[0].end = text.length
            cuts[0].unit_count = meter.unit_count
        units_left[0] = room - meter.unit_count
        return 1
    room = capacity(header_size(options, shifts, True), gsm7)
    count = _cut_text(text, meter, options.clusters, room, cuts, &last)
    units_left[0] = room - last
    return count


cdef Fault plan_view(const Text* text, const Options* options, Plan* plan, Cut* cuts) noexcept nogil:
    """Scan ``text`` and cut it; ``cuts`` is NULL or has room for SEGMENT_LIMIT entries."""
    cdef Scan scan
    scan_text(text, &scan)
    plan.gsm7 = scan.gsm7
    plan.unit_count = scan.unit_count
    plan.outside = scan.outside
    plan.surrogate = scan.surrogate
    plan.shifts.single = 0
    plan.shifts.locking = 0
    if scan.surrogate >= 0:
        return LONE_SURROGATE
    if options.language_count and not (
        scan.gsm7 and scan.unit_count <= capacity(header_size(options, &plan.shifts, False), True)
    ):
        return _plan_with_languages(text, options, &scan, plan, cuts)
    plan.segment_count = _cut_or_not(text, &scan, scan.gsm7, options, &plan.shifts, cuts, &plan.units_left)
    return OVER_LIMIT if plan.segment_count > SEGMENT_LIMIT else NO_FAULT


cdef int raise_fault(Fault fault, const Text* text, const Plan* plan) except -1:
    """Raise what ``fault`` says of ``text``."""
    if fault == LONE_SURROGATE:
        raise_surrogate(text, plan.surrogate)
    if fault == OVER_LIMIT:
        raise SegmentLimitError(plan.segment_count, SEGMENT_LIMIT)
    raise MemoryError


cdef int plan_text(object string, const Options* options, Text* text, Plan* plan, Cut* cuts) except -1:
    """Plan any ``str``, and look into it with ``text``."""
    cdef Fault fault
    view_text(string, text)
    fault = plan_view(text, options, plan, cuts)
    if fault != NO_FAULT:
        raise_fault(fault, text, plan)
    return 0


# --------------------------------------------------------------------------------------------- national languages


cdef inline bint _cheaper(const Candidate* one, const Candidate* other) noexcept nogil:
    """Compare by segments, then rank, then units; of two that are alike the one that was tried first stays."""
    if one.segment_count != other.segment_count:
        return one.segment_count < other.segment_count
    if one.rank != other.rank:
        return one.rank < other.rank
    return one.unit_count < other.unit_count


cdef inline void _measure(
    const Text* text, const meter_t* meter, const Options* options, bint gsm7, Candidate* candidate, Cut* cuts
) noexcept nogil:
    """Fill what a candidate costs; its rank and tables are set."""
    candidate.unit_count = meter.unit_count
    candidate.segment_count = _cut_or_not(
        text, meter, gsm7, options, &candidate.shifts, cuts, &candidate.units_left
    )


cdef int _single_shift_for(const Survey* survey, const Options* options, int locking) noexcept nogil:
    """Return the first language whose single shift table has what the locking table lacks, or 0.

    The language of the locking table itself comes before all others.
    """
    cdef int index, language
    if locking and survey.single[locking] >> locking & 1:
        return locking
    for index in range(options.language_count):
        language = options.languages[index]
        if survey.single[locking] >> language & 1:
            return language
    return 0


cdef Fault _plan_with_languages(
    const Text* text, const Options* options, const Scan* scan, Plan* plan, Cut* cuts
) noexcept nogil:
    """Plan with the cheapest of plain GSM-7 or UCS-2, and every pair of tables that can carry the text."""
    cdef Candidate best
    cdef Costs costs
    cdef uint8_t* septets = <uint8_t*>malloc(text.length + 1)
    if septets == NULL:
        return NO_MEMORY
    costs.septets = septets
    best.shifts.single = best.shifts.locking = 0
    best.rank = RANK_PLAIN if scan.gsm7 else RANK_UCS2
    _measure(text, scan, options, scan.gsm7, &best, NULL)
    _find_cheapest(text, options, septets, &costs, &best)
    if cuts != NULL:
        if best.shifts.single or best.shifts.locking:
            costs.unit_count = best.unit_count
            write_costs(text, best.shifts.locking, septets)
            _measure(text, &costs, options, True, &best, cuts)
        else:
            _measure(text, scan, options, scan.gsm7, &best, cuts)
    free(septets)
    plan.gsm7 = best.rank != RANK_UCS2
    plan.unit_count = best.unit_count
    plan.segment_count = best.segment_count
    plan.units_left = best.units_left
    plan.shifts = best.shifts
    return OVER_LIMIT if best.segment_count > SEGMENT_LIMIT else NO_FAULT


cdef void _find_cheapest(
    const Text* text, const Options* options, uint8_t* septets, Costs* costs, Candidate* best
) noexcept nogil:
    """Put in ``best`` what is cheaper than it; ``septets`` has room for the text's costs."""
    cdef Survey survey
    cdef Candidate candidate
    cdef uint16_t allowed = 1
    cdef int index, locking, single, element
    cdef bint written
    for index in range(options.language_count):
        allowed |= <uint16_t>1 << options.languages[index]
    survey_text(text, allowed, &survey)
    for index in range(-1, options.language_count):
        locking = 0 if index < 0 else options.languages[index]
        if not survey.locking >> locking & 1:
            continue
        costs.unit_count = text.length + survey.escaped[locking]
        written = False
        single = _single_shift_for(&survey, options, locking)
        # With the default extension table, then with a national one; the first is plain GSM-7 if nothing locks.
        for element in range(0 if locking else 1, 2):
            if not single if element else not survey.single[locking] & 1:
                continue
            candidate.shifts.locking = locking
            candidate.shifts.single = single if element else 0
            candidate.rank = (RANK_LOCKING if locking else RANK_PLAIN) + element
            if costs.unit_count > best.segment_count * capacity(header_size(options, &candidate.shifts, False), True):
                continue  # more than the best one's segments can hold
            if not written:
                write_costs(text, locking, septets)
                written = True
            _measure(text, costs, options, True, &candidate, NULL)
            if _cheaper(&candidate, best):
                best[0] = candidate


cdef tuple language_tables(const Shifts* shifts):
    """Return the tables as Python knows them, in the order of their elements."""
    if shifts.single == 0 and shifts.locking == 0:
        return ()
    tables = []
    if shifts.single:
        tables.append(LanguageTable(LANGUAGE_NAMES[shifts.single - 1], "single"))
    if shifts.locking:
        tables.append(LanguageTable(LANGUAGE_NAMES[shifts.locking - 1], "locking"))
    return tuple(tables)


# --------------------------------------------------------------------------------------------------- for Python


def count_segments(text, *, boundary="cluster", reference_bits=8, languages=(), elements=()):
    """Count the segments that ``text`` takes, without building them.

    >>> count_segments("a" * 160), count_segments("a" * 161), count_segments("a" * 152 + "€" + "b" * 152)
    (1, 2, 3)

    It is ``len(segment(text, ...))`` with the same options, always. The empty text is one segment of no units: a
    message is sent, and counted, even when nothing stands in it.

    Args:
        boundary: ``"cluster"`` keeps what a reader takes for one character in one segment (an emoji family, a letter
            and its marks, CR LF) unless it is longer than a segment; ``"character"`` gives the fewest segments.
        reference_bits: 8 or 16, the width of the reference that ties the segments together.
        languages: national languages whose tables may be used, by name (``"turkish"``), or ``"auto"`` for all of them.
            The encoding with the fewest segments is taken; of several with as many, plain GSM-7 before a single shift
            table alone, that before a locking shift table alone, that before both, UCS-2 last; then the one with the
            fewest septets, then the language that was named first.
        elements: information elements that every segment is to carry, such as application ports; they make segments
            shorter.

    Raises:
        EncodingError: the text has a lone surrogate.
        SegmentLimitError: more than 255 segments; ``needed`` says how many.
        ValueError: an option is none of those above, or the elements leave no room for text.
    """
    cdef Options options
    cdef Text view
    cdef Plan plan
    read_options(&options, boundary, reference_bits, languages, elements)
    plan_text(text, &options, &view, &plan, NULL)
    return plan.segment_count


def measure(text, *, boundary="cluster", reference_bits=8, languages=(), elements=()):
    """Return alphabet, segment count, unit count, units left in the last segment, and the national tables used.

    >>> measure("hello")
    (<Alphabet.GSM7: 'GSM-7'>, 1, 5, 155, ())
    """
    cdef Options options
    cdef Text view
    cdef Plan plan
    read_options(&options, boundary, reference_bits, languages, elements)
    plan_text(text, &options, &view, &plan, NULL)
    return (
        GSM7 if plan.gsm7 else UCS2,
        plan.segment_count,
        plan.unit_count,
        plan.units_left,
        language_tables(&plan.shifts),
    )
