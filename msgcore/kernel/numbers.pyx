"""E.164 syntax and the shapes of senders, read straight from the string's storage."""

from cpython.unicode cimport PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND, PyUnicode_READ

from msgcore.errors import NumberError

# ITU-T E.164, 6.1: an international number has at most 15 digits, the country code included.
# Messaging V2, "from": a short code has 5 or 6 bare digits, an alphanumeric sender 1 to 11 characters.

cdef enum:
    MIN_DIGITS = 2   # a country code alone reaches nobody
    MAX_DIGITS = 15
    MIN_SHORT_CODE = 5
    MAX_SHORT_CODE = 6
    MAX_ALPHANUMERIC = 11

cdef enum Shape:
    NO_SENDER = 0
    LONG_CODE = 1
    TOLL_FREE = 2
    SHORT_CODE = 3
    ALPHANUMERIC = 4

cdef struct Characters:
    const void* data
    int kind
    Py_ssize_t length


cdef Characters _characters(object text) except *:
    """Look into ``text``; a parameter typed str would refuse subclasses, hence the check by hand."""
    cdef Characters characters
    if not PyUnicode_Check(text):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    characters.data = PyUnicode_DATA(text)
    characters.kind = PyUnicode_KIND(text)
    characters.length = PyUnicode_GET_LENGTH(text)
    return characters


cdef inline Py_UCS4 _at(const Characters* characters, Py_ssize_t index) noexcept:
    return PyUnicode_READ(characters.kind, <void*>characters.data, index)


cdef inline bint _is_digit(Py_UCS4 character) noexcept:
    return c"0" <= character <= c"9"


cdef inline bint _is_letter(Py_UCS4 character) noexcept:
    return c"a" <= character <= c"z" or c"A" <= character <= c"Z"


cdef inline bint _is_sign(Py_UCS4 character) noexcept:
    return character == c" " or character == c"-" or character == c"+" or character == c"_" or character == c"&"


cdef Py_ssize_t _e164_fault(const Characters* characters) noexcept:
    """Return the index of the first character that breaks the syntax, the length where one is missing, or -1."""
    cdef Py_ssize_t index
    cdef Py_UCS4 character
    for index in range(min(characters.length, MAX_DIGITS + 1)):
        character = _at(characters, index)
        if index == 0:
            if character != c"+":
                return 0
        elif not _is_digit(character) or (index == 1 and character == c"0"):
            return index
    if characters.length < MIN_DIGITS + 1:
        return characters.length
    return MAX_DIGITS + 1 if characters.length > MAX_DIGITS + 1 else -1


cdef Py_ssize_t _alphanumeric_fault(const Characters* characters) noexcept:
    """Return the same for an alphanumeric sender; the length also stands for a letter that is missing."""
    cdef Py_ssize_t index
    cdef Py_UCS4 character
    cdef bint has_letter = False
    for index in range(min(characters.length, MAX_ALPHANUMERIC)):
        character = _at(characters, index)
        if _is_letter(character):
            has_letter = True
        elif not _is_digit(character) and not _is_sign(character):
            return index
    if characters.length > MAX_ALPHANUMERIC:
        return MAX_ALPHANUMERIC
    return -1 if has_letter else characters.length


cdef inline bint _is_toll_free(const Characters* characters) noexcept:
    """Tell +1 800, 833, 844, 855, 866, 877 and 888; the caller has checked the syntax of E.164."""
    cdef Py_UCS4 digit
    if characters.length < 5 or _at(characters, 1) != c"1" or _at(characters, 2) != c"8":
        return False
    digit = _at(characters, 3)
    if digit != _at(characters, 4):
        return False
    return digit == c"0" or c"3" <= digit <= c"8"


cdef inline bint _is_short_code(const Characters* characters) noexcept:
    cdef Py_ssize_t index
    if characters.length < MIN_SHORT_CODE or characters.length > MAX_SHORT_CODE:
        return False
    for index in range(characters.length):
        if not _is_digit(_at(characters, index)):
            return False
    return True


cdef bint has_e164_syntax(object text) except -1:
    cdef Characters characters = _characters(text)
    return _e164_fault(&characters) < 0


def is_e164(text):
    """Tell whether ``text`` has the syntax of an E.164 number.

    >>> is_e164("+19195550123"), is_e164("9195550123"), is_e164("+0123456789")
    (True, False, False)

    ``+``, a digit 1-9, and ASCII digits only: 2 to 15 digits in all. Whether such a number exists is
    ``is_valid_number``'s question. Source: ITU-T E.164 (11/2010), 6.1.
    """
    return has_e164_syntax(text)


def e164_fault(text):
    """Return the index of the first character that keeps ``text`` from E.164 syntax, -1 when there is none.

    >>> e164_fault("+1919555o123"), e164_fault("+1"), e164_fault("+19195550123")
    (8, 2, -1)

    The length of ``text`` stands for a character that is missing.
    """
    cdef Characters characters = _characters(text)
    return _e164_fault(&characters)


def check_e164(text):
    """Return if ``text`` has the syntax of an E.164 number, else raise what is wrong and where.

    >>> check_e164("+19195550123")
    >>> check_e164("+1919555O123")
    Traceback (most recent call last):
    msgcore.errors.NumberError: '+1919555O123', position 8: expected an ASCII digit, got 'O'

    Raises:
        NumberError: not ``+``, a digit 1-9 and ASCII digits, 2 to 15 in all.
    """
    cdef Characters characters = _characters(text)
    cdef Py_ssize_t position = _e164_fault(&characters)
    if position >= 0:
        raise NumberError(text, position, _e164_reason(text, position))


cdef str _e164_reason(text, Py_ssize_t position):
    if not text:
        return "expected '+' and 2 to 15 digits, got nothing"
    if position == len(text):
        return "expected at least 2 digits after '+'"
    if position > MAX_DIGITS:
        return f"expected at most {<int>MAX_DIGITS} digits"
    if position == 0:
        expected = "'+'"
    elif position == 1:
        expected = "a digit 1-9 (no calling code begins with 0)"
    else:
        expected = "an ASCII digit"
    return f"expected {expected}, got {text[position]!r}"


def alphanumeric_fault(text):
    """Return the index of the first character that keeps ``text`` from an alphanumeric sender, -1 for none.

    >>> alphanumeric_fault("M&M's"), alphanumeric_fault("2026"), alphanumeric_fault("Acme Shop")
    (3, 4, -1)

    1 to 11 of ``A-Z a-z 0-9 space - + _ &``, at least one of them a letter. The length of ``text`` stands for a
    character, or a letter, that is missing.
    """
    cdef Characters characters = _characters(text)
    return _alphanumeric_fault(&characters)


def sender_shape(text):
    """Return the shape of a sender: 1 long code, 2 toll-free, 3 short code, 4 alphanumeric, 0 none of these.

    >>> [sender_shape(sender) for sender in ("+19195550100", "+18885550100", "12345", "Acme", "")]
    [1, 2, 3, 4, 0]

    Syntax only; ``msgcore.sender_kind`` gives the names and the errors.
    """
    cdef Characters characters = _characters(text)
    if _e164_fault(&characters) < 0:
        return <int>(TOLL_FREE if _is_toll_free(&characters) else LONG_CODE)
    if _is_short_code(&characters):
        return <int>SHORT_CODE
    return <int>(ALPHANUMERIC if _alphanumeric_fault(&characters) < 0 else NO_SENDER)
