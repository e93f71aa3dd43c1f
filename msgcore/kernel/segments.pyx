"""Segments with their user data: the octets that a short message carries.

How this works. The cuts come from ``cuts.pyx``. When there is one, the user data is the text alone. When there are
several, each begins with a user data header that holds an information element with reference, total and number (3GPP
TS 23.040, 9.2.3.24.1 with an 8-bit reference, 9.2.3.24.8 with a 16-bit one). Before it, and in a message of one segment
too, stand the elements of the national language tables that are used (9.2.3.24.15 and 9.2.3.24.16), and those that the
caller wants there. GSM-7 text then starts at the next septet border, so fill bits stand between; UCS-2 text follows at
once, big-endian.

``segment`` only cuts. A segment's text and octets are made when it is first asked for.
"""

from collections.abc import Sequence
from operator import index as as_index

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport Py_EQ, Py_NE
from cpython.unicode cimport PyUnicode_Substring
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from msgcore.kernel.cuts cimport (
    SEGMENT_LIMIT, fill_bits_after, header_size, language_tables,
    plan_text, read_options,
)
from msgcore.kernel.headers cimport CONCATENATION_8_BIT, CONCATENATION_16_BIT, MAX_USER_DATA_OCTETS
from msgcore.kernel.national cimport (
    ELEMENT_OCTETS, LOCKING_SHIFT_ELEMENT, SINGLE_SHIFT_ELEMENT, Shifts, encode_national_into,
)
from msgcore.kernel.septets cimport encode_into, pack_into, packed_size
from msgcore.kernel.texts cimport unit_t

from msgcore.tables.alphabets import Alphabet

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2
cdef object NO_HEADER = b""

cdef enum:
    SEPTETS = 160  # in 140 octets


# ---------------------------------------------------------------------------------------------------------- records


