"""The numbering plan of the world: calling code, region, kind, and what is wrong, in one walk over the digits.

How this works. ``numbering.h`` holds one minimised automaton for the national numbers of all calling codes (see
``tables/numbering_automaton.py``). The first three digits lead to the calling code, for no calling code begins like
another one (ITU-T E.164, 6.2.1), and the code to the state where its numbers begin. From there every digit leads to
another state, or to a *tail*, where only the number of digits left counts. The label at the end names the region, by
its place among those of the calling code, and the kind of the number. A number that is not valid is told why by its
length, from a table of lengths per calling code. libphonenumber drops a trunk prefix after the calling code, or moves
digits; the automaton knows such numbers, and they are not valid as written.
"""

cimport cython
from cpython.object cimport Py_EQ, Py_NE
from cpython.unicode cimport (
    PyUnicode_1BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_FromObject, PyUnicode_GET_LENGTH, PyUnicode_KIND,
)
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

from msgcore.errors import NumberError
from msgcore.kernel.numbers import check_e164
from msgcore.tables.generated.numbering import REGIONS as _REGIONS
from msgcore.tables.number_kinds import KINDS as _KINDS, STATUSES as _STATUSES
from msgcore.tables.proper_form import proper_form

cdef extern from "numbering.h" nogil:
    int NUMBERING_STATES
    int NUMBERING_NO_CODE
    int NUMBERING_TRUNK_PREFIX
    int NUMBERING_TAIL_WIDTH
    int NUMBERING_NATIONAL_LENGTHS
    int STATUS_VALID
    int STATUS_NOT_IN_THE_PLAN
    int STATUS_TRUNK_PREFIX
    int STATUS_UNKNOWN_CALLING_CODE
    int STATUS_NOT_E164
    const uint8_t NUMBERING_CODE_AT[1000]
    const uint16_t NUMBERING_CODES[]
    const uint8_t NUMBERING_CODE_DIGITS[]
    const uint16_t NUMBERING_START[]
    const uint16_t NUMBERING_SUCCESSORS[]
    const uint8_t NUMBERING_STATE_LABELS[]
    const uint8_t NUMBERING_TAIL_LABELS[]
    const uint8_t NUMBERING_ORDINALS[]
    const uint8_t NUMBERING_MEANINGS[]
    const uint16_t NUMBERING_REGION_BASE[]
    const uint8_t NUMBERING_REGIONS[]
    const uint8_t NUMBERING_LENGTH_STATUS[]

cdef enum:
    SHORTEST = 3   # ITU-T E.164, 6.1: '+', and at most 15 digits; a calling code alone reaches nobody
    LONGEST = 16
    CHUNK = 8      # octets that are checked at once

# Fetched once: looking at a module's names costs more than the walk.
cdef tuple REGIONS = _REGIONS
cdef tuple KINDS = _KINDS
cdef tuple STATUSES = _STATUSES

cdef object _lenient_reader = None


# ------------------------------------------------------------------------------------------------------------- walk


cdef inline bint _eight_digits(const uint8_t* text) noexcept nogil:
    """Tell whether eight octets are all ASCII digits: 0x30 to 0x39, so 0 to 9 once 0x30 is taken off by XOR."""
    cdef uint64_t chunk
    memcpy(&chunk, text, CHUNK)
    chunk ^= <uint64_t>0x3030303030303030
    # Six more carries 10 to 15 into the high half of an octet; what is above was there before.
    return ((chunk | (chunk + <uint64_t>0x0606060606060606)) & <uint64_t>0xF0F0F0F0F0F0F0F0) == 0


cdef inline bint _all_digits(const uint8_t* text, Py_ssize_t length) noexcept nogil:
    """Tell whether ``length`` octets, at most 15, are ASCII digits; two chunks that may overlap cover 8 to 16."""
    cdef Py_ssize_t index
    if length >= CHUNK:
        return _eight_digits(text) and _eight_digits(text + length - CHUNK)
    for index in range(length):
        if <uint8_t>(text[index] - c"0") > 9:
            return False
    return True


