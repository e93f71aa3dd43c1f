"""Every error msgcore raises on purpose.

::

    MsgcoreError
    |- LocalError (and ValueError)     you asked for what the rules forbid
    |    EncodingError(position, character)             SegmentLimitError(needed, limit)
    |    NumberError(text, position, reason)            RecipientError(recipient, reason)    MessageError(field, reason)
    |    ColumnError(row, reason)                          KeyConflictError(key)
    |- RemoteError                     they sent what their contract forbids
    |    UserDataError(field, offset)   CallbackError(path)   ResponseError(path)   MdrError(line)
    |- RejectedError(status, type, description, field_errors)         they said no
    |    UnauthorizedError   ForbiddenError   RateLimitedError(retry_after_seconds)
    |- TransportError(may_have_been_accepted)           no answer
    |    ConnectError (False)   ExchangeTimeoutError (True)   ClosedError
    |- OutboxError                     messages or events cannot be made durable, or read back
    |    OutboxBusyError               another dispatcher has the outbox
    |- UnknownTransportError (and LookupError)          open_transport() does not know the name
    |- MissingExtraError (and ImportError)              an optional part is not installed; the message has the pip line
    |- UnsupportedError (and NotImplementedError)       a documented option that this release does not have yet

A failed delivery is no exception: it is an event with a delivery code. A wrong type is a plain ``TypeError``.
Every error pickles, so that it crosses process borders whole.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple


class MsgcoreError(Exception):
    """Base of every error raised on purpose by msgcore."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Subclasses take fields, not the message, so the default (call the class with ``args``) would fail.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[MsgcoreError], args: tuple[Any, ...], state: dict[str, Any]) -> MsgcoreError:
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(state)
    return error


# ------------------------------------------------------------------------------------------------------------- local


class LocalError(MsgcoreError, ValueError):
    """You asked for something that the rules of the field forbid; nothing has left the process."""


class EncodingError(LocalError):
    """A character cannot be encoded, or a septet cannot be read.

    ``position`` counts from 0: characters of a text, septets of an encoded one.
    """

    def __init__(self, position: int, character: str, reason: str) -> None:
        super().__init__(f"position {position}: {reason}, got {character!r}")
        self.position = position
        self.character = character
        self.reason = reason


class SegmentLimitError(LocalError):
    """A text needs more segments than a concatenation header can number (3GPP TS 23.040, 9.2.3.24.1: at most 255)."""

    def __init__(self, needed: int, limit: int = 255) -> None:
        super().__init__(f"the text needs {needed} segments, at most {limit} can be numbered")
        self.needed = needed
        self.limit = limit


class NumberError(LocalError):
    """A string is not a telephone number; ``position`` is the index of the first character that is wrong."""

    def __init__(self, text: str, position: int, reason: str) -> None:
        super().__init__(f"{text!r}, position {position}: {reason}")
        self.text = text
        self.position = position
        self.reason = reason


class RecipientError(LocalError):
    """A recipient list cannot be planned; ``recipient`` is the one at fault, or ``None`` when it is the list."""

    def __init__(self, recipient: str | None, reason: str) -> None:
        super().__init__(reason if recipient is None else f"{recipient!r}: {reason}")
        self.recipient = recipient
        self.reason = reason


class MessageError(LocalError):
    """A message breaks a rule of the Messaging V2 API; ``field`` is its name on the wire (``from``, ``to[2]``)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class ColumnError(LocalError):
    """An Arrow column breaks Arrow's own rules; ``row`` counts over all its chunks, ``None`` when no row is at fault.

    Its buffers contradict each other, it was read before, its producer failed, or a row is not UTF-8.
    """

    def __init__(self, row: int | None, reason: str) -> None:
        super().__init__(reason if row is None else f"row {row}: {reason}")
        self.row = row
        self.reason = reason


class KeyConflictError(LocalError):
    """A message was put into an outbox that keeps its key already, for a message with other content."""

    def __init__(self, key: str) -> None:
        super().__init__(f"key {key!r} is kept already, for a message with other content")
        self.key = key


# ------------------------------------------------------------------------------------------------------------ remote


class RemoteError(MsgcoreError):
    """The other side sent something that its contract forbids."""


class UserDataError(RemoteError):
    """Octets are no valid user data; ``offset`` counts octets from the start of what was given, nested ones added."""

    def __init__(self, field: str, offset: int, reason: str) -> None:
        super().__init__(f"{field}, octet {offset}: {reason}")
        self.field = field
        self.offset = offset
        self.reason = reason


class CallbackError(RemoteError):
    """A callback body is not what callbacks are; ``path`` is a JSON path such as ``$[2].message``."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class MdrError(RemoteError):
    """What should be message detail records is none; ``line`` counts from 1, ``None`` where there is no file."""

    def __init__(self, line: int | None, reason: str) -> None:
        super().__init__(reason if line is None else f"line {line}: {reason}")
        self.line = line
        self.reason = reason


