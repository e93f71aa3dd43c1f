"""From the body of ``POST messages`` to a message in the house: the checks before the 202, and the 202 itself.

How this works. Nearly every body that comes is valid, so it is read into a record in one pass and looked over once.
Only a body that does not pass is read a second time, as whatever JSON it is, to name every rule it breaks.
"""

import math
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any, Final

import msgspec

from msgcore.encoding import count_segments
from msgcore.errors import FieldError, MessageError
from msgcore.wire.exchange import Response
from msgcore.wire.messages import decode_fields
from msgcore.wire.rules import (
    MAX_TAG_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    check_fields,
    recipient_problem,
    sender_problem,
    surrogate_problem,
)
from transports.simulator.accounts.profiles import Profile
from transports.simulator.accounts.records import NumberClass
from transports.simulator.answers import JSON_HEADERS, invalid_message
from transports.simulator.callbacks.events import encode_acceptance, encode_details
from transports.simulator.course.directives import read_directive
from transports.simulator.course.records import NO_DIRECTIVE, Leg, MessageRecord
from transports.simulator.ids import message_id, time_text


class Submission(msgspec.Struct, rename="camel", gc=False):
    """A request body that keeps all the rules; ``null`` counts as absent and unknown fields are ignored."""

    from_: str = msgspec.field(name="from")
    to: str | list[str]
    application_id: str
    text: str | None = None
    media: list[str] | None = None
    tag: str | None = None
    priority: str | None = None
    expiration: str | None = None


_decode: Final = msgspec.json.Decoder(Submission).decode
_LONGEST_SENDER: Final = len("+") + 15
_sender_problem: Final = lru_cache(maxsize=1024)(sender_problem)  # the same few senders, again and again


def read_submission(body: bytes, now: float, profile: Profile) -> Submission | Response:
    """Return a body that keeps all the rules, or the 400 that lists every broken one."""
    try:
        submission = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _read_with_care(body, now, profile)
    if not profile.has_priority:
        submission.priority = submission.expiration = None
    return submission if _is_plainly_valid(submission) else _read_with_care(body, now, profile)


def _is_plainly_valid(submission: Submission) -> bool:
    """Whether a body keeps all the rules, as far as that is seen at a glance; the rules themselves are elsewhere."""
    recipients = submission.to
    if isinstance(recipients, list):
        if len(recipients) != 1:
            return False
        recipients = recipients[0]
    tag = submission.tag
    return (
        bool(submission.text)
        and len(submission.text) <= MAX_TEXT_CHARACTERS  # type: ignore[arg-type]  # it is not None here
        and not submission.media
        and submission.priority is submission.expiration is None
        and (tag is None or (len(tag) <= MAX_TAG_CHARACTERS and "sim:" not in tag))
        and bool(submission.application_id)
        and recipient_problem(recipients) is None
        and len(submission.from_) <= _LONGEST_SENDER  # nothing longer is worth remembering
        and _sender_problem(submission.from_) is None
    )


def _read_with_care(body: bytes, now: float, profile: Profile) -> Submission | Response:
    try:
        fields: dict[str, Any] = decode_fields(body)
    except MessageError as error:
        return invalid_message(f"the body cannot be read: {error}")
    if not profile.has_priority:
        fields.pop("priority", None)
        fields.pop("expiration", None)
    errors = check_fields(fields, require_application=True)
    broken = {error.field_name for error in errors}
    for name, check in (("tag", _check_tag), ("expiration", _check_expiration)):
        value = fields.get(name)
        if value is not None and name not in broken:
            try:
                check(value, now)
            except MessageError as error:
                errors.append(FieldError(error.field, error.reason))
    if profile.validates_late:
        errors = [error for error in errors if not _is_judged_later(error, fields)]
    if errors:
        return invalid_message("the request has invalid fields: see fieldErrors", errors)
    if not fields.get("media"):  # absent, null, or empty in whatever way
        fields.pop("media", None)
    return msgspec.convert(fields, Submission)


def _is_judged_later(error: FieldError, fields: dict[str, Any]) -> bool:
    """Whether the seeds' time took a message all the same: numbers and their count were looked at after the 202."""
    name, _, index = error.field_name.partition("[")
    if name not in ("from", "to"):
        return False
    value = fields.get(name)
    if index:
        value = value[int(index.removesuffix("]"))] if isinstance(value, list) else None
    if isinstance(value, list):
        return bool(value)  # too many
    return isinstance(value, str) and bool(value) and surrogate_problem(value) is None


def _check_tag(tag: str, now: float) -> None:
    read_directive(tag)


def _check_expiration(expiration: str, now: float) -> None:
    if _seconds(expiration) <= now:
        raise MessageError("expiration", f"{expiration} has passed: it is {time_text(now)}")


def open_message(
    submission: Submission, number_class: NumberClass, now: float, random: Random, fraction_digits: int = 3
) -> MessageRecord:
    """Give a message its id, its segments and its course."""
    to, sender, tag, expiration = submission.to, submission.from_, submission.tag, submission.expiration
    recipients = (to,) if isinstance(to, str) else tuple(to) if len(to) == 1 else tuple(dict.fromkeys(to))
    media = tuple(submission.media) if submission.media else ()
    is_mms = bool(media) or len(recipients) > 1
    text = submission.text or ""
    directive = NO_DIRECTIVE if tag is None else read_directive(tag)
    if directive.segments is not None:
        segment_count = directive.segments
    else:
        # What is billed and paced is the provider's own cut: the fewest there can be, with an 8-bit reference.
        segment_count = 1 if is_mms else count_segments(text, boundary="character", reference_bits=8)
    id, time = message_id(now, random), time_text(now, fraction_digits)
    details = encode_details(
        id,
        submission.application_id,
        time,
        segment_count,
        "out",
        sender,
        recipients,
        sender,
        media,
        tag,
        submission.priority,
    )
    return MessageRecord(
        id,
        now,
        sender,
        submission.application_id,
        number_class,
        is_mms,
        submission.priority == "high",
        segment_count,
        len(text),
        len(text) if text.isascii() else len(text.encode()),
        media,
        len(media),
        math.inf if expiration is None else _seconds(expiration),
        directive,
        details,
        (Leg(recipients[0]),) if len(recipients) == 1 else tuple(map(Leg, recipients)),
        len(recipients),
    )


def acceptance(message: MessageRecord, submission: Submission, profile: Profile) -> Response:
    """Return the 202, the only place where the text comes back today."""
    # The priority is shown even where it was not given; where it was, the details have it already.
    priority = "default" if profile.has_priority and submission.priority is None else None
    body = encode_acceptance(message.details, submission.text or "", priority, submission.expiration)
    return Response(202, JSON_HEADERS, body)


def _seconds(date_time: str) -> float:
    return datetime.fromisoformat(date_time).timestamp()
