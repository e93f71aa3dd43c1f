"""What stands against sending to a number: a refusal, or a concern, from one walk through the numbering plan.

How this works. Sending refuses what is not E.164 and what has an impossible length; everything else is a concern, for
the plan's data lags behind new area codes and a toll-free line may well read messages. Who asks to be strict has
numbers that are not in the plan refused too. Numbers with calling code 1 have 10 digits after it, whatever the plan
says of shorter ones (Messaging V2, ``to``).
"""

cimport cython
from cpython.exc cimport PyErr_CheckSignals
from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_DecodeUTF8, PyUnicode_FromObject,
    PyUnicode_GET_LENGTH, PyUnicode_KIND,
)
from libc.string cimport memcmp

from msgcore.kernel.arrow cimport Octets, ROW_NULL, ROW_TEXT, Row, TextColumn, read_row
from msgcore.kernel.phone_numbers cimport Verdict, classify, classify_text

from msgcore.tables.generated.numbering import REGIONS as _REGIONS
from msgcore.tables.number_kinds import KINDS, STATUSES, NumberKind, NumberStatus
from msgcore.tables.recipient_findings import (
    CONCERNS as _CONCERNS, HOME_MARKET, OF_NO_AREA, REFUSALS as _REFUSALS, Concern, Refusal,
)

cdef enum Caveat:       # what a number may be besides its kind, several at once
    IS_PREMIUM_RATE = 1
    IS_SERVICE_CODE = 2
    IS_FICTION = 4
    IS_OUTSIDE_HOME_MARKET = 8

cdef enum:
    NANP = 1            # calling code of the North American Numbering Plan
    NANP_LENGTH = 12    # "+1", area code 3, exchange 3, line 4
    TABLE_SIZE = 256
    BLOCK_ROWS = 1 << 16    # after as many, Ctrl-C is heard

cdef tuple REGIONS = _REGIONS
cdef tuple REFUSALS = _REFUSALS
cdef tuple CONCERNS = _CONCERNS
cdef uint8_t REFUSAL_OF_STATUS[TABLE_SIZE]   # for a length that the plan does not have
cdef uint8_t CONCERN_OF_KIND[TABLE_SIZE]
cdef uint8_t STATUS_VALID = STATUSES.index(NumberStatus.VALID)
cdef uint8_t STATUS_TRUNK_PREFIX = STATUSES.index(NumberStatus.TRUNK_PREFIX)
cdef uint8_t REFUSE_NOT_IN_THE_PLAN = REFUSALS.index(Refusal.NOT_IN_THE_PLAN)
cdef uint8_t REFUSE_LOCAL_ONLY = REFUSALS.index(Refusal.LOCAL_ONLY)
cdef uint8_t REFUSE_TRUNK_PREFIX = REFUSALS.index(Refusal.TRUNK_PREFIX)
cdef uint8_t CONCERN_NOT_IN_THE_PLAN = CONCERNS.index(Concern.NOT_IN_THE_PLAN)
cdef uint8_t CONCERN_TRUNK_PREFIX = CONCERNS.index(Concern.TRUNK_PREFIX)
cdef uint8_t CONCERN_SERVICE_CODE = CONCERNS.index(Concern.SERVICE_CODE)
cdef uint8_t CONCERN_FICTION = CONCERNS.index(Concern.FICTION)
cdef uint8_t CONCERN_OUTSIDE_HOME_MARKET = CONCERNS.index(Concern.OUTSIDE_HOME_MARKET)
cdef uint8_t CONCERN_PREMIUM_RATE = CONCERNS.index(Concern.PREMIUM_RATE)
cdef uint8_t KIND_PREMIUM_RATE = KINDS.index(NumberKind.PREMIUM_RATE)
cdef bint IS_OF_NO_AREA[TABLE_SIZE]     # by kind
cdef bint IS_HOME_MARKET[TABLE_SIZE]    # by region
cdef Judgement NO_RECIPIENT = Judgement(0, REFUSALS.index(Refusal.NO_RECIPIENT), 0)
cdef str NAMED_BEFORE = "named before"
cdef str IS_SENDER = "is the sender"


