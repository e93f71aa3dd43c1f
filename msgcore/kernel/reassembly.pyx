"""Segments joined into messages: the open ones, what is missing of them, and what is over.

How this works. A dictionary leads from a key (sender, recipient, reference, its width, total) to the newest message
that has it, the only one that takes segments. All messages, older ones too, stand in one of two queues: those that wait
for segments in order of their first one, those that are complete in order of their completion. So whatever is over
stands in front, and neither expiry nor eviction ever searches.

A message that another one with its key follows may still see its segments repeated, so they go into a second
dictionary: a repetition is found at once however often a reference was used again.

What looks like a repetition may be the beginning of the next message, where both begin alike. So the newest message,
once complete, keeps what is repeated. When a segment that differs then opens the next one, it takes over the repeated
segments that have lower numbers, as *stand-ins*: they count as there, and give way to whatever comes in their place.

The queues own the messages: a message in a queue has one reference more, and its neighbours are borrowed.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem
from cpython.mem cimport PyMem_Calloc, PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.math cimport isfinite, isnan
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from msgcore.kernel.arguments cimport as_octets, seconds, whole_number
from msgcore.kernel.headers cimport Meaning, UserDataHeader
from msgcore.kernel.messages cimport IncompleteMessage, ReassembledMessage, party
from msgcore.kernel.user_data cimport UserData, coding_of, decode_run, read_user_data

cdef enum:
    STACK_UNITS = 4096  # of a message; 25 full segments. A longer one goes through the heap

# What is counted as held, in octets; measured, with what the allocator adds.
cdef enum:
    MESSAGE_OCTETS = 320  # a message, its key, its entry in the dictionary, two strings
    PLACE_OCTETS = 8      # for each segment of its total, and again where some were repeated
    SEGMENT_OCTETS = 192  # user data, its header, and two ``bytes``; their contents come on top
    KNOWN_OCTETS = 176    # a segment of an older message: its entry in the second dictionary


# ------------------------------------------------------------------------------------------------------ whole texts


cdef object _decode_joined(PyObject** segments, Py_ssize_t first, Py_ssize_t stop, Py_ssize_t unit_count):
    """Decode a run of segments as one: an escape or half a surrogate pair may end any but the last."""
    cdef uint8_t stack[STACK_UNITS]
    cdef uint8_t* units = stack
    cdef UserData segment = <UserData>segments[first]
    cdef UserDataHeader header = segment.header
    cdef object alphabet = segment.alphabet
    cdef Py_ssize_t index, size, written = 0
    if stop == first + 1:
        return decode_run(alphabet, <const uint8_t*>PyBytes_AS_STRING(segment.units), unit_count, header)
    if unit_count > STACK_UNITS:
        units = <uint8_t*>PyMem_Malloc(unit_count)
        if units == NULL:
            raise MemoryError
    try:
        for index in range(first, stop):
            segment = <UserData>segments[index]
            size = PyBytes_GET_SIZE(segment.units)
            memcpy(units + written, PyBytes_AS_STRING(segment.units), size)
            written += size
        return decode_run(alphabet, units, written, header)
    finally:
        if units != stack:
            PyMem_Free(units)


cdef object _join_text(PyObject** segments, Py_ssize_t count):
    """Join the units first and decode then, as far as neighbours are written alike; None where one is 8-bit data."""
    cdef Py_ssize_t first = 0, stop, unit_count
    cdef int coding
    cdef list texts = None
    while True:
        unit_count = 0
        stop = first
        coding = coding_of(<UserData>segments[first])
        while stop < count and coding_of(<UserData>segments[stop]) == coding:
            unit_count += PyBytes_GET_SIZE((<UserData>segments[stop]).units)
            stop += 1
        text = _decode_joined(segments, first, stop, unit_count)
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


cdef bytes _join_units(PyObject** segments, Py_ssize_t count):
    return b"".join([(<UserData>segments[index]).units for index in range(count)])


# ---------------------------------------------------------------------------------------------------- open messages


@cython.final
@cython.no_gc  # its segments hold nothing that leads back, its neighbours are borrowed
@cython.freelist(256)
cdef class _Message:
    """The segments of one message so far, complete or not."""

    cdef tuple key            # sender, recipient, and the rest in one number
    cdef PyObject** segments  # by number, from 0; owned
    cdef PyObject** repeated  # the same; complete: what came again since; else: stand-ins. NULL until there is one
    cdef int total
    cdef int held             # how many segments are there, stand-ins apart
    cdef int repeated_count
    cdef bint superseded      # another one with this key follows
    cdef double since         # of its first segment; once complete, of its completion
    cdef Py_ssize_t octet_count
    cdef PyObject* older      # borrowed: the neighbours in the queue
    cdef PyObject* newer

    def __dealloc__(self):
        _free_places(self.segments, self.total)
        _free_places(self.repeated, self.total)


cdef void _free_places(PyObject** places, int total) noexcept:
    cdef int index
    if places != NULL:
        for index in range(total):
            Py_XDECREF(places[index])
        PyMem_Free(places)


cdef PyObject** _make_places(int total) except NULL:
    cdef PyObject** places = <PyObject**>PyMem_Calloc(total, sizeof(PyObject*))
    if places == NULL:
        raise MemoryError
    return places


cdef inline Py_ssize_t _octets_of_name(str name) noexcept:
    return PyUnicode_GET_LENGTH(name) * <Py_ssize_t>PyUnicode_KIND(name)


cdef inline Py_ssize_t _octets_of(UserData data) noexcept:
    return SEGMENT_OCTETS + PyBytes_GET_SIZE(data.units) + PyBytes_GET_SIZE(data.header.octets)


cdef _Message _open_message(tuple key, int total, double now):
    cdef _Message message = _Message.__new__(_Message)
    message.segments = _make_places(total)
    message.key = key
    message.total = total
    message.since = now
    message.octet_count = (
        MESSAGE_OCTETS + PLACE_OCTETS * total + _octets_of_name(<str>key[0]) + _octets_of_name(<str>key[1])
    )
    return message


cdef inline bint _is_complete(_Message message) noexcept:
    return message.held == message.total


cdef inline bint _holds(_Message message, int number, UserData data) noexcept:
    """Return whether this very segment is there: the same units, read alike."""
    cdef PyObject* there = message.segments[number - 1]
    if there == NULL:
        return False
    if there == <PyObject*>data:
        return True
    return coding_of(<UserData>there) == coding_of(data) and (<UserData>there).units == data.units


cdef inline void _put(_Message message, int number, UserData data) noexcept:
    """Take a segment whose place is free."""
    Py_INCREF(data)
    message.segments[number - 1] = <PyObject*>data
    message.held += 1
    message.octet_count += _octets_of(data)


cdef void _drop_repeated(_Message message, int place) noexcept:
    """Let go of what is repeated, or stands in, at a place from 0 on; there may be nothing."""
    cdef PyObject* there = message.repeated[place]
    if there != NULL:
        message.repeated[place] = NULL
        message.repeated_count -= 1
        message.octet_count -= _octets_of(<UserData>there)
        Py_DECREF(<UserData>there)


cdef int _note_repeated(_Message message, int number, UserData data) except -1:
    """Keep a repetition that comes when the message is complete.

    When each segment has come again, the message has, and there is nothing to keep for another one.
    """
    cdef int place
    if message.repeated == NULL:
        message.repeated = _make_places(message.total)
        message.octet_count += PLACE_OCTETS * message.total
    _drop_repeated(message, number - 1)
    Py_INCREF(data)
    message.repeated[number - 1] = <PyObject*>data
    message.repeated_count += 1
    message.octet_count += _octets_of(data)
    if message.repeated_count == message.total:
        for place in range(message.total):
            _drop_repeated(message, place)
    return 0


cdef void _take_over(_Message message, _Message older, int number) noexcept:
    """Let what was repeated of ``older`` before ``number`` stand in where nothing came yet."""
    cdef int place
    message.repeated, older.repeated = older.repeated, NULL
    message.repeated_count, older.repeated_count = older.repeated_count, 0
    message.octet_count += PLACE_OCTETS * message.total
    older.octet_count -= PLACE_OCTETS * message.total
    for place in range(message.total):
        if message.repeated[place] != NULL:
            older.octet_count -= _octets_of(<UserData>message.repeated[place])
            message.octet_count += _octets_of(<UserData>message.repeated[place])
            if place >= number - 1:
                _drop_repeated(message, place)


cdef void _settle(_Message message) noexcept:
    """Let stand-ins be segments like others."""
    cdef int place
    if message.repeated_count == 0:
        return
    for place in range(message.total):
        if message.repeated[place] != NULL:
            message.segments[place], message.repeated[place] = message.repeated[place], NULL
    message.held += message.repeated_count
    message.repeated_count = 0


cdef IncompleteMessage _as_incomplete(_Message message):
    cdef Meaning meaning
    cdef PyObject* there
    cdef list segments = []
    for index in range(message.total):
        there = message.segments[index]
        if there == NULL and message.repeated != NULL:
            there = message.repeated[index]
        if there != NULL:
            segments.append(<UserData>there)
    meaning = (<UserData>segments[0]).header.meaning  # there is one: a message is opened by a segment
    sender, recipient, _ = message.key
    return IncompleteMessage(
        sender, recipient, meaning.reference, meaning.reference_bits, message.total, message.since, segments
    )


cdef ReassembledMessage _whole(str sender, str recipient, PyObject** segments, Py_ssize_t count):
    cdef ReassembledMessage whole = ReassembledMessage.__new__(ReassembledMessage)
    whole.made = True
    whole.sender = sender
    whole.recipient = recipient
    whole.header = (<UserData>segments[0]).header
    whole.text = _join_text(segments, count)
    if whole.text is None:
        whole.data = _join_units(segments, count)
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
    >>> data = decode_user_data(second.user_data, second.user_data_length, second.alphabet, has_header=True)
    >>> reassembler.add(data, **parties, now=0.0)
    >>> [waiting.missing for waiting in reassembler.incomplete()]
    [(1,)]
    >>> data = decode_user_data(first.user_data, first.user_data_length, first.alphabet, has_header=True)
    >>> reassembler.add(data, **parties, now=1.0).text == "a" * 200
    True

    Segments belong together when sender, recipient, reference, its width and the total agree; they may come in any
    order and more than once. ``now`` is seconds on any clock that the caller keeps to; one that is put back stands
    still here until it has caught up.

    Args:
        max_messages: how many messages are held at most, those remembered as complete among them.
        max_octets: how much memory they take at most, as far as it is counted (below).
        expire_after_seconds: how long a message waits for its segments, from the first one on.
        remember_seconds: how long a complete message is remembered, so that a segment that is repeated opens no new
            one. Networks repeat within minutes; references come round again after 256 messages, or at once where a
            sender always takes the same.
        on_drop: called with each message that is given up for want of room, at the moment it is.

    Beyond ``max_messages`` or ``max_octets`` what is complete is forgotten, and when nothing is, the message that has
    waited longest is given up: ``dropped_count`` says how many were, and ``on_drop`` is told of each. What it raises
    leaves ``add``; no whole message is lost by that, since a segment that completes one never drops another.

    Counted are, for each segment, its units (a septet takes an octet), its header and 192 octets; for each message, the
    names of the two parties, 320 octets, and 8 for each segment of its total (16 where some were repeated); and for
    each segment of a message whose reference was used again while it is held, another 176. That is about what Python
    takes. Not counted: what a caller has made of a header, as its ``elements``.

    What a segment does not tell, no reassembly can know. While a message is remembered:

    * sent again with the same reference, and the same text, it is taken for a repetition;
    * where the next message with its reference begins like it, the segments that are alike count as repetitions until
      one comes that differs: this opens the next message, which then has them all. It must come after them; in another
      order the next message stays incomplete;
    * where a first segment was in truth repeated, and the next message comes last segment first, the repeated one
      stands in for that which is still to come. It gives way to it, but a message of two segments is complete by then:
      wrong. Where senders never take a reference again so soon, or networks never repeat, neither can happen; with
      ``remember_seconds=0`` nothing is remembered.

    ``duplicate_count`` says how many segments were taken for repetitions and still are; it goes down by those that turn
    out to belong to the next message.

    Not safe for use by several threads at once.
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
        max_messages=10_000,
        max_octets=16_000_000,
        expire_after_seconds=86_400.0,
        remember_seconds=300.0,
        on_drop=None,
    ):
        cdef Py_ssize_t messages = whole_number(max_messages, "max_messages")
        cdef Py_ssize_t octets = whole_number(max_octets, "max_octets")
        cdef double expire_after = seconds(expire_after_seconds, "expire_after_seconds")
        cdef double remember = seconds(remember_seconds, "remember_seconds")
        if messages < 1 or octets < 1:
            raise ValueError(f"max_messages and max_octets must be at least 1, not {messages} and {octets}")
        if not expire_after > 0 or not remember >= 0:  # neither holds for what is no number
            raise ValueError(
                "expire_after_seconds must be positive and remember_seconds not negative, "
                f"not {expire_after} and {remember}"
            )
        if on_drop is not None and not callable(on_drop):
            raise TypeError(f"on_drop must be callable, not {type(on_drop).__name__}")
        self._max_messages = messages
        self._max_octets = octets
        self._expire_after = expire_after
        self._remember = remember
        self._on_drop = on_drop

    def __dealloc__(self):
        _clear(&self._waiting)
        _clear(&self._complete)

    def __len__(self):
        """Return how many messages wait for segments."""
        return self._waiting.length

    def add(self, UserData data not None, *, sender, recipient, now):
        """Take a segment; return the message that it completes, or None.

        User data without a valid concatenation element is a whole message. A message that has expired by ``now`` takes
        no more segments, but stays until ``expire`` hands it out.
        """
        return self._take(data, party(sender, "sender"), party(recipient, "recipient"), seconds(now, "now"))

    def add_octets(self, octets, user_data_length, alphabet, *, bint has_header, sender, recipient, now):
        """Take a segment as the network gives it: ``decode_user_data`` and ``add`` in one call.

        >>> reassembler = Reassembler()
        >>> for one in segment("a" * 200):
        ...     message = reassembler.add_octets(
        ...         one.user_data, one.user_data_length, one.alphabet, has_header=True,
        ...         sender="+19195550100", recipient="+19195550123", now=0.0,
        ...     )
        >>> len(message.text)
        200

        Raises:
            UserDataError: the octets are no user data; nothing is taken.
        """
        cdef Py_ssize_t length = whole_number(user_data_length, "user_data_length")
        cdef UserData data = read_user_data(as_octets(octets), length, alphabet, has_header)
        return self._take(data, party(sender, "sender"), party(recipient, "recipient"), seconds(now, "now"))

    def incomplete(self):
        """Return the messages that wait for segments, oldest first, with what each misses."""
        cdef list found = []
        cdef PyObject* place = self._waiting.oldest
        while place != NULL:
            found.append(_as_incomplete(<_Message>place))
            place = (<_Message>place).newer
        return found

    def expire(self, now):
        """Forget what has waited ``expire_after_seconds`` or is remembered long enough; return what was incomplete.

        It takes as long as there are messages to forget, however many stay. ``float("inf")`` empties the reassembler.
        """
        cdef list found = []
        cdef double until = seconds(now, "now")
        if isnan(until):
            raise ValueError("now must be a number of seconds, not nan")
        if until < self._clock:
            until = self._clock
        while self._complete.oldest != NULL and self._is_over(<_Message>self._complete.oldest, until):
            self._forget(<_Message>self._complete.oldest)
        while self._waiting.oldest != NULL and self._is_over(<_Message>self._waiting.oldest, until):
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
        if message is None or message.segments[meaning.number - 1] != NULL:
            if (message is not None and _holds(message, meaning.number, data)) or self._is_held_by_older(key, data):
                self._note(message, meaning.number, data)
                return None
            message = self._open(key, meaning.total, message, meaning.number)
        self._put(message, meaning.number, data)
        if message.held + message.repeated_count == message.total:
            _settle(message)
            _remove(&self._waiting, message)  # the variable keeps it alive
            message.since = self._clock
            _append(&self._complete, message)
            whole = _whole(sender, recipient, message.segments, message.total)
        self._make_room()
        return whole

    cdef int _note(self, _Message newest, int number, UserData data) except -1:
        """Count a repetition, and keep it where it may turn out to be none.

        It makes as many octets forgettable as it takes, so nothing that waits is given up for it.
        """
        cdef Py_ssize_t before
        self.duplicate_count += 1
        if newest is None or not _is_complete(newest):
            return 0
        before = newest.octet_count
        _note_repeated(newest, number, data)
        self._octet_count += newest.octet_count - before
        self._make_room()
        return 0

    cdef int _put(self, _Message message, int number, UserData data) except -1:
        """Take a segment whose place is free, or has a stand-in: that was a repetition then."""
        cdef Py_ssize_t before = message.octet_count
        if message.repeated_count != 0 and message.repeated[number - 1] != NULL:
            _drop_repeated(message, number - 1)
            self.duplicate_count += 1
        _put(message, number, data)
        self._octet_count += message.octet_count - before
        return 0

    cdef _Message _open(self, tuple key, int total, _Message older, int number):
        """Open a message with the segment ``number``; ``older`` is the one that had its key so far, or None."""
        cdef _Message message = _open_message(key, total, self._clock)
        self._octet_count += message.octet_count
        if older is not None:
            self._supersede(older, message, number)
        self._newest[key] = message
        _append(&self._waiting, message)
        return message

    cdef int _forget(self, _Message message) except -1:
        """Take a message out of everything."""
        if message.superseded:
            self._forget_segments(message)
        elif PyDict_GetItem(self._newest, message.key) == <PyObject*>message:
            del self._newest[message.key]
        self._octet_count -= message.octet_count
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

    # A reference used again: the segments of the older messages.

    cdef int _supersede(self, _Message older, _Message message, int number) except -1:
        cdef Py_ssize_t before = older.octet_count + message.octet_count
        cdef int index
        if not _is_complete(older):
            _settle(older)
        elif older.repeated_count != 0:
            _take_over(message, older, number)
            self.duplicate_count -= message.repeated_count
        older.superseded = True
        for index in range(older.total):
            if older.segments[index] != NULL:
                self._superseded[_segment_key(older.key, <UserData>older.segments[index])] = older
                older.octet_count += KNOWN_OCTETS
        self._octet_count += older.octet_count + message.octet_count - before
        return 0

    cdef int _forget_segments(self, _Message message) except -1:
        cdef int index
        for index in range(message.total):
            if message.segments[index] != NULL:
                known = _segment_key(message.key, <UserData>message.segments[index])
                if PyDict_GetItem(self._superseded, known) == <PyObject*>message:
                    del self._superseded[known]
        return 0

    cdef bint _is_held_by_older(self, tuple key, UserData data) except -1:
        cdef PyObject* found
        if not self._superseded:
            return False
        found = PyDict_GetItem(self._superseded, _segment_key(key, data))
        return found != NULL and not self._is_over(<_Message>found, self._clock)


cdef tuple _segment_key(tuple key, UserData data):
    """Return what tells a segment from every other one."""
    return key, data.header.meaning.number, coding_of(data), data.units
