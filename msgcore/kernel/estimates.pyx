"""Rows of a recipient and a text, added up by region: what an estimate is made of, without an object per row.

How this works. A row is judged by the numbering plan, its text is planned as the provider cuts it (between characters,
8-bit references, no national languages), and both are added to the figures of the recipient's region. A text in UCS-2
is tried with look-alikes too: what that would save is kept beside what it costs. The few texts that need Unicode
composition for it are handed to ``to_gsm7`` itself. Arrow columns are read where they stand, a block of rows at a time
without the GIL; the two columns may be cut into chunks at different places.
"""

cimport cython
from cpython.bytearray cimport PyByteArray_AS_STRING
from cpython.exc cimport PyErr_CheckSignals
from cpython.unicode cimport PyUnicode_FromObject
from libc.stdint cimport int64_t, uint8_t, uint16_t
from libc.string cimport memset

from msgcore.kernel.arrow cimport Chunk, Octets, ROW_NULL, ROW_TEXT, Row, TextColumn, read_row
from msgcore.kernel.cuts cimport NO_FAULT, Plan, plan_view
from msgcore.kernel.lookalikes cimport REPLACED, UNDECIDED, Replacing, replace_lookalikes
from msgcore.kernel.options cimport Options, read_options
from msgcore.kernel.recipients cimport Judgement, judge, judge_text
from msgcore.kernel.texts cimport Text, view_text
from msgcore.kernel.utf8 cimport UTF8_FINE, UTF8_NO_MEMORY, Workspace, free_workspace, read_utf8

from msgcore.errors import LocalError
from msgcore.tables.generated.lookalikes import LOOKALIKES
from msgcore.tables.generated.numbering import REGIONS as _REGIONS
from msgcore.tables.recipient_findings import CONCERNS as _CONCERNS, REFUSALS as _REFUSALS, Refusal

cdef enum:
    MOST_REGIONS = 256         # an octet names one
    MOST_FINDINGS = 32
    TEXT_CHARACTERS = 2048     # Messaging V2, ``text``
    LONGEST_LOOKALIKE = 4      # what an ``assert`` below proves
    BLOCK_ROWS = 1 << 16       # after as many, Ctrl-C is heard

cdef tuple REGIONS = _REGIONS
cdef tuple REFUSALS = _REFUSALS
cdef tuple CONCERNS = _CONCERNS
cdef uint8_t REFUSE_NO_RECIPIENT = REFUSALS.index(Refusal.NO_RECIPIENT)
cdef uint8_t REFUSE_NO_TEXT = REFUSALS.index(Refusal.NO_TEXT)
cdef uint8_t REFUSE_TEXT_TOO_LONG = REFUSALS.index(Refusal.TEXT_TOO_LONG)
cdef uint8_t REFUSE_NOT_UNICODE = REFUSALS.index(Refusal.NOT_UNICODE)

assert len(REGIONS) <= MOST_REGIONS and len(REFUSALS) <= MOST_FINDINGS and len(CONCERNS) <= MOST_FINDINGS
assert max(len(replacement) for replacement, _ in LOOKALIKES.values()) <= LONGEST_LOOKALIKE


cdef struct Figures:        # of the recipients of one region
    int64_t recipients
    int64_t segments
    int64_t saved_segments  # with look-alikes, where these save any


cdef struct Counts:         # integers of one width only, so that two can be added as arrays
    Figures regions[MOST_REGIONS]
    int64_t refused[MOST_FINDINGS]
    int64_t concerns[MOST_FINDINGS]
    int64_t gsm7_texts
    int64_t ucs2_texts
    int64_t shortened_texts


cdef enum Step:
    ADDED
    REFUSED
    ASK_TO_GSM7             # added, but for what look-alikes would save
    OUT_OF_MEMORY
    BROKEN_COLUMN           # ``broken`` says which, and ``state`` how


cdef struct Work:           # what adding a row needs, and what it found in the row at hand
    bint strict
    Options options
    Workspace workspace
    Judgement judgement
    Octets octets
    Text text
    Plan plan
    uint8_t refusal
    Row state
    int broken              # 0 for the recipients, 1 for the texts
    uint16_t replaced[TEXT_CHARACTERS * LONGEST_LOOKALIKE]


# --------------------------------------------------------------------------------------------------------- a row


cdef inline Step _refuse(Counts* counts, Work* work, uint8_t refusal) noexcept nogil:
    counts.refused[refusal] += 1
    work.refusal = refusal
    return REFUSED


cdef inline void _save(Counts* counts, const Work* work, Py_ssize_t segment_count) noexcept nogil:
    """Note that look-alikes would make ``segment_count`` segments of the text at hand; only fewer count."""
    if segment_count < work.plan.segment_count:
        counts.shortened_texts += 1
        counts.regions[work.judgement.region].saved_segments += work.plan.segment_count - segment_count


