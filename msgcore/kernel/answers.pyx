"""An HTTP answer that came whole and is ordinary, read at a glance.

How this works. Almost every answer of a provider comes in one piece: a final status, headers of a line each, one
``content-length``, and just as many octets after the empty line. Such an answer is read here in one pass. All others
are not wrong for that: whoever asks gets None and asks a full parser. So everything that takes thought is left to it:
interim answers, other versions, chunks, what says something about the connection, headers that come twice or go on in
the next line, octets too few or too many. What the glance takes a full parser reads alike: a property of the tests
holds one against the other.

The headers are looked over, and left where they stand: mostly nobody wants one, and each would be two strings.

Source: RFC 9112, sections 4 (status line), 5 (fields) and 6.3 (length of a body); RFC 9110, 5.6.2 (tokens).
"""

from collections.abc import Mapping

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp, memcpy

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL

cdef enum:
    LONGEST_NAME = 64
    MOST_LINES = 32  # each name is held against all before it
    MOST_LENGTH_DIGITS = 9
    VERSION_OCTETS = 9  # with the space that follows
    STATUS_LINE_OCTETS = VERSION_OCTETS + 4  # the shortest: three digits and a space

cdef uint64_t ONES = 0x0101010101010101

# An octet of a name as it is kept, in lower case; 0 where no name has it.
cdef unsigned char[256] IN_NAME
for octet in range(256):
    letter = chr(octet)
    IN_NAME[octet] = ord(letter.lower()) if octet < 128 and (letter.isalnum() or letter in "!#$%&'*+-.^_`|~") else 0

cdef struct Part:
    const unsigned char* octets
    Py_ssize_t length

cdef struct Line:
    Part name
    Part value  # without the blanks around it
    const unsigned char* end  # where the next one begins


cdef inline bint _is_name(Part name) noexcept:
    """Tell whether it is the name of a header, and none longer than any that is ordinary."""
    cdef Py_ssize_t index
    if not 0 < name.length <= LONGEST_NAME:
        return False
    for index in range(name.length):
        if not IN_NAME[name.octets[index]]:
            return False
    return True


cdef inline bint _are_alike(Part name, Part other) noexcept:
    """Tell whether two names are one, in whatever case each is written."""
    cdef Py_ssize_t index
    if name.length != other.length:
        return False
    for index in range(name.length):
        if IN_NAME[name.octets[index]] != IN_NAME[other.octets[index]]:
            return False
    return True


cdef inline bint _is(Part name, const char* wanted, Py_ssize_t length) noexcept:
    """Tell whether a name is one that is given in lower case."""
    cdef Py_ssize_t index
    if name.length != length:
        return False
    for index in range(length):
        if IN_NAME[name.octets[index]] != <unsigned char>wanted[index]:
            return False
    return True


cdef inline bint _wants_thought(Part name) noexcept:
    """Tell of a header that lets a body or the connection end otherwise than the length says."""
    return (
        _is(name, b"connection", 10)
        or _is(name, b"proxy-connection", 16)
        or _is(name, b"trailer", 7)
        or _is(name, b"transfer-encoding", 17)
        or _is(name, b"upgrade", 7)
    )


cdef inline uint64_t _controls(uint64_t octets) noexcept:
    """Return a word that is not 0 if one of eight octets is below the blank, or DEL."""
    cdef uint64_t from_delete = octets ^ (ONES * 0x7F)
    return ((octets - ONES * 0x20) & ~octets | (from_delete - ONES) & ~from_delete) & (ONES * 0x80)


cdef inline bint _is_in_line(unsigned char octet) noexcept:
    return (octet >= 0x20 or octet == c"\t") and octet != 0x7F


cdef const unsigned char* _line_end(const unsigned char* octets, const unsigned char* end) noexcept:
    """Return where the CR LF of a line stands; NULL where it has none, or another control character before it."""
    cdef uint64_t eight
    while end - octets >= 8:
        memcpy(&eight, octets, 8)
        if _controls(eight):
            break
        octets += 8
    while octets < end and _is_in_line(octets[0]):
        octets += 1
    return octets if end - octets >= 2 and octets[0] == c"\r" and octets[1] == c"\n" else NULL


cdef inline bint _is_blank(unsigned char octet) noexcept:
    return octet == c" " or octet == c"\t"


cdef bint _read_line(const unsigned char* octets, const unsigned char* end, Line* line) noexcept:
    """Read the line that begins there, if it is a header's, or the empty one, which has no name."""
    cdef const unsigned char* line_end = _line_end(octets, end)
    cdef const unsigned char* colon
    if line_end == NULL:
        return False
    line.end = line_end + 2
    line.name.octets = octets
    line.name.length = 0
    if line_end == octets:
        return True
    colon = <const unsigned char*>memchr(octets, c":", line_end - octets)
    if colon == NULL:
        return False
    line.name.length = colon - octets
    colon += 1
    while colon < line_end and _is_blank(colon[0]):
        colon += 1
    while colon < line_end and _is_blank((line_end - 1)[0]):
        line_end -= 1
    line.value.octets = colon
    line.value.length = line_end - colon
    return _is_name(line.name)


