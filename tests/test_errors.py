"""Every error crosses a process border whole, and says what it knows."""

import inspect
import pickle

import pytest

from msgcore import errors
from msgcore.errors import (
    CallbackError,
    ClosedError,
    ColumnError,
    ConnectError,
    EncodingError,
    ExchangeTimeoutError,
    FieldError,
    ForbiddenError,
    KeyConflictError,
    MdrError,
    MessageError,
    MissingExtraError,
    MsgcoreError,
    NumberError,
    OutboxBusyError,
    OutboxError,
    RateLimitedError,
    RecipientError,
    RejectedError,
    ResponseError,
    SegmentLimitError,
    TransportError,
    UnauthorizedError,
    UnknownTransportError,
    UnsupportedError,
    UserDataError,
)

FIELD_ERRORS = [FieldError("to[2]", "must be a valid E.164 number")]

EXAMPLES: list[tuple[MsgcoreError, str]] = [
    (EncodingError(3, "ç", "not in GSM-7"), "position 3: not in GSM-7, got 'ç'"),
    (SegmentLimitError(300), "the text needs 300 segments, at most 255 can be numbered"),
    (NumberError("+1x", 2, "not a digit"), "'+1x', position 2: not a digit"),
    (RecipientError(None, "no recipients"), "no recipients"),
    (RecipientError("+1", "too short"), "'+1': too short"),
    (MessageError("to[2]", "must not be empty"), "to[2]: must not be empty"),
    (UserDataError("header.ie[1].data", 7, "2 octets missing"), "header.ie[1].data, octet 7: 2 octets missing"),
    (CallbackError("$[2].message", "expected an object"), "$[2].message: expected an object"),
    (MdrError(7, "expected 7 values, got 1"), "line 7: expected 7 values, got 1"),
    (MdrError(None, "no time"), "no time"),
    (ResponseError("$.id", "missing"), "$.id: missing"),
    (ResponseError("$.id", "missing", 202), "status 202, $.id: missing"),
    (
        RejectedError(400, "request-validation", "invalid", FIELD_ERRORS),
        "400 request-validation: invalid; to[2]: must be a valid E.164 number",
    ),
    (UnauthorizedError(401, "unauthorized", "bad credentials"), "401 unauthorized: bad credentials"),
    (ForbiddenError(403, "forbidden", "no messaging"), "403 forbidden: no messaging"),
    (RateLimitedError(429, "rate_limit_exceeded", "slow down", (), 12.0), "429 rate_limit_exceeded: slow down"),
    (TransportError("reset", may_have_been_accepted=True), "reset"),
    (ConnectError("no route"), "no route"),
    (ExchangeTimeoutError("10 s"), "10 s"),
    (KeyConflictError("k-1"), "key 'k-1' is kept already, for a message with other content"),
    (OutboxError("the disk is full"), "the disk is full"),
    (OutboxBusyError("process 7 has it"), "process 7 has it"),
    (ColumnError(3, "its view leaves"), "row 3: its view leaves"),
    (ColumnError(None, "it is released"), "it is released"),
    (ClosedError("closed", may_have_been_accepted=False), "closed"),
    (
        UnknownTransportError("x", ["file"], "pip install x"),
        "no transport is named 'x'; installed: file. pip install x",
    ),
    (MissingExtraError("Arrow", "arrow"), "Arrow needs the extra 'arrow': pip install 'msgcore[arrow]'"),
    (UnsupportedError("not yet"), "not yet"),
]


@pytest.mark.parametrize(("error", "text"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_message_says_what_is_known(error: MsgcoreError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize("error", [error for error, _ in EXAMPLES], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_keeps_class_message_and_fields(error: MsgcoreError, protocol: int) -> None:
    copy = pickle.loads(pickle.dumps(error, protocol))
    assert (type(copy), str(copy), copy.args, vars(copy)) == (type(error), str(error), error.args, vars(error))


def test_every_concrete_error_has_an_example() -> None:
    abstract = {errors.MsgcoreError, errors.LocalError, errors.RemoteError}
    defined = {value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, MsgcoreError)}
    assert {type(error) for error, _ in EXAMPLES} == defined - abstract


def test_every_public_name_is_listed_in_order() -> None:
    defined = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__ and not name.startswith("_")
    }
    assert set(errors.__all__) == defined
    assert errors.__all__ == sorted(errors.__all__)


@pytest.mark.parametrize(
    ("error_type", "builtin"),
    [
        (errors.LocalError, ValueError),
        (UnknownTransportError, LookupError),
        (MissingExtraError, ImportError),
        (UnsupportedError, NotImplementedError),
    ],
)
def test_built_in_handlers_catch_their_kind(error_type: type[Exception], builtin: type[Exception]) -> None:
    assert issubclass(error_type, builtin)


def test_only_a_failed_connection_is_certain_not_to_have_been_accepted() -> None:
    assert not ConnectError("refused").may_have_been_accepted
    assert ExchangeTimeoutError("10 s").may_have_been_accepted
