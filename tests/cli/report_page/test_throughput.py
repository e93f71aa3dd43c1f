from hypothesis import given
from hypothesis import strategies as st

from transports.cli.report_page.throughput import Throughput

EVENTS = st.lists(st.tuples(st.floats(-1e6, 1e10, allow_nan=False), st.integers(1, 500)), max_size=60)


def made_of(events: list[tuple[float, int]]) -> Throughput:
    throughput = Throughput(most_buckets=8)
    for at, count in events:
        throughput.add(at, count)
    return throughput


@given(EVENTS)
def test_nothing_is_lost_and_everything_stands_in_its_bucket(events: list[tuple[float, int]]) -> None:
    throughput = made_of(events)
    buckets = throughput.buckets()
    assert throughput.total == sum(count for _, count in events) == sum(bucket.total for bucket in buckets)
    assert len(buckets) <= 8
    for bucket in buckets:
        inside = [n for at, n in events if bucket.start <= at < bucket.start + throughput.seconds]
        assert bucket.total == sum(inside)


@given(EVENTS, st.randoms())
def test_the_order_makes_no_difference(events: list[tuple[float, int]], random: object) -> None:
    shuffled = list(events)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert made_of(shuffled).buckets() == made_of(events).buckets()


@given(EVENTS, EVENTS)
def test_two_merged_are_one_that_has_counted_all(one: list[tuple[float, int]], other: list[tuple[float, int]]) -> None:
    merged = made_of(one)
    merged.merge(made_of(other))
    together = made_of(one + other)
    assert merged.total == together.total
    assert (merged.seconds, merged.buckets()) == (together.seconds, together.buckets())


def test_what_is_no_time_is_left_out() -> None:
    throughput = made_of([(float("inf"), 1), (float("nan"), 1), (5.0, 2)])
    assert [tuple(bucket) for bucket in throughput.buckets()] == [(5, 2)]


def test_a_year_of_traffic_takes_no_more_room_than_a_minute() -> None:
    throughput = Throughput()
    for hour in range(365 * 24):
        throughput.add(hour * 3600, 1)
    assert len(throughput._counts) <= 120
    assert throughput.total == 365 * 24
