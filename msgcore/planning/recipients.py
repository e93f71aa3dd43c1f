"""Whom a message may be sent to: one recipient, or a million of them.

How this works: sending refuses what is not E.164 or has a length that the numbering plan does not know. A number of a
possible length that the plan does not hold is a concern, since the plan's data lags behind new area codes; who asks for
strict numbers has it refused. Other concerns (premium rate, a service code, a number of films) are never more.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgcore.errors import NumberError, RecipientError
from msgcore.kernel.recipients import judge_recipient, sort_out
from msgcore.numbering import parse_number, sender_kind
from msgcore.numbering.e164 import check_e164
from msgcore.tables.recipient_findings import Concern, Refusal

DUPLICATE = "named before"
IS_SENDER = "is the sender"


class RemovedRecipient(NamedTuple):
    """A recipient that was left out, and why: ``named before``, ``is the sender``, or what is wrong with the number."""

    recipient: str
    reason: str


class QuestionableRecipient(NamedTuple):
    """A recipient that was kept, and what speaks against it."""

    recipient: str
    concern: Concern


class IndividualPlan(NamedTuple):
    """A list as it may be sent to, a message for each of ``recipients``: in order, and each once."""

    recipients: tuple[str, ...]
    removed: tuple[RemovedRecipient, ...]
    questionable: tuple[QuestionableRecipient, ...]


def plan_individual(sender: str, recipients: Iterable[str], *, strict_numbers: bool = False) -> IndividualPlan:
    """Decide who of a long list gets a message of his own from ``sender``.

    >>> plan = plan_individual("+19195550100", ["+12015550123", "+442079460000", "+12015550123", "2015550124"])
    >>> plan.recipients
    ('+12015550123', '+442079460000')
    >>> plan.removed
    (RemovedRecipient(recipient='+12015550123', reason='named before'), RemovedRecipient(recipient='2015550124', ...))
    >>> plan.questionable[0].concern.value
    'fiction (555-0100 to 555-0199)'

    The order is kept. Duplicates, the sender itself and unusable numbers are removed, each with its reason: a list of a
    million is not given up for one of them. With ``strict_numbers`` what is not in the numbering plan is removed too.

    Raises:
        NumberError: ``sender`` has not the shape of any sender.
    """
    if isinstance(recipients, str):
        raise TypeError("recipients must be an iterable of str, not str")
    sender_kind(sender)
    given = recipients if isinstance(recipients, list) else list(recipients)
    kept, removed, questionable = sort_out(given, sender, strict_numbers)
    return IndividualPlan(
        tuple(kept),
        tuple(RemovedRecipient(recipient, _in_words(recipient, reason)) for recipient, reason in removed),
        tuple(QuestionableRecipient(*each) for each in questionable),
    )


def _in_words(recipient: str, reason: str) -> str:
    return explain_refusal(recipient, reason) if isinstance(reason, Refusal) else reason


def check_recipient(recipient: str, *, strict_numbers: bool = False) -> Concern | None:
    """Return what speaks against sending to ``recipient``, if anything; raise if it must not be sent to.

    >>> check_recipient("+12015550123")
    <Concern.FICTION: 'fiction (555-0100 to 555-0199)'>
    >>> check_recipient("+4420794600")
    Traceback (most recent call last):
    msgcore.errors.RecipientError: '+4420794600': too short for calling code 44: the area code is missing

    Raises:
        RecipientError: no E.164 number, a length that the numbering plan does not know, or with ``strict_numbers`` a
            number that is not in the plan.
    """
    _, refusal, concern = judge_recipient(recipient, strict_numbers)
    if refusal is not None:
        raise RecipientError(recipient, explain_refusal(recipient, refusal))
    return concern


def explain_refusal(recipient: str, refusal: Refusal) -> str:
    """Say in words what is wrong with a number that was refused for ``refusal``."""
    if refusal is Refusal.NOT_E164:
        try:
            check_e164(recipient)
        except NumberError as error:
            return f"position {error.position}: {error.reason}"
    if refusal is Refusal.TRUNK_PREFIX:
        return parse_number(recipient).reason or refusal.value
    if refusal in _BY_LENGTH:
        return _BY_LENGTH[refusal].format(code=parse_number(recipient).calling_code)
    if refusal is Refusal.NOT_IN_THE_PLAN:
        return "not in the numbering plan"
    return refusal.value


_BY_LENGTH = {
    Refusal.TOO_SHORT: "too short for calling code {code}",
    Refusal.TOO_LONG: "too long for calling code {code}",
    Refusal.INVALID_LENGTH: "no number of calling code {code} is so long",
    Refusal.LOCAL_ONLY: "too short for calling code {code}: the area code is missing",
}

__all__ = [
    "Concern",
    "IndividualPlan",
    "QuestionableRecipient",
    "Refusal",
    "RemovedRecipient",
    "check_recipient",
    "explain_refusal",
    "plan_individual",
]