cdef int _fill_tables() except -1:
    concerns = {
        NumberKind.PREMIUM_RATE: Concern.PREMIUM_RATE,
        NumberKind.TOLL_FREE: Concern.TOLL_FREE,
        NumberKind.SHARED_COST: Concern.SHARED_COST,
        NumberKind.PAGER: Concern.PAGER,
        NumberKind.UAN: Concern.UAN,
        NumberKind.VOICEMAIL: Concern.VOICEMAIL,
        NumberKind.FIXED_LINE: Concern.FIXED_LINE,
    }
    for index, status in enumerate(STATUSES):
        REFUSAL_OF_STATUS[index] = 0 if status is NumberStatus.VALID else REFUSALS.index(Refusal(status.value))
    for index, kind in enumerate(KINDS):
        CONCERN_OF_KIND[index] = CONCERNS.index(concerns.get(kind))
        IS_OF_NO_AREA[index] = kind in OF_NO_AREA
    for index, region in enumerate(REGIONS):
        IS_HOME_MARKET[index] = region in HOME_MARKET
    return 0


_fill_tables()


cdef inline bint _is_service_code(const uint8_t* digits) noexcept nogil:
    """Tell 211, 311 ... 911."""
    return digits[0] >= c"2" and digits[1] == c"1" and digits[2] == c"1"


cdef inline int _caveats(const uint8_t* octets, Py_ssize_t length, Verdict verdict) noexcept nogil:
    """Look at area code, exchange and line of a North American number; of others at no more than their kind."""
    cdef int found = IS_PREMIUM_RATE if verdict.kind == KIND_PREMIUM_RATE else 0
    if verdict.calling_code != NANP or length != NANP_LENGTH or IS_OF_NO_AREA[verdict.kind]:
        return found
    # ATIS-0300051 (Central Office Code Assignment Guidelines): N11 is a service code in every area, so it is no central
    # office code; nor is it an area code.
    if _is_service_code(octets + 2) or _is_service_code(octets + 5):
        found |= IS_SERVICE_CODE
    # 47 CFR 64.1501 (pay-per-call) speaks of 900, which the plan knows; 976 is the same within an area.
    if memcmp(octets + 5, b"976", 3) == 0:
        found |= IS_PREMIUM_RATE
    # ATIS-0300048 (555 NXX Assignment Guidelines): the lines 0100 to 0199 are kept for entertainment and advertising.
    if memcmp(octets + 5, b"55501", 5) == 0:
        found |= IS_FICTION
    if verdict.status == STATUS_VALID and not IS_HOME_MARKET[verdict.region]:
        found |= IS_OUTSIDE_HOME_MARKET
    return found


cdef inline uint8_t _gravest(int caveats) noexcept nogil:
    if caveats & IS_SERVICE_CODE:
        return CONCERN_SERVICE_CODE
    if caveats & IS_PREMIUM_RATE:
        return CONCERN_PREMIUM_RATE
    if caveats & IS_FICTION:
        return CONCERN_FICTION
    return CONCERN_OUTSIDE_HOME_MARKET if caveats & IS_OUTSIDE_HOME_MARKET else 0


def caveats_of(text):
    """Return what a number is besides its kind: premium rate, service code, fiction, outside the home market.

    >>> caveats_of("+17875550100")
    (<Concern.FICTION: 'fiction (555-0100 to 555-0199)'>, <Concern.OUTSIDE_HOME_MARKET: ...>)
    """
    cdef Verdict verdict = classify_text(text)
    cdef int caveats = 0
    if verdict.calling_code:  # so it is ASCII, an octet a character
        caveats = _caveats(<const uint8_t*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), verdict)
    return tuple([
        concern for caveat, concern in (
            (IS_FICTION, Concern.FICTION),
            (IS_SERVICE_CODE, Concern.SERVICE_CODE),
            (IS_PREMIUM_RATE, Concern.PREMIUM_RATE),
            (IS_OUTSIDE_HOME_MARKET, Concern.OUTSIDE_HOME_MARKET),
        ) if caveats & caveat
    ])


cdef Judgement judge(const uint8_t* octets, Py_ssize_t length, bint strict) noexcept nogil:
    """Judge the number that stands in ``octets``, exactly as written."""
    cdef Verdict verdict = classify(octets, length)
    cdef Judgement judgement
    judgement.region = verdict.region
    judgement.concern = 0
    judgement.refusal = 0
    if not verdict.is_possible:
        judgement.refusal = REFUSAL_OF_STATUS[verdict.status]
        return judgement
    if verdict.calling_code == NANP and length != NANP_LENGTH:
        judgement.refusal = REFUSE_LOCAL_ONLY
        return judgement
    # What costs more than it looks, or reaches nobody, is said before what kind of line it is.
    judgement.concern = _gravest(_caveats(octets, length, verdict))
    if verdict.status == STATUS_VALID:
        if not judgement.concern:
            judgement.concern = CONCERN_OF_KIND[verdict.kind]
        return judgement
    if strict:
        judgement.refusal = REFUSE_TRUNK_PREFIX if verdict.status == STATUS_TRUNK_PREFIX else REFUSE_NOT_IN_THE_PLAN
    elif verdict.status == STATUS_TRUNK_PREFIX:
        judgement.concern = CONCERN_TRUNK_PREFIX
    elif not judgement.concern:
        judgement.concern = CONCERN_NOT_IN_THE_PLAN
    return judgement


