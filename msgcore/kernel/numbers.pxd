# What telephone numbers look like, for whoever has a string in hand.

cdef enum:
    # Calling code 1 is the North American Numbering Plan. E.164 leaves lengths to the plan, and this one knows a single
    # length: "+1", area code 3, exchange 3, line 4 (NANPA, "About the NANP": "NANP numbers are ten-digit numbers").
    NANP_CHARACTERS = 12


cdef bint has_e164_syntax(object text) except -1
