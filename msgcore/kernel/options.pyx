"""Options of the caller, checked and brought into a form that needs no Python object.

The elements that are the text's own business (concatenation and national languages) are written by msgcore, and not for
the caller to give. Whatever stands in a header, two code units have to fit beside it, so that every text can be cut.
"""

from libc.string cimport memcpy

from msgcore.kernel.headers cimport CONCATENATION_8_BIT, CONCATENATION_16_BIT, InformationElement
from msgcore.kernel.national cimport ELEMENT_OCTETS, LOCKING_SHIFT_ELEMENT, SINGLE_SHIFT_ELEMENT

from msgcore.tables.generated.languages import IDENTIFIERS

cdef object CLUSTER = "cluster"
cdef object CHARACTER = "character"
cdef object NONE = ()
cdef object AUTO = "auto"
cdef dict LANGUAGE_IDENTIFIERS = IDENTIFIERS
cdef tuple LANGUAGE_NAMES = tuple(IDENTIFIERS)
cdef tuple OWN_ELEMENTS = (
    <int>CONCATENATION_8_BIT, <int>CONCATENATION_16_BIT, <int>SINGLE_SHIFT_ELEMENT, <int>LOCKING_SHIFT_ELEMENT,
)

cdef enum:
    LEAST_TEXT_OCTETS = 4  # a surrogate pair; an escape and its code take less


cdef int read_options(
    Options* options, object boundary, object reference_bits, object languages, object elements
) except -1:
    """Check what the caller asked for."""
    if boundary is CLUSTER or boundary == CLUSTER:
        options.clusters = True
    elif boundary == CHARACTER:
        options.clusters = False
    else:
        raise ValueError(f"boundary must be 'cluster' or 'character', not {boundary!r}")
    if type(reference_bits) is not int:
        raise TypeError(f"reference_bits must be int, not {type(reference_bits).__name__}")
    if reference_bits != 8 and reference_bits != 16:
        raise ValueError(f"reference_bits must be 8 or 16, not {reference_bits}")
    options.language_count = 0
    if languages is not NONE and languages is not None:
        _read_languages(options, languages)
    options.reference_bits = reference_bits
    options.element_octets = 0
    if elements is not NONE and elements is not None:
        _read_elements(options, elements)
    return 0


cdef int _read_languages(Options* options, object languages) except -1:
    """Take the caller's order; a name that stands twice counts once."""
    cdef int index, identifier
    if isinstance(languages, str):
        if languages == AUTO:
            options.language_count = LANGUAGES
            for index in range(LANGUAGES):
                options.languages[index] = index + 1
            return 0
        languages = (languages,) if languages else ()
    else:
        try:
            languages = tuple(languages)
        except TypeError:
            raise TypeError(
                f"languages must be a name, a sequence of names or 'auto', not {type(languages).__name__}"
            ) from None
    for name in languages:
        if not isinstance(name, str):
            raise TypeError(f"a name in languages must be str, not {type(name).__name__}")
        if name not in LANGUAGE_IDENTIFIERS:
            known = ", ".join(LANGUAGE_NAMES)
            raise ValueError(f"languages must be 'auto', or name any of {known}; not {name!r}")
        identifier = LANGUAGE_IDENTIFIERS[name]
        for index in range(options.language_count):
            if options.languages[index] == identifier:
                break
        else:  # inside: each identifier once, and there are no more than LANGUAGES
            options.languages[options.language_count] = identifier
            options.language_count += 1
    return 0


cdef int _read_elements(Options* options, object elements) except -1:
    """Write the caller's elements as they stand in a header; the text's own are not the caller's to give."""
    cdef InformationElement element
    cdef int identifier, length
    cdef int room = MAX_USER_DATA_OCTETS - LEAST_TEXT_OCTETS - 1 - concatenation_octets(options)
    if options.language_count:
        room -= 2 * ELEMENT_OCTETS
    try:
        elements = iter(elements)
    except TypeError:
        raise TypeError(f"elements must be a sequence of InformationElement, not {type(elements).__name__}") from None
    for item in elements:
        if type(item) is not InformationElement:
            raise TypeError(f"elements must hold InformationElement, not {type(item).__name__}")
        element = item
        identifier = element.identifier
        length = <int>len(element.data)
        if identifier in OWN_ELEMENTS:
            raise ValueError(
                f"elements must not hold identifier 0x{identifier:02X}: concatenation and languages are written for you"
            )
        if options.element_octets + 2 + length > room:
            raise ValueError(f"elements must take at most {room} octets, or no text fits beside them")
        options.elements[options.element_octets] = identifier
        options.elements[options.element_octets + 1] = length
        memcpy(options.elements + options.element_octets + 2, <const char*>element.data, length)
        options.element_octets += 2 + length
    return 0