@cython.final
@cython.freelist(64)
cdef class Segment:
    """One short message of a text, with the octets that carry it.

    ``text``
        what of the text it carries
    ``alphabet``
        of the whole message: all segments have the same
    ``number``, ``total``
        which it is, from 1, and of how many
    ``unit_count``
        septets or UTF-16 code units of its text
    ``header``
        the user data header from its length octet on; ``b""`` for a text in one segment without national languages
    ``user_data``
        TP-UD: header, fill bits and packed septets, or header and UTF-16BE
    ``user_data_length``
        TP-UDL, which counts the header too: in septets for GSM-7, in octets for UCS-2 (3GPP TS 23.040, 9.2.3.16)
    """

    cdef readonly str text
    cdef readonly object alphabet
    cdef readonly int number
    cdef readonly int total
    cdef readonly int unit_count
    cdef readonly bytes header
    cdef readonly bytes user_data
    cdef readonly int user_data_length

    def __init__(
        self,
        str text not None,
        alphabet,
        int number,
        int total,
        int unit_count,
        bytes header not None,
        bytes user_data not None,
        int user_data_length,
    ):
        self.text = text
        self.alphabet = alphabet
        self.number = number
        self.total = total
        self.unit_count = unit_count
        self.header = header
        self.user_data = user_data
        self.user_data_length = user_data_length

    cdef tuple _fields(self):
        return (
            self.text, self.alphabet, self.number, self.total, self.unit_count,
            self.header, self.user_data, self.user_data_length,
        )

    def __richcmp__(self, other, int operation):
        if type(other) is not Segment or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return ((<Segment>self)._fields() == (<Segment>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return Segment, self._fields()

    def __repr__(self):
        return (
            f"Segment(text={self.text!r}, alphabet={self.alphabet!r}, number={self.number}, total={self.total}, "
            f"unit_count={self.unit_count}, header={self.header!r}, user_data={self.user_data!r}, "
            f"user_data_length={self.user_data_length})"
        )


@cython.final
@cython.freelist(16)
@cython.collection_type("sequence")  # so that ``match`` takes it for one
cdef class Segmentation:
    """The segments of a text, in order: a sequence of ``Segment`` that also knows what they share.

    ``alphabet``
        GSM-7 or UCS-2
    ``reference``, ``reference_bits``
        the number that ties the segments together, and its width; not sent when there is one segment
    ``languages``
        the national language tables that the text uses, as ``LanguageTable``: none, one, or one of each shift
    """

    cdef readonly object alphabet
    cdef readonly int reference
    cdef readonly int reference_bits
    cdef readonly tuple languages
    cdef list _segments     # None where a segment was not asked for yet
    cdef object _text       # what the others are about; None when all segments were given
    cdef Text _view
    cdef Plan _plan
    cdef Cut _only          # the one cut of a text that fits; else they are in _cuts
    cdef Cut* _cuts
    cdef int _header_octets
    cdef uint8_t _header[MAX_USER_DATA_OCTETS]

    def __init__(self, segments, alphabet, int reference, int reference_bits, tuple languages not None=()):
        self._segments = list(segments)
        self._text = None
        self.alphabet = alphabet
        self.reference = reference
        self.reference_bits = reference_bits
        self.languages = languages

    def __dealloc__(self):
        free(self._cuts)

    cdef Segment _segment(self, Py_ssize_t index):
        """Return the segment at ``index``, which is inside."""
        cdef object known = self._segments[index]
        cdef Segment made
        cdef const Cut* cuts
        if known is not None:
            return <Segment>known
        cuts = &self._only if self._cuts == NULL else self._cuts
        made = _build(
            self._text, &self._view, cuts[index - 1].end if index else 0, &cuts[index], <int>index + 1,
            &self._plan, self._header, self._header_octets,
        )
        self._segments[index] = made
        return made

    cdef list _all(self):
        cdef Py_ssize_t index
        if self._text is not None:
            for index in range(len(self._segments)):
                self._segment(index)
            self._text = None
        return self._segments

    def __len__(self):
        return len(self._segments)

    def __getitem__(self, index):
        """Return one segment, or for a slice a tuple of them."""
        cdef Py_ssize_t position
        if isinstance(index, slice):
            return tuple(self._all()[index])
        position = as_index(index)
        if position < 0:
            position += len(self._segments)
        if not 0 <= position < len(self._segments):
            raise IndexError(f"segment {index} of {len(self._segments)}")
        return self._segment(position)

    def __iter__(self):
        return iter(tuple(self._all()))

    def __reversed__(self):
        return reversed(tuple(self._all()))

    def __contains__(self, segment):
        return segment in self._all()

    def index(self, segment, *bounds):
        """Return the first index of ``segment``, as a tuple does."""
        return self._all().index(segment, *bounds)

    def count(self, segment):
        """Return how often ``segment`` occurs."""
        return self._all().count(segment)

    cdef tuple _fields(self):
        return tuple(self._all()), self.alphabet, self.reference, self.reference_bits, self.languages

    def __richcmp__(self, other, int operation):
        if type(other) is not Segmentation or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return ((<Segmentation>self)._fields() == (<Segmentation>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return Segmentation, self._fields()

    def __repr__(self):
        return (
            f"Segmentation({self._all()!r}, alphabet={self.alphabet!r}, reference={self.reference}, "
            f"reference_bits={self.reference_bits}, languages={self.languages!r})"
        )


Sequence.register(Segmentation)


# ----------------------------------------------------------------------------------------------------------- octets


cdef inline void _write_concatenation(
    uint8_t* element, const Options* options, int reference, int total
) noexcept nogil:
    """Write the element but for the segment's number, its last octet."""
    if options.reference_bits == 8:
        element[0] = CONCATENATION_8_BIT
        element[1] = 3
        element[2] = reference
        element[3] = total
    else:
        element[0] = CONCATENATION_16_BIT
        element[1] = 4
        element[2] = reference >> 8
        element[3] = reference & 0xFF
        element[4] = total


cdef inline void _write_shift(uint8_t* element, int identifier, int language) noexcept nogil:
    element[0] = identifier
    element[1] = 1
    element[2] = language


cdef int write_header(uint8_t* header, const Options* options, const Plan* plan, int reference) noexcept nogil:
    """Write what all segments share and return the octets, 0 where there is no header.

    The concatenation stands last, so that of several segments the last octet is the number, which is left open.
    """
    cdef int octets = header_size(options, &plan.shifts, plan.segment_count > 1)
    cdef uint8_t* element = header + 1
    if octets == 0:
        return 0
    header[0] = octets - 1  # UDHL does not count itself
    if plan.shifts.single:
        _write_shift(element, SINGLE_SHIFT_ELEMENT, plan.shifts.single)
        element += ELEMENT_OCTETS
    if plan.shifts.locking:
        _write_shift(element, LOCKING_SHIFT_ELEMENT, plan.shifts.locking)
        element += ELEMENT_OCTETS
    if options.element_octets:
        memcpy(element, options.elements, options.element_octets)
        element += options.element_octets
    if plan.segment_count > 1:
        _write_concatenation(element, options, reference, <int>plan.segment_count)
    return octets


cdef inline void _write_ucs2(const unit_t* text, Py_ssize_t start, Py_ssize_t end, uint8_t* octets) noexcept nogil:
    cdef Py_ssize_t index, written = 0
    cdef uint32_t character, high
    for index in range(start, end):
        character = text[index]
        if unit_t is uint32_t:
            if character > 0xFFFF:
                character -= 0x10000
                high = 0xD800 | (character >> 10)
                octets[written] = high >> 8
                octets[written + 1] = high & 0xFF
                written += 2
                character = 0xDC00 | (character & 0x3FF)
        octets[written] = character >> 8
        octets[written + 1] = character & 0xFF
        written += 2


cdef inline void _write_gsm7(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const Shifts* shifts, int fill_bits, uint8_t* octets
) noexcept nogil:
    cdef uint8_t septets[SEPTETS]  # inside: a cut holds at most the capacity of a segment
    cdef Py_ssize_t count
    if shifts.single or shifts.locking:
        count = encode_national_into(text, start, end, shifts, septets)
    else:
        count = encode_into(text, start, end, septets)
    pack_into(septets, count, fill_bits, octets)


cdef inline void _write_text(
    const unit_t* text, Py_ssize_t start, Py_ssize_t end, const Plan* plan, int fill_bits, uint8_t* octets
) noexcept nogil:
    if plan.gsm7:
        _write_gsm7(text, start, end, &plan.shifts, fill_bits, octets)
    else:
        _write_ucs2(text, start, end, octets)


cdef int user_data_octets(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil:
    """Return the octets of TP-UD."""
    if cut.unit_count == 0:
        return header_octets
    if plan.gsm7:
        return header_octets + <int>packed_size(cut.unit_count, fill_bits_after(header_octets))
    return header_octets + <int>cut.unit_count * 2


cdef int user_data_length(const Cut* cut, const Plan* plan, int header_octets) noexcept nogil:
    """Return TP-UDL: septets for GSM-7, the header and its fill bits rounded up to whole ones; octets for UCS-2."""
    if plan.gsm7:
        return (header_octets * 8 + fill_bits_after(header_octets)) // 7 + <int>cut.unit_count
    return header_octets + <int>cut.unit_count * 2


cdef void write_user_data(
    const Text* text,
    Py_ssize_t start,
    const Cut* cut,
    int number,
    const Plan* plan,
    const uint8_t* header,
    int header_octets,
    uint8_t* octets,
) noexcept nogil:
    """Write TP-UD of the segment from ``start`` to its cut; there is room for ``user_data_octets``."""
    cdef int fill_bits = fill_bits_after(header_octets) if plan.gsm7 else 0
    if header_octets:
        memcpy(octets, header, header_octets)
        if plan.segment_count > 1:
            octets[header_octets - 1] = number
    octets += header_octets
    if text.kind == 1:
        _write_text(<const uint8_t*>text.data, start, cut.end, plan, fill_bits, octets)
    elif text.kind == 2:
        _write_text(<const uint16_t*>text.data, start, cut.end, plan, fill_bits, octets)
    else:
        _write_text(<const uint32_t*>text.data, start, cut.end, plan, fill_bits, octets)


cdef Segment _build(
    object text,
    const Text* view,
    Py_ssize_t start,
    const Cut* cut,
    int number,
    const Plan* plan,
    const uint8_t* header,
    int header_octets,
):
    cdef Segment segment = Segment.__new__(Segment)
    cdef uint8_t* octets
    segment.text = PyUnicode_Substring(text, start, cut.end)
    segment.alphabet = GSM7 if plan.gsm7 else UCS2
    segment.number = number
    segment.total = <int>plan.segment_count
    segment.unit_count = <int>cut.unit_count
    segment.user_data_length = user_data_length(cut, plan, header_octets)
    segment.user_data = PyBytes_FromStringAndSize(NULL, user_data_octets(cut, plan, header_octets))
    octets = <uint8_t*>PyBytes_AS_STRING(segment.user_data)
    write_user_data(view, start, cut, number, plan, header, header_octets, octets)
    segment.header = PyBytes_FromStringAndSize(<char*>octets, header_octets) if header_octets else NO_HEADER
    return segment


cdef int _read_reference(object reference, int reference_bits) except -1:
    if type(reference) is not int:
        raise TypeError(f"reference must be int, not {type(reference).__name__}")
    if not 0 <= reference < 1 << reference_bits:
        highest = (1 << reference_bits) - 1
        raise ValueError(f"reference must be 0 to {highest} in {reference_bits} bits, not {reference}")
    return reference


def segment(text, *, reference=0, reference_bits=8, boundary="cluster", languages=(), elements=()):
    """Cut ``text`` into segments and build the user data of each.

    >>> parts = segment("a" * 200, reference=7)
    >>> [(part.number, part.total, part.unit_count, part.user_data_length) for part in parts]
    [(1, 2, 153, 160), (2, 2, 47, 54)]
    >>> parts[0].header.hex(" ")
    '05 00 03 07 02 01'

    The empty text is one segment of no units: a message can be sent with nothing in it. Options as for
    ``count_segments``. Source: 3GPP TS 23.040, 9.2.3.24, 9.2.3.24.1 and 9.2.3.24.8.

    Args:
        reference: ties the segments together at the receiver; take it from a ``ReferenceCounter``, since with a
            constant one a handset merges two long messages that come one after the other.

    Raises:
        EncodingError: the text has a lone surrogate.
        SegmentLimitError: more than 255 segments; ``needed`` says how many.
        ValueError: an option is none of those above, or the elements leave no room for text.
    """
    cdef Options options
    cdef Cut cuts[SEGMENT_LIMIT]
    cdef Segmentation made = Segmentation.__new__(Segmentation)
    cdef size_t octets
    read_options(&options, boundary, reference_bits, languages, elements)
    made.reference = _read_reference(reference, options.reference_bits)
    plan_text(text, &options, &made._view, &made._plan, cuts)
    made._text = text
    made._segments = [None] * made._plan.segment_count
    if made._plan.segment_count == 1:
        made._only = cuts[0]
    else:
        octets = made._plan.segment_count * sizeof(Cut)
        made._cuts = <Cut*>malloc(octets)
        if made._cuts == NULL:
            raise MemoryError
        memcpy(made._cuts, cuts, octets)
    made._header_octets = write_header(made._header, &options, &made._plan, made.reference)
    made.alphabet = GSM7 if made._plan.gsm7 else UCS2
    made.reference_bits = options.reference_bits
    made.languages = language_tables(&made._plan.shifts)
    return made
