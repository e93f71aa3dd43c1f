import pickle
from typing import Any

import pytest

from msgcore.errors import LocalError, NumberError, RecipientError
from msgcore.planning import GroupPlan, RemovedRecipient, conversation_key, plan_group, reply_all
from msgcore.wire import CallbackMessage

SENDER = "+19195550100"
A, B, C, D = "+19195550101", "+19195550102", "+19195550103", "+19195550104"


def numbers(count: int) -> list[str]:
    return [f"+1919555{index:04d}" for index in range(1000, 1000 + count)]


@pytest.mark.parametrize(
    "recipients, kept, removed",
    [
        ([A], (A,), ()),
        ([A, B], (A, B), ()),
        ([C, A, B], (C, A, B), ()),
        ([A, B, A], (A, B), ((A, "named before"),)),
        ([SENDER, A, B], (A, B), ((SENDER, "is the sender"),)),
        ([A, A, SENDER, A], (A,), ((A, "named before"), (SENDER, "is the sender"), (A, "named before"))),
    ],
)
def test_each_number_stands_once_and_the_sender_never(
    recipients: list[str], kept: tuple[str, ...], removed: tuple[tuple[str, str], ...]
) -> None:
    assert plan_group(SENDER, iter(recipients)) == GroupPlan(
        (kept,), tuple(RemovedRecipient(*each) for each in removed)
    )


def test_exactly_full_group_is_one_group_and_one_more_is_refused() -> None:
    assert plan_group(SENDER, numbers(10)).groups == (tuple(numbers(10)),)
    with pytest.raises(RecipientError, match="11 recipients, a group message has at most 10") as caught:
        plan_group(SENDER, numbers(11))
    assert caught.value.recipient is None


def test_removed_recipients_do_not_count_towards_the_limit() -> None:
    assert len(plan_group(SENDER, [*numbers(10), *numbers(10), SENDER]).groups) == 1


@pytest.mark.parametrize(
    "count, limit, sizes",
    [(10, 10, [10]), (11, 10, [6, 5]), (21, 10, [7, 7, 7]), (25, 10, [9, 8, 8]), (4, 3, [2, 2]), (3, 2, [2, 1])],
)
def test_long_list_is_split_evenly_and_in_order(count: int, limit: int, sizes: list[int]) -> None:
    plan = plan_group(SENDER, numbers(count), limit=limit, over_limit="split")
    assert [len(group) for group in plan.groups] == sizes
    assert [number for group in plan.groups for number in group] == numbers(count)


@pytest.mark.parametrize(
    "sender, words",
    [
        ("+18885550100", "not a toll-free number"),
        ("12345", "not a short code"),
        ("Acme", "not an alphanumeric sender"),
    ],
)
def test_only_a_long_code_sends_to_a_group(sender: str, words: str) -> None:
    for recipients in ([A, B], [A]):
        with pytest.raises(RecipientError, match=words) as caught:
            plan_group(sender, recipients)
        assert caught.value.recipient == sender


def test_sender_of_no_shape_is_a_number_error() -> None:
    with pytest.raises(NumberError):
        plan_group("+1 919 555 0100", [A, B])


@pytest.mark.parametrize("recipients", [[], [SENDER], [SENDER, SENDER]])
def test_list_without_recipients_is_refused(recipients: list[str]) -> None:
    with pytest.raises(RecipientError, match="at least one recipient besides the sender"):
        plan_group(SENDER, recipients)


@pytest.mark.parametrize("unusable", ["", "12345", "9195550101", "+1 919 555 0101", "+0", "Acme"])
def test_unusable_recipient_is_named(unusable: str) -> None:
    with pytest.raises(RecipientError, match="position") as caught:
        plan_group(SENDER, [A, unusable, B])
    assert caught.value.recipient == unusable


def test_number_of_an_impossible_length_is_no_member() -> None:
    with pytest.raises(RecipientError, match="too short for calling code 44") as caught:
        plan_group(SENDER, [A, "+44207946"])
    assert caught.value.recipient == "+44207946"


@pytest.mark.parametrize("options", [{"limit": 1}, {"limit": 0}, {"limit": -1}, {"over_limit": "drop"}])
def test_options_outside_their_range_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match="must be"):
        plan_group(SENDER, [A, B], **options)


def test_wrong_types_are_type_errors() -> None:
    with pytest.raises(TypeError, match="recipients must be an iterable of str, not str"):
        plan_group(SENDER, A)
    with pytest.raises(TypeError):
        plan_group(SENDER, [A, None])  # type: ignore[list-item]
    with pytest.raises(TypeError):
        plan_group(None, [A])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="limit must be int"):
        plan_group(SENDER, [A], limit="10")  # type: ignore[arg-type]


def test_plan_is_a_value() -> None:
    plan = plan_group(SENDER, [A, B, A, C, D])
    assert pickle.loads(pickle.dumps(plan)) == plan
    assert hash(plan) == hash(plan_group(SENDER, [A, B, A, C, D]))


def inbound(owner: str, **fields: Any) -> CallbackMessage:
    known: dict[str, Any] = {"id": "m1", "time": "2026-01-31T10:12:00Z", "direction": "in", "to": (A, B, D), "from_": C}
    return CallbackMessage(owner=owner, **(known | fields))


@pytest.mark.parametrize(
    "owner, answer",
    [(A, (C, B, D)), (B, (C, A, D))],
)
def test_answer_to_all_goes_to_everybody_but_the_number_that_received(owner: str, answer: tuple[str, ...]) -> None:
    assert reply_all(inbound(owner)) == answer


def test_answer_to_all_names_nobody_twice() -> None:
    assert reply_all(inbound(A, to=(A, B, B, C))) == (C, B)
    assert reply_all(inbound(A, to=(A,))) == (C,)


def test_long_inbound_group_is_answered_in_several() -> None:
    answer = reply_all(inbound(A, to=(A, *numbers(20))))
    assert [len(group) for group in plan_group(A, answer, over_limit="split").groups] == [7, 7, 7]


def test_own_receipts_are_not_answered() -> None:
    with pytest.raises(RecipientError, match="expected an inbound message, got direction 'out'"):
        reply_all(inbound(A, direction="out"))


def test_conversation_is_the_same_for_each_copy_and_for_the_answer() -> None:
    copies = [inbound(A), inbound(B)]
    keys = {conversation_key({copy.from_, *copy.to}) for copy in copies}
    answer = plan_group(A, reply_all(copies[0])).groups[0]
    assert keys == {conversation_key([A, *answer])}
    assert conversation_key([A, B]) != conversation_key([A, C])


def test_conversation_key_will_not_change() -> None:
    assert conversation_key([B, A, B]) == "10ef8424eb6bb1b037ead265c58741b6"


@pytest.mark.parametrize("members", [[], [A], [A, A]])
def test_conversation_needs_two(members: list[str]) -> None:
    with pytest.raises(RecipientError, match="at least 2 members"):
        conversation_key(members)


def test_conversation_is_among_numbers() -> None:
    with pytest.raises(RecipientError, match="position 0"):
        conversation_key([A, "Acme"])
    with pytest.raises(TypeError, match="iterable of str, not str"):
        conversation_key(A)
