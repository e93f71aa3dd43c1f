"""A message as it is sent: its values, and the ordinary one checked on the way in.

How this works. Most messages are alike: ASCII text from one number to another. A look at each character tells that such
a message breaks no rule. All others are checked in full, one rule after the other, by what stands above the kernel and
is given to it (:func:`finish_messages_with`); they are not wrong for that. What the look lets through the full check
lets through too, and keeps as it is: a property of the tests holds one against the other.
"""

cimport cython
from cpython.list cimport PyList_CheckExact
from cpython.object cimport Py_EQ, Py_NE, PyObject, PyTypeObject
from cpython.tuple cimport PyTuple_CheckExact
from cpython.unicode cimport PyUnicode_CheckExact, PyUnicode_GET_LENGTH, PyUnicode_READ_CHAR

from msgcore.kernel.arguments cimport refuse_second_init
from msgcore.kernel.numbers cimport NANP_CHARACTERS, has_e164_syntax

from msgcore.tables.message_kinds import MessageKind

cdef extern from "Python.h":
    Py_ssize_t PY_SSIZE_T_MAX
    bint PyUnicode_IS_ASCII(object text)

cdef enum:
    LONGEST_TEXT = 2048  # as in wire/rules.py, where the sentences are that say so
    LONGEST_TAG = 1024

cdef tuple NOTHING = ()
cdef object SMS = MessageKind.SMS
cdef object MMS = MessageKind.MMS
cdef object GROUP_MMS = MessageKind.GROUP_MMS

# From above: see finish_messages_with.
cdef object _check_in_full = None
cdef object _make_again = None


# ---------------------------------------------------------------------------------------------------- what is ordinary


cdef inline bint _is_number(object value) except -1:
    """Tell a number that may send and receive: E.164, and of the one length that calling code 1 has."""
    if not PyUnicode_CheckExact(value) or not has_e164_syntax(value):
        return False
    return PyUnicode_READ_CHAR(value, 1) != c"1" or PyUnicode_GET_LENGTH(value) == NANP_CHARACTERS


cdef inline bint _is_ascii(object value, Py_ssize_t shortest, Py_ssize_t longest) noexcept:
    """Tell a ``str``, no subclass, of ASCII alone and so many characters."""
    if not PyUnicode_CheckExact(value) or not PyUnicode_IS_ASCII(value):
        return False
    return shortest <= PyUnicode_GET_LENGTH(value) <= longest


cdef inline bint _is_identifier(object value) noexcept:
    return value is None or _is_ascii(value, 1, PY_SSIZE_T_MAX)


cdef tuple _one_number(object to):
    """Return the recipient of an ordinary message as a tuple; None where there is no, or not just one, such number."""
    if PyUnicode_CheckExact(to):
        return (to,) if _is_number(to) else None
    if PyTuple_CheckExact(to):
        return to if len(<tuple>to) == 1 and _is_number((<tuple>to)[0]) else None
    if PyList_CheckExact(to):
        return tuple(<list>to) if len(<list>to) == 1 and _is_number((<list>to)[0]) else None
    return None


cdef inline bint _is_empty(object media) except -1:
    return media is None or (PyTuple_CheckExact(media) or PyList_CheckExact(media)) and len(media) == 0


# -------------------------------------------------------------------------------------------------------------- record


