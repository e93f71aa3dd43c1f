# Extended grapheme clusters (Unicode Standard Annex #29, 3.1.1), as a machine that reads one character at a time.
#
# Two questions are asked of it. may_join() looks at two neighbours only and never says "no" wrongly: where it says no,
# there is a boundary whatever stands before. joins() knows what came before and is exact; it may start at any known
# boundary, because no rule looks back across one.

from libc.stdint cimport uint8_t, uint32_t

from msgcore.kernel.texts cimport unit_t

cdef extern from "clusters.h" nogil:
    int BREAK_OTHER, BREAK_CR, BREAK_LF, BREAK_CONTROL, BREAK_EXTEND, BREAK_ZWJ, BREAK_RI, BREAK_PREPEND
    int BREAK_SPACINGMARK, BREAK_L, BREAK_V, BREAK_T, BREAK_LV, BREAK_LVT
    int CONJUNCT_NONE, CONJUNCT_LINKER, CONJUNCT_CONSONANT, CONJUNCT_EXTEND
    int CLUSTER_CONJUNCT_SHIFT, CLUSTER_PICTOGRAPHIC, CLUSTER_PAGE_SHIFT
    const uint8_t CLUSTER_PAGE[]
    const uint8_t CLUSTER_PAGES[]


cdef struct Cluster:
    uint8_t last          # properties of the last character
    bint odd_indicators   # GB12, GB13: it ends in an odd number of regional indicators
    bint linked           # GB9c: it ends in a linker, then extenders
    bint pictograph       # GB11: it ends in a pictograph, then extenders, then perhaps one zero width joiner


cdef inline uint8_t properties(unit_t character) noexcept nogil:
    cdef uint32_t point = character
    return CLUSTER_PAGES[
        (<uint32_t>CLUSTER_PAGE[point >> CLUSTER_PAGE_SHIFT] << CLUSTER_PAGE_SHIFT)
        | (point & ((1 << CLUSTER_PAGE_SHIFT) - 1))
    ]


cdef inline int break_of(uint8_t entry) noexcept nogil:
    return entry & 0x0F


cdef inline int conjunct_of(uint8_t entry) noexcept nogil:
    return (entry >> CLUSTER_CONJUNCT_SHIFT) & 0x03


cdef inline bint is_control(int kind) noexcept nogil:
    return kind == BREAK_CONTROL or kind == BREAK_CR or kind == BREAK_LF


cdef inline bint hangul_joins(int before, int after) noexcept nogil:
    """GB6, GB7, GB8: no break inside a Hangul syllable."""
    if before == BREAK_L:
        return after == BREAK_L or after == BREAK_V or after == BREAK_LV or after == BREAK_LVT
    if before == BREAK_LV or before == BREAK_V:
        return after == BREAK_V or after == BREAK_T
    if before == BREAK_LVT or before == BREAK_T:
        return after == BREAK_T
    return False


cdef inline bint always_joins(int before, int after) noexcept nogil:
    """Apply the rules that need two neighbours only and come before the others."""
    if is_control(before) or is_control(after):  # GB4, GB5; GB3 is their one exception
        return before == BREAK_CR and after == BREAK_LF
    if after == BREAK_EXTEND or after == BREAK_ZWJ or after == BREAK_SPACINGMARK:  # GB9, GB9a
        return True
    return before == BREAK_PREPEND or hangul_joins(before, after)  # GB9b; GB6 to GB8


cdef inline bint may_join(uint8_t before, uint8_t after) noexcept nogil:
    """Tell whether there can be a text in which no boundary lies between these two."""
    if (before | after) == 0:  # nearly all text: no rule but GB999
        return False
    if always_joins(break_of(before), break_of(after)):
        return True
    if conjunct_of(after) == CONJUNCT_CONSONANT:  # GB9c
        return conjunct_of(before) == CONJUNCT_LINKER or conjunct_of(before) == CONJUNCT_EXTEND
    if after & CLUSTER_PICTOGRAPHIC:  # GB11
        return break_of(before) == BREAK_ZWJ
    return break_of(before) == BREAK_RI and break_of(after) == BREAK_RI  # GB12, GB13


cdef inline void begin(Cluster* cluster, uint8_t entry) noexcept nogil:
    """Start a cluster with its first character."""
    cluster.last = entry
    cluster.odd_indicators = break_of(entry) == BREAK_RI
    cluster.linked = conjunct_of(entry) == CONJUNCT_LINKER
    cluster.pictograph = (entry & CLUSTER_PICTOGRAPHIC) != 0


cdef inline bint joins(Cluster* cluster, uint8_t entry) noexcept nogil:
    """Tell whether the next character belongs to the cluster, and take it in: there, or as the start of the next."""
    cdef int before = break_of(cluster.last), after = break_of(entry), conjunct = conjunct_of(entry)
    cdef bint joined = (
        always_joins(before, after)
        # GB9c: linker, extenders, consonant; since Unicode 18 whatever stands before the linker
        or (conjunct == CONJUNCT_CONSONANT and cluster.linked)
        # GB11: pictograph, extenders, zero width joiner, pictograph
        or ((entry & CLUSTER_PICTOGRAPHIC) != 0 and cluster.pictograph and before == BREAK_ZWJ)
        # GB12, GB13: regional indicators pair up
        or (after == BREAK_RI and before == BREAK_RI and cluster.odd_indicators)
    )
    if not joined:
        begin(cluster, entry)
        return False
    cluster.odd_indicators = after == BREAK_RI and not cluster.odd_indicators
    if conjunct != CONJUNCT_EXTEND:
        cluster.linked = conjunct == CONJUNCT_LINKER
    if entry & CLUSTER_PICTOGRAPHIC:
        cluster.pictograph = True
    elif before == BREAK_ZWJ or (after != BREAK_EXTEND and after != BREAK_ZWJ):
        cluster.pictograph = False  # GB11 allows one joiner, and it comes last
    cluster.last = entry
    return True


cdef inline Py_ssize_t cluster_start(const unit_t* text, Py_ssize_t lowest, Py_ssize_t position) noexcept nogil:
    """Return the last boundary at or before ``position``, where ``lowest`` is a boundary and a character follows."""
    cdef Py_ssize_t index, start = position
    cdef Cluster cluster
    while start > lowest and may_join(properties(text[start - 1]), properties(text[start])):
        start -= 1
    if start == position:
        return start
    begin(&cluster, properties(text[start]))
    for index in range(start + 1, position + 1):
        if not joins(&cluster, properties(text[index])):
            start = index
    return start


cdef inline Py_ssize_t cluster_end(const unit_t* text, Py_ssize_t length, Py_ssize_t start) noexcept nogil:
    """Return where the cluster that begins at ``start`` ends."""
    cdef Py_ssize_t index = start + 1
    cdef Cluster cluster
    begin(&cluster, properties(text[start]))
    while index < length and joins(&cluster, properties(text[index])):
        index += 1
    return index
