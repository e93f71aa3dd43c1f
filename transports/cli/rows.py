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
from typing import Any, NamedTuple

from msgcore.errors import MessageError, RecipientError
from msgcore.planning import check_recipient
from msgcore.wire import Message

COLUMNS = ("to", "from", "text", "media", "tag", "application_id", "priority", "expiration", "key")
REJECT_COLUMNS = ("reason", "line")

_MEDIA_SEPARATOR = re.compile(r"\s+|;\s*(?=[A-Za-z][A-Za-z0-9+.-]*:)")


class Row(NamedTuple):
    """A row that is a message: ``raw`` holds its octets as they stand in the file."""

    line: int
    raw: bytes
    message: Message


class RefusedRow(NamedTuple):
    """A row that is no message: the field at fault (or ``row``), and a reason to act on."""

    line: int
    raw: bytes
    field: str
    reason: str


class RowReader:
    """Reads the values of a row, by their columns.

    Args:
        sender: for rows without one.
        check_numbers: refuse recipients that the numbering plan knows no length for; leave it to somebody else if not.
        strict_numbers: refuse those that are not in the plan too.
    """

    def __init__(self, sender: str | None, *, check_numbers: bool = True, strict_numbers: bool = False) -> None:
        self.sender = sender
        self._check_numbers = check_numbers
        self._strict_numbers = strict_numbers

    def read(self, line: int, raw: bytes, values: Mapping[str, Any]) -> Row | RefusedRow:
        """Return the message that ``values`` are, or what is wrong with them."""
        try:
            message = self._to_message(values)
            if self._check_numbers:
                for recipient in message.to:
                    check_recipient(recipient, strict_numbers=self._strict_numbers)
        except MessageError as error:
            return RefusedRow(line, raw, error.field.partition("[")[0], str(error))
        except RecipientError as error:
            return RefusedRow(line, raw, "to", f"to: {error}")
        return Row(line, raw, message)

    def _to_message(self, values: Mapping[str, Any]) -> Message:
        for name in values:
            if name not in COLUMNS and name not in REJECT_COLUMNS:
                raise MessageError(name, f"unknown field; known are {known_columns()}")
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
        return json.dumps(value)[:40]
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