@cython.no_gc  # holds exact strings and tuples of them: no cycle can pass through it
@cython.freelist(256)
cdef class Message:
    """Message(*, to, from_, text="", application_id=None, media=(), tag=None, priority=None, expiration=None, key=None)
--

    One message to one to ten recipients, checked against the rules of the API when it is made.

    >>> message = Message(to="+19195550123", from_="+19195550100", text="hello")
    >>> message.to, message.kind
    (('+19195550123',), <MessageKind.SMS: 'sms'>)
    >>> Message(to="+19195550123", from_="+19195550100", text="x" * 2051)
    Traceback (most recent call last):
        ...
    msgcore.errors.MessageError: text: 2051 characters, at most 2048 are allowed

    ``to`` and ``media`` take one string or a sequence and are kept as tuples; ``expiration`` takes RFC 3339 text or an
    aware ``datetime`` and is kept as text. ``key`` never travels: it is the caller's own name for this message, under
    which an outbox keeps it only once. More than one recipient makes a group that everybody in it can see.

    Raises:
        MessageError: a rule is broken; ``field`` has its name on the wire (``from``, ``to[2]``). The first one counts.
        TypeError: a value has a type that no message can have.
    """

    def __init__(
        self,
        *,
        to,
        from_,
        text="",
        application_id=None,
        media=(),
        tag=None,
        priority=None,
        expiration=None,
        key=None,
    ):
        cdef tuple recipients = _one_number(to)
        refuse_second_init(self, self.made)
        if (
            recipients is not None
            and _is_number(from_)
            and _is_ascii(text, 1, LONGEST_TEXT)
            and (tag is None or _is_ascii(tag, 0, LONGEST_TAG))
            and _is_identifier(application_id)
            and _is_identifier(key)
            and _is_empty(media)
            and priority is None
            and expiration is None
        ):
            media = NOTHING
        else:
            recipients, from_, text, application_id, media, tag, priority, expiration, key = _check_in_full(
                to, from_, text, application_id, media, tag, priority, expiration, key
            )
        _fill(self, recipients, from_, text, application_id, media, tag, priority, expiration, key)

    @classmethod
    def restored(
        cls,
        tuple to not None,
        str from_ not None,
        str text not None,
        str application_id,
        tuple media not None,
        str tag,
        str priority,
        str expiration,
        str key,
    ):
        """Make a message of values that were one before, without checking them again.

        For whoever keeps messages and can prove that these are the values it was given.
        """
        cdef Message message = _new(cls)
        _check_strings(to)
        _check_strings(media)
        _fill(message, to, from_, text, application_id, media, tag, priority, expiration, key)
        return message

    @property
    def kind(self):
        """What this message becomes on the air."""
        if len(self.to) > 1:
            return GROUP_MMS
        return MMS if len(self.media) else SMS

    def replace(self, **changes):
        """Return a copy with other values, checked again.

        >>> Message(to="+19195550123", from_="+19195550100", text="hello").replace(text="bye").text
        'bye'
        """
        return type(self)(**(_named(self) | changes))

    __replace__ = replace  # copy.replace() of Python 3.13

    def without_content(self):
        """Return what remains of a message when its content has to go: neither text nor media.

        >>> Message(to="+19195550123", from_="+19195550100", text="hello").without_content()
        Message(to=('+19195550123',), from_='+19195550100')

        It is a record and cannot be sent: ``encode_message`` refuses it.
        """
        return self.restored(**(_named(self) | {"text": "", "media": ()}))

    def with_key(self, str key not None):
        """Return this message as it is known under ``key``, which is not checked.

        For whoever gives messages that have none a key of its own. It is a plain message, also of a subclass: what that
        has besides would be missing.
        """
        cdef Message message
        if not self.made:
            raise TypeError("the message was never made")
        if key == self.key and type(self) is Message:
            return self
        message = _new(Message)
        _fill(
            message,
            self.to,
            self.from_,
            self.text,
            self.application_id,
            self.media,
            self.tag,
            self.priority,
            self.expiration,
            key,
        )
        return message

    def __setattr__(self, name, value):
        raise AttributeError(f"a Message does not change: use replace({name}=...)")

    def __delattr__(self, name):
        raise AttributeError(f"a Message does not change: {name} cannot be deleted")

    def __richcmp__(self, other, int operation):
        if not isinstance(other, Message) or (operation != Py_EQ and operation != Py_NE):
            return NotImplemented
        return (_values(self) == _values(<Message>other)) == (operation == Py_EQ)

    def __hash__(self):
        return hash(_values(self))

    def __repr__(self):
        present = [f"{name}={value!r}" for name, value in _named(self).items() if value]
        return f"Message({', '.join(present)})"

    def __reduce__(self):
        return _make_again, (_named(self),)


# A pickle names the module in which a class lives, and whoever opens it there needs the rules as well. A type that is
# compiled has its module in its name and nowhere else.
(<PyTypeObject*>Message).tp_name = b"msgcore.wire.messages.Message"


cdef Message _new(type kind):
    """Make an empty message, as ``object.__new__`` does: no constructor is called, not even that of a subclass."""
    if not issubclass(kind, Message):
        raise TypeError(f"expected a subclass of Message, not {kind.__name__}")
    return <Message>(<PyTypeObject*>Message).tp_new(kind, <PyObject*>NOTHING, NULL)


cdef int _fill(
    Message message,
    tuple to,
    str from_,
    str text,
    str application_id,
    tuple media,
    str tag,
    str priority,
    str expiration,
    str key,
) except -1:
    message.to = to
    message.from_ = from_
    message.text = text
    message.application_id = application_id
    message.media = media
    message.tag = tag
    message.priority = priority
    message.expiration = expiration
    message.key = key
    message.made = True
    return 0


cdef int _check_strings(tuple strings) except -1:
    """Refuse what is no ``str``: no collector of garbage looks into a message."""
    for string in strings:
        if not PyUnicode_CheckExact(string):
            raise TypeError(f"expected a tuple of str, not of {type(string).__name__}")
    return 0


cdef tuple _values(Message message):
    return (
        message.to,
        message.from_,
        message.text,
        message.application_id,
        message.media,
        message.tag,
        message.priority,
        message.expiration,
        message.key,
    )


cdef dict _named(Message message):
    """Return what the constructor is called with to make an equal message."""
    return {
        "to": message.to,
        "from_": message.from_,
        "text": message.text,
        "application_id": message.application_id,
        "media": message.media,
        "tag": message.tag,
        "priority": message.priority,
        "expiration": message.expiration,
        "key": message.key,
    }


def finish_messages_with(check_in_full, make_again):
    """Give messages what they need from above.

    ``check_in_full(to, from_, text, application_id, media, tag, priority, expiration, key)`` returns the values of any
    message as they are kept, or raises; ``make_again(fields)`` is what a pickle of a message calls.
    """
    global _check_in_full, _make_again
    _check_in_full = check_in_full
    _make_again = make_again
