import math
import pickle
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from msgcore.encoding import count_segments
from msgcore.errors import LocalError
from msgcore.planning import Estimate, Totals, billed_segments, estimate
from msgcore.wire import Message, MessageKind

A, B, C = "+19195550101", "+19195550102", "+19195550103"
IMAGE = "https://example.com/menu.png"


def message(text: str = "", **fields: Any) -> Message:
    return Message(**{"to": A, "from_": "+19195550100", "text": text} | fields)


@pytest.mark.parametrize(
    "text, segments",
    [
        ("a", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 152 + "€" + "b" * 152, 3),
        ("“" + "a" * 69, 1),
        ("“" + "a" * 159, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("€" * 2048, 27),
        ("😀" * 2048, 63),
    ],
)
def test_text_is_billed_by_its_segments(text: str, segments: int) -> None:
    assert billed_segments(message(text)) == segments


def test_clusters_are_cut_as_the_provider_may_cut_them() -> None:
    # 65 + 4 + 65 code units fill two segments of 67, but only if the flag is cut between its two surrogate pairs.
    text = "ж" * 65 + "🇩🇪" + "ж" * 65
    assert (billed_segments(message(text)), count_segments(text)) == (2, 3)


def test_national_languages_are_not_counted_on() -> None:
    assert billed_segments(message("ş" * 100)) == 2  # one segment with the Turkish single shift table


@pytest.mark.parametrize(
    "fields, segments",
    [({"media": IMAGE}, 1), ({"to": [A, B]}, 2), ({"to": [A, B, C], "media": [IMAGE, IMAGE]}, 3)],
)
def test_mms_is_one_segment_for_each_recipient_however_long(fields: dict[str, Any], segments: int) -> None:
    assert billed_segments(message("ж" * 1000, **fields)) == segments


def test_campaign_is_added_up_by_kind() -> None:
    campaign = estimate(
        [
            message("a" * 161),
            message("ж"),
            message("plain"),
            message("ж" * 500, media=IMAGE),
            message("hello", to=[A, B, C]),
            message("hello", to=[A, B], media=IMAGE),
        ]
    )
    assert campaign == Estimate(
        sms=Totals(3, 3, 4), mms=Totals(1, 1, 1), group_mms=Totals(2, 5, 5), gsm7_messages=2, ucs2_messages=1
    )
    assert (campaign.messages, campaign.recipients, campaign.segments) == (6, 9, 10)


def test_nothing_comes_to_nothing() -> None:
    assert estimate([]) == Estimate()
    assert Estimate().seconds_at(1) == 0.0


@pytest.mark.parametrize("sms, mms, group, rate, seconds", [(10, 0, 0, 1, 10), (10, 3, 9, 2, 6), (7, 3, 3, 0.5, 14)])
def test_longer_queue_decides_how_long_it_takes(sms: int, mms: int, group: int, rate: float, seconds: float) -> None:
    campaign = Estimate(sms=Totals(sms, sms, sms), mms=Totals(mms, mms, mms), group_mms=Totals(1, group, group))
    assert campaign.seconds_at(rate) == seconds


@pytest.mark.parametrize("rate", [0, -1, math.inf, math.nan])
def test_rate_must_be_positive_and_finite(rate: float) -> None:
    with pytest.raises(LocalError, match="rate must be positive"):
        Estimate().seconds_at(rate)


def test_messages_are_read_once_and_not_kept() -> None:
    def many() -> Iterator[Message]:
        for number in range(5000):
            yield message(f"{number:0200d}")

    estimate([message("warm")])
    tracemalloc.start()
    campaign = estimate(many())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert campaign.sms == Totals(5000, 5000, 10000)
    assert peak < 100_000  # all of them would be 2 MB


def test_estimate_is_a_value() -> None:
    campaign = estimate([message("a"), message("b", to=[A, B])])
    assert pickle.loads(pickle.dumps(campaign)) == campaign
    assert hash(campaign) == hash(estimate([message("b", to=[A, B]), message("a")]))


messages = st.builds(
    message,
    st.text(st.sampled_from("aé€ж😀\n"), min_size=1, max_size=200),
    to=st.lists(st.sampled_from([A, B, C]), min_size=1, max_size=3, unique=True),
    media=st.sampled_from([(), (IMAGE,)]),
)


@given(st.lists(messages, max_size=8), st.lists(messages, max_size=8))
def test_estimate_of_two_lists_is_the_sum_of_both(one: list[Message], other: list[Message]) -> None:
    both = estimate([*one, *other])
    for kind in ("sms", "mms", "group_mms"):
        parts = zip(getattr(estimate(one), kind), getattr(estimate(other), kind), strict=True)
        assert getattr(both, kind) == tuple(map(sum, parts))
    assert both.segments == sum(map(billed_segments, [*one, *other]))
    assert both.gsm7_messages + both.ucs2_messages == both.sms.messages
    assert both.sms.messages == sum(each.kind is MessageKind.SMS for each in [*one, *other])
