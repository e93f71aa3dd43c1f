"""TP-UD of a short message taken apart: header, and text or data behind it (3GPP TS 23.040, 9.2.3.24).

How this works. TP-UDL counts septets for GSM-7 and octets for everything else, the header among them. Text in GSM-7
begins at the first septet border behind the header, so up to six fill bits stand between; everything else follows at
once. Septets are unpacked here and read only when somebody asks for text.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport Py_EQ, Py_NE
from libc.stdint cimport uint8_t

from msgcore.kernel.headers cimport UserDataHeader, as_octets, read_header
from msgcore.kernel.national cimport Shifts, decode_shifted
from msgcore.kernel.septets cimport decode_septets, septet_room, unpack_into

from msgcore.errors import EncodingError, UserDataError
from msgcore.kernel.septets import decode_gsm7
from msgcore.tables.alphabets import Alphabet

cdef extern from "Python.h":
    object PyUnicode_DecodeUTF16(const char* octets, Py_ssize_t size, const char* errors, int* byteorder)

cdef object GSM7 = Alphabet.GSM7
cdef object UCS2 = Alphabet.UCS2
cdef UserDataHeader NO_HEADER = UserDataHeader()


cdef UserDataHeader no_header():
    """Return the header that is shared by all user data without one."""
    return NO_HEADER


cdef int _check_alphabet(object alphabet) except -1:
    if alphabet is not GSM7 and alphabet is not UCS2 and alphabet is not None:
        raise TypeError(f"alphabet must be an Alphabet, or None for 8-bit data, not {alphabet!r}")
    return 0


cdef int _check_septets(const uint8_t* septets, Py_ssize_t count) except -1:
    cdef Py_ssize_t index
    for index in range(count):
        if septets[index] > 127:
            raise EncodingError(index, chr(septets[index]), "expected a septet, 0 to 127")
    return 0


# -------------------------------------------------------------------------------------------------- units into text


cdef object _decode_ucs2(const uint8_t* octets, Py_ssize_t count):
    """Half of a surrogate pair, or half of a code unit at the end, reads as U+FFFD; there is no byte order mark."""
    cdef int big_endian = 1
    return PyUnicode_DecodeUTF16(<const char*>octets, count, "replace", &big_endian)


cdef object decode_run(object alphabet, const uint8_t* units, Py_ssize_t count, UserDataHeader header):
    """Return the text of units that are all written as ``header`` says; None for 8-bit data."""
    cdef Shifts shifts = header.meaning.shifts
    if alphabet is None:
        return None
    if alphabet is UCS2:
        return _decode_ucs2(units, count)
    if shifts.single or shifts.locking:
        return decode_shifted(units, count, &shifts)
    return decode_septets(units, count)


cdef int coding_of(UserData data) noexcept:
    """Return a number that is equal for units that are read alike. National tables count for septets alone."""
    if data.alphabet is GSM7:
        return data.header.meaning.shifts.single << 8 | data.header.meaning.shifts.locking
    return -1 if data.alphabet is UCS2 else -2


def decode_units(units, alphabet, languages=()):
    r"""Return the text of septets (one to a byte) or of UCS-2 octets.

    >>> decode_units(b"\x20\xac", Alphabet.UCS2)
    '€'

    ``languages`` are the header's; UCS-2 has none. A code that a locking shift table leaves empty reads as U+FFFD, else
    septets never fail. In UCS-2, half of a surrogate pair, or half of a code unit at the end, reads as U+FFFD.

    Raises:
        EncodingError: a byte that stands for a septet is above 127; ``position`` is its index.
    """
    cdef bytes given
    if alphabet is GSM7:
        return decode_gsm7(units, languages=languages)
    if alphabet is not UCS2:
        raise TypeError(f"alphabet must be an Alphabet, not {alphabet!r}")
    given = as_octets(units)
    return _decode_ucs2(<const uint8_t*>PyBytes_AS_STRING(given), PyBytes_GET_SIZE(given))


# ----------------------------------------------------------------------------------------------------------- record


@cython.final
@cython.no_gc  # holds bytes, a header and a member of an enumeration: no cycle can pass through it
@cython.freelist(64)
cdef class UserData:
    """User data taken apart: its header, and what stands behind it still in units.

    ``alphabet``
        GSM-7 or UCS-2; None for 8-bit data
    ``units``
        septets, one to a byte, for GSM-7; else octets
    ``header``
        its information elements; none where there is no header

    Units are kept because a text is only whole when its segments are joined: senders that are not careful cut between
    an escape and its code, or between the halves of a surrogate pair.
    """

    __match_args__ = ("alphabet", "units", "header")

    def __init__(self, alphabet, bytes units not None, UserDataHeader header not None=NO_HEADER):
        _check_alphabet(alphabet)
        if alphabet is GSM7:
            _check_septets(<const uint8_t*>PyBytes_AS_STRING(units), PyBytes_GET_SIZE(units))
        self.alphabet = alphabet
        self.units = units
        self.header = header

    @property
    def text(self):
        """The text of these units alone, read as ``decode_units`` does; None for 8-bit data."""
        return decode_run(
            self.alphabet, <const uint8_t*>PyBytes_AS_STRING(self.units), PyBytes_GET_SIZE(self.units), self.header
        )

    cdef tuple _fields(self):
        return self.alphabet, self.units, self.header

    def __richcmp__(self, other, int operation):
        if type(other) is not UserData or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (self._fields() == (<UserData>other)._fields()) == (operation == Py_EQ)

    def __hash__(self):
        return hash(self._fields())

    def __reduce__(self):
        return UserData, self._fields()

    def __repr__(self):
        return f"UserData(alphabet={self.alphabet!r}, units={self.units!r}, header={self.header!r})"


# ----------------------------------------------------------------------------------------------- octets into units


cdef bytes _read_octets(bytes octets, Py_ssize_t length, Py_ssize_t header_octets):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(octets)
    if length < header_octets:
        raise UserDataError("user_data_length", 0, f"expected at least the header's {header_octets}, got {length}")
    if length > size:
        raise UserDataError("user_data", size, f"expected {length} octets, they end before")
    if header_octets == 0 and length == size:
        return octets
    return PyBytes_FromStringAndSize(PyBytes_AS_STRING(octets) + header_octets, length - header_octets)


cdef bytes _read_septets(bytes octets, Py_ssize_t length, Py_ssize_t header_octets):
    cdef Py_ssize_t size = PyBytes_GET_SIZE(octets)
    cdef Py_ssize_t header_septets = (header_octets * 8 + 6) // 7
    cdef int fill_bits = <int>(header_septets * 7 - header_octets * 8)
    cdef bytes septets
    if length < header_septets:
        raise UserDataError("user_data_length", 0, f"expected at least the header's {header_septets}, got {length}")
    if length - header_septets > septet_room(size - header_octets, fill_bits):
        raise UserDataError("user_data", size, f"expected {length} septets, they end before")
    septets = PyBytes_FromStringAndSize(NULL, length - header_septets)
    unpack_into(
        <const uint8_t*>PyBytes_AS_STRING(octets) + header_octets, size - header_octets, fill_bits,
        length - header_septets, <uint8_t*>PyBytes_AS_STRING(septets),
    )
    return septets


cdef UserData read_user_data(bytes octets, Py_ssize_t length, object alphabet, bint has_header):
    """Take TP-UD apart; see ``decode_user_data``."""
    cdef UserData data
    cdef UserDataHeader header = NO_HEADER
    cdef Py_ssize_t header_octets = 0
    if length < 0:
        raise ValueError(f"user_data_length must not be negative, got {length}")
    _check_alphabet(alphabet)
    if has_header:
        header = read_header(<const uint8_t*>PyBytes_AS_STRING(octets), PyBytes_GET_SIZE(octets))
        header_octets = PyBytes_GET_SIZE(header.octets)
    data = UserData.__new__(UserData)
    data.alphabet = alphabet
    data.header = header
    if alphabet is GSM7:
        data.units = _read_septets(octets, length, header_octets)
    else:
        data.units = _read_octets(octets, length, header_octets)
    return data


def decode_user_data(octets, Py_ssize_t user_data_length, alphabet, *, bint has_header):
    """Take TP-UD apart.

    >>> decode_user_data(bytes.fromhex("e8329bfd06"), 5, Alphabet.GSM7, has_header=False).text
    'hello'

    Args:
        octets: TP-UD.
        user_data_length: TP-UDL: septets for GSM-7, else octets, the header counted in.
        alphabet: what the data coding scheme selects; None for 8-bit data.
        has_header: TP-UDHI.

    Raises:
        UserDataError: the header is broken, or the octets end before the text does.
    """
    return read_user_data(as_octets(octets), user_data_length, alphabet, has_header)
