"""Messages from outside: what somebody writes to numbers of the account.

Each number of the account among the recipients gets a message of its own, with its own id and event; what they share is
the sender, the whole list of recipients, the text and the names of the media. A word such as STOP also takes its sender
off that number's list: what the number sends there from then on fails with 4775.

Source: Messaging V2 API, callbacks, "Group MMS, inbound"; the words, and that the provider itself minds them whatever
the class of the number, are ASSUMED (documented is the code alone).
"""

from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from msgcore.encoding import count_segments
from msgcore.errors import LocalError
from msgcore.wire.rules import recipient_problem, sender_problem, text_problem
from transports.simulator.accounts.account import SAMPLE_APPLICATION_ID, Account
from transports.simulator.callbacks.events import Callback, encode_details, encode_event
from transports.simulator.course.records import NO_DIRECTIVE, Leg, MessageRecord, Status
from transports.simulator.ids import MESSAGE_ID_LENGTH, message_id, time_text
from transports.simulator.media.store import MediaStore, octets_of

OPT_OUT_WORDS: Final = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit"})
OPT_IN_WORDS: Final = frozenset({"start", "unstop", "yes"})

# Both put a layout file beside the pictures, which nobody should be shown.
_SMIL_CARRIERS: Final = frozenset({"AT&T", "Verizon"})
_SMIL: Final = b'<smil><head><layout><root-layout/></layout></head><body><par dur="5000ms"/></body></smil>'


class Attachment(NamedTuple):
    """A file that comes in."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


class Inbound(NamedTuple):
    """What arrives: checked by :func:`check_inbound`. ``carrier`` decides whether a layout file comes along."""

    sender: str
    to: tuple[str, ...]
    text: str = ""
    media: tuple[Attachment, ...] = ()
    carrier: str | None = None

    @property
    def is_mms(self) -> bool:
        """Media or a group: any number of members, unlike outbound."""
        return bool(self.media) or len(self.to) > 1


def check_inbound(inbound: Inbound, account: Account) -> tuple[str, ...]:
    """Return the numbers of the account that get it; LocalError where it cannot have come so."""
    if problem := sender_problem(inbound.sender):
        raise LocalError(f"from: {problem}")
    if problem := text_problem(inbound.text):
        raise LocalError(f"text: {problem}")
    for number in inbound.to:
        if not account.owns(number) and (problem := recipient_problem(number)):
            raise LocalError(f"to: {problem}")
    owned = tuple(dict.fromkeys(filter(account.owns, inbound.to)))
    if not owned and account.settings.open_senders:
        owned = inbound.to[:1]  # an account without a list of numbers: the first is taken for its own
    if not owned:
        raise LocalError(f"to: none of {', '.join(inbound.to) or 'no numbers'} is a number of account {account.id}")
    for attachment in inbound.media:
        if attachment.name in ("", ".", "..") or "/" in attachment.name:
            raise LocalError(
                f"media: expected a file name without slashes, and neither . nor .., got {attachment.name!r}"
            )
    return owned


def receive(
    inbound: Inbound, owner: str, account: Account, media: MediaStore, random: Random, now: float
) -> tuple[MessageRecord, Callback]:
    """Take in the copy for one number of the account; returns its record and its event."""
    id, time = message_id(now, random), time_text(now, account.settings.fraction_digits)
    application = account.application_of(owner)
    if application is not None:
        application_id = application.id
    else:  # an account without a list of applications has every one
        application_id = SAMPLE_APPLICATION_ID if account.settings.open_applications else ""
    urls = _store(id, inbound, media, now)
    segment_count = 1 if inbound.is_mms else count_segments(inbound.text, boundary="character", reference_bits=8)
    details = encode_details(id, application_id, time, segment_count, "in", owner, inbound.to, inbound.sender, urls)
    record = MessageRecord(
        id,
        now,
        inbound.sender,
        application_id,
        account.class_of(owner),
        inbound.is_mms,
        high=False,
        segment_count=segment_count,
        text_length=len(inbound.text),
        size=len(inbound.text.encode()) + sum(len(attachment.content) for attachment in inbound.media),
        media=(),
        attachment_count=len(urls),
        expires_at=0.0,
        directive=NO_DIRECTIVE,
        details=b"",
        legs=(Leg(owner, Status.RECEIVED),),
        open_legs=0,
        inbound=True,
        finished=now,
    )
    event = encode_event("message-received", time, "Incoming message received", owner, details)
    return record, Callback(now, application_id, id, event, inbound.text, inbound=True)


def mind_opt_out(inbound: Inbound, owners: Sequence[str], account: Account) -> bool:
    """Take the sender off, or on, the lists of the numbers written to; returns whether that was asked."""
    word = inbound.text.strip().lower()
    pairs = {(owner, inbound.sender) for owner in owners}
    if not account.settings.honours_opt_outs or word not in OPT_OUT_WORDS | OPT_IN_WORDS:
        return False
    if word in OPT_OUT_WORDS:
        account.opt_outs |= pairs
    else:
        account.opt_outs -= pairs
    return True


def check_room(inbound: Inbound, copies: int, media: MediaStore, now: float) -> None:
    """Refuse what has more attachments than there is room for; LocalError. Each number has copies of its own."""
    id = "." * MESSAGE_ID_LENGTH
    files = enumerate(_attachments(inbound))
    needed = copies * sum(octets_of(_name(id, index, file), file.content) for index, file in files)
    if needed > media.room(now):
        raise LocalError(f"media: {needed} octets, but {media.room(now)} are left for media of this account")


def _attachments(inbound: Inbound) -> list[Attachment]:
    attachments = list(inbound.media)
    if attachments and inbound.carrier in _SMIL_CARRIERS:
        attachments.insert(0, Attachment("0.smil", _SMIL, "application/smil"))
    return attachments


def _name(id: str, index: int, attachment: Attachment) -> str:
    return f"{id}/{index}/{attachment.name}"


def _store(id: str, inbound: Inbound, media: MediaStore, now: float) -> tuple[str, ...]:
    urls = []
    for index, attachment in enumerate(_attachments(inbound)):
        name = _name(id, index, attachment)
        media.put(name, attachment.content, now=now, content_type=attachment.content_type, inbound=True)
        urls.append(media.url(name))
    return tuple(urls)
