from collections import Counter

from hypothesis import assume, given
from hypothesis import strategies as st

from msgcore.errors import RecipientError
from msgcore.planning import plan_group

SENDER = "+19195550100"
numbers = st.integers(0, 60).map(lambda index: f"+19195550{100 + index}")
lists = st.lists(numbers, max_size=80)
limits = st.integers(2, 12)


@given(lists, limits)
def test_everybody_given_is_in_a_group_or_removed_with_a_reason(recipients: list[str], limit: int) -> None:
    assume(set(recipients) - {SENDER})
    plan = plan_group(SENDER, recipients, limit=limit, over_limit="split")
    kept = [number for group in plan.groups for number in group]
    assert Counter(kept) + Counter(removed.recipient for removed in plan.removed) == Counter(recipients)
    assert len(set(kept)) == len(kept)
    assert SENDER not in kept
    assert all((each.reason == "is the sender") is (each.recipient == SENDER) for each in plan.removed)


@given(lists, limits)
def test_order_is_that_of_first_mention(recipients: list[str], limit: int) -> None:
    assume(set(recipients) - {SENDER})
    plan = plan_group(SENDER, recipients, limit=limit, over_limit="split")
    kept = [number for group in plan.groups for number in group]
    assert kept == [number for number in dict.fromkeys(recipients) if number != SENDER]


@given(lists, limits)
def test_groups_are_few_even_and_within_the_limit(recipients: list[str], limit: int) -> None:
    count = len(set(recipients) - {SENDER})
    assume(count)
    sizes = [len(group) for group in plan_group(SENDER, recipients, limit=limit, over_limit="split").groups]
    assert len(sizes) == (count + limit - 1) // limit
    assert max(sizes) <= limit
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) > 1 or count == 1 or limit == 2


@given(lists, limits)
def test_refusing_differs_from_splitting_only_above_the_limit(recipients: list[str], limit: int) -> None:
    assume(set(recipients) - {SENDER})
    split = plan_group(SENDER, recipients, limit=limit, over_limit="split")
    try:
        refused = plan_group(SENDER, recipients, limit=limit)
    except RecipientError:
        assert len(split.groups) > 1
    else:
        assert refused == split
        assert len(split.groups) == 1


@given(lists, limits)
def test_planning_a_planned_group_again_changes_nothing(recipients: list[str], limit: int) -> None:
    assume(set(recipients) - {SENDER})
    for group in plan_group(SENDER, recipients, limit=limit, over_limit="split").groups:
        assert plan_group(SENDER, group, limit=limit)[:2] == ((group,), ())
