"""E.164 syntax and the shapes of senders, read straight from the string's storage."""

from cpython.unicode cimport PyUnicode_1BYTE_KIND, PyUnicode_Check, PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND

# ITU-T E.164, 6.1: an international number has at most 15 digits, the country code included.

cdef enum:
    MAX_DIGITS = 15
    MIN_DIGITS = 2   # a country code alone reaches nobody


cdef inline bint _is_digit(unsigned char unit) noexcept nogil:
    return unit >= c"0" and unit <= c"9"


cdef inline bint _is_e164(const unsigned char* units, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t index
    if length < MIN_DIGITS + 1 or length > MAX_DIGITS + 1:
        return False
    if units[0] != c"+" or units[1] < c"1" or units[1] > c"9":
        return False
    for index in range(2, length):  # inside: length was checked above
        if not _is_digit(units[index]):
            return False
    return True


def is_e164(text):
    """Tell whether ``text`` has the syntax of an E.164 number.

    >>> is_e164("+19195550123"), is_e164("9195550123"), is_e164("+0123456789")
    (True, False, False)

    ``+``, a digit 1-9, and ASCII digits only: 2 to 15 digits in all. Whether such a number exists is
    ``is_valid_number``'s question. Source: ITU-T E.164 (11/2010), 6.1.
    """
    if not PyUnicode_Check(text):  # a parameter typed str would refuse subclasses
        raise TypeError(f"text must be str, not {type(text).__name__}")
    # ASCII digits only, so a string that needs wider storage cannot match.
    if PyUnicode_KIND(text) != PyUnicode_1BYTE_KIND:
        return False
    return _is_e164(<const unsigned char*>PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text))
