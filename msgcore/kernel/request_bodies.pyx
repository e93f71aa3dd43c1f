"""The body of the request that sends a message: JSON in UTF-8, written from the record in one pass.

How this works. The body grows in a buffer on the stack, and moves to the heap where it is longer. A string is copied in
runs, from one character that JSON wants escaped to the next; mostly there is none.

Source: RFC 8259, section 7: "the characters that MUST be escaped: quotation mark, reverse solidus, and the control
characters (U+0000 through U+001F)". Five of these have an escape of two characters.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memcpy

from msgcore.kernel.outgoing cimport Message

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL

cdef enum:
    STACK_OCTETS = 1024  # a message of two segments with all its fields takes half of it

cdef struct Body:
    char* octets
    Py_ssize_t length
    Py_ssize_t room
    bint on_heap

cdef const char* HEX_DIGITS = b"0123456789abcdef"


cdef int _make_room(Body* body, Py_ssize_t more) except -1:
    """Let ``more`` octets fit, at least doubling what there is: so a long body is moved a few times only."""
    cdef Py_ssize_t room = max(2 * body.room, body.length + more)
    cdef char* octets = <char*>(realloc(body.octets, room) if body.on_heap else malloc(room))
    if octets == NULL:
        raise MemoryError
    if not body.on_heap:
        memcpy(octets, body.octets, body.length)
    body.octets = octets
    body.room = room
    body.on_heap = True
    return 0


cdef inline int _put(Body* body, const char* octets, Py_ssize_t count) except -1:
    if count > body.room - body.length:
        _make_room(body, count)
    memcpy(body.octets + body.length, octets, count)
    body.length += count
    return 0


cdef inline bint _wants_escape(unsigned char octet) noexcept:
    return octet < 0x20 or octet == c'"' or octet == c"\\"


cdef int _put_escape(Body* body, unsigned char octet) except -1:
    cdef char escape[6]
    cdef char letter = 0
    if octet == c'"' or octet == c"\\":
        letter = octet
    elif octet == c"\n":
        letter = c"n"
    elif octet == c"\r":
        letter = c"r"
    elif octet == c"\t":
        letter = c"t"
    elif octet == c"\b":
        letter = c"b"
    elif octet == c"\f":
        letter = c"f"
    escape[0] = c"\\"
    if letter:
        escape[1] = letter
        return _put(body, escape, 2)
    escape[1] = c"u"
    escape[2] = escape[3] = c"0"
    escape[4] = HEX_DIGITS[octet >> 4]
    escape[5] = HEX_DIGITS[octet & 0xF]
    return _put(body, escape, 6)


cdef int _put_string(Body* body, str string) except -1:
    """Write a string with its quotation marks; every octet beyond ASCII is part of a character and goes as it is."""
    cdef Py_ssize_t length = 0
    cdef const char* octets = PyUnicode_AsUTF8AndSize(string, &length)
    cdef Py_ssize_t index, start = 0
    _put(body, b'"', 1)
    for index in range(length):
        if _wants_escape(<unsigned char>octets[index]):
            _put(body, octets + start, index - start)
            _put_escape(body, <unsigned char>octets[index])
            start = index + 1
    _put(body, octets + start, length - start)
    return _put(body, b'"', 1)


cdef int _put_strings(Body* body, tuple strings) except -1:
    cdef str string
    cdef bint is_first = True
    _put(body, b"[", 1)
    for string in strings:
        if not is_first:
            _put(body, b",", 1)
        _put_string(body, string)
        is_first = False
    return _put(body, b"]", 1)


cdef int _put_message(Body* body, Message message, str application_id, str tag) except -1:
    """Write the fields that were given, in the order of the API's field table."""
    _put(body, b'{"from":', 8)
    _put_string(body, message.from_)
    _put(body, b',"to":', 6)
    _put_strings(body, message.to)
    _put(body, b',"applicationId":', 17)
    _put_string(body, application_id)
    if message.text:
        _put(body, b',"text":', 8)
        _put_string(body, message.text)
    if message.media:
        _put(body, b',"media":', 9)
        _put_strings(body, message.media)
    if tag is not None:
        _put(body, b',"tag":', 7)
        _put_string(body, tag)
    if message.priority is not None:
        _put(body, b',"priority":', 12)
        _put_string(body, message.priority)
    if message.expiration is not None:
        _put(body, b',"expiration":', 14)
        _put_string(body, message.expiration)
    return _put(body, b"}", 1)


def write_message(Message message not None, str application_id not None, str tag):
    """Return the body that sends ``message`` for an application, with ``tag`` in place of its own.

    >>> message = Message(to="+19195550123", from_="+19195550100", text='"hi"')
    >>> write_message(message, "a-1", None)
    b'{"from":"+19195550100","to":["+19195550123"],"applicationId":"a-1","text":"\\\\"hi\\\\""}'

    Raises UnicodeEncodeError where half a surrogate pair stands, which no rule of ours lets into a message.
    """
    cdef char stack[STACK_OCTETS]
    cdef Body body
    if not message.made:
        raise TypeError("the message was never made")
    body.octets = stack
    body.length = 0
    body.room = STACK_OCTETS
    body.on_heap = False
    try:
        _put_message(&body, message, application_id, tag)
        return PyBytes_FromStringAndSize(body.octets, body.length)
    finally:
        if body.on_heap:
            free(body.octets)
