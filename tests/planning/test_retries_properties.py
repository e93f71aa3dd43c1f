from hypothesis import given
from hypothesis import strategies as st

from msgcore.planning import RetryPolicy

policies = st.builds(
    lambda base, growth, factor: RetryPolicy(base_seconds=base, cap_seconds=base * growth, factor=factor),
    st.floats(0.001, 100),
    st.floats(1, 1000),
    st.floats(1, 10),
)
attempts = st.integers(1, 2000)
fractions = st.floats(0, 1, exclude_max=True)


@given(policies, attempts, fractions)
def test_delay_is_never_negative_and_never_above_the_cap(policy: RetryPolicy, attempt: int, fraction: float) -> None:
    assert 0 <= policy.delay(attempt, fraction) <= policy.ceiling(attempt) <= policy.cap_seconds


@given(policies, attempts)
def test_ceiling_never_shrinks(policy: RetryPolicy, attempt: int) -> None:
    assert policy.base_seconds <= policy.ceiling(attempt) <= policy.ceiling(attempt + 1)


@given(policies, attempts, fractions, fractions)
def test_larger_draw_waits_at_least_as_long(policy: RetryPolicy, attempt: int, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert policy.delay(attempt, less) <= policy.delay(attempt, more)


@given(policies, attempts, fractions, st.floats(0, 3600))
def test_wait_is_never_shorter_than_the_other_side_asked(
    policy: RetryPolicy, attempt: int, fraction: float, asked: float
) -> None:
    assert policy.delay(attempt, fraction, retry_after_seconds=asked) >= asked
