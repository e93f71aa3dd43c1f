"""What an outbox can answer about a message of earlier, in the words in which a send answers."""

from datetime import UTC, datetime

from msgcore.delivery.records import Entry, SendState
from msgcore.errors import LocalError, TransportError
from msgcore.wire import Accepted


def accepted_earlier(entry: Entry) -> Accepted | None:
    """Return the acceptance of a message as far as its outbox knows it; ``None`` if it is still to be sent.

    Raises:
        LocalError: it never will be.
        TransportError: nobody knows whether it was.
    """
    message = entry.message
    match entry.state:
        case SendState.ACCEPTED:
            return Accepted(
                id=entry.message_id or "",
                owner=message.from_,
                application_id=message.application_id,
                time=datetime.fromtimestamp(entry.since, UTC).isoformat().replace("+00:00", "Z"),
                segment_count=entry.segment_count,
                to=message.to,
                from_=message.from_,
                text=message.text,
                media=message.media,
                tag=message.tag,
                priority=message.priority,
                expiration=message.expiration,
            )
        case SendState.REJECTED | SendState.EXPIRED | SendState.SUPPRESSED:
            raise LocalError(f"message {entry.number} of the outbox is {entry.state.value}: {entry.reason}")
        case SendState.UNKNOWN:
            reason = f"message {entry.number} of the outbox may have been sent: {entry.reason}"
            raise TransportError(reason, may_have_been_accepted=True)
    return None


__all__ = ["accepted_earlier"]
