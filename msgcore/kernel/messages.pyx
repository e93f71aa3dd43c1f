"""What reassembly hands out: whole messages, and those of which segments are missing."""

cimport cython
from cpython.object cimport Py_EQ, Py_NE
from cpython.unicode cimport PyUnicode_CheckExact
from libc.math cimport isfinite

from msgcore.kernel.arguments cimport refuse_second_init, seconds, whole_number
from msgcore.kernel.headers cimport UserDataHeader, check_reference
from msgcore.kernel.user_data cimport UserData, no_header


cdef str party(object name, str role):
    """Return a sender or recipient as an exact ``str``: no subclass decides what belongs together."""
    if PyUnicode_CheckExact(name):
        return name
    if not isinstance(name, str):
        raise TypeError(f"{role} must be str, not {type(name).__name__}")
    return str.__str__(name)


@cython.final
@cython.no_gc  # holds exact strings, bytes and a header: no cycle can pass through it
@cython.freelist(64)
cdef class ReassembledMessage:
    """A whole message.

    ``sender``, ``recipient``
        as they were given
    ``text``
        its text; None where a segment holds 8-bit data
    ``data``
        the units of all segments joined, where one holds 8-bit data; else None
    ``header``
        that of its first segment, with ports and whatever else the sender put there
    """

    __match_args__ = ("sender", "recipient", "text", "data", "header")

    def __cinit__(self):
        self.sender = self.recipient = ""
        self.header = no_header()

    def __init__(self, sender, recipient, str text=None, bytes data=None, UserDataHeader header=None):
        refuse_second_init(self, self.made)
        self.sender = party(sender, "sender")
        self.recipient = party(recipient, "recipient")
        self.text = text
        self.data = data
        self.header = no_header() if header is None else header
        self.made = True

    @property
    def concatenation(self):
        """What ties its segments together, as its first one says; None when it came as one."""
        return self.header.concatenation

    cdef tuple _fields(self):
        return self.sender, self.recipient, self.text, self.data, self.header

    def __richcmp__(self, other, int operation):
        if type(other) is not ReassembledMessage or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self._fields() == (<ReassembledMessage>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return ReassembledMessage, self._fields()

    def __repr__(self):
        return (
            f"ReassembledMessage(sender={self.sender!r}, recipient={self.recipient!r}, text={self.text!r}, "
            f"data={self.data!r}, header={self.header!r})"
        )


cdef int _check_segment(object segment, Py_ssize_t total) except -1:
    cdef int number
    if type(segment) is not UserData:
        raise TypeError(f"segments must be UserData, not {type(segment).__name__}")
    number = (<UserData>segment).header.meaning.number
    if not 1 <= number <= total:  # 0 where no header says that it is a segment
        raise ValueError(f"segments must have numbers 1 to {total}, not {number}")
    return 0


@cython.final
@cython.no_gc
cdef class IncompleteMessage:
    """A message of which segments are missing, with all that came.

    ``sender``, ``recipient``, ``reference``, ``reference_bits``, ``total``
        what its segments share
    ``first_seen``
        when the first of them came
    ``segments``
        those that came, as user data, in order of their numbers

    Nothing of it is lost: given to a ``Reassembler`` again, each at ``first_seen``, the segments open the same message.
    """

    __match_args__ = ("sender", "recipient", "reference", "reference_bits", "total", "first_seen", "segments")

    def __cinit__(self):
        self.sender = self.recipient = ""
        self.reference_bits = 8
        self.total = 1
        self.segments = ()

    def __init__(self, sender, recipient, reference, reference_bits, total, first_seen, segments):
        cdef str from_ = party(sender, "sender")
        cdef str to = party(recipient, "recipient")
        cdef Py_ssize_t tie = whole_number(reference, "reference")
        cdef Py_ssize_t bits = whole_number(reference_bits, "reference_bits")
        cdef Py_ssize_t of = whole_number(total, "total")
        cdef double since = seconds(first_seen, "first_seen")
        cdef tuple there = tuple(segments)
        refuse_second_init(self, self.made)
        check_reference(tie, bits)
        if not 1 <= of <= 0xFF:
            raise ValueError(f"total must be 1 to 255, not {of}")
        if not isfinite(since):
            raise ValueError(f"first_seen must be a finite number of seconds, not {since}")
        for segment in there:
            _check_segment(segment, of)
        self.sender = from_
        self.recipient = to
        self.reference = <int>tie
        self.reference_bits = <int>bits
        self.total = <int>of
        self.first_seen = since
        self.segments = there
        self.made = True

    @property
    def missing(self):
        """The numbers of the segments that did not come."""
        there = {(<UserData>segment).header.meaning.number for segment in self.segments}
        return tuple([number for number in range(1, self.total + 1) if number not in there])

    @property
    def texts(self):
        """The text of each segment that came, by its number; None for 8-bit data."""
        return {(<UserData>segment).header.meaning.number: segment.text for segment in self.segments}

    cdef tuple _fields(self):
        return (
            self.sender, self.recipient, self.reference, self.reference_bits, self.total, self.first_seen, self.segments
        )

    def __richcmp__(self, other, int operation):
        if type(other) is not IncompleteMessage or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self._fields() == (<IncompleteMessage>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return IncompleteMessage, self._fields()

    def __repr__(self):
        return (
            f"IncompleteMessage(sender={self.sender!r}, recipient={self.recipient!r}, reference={self.reference}, "
            f"reference_bits={self.reference_bits}, total={self.total}, first_seen={self.first_seen!r}, "
            f"segments={self.segments!r})"
        )