cdef inline uint8_t _label(uint32_t state, const uint8_t* digits, Py_ssize_t length) noexcept nogil:
    """Walk from ``state`` to where the digits end."""
    cdef Py_ssize_t index = 0
    while state < <uint32_t>NUMBERING_STATES and index < length:
        state = NUMBERING_SUCCESSORS[state * 10 + (digits[index] - c"0")]
        index += 1
    if state < <uint32_t>NUMBERING_STATES:
        return NUMBERING_STATE_LABELS[state]
    # A tail has 16 labels, and at most 14 digits are left.
    return NUMBERING_TAIL_LABELS[(state - NUMBERING_STATES) * NUMBERING_TAIL_WIDTH + (length - index)]


cdef Verdict classify(const uint8_t* text, Py_ssize_t length) noexcept nogil:
    """Judge ``text``, a number with its ``+`` as octets, exactly as written."""
    cdef Verdict verdict
    cdef Py_ssize_t national_length
    cdef uint32_t code, label, meaning, by_length
    verdict.calling_code = verdict.code_digits = verdict.region = verdict.kind = verdict.is_possible = 0
    verdict.status = STATUS_NOT_E164
    if length < SHORTEST or length > LONGEST or text[0] != c"+" or text[1] == c"0":
        return verdict
    if not _all_digits(text + 1, length - 1):
        return verdict
    # From here on every octet is a digit, so each index below is inside its table.
    code = (text[1] - c"0") * 100 + (text[2] - c"0") * 10 + (text[3] - c"0" if length > 3 else 0)
    code = NUMBERING_CODE_AT[code]
    national_length = length - 1 - NUMBERING_CODE_DIGITS[code]
    if code == <uint32_t>NUMBERING_NO_CODE or national_length < 0:
        verdict.status = STATUS_UNKNOWN_CALLING_CODE
        return verdict
    label = _label(NUMBERING_START[code], text + length - national_length, national_length)
    meaning = NUMBERING_MEANINGS[label]
    by_length = NUMBERING_LENGTH_STATUS[code * NUMBERING_NATIONAL_LENGTHS + national_length]
    verdict.calling_code = NUMBERING_CODES[code]
    verdict.code_digits = NUMBERING_CODE_DIGITS[code]
    verdict.region = NUMBERING_REGIONS[NUMBERING_REGION_BASE[code] + NUMBERING_ORDINALS[label]]
    verdict.is_possible = by_length == <uint32_t>STATUS_NOT_IN_THE_PLAN
    if meaning == 0:
        verdict.status = by_length
    elif meaning == <uint32_t>NUMBERING_TRUNK_PREFIX:
        verdict.status = STATUS_TRUNK_PREFIX
    else:
        # Asked before the length: Canada's 310 numbers are in the plan although they have no area code.
        verdict.kind = meaning
        verdict.status = STATUS_VALID
        verdict.is_possible = True
    return verdict


cdef Verdict classify_text(object text) except *:
    """Judge a string; a parameter typed str would refuse subclasses, hence the check by hand."""
    if not PyUnicode_Check(text):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    if PyUnicode_KIND(text) != PyUnicode_1BYTE_KIND:
        return classify(NULL, 0)  # it holds a character that is no ASCII digit
    return classify(<const uint8_t*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))


# ----------------------------------------------------------------------------------------------------------- record


