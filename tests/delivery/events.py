"""Events as the ledger's tests need them: which message, which recipient, what happened."""

from msgcore.wire.events import (
    CallbackMessage,
    KnownEvent,
    MessageDelivered,
    MessageFailed,
    MessageReceived,
    MessageSending,
    MessageSent,
)

TIME = "2023-05-04T10:14:03.000Z"


def message(message_id: str, to: str) -> CallbackMessage:
    return CallbackMessage(
        id=message_id, owner="+19195550100", time=TIME, direction="out", to=(to,), from_="+19195550100"
    )


def sending(message_id: str, to: str) -> KnownEvent:
    return MessageSending(time=TIME, to=to, message=message(message_id, to))


def sent(message_id: str, to: str) -> KnownEvent:
    return MessageSent(time=TIME, to=to, message=message(message_id, to))


def delivered(message_id: str, to: str) -> KnownEvent:
    return MessageDelivered(time=TIME, to=to, message=message(message_id, to))


def failed(message_id: str, to: str, code: int) -> KnownEvent:
    return MessageFailed(time=TIME, to=to, message=message(message_id, to), error_code=code)


def received(message_id: str, to: str) -> KnownEvent:
    return MessageReceived(time=TIME, to=to, message=message(message_id, to))
