"""The talks of phones: who has written what to whom, of the messages that are remembered with their text."""

import msgspec

from transports.simulator.engine import Engine
from transports.simulator.service.watching.attachments import ShownFile, files_of
from transports.simulator.service.watching.summaries import state_of


class Said(msgspec.Struct, frozen=True, kw_only=True, rename={"from_": "from"}):
    """A message in a conversation; ``own`` where the account has sent it."""

    id: str
    created: float
    own: bool
    from_: str
    text: str
    files: tuple[ShownFile, ...]
    state: str
    code: int


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """What a number of the account and some phones have said to each other, oldest first."""

    id: str
    own: str
    others: tuple[str, ...]
    messages: list[Said]


def conversations(engine: Engine, now: float) -> list[Conversation]:
    """Return all talks that are remembered, the latest first."""
    talks: dict[str, Conversation] = {}
    for inspected in engine.inspector.messages():
        message = engine.history.get(inspected.message_id)
        if message is None:
            continue
        own = message.legs[0].to if message.inbound else message.sender
        others = tuple(sorted({inspected.sender, *inspected.to} - {own}))
        key = ",".join((own, *others))
        said = Said(
            id=message.id,
            created=message.created,
            own=not message.inbound,
            from_=inspected.sender,
            text=inspected.text,
            files=files_of(inspected, engine, now),
            state=state_of(message),
            code=next((leg.code for leg in message.legs if leg.ended and leg.code), 0),
        )
        talk = talks.pop(key, None) or Conversation(id=key, own=own, others=others, messages=[])
        talk.messages.append(said)
        talks[key] = talk  # the one that spoke last stands last
    return list(reversed(talks.values()))


__all__ = ["Conversation", "Said", "conversations"]
