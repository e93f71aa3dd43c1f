"""What stands against sending to a number: a refusal, or a concern, from one walk through the numbering plan.

How this works. Sending refuses what is not E.164 and what has an impossible length; everything else is a concern, for
the plan's data lags behind new area codes and a toll-free line may well read messages. Who asks to be strict has
numbers that are not in the plan refused too. Numbers with calling code 1 have 10 digits after it, whatever the plan
says of shorter ones (Messaging V2, ``to``).
"""

from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND,
)
from libc.string cimport memcmp

from msgcore.kernel.phone_numbers cimport Verdict, classify

from msgcore.tables.generated.numbering import REGIONS as _REGIONS
from msgcore.tables.number_kinds import KINDS, STATUSES, NumberKind, NumberStatus
from msgcore.tables.recipient_findings import CONCERNS as _CONCERNS, REFUSALS as _REFUSALS, Concern, Refusal

cdef enum:
    NANP = 1            # calling code of the North American Numbering Plan
    NANP_LENGTH = 12    # "+1", area code 3, exchange 3, line 4
    TABLE_SIZE = 256

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
cdef uint8_t KIND_PERSONAL = KINDS.index(NumberKind.PERSONAL)
cdef uint8_t UNITED_STATES = REGIONS.index("US")
cdef uint8_t CANADA = REGIONS.index("CA")
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
    return 0


_fill_tables()


cdef inline bint _is_service_code(const uint8_t* digits) noexcept nogil:
    """Tell 211, 311 ... 911."""
    return digits[0] >= c"2" and digits[1] == c"1" and digits[2] == c"1"


cdef inline uint8_t _nanp_concern(const uint8_t* octets, Verdict verdict) noexcept nogil:
    """Look at area code, exchange and line of a number of twelve octets."""
    if _is_service_code(octets + 2) or _is_service_code(octets + 5):
        return CONCERN_SERVICE_CODE
    if verdict.status != STATUS_VALID or verdict.kind == KIND_PERSONAL:
        return 0
    if memcmp(octets + 5, b"976", 3) == 0:
        return CONCERN_PREMIUM_RATE
    if memcmp(octets + 5, b"55501", 5) == 0:
        return CONCERN_FICTION
    return 0 if verdict.region == UNITED_STATES or verdict.region == CANADA else CONCERN_OUTSIDE_HOME_MARKET


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
    if verdict.calling_code == NANP:
        if length != NANP_LENGTH:
            judgement.refusal = REFUSE_LOCAL_ONLY
            return judgement
        judgement.concern = _nanp_concern(octets, verdict)
    if verdict.status == STATUS_VALID:
        if CONCERN_OF_KIND[verdict.kind]:
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


def sort_out(list recipients not None, str sender not None, bint strict=False):
    """Return who is kept, each once and in order; who is removed, and why; and who is questionable, and why.

    >>> sort_out(["+442079460000", "+442079460000", "x"], "+12015550100")
    (['+442079460000'], [('+442079460000', 'named before'), ('x', <Refusal.NOT_E164: 'not E.164'>)], ...)
    """
    cdef list kept = [], removed = [], questionable = []
    cdef set seen = set()
    cdef Judgement judgement
    cdef Py_ssize_t count = 0
    for recipient in recipients:
        judgement = judge_text(recipient, strict)
        if recipient == sender:
            removed.append((recipient, IS_SENDER))
        elif judgement.refusal:
            removed.append((recipient, REFUSALS[judgement.refusal]))
        else:
            seen.add(recipient)
            if len(seen) == count:  # it was there
                removed.append((recipient, NAMED_BEFORE))
                continue
            count += 1
            kept.append(recipient)
            if judgement.concern:
                questionable.append((recipient, CONCERNS[judgement.concern]))
    return kept, removed, questionable
