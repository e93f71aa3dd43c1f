"""User data headers: information elements in octets, and what those mean that are understood.

3GPP TS 23.040, 9.2.3.24. A header begins with UDHL, the number of octets that follow it; then come information
elements, each an identifier, a length and that many octets.

How this works. A header keeps its octets. Reading it is one walk, which checks that every element ends inside and notes
what the elements that count here mean; the elements become objects when somebody asks for them.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport Py_EQ, Py_NE
from libc.stdint cimport uint8_t

from msgcore.kernel.national cimport (
    LANGUAGES, LOCKING_SHIFT_ELEMENT, NATIONAL_LOCKING_TABLES, SINGLE_SHIFT_ELEMENT,
)

from msgcore.errors import UserDataError
from msgcore.tables.languages import language_table

cdef enum:
    MAX_ELEMENT_OCTETS = MAX_USER_DATA_OCTETS - 3  # UDHL, identifier and length stand beside the data


# ---------------------------------------------------------------------------------------------------------- reading


cdef inline void _note_concatenation(const uint8_t* data, int reference_octets, Meaning* meaning) noexcept nogil:
    cdef int total = data[reference_octets], number = data[reference_octets + 1]
    if number == 0 or number > total:  # a total of 0 leaves no number either
        return
    meaning.reference = data[0] if reference_octets == 1 else data[0] << 8 | data[1]
    meaning.reference_bits = 8 * reference_octets
    meaning.total = total
    meaning.number = number


cdef inline void _note(int identifier, const uint8_t* data, int size, Meaning* meaning) noexcept nogil:
    """Note what an element means, over what an earlier one of its kind said.

    9.2.3.24.1 and 9.2.3.24.8: a concatenation with a total of 0, a number of 0, or a number above the total is ignored.
    9.2.3.24.15 and 9.2.3.24.16: so is a language that has no such table. 9.2.3.24: of elements that repeat or exclude
    each other the last one counts.
    """
    if identifier == CONCATENATION_8_BIT and size == 3:
        _note_concatenation(data, 1, meaning)
    elif identifier == CONCATENATION_16_BIT and size == 4:
        _note_concatenation(data, 2, meaning)
    elif identifier == SINGLE_SHIFT_ELEMENT and size == 1 and 1 <= data[0] <= LANGUAGES:
        meaning.shifts.single = data[0]
    elif identifier == LOCKING_SHIFT_ELEMENT and size == 1 and 1 <= data[0] <= LANGUAGES:
        if NATIONAL_LOCKING_TABLES >> data[0] & 1:
            meaning.shifts.locking = data[0]


cdef int _read_elements(const uint8_t* octets, int end, Meaning* meaning) except -1:
    """Walk over the elements from octet 1 to ``end``, which is inside; fill ``meaning``."""
    cdef int offset = 1, size
    meaning.total = meaning.number = meaning.reference = meaning.reference_bits = 0
    meaning.shifts.single = meaning.shifts.locking = 0
    while offset < end:
        if offset + 2 > end:
            raise UserDataError(
                "header.element.length", offset + 1, "expected the element's length, the header ends before"
            )
        size = octets[offset + 1]
        if offset + 2 + size > end:
            raise UserDataError(
                "header.element.data",
                offset + 2,
                f"expected {size} octets, the header ends after {end - offset - 2}",
            )
        _note(octets[offset], octets + offset + 2, size, meaning)
        offset += 2 + size
    return 0


cdef UserDataHeader read_header(const uint8_t* octets, Py_ssize_t octet_count):
    """Read the header that octets begin with."""
    cdef UserDataHeader header
    cdef int end
    if octet_count == 0:
        raise UserDataError("header.length", 0, "expected the length of a user data header, found nothing")
    end = octets[0] + 1
    if end > octet_count:
        raise UserDataError("header.length", 0, f"expected {end - 1} octets to follow, found {octet_count - 1}")
    if end > MAX_USER_DATA_OCTETS:
        raise UserDataError("header.length", 0, f"expected at most {MAX_USER_DATA_OCTETS - 1}, got {end - 1}")
    header = UserDataHeader.__new__(UserDataHeader)
    _read_elements(octets, end, &header.meaning)
    header.octets = PyBytes_FromStringAndSize(<const char*>octets, end)
    return header


cdef bytes as_octets(object given):
    """Return the octets of anything that has a buffer."""
    if PyBytes_CheckExact(given):
        return given
    return memoryview(given).tobytes()  # not bytes(): of a number that would be as many zeros


# ---------------------------------------------------------------------------------------------------------- records


@cython.final
@cython.no_gc  # holds an exact bytes: no cycle can pass through it
@cython.freelist(64)
cdef class InformationElement:
    """One item of a user data header: an identifier (0 to 255) and its octets.

    >>> InformationElement(0x70, b"x")
    InformationElement(identifier=112, data=b'x')
    """

    __match_args__ = ("identifier", "data")

    def __init__(self, identifier, bytes data not None=b""):
        if not 0 <= identifier <= 0xFF:
            raise ValueError(f"identifier must be 0 to 255, not {identifier}")
        if PyBytes_GET_SIZE(data) > MAX_ELEMENT_OCTETS:
            raise ValueError(f"data must be at most {MAX_ELEMENT_OCTETS} octets, got {len(data)}")
        self.identifier = identifier
        self.data = data

    def __richcmp__(self, other, int operation):
        if type(other) is not InformationElement or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        cdef InformationElement theirs = other
        return (self.identifier == theirs.identifier and self.data == theirs.data) == (operation == Py_EQ)

    def __hash__(self):
        return hash((self.identifier, self.data))

    def __reduce__(self):
        return InformationElement, (self.identifier, self.data)

    def __repr__(self):
        return f"InformationElement(identifier={self.identifier}, data={self.data!r})"


@cython.final
@cython.no_gc
@cython.freelist(16)
cdef class Concatenation:
    """What a concatenation element says: this is segment ``number`` of ``total``, tied by ``reference``.

    >>> Concatenation(reference=7, reference_bits=8, total=2, number=1).element()
    InformationElement(identifier=0, data=b'\\x07\\x02\\x01')
    """

    __match_args__ = ("reference", "reference_bits", "total", "number")

    cdef readonly int reference
    cdef readonly int reference_bits
    cdef readonly int total
    cdef readonly int number

    def __init__(self, reference, reference_bits, total, number):
        if reference_bits not in (8, 16):
            raise ValueError(f"reference_bits must be 8 or 16, not {reference_bits}")
        if not 0 <= reference < 1 << reference_bits:
            raise ValueError(
                f"reference must be 0 to {(1 << reference_bits) - 1} in {reference_bits} bits, not {reference}"
            )
        if not 1 <= number <= total <= 0xFF:
            raise ValueError(f"expected number 1 to total and total at most 255, got number {number} of {total}")
        self.reference = reference
        self.reference_bits = reference_bits
        self.total = total
        self.number = number

    def element(self):
        """Return the information element that says so."""
        identifier = CONCATENATION_8_BIT if self.reference_bits == 8 else CONCATENATION_16_BIT
        reference = self.reference.to_bytes(self.reference_bits // 8, "big")
        return InformationElement(identifier, reference + bytes((self.total, self.number)))

    cdef tuple _fields(self):
        return self.reference, self.reference_bits, self.total, self.number

    def __richcmp__(self, other, int operation):
        if type(other) is not Concatenation or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self._fields() == (<Concatenation>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return Concatenation, self._fields()

    def __repr__(self):
        return (
            f"Concatenation(reference={self.reference}, reference_bits={self.reference_bits}, total={self.total}, "
            f"number={self.number})"
        )


@cython.final
@cython.no_gc  # its tuple holds elements only, and they hold no one
@cython.freelist(64)
cdef class UserDataHeader:
    """The information elements of a user data header, in order; one that is not understood is kept as it is.

    >>> header = UserDataHeader.decode(bytes.fromhex("0500030702010a"))
    >>> header
    UserDataHeader(elements=(InformationElement(identifier=0, data=b'\\x07\\x02\\x01'),))
    >>> header.concatenation
    Concatenation(reference=7, reference_bits=8, total=2, number=1)
    >>> header.encode().hex(" ")
    '05 00 03 07 02 01'
    """

    __match_args__ = ("elements",)

    def __init__(self, elements=()):
        cdef tuple checked = tuple(elements)
        cdef InformationElement item
        cdef Py_ssize_t octet_count = 1
        for element in checked:
            if type(element) is not InformationElement:
                raise TypeError(f"elements must be InformationElement, not {type(element).__name__}")
            item = element
            octet_count += 2 + PyBytes_GET_SIZE(item.data)
        if octet_count > MAX_USER_DATA_OCTETS:
            raise ValueError(f"a header has at most {MAX_USER_DATA_OCTETS} octets, these elements need {octet_count}")
        body = b"".join([bytes((element.identifier, len(element.data))) + element.data for element in checked])
        self.octets = bytes((len(body),)) + body
        self.read_elements = checked
        _read_elements(<const uint8_t*>PyBytes_AS_STRING(self.octets), <int>octet_count, &self.meaning)

    @classmethod
    def decode(cls, octets):
        """Read the header that ``octets`` begin with, from UDHL on; what stands behind it is not looked at.

        Raises:
            UserDataError: the header, or an element in it, ends beyond what is there.
        """
        cdef bytes given = as_octets(octets)
        return read_header(<const uint8_t*>PyBytes_AS_STRING(given), PyBytes_GET_SIZE(given))

    def encode(self):
        """Return the octets of the header, UDHL first."""
        return self.octets

    @property
    def elements(self):
        """The information elements, in order, repeated ones too."""
        if self.read_elements is None:
            self.read_elements = _build_elements(self.octets)
        return self.read_elements

    @property
    def octet_count(self):
        """How many octets the header takes, UDHL included."""
        return PyBytes_GET_SIZE(self.octets)

    @property
    def concatenation(self):
        """What the last valid concatenation element says, or None.

        3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8: an element with a total of 0, a number of 0, or a number above the
        total is ignored. 9.2.3.24: of elements that repeat or exclude each other the last one counts.
        """
        cdef Concatenation found
        if self.meaning.total == 0:
            return None
        found = Concatenation.__new__(Concatenation)
        found.reference = self.meaning.reference
        found.reference_bits = self.meaning.reference_bits
        found.total = self.meaning.total
        found.number = self.meaning.number
        return found

    @property
    def languages(self):
        """The national language tables that the text behind is written in: none, one, or one of each shift.

        >>> UserDataHeader.decode(bytes.fromhex("03240101")).languages
        (LanguageTable(language='turkish', shift='single'),)

        3GPP TS 23.040, 9.2.3.24.15 and 9.2.3.24.16: the data is one octet, the language. An element of another length,
        or of a language that has no such table, is ignored; of several the last counts.
        """
        cdef tuple found = ()
        if self.meaning.shifts.single:
            found += (language_table(SINGLE_SHIFT_ELEMENT, self.meaning.shifts.single),)
        if self.meaning.shifts.locking:
            found += (language_table(LOCKING_SHIFT_ELEMENT, self.meaning.shifts.locking),)
        return found

    def __richcmp__(self, other, int operation):
        if type(other) is not UserDataHeader or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self.octets == (<UserDataHeader>other).octets) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self.octets)

    def __reduce__(self):
        return UserDataHeader, (self.elements,)

    def __repr__(self):
        return f"UserDataHeader(elements={self.elements!r})"


cdef tuple _build_elements(bytes header):
    """Build the elements of a header that was read, so that every length is known to fit."""
    cdef InformationElement item
    cdef list found = []
    cdef Py_ssize_t offset = 1, stop
    while offset < PyBytes_GET_SIZE(header):
        stop = offset + 2 + header[offset + 1]
        item = InformationElement.__new__(InformationElement)
        item.identifier = header[offset]
        item.data = header[offset + 2 : stop]
        found.append(item)
        offset = stop
    return tuple(found)
