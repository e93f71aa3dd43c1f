"""An HTTP answer that came whole and is ordinary, read at a glance.

How this works. Almost every answer of a provider comes in one piece: a final status, headers of a line each, one
``content-length``, and just as many octets after the empty line. Such an answer is read here in one pass. All others
are not wrong for that: whoever asks gets None and asks a full parser. So everything that takes thought is left to it:
interim answers, other versions, chunks, what says something about the connection, headers that come twice or go on in
the next line, octets too few or too many. What the glance takes a full parser reads alike: a property of the tests
holds one against the other.

Source: RFC 9112, sections 4 (status line), 5 (fields) and 6.3 (length of a body); RFC 9110, 5.6.2 (tokens).
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.unicode cimport PyUnicode_DecodeLatin1
from libc.stdint cimport uint64_t
from libc.string cimport memchr, memcmp, memcpy

cdef enum:
    LONGEST_NAME = 64
    MOST_LENGTH_DIGITS = 9
    VERSION_OCTETS = 9  # with the space that follows
    STATUS_LINE_OCTETS = VERSION_OCTETS + 4  # the shortest: three digits and a space

cdef uint64_t ONES = 0x0101010101010101

# Where these stand, a body or the connection may end otherwise than the length says.
cdef frozenset WANT_THOUGHT = frozenset(
    ("connection", "proxy-connection", "trailer", "transfer-encoding", "upgrade")
)

# An octet of a name as it is kept, in lower case; 0 where no name has it.
cdef unsigned char[256] IN_NAME
for octet in range(256):
    letter = chr(octet)
    IN_NAME[octet] = ord(letter.lower()) if octet < 128 and (letter.isalnum() or letter in "!#$%&'*+-.^_`|~") else 0


cdef str _name(const unsigned char* octets, Py_ssize_t length):
    """Return a header's name in lower case; None where it is none, or longer than any that is ordinary."""
    cdef unsigned char letters[LONGEST_NAME]
    cdef Py_ssize_t index
    if not 0 < length <= LONGEST_NAME:
        return None
    for index in range(length):
        letters[index] = IN_NAME[octets[index]]
        if not letters[index]:
            return None
    return PyUnicode_DecodeLatin1(<char*>letters, length, NULL)


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


def read_whole_answer(bytes data not None, Py_ssize_t most_octets):
    """Return status, headers and body of an ordinary answer that ``data`` holds, all of it and nothing else; or None.

    >>> read_whole_answer(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 2\\r\\nServer: x\\r\\n\\r\\n{}", 1024)
    (202, {'content-length': '2', 'server': 'x'}, b'{}')
    >>> read_whole_answer(b"HTTP/1.1 202 Accepted\\r\\nContent-Length: 3\\r\\n\\r\\n{}", 1024) is None
    True

    Names are in lower case, values without the blanks around them. The connection may carry another exchange after
    such an answer. One of more than ``most_octets`` is left to others.
    """
    cdef const unsigned char* line = <const unsigned char*>PyBytes_AS_STRING(data)
    cdef const unsigned char* end = line + PyBytes_GET_SIZE(data)
    cdef const unsigned char* line_end
    cdef const unsigned char* value
    cdef const unsigned char* value_end
    cdef Py_ssize_t length, lines = 0
    cdef int status
    cdef str name, told
    cdef dict headers = {}
    if end - line > most_octets or end - line < STATUS_LINE_OCTETS or memcmp(line, b"HTTP/1.1 ", VERSION_OCTETS):
        return None
    status = _status(line + VERSION_OCTETS)
    line_end = _line_end(line + VERSION_OCTETS, end)
    if line_end == NULL or status < 200 or status == 204 or status == 304:
        return None
    while True:
        line = line_end + 2
        line_end = _line_end(line, end)
        if line_end == NULL:
            return None
        if line_end == line:
            break
        value = <const unsigned char*>memchr(line, c":", line_end - line)
        name = None if value == NULL else _name(line, value - line)
        if name is None:
            return None
        value += 1
        value_end = line_end
        while value < value_end and _is_blank(value[0]):
            value += 1
        while value < value_end and _is_blank((value_end - 1)[0]):
            value_end -= 1
        headers[name] = PyUnicode_DecodeLatin1(<const char*>value, value_end - value, NULL)
        lines += 1
    if len(headers) != lines or not WANT_THOUGHT.isdisjoint(headers):
        return None
    told = headers.get("content-length")
    length = -1 if told is None else _number(told)
    line += 2
    if length != end - line:
        return None
    return status, headers, PyBytes_FromStringAndSize(<const char*>line, length)


cdef int _status(const unsigned char* octets) noexcept:
    """Return a status of three digits and a space; 0 where something else stands there."""
    cdef int status = 0
    cdef int index
    for index in range(3):
        if not c"0" <= octets[index] <= c"9":
            return 0
        status = 10 * status + octets[index] - c"0"
    return status if octets[3] == c" " else 0


cdef Py_ssize_t _number(str digits) except -2:
    """Return what stands there in digits; -1 where there is anything else, or too many."""
    cdef Py_ssize_t number = 0
    cdef Py_UCS4 digit
    if not 0 < len(digits) <= MOST_LENGTH_DIGITS:
        return -1
    for digit in digits:
        if not 0x30 <= digit <= 0x39:
            return -1
        number = 10 * number + <Py_ssize_t>digit - 0x30
    return number
