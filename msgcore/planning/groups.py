"""Who is in a group message, decided before it is sent.

How this works: everybody in a group sees everybody else, so a number stands in it once and the sender not at all. What
is left out is never left out silently. A list that is too long is refused, or split where the caller says so: the
members of one part then do not see those of another, which only the caller can find acceptable.

The provider has no name for a group that writes to the account: there is only the list of its members. So the key of a
conversation is made from that list, as a set, and who is to be answered is what is left of it without ourselves.

Source: Messaging V2, group messaging.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal, NamedTuple

from msgcore.errors import LocalError, NumberError, RecipientError
from msgcore.numbering import SenderKind, sender_kind
from msgcore.numbering.e164 import check_e164
from msgcore.planning.recipients import DUPLICATE, IS_SENDER, RemovedRecipient, check_recipient
from msgcore.wire import CallbackMessage

MOST_RECIPIENTS = 10
SMALLEST_GROUP = 2

KEY_OCTETS = 16


class GroupPlan(NamedTuple):
    """Recipients as they may be sent to: each of ``groups`` is the ``to`` of one message.

    A group of one recipient is a plain message, not a group message.
    """

    groups: tuple[tuple[str, ...], ...]
    removed: tuple[RemovedRecipient, ...]


def plan_group(
    sender: str,
    recipients: Iterable[str],
    *,
    limit: int = MOST_RECIPIENTS,
    over_limit: Literal["refuse", "split"] = "refuse",
) -> GroupPlan:
    """Decide who gets a group message from ``sender``.

    >>> plan = plan_group("+19195550100", ["+19195550101", "+19195550102", "+19195550101", "+19195550100"])
    >>> plan.groups
    (('+19195550101', '+19195550102'),)
    >>> plan.removed[0]
    RemovedRecipient(recipient='+19195550101', reason='named before')

    The order is kept. More than ``limit`` recipients are refused, or with ``over_limit="split"`` divided in order into
    as few groups as will do, whose sizes differ by at most one; no group then has a single member, except where a
    limit of 2 meets an odd number. One recipient left of a longer list is planned as a plain message, whatever that
    list was: look at the length of each group. Source: Messaging V2, group messaging.

    Raises:
        NumberError: ``sender`` has not the shape of any sender.
        RecipientError: ``sender`` is no long code, also where one recipient is left; a recipient is no E.164 number, or
            has a length that the numbering plan does not know; nobody is left; or there are too many.
    """
    _check_options(limit, over_limit)
    kind = sender_kind(sender)
    if kind is not SenderKind.LONG_CODE:
        raise RecipientError(sender, f"a group message needs a long code as its sender, not {_with_article(kind)}")
    kept, removed = _sort_out(sender, recipients)
    if not kept:
        raise RecipientError(None, "expected at least one recipient besides the sender, got none")
    if len(kept) > limit and over_limit == "refuse":
        raise RecipientError(None, f"{len(kept)} recipients, a group message has at most {limit}")
    return GroupPlan(tuple(_split_evenly(kept, limit)), tuple(removed))


def reply_all(message: CallbackMessage) -> tuple[str, ...]:
    """Return whom an answer to everybody in an inbound group goes to: all its members but the number that received it.

    >>> message = CallbackMessage(
    ...     id="m1", time="2026-01-31T10:12:00Z", direction="in", owner="+19195550102", from_="+19195550199",
    ...     to=("+19195550101", "+19195550102", "+19195550144"),
    ... )
    >>> reply_all(message)
    ('+19195550199', '+19195550101', '+19195550144')

    That is ``message.to`` without ``owner``, and ``message.from_``: who wrote comes first, the others in their order.
    Where the account owns several members, each gets a copy of its own and has its own answer. An inbound group may
    have more members than one may send to: hand the result to ``plan_group(owner, ..., over_limit="split")``.

    Raises:
        RecipientError: the message is outbound: an answer to one's own receipts would never end.
    """
    if message.direction != "in":
        raise RecipientError(None, f"expected an inbound message, got direction {message.direction!r}")
    members = dict.fromkeys((message.from_, *message.to))
    members.pop(message.owner, None)
    return tuple(members)


def conversation_key(members: Iterable[str]) -> str:
    """Return a key for the conversation among ``members``: the same set, the same key, whatever order it comes in.

    >>> conversation_key(["+19195550101", "+19195550102"]) == conversation_key(["+19195550102", "+19195550101"])
    True
    >>> conversation_key(["+19195550101", "+19195550102"])
    '10ef8424eb6bb1b037ead265c58741b6'

    Members are all who see a message: of an inbound one ``{message.from_, *message.to}``, of an outbound one the sender
    and the recipients. Both give the same key, so an answer is found beside its question. It will not change between
    releases: the BLAKE2b digest, of 16 octets in hexadecimal, of the sorted E.164 numbers, a line feed after each.

    Raises:
        RecipientError: a member is no E.164 number, or there are fewer than two.
    """
    if isinstance(members, str):
        raise TypeError("members must be an iterable of str, not str")
    numbers = set(members)
    for number in numbers:
        _check_member(number)
    if len(numbers) < SMALLEST_GROUP:
        raise RecipientError(None, f"a conversation has at least {SMALLEST_GROUP} members, got {len(numbers)}")
    digest = blake2b(digest_size=KEY_OCTETS)
    for number in sorted(numbers):
        digest.update(f"{number}\n".encode())
    return digest.hexdigest()


def _check_options(limit: int, over_limit: str) -> None:
    if not isinstance(limit, int):
        raise TypeError(f"limit must be int, not {type(limit).__name__}")
    if limit < SMALLEST_GROUP:
        raise LocalError(f"limit must be at least {SMALLEST_GROUP}, not {limit}")
    if over_limit not in ("refuse", "split"):
        raise LocalError(f"over_limit must be 'refuse' or 'split', not {over_limit!r}")


def _with_article(kind: SenderKind) -> str:
    return {
        SenderKind.TOLL_FREE: "a toll-free number",
        SenderKind.SHORT_CODE: "a short code",
        SenderKind.ALPHANUMERIC: "an alphanumeric sender",
    }[kind]


def _sort_out(sender: str, recipients: Iterable[str]) -> tuple[list[str], list[RemovedRecipient]]:
    if isinstance(recipients, str):
        raise TypeError("recipients must be an iterable of str, not str")
    kept: dict[str, None] = {}  # keeps the order
    removed: list[RemovedRecipient] = []
    for recipient in recipients:
        if recipient == sender:
            removed.append(RemovedRecipient(recipient, IS_SENDER))
        elif recipient in kept:
            removed.append(RemovedRecipient(recipient, DUPLICATE))
        else:
            check_recipient(recipient)
            kept[recipient] = None
    return list(kept), removed


def _check_member(member: str) -> None:
    try:
        check_e164(member)
    except NumberError as error:
        raise RecipientError(member, f"position {error.position}: {error.reason}") from error


def _split_evenly(recipients: list[str], limit: int) -> Iterable[tuple[str, ...]]:
    group_count = -(-len(recipients) // limit)
    size, larger = divmod(len(recipients), group_count)  # the first `larger` groups have one member more
    start = 0
    for number in range(group_count):
        end = start + size + (number < larger)
        yield tuple(recipients[start:end])
        start = end