cdef inline Step _try_lookalikes(Counts* counts, Work* work) noexcept nogil:
    cdef Text text
    cdef Plan plan
    cdef Replacing outcome
    if work.plan.segment_count == 1:
        return ADDED  # nothing is less
    outcome = replace_lookalikes(&work.text, work.plan.outside, work.replaced, &text.length)
    if outcome == UNDECIDED:
        return ASK_TO_GSM7
    if outcome == REPLACED:
        text.kind = 2
        text.data = work.replaced
        if plan_view(&text, &work.options, &plan, NULL) == NO_FAULT and plan.gsm7:
            _save(counts, work, plan.segment_count)
    return ADDED


cdef inline Step _add(Counts* counts, Work* work) noexcept nogil:
    """Add the row whose number is judged and whose text is in view; both can be sent, but for what is found here."""
    cdef Figures* figures
    if work.text.length == 0:
        return _refuse(counts, work, REFUSE_NO_TEXT)
    if work.text.length > TEXT_CHARACTERS:
        return _refuse(counts, work, REFUSE_TEXT_TOO_LONG)
    # So short a text has 63 segments at most, so the only fault there can be is a lone surrogate.
    if plan_view(&work.text, &work.options, &work.plan, NULL) != NO_FAULT:
        return _refuse(counts, work, REFUSE_NOT_UNICODE)
    figures = &counts.regions[work.judgement.region]
    figures.recipients += 1
    figures.segments += work.plan.segment_count
    counts.concerns[work.judgement.concern] += 1
    if work.plan.gsm7:
        counts.gsm7_texts += 1
        return ADDED
    counts.ucs2_texts += 1
    return _try_lookalikes(counts, work)


cdef inline Step _add_octets(
    Counts* counts, Work* work, const Chunk* numbers, Py_ssize_t number_row, const Chunk* texts, Py_ssize_t text_row
) noexcept nogil:
    """Add a row of two Arrow columns."""
    cdef Py_ssize_t fault
    work.state = read_row(numbers, number_row, &work.octets)
    if work.state == ROW_TEXT:
        work.judgement = judge(work.octets.data, work.octets.length, work.strict)
    elif work.state != ROW_NULL:
        work.broken = 0
        return BROKEN_COLUMN
    else:
        work.judgement.refusal = REFUSE_NO_RECIPIENT
    work.state = read_row(texts, text_row, &work.octets)
    if work.state != ROW_TEXT and work.state != ROW_NULL:
        work.broken = 1
        return BROKEN_COLUMN
    if work.judgement.refusal:
        return _refuse(counts, work, work.judgement.refusal)
    if work.state == ROW_NULL:
        return _refuse(counts, work, REFUSE_NO_TEXT)
    fault = read_utf8(work.octets.data, work.octets.length, &work.workspace, &work.text)
    if fault == UTF8_NO_MEMORY:
        return OUT_OF_MEMORY
    if fault != UTF8_FINE:
        return _refuse(counts, work, REFUSE_NOT_UNICODE)
    return _add(counts, work)


cdef Step _add_block(
    Counts* counts, Work* work, const Chunk* numbers, Py_ssize_t* number_row, const Chunk* texts, Py_ssize_t* text_row,
    Py_ssize_t rows
) noexcept nogil:
    """Add up to ``rows`` rows; stop after one that needs Python, and before one that cannot be read."""
    cdef Step step
    cdef Py_ssize_t _
    for _ in range(rows):
        step = _add_octets(counts, work, numbers, number_row[0], texts, text_row[0])
        if step == OUT_OF_MEMORY or step == BROKEN_COLUMN:
            return step
        number_row[0] += 1
        text_row[0] += 1
        if step == ASK_TO_GSM7:
            return step
    return ADDED


# --------------------------------------------------------------------------------------------------------- the tally


