"""What reassembly hands out: whole messages, and those of which segments are missing."""

cimport cython
from cpython.object cimport Py_EQ, Py_NE
from cpython.unicode cimport PyUnicode_CheckExact

from msgcore.kernel.headers cimport UserDataHeader
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

    def __init__(self, sender, recipient, str text=None, bytes data=None, UserDataHeader header=None):
        self.sender = party(sender, "sender")
        self.recipient = party(recipient, "recipient")
        self.text = text
        self.data = data
        self.header = no_header() if header is None else header

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

    def __init__(
        self, sender, recipient, int reference, int reference_bits, int total, double first_seen, segments
    ):
        self.sender = party(sender, "sender")
        self.recipient = party(recipient, "recipient")
        self.reference = reference
        self.reference_bits = reference_bits
        self.total = total
        self.first_seen = first_seen
        self.segments = tuple(segments)
        for segment in self.segments:
            if type(segment) is not UserData:
                raise TypeError(f"segments must be UserData, not {type(segment).__name__}")

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