cdef Judgement judge_text(object text, bint strict) except *:
    """Judge a string; a parameter typed str would refuse subclasses, hence the check by hand."""
    if not PyUnicode_Check(text):
        raise TypeError(f"a recipient must be str, not {type(text).__name__}")
    if PyUnicode_KIND(text) != PyUnicode_1BYTE_KIND:
        return judge(NULL, 0, strict)  # it holds a character that is no ASCII digit
    return judge(<const uint8_t*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), strict)


def judge_recipient(text, bint strict=False):
    """Return the region of a number, why it is refused, and what speaks against it: each, or ``None``.

    >>> judge_recipient("+442079460000")[0], judge_recipient("+44207946")[1].value
    ('GB', 'local only')
    """
    cdef Judgement judgement = judge_text(text, strict)
    return REGIONS[judgement.region], REFUSALS[judgement.refusal], CONCERNS[judgement.concern]


@cython.final
cdef class _Sorter:
    """Recipients so far: who is kept, each once and in order; who is removed, and who is questionable, and why."""

    cdef list kept, removed, questionable
    cdef set _seen
    cdef str _sender
    cdef Py_ssize_t _count

    def __cinit__(self, str sender):
        self.kept = []
        self.removed = []
        self.questionable = []
        self._seen = set()
        self._sender = sender
        self._count = 0

    cdef int add(self, object recipient, Judgement judgement) except -1:
        if recipient == self._sender:
            self.removed.append((recipient, IS_SENDER))
            return 0
        if judgement.refusal:
            self.removed.append((recipient, REFUSALS[judgement.refusal]))
            return 0
        self._seen.add(recipient)
        if len(self._seen) == self._count:  # it was there
            self.removed.append((recipient, NAMED_BEFORE))
            return 0
        self._count += 1
        self.kept.append(recipient)
        if judgement.concern:
            self.questionable.append((recipient, CONCERNS[judgement.concern]))
        return 0


def sort_out(list recipients not None, sender, bint strict=False):
    """Return who is kept, each once and in order; who is removed, and why; and who is questionable, and why.

    >>> sort_out(["+442079460000", "+442079460000", "x"], "+12015550100")
    (['+442079460000'], [('+442079460000', 'named before'), ('x', <Refusal.NOT_E164: 'not E.164'>)], ...)

    A ``None`` is a value that is missing, as in an Arrow column.
    """
    cdef _Sorter sorter = _Sorter(PyUnicode_FromObject(sender))  # a str in earnest, where it was a subclass
    for recipient in recipients:
        sorter.add(recipient, NO_RECIPIENT if recipient is None else judge_text(recipient, strict))
    return sorter.kept, sorter.removed, sorter.questionable


def sort_out_column(recipients, sender, bint strict=False):
    """Sort out the rows of an Arrow column; what is not UTF-8 is removed with its octets written as ``\\xff``."""
    cdef _Sorter sorter = _Sorter(PyUnicode_FromObject(sender))
    cdef TextColumn column = TextColumn(recipients)
    cdef Py_ssize_t start, row
    try:
        while column.next_chunk():
            for start in range(0, column.chunk.length, BLOCK_ROWS):
                for row in range(start, min(start + BLOCK_ROWS, column.chunk.length)):
                    _add_row(sorter, column, row, strict)
                PyErr_CheckSignals()
    finally:
        column.close()
    return sorter.kept, sorter.removed, sorter.questionable


cdef inline int _add_row(_Sorter sorter, TextColumn column, Py_ssize_t row, bint strict) except -1:
    cdef Octets octets
    cdef Row state = read_row(&column.chunk, row, &octets)
    if state == ROW_TEXT:
        recipient = PyUnicode_DecodeUTF8(<const char*>octets.data, octets.length, b"backslashreplace")
        sorter.add(recipient, judge(octets.data, octets.length, strict))
    elif state == ROW_NULL:
        sorter.add(None, NO_RECIPIENT)
    else:
        column.raise_row(state, row)
    return 0
