# A message as it is sent, for whoever writes it down.

cdef class Message:
    cdef readonly tuple to
    cdef readonly str from_
    cdef readonly str text
    cdef readonly str application_id
    cdef readonly tuple media
    cdef readonly str tag
    cdef readonly str priority
    cdef readonly str expiration
    cdef readonly str key
    cdef bint made