@cython.final
cdef class Tally:
    """Rows of a recipient and a text, added up; refused ones are counted by reason.

    >>> tally = Tally(False, None)
    >>> tally.add("+12015550123", "hello"), tally.add("+1201555012", "hello")
    (None, <Refusal.TOO_SHORT: 'too short'>)
    >>> tally.figures(), tally.texts()
    ({'US': (1, 1, 0)}, (1, 0, 0))

    ``to_gsm7`` gives the text that a text becomes; without it, what needs Unicode composition counts as unchanged.
    """

    cdef Counts _counts
    cdef Work _work
    cdef object _to_gsm7

    def __cinit__(self, bint strict, to_gsm7):
        memset(&self._counts, 0, sizeof(self._counts))
        memset(&self._work, 0, sizeof(self._work))
        read_options(&self._work.options, "character", 8, (), ())
        self._work.strict = strict
        self._to_gsm7 = to_gsm7

    def __dealloc__(self):
        free_workspace(&self._work.workspace)

    cdef int _ask(self, str text) except -1:
        """Let Python say what look-alikes make of the text just added."""
        cdef Text view
        cdef Plan plan
        if self._to_gsm7 is None:
            return 0
        replaced = self._to_gsm7(text)
        view_text(replaced, &view)
        if plan_view(&view, &self._work.options, &plan, NULL) == NO_FAULT:
            _save(&self._counts, &self._work, plan.segment_count)
        return 0

    cdef uint8_t _add_row(self, object number, object text) except 0xFF:
        """Add a row of Python strings, and return its refusal."""
        cdef Step step
        if number is None:
            _refuse(&self._counts, &self._work, REFUSE_NO_RECIPIENT)
            return self._work.refusal
        self._work.judgement = judge_text(number, self._work.strict)
        if text is not None:
            view_text(text, &self._work.text)
        if self._work.judgement.refusal:
            step = _refuse(&self._counts, &self._work, self._work.judgement.refusal)
        elif text is None:
            step = _refuse(&self._counts, &self._work, REFUSE_NO_TEXT)
        else:
            step = _add(&self._counts, &self._work)
        if step == ASK_TO_GSM7:
            self._ask(PyUnicode_FromObject(text))  # a str in earnest, where it was a subclass
        return self._work.refusal if step == REFUSED else 0

    def add(self, number, text):
        """Add one row, and return why it is refused, or ``None``."""
        return REFUSALS[self._add_row(number, text)]

    @cython.boundscheck(True)  # ``to_gsm7`` runs Python code, which might change the lists
    def add_lists(self, list numbers not None, list texts not None, *, bint count_refused=True):
        """Add rows, and return for each an octet: its index into REFUSALS, 0 where it was added.

        A ``None`` is a value that is missing, as in an Arrow column. Refused rows may be left for others to count.
        """
        cdef Py_ssize_t row, count = len(numbers)
        cdef uint8_t refusal
        if len(texts) != count:
            raise LocalError(f"expected as many texts as numbers, got {len(texts)} and {count}")
        refusals = bytearray(count)
        cdef char* octets = PyByteArray_AS_STRING(refusals)  # nobody else has it, so it does not move
        for row in range(count):
            refusal = self._add_row(numbers[row], texts[row])
            octets[row] = <char>refusal
            if refusal and not count_refused:
                self._counts.refused[refusal] -= 1
        return bytes(refusals)

    def add_columns(self, numbers, texts):
        """Add the rows of two Arrow columns."""
        cdef TextColumn number_column = TextColumn(numbers)
        cdef TextColumn text_column = TextColumn(texts)
        try:
            self._add_columns(number_column, text_column)
        finally:
            number_column.close()
            text_column.close()

    cdef int _add_columns(self, TextColumn numbers, TextColumn texts) except -1:
        cdef Py_ssize_t number_row = 0, text_row = 0, rows
        cdef bint more_numbers = True, more_texts = True
        cdef Step step
        while True:
            while more_numbers and number_row == numbers.chunk.length:
                more_numbers = numbers.next_chunk()
                number_row = 0
            while more_texts and text_row == texts.chunk.length:
                more_texts = texts.next_chunk()
                text_row = 0
            if not more_numbers or not more_texts:
                break
            rows = min(numbers.chunk.length - number_row, texts.chunk.length - text_row, <Py_ssize_t>BLOCK_ROWS)
            with nogil:
                step = _add_block(
                    &self._counts, &self._work, &numbers.chunk, &number_row, &texts.chunk, &text_row, rows
                )
            if step == ASK_TO_GSM7:
                self._ask(self._work.octets.data[:self._work.octets.length].decode("utf-8"))
            elif step == OUT_OF_MEMORY:
                raise MemoryError
            elif step == BROKEN_COLUMN:
                (texts if self._work.broken else numbers).raise_row(
                    self._work.state, text_row if self._work.broken else number_row
                )
            PyErr_CheckSignals()
        if more_numbers or more_texts:
            longer, shorter = ("numbers", "texts") if more_numbers else ("texts", "numbers")
            raise LocalError(f"expected as many texts as numbers: the column of {shorter} ends before that of {longer}")
        return 0

    def merge(self, Tally other not None):
        """Add what another tally has counted."""
        cdef int64_t* ours = <int64_t*>&self._counts
        cdef int64_t* theirs = <int64_t*>&other._counts
        cdef size_t index
        for index in range(sizeof(Counts) // sizeof(int64_t)):
            ours[index] += theirs[index]

    def figures(self):
        """Return recipients, segments, and segments that look-alikes would save, by region."""
        cdef Py_ssize_t region
        found = {}
        for region in range(len(REGIONS)):
            if self._counts.regions[region].recipients:
                found[REGIONS[region]] = (
                    self._counts.regions[region].recipients,
                    self._counts.regions[region].segments,
                    self._counts.regions[region].saved_segments,
                )
        return found

    def texts(self):
        """Return how many texts are GSM-7, how many UCS-2, and how many of those would be shorter with look-alikes."""
        return self._counts.gsm7_texts, self._counts.ucs2_texts, self._counts.shortened_texts

    def refused(self):
        """Return how many rows were refused, by reason."""
        cdef Py_ssize_t index
        return {
            REFUSALS[index]: self._counts.refused[index]
            for index in range(1, len(REFUSALS)) if self._counts.refused[index]
        }

    def concerns(self):
        """Return how many recipients that can be sent to there is something to say about, by what it is."""
        cdef Py_ssize_t index
        return {
            CONCERNS[index]: self._counts.concerns[index]
            for index in range(1, len(CONCERNS)) if self._counts.concerns[index]
        }