@cython.final
@cython.freelist(64)
cdef class Headers:
    """The headers of an answer that was read at a glance, by names in lower case: a mapping that never changes.

    >>> headers = read_whole_answer(b"HTTP/1.1 202 A\\r\\nContent-Length: 0\\r\\nServer: x\\r\\n\\r\\n", 1024)[1]
    >>> headers
    {'content-length': '0', 'server': 'x'}
    >>> headers["server"], headers.get("Server"), "date" in headers, len(headers)
    ('x', None, False, 2)
    """

    cdef bytes answer
    cdef Py_ssize_t first
    """Where the first line stands in it. Every line was read before, and the last one is empty."""

    def __cinit__(self):
        self.answer = b""  # or what ``__new__`` alone makes would be read beyond its end: None is no bytes

    def __init__(self):
        raise TypeError("the headers of an answer are read, and not made")

    cdef dict fields(self):
        cdef Line line
        cdef dict fields = {}
        cdef const unsigned char* octets = <const unsigned char*>PyBytes_AS_STRING(self.answer)
        cdef const unsigned char* end = octets + PyBytes_GET_SIZE(self.answer)
        line.end = octets + self.first
        while _read_line(line.end, end, &line) and line.name.length:
            name = PyUnicode_DecodeLatin1(<const char*>line.name.octets, line.name.length, NULL)
            fields[name.lower()] = _text(line.value)
        return fields

    def get(self, name, default=None):
        """Return the value of a header, or ``default``."""
        cdef Line line
        cdef const unsigned char* octets = <const unsigned char*>PyBytes_AS_STRING(self.answer)
        cdef const unsigned char* end = octets + PyBytes_GET_SIZE(self.answer)
        cdef const char* wanted
        cdef Py_ssize_t length = 0
        if not isinstance(name, str) or not name.isascii():
            return default
        wanted = PyUnicode_AsUTF8AndSize(name, &length)
        line.end = octets + self.first
        while _read_line(line.end, end, &line) and line.name.length:
            if _is(line.name, wanted, length):
                return _text(line.value)
        return default

    def __getitem__(self, name):
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name):
        return self.get(name) is not None

    def __iter__(self):
        return iter(self.fields())

    def __len__(self):
        return len(self.fields())

    def keys(self):
        """Return the names."""
        return self.fields().keys()

    def values(self):
        """Return the values, in the order of the names."""
        return self.fields().values()

    def items(self):
        """Return names and values."""
        return self.fields().items()

    def __eq__(self, other):
        if isinstance(other, Headers):
            other = (<Headers>other).fields()
        return self.fields() == other if isinstance(other, Mapping) else NotImplemented

    def __repr__(self):
        return repr(self.fields())

    def __reduce__(self):
        return dict, (self.fields(),)


Mapping.register(Headers)


cdef inline str _text(Part part):
    return PyUnicode_DecodeLatin1(<const char*>part.octets, part.length, NULL)


def read_whole_answer(bytes data not None, Py_ssize_t most_octets):
    """Return status, headers and body of an ordinary answer that ``data`` holds, all of it and nothing else; or None.

    >>> read_whole_answer(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 2\\r\\nServer: x\\r\\n\\r\\n{}", 1024)
    (202, {'content-length': '2', 'server': 'x'}, b'{}')
    >>> read_whole_answer(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 3\\r\\n\\r\\n{}", 1024) is None
    True

    Names are in lower case, values without the blanks around them. The connection may carry another exchange after
    such an answer. One of more than ``most_octets`` is left to others.
    """
    cdef const unsigned char* start = <const unsigned char*>PyBytes_AS_STRING(data)
    cdef const unsigned char* end = start + PyBytes_GET_SIZE(data)
    cdef const unsigned char* status_end
    cdef Part[MOST_LINES] names
    cdef Line line
    cdef Py_ssize_t length = -1, count = 0
    cdef int status, index
    cdef Headers headers
    if end - start > most_octets or end - start < STATUS_LINE_OCTETS or memcmp(start, b"HTTP/1.1 ", VERSION_OCTETS):
        return None
    status = _status(start + VERSION_OCTETS)
    status_end = _line_end(start + VERSION_OCTETS, end)
    if status_end == NULL or status < 200 or status == 204 or status == 304:
        return None
    line.end = status_end + 2
    while True:
        if not _read_line(line.end, end, &line):
            return None
        if not line.name.length:
            break
        if count == MOST_LINES or _wants_thought(line.name):
            return None
        for index in range(count):
            if _are_alike(line.name, names[index]):
                return None
        names[count] = line.name
        count += 1
        if _is(line.name, b"content-length", 14):
            length = _number(line.value)
    if length != end - line.end:
        return None
    headers = Headers.__new__(Headers)
    headers.answer = data
    headers.first = status_end + 2 - start
    return status, headers, PyBytes_FromStringAndSize(<const char*>line.end, length)


cdef int _status(const unsigned char* octets) noexcept:
    """Return a status of three digits and a space; 0 where something else stands there."""
    cdef int status = 0
    cdef int index
    for index in range(3):
        if not c"0" <= octets[index] <= c"9":
            return 0
        status = 10 * status + octets[index] - c"0"
    return status if octets[3] == c" " else 0


cdef Py_ssize_t _number(Part digits) noexcept:
    """Return what stands there in digits; -1 where there is anything else, or too many."""
    cdef Py_ssize_t index, number = 0
    if not 0 < digits.length <= MOST_LENGTH_DIGITS:
        return -1
    for index in range(digits.length):
        if not c"0" <= digits.octets[index] <= c"9":
            return -1
        number = 10 * number + digits.octets[index] - c"0"
    return number
