"""Segments with their user data: the octets that a short message carries.

How this works. The cuts come from ``cuts.pyx``, the octets from ``segment_octets.pyx``. ``segment`` only cuts: the text
and octets of a segment are made when it is first asked for, and kept.
"""

from collections.abc import Sequence
from operator import index as as_index

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport Py_EQ, Py_NE
from cpython.unicode cimport PyUnicode_Substring
from libc.stdint cimport uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from msgcore.kernel.cuts cimport Cut, Plan, SEGMENT_LIMIT, language_tables, plan_text
from msgcore.kernel.headers cimport MAX_USER_DATA_OCTETS
from msgcore.kernel.options cimport Options, read_options
from msgcore.kernel.segment_octets cimport user_data_length_field, user_data_octets, write_header, write_user_data
from msgcore.kernel.texts cimport Text

from msgcore.tables.alphabets import Alphabet

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2
cdef object NO_HEADER = b""


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
        if self.text is not None:
            raise TypeError("a Segment is made once: it does not change")
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
        if self.alphabet is not None:
            raise TypeError("a Segmentation is made once: it does not change")
        self._segments = list(segments)
        for segment in self._segments:
            if type(segment) is not Segment:
                raise TypeError(f"segments must hold Segment, not {type(segment).__name__}")
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


# --------------------------------------------------------------------------------------------------------- building


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
    segment.user_data_length = user_data_length_field(cut, plan, header_octets)
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
