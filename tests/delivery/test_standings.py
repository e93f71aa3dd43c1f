"""What may follow what: acceptance wins in whatever order it arrives, and nothing is sent again by an outcome alone."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from msgcore.delivery import NEW, Attempt, Conclusion, Delivery, DeliveryState, Outcome, SendState, Standing, follow

Record = Attempt | Outcome | Conclusion


def after(*records: Record, standing: Standing = NEW) -> Standing:
    for record in records:
        following = follow(standing, record)
        standing = standing if following is None else following
    return standing


TWICE = after(
    Attempt(1, 1, 1.0), Outcome(1, 1, SendState.UNKNOWN, 2.0), Outcome(1, 1, SendState.WAITING, 3.0), Attempt(1, 2, 4.0)
)

records = st.one_of(
    st.builds(Attempt, number=st.just(1), attempt=st.integers(0, 4), at=st.just(9.0)),
    st.builds(
        Outcome,
        number=st.just(1),
        attempt=st.integers(0, 4),
        state=st.sampled_from(SendState),
        at=st.just(9.0),
        due_at=st.just(0.0),
        message_id=st.sampled_from([None, "m-1", "m-2"]),
        segment_count=st.none(),
        reason=st.none(),
    ),
    st.just(Conclusion(1, (Delivery("m-1", "+19195550123", DeliveryState.DELIVERED),), 9.0)),
)


def test_late_outcomes_leave_the_same_state_in_whatever_order_they_come() -> None:
    late = [
        Outcome(1, 1, SendState.ACCEPTED, 5.0, message_id="m-1"),  # its callback
        Outcome(1, 2, SendState.ACCEPTED, 5.0, message_id="m-2"),
        Outcome(1, 1, SendState.REJECTED, 5.0),
        Outcome(1, 1, SendState.UNKNOWN, 5.0),
        Outcome(1, 2, SendState.UNKNOWN, 5.0),
    ]
    for order in permutations(late):
        standing = after(*order, standing=TWICE)
        assert (standing.state, standing.attempts) == (SendState.ACCEPTED, 2)
        assert {*standing.message_ids} == {"m-1", "m-2"}


@given(st.lists(records, max_size=12))
def test_an_accepted_message_stays_accepted(given_records: list[Record]) -> None:
    standing = NEW
    for record in given_records:
        following = follow(standing, record)
        if following is not None:
            assert standing.state is not SendState.ACCEPTED or following.state is SendState.ACCEPTED
            assert {*standing.message_ids} <= {*following.message_ids}
            assert following.is_erased >= standing.is_erased
            standing = following


@given(st.lists(records, max_size=12))
def test_each_attempt_is_entered_once_and_only_from_waiting(given_records: list[Record]) -> None:
    entered = []
    standing = NEW
    for record in given_records:
        following = follow(standing, record)
        if following is not None:
            if isinstance(record, Attempt):
                assert standing.state is SendState.WAITING
                entered.append(record.attempt)
            else:
                assert following.attempts == standing.attempts
            standing = following
    assert entered == [*range(1, standing.attempts + 1)]


@given(st.lists(records, max_size=12))
def test_the_same_record_again_changes_nothing(given_records: list[Record]) -> None:
    standing = NEW
    for record in given_records:
        following = follow(standing, record)
        if following is not None:
            assert follow(following, record) is None
            standing = following
