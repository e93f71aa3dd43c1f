"""What the result of one attempt means: for its message, and for the run.

========== ================================================================== =====================================
accepted   202, also with a body that cannot be read: the tag brings the id    final
rejected   400, 413: this message is wrong                                     final
stopped    3xx, 401, 403-407, 415, closed: the account or the client is wrong  the message stays, nothing more goes
refused    429, 503, 500 with the provider's body, no connection               not sent; tried again after a back-off
unknown    bytes may have arrived: time-out, reset, 408, other 5xx, other 2xx  never blindly sent again
========== ================================================================== =====================================

Every other 4xx counts as *stopped* too: better a run that stands than a campaign of errors nobody foresaw.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from msgcore.delivery.ledger import Delivery, DeliveryState
from msgcore.errors import ClosedError, MessageError, MsgcoreError, RejectedError, ResponseError, TransportError
from msgcore.wire import Accepted, delivery_code


class OutcomeClass(StrEnum):
    """What a result of one attempt means for its message and for the run."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    STOPPED = "stopped"
    REFUSED = "refused"
    UNKNOWN = "unknown"


_ACCEPTED: Final = OutcomeClass.ACCEPTED  # to ask an enum for a member costs as much as a call


def classify_outcome(result: Accepted | MsgcoreError) -> OutcomeClass:
    """Tell what the result of an attempt means.

    >>> from msgcore.errors import RateLimitedError
    >>> classify_outcome(RateLimitedError(429, "max-message-queue-size-exceeded", "the queue is full"))
    <OutcomeClass.REFUSED: 'refused'>
    """
    if isinstance(result, Accepted):
        return _ACCEPTED
    match result:
        case RejectedError(status=status):
            return _classify_status(status)
        case ResponseError(status=202):
            return OutcomeClass.ACCEPTED  # the message is on its way, only its answer cannot be read
        case ResponseError(status=status) if status is not None and 300 <= status < 400:
            return OutcomeClass.STOPPED
        case ClosedError(may_have_been_accepted=False):
            return OutcomeClass.STOPPED  # the transport itself is closed: no later attempt can fare better
        case TransportError(may_have_been_accepted=False):
            return OutcomeClass.REFUSED
        case TransportError() | ResponseError():
            return OutcomeClass.UNKNOWN
        case _:
            return OutcomeClass.REJECTED  # a local error: the message never became a request


def _classify_status(status: int) -> OutcomeClass:
    if status in (400, 413):
        return OutcomeClass.REJECTED
    if status in (429, 500, 503):
        return OutcomeClass.REFUSED
    if status == 408 or status >= 500:
        return OutcomeClass.UNKNOWN
    return OutcomeClass.STOPPED


def reason_of(error: MsgcoreError) -> str:
    """Say in a few words what an attempt came to, for what is kept and logged: no text, no number, no secret.

    >>> from msgcore.errors import ConnectError, RejectedError
    >>> reason_of(RejectedError(400, "request-validation", "'+19195550123' is not valid"))
    '400 request-validation'
    >>> reason_of(ConnectError("no route to 192.0.2.1"))
    'ConnectError'

    The provider's phrases and those of other libraries may quote what was sent, so none of them is passed on.
    """
    if isinstance(error, RejectedError):
        return f"{error.status} {_plain(error.type)}".rstrip()
    if isinstance(error, ResponseError) and error.status is not None:
        return f"unreadable answer, status {error.status}"
    if isinstance(error, MessageError):
        return f"MessageError {error.field}"
    return type(error).__name__


def may_be_sent_again(deliveries: Sequence[Delivery]) -> bool:
    """Tell whether a failed message may be sent once more: to one recipient, for a reason that passes.

    Never after 9902, which does not say that it failed, and never for one recipient of a group, since the others would
    get it twice.
    """
    if len(deliveries) != 1:
        return False
    [delivery] = deliveries
    if delivery.state is not DeliveryState.FAILED or delivery.conflicting or delivery.code is None:
        return False
    return delivery_code(delivery.code).retryable is True


def _plain(type_: str) -> str:
    """Return the type of a refusal if it is one word, as the provider's are."""
    return type_ if len(type_) <= 60 and type_.replace("-", "").replace("_", "").isalpha() else ""


__all__ = ["OutcomeClass", "classify_outcome", "may_be_sent_again", "reason_of"]