class ResponseError(RemoteError):
    """An answer of the API cannot be read; ``path`` is a JSON path, ``status`` the HTTP status it came with."""

    def __init__(self, path: str, reason: str, status: int | None = None) -> None:
        super().__init__(f"{path}: {reason}" if status is None else f"status {status}, {path}: {reason}")
        self.path = path
        self.reason = reason
        self.status = status


# ---------------------------------------------------------------------------------------------------------- rejected


class FieldError(NamedTuple):
    """One entry of a 400's ``fieldErrors``: the field's name on the wire and what is wrong with it."""

    field_name: str
    description: str


class RejectedError(MsgcoreError):
    """The provider answered no: nothing was sent and nothing is billed."""

    def __init__(self, status: int, type: str, description: str, field_errors: Sequence[FieldError] = ()) -> None:
        fields = "".join(f"; {name}: {text}" for name, text in field_errors)
        super().__init__(f"{status} {type}: {description}{fields}")
        self.status = status
        self.type = type
        self.description = description
        self.field_errors = tuple(field_errors)


class UnauthorizedError(RejectedError):
    """401: credentials are missing, wrong, or those of another account."""


class ForbiddenError(RejectedError):
    """403: the credentials are known but may not send messages."""


class RateLimitedError(RejectedError):
    """429: the account's queue is full, or the search limit is reached; ``retry_after_seconds`` where it was said."""

    def __init__(
        self,
        status: int,
        type: str,
        description: str,
        field_errors: Sequence[FieldError] = (),
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(status, type, description, field_errors)
        self.retry_after_seconds = retry_after_seconds


# --------------------------------------------------------------------------------------------------------- transport


class TransportError(MsgcoreError):
    """No answer came. ``may_have_been_accepted`` is False only when it is certain that no byte of the request left."""

    may_have_been_accepted: bool

    def __init__(self, reason: str, *, may_have_been_accepted: bool) -> None:
        super().__init__(reason)
        self.may_have_been_accepted = may_have_been_accepted


class ConnectError(TransportError):
    """No connection was made (name, TCP, TLS, proxy), so nothing can have been accepted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, may_have_been_accepted=False)


class ExchangeTimeoutError(TransportError):
    """The request went out and no complete answer came in time: it may have been accepted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, may_have_been_accepted=True)


class ClosedError(TransportError):
    """The transport or its connection was closed; when it was so before the request, nothing can have been accepted."""


# ------------------------------------------------------------------------------------------------------------- outbox


class OutboxError(MsgcoreError):
    """An outbox or a store of callbacks cannot make something durable, or cannot read it: a full disk, a damaged file.

    What was not confirmed before must be taken as not kept, and nothing may be sent on the strength of it.
    """


class OutboxBusyError(OutboxError):
    """Another dispatcher has the outbox: two at once would send messages twice."""


# -------------------------------------------------------------------------------------------------------------- other


class UnknownTransportError(MsgcoreError, LookupError):
    """``open_transport`` was given a name that nothing installed registers; ``installed`` lists what is there."""

    def __init__(self, name: str, installed: Sequence[str], hint: str = "") -> None:
        known = ", ".join(installed) or "none"
        super().__init__(f"no transport is named {name!r}; installed: {known}{f'. {hint}' if hint else ''}")
        self.name = name
        self.installed = tuple(installed)

    def __str__(self) -> str:
        return str(self.args[0])


class MissingExtraError(MsgcoreError, ImportError):
    """An optional part of msgcore was asked for whose packages are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra {extra!r}: pip install 'msgcore[{extra}]'")
        self.what = what
        self.extra = extra


class UnsupportedError(MsgcoreError, NotImplementedError):
    """A documented option that this release does not have yet: better no answer than a wrong one."""


__all__ = [
    "CallbackError",
    "ClosedError",
    "ColumnError",
    "ConnectError",
    "EncodingError",
    "ExchangeTimeoutError",
    "FieldError",
    "ForbiddenError",
    "KeyConflictError",
    "LocalError",
    "MdrError",
    "MessageError",
    "MissingExtraError",
    "MsgcoreError",
    "NumberError",
    "OutboxBusyError",
    "OutboxError",
    "RateLimitedError",
    "RecipientError",
    "RejectedError",
    "RemoteError",
    "ResponseError",
    "SegmentLimitError",
    "TransportError",
    "UnauthorizedError",
    "UnknownTransportError",
    "UnsupportedError",
    "UserDataError",
]