@cython.final
@cython.freelist(256)
cdef class PhoneNumber:
    """A number in E.164 form, and what the numbering plan says about it, exactly as written.

    >>> number = PhoneNumber("+442070313000")
    >>> number.calling_code, number.national_number, number.region, number.kind
    (44, '2070313000', 'GB', <NumberKind.FIXED_LINE: 'fixed line'>)

    What the plan says follows from ``e164`` alone, so two numbers are equal when their digits are, and a pickled number
    is judged anew by the plan that unpickles it. Raises ``NumberError`` as ``parse_number`` does.
    """

    cdef readonly str e164
    cdef Verdict _verdict

    def __init__(self, text):
        _judge(self, text)

    @property
    def calling_code(self):
        """The calling code of a country, a network or a service: 1 for all of the North American plan."""
        return self._verdict.calling_code

    @property
    def national_number(self):
        """The digits after the calling code, as text: leading zeros count (Italy)."""
        return self.e164[1 + self._verdict.code_digits:]

    @property
    def region(self):
        """An ISO 3166-1 code, ``None`` where the calling code is no country's, or that of several and it is unclear."""
        return REGIONS[self._verdict.region]

    @property
    def kind(self):
        """What the number is used for, ``NumberKind.UNKNOWN`` unless it is valid."""
        return KINDS[self._verdict.kind]

    @property
    def status(self):
        """Whether the plan knows the number, and if not, why not: a ``NumberStatus``."""
        return STATUSES[self._verdict.status]

    @property
    def is_valid(self):
        """Whether the numbering plan knows the number."""
        return self._verdict.status == STATUS_VALID

    @property
    def is_possible(self):
        """Whether the plan has numbers of this length that can be reached from abroad."""
        return <bint>self._verdict.is_possible

    @property
    def reason(self):
        """Why the number is not valid, in words, with the proper form where one is known; ``None`` for a valid one."""
        if self._verdict.status == STATUS_VALID:
            return None
        words = self.status.value
        if self._verdict.status != STATUS_TRUNK_PREFIX:
            return words
        return f"{words}: should be +{self.calling_code}{proper_form(self.calling_code, self.national_number)}"

    def __richcmp__(self, other, int operation):
        if type(other) is not PhoneNumber or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self.e164 == (<PhoneNumber>other).e164) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self.e164)

    def __reduce__(self):
        return PhoneNumber, (self.e164,)

    def __repr__(self):
        where = self.region or f"+{self.calling_code}"
        return f"<PhoneNumber {self.e164} {where}: {self.reason or self.kind.value}>"


cdef int _judge(PhoneNumber number, object text) except -1:
    """Fill the record, or raise."""
    number._verdict = classify_text(text)
    if number._verdict.calling_code == 0:
        check_e164(text)
        raise NumberError(text, 1, "no country, network or service has this calling code")
    number.e164 = PyUnicode_FromObject(text)  # a str in earnest, where it was a subclass
    return 0


def parse_number(text, *, region=None):
    """Read a telephone number and judge it by the numbering plan.

    >>> number = parse_number("+442070313000")
    >>> number.region, number.kind, number.is_valid
    ('GB', <NumberKind.FIXED_LINE: 'fixed line'>, True)
    >>> parse_number("+4402070313000").reason
    'written with a trunk prefix: should be +442070313000'

    Without ``region`` the string is taken exactly as written. With one (``"GB"``) it is read as people write numbers
    there, and ``e164`` is the result: national and international prefixes, punctuation, digits of other scripts
    (``０２０``), letters for digits (``1-800-FLOWERS``); an extension is read over, since no message reaches one.

    >>> parse_number("(020) 7031-3000 ext. 12", region="GB").e164
    '+442070313000'

    A number that is not in the plan is no error: plan data lags behind new area codes, so look at ``reason``. The plan
    is that of libphonenumber in the edition of ``msgcore.numbering.PLAN_VERSION``.

    Raises:
        NumberError: the syntax is wrong (not E.164; with a region: no number to be found), or no country, network or
            service has the calling code.
        LocalError: ``region`` is no region of the numbering plan.
        MissingExtraError: ``region`` was given, and the extra ``numbers`` is not installed.
    """
    cdef PhoneNumber number
    if region is not None:
        return _lenient_reader(text, region)
    number = PhoneNumber.__new__(PhoneNumber)
    _judge(number, text)
    return number


def read_leniently_with(reader):
    """Let ``reader(text, region)`` read what people write; given from above, since it stands on an optional package."""
    global _lenient_reader
    _lenient_reader = reader


def is_valid_number(text):
    """Tell whether the numbering plan knows the number, exactly as written.

    >>> is_valid_number("+442070313000"), is_valid_number("+4402070313000"), is_valid_number("020 7031 3000")
    (True, False, False)

    The plan is that of libphonenumber in the edition of ``msgcore.numbering.PLAN_VERSION``. It lags behind new area
    codes, and it holds numbers of fiction: ``+1 919 555 0100`` is valid.
    """
    return classify_text(text).status == STATUS_VALID
