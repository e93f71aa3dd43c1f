"""Segments joined into messages: the open ones, what is missing of them, and what is over.

How this works. A dictionary leads from a key (sender, recipient, reference, its width, total) to the newest message
that has it, the only one that takes segments. All messages, older ones too, stand in one of two queues: those that wait
for segments in order of their first one, those that are complete in order of their completion. So whatever is over
stands in front, and neither expiry nor eviction ever searches.

A message that another one with its key follows may still see its segments repeated, so its parts go into a second
dictionary: a repetition is found at once however often a reference was used again.

The queues own the messages: a message in a queue has one reference more, and its neighbours are borrowed.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from libc.math cimport isfinite, isnan
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from msgcore.kernel.headers cimport Meaning, UserDataHeader, as_octets
from msgcore.kernel.messages cimport IncompleteMessage, ReassembledMessage, party
from msgcore.kernel.user_data cimport UserData, coding_of, decode_run, read_user_data

cdef enum:
    STACK_UNITS = 4096  # of a message; 25 full segments. A longer one goes through the heap


# ------------------------------------------------------------------------------------------------------ whole texts


cdef object _decode_joined(PyObject** parts, Py_ssize_t first, Py_ssize_t stop, Py_ssize_t unit_count):
    """Decode a run of parts as one: an escape or half of a surrogate pair may stand at the end of any but the last."""
    cdef uint8_t stack[STACK_UNITS]
    cdef uint8_t* units = stack
    cdef UserData part = <UserData>parts[first]
    cdef UserDataHeader header = part.header
    cdef object alphabet = part.alphabet
    cdef Py_ssize_t index, size, written = 0
    if stop == first + 1:
        return decode_run(alphabet, <const uint8_t*>PyBytes_AS_STRING(part.units), unit_count, header)
    if unit_count > STACK_UNITS:
        units = <uint8_t*>PyMem_Malloc(unit_count)
        if units == NULL:
            raise MemoryError
    try:
        for index in range(first, stop):
            part = <UserData>parts[index]
            size = PyBytes_GET_SIZE(part.units)
            memcpy(units + written, PyBytes_AS_STRING(part.units), size)
            written += size
        return decode_run(alphabet, units, written, header)
    finally:
        if units != stack:
            PyMem_Free(units)


cdef object _join_text(PyObject** parts, Py_ssize_t count):
    """Join the units first and decode then, as far as neighbours are written alike; None where one is 8-bit data."""
    cdef Py_ssize_t first = 0, stop, unit_count
    cdef int coding
    cdef list texts = None
    while True:
        unit_count = 0
        stop = first
        coding = coding_of(<UserData>parts[first])
        while stop < count and coding_of(<UserData>parts[stop]) == coding:
            unit_count += PyBytes_GET_SIZE((<UserData>parts[stop]).units)
            stop += 1
        text = _decode_joined(parts, first, stop, unit_count)
        if text is None:
            return None
        if texts is None:
            if stop == count:
                return text
            texts = []
        texts.append(text)
        if stop == count:
            return "".join(texts)
        first = stop


cdef bytes _join_units(PyObject** parts, Py_ssize_t count):
    return b"".join([(<UserData>parts[index]).units for index in range(count)])


# ---------------------------------------------------------------------------------------------------- open messages


@cython.final
@cython.no_gc  # its parts hold nothing that leads back, its neighbours are borrowed
@cython.freelist(256)
cdef class _Message:
    """The segments of one message so far, complete or not."""

    cdef tuple key            # sender, recipient, and the rest in one number
    cdef PyObject** parts     # by number, from 0; owned
    cdef int total
    cdef int held             # how many parts are there
    cdef bint superseded      # another one with this key follows
    cdef double since         # of its first segment; once complete, of its completion
    cdef Py_ssize_t unit_count
    cdef PyObject* older      # borrowed: the neighbours in the queue
    cdef PyObject* newer

    def __dealloc__(self):
        cdef int index
        if self.parts != NULL:
            for index in range(self.total):
                Py_XDECREF(self.parts[index])
            PyMem_Free(self.parts)


cdef _Message _open_message(tuple key, int total, double now):
    cdef _Message message = _Message.__new__(_Message)
    message.parts = <PyObject**>PyMem_Calloc(total, sizeof(PyObject*))
    if message.parts == NULL:
        raise MemoryError
    message.key = key
    message.total = total
    message.since = now
    return message


cdef inline bint _is_complete(_Message message) noexcept:
    return message.held == message.total


cdef inline bint _holds(_Message message, int number, UserData data) noexcept:
    """Return whether this very segment is there: the same units, read alike."""
    cdef PyObject* part = message.parts[number - 1]
    if part == NULL:
        return False
    if part == <PyObject*>data:
        return True
    return coding_of(<UserData>part) == coding_of(data) and (<UserData>part).units == data.units


cdef inline void _put(_Message message, int number, UserData data) noexcept:
    """Take a segment whose place is free."""
    Py_INCREF(data)
    message.parts[number - 1] = <PyObject*>data
    message.held += 1
    message.unit_count += PyBytes_GET_SIZE(data.units)


cdef IncompleteMessage _as_incomplete(_Message message):
    cdef UserData data
    cdef Meaning meaning
    cdef list segments = []
    for index in range(message.total):
        if message.parts[index] != NULL:
            data = <UserData>message.parts[index]
            segments.append(data)
    meaning = data.header.meaning  # there is one: a message is opened by a segment
    sender, recipient, _ = message.key
    return IncompleteMessage(
        sender, recipient, meaning.reference, meaning.reference_bits, message.total, message.since, segments
    )


cdef ReassembledMessage _whole(str sender, str recipient, PyObject** parts, Py_ssize_t count):
    cdef ReassembledMessage whole = ReassembledMessage.__new__(ReassembledMessage)
    whole.sender = sender
    whole.recipient = recipient
    whole.header = (<UserData>parts[0]).header
    whole.text = _join_text(parts, count)
    if whole.text is None:
        whole.data = _join_units(parts, count)
    return whole


# ----------------------------------------------------------------------------------------------------------- queues


cdef struct Queue:
    PyObject* oldest
    PyObject* newest
    Py_ssize_t length


cdef inline void _append(Queue* queue, _Message message) noexcept:
    Py_INCREF(message)
    message.older = queue.newest
    message.newer = NULL
    if queue.newest == NULL:
        queue.oldest = <PyObject*>message
    else:
        (<_Message>queue.newest).newer = <PyObject*>message
    queue.newest = <PyObject*>message
    queue.length += 1


cdef inline void _remove(Queue* queue, _Message message) noexcept:
    if message.older == NULL:
        queue.oldest = message.newer
    else:
        (<_Message>message.older).newer = message.newer
    if message.newer == NULL:
        queue.newest = message.older
    else:
        (<_Message>message.newer).older = message.older
    message.older = message.newer = NULL
    queue.length -= 1
    Py_DECREF(message)


cdef void _clear(Queue* queue) noexcept:
    while queue.oldest != NULL:
        _remove(queue, <_Message>queue.oldest)


# ------------------------------------------------------------------------------------------------------ reassembler


@cython.final
cdef class Reassembler:
    """Joins segments into messages, with bounded memory and an expiry by the time it is given.

    >>> first, second = segment("a" * 200)
    >>> reassembler = Reassembler()
    >>> parties = {"sender": "+19195550100", "recipient": "+19195550123"}
    >>> part = decode_user_data(second.user_data, second.user_data_length, second.alphabet, has_header=True)
    >>> reassembler.add(part, **parties, now=0.0)
    >>> [waiting.missing for waiting in reassembler.incomplete()]
    [(1,)]
    >>> part = decode_user_data(first.user_data, first.user_data_length, first.alphabet, has_header=True)
    >>> reassembler.add(part, **parties, now=1.0).text == "a" * 200
    True

    Segments belong together when sender, recipient, reference, its width and the total agree; they may come in any
    order and more than once. ``now`` is seconds on any clock that the caller keeps to; one that is put back stands
    still here until it has caught up.

    Args:
        max_messages: how many messages are held at most, those remembered as complete among them.
        max_octets: how many octets the units of their segments take at most, a septet counted as one.
        expire_after_seconds: how long a message waits for its segments, from the first one on.
        remember_seconds: how long a complete message is remembered, so that a segment that is repeated opens no new
            one; as long as one waits unless said otherwise.
        on_drop: called with each message that is given up for want of room, at the moment it is.

    Beyond ``max_messages`` or ``max_octets`` what is complete is forgotten, and when nothing is, the message that has
    waited longest is given up: ``dropped_count`` says how many were, and ``on_drop`` is told of each. What it raises
    leaves ``add``; no whole message is lost by that, since a segment that completes one never drops another.

    Not safe for use by several threads at once. A message that waits takes about 300 octets and as many for each
    segment, its own octets included.
    """

    cdef Queue _waiting
    cdef Queue _complete
    cdef dict _newest        # key -> the message that takes segments, or the complete one
    cdef dict _superseded    # key, number, coding, units -> the older message that holds this segment
    cdef Py_ssize_t _max_messages
    cdef Py_ssize_t _max_octets
    cdef double _expire_after
    cdef double _remember
    cdef double _clock       # the latest time given with a segment
    cdef Py_ssize_t _octet_count
    cdef object _on_drop
    cdef readonly Py_ssize_t dropped_count
    cdef readonly Py_ssize_t duplicate_count

    def __cinit__(self):
        self._newest = {}
        self._superseded = {}
        self._clock = -float("inf")

    def __init__(
        self,
        *,
        Py_ssize_t max_messages=10_000,
        Py_ssize_t max_octets=16_000_000,
        double expire_after_seconds=86_400.0,
        remember_seconds=None,
        on_drop=None,
    ):
        if max_messages < 1 or max_octets < 1:
            raise ValueError(f"max_messages and max_octets must be at least 1, not {max_messages} and {max_octets}")
        cdef double remember = expire_after_seconds if remember_seconds is None else remember_seconds
        if not expire_after_seconds > 0 or not remember >= 0:  # neither holds for what is no number
            raise ValueError(
                "expire_after_seconds must be positive and remember_seconds not negative, "
                f"not {expire_after_seconds} and {remember}"
            )
        if on_drop is not None and not callable(on_drop):
            raise TypeError(f"on_drop must be callable, not {type(on_drop).__name__}")
        self._max_messages = max_messages
        self._max_octets = max_octets
        self._expire_after = expire_after_seconds
        self._remember = remember
        self._on_drop = on_drop

    def __dealloc__(self):
        _clear(&self._waiting)
        _clear(&self._complete)

    def __len__(self):
        """Return how many messages wait for segments."""
        return self._waiting.length

    def add(self, UserData data not None, *, sender, recipient, double now):
        """Take a segment; return the message that it completes, or None.

        User data without a valid concatenation element is a whole message. A message that has expired by ``now`` takes
        no more segments, but stays until ``expire`` hands it out.
        """
        return self._take(data, party(sender, "sender"), party(recipient, "recipient"), now)

    def add_octets(
        self, octets, Py_ssize_t user_data_length, alphabet, *, bint has_header, sender, recipient, double now
    ):
        """Take a segment as the network gives it: ``decode_user_data`` and ``add`` in one call.

        >>> reassembler = Reassembler()
        >>> for part in segment("a" * 200):
        ...     message = reassembler.add_octets(
        ...         part.user_data, part.user_data_length, part.alphabet, has_header=True,
        ...         sender="+19195550100", recipient="+19195550123", now=0.0,
        ...     )
        >>> len(message.text)
        200

        Raises:
            UserDataError: the octets are no user data; nothing is taken.
        """
        cdef UserData data = read_user_data(as_octets(octets), user_data_length, alphabet, has_header)
        return self._take(data, party(sender, "sender"), party(recipient, "recipient"), now)

    def incomplete(self):
        """Return the messages that wait for segments, oldest first, with what each misses."""
        cdef list found = []
        cdef PyObject* place = self._waiting.oldest
        while place != NULL:
            found.append(_as_incomplete(<_Message>place))
            place = (<_Message>place).newer
        return found

    def expire(self, double now):
        """Forget what has waited ``expire_after_seconds`` or is remembered long enough; return what was incomplete.

        It takes as long as there are messages to forget, however many stay. ``float("inf")`` empties the reassembler.
        """
        cdef list found = []
        if isnan(now):
            raise ValueError("now must be a number of seconds, not nan")
        if now < self._clock:
            now = self._clock
        while self._complete.oldest != NULL and self._is_over(<_Message>self._complete.oldest, now):
            self._forget(<_Message>self._complete.oldest)
        while self._waiting.oldest != NULL and self._is_over(<_Message>self._waiting.oldest, now):
            found.append(_as_incomplete(<_Message>self._waiting.oldest))
            self._forget(<_Message>self._waiting.oldest)
        return found

    cdef inline bint _is_over(self, _Message message, double now) noexcept:
        return now - message.since >= (self._remember if _is_complete(message) else self._expire_after)

    cdef object _take(self, UserData data, str sender, str recipient, double now):
        cdef Meaning meaning = data.header.meaning
        cdef _Message message
        cdef tuple key
        cdef PyObject* found
        cdef PyObject* only = <PyObject*>data
        cdef ReassembledMessage whole = None
        if not isfinite(now):
            raise ValueError(f"now must be a finite number of seconds, not {now}")
        if meaning.total == 0:
            return _whole(sender, recipient, &only, 1)
        if now > self._clock:
            self._clock = now
        key = (sender, recipient, meaning.reference << 9 | (meaning.reference_bits == 16) << 8 | meaning.total)
        found = PyDict_GetItem(self._newest, key)
        message = None if found == NULL or self._is_over(<_Message>found, self._clock) else <_Message>found
        if message is None or message.parts[meaning.number - 1] != NULL:
            if (message is not None and _holds(message, meaning.number, data)) or self._is_held_by_older(key, data):
                self.duplicate_count += 1
                return None
            if message is not None:
                self._supersede(message)
            message = self._open(key, meaning.total)
        _put(message, meaning.number, data)
        self._octet_count += PyBytes_GET_SIZE(data.units)
        if _is_complete(message):
            _remove(&self._waiting, message)  # the variable keeps it alive
            message.since = self._clock
            _append(&self._complete, message)
            whole = _whole(sender, recipient, message.parts, message.total)
        self._make_room()
        return whole

    cdef _Message _open(self, tuple key, int total):
        cdef _Message message = _open_message(key, total, self._clock)
        self._newest[key] = message
        _append(&self._waiting, message)
        return message

    cdef int _forget(self, _Message message) except -1:
        """Take a message out of everything."""
        if message.superseded:
            self._forget_parts(message)
        elif PyDict_GetItem(self._newest, message.key) == <PyObject*>message:
            del self._newest[message.key]
        self._octet_count -= message.unit_count
        _remove(&self._complete if _is_complete(message) else &self._waiting, message)
        return 0

    cdef int _make_room(self) except -1:
        """Forget from the front of the queues until the bounds hold.

        A segment that completes a message makes at least as many octets forgettable as it brings, and as many messages,
        so then nothing that waits is given up.
        """
        cdef _Message oldest
        while (
            self._waiting.length + self._complete.length > self._max_messages or self._octet_count > self._max_octets
        ):
            if self._complete.oldest != NULL:
                self._forget(<_Message>self._complete.oldest)
                continue
            oldest = <_Message>self._waiting.oldest
            self._forget(oldest)
            self.dropped_count += 1
            if self._on_drop is not None:  # everything is in order by now: it may call back
                self._on_drop(_as_incomplete(oldest))
        return 0

    # A reference used again: the parts of the older messages.

    cdef int _supersede(self, _Message message) except -1:
        cdef int index
        message.superseded = True
        for index in range(message.total):
            if message.parts[index] != NULL:
                self._superseded[_part_key(message.key, <UserData>message.parts[index])] = message
        return 0

    cdef int _forget_parts(self, _Message message) except -1:
        cdef int index
        for index in range(message.total):
            if message.parts[index] != NULL:
                part = _part_key(message.key, <UserData>message.parts[index])
                if PyDict_GetItem(self._superseded, part) == <PyObject*>message:
                    del self._superseded[part]
        return 0

    cdef bint _is_held_by_older(self, tuple key, UserData data) except -1:
        cdef PyObject* found
        if not self._superseded:
            return False
        found = PyDict_GetItem(self._superseded, _part_key(key, data))
        return found != NULL and not self._is_over(<_Message>found, self._clock)


cdef tuple _part_key(tuple key, UserData data):
    """Return what tells a segment from every other one."""
    return key, data.header.meaning.number, coding_of(data), data.units
