"""The rules a message must keep before it is worth sending, each written once.

How this works: one leaf function per kind of value says what is wrong with it, as a sentence somebody can act on, or
``None``; :func:`check_fields` walks a message in wire form through them. ``Message`` and whoever plays the provider
use the same function, so what one lets out the other lets in. These are the checks made before a 202; ownership,
reach, media content and the like are judged later and come back as events.

Source: Messaging V2 API, "Create a message", request fields. What is not documented there is marked ASSUMED.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from msgcore.errors import FieldError
from msgcore.kernel.numbers import is_e164
from msgcore.wire.json_bodies import json_type

MAX_RECIPIENTS = 10
MAX_TEXT_CHARACTERS = 2048
"""ASSUMED to count code points: the limit is documented in "characters" and nowhere says which."""
MAX_MEDIA = 10
MAX_MEDIA_URL_CHARACTERS = 4096
MAX_TAG_CHARACTERS = 1024
PRIORITIES = ("default", "high")

# Calling code 1 is the North American Numbering Plan. E.164 leaves lengths to the plan, and this one knows a single
# length: area code 3, exchange 3, line 4 (NANPA, "About the NANP": "NANP numbers are ten-digit numbers").
_NANP_CHARACTERS = len("+") + len("1") + 10

_SHORT_CODE = re.compile(r"[0-9]{5,6}")
# Alphanumeric sender: "1-11 of A-Z a-z 0-9 space - + _ &, at least one letter".
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 \-+_&]{1,11}")
_WEB_URL = re.compile(r"https?://(?:[^/?#@]*@)?[^/?#@:][^/?#@]*(?:[/?#].*)?", re.IGNORECASE | re.DOTALL)
_BLANK_OR_CONTROL = re.compile(r"[\s\x00-\x1f\x7f]")
# RFC 3339, 5.6. "Z" and "T" may be written in lower case there; the samples never do, so neither may we.
# Leap seconds (":60") are legal there and refused by many readers; ASSUMED refused.
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def check_fields(fields: Mapping[str, object], *, require_application: bool) -> list[FieldError]:
    """List every rule that a decoded request body breaks, in the order of the API's field table.

    >>> for error in check_fields({"from": "+19195550100", "to": "+1919555012"}, require_application=False):
    ...     print(error.field_name, "-", error.description)
    to - '+1919555012': a number with calling code 1 has 11 digits, this has 10
    text - text or media is required

    ``fields`` holds the values as JSON gave them; ``to`` may be a string or an array. ``null`` counts as absent and
    unknown fields are ignored (ASSUMED, undocumented). Whether ``expiration`` lies in the future is not judged here,
    since that takes a clock.
    """
    errors: list[FieldError] = []
    field = fields.get
    sender, to, text, media = field("from"), field("to"), field("text"), field("media")
    if sender is None:
        errors.append(FieldError("from", "a sender is required"))
    elif problem := _problem(sender, sender_problem):
        errors.append(FieldError("from", problem))
    _check_recipients(to, errors)
    if text is not None and (problem := _problem(text, text_problem)):
        errors.append(FieldError("text", problem))
    # "required, unless media is present"; an empty text beside media is accepted.
    if not text and not media:
        errors.append(FieldError("text", "text or media is required"))
    if require_application and field("applicationId") is None:
        errors.append(FieldError("applicationId", "an application id is required"))
    if media:
        _check_media(media, errors)
    for name, problem_of in _OPTIONAL_FIELDS:
        value = field(name)
        if value is not None and (problem := _problem(value, problem_of)):
            errors.append(FieldError(name, problem))
    return errors


def _problem(value: object, problem_of: Callable[[str], str | None]) -> str | None:
    return problem_of(value) if isinstance(value, str) else f"must be a string, not {json_type(value)}"


def _check_recipients(to: object, errors: list[FieldError]) -> None:
    if isinstance(to, str):
        if problem := recipient_problem(to):
            errors.append(FieldError("to", problem))
        return
    if to is not None and not isinstance(to, list | tuple):
        errors.append(FieldError("to", f"must be a string or an array of strings, not {json_type(to)}"))
        return
    if not to:
        errors.append(FieldError("to", "at least one recipient is required"))
        return
    if len(to) > MAX_RECIPIENTS:
        errors.append(FieldError("to", f"{len(to)} recipients, at most {MAX_RECIPIENTS} are allowed"))
    first_index: dict[str, int] = {}
    for index, recipient in enumerate(to):
        if problem := _problem(recipient, recipient_problem):
            errors.append(FieldError(f"to[{index}]", problem))
        elif (first := first_index.setdefault(recipient, index)) != index:
            errors.append(FieldError(f"to[{index}]", f"{recipient!r} repeats to[{first}]"))


def _check_media(media: object, errors: list[FieldError]) -> None:
    if not isinstance(media, list | tuple):
        errors.append(FieldError("media", f"must be an array of strings, not {json_type(media)}"))
        return
    if len(media) > MAX_MEDIA:
        errors.append(FieldError("media", f"{len(media)} attachments, at most {MAX_MEDIA} are allowed"))
    for index, url in enumerate(media):
        if problem := _problem(url, media_url_problem):
            errors.append(FieldError(f"media[{index}]", problem))


# ------------------------------------------------------------------------------------------------- one value at a time


def recipient_problem(number: str) -> str | None:
    """Say what is wrong with a recipient, or ``None``: E.164, and the one length that calling code 1 has."""
    if not is_e164(number):
        return f"{_shown(number)}: expected an E.164 number: +, then 2 to 15 digits, the first 1-9"
    if number[1] == "1" and len(number) != _NANP_CHARACTERS:
        return f"{_shown(number)}: a number with calling code 1 has 11 digits, this has {len(number) - 1}"
    return None


def sender_problem(sender: str) -> str | None:
    """Say what is wrong with a sender, or ``None``: an E.164 number, a short code or an alphanumeric sender."""
    if is_e164(sender):
        return recipient_problem(sender)
    # Short codes are ASSUMED to be bare digits: the API speaks of E.164 only, which cannot express one.
    if _SHORT_CODE.fullmatch(sender) or _ALPHANUMERIC.fullmatch(sender):
        return None
    if sender.startswith("+"):
        return recipient_problem(sender)
    return (
        f"{_shown(sender)}: expected an E.164 number (+ and digits), a short code (5 or 6 digits) or an alphanumeric "
        "sender (1 to 11 of A-Z a-z 0-9 space - + _ &, at least one letter)"
    )


def text_problem(text: str) -> str | None:
    """Say what is wrong with a text, or ``None``."""
    if len(text) > MAX_TEXT_CHARACTERS:
        return _too_long(text, MAX_TEXT_CHARACTERS)
    return surrogate_problem(text)


def tag_problem(tag: str) -> str | None:
    """Say what is wrong with a tag, or ``None``."""
    if len(tag) > MAX_TAG_CHARACTERS:
        return _too_long(tag, MAX_TAG_CHARACTERS)
    return surrogate_problem(tag)


def media_url_problem(url: str) -> str | None:
    """Say what is wrong with the address of an attachment, or ``None``."""
    if len(url) > MAX_MEDIA_URL_CHARACTERS:
        return _too_long(url, MAX_MEDIA_URL_CHARACTERS)
    if not _WEB_URL.fullmatch(url) or _BLANK_OR_CONTROL.search(url):
        return f"{_shown(url)}: expected an http or https URL with a host and without blanks"
    return surrogate_problem(url)


def priority_problem(priority: str) -> str | None:
    """Say what is wrong with a priority, or ``None``."""
    return None if priority in PRIORITIES else f"{_shown(priority)}: expected 'default' or 'high'"


def expiration_problem(expiration: str) -> str | None:
    """Say what is wrong with an expiration, or ``None``: RFC 3339 with ``Z`` or an offset, a day that exists."""
    if not _DATE_TIME.fullmatch(expiration):
        return (
            f"{_shown(expiration)}: expected an RFC 3339 time with Z or an offset, such as 2030-01-31T23:59:00Z "
            "or 2030-01-31T18:59:00-05:00"
        )
    try:
        datetime.fromisoformat(expiration)
    except ValueError as error:
        return f"{_shown(expiration)}: {error}"
    return None


def identifier_problem(identifier: str) -> str | None:
    """Say what is wrong with an application id or a key, or ``None``: any text that is not empty."""
    return surrogate_problem(identifier) if identifier else "must not be empty"


def surrogate_problem(text: str) -> str | None:
    """Say where half a surrogate pair stands, which no UTF-8 body can carry, or ``None``."""
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return f"position {error.start}: a lone surrogate ({text[error.start]!r}) is not a character"
    return None


def _too_long(text: str, limit: int) -> str:
    return f"{len(text)} characters, at most {limit} are allowed"


def _shown(value: str) -> str:
    return repr(value if len(value) <= 60 else f"{value[:57]}...")


_OPTIONAL_FIELDS: Final = (
    ("applicationId", identifier_problem),
    ("tag", tag_problem),
    ("priority", priority_problem),
    ("expiration", expiration_problem),
)
