import math
import pickle
from typing import Any

import pytest

from msgcore.errors import LocalError
from msgcore.planning import RetryPolicy


@pytest.mark.parametrize(
    "attempt, ceiling", [(1, 1.0), (2, 2.0), (3, 4.0), (6, 32.0), (7, 60.0), (8, 60.0), (10_000_000, 60.0)]
)
def test_ceiling_doubles_up_to_the_cap(attempt: int, ceiling: float) -> None:
    assert RetryPolicy().ceiling(attempt) == ceiling


def test_delay_is_the_drawn_part_of_the_ceiling() -> None:
    policy = RetryPolicy(base_seconds=2, cap_seconds=100, factor=3)
    assert policy.delay(1, 0.0) == 0
    assert policy.delay(1, 0.5) == 1
    assert policy.delay(3, 0.5) == 9
    assert policy.delay(9, 0.25) == 25


def test_jitter_comes_on_top_of_what_the_other_side_said() -> None:
    assert RetryPolicy().delay(1, 0.5, retry_after_seconds=30) == 30.5


@pytest.mark.parametrize(
    "options",
    [
        {"base_seconds": 0},
        {"base_seconds": -1},
        {"base_seconds": math.nan},
        {"cap_seconds": 0.5},
        {"cap_seconds": math.inf},
        {"factor": 0.5},
        {"factor": math.inf},
        {"factor": math.nan},
    ],
)
def test_policy_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(LocalError, match=r"_seconds must|factor must"):
        RetryPolicy(**options)


@pytest.mark.parametrize(
    "attempt, fraction, retry_after",
    [
        (0, 0.5, 0.0),
        (-1, 0.5, 0.0),
        (1, 1.0, 0.0),
        (1, -0.1, 0.0),
        (1, math.nan, 0.0),
        (1, 0.5, -1.0),
        (1, 0.5, math.inf),
    ],
)
def test_arguments_outside_their_range_are_refused(attempt: int, fraction: float, retry_after: float) -> None:
    with pytest.raises(LocalError):
        RetryPolicy().delay(attempt, fraction, retry_after_seconds=retry_after)


def test_policy_is_a_value() -> None:
    policy = RetryPolicy(base_seconds=2)
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert hash(policy) == hash(RetryPolicy(base_seconds=2))
    with pytest.raises(AttributeError):
        policy.base_seconds = 3  # type: ignore[misc]
