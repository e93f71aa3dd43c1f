"""From the body of ``POST messages`` to a message in the house: the checks before the 202, and the 202 itself."""

import math
from datetime import datetime
from random import Random
from typing import Any

from msgcore.encoding import count_segments
from msgcore.errors import FieldError, MessageError
from msgcore.wire.accepted import Accepted, encode_accepted
from msgcore.wire.events import CallbackMessage
from msgcore.wire.exchange import Response
from msgcore.wire.messages import decode_fields
from msgcore.wire.rules import check_fields
from transports.simulator.answers import JSON_HEADERS, invalid_message
from transports.simulator.carriers import Route, route_of
from transports.simulator.directives import NO_DIRECTIVE, Directive, read_directive
from transports.simulator.ids import message_id, time_text


class OpenMessage:
    """An accepted message whose last event is still to come: what its callbacks carry, and what decides its course.

    Its text is not in here: status callbacks carry none, so it is forgotten with the 202.
    """

    __slots__ = (
        "application_id", "details", "directive", "expires_at", "high", "is_mms", "recipients_open", "route",
        "segment_count",
    )  # fmt: skip

    def __init__(
        self,
        details: CallbackMessage,
        application_id: str,
        segment_count: int,
        directive: Directive,
        expires_at: float,
        *,
        is_mms: bool,
    ) -> None:
        self.details = details
        self.application_id = application_id
        self.segment_count = segment_count  # of the text; a group has as many for each recipient
        self.directive = directive
        self.expires_at = expires_at
        self.is_mms = is_mms
        self.high = details.priority == "high"
        self.route: Route = route_of(details.from_, is_mms=is_mms)
        self.recipients_open = len(details.to)

    @property
    def queued_segments(self) -> int:
        """How many segments it takes in the queue: a group counts once per recipient."""
        return self.segment_count * len(self.details.to)


def read_fields(body: bytes, now: float) -> dict[str, Any] | Response:
    """Return the fields of a body that keeps all the rules, or the 400 that lists every broken one."""
    try:
        fields: dict[str, Any] = decode_fields(body)
    except MessageError as error:
        return invalid_message(f"the body cannot be read: {error}")
    errors = check_fields(fields, require_application=True)
    broken = {error.field_name for error in errors}
    for name, check in (("tag", _check_tag), ("expiration", _check_expiration)):
        value = fields.get(name)
        if value is not None and name not in broken:
            try:
                check(value, now)
            except MessageError as error:
                errors.append(FieldError(error.field, error.reason))
    return invalid_message("the request has invalid fields: see fieldErrors", errors) if errors else fields


def _check_tag(tag: str, now: float) -> None:
    read_directive(tag)


def _check_expiration(expiration: str, now: float) -> None:
    if _seconds(expiration) <= now:
        raise MessageError("expiration", f"{expiration} has passed: it is {time_text(now)}")


def open_message(fields: dict[str, Any], now: float, random: Random) -> OpenMessage:
    """Give a message with valid fields its id, its segments and its course."""
    to, sender, tag, expiration = fields["to"], fields["from"], fields.get("tag"), fields.get("expiration")
    recipients = (to,) if isinstance(to, str) else tuple(to)
    media = tuple(fields.get("media") or ())
    is_mms = bool(media) or len(recipients) > 1
    # What is billed and paced is the provider's own cut: the fewest segments there can be, with an 8-bit reference.
    segment_count = 1 if is_mms else count_segments(fields.get("text") or "", boundary="character", reference_bits=8)
    details = CallbackMessage(
        id=message_id(now, random),
        time=time_text(now),
        owner=sender,
        direction="out",
        to=recipients,
        from_=sender,
        application_id=fields["applicationId"],
        segment_count=segment_count,
        media=media,
        tag=tag,
        priority=fields.get("priority"),
    )
    return OpenMessage(
        details,
        fields["applicationId"],
        segment_count,
        NO_DIRECTIVE if tag is None else read_directive(tag),
        math.inf if expiration is None else _seconds(expiration),
        is_mms=is_mms,
    )


def acceptance(message: OpenMessage, fields: dict[str, Any]) -> Response:
    """Return the 202, the only place where the text comes back."""
    details = message.details
    accepted = Accepted(
        id=details.id,
        owner=details.owner,
        application_id=message.application_id,
        time=details.time,
        segment_count=message.segment_count,
        direction="out",
        to=details.to,
        from_=details.from_,
        text=fields.get("text") or "",
        media=details.media,
        tag=details.tag,
        priority=details.priority or "default",  # shown even where it was not given
        expiration=fields.get("expiration"),
    )
    return Response(202, JSON_HEADERS, encode_accepted(accepted))


def _seconds(date_time: str) -> float:
    return datetime.fromisoformat(date_time).timestamp()
