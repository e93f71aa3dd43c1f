"""One row of a campaign: the message it stands for, or a reason to act on.

The columns of a campaign, whatever the format:

============== =============================================================================================
to             recipients, E.164, several separated by ``;`` (a list in JSON Lines): a group message
from           the sender; may be left out where a default sender is given
text           the text
media          URLs of attachments, separated by blanks or ``;`` (a list in JSON Lines)
tag            the tag that comes back with every event
application_id the application, where it is not the default
priority       ``default`` or ``high``
expiration     RFC 3339 time after which the message is not sent
key            the caller's own identity of the message: a second row with the same key is refused
============== =============================================================================================
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from msgcore.errors import MessageError, RecipientError
from msgcore.kernel.recipients import judge_recipient
from msgcore.numbering import sender_kind
from msgcore.planning import check_recipient, refuse_group
from msgcore.tables.recipient_findings import Refusal
from msgcore.wire import Message
from msgcore.wire.rules import MAX_TEXT_CHARACTERS

COLUMNS = ("to", "from", "text", "media", "tag", "application_id", "priority", "expiration", "key")
REJECT_COLUMNS = ("reason", "line")
EXPIRED = "expired"
REMEMBERED_TIMES = 10_000

_PLACE_IN_LIST = re.compile(r"\[[0-9]+\]$")
_MEDIA_SEPARATOR = re.compile(r"\s+|;\s*(?=[A-Za-z][A-Za-z0-9+.-]*:)")


class Row(NamedTuple):
    """A row that is a message: ``raw`` holds its octets as they stand in the file."""

    line: int
    raw: bytes
    message: Message


class RefusedRow(NamedTuple):
    """A row that is no message: the field at fault (or ``row``), and a reason to act on.

    ``finding`` is what it is counted as where rows are counted by reason; ``None`` is the field.
    """

    line: int
    raw: bytes
    field: str
    reason: str
    finding: str | None = None


class RowReader:
    """Reads the values of a row, by their columns: whoever plans a campaign and whoever sends it decide alike.

    Args:
        sender: for rows without one.
        strict_numbers: refuse recipients that are not in the numbering plan, not only those of an impossible length.
        now: the time, in seconds since the Unix epoch, from which on an expiration is refused; without, none is.
    """

    def __init__(
        self, sender: str | None, *, strict_numbers: bool = False, now: Callable[[], float] | None = None
    ) -> None:
        self.sender = sender
        self.strict_numbers = strict_numbers
        self.now = now

    def read(self, line: int, raw: bytes, values: Mapping[str, Any]) -> Row | RefusedRow:
        """Return the message that ``values`` are, or what is wrong with them."""
        try:
            message = self._to_message(values)
            for recipient in message.to:
                check_recipient(recipient, strict_numbers=self.strict_numbers)
        except MessageError as error:
            field = _PLACE_IN_LIST.sub("", error.field)
            return RefusedRow(line, raw, field, str(error), _finding(field, values))
        except RecipientError as error:
            return RefusedRow(
                line, raw, "to", f"to: {error}", _refusal_of(error.recipient or "", strict_numbers=self.strict_numbers)
            )
        if len(message.to) > 1:
            refusal = refuse_group(message.from_, sender_kind(message.from_), message.to)
            if refusal is not None:
                return RefusedRow(line, raw, "from", f"from: {message.from_!r}: {refusal}", refusal)
        if message.expiration is not None and self.has_passed(message.expiration):
            return RefusedRow(line, raw, "expiration", f"expiration: {message.expiration} has passed", EXPIRED)
        return Row(line, raw, message)

    def has_passed(self, expiration: str) -> bool:
        """Tell whether a valid ``expiration`` has passed."""
        return self.now is not None and _seconds_of(expiration) <= self.now()

    def _to_message(self, values: Mapping[str, Any]) -> Message:
        for name in values:
            if name not in COLUMNS and name not in REJECT_COLUMNS:
                raise MessageError(name or '""', f"unknown field; known are {known_columns()}")
        key, reason = _to_text(values, "key"), values.get("reason")
        if key is not None and isinstance(reason, str) and reason.startswith(f"key: {key!r} "):
            # The row it repeats is not in this file of rejects, but it was sent.
            raise MessageError("key", reason.removeprefix("key: "))
        return Message(
            to=_to_list(values, "to", _split_recipients),
            from_=(_to_text(values, "from") or self.sender or "").strip(),
            text=_to_text(values, "text") or "",
            media=_to_list(values, "media", _split_media),
            tag=_to_text(values, "tag"),
            application_id=_to_text(values, "application_id"),
            priority=_to_text(values, "priority"),
            expiration=_to_text(values, "expiration"),
            key=key,
        )


def _finding(field: str, values: Mapping[str, Any]) -> Refusal | None:
    """Return what is wrong with the recipients or the text of a refused row, in the words of an estimate if it can."""
    try:
        if field == "to":
            recipients = _to_list(values, "to", _split_recipients)
            return next(filter(None, map(_refusal_of, recipients)), None) if recipients else Refusal.NO_RECIPIENT
        if field == "text":
            return _refusal_of_text(_to_text(values, "text") or "")
    except MessageError:
        pass  # neither a text nor a list of texts
    return None


def _refusal_of(recipient: str, *, strict_numbers: bool = False) -> Refusal | None:
    _, refusal, _ = judge_recipient(recipient, strict_numbers)
    return refusal


def _refusal_of_text(text: str) -> Refusal:
    if not text:
        return Refusal.NO_TEXT
    return Refusal.TEXT_TOO_LONG if len(text) > MAX_TEXT_CHARACTERS else Refusal.NOT_UNICODE


@lru_cache(REMEMBERED_TIMES)
def _seconds_of(expiration: str) -> float:
    return datetime.fromisoformat(expiration).timestamp()


def known_columns() -> str:
    """Return the names of the columns, for people."""
    return ", ".join(COLUMNS)


def _to_text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise MessageError(name, f"expected a string, got {_shown(value)}")
    return value


def _shown(value: object) -> str:
    try:
        return json.dumps(value, default=str)[:40]  # Parquet has values that JSON has not
    except RecursionError:
        return "something nested very deep"


def _to_list(values: Mapping[str, Any], name: str, split: Callable[[str], list[str]]) -> list[str]:
    value = values.get(name)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    if isinstance(value, list):
        raise MessageError(name, f"expected strings, got {_shown(value)}")
    text = _to_text(values, name)
    return split(text) if text is not None else []


def _split_recipients(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _split_media(text: str) -> list[str]:
    return [part for part in _MEDIA_SEPARATOR.split(text.strip()) if part]


__all__ = ["COLUMNS", "REJECT_COLUMNS", "RefusedRow", "Row", "RowReader", "known_columns"]
